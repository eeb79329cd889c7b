package public

import (
	"github.com/a-h/templ"

	"yumen/views/parts"
)

// SignUp asks for mail and password. It posts to /sign-up with the fields mail,
// password, agree and back; a code is mailed then.
type SignUp struct {
	Mail   string
	Agree  bool // to the agreement; ticked by the person alone
	Back   string
	Errors []parts.FieldError
	// Agreement and Privacy are the versions that are agreed to.
	Agreement, Privacy DocumentLink
	MinPassword        int // characters a password has at least
}

// Code asks for a code that was mailed: after sign-up and when the mail address
// must be proven again. It posts to Action with the fields code and back.
type Code struct {
	Title  string // what the code is for
	Mail   string // where it was sent, masked
	Action templ.SafeURL
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
// code. It posts to /sign-in/totp with the fields code and back.
type SecondFactor struct {
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

// ResetAsk asks for the mail address of a lost password; it posts to /reset. The
// answer is the same whether the address is known or not.
type ResetAsk struct {
	Mail  string
	Error string
	Sent  bool   // the mail is on its way, if there is such an account
	Shown string // in the sandbox: the link that was mailed
}

// ResetNew asks for the new password; it posts to /reset/new with the fields
// token and password.
type ResetNew struct {
	Token       string
	Mail        string // masked
	Error       string
	MinPassword int
}

// TOTPSetup shows the secret for an authenticator app; it posts to
// /account/totp with the field code.
type TOTPSetup struct {
	Secret string        // in groups of four
	URI    templ.SafeURL // otpauth://..., opens an app on a phone
	QR     string        // path of the picture; empty when there is none
	Error  string
}

// RecoveryCodes are shown once, after TOTP was set up.
type RecoveryCodes struct {
	Codes []string
	Back  templ.SafeURL
}
