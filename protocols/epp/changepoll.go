package epp

// The change poll extension, RFC 8590: who changed an object other than by our own commands.

// ChangeData: State is before or after (when empty).
type ChangeData struct {
	State     string          `xml:"state,attr,omitempty"`
	Operation ChangeOperation `xml:"changePoll:operation"`
	Date      Time            `xml:"changePoll:date"`
	SvTRID    string          `xml:"changePoll:svTRID"`
	Who       string          `xml:"changePoll:who"`
	CaseID    *ChangeCase     `xml:"changePoll:caseId"`
	Reason    *Text           `xml:"changePoll:reason"` // at most 32 characters
}

// ChangeOperation is what was done to the object, with its variant (RFC 8590 section 2.1).
type ChangeOperation struct {
	Op    string `xml:"op,attr,omitempty"`
	Value string `xml:",chardata"`
}

// ChangeCase: Type is udrp, urs or custom with a Name.
type ChangeCase struct {
	Type  string `xml:"type,attr"`
	Name  string `xml:"name,attr,omitempty"`
	Value string `xml:",chardata"`
}
