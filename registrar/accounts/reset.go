package accounts

import (
	"cmp"
	"context"
	"errors"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/notices"
	"yumen/registrar/problem"
)

// AskReset mails a code with which a forgotten password can be replaced. The
// answer is the same for an address that has no account.
func AskReset(ctx context.Context, d *db.DB, who actor.Actor, address string) (Pending, error) {
	var form problem.Form
	mail, key := checkMail(&form, "mail", address)
	if err := form.Err(); err != nil {
		return Pending{}, err
	}
	if err := spend(ctx, d, who.House, codeTries(d, who, key)...); err != nil {
		return Pending{}, err
	}
	var out Pending
	err := d.Write(ctx, func(tx *db.Tx) error {
		c := mailCode{Purpose: forReset, Mail: mail, MailKey: key, Lang: cmp.Or(who.Lang, "zh")}
		l := letters(forReset)
		p, err := selectPersonByMail(tx, who.House, key)
		known := err == nil
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		if known {
			// To the address we know, however this one was written. The page goes on
			// showing what was typed: our way of writing it would tell that it is known.
			c.Person, c.Lang, l.account, l.person, l.to = p.ID, p.speaks(), p.Account, p.ID, p.Mail
		}
		if out, err = sendCode(tx, who, c, known, l); err != nil {
			return err
		}
		if known {
			who.Account = p.Account
			return record(tx, who, "accounts.reset_asked", p, nil)
		}
		return nil
	})
	return out, err
}

// ConfirmReset takes the mailed code and gives the token with which Reset sets
// the new password.
func ConfirmReset(ctx context.Context, d *db.DB, who actor.Actor, token, code string) (Pending, error) {
	var out Pending
	err := enterCode(ctx, d, who, forReset, token, code, func(tx *db.Tx, c mailCode) error {
		life, err := calendar.Policy(tx, "accounts.code_life", "")
		if err != nil {
			return err
		}
		out = Pending{Token: newToken(), Mail: c.Mail, Ends: life.After(tx.Now)}
		return insertMailCode(tx, mailCode{ID: tx.NewID(), House: c.House, Purpose: forPassword, TokenHash: hashToken(out.Token), Mail: c.Mail,
			MailKey: c.MailKey, Person: c.Person, Lang: c.Lang, Made: tx.Now, Ends: out.Ends})
	})
	return out, err
}

// Reset sets a new password in the place of a forgotten one. All sessions end
// and the person is told by mail; a second factor stays and is asked for at
// the next sign-in. It gives the mark of this browser (see Mark): who could
// read the mail is not locked out by strangers any more.
func Reset(ctx context.Context, d *db.DB, who actor.Actor, token, password string) (mark string, err error) {
	ended := problem.New(problem.Conflict, "accounts.reset_ended")
	pending, err := Waiting(ctx, d, who, token)
	if err != nil {
		return "", ended
	}
	var form problem.Form
	checkPassword(&form, "password", password, pending.Mail)
	if err := form.Err(); err != nil {
		return "", err
	}
	phc, err := hashPassword(ctx, password)
	if err != nil {
		return "", err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		c, err := selectMailCode(tx, who.House, forPassword, hashToken(token))
		if errors.Is(err, db.ErrNotFound) || err == nil && !tx.Now.Before(c.Ends) {
			return ended
		}
		if err != nil {
			return err
		}
		used, err := useMailCode(tx, who.House, c.ID)
		if err != nil {
			return err
		}
		if !used {
			return ended
		}
		p, err := selectPersonForUpdate(tx, who.House, c.Person)
		if err != nil {
			return notFound(err)
		}
		if err := forgive(tx, p.House, signInTries(d, who, p.MailKey)...); err != nil {
			return err
		}
		mark = newMark(d, p)
		return newPassword(tx, asPerson(who, p), p, phc, 0, "accounts.password_reset")
	})
	return mark, err
}

// ChangePassword replaces a password by one who knows it. The other sessions
// end.
func ChangePassword(ctx context.Context, d *db.DB, who actor.Actor, old, password string) error {
	if !who.SignedIn() {
		return problem.New(problem.SignIn, "problem.sign_in")
	}
	var p person
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = selectPerson(tx, who.House, who.Person)
		return notFound(err)
	}); err != nil {
		return err
	}
	var form problem.Form
	checkPassword(&form, "password", password, p.Mail)
	if old != "" && old == password {
		form.Add("password", "accounts.password_same")
	}
	if err := form.Err(); err != nil {
		return err
	}
	tries := counter{countStepUp, p.MailKey, limitsOf(d).SignIn}
	if err := spend(ctx, d, who.House, tries); err != nil {
		return err
	}
	fits, _, err := passwordFits(ctx, p.Password, old)
	if err != nil {
		return err
	}
	if !fits {
		return wrong("old", "accounts.password_wrong")
	}
	phc, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		now, err := selectPersonForUpdate(tx, p.House, p.ID)
		if err != nil {
			return notFound(err)
		}
		if now.Password != p.Password {
			return wrong("old", "accounts.password_wrong")
		}
		if err := forgive(tx, p.House, tries); err != nil {
			return err
		}
		return newPassword(tx, who, now, phc, who.Session, "accounts.password_changed")
	})
}

func newPassword(tx *db.Tx, who actor.Actor, p person, phc string, keep int64, act string) error {
	if err := updatePassword(tx, p.House, p.ID, phc, tx.Now); err != nil {
		return err
	}
	if _, err := endOtherSessions(tx, p.House, p.ID, keep, "password"); err != nil {
		return err
	}
	if err := voidMailCodes(tx, p.House, p.ID); err != nil {
		return err
	}
	if err := tell(tx, p, p.Mail, "accounts.password_changed"); err != nil {
		return err
	}
	return record(tx, who, act, p, nil)
}

// tell owes a person a letter about their own account.
func tell(tx *db.Tx, p person, to, message string) error {
	_, err := notices.Owe(tx, notices.Owed{House: p.House, Account: p.Account, Person: p.ID, To: to, Lang: p.speaks(), Message: message})
	return err
}

// ChangeMail mails a code to a new address. It is a dangerous act: letters
// with codes go there afterwards.
func ChangeMail(ctx context.Context, d *db.DB, who actor.Actor, address string) (Pending, error) {
	var form problem.Form
	mail, key := checkMail(&form, "mail", address)
	if err := form.Err(); err != nil {
		return Pending{}, err
	}
	if err := d.Read(ctx, func(tx *db.Tx) error { return RequireStepUp(tx, who) }); err != nil {
		return Pending{}, err
	}
	if err := spend(ctx, d, who.House, codeTries(d, who, key)...); err != nil {
		return Pending{}, err
	}
	var out Pending
	err := d.Write(ctx, func(tx *db.Tx) error {
		p, err := selectPerson(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if p.MailKey == key {
			return wrong("mail", "accounts.mail_same")
		}
		other, err := selectPersonByMail(tx, who.House, key)
		taken := err == nil
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		// The letter is listed in no account of the asker's: what is missing there
		// would tell them that the address belongs to somebody.
		l := letters(forChangeMail)
		if taken {
			l.account, l.person = other.Account, other.ID
		}
		out, err = sendCode(tx, who, mailCode{Purpose: forChangeMail, Mail: mail, MailKey: key, Person: p.ID, Lang: p.speaks()}, !taken, l)
		return err
	})
	return out, err
}

// ConfirmMail puts the new address in the place of the old one, which is told.
func ConfirmMail(ctx context.Context, d *db.DB, who actor.Actor, token, code string) error {
	if !who.SignedIn() {
		return problem.New(problem.SignIn, "problem.sign_in")
	}
	return enterCode(ctx, d, who, forChangeMail, token, code, func(tx *db.Tx, c mailCode) error {
		if c.Person != who.Person {
			return problem.New(problem.NotFound, "problem.not_found")
		}
		p, err := selectPersonForUpdate(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if err := updateMail(tx, p.House, p.ID, c.Mail, c.MailKey); err != nil {
			if db.IsUnique(err) {
				return problem.New(problem.Conflict, "accounts.mail_taken")
			}
			return err
		}
		if err := voidMailCodes(tx, p.House, p.ID); err != nil {
			return err
		}
		if err := tell(tx, p, p.Mail, "accounts.mail_changed"); err != nil {
			return err
		}
		return record(tx, who, "accounts.mail_changed", p, nil)
	})
}
