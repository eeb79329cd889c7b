package persons

// Answer is one line of "yumen check", for operators and scripts. Its fields are
// a promise; they are only ever added to.
type Answer struct {
	Kind   Kind    `json:"kind"`
	Value  string  `json:"value"`
	Result Verdict `json:"result"`
	Reason Reason  `json:"reason"`
	Folded string  `json:"folded"`
}

// AnswerCheck judges one value for "yumen check".
func AnswerCheck(kind Kind, value string, c Context) Answer {
	r := Check(kind, value, c)
	return Answer{Kind: kind, Value: value, Result: r.Verdict, Reason: r.Reason, Folded: r.Folded}
}
