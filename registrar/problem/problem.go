// Package problem says what went wrong as a message id that a person can act
// on. What nobody outside can act on is an ordinary wrapped error instead and
// surfaces once, in the log.
//
// A message id such as "orders.quote_ended" names an entry of locales in both
// languages, which tells what happened, what it means for the person's money
// or name, and what to do next. Arguments are pairs: "Name", n.
package problem

import (
	"errors"
	"strings"
)

// Kind is the class of a problem; handlers turn it into a status.
type Kind string

// The kinds and the HTTP status each becomes.
const (
	Invalid     Kind = "invalid"     // 422: the form can be mended; Fields says where
	NotFound    Kind = "not_found"   // 404: does not exist, or not for this person
	Conflict    Kind = "conflict"    // 409: somebody or something was first
	Refused     Kind = "refused"     // 403: known, and not allowed by a rule that is named
	SignIn      Kind = "sign_in"     // 303 to the sign-in page, then back
	StepUp      Kind = "step_up"     // 303 to password or TOTP again, then back
	TooMany     Kind = "too_many"    // 429 with RetrySeconds
	TooLarge    Kind = "too_large"   // 413
	Unavailable Kind = "unavailable" // 503: ours or a registry's, not the person's
)

// Problem is an error for people.
type Problem struct {
	Kind Kind
	ID   string // message id in locales
	Args []any  // pairs for the message: "Name", value
	Code string // stable word for scripts, such as NO_PERMIT; may be empty

	// Fields lists what is wrong in a form, in its order. Set with Invalid.
	Fields []FieldProblem
	// RetrySeconds tells after how long another try makes sense.
	RetrySeconds int
}

// FieldProblem is what is wrong with one field of a form.
type FieldProblem struct {
	Field string // the form's name for it
	ID    string
	Args  []any
}

// New makes a problem of one kind with its message id and arguments.
func New(k Kind, id string, args ...any) *Problem { return &Problem{Kind: k, ID: id, Args: args} }

// WithCode gives the problem its stable word for scripts.
func (p *Problem) WithCode(code string) *Problem { p.Code = code; return p }

// WithRetry says after how many seconds another try makes sense.
func (p *Problem) WithRetry(seconds int) *Problem { p.RetrySeconds = seconds; return p }

// Error is for logs and tests: kind, id, code and the fields; no arguments,
// because they may hold personal data.
func (p *Problem) Error() string {
	parts := []string{string(p.Kind), p.ID}
	if p.Code != "" {
		parts = append(parts, p.Code)
	}
	for _, f := range p.Fields {
		parts = append(parts, f.Field+"="+f.ID)
	}
	return strings.Join(parts, " ")
}

// Form collects what is wrong with a form while its fields are checked.
type Form struct{ fields []FieldProblem }

// Add notes that a field is wrong.
func (f *Form) Add(field, id string, args ...any) {
	f.fields = append(f.fields, FieldProblem{field, id, args})
}

// Has reports whether the field has been noted already.
func (f *Form) Has(field string) bool {
	for _, p := range f.fields {
		if p.Field == field {
			return true
		}
	}
	return false
}

// Err is nil for a clean form, else one Invalid problem with all fields.
func (f *Form) Err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return &Problem{Kind: Invalid, ID: "problem.form", Args: []any{"Count", len(f.fields)}, Fields: f.fields}
}

// As finds the problem in an error's chain.
func As(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}

// Is reports whether the error is a problem with this message id or code.
func Is(err error, idOrCode string) bool {
	p, ok := As(err)
	return ok && (p.ID == idOrCode || p.Code == idOrCode)
}
