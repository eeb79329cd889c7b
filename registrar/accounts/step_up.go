package accounts

import (
	"context"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
)

// RequireStepUp refuses a dangerous act unless the person gave password or
// second factor a short while ago in this session. The program itself need
// not.
func RequireStepUp(tx *db.Tx, who actor.Actor) error {
	if who.IsSystem() {
		return nil
	}
	if !who.SignedIn() {
		return problem.New(problem.SignIn, "problem.sign_in")
	}
	v, err := calendar.Policy(tx, "accounts.step_up", "")
	if err != nil {
		return err
	}
	if who.SteppedUp.IsZero() || !tx.Now.Before(v.After(who.SteppedUp)) {
		return problem.New(problem.StepUp, "accounts.step_up_first")
	}
	return nil
}

// StepUp takes the password or, with a second factor, a code of it once more.
// With a second factor the password alone is not enough.
func StepUp(ctx context.Context, d *db.DB, who actor.Actor, password, code string) error {
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
	tries := counter{countStepUp, p.MailKey, limitsOf(d).SignIn}
	if err := spend(ctx, d, who.House, tries); err != nil {
		return err
	}
	field := "password"
	fits := false
	if p.TOTP == "" {
		var err error
		if fits, _, err = passwordFits(ctx, p.Password, password); err != nil {
			return err
		}
	} else {
		field = "code"
	}
	err := d.Write(ctx, func(tx *db.Tx) error {
		now, err := selectPersonForUpdate(tx, p.House, p.ID)
		if err != nil {
			return err
		}
		if now.TOTP != "" {
			how, err := factorFits(tx, now, code)
			if err != nil {
				return err
			}
			fits = how != ""
		} else if now.Password != p.Password {
			fits = false
		}
		if !fits {
			return record(tx, who, "accounts.step_up_failed", now, nil)
		}
		if err := stepUpSession(tx, p.House, who.Session); err != nil {
			return notFound(err)
		}
		if err := forgive(tx, p.House, tries); err != nil {
			return err
		}
		return record(tx, who, "accounts.stepped_up", now, nil)
	})
	if err != nil {
		return err
	}
	if !fits && field == "code" {
		return wrong("code", "accounts.factor_wrong")
	}
	if !fits {
		return wrong("password", "accounts.password_wrong")
	}
	return nil
}
