package staff

import (
	"time"

	"github.com/a-h/templ"

	"yumen/registrar/desk"
	"yumen/views/parts"
)

// Approvals is what waits for a second person. Each row posts to its own
// address: do=approve, refuse; reason. Asking posts to the list: act, ref,
// reason.
type Approvals struct {
	List   []desk.Approval
	Now    time.Time
	Person int64
	First  bool
	Next   templ.SafeURL
	Wrong  int64 // the approval whose form was refused
	Reason string
	Error  string
	Ask    Ask
}

// Ask is what was typed to ask for a second person's word.
type Ask struct {
	Act, Ref, Reason string
	Errors           []parts.FieldError
}

func (a Ask) err(field string) string { return parts.ErrorOf(a.Errors, field) }
