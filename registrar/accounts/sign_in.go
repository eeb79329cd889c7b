package accounts

import (
	"context"
	"errors"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// SignInForm is what a person signs in with.
type SignInForm struct {
	Mail     string
	Password string
	Device   string // in words, see Device
}

// Begun is a sign-in that succeeded, or half of one.
type Begun struct {
	Token   string // what the browser carries; for SecondFactor when Half
	Half    bool   // a second factor is still to be given
	Person  int64
	Account int64
}

// SignIn checks mail and password. An unknown address and a wrong password are
// the same answer after the same work, and both count against the address.
func SignIn(ctx context.Context, d *db.DB, who actor.Actor, f SignInForm) (Begun, error) {
	_, key, ok := readMail(f.Mail)
	if !ok || f.Password == "" {
		return Begun{}, wrong("mail", "accounts.sign_in_wrong")
	}
	tries := signInTries(d, who, key)
	if err := spend(ctx, d, who.House, tries...); err != nil {
		return Begun{}, err
	}
	p := person{Password: nobody}
	err := d.Read(ctx, func(tx *db.Tx) error {
		found, err := selectPersonByMail(tx, who.House, key)
		if err == nil {
			p = found
		}
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return Begun{}, err
	}
	fits, stale, err := passwordFits(ctx, p.Password, f.Password)
	if err != nil {
		return Begun{}, err
	}
	if !fits {
		return Begun{}, refuseSignIn(ctx, d, who, p, "password")
	}
	fresh := ""
	if stale {
		if fresh, err = hashPassword(ctx, f.Password); err != nil {
			return Begun{}, err
		}
	}
	var out Begun
	err = d.Write(ctx, func(tx *db.Tx) error {
		// It may have been changed while we computed.
		now, err := selectPerson(tx, p.House, p.ID)
		if err != nil {
			return err
		}
		if now.Password != p.Password {
			return wrong("mail", "accounts.sign_in_wrong")
		}
		if fresh != "" {
			if err := rehashPassword(tx, p.House, p.ID, p.Password, fresh); err != nil {
				return err
			}
		}
		half := now.TOTP != ""
		if err := forgive(tx, p.House, tries...); err != nil { // the second factor has tries of its own
			return err
		}
		out, err = begin(tx, asPerson(who, now), now, f.Device, half)
		return err
	})
	return out, err
}

// refuseSignIn leaves a trace of a failed try. One on an address that nobody
// has leaves it too, naming nobody: a commit less could be told by a clock.
func refuseSignIn(ctx context.Context, d *db.DB, who actor.Actor, p person, what string) error {
	err := d.Write(ctx, func(tx *db.Tx) error {
		// Who tried is unknown: the row names the account, not the person as actor.
		who.Account = p.Account
		return record(tx, who, "accounts.sign_in_failed", p, map[string]string{"wrong": what})
	})
	if err != nil {
		return err
	}
	if what == "password" {
		return wrong("mail", "accounts.sign_in_wrong")
	}
	return wrong("code", "accounts.factor_wrong")
}

// SecondFactor finishes a half sign-in with a code of the authenticator or one
// of the recovery codes. It gives a new token; the half one is void.
func SecondFactor(ctx context.Context, d *db.DB, who actor.Actor, half, code string) (Begun, error) {
	ended := problem.New(problem.SignIn, "accounts.half_ended")
	var s session
	var p person
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		if s, err = selectSession(tx, who.House, hashToken(half), "half"); err == nil {
			p, err = selectPerson(tx, who.House, s.Person)
		}
		if errors.Is(err, db.ErrNotFound) || err == nil && !tx.Now.Before(s.Ends) {
			return ended
		}
		return err
	})
	if err != nil {
		return Begun{}, err
	}
	tries := counter{countFactor, p.MailKey, limitsOf(d).SignIn}
	if err := spend(ctx, d, who.House, tries); err != nil {
		return Begun{}, err
	}
	var out Begun
	fits := false
	err = d.Write(ctx, func(tx *db.Tx) error {
		now, err := selectPersonForUpdate(tx, p.House, p.ID)
		if err != nil {
			return err
		}
		how := ""
		if how, err = factorFits(tx, now, code); err != nil {
			return err
		}
		if fits = how != ""; !fits {
			return nil
		}
		token := newToken()
		idle, ends, err := terms(tx)
		if err != nil {
			return err
		}
		opened, err := openSession(tx, p.House, s.ID, hashToken(token), idle, ends)
		if err != nil {
			return err
		}
		if !opened {
			return ended
		}
		if err := forgive(tx, p.House, tries); err != nil {
			return err
		}
		if err := heard(tx, who, now); err != nil {
			return err
		}
		in := asPerson(who, now)
		in.Session = s.ID
		out = Begun{Token: token, Person: p.ID, Account: p.Account}
		return record(tx, in, "accounts.signed_in", now, map[string]string{"factor": how, "device": s.Device})
	})
	if err != nil {
		return Begun{}, err
	}
	if !fits {
		return Begun{}, refuseSignIn(ctx, d, who, p, "factor")
	}
	return out, nil
}

// factorFits uses up a code of the authenticator or a recovery code: "totp",
// "recovery", or empty when neither fits.
func factorFits(tx *db.Tx, p person, code string) (string, error) {
	if p.TOTP == "" {
		return "", nil
	}
	secret, err := seal.From(tx).Open(sealTOTP, p.TOTP, p.Ref)
	if err != nil {
		return "", err
	}
	if step, ok := totpFits(secret, code, deviceTime(), p.TOTPStep); ok {
		used, err := useTOTPStep(tx, p.House, p.ID, step)
		if err != nil || !used {
			return "", err
		}
		return "totp", nil
	}
	folded := db.FoldRef(code)
	if len(folded) < 16 {
		return "", nil
	}
	used, err := useRecoveryCode(tx, p.House, p.ID, recoveryHash(tx, p, folded))
	if err != nil || !used {
		return "", err
	}
	return "recovery", nil
}

func wrong(field, id string, args ...any) error {
	var f problem.Form
	f.Add(field, id, args...)
	return f.Err()
}
