package public

import (
	"context"
	"fmt"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/views/parts"
)

// SignUp asks for mail and password. It posts to /sign-up with the fields mail,
// password, agree (one value for each text) and back; a code is mailed then.
type SignUp struct {
	Mail        string
	Texts       []AgreeText // those that must be agreed to
	Back        string
	Errors      []parts.FieldError
	AgreeError  string // what stands at each text that is not ticked
	MinPassword int    // characters a password has at least
}

// AgreeText is one text in the version that is agreed to.
type AgreeText struct {
	Value   string // the version's id: what the field agree says
	Title   string
	Number  string // of the version, as people cite it
	Href    templ.SafeURL
	Checked bool // ticked by the person before; never a proposal
}

// Code asks for a code that was mailed: after sign-up, for a new password, for a
// new address. It posts to Action with the fields code, token and back.
type Code struct {
	Title  string        // what the code is for
	Mail   string        // where it was sent, masked
	Token  string        // which code is waited for; empty when the session knows
	Action templ.SafeURL // takes the code
	Again  templ.SafeURL // posts for another code; empty while none may be had
	Wait   int           // seconds until another may be asked for
	Shown  string        // in the sandbox: the code itself
	Back   string
	Error  string
	Valid  int // minutes
}

// SignIn posts to /sign-in with the fields mail, password and back.
type SignIn struct {
	Mail  string
	Back  string
	Error string // says the same for an unknown mail and a wrong password
	Cast  []CastLogin
}

// CastLogin is one of the sandbox's people, offered on the sign-in page.
type CastLogin struct{ Mail, Role, Password string }

// SecondFactor asks for the code of the authenticator app, or for a recovery
// code. It posts to /sign-in/totp with the fields code, token and back.
type SecondFactor struct {
	Token    string // the half sign-in; empty when the session knows it
	Back     string
	Error    string
	Recovery bool // ask for a recovery code instead
}

// StepUp asks again for password or app code before something that matters. It
// posts to /step-up with the fields password or code, and back.
type StepUp struct {
	For   string // what is about to be done, in words
	TOTP  bool   // the person has an app
	Back  string
	Error string
}

// ResetAsk asks for the mail address of a lost password; it posts to /reset with
// the field mail. A code follows (Code), and the answer is the same whether the
// address is known or not.
type ResetAsk struct {
	Mail  string
	Error string
}

// ResetNew asks for the new password; it posts to /reset/new with the fields
// token and password.
type ResetNew struct {
	Token       string // empty when the session knows it
	Mail        string // masked
	Error       string
	MinPassword int
}

// TOTPSetup shows the secret for an authenticator app; it posts to
// /account/totp with the field code.
type TOTPSetup struct {
	Secret string        // in groups of four
	URI    templ.SafeURL // otpauth://..., drawn as a QR code, opens an app on a phone; templ.SafeURL(enrolment.URL)
	Error  string
}

// RecoveryCodes are shown once, after TOTP was set up.
type RecoveryCodes struct {
	Codes []string
	Back  templ.SafeURL
}

// AgreeID is the id of the checkbox of text number i.
func AgreeID(i int) string { return fmt.Sprintf("agree-%d", i+1) }

// tick is the checkbox of text number i; the error stands at those un-ticked.
func (a AgreeText) tick(ctx context.Context, i int, wrong string) parts.Tick {
	t := parts.Tick{
		Name: "agree", Value: a.Value, Checked: a.Checked, Required: true,
		Label: locales.T(ctx, "enter.up.agree_to", "Title", a.Title),
		Note:  locales.T(ctx, "enter.up.version", "Number", a.Number),
		Link:  a.Href, LinkText: locales.T(ctx, "enter.up.read"),
	}
	t.ID = AgreeID(i)
	if !a.Checked {
		t.Error = wrong
	}
	return t
}
