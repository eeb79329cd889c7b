package customer

import (
	"context"
	"time"

	"yumen/locales"
	"yumen/views/parts"
)

// Account is the page of a person's own settings. Its forms post to
// /account/settings (name, lang), /account/mail (mail), /account/password (old,
// password), /account/totp/drop, /account/recovery-codes, and
// /account/sessions (session, or all=1).
type Account struct {
	Mail          string
	Name          string
	Lang          string // chosen; empty: as the browser asks
	NewMail       string // as typed
	PasswordSince time.Time
	MinPassword   int
	TOTP          bool
	CodesLeft     int
	Devices       []Device
	Errors        []parts.FieldError // of the form named in Form
	Form          string             // "settings", "mail" or "password": which was refused
}

// Device is one sign-in.
type Device struct {
	Key         string // what the form says to mean it
	Name        string // in words; may be empty
	IP          string
	Began, Seen time.Time
	This        bool
}

func (d Device) said(ctx context.Context) string {
	if d.Name == "" {
		return locales.T(ctx, "account.device_unknown")
	}
	return d.Name
}

// err is what is wrong with a field of one of the forms.
func (a Account) err(form, field string) string {
	if a.Form != form {
		return ""
	}
	return parts.ErrorOf(a.Errors, field)
}

func (a Account) langs(ctx context.Context) []parts.Option {
	return []parts.Option{
		{Value: "", Label: locales.T(ctx, "account.lang_browser")},
		{Value: "zh", Label: "中文"},
		{Value: "en", Label: "English"},
	}
}
