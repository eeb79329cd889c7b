package accounts

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"strconv"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/notices"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// What a mailed code is for.
const (
	forSignUp     = "sign_up"
	forReset      = "reset"
	forPassword   = "new_password" // a reset whose code was right
	forChangeMail = "change_mail"
)

// Pending is a mailed code that is waited for.
type Pending struct {
	Token string    // what the browser carries to say which one
	Mail  string    // where it went
	Ends  time.Time // the code is good until then
	Code  string    // only where ShowCodes was called, for the page of a sandbox
}

type showKey struct{}

// ShowCodes lets Pending carry the code itself. For a sandbox alone, where the
// mailbox is not a person's own; nothing else may call it.
func ShowCodes(d *db.DB) { d.Attach(showKey{}, true) }

// shown is the code where it may be shown, else empty.
func shown(tx *db.Tx, code string) string {
	if may, ok := tx.DB().Attached(showKey{}).(bool); ok && may {
		return code
	}
	return ""
}

// letter is what is owed instead of, or with, a code.
type letter struct {
	message string // with the code
	instead string // when the address may not go on
	to      string // where it goes when that is written otherwise than on the page
	account int64
	person  int64
}

// sendCode keeps a code and owes the letter with it. Without real the row
// looks the same and no code fits, so that the page tells nobody which it was;
// the address alone learns it, by another letter.
func sendCode(tx *db.Tx, who actor.Actor, c mailCode, real bool, l letter) (Pending, error) {
	life, err := calendar.Policy(tx, "accounts.code_life", "")
	if err != nil {
		return Pending{}, err
	}
	token := newToken()
	c.ID, c.House, c.TokenHash, c.Made, c.Ends = tx.NewID(), who.House, hashToken(token), tx.Now, life.After(tx.Now)
	code := ""
	if real {
		code = newMailCode()
		c.CodeHash = codeHash(tx, c.TokenHash, code)
	}
	if err := insertMailCode(tx, c); err != nil {
		return Pending{}, err
	}
	return Pending{Token: token, Mail: c.Mail, Ends: c.Ends, Code: shown(tx, code)}, oweCode(tx, c, code, l)
}

func oweCode(tx *db.Tx, c mailCode, code string, l letter) error {
	o := notices.Owed{House: c.House, Account: l.account, Person: l.person, To: cmp.Or(l.to, c.Mail), Lang: c.Lang, Message: l.instead}
	if code != "" {
		minutes := int(c.Ends.Sub(tx.Now) / time.Minute)
		o.Message, o.Secret, o.Args = l.message, map[string]string{"Code": code}, map[string]string{"Minutes": strconv.Itoa(minutes)}
	}
	if o.Message == "" { // a reset for an address nobody has: there is nobody to write to
		return nil
	}
	_, err := notices.Owe(tx, o)
	return err
}

func codeHash(tx *db.Tx, tokenHash, code string) string {
	return seal.From(tx).Hash(sealCode, tokenHash+" "+code)
}

// errWrongCode tells takeCode's caller to commit the count and refuse.
var errWrongCode = errors.New("accounts: wrong code")

// enterCode checks a typed code and runs then in the transaction that uses it
// up. A wrong code is counted, which must be durable, so it is told after the
// commit.
func enterCode(ctx context.Context, d *db.DB, who actor.Actor, purpose, token, code string, then func(tx *db.Tx, c mailCode) error) error {
	limit, left := limitsOf(d).Tries, int64(0)
	err := d.Write(ctx, func(tx *db.Tx) error {
		left = -1
		c, err := takeCode(tx, who.House, purpose, token, code, limit)
		if errors.Is(err, errWrongCode) {
			left = limit - c.Tries - 1
			return nil
		}
		if err != nil {
			return err
		}
		return then(tx, c)
	})
	if err != nil || left < 0 {
		return err
	}
	var f problem.Form
	if left == 0 {
		f.Add("code", "accounts.code_ended")
	} else {
		f.Add("code", "accounts.code_wrong", "Count", int(left))
	}
	return f.Err()
}

func takeCode(tx *db.Tx, house int64, purpose, token, code string, limit int64) (mailCode, error) {
	var ended problem.Form
	ended.Add("code", "accounts.code_ended")
	c, err := selectMailCode(tx, house, purpose, hashToken(token))
	if errors.Is(err, db.ErrNotFound) {
		return c, ended.Err()
	}
	if err != nil {
		return c, err
	}
	if !c.Used.IsZero() || !tx.Now.Before(c.Ends) || c.Tries >= limit {
		return c, ended.Err()
	}
	want := []byte(codeHash(tx, c.TokenHash, digits(code)))
	if c.CodeHash == "" || subtle.ConstantTimeCompare(want, []byte(c.CodeHash)) != 1 {
		if err := countWrongCode(tx, house, c.ID); err != nil {
			return c, err
		}
		return c, errWrongCode
	}
	used, err := useMailCode(tx, house, c.ID)
	if err == nil && !used {
		err = ended.Err()
	}
	return c, err
}

// Again sends another code for the same request; the one before is void.
func Again(ctx context.Context, d *db.DB, who actor.Actor, token string) (Pending, error) {
	var c mailCode
	find := func(tx *db.Tx) (err error) {
		for _, purpose := range []string{forSignUp, forReset, forChangeMail} {
			c, err = selectMailCode(tx, who.House, purpose, hashToken(token))
			if !errors.Is(err, db.ErrNotFound) {
				break
			}
		}
		if err == nil && !c.Used.IsZero() {
			err = db.ErrNotFound
		}
		return notFound(err)
	}
	if err := d.Write(ctx, find); err != nil {
		return Pending{}, err
	}
	if err := spend(ctx, d, who.House, codeTries(d, who, c.MailKey)...); err != nil {
		return Pending{}, err
	}
	var out Pending
	err := d.Write(ctx, func(tx *db.Tx) error {
		if err := find(tx); err != nil {
			return err
		}
		life, err := calendar.Policy(tx, "accounts.code_life", "")
		if err != nil {
			return err
		}
		code, hash := "", ""
		c.Ends = life.After(tx.Now)
		if c.CodeHash != "" {
			code = newMailCode()
			hash = codeHash(tx, c.TokenHash, code)
		}
		if err := renewMailCode(tx, c.House, c.ID, hash, c.Ends); err != nil {
			return err
		}
		out = Pending{Token: token, Mail: c.Mail, Ends: c.Ends, Code: shown(tx, code)}
		l := letters(c.Purpose)
		p, err := selectPersonByMail(tx, c.House, c.MailKey)
		if err == nil { // the letter is listed where it is read
			l.account, l.person = p.Account, p.ID
			if c.Purpose == forReset {
				l.to = p.Mail
			}
		} else if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		return oweCode(tx, c, code, l)
	})
	return out, err
}

// Waiting tells where a code went, for the page that asks for it.
func Waiting(ctx context.Context, d *db.DB, who actor.Actor, token string) (Pending, error) {
	var out Pending
	err := d.Read(ctx, func(tx *db.Tx) error {
		c, err := findMailCode(tx, who.House, hashToken(token))
		if err != nil || !c.Used.IsZero() {
			return problem.New(problem.NotFound, "problem.not_found")
		}
		out = Pending{Token: token, Mail: c.Mail, Ends: c.Ends}
		return nil
	})
	return out, err
}

// letters names the notices of each purpose.
func letters(purpose string) letter {
	switch purpose {
	case forSignUp:
		return letter{message: "accounts.sign_up_code", instead: "accounts.sign_up_again"}
	case forReset:
		return letter{message: "accounts.reset_code"}
	}
	return letter{message: "accounts.change_mail_code", instead: "accounts.change_mail_taken"}
}
