package names

import "strings"

// Answer is one line of "yumen names": what a label is, for operators and
// scripts. Its fields are a promise; they are only ever added to.
type Answer struct {
	Input     string `json:"input"`
	ULabel    string `json:"u_label"`
	ALabel    string `json:"a_label"`
	Valid     bool   `json:"valid"`
	Reason    string `json:"reason"`    // empty when valid, else Error.Code
	Canonical string `json:"canonical"` // the index label
	// Simplified and Traditional are the labels a registry may give out, first
	// choice first; empty lists, never null.
	Simplified  []string `json:"simplified"`
	Traditional []string `json:"traditional"`
	// VariantSetSize counts the label's variants, itself included, and is held
	// at the greatest 64-bit integer; 0 when the label is not valid.
	VariantSetSize int64 `json:"variant_set_size"`
}

// AnswerLine reads one label and, when ending is not empty, judges the name by
// the rules that an installation has for it: allow gives an *Error for one that
// they do not let through, such as Name.Allowed.
func AnswerLine(label, ending string, allow func(Name) error) Answer {
	out := Answer{Input: label, Simplified: []string{}, Traditional: []string{}}
	refuse := func(err error) Answer {
		out.Reason = err.Error()
		if e, ok := err.(*Error); ok {
			out.Reason = e.Code()
		}
		return out
	}
	s, _, err := clean(label)
	if err != nil {
		return refuse(err)
	}
	if strings.ContainsFunc(s, isDot) {
		return refuse(&Error{Reason: MoreThanOneLabel, Label: s})
	}
	r := read(s, nil)
	out.ULabel, out.ALabel = r.u, r.a
	if r.err == nil {
		r.checkTable()
	}
	if r.err != nil {
		return refuse(r.err)
	}
	l := r.label()
	if ending != "" {
		e, err := ParseEnding(ending)
		if err != nil {
			return refuse(err)
		}
		n, err := l.In(e)
		if err == nil {
			err = allow(n)
		}
		if err != nil {
			return refuse(err)
		}
	}
	out.Valid, out.Canonical, out.VariantSetSize = true, l.index, l.SetSize()
	simplified, traditional := l.Forms()
	out.Simplified = append(out.Simplified, simplified...)
	out.Traditional = append(out.Traditional, traditional...)
	return out
}
