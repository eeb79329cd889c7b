package accounts

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
)

// SignUpTexts are the kinds of texts a person agrees to when signing up.
func SignUpTexts() []string { return []string{texts.Agreement, texts.Privacy} }

// SignUpForm is what a visitor fills in to open an account.
type SignUpForm struct {
	Mail     string
	Password string
	Name     string  // may be empty
	Agreed   []int64 // the versions of SignUpTexts that were shown and ticked
}

// SignUp takes a sign-up in and mails a code. Whether the address has an
// account already shows in nothing but the letter that arrives there.
func SignUp(ctx context.Context, d *db.DB, who actor.Actor, f SignUpForm) (Pending, error) {
	var form problem.Form
	mail, key := checkMail(&form, "mail", f.Mail)
	checkPassword(&form, "password", f.Password, f.Mail)
	name := checkName(&form, "name", f.Name)
	var agreed []int64
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { agreed, err = inForce(tx, who); return err }); err != nil {
		return Pending{}, err
	}
	for _, id := range agreed {
		if !slices.Contains(f.Agreed, id) && !form.Has("agree") {
			form.Add("agree", "accounts.agree_first")
		}
	}
	if err := form.Err(); err != nil {
		return Pending{}, err
	}
	if err := spend(ctx, d, who.House, codeTries(d, who, key)...); err != nil {
		return Pending{}, err
	}
	phc, err := hashPassword(ctx, f.Password) // for every address, as it takes time
	if err != nil {
		return Pending{}, err
	}
	var out Pending
	err = d.Write(ctx, func(tx *db.Tx) error {
		c := mailCode{Purpose: forSignUp, Mail: mail, MailKey: key, Password: phc, Name: name, Lang: cmp.Or(who.Lang, "zh"), Accepted: joinIDs(agreed)}
		p, err := selectPersonByMail(tx, who.House, key)
		known := err == nil
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		l := letters(forSignUp)
		if known {
			c.Password, c.Person, c.Lang, l.account, l.person = "", p.ID, p.speaks(), p.Account, p.ID
		}
		out, err = sendCode(tx, who, c, !known, l)
		return err
	})
	return out, err
}

// inForce are the versions of SignUpTexts that a sign-up has to agree to now.
func inForce(tx *db.Tx, who actor.Actor) ([]int64, error) {
	var ids []int64
	for _, kind := range SignUpTexts() {
		v, err := texts.Current(tx, who.House, kind)
		if err != nil {
			return nil, err
		}
		ids = append(ids, v.ID)
	}
	return ids, nil
}

// ConfirmSignUp opens the account that a code was mailed for and signs its
// owner in on this device.
func ConfirmSignUp(ctx context.Context, d *db.DB, who actor.Actor, token, code, device string) (Begun, error) {
	var out Begun
	err := enterCode(ctx, d, who, forSignUp, token, code, func(tx *db.Tx, c mailCode) error {
		p, err := open(tx, who, person{Mail: c.Mail, MailKey: c.MailKey, Name: c.Name, LangLast: cmp.Or(c.Lang, "zh"), Password: c.Password})
		if err != nil {
			return err
		}
		now := asPerson(who, p)
		agreed, err := splitIDs(c.Accepted)
		if err != nil {
			return err
		}
		for _, version := range agreed {
			if err := texts.Accept(tx, now, version, ""); err != nil {
				return err
			}
		}
		out, err = begin(tx, now, p, device, false)
		return err
	})
	return out, err
}
