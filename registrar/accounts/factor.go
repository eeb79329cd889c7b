package accounts

import (
	"context"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// recoveryCodes is how many are given out at a time.
const recoveryCodes = 10

// Enrolment is what an authenticator needs, shown until it is confirmed.
type Enrolment struct {
	Secret string // base32 in groups of four, to type in
	URL    string // otpauth://
}

// deviceTime is the clock of the person's authenticator, which knows nothing of
// a turned clock: the machine's.
func deviceTime() time.Time { return time.Now() }

// Enrol makes a secret for an authenticator, or gives the one back that waits
// for its first code. Refused while another is in use.
func Enrol(ctx context.Context, d *db.DB, who actor.Actor) (Enrolment, error) {
	var out Enrolment
	err := d.Write(ctx, func(tx *db.Tx) error {
		if err := RequireStepUp(tx, who); err != nil {
			return err
		}
		p, err := selectPersonForUpdate(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if p.TOTP != "" {
			return problem.New(problem.Conflict, "accounts.factor_there")
		}
		keys := seal.From(tx)
		var secret []byte
		if p.TOTPPending != "" {
			if secret, err = keys.Open(sealTOTP, p.TOTPPending, p.Ref); err != nil {
				return err
			}
		} else {
			secret = newTOTPSecret()
			sealed, err := keys.Seal(sealTOTP, secret, p.Ref)
			if err != nil {
				return err
			}
			if err := updateTOTP(tx, p.House, p.ID, "", sealed, 0); err != nil {
				return err
			}
		}
		h, err := selectHouse(tx, p.House)
		if err != nil {
			return err
		}
		out = Enrolment{Secret: totpText(secret), URL: totpURL(secret, h.NameEn, p.Mail)}
		return nil
	})
	return out, err
}

// ConfirmFactor takes the first code of a new authenticator. From here on it
// is asked for at sign-in. The recovery codes it returns are shown once.
func ConfirmFactor(ctx context.Context, d *db.DB, who actor.Actor, code string) ([]string, error) {
	var codes []string
	err := d.Write(ctx, func(tx *db.Tx) error {
		if err := RequireStepUp(tx, who); err != nil {
			return err
		}
		p, err := selectPersonForUpdate(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if p.TOTPPending == "" || p.TOTP != "" {
			return problem.New(problem.Conflict, "accounts.factor_not_waiting")
		}
		secret, err := seal.From(tx).Open(sealTOTP, p.TOTPPending, p.Ref)
		if err != nil {
			return err
		}
		step, ok := totpFits(secret, code, deviceTime(), 0)
		if !ok {
			return wrong("code", "accounts.totp_wrong")
		}
		if err := updateTOTP(tx, p.House, p.ID, p.TOTPPending, "", step); err != nil {
			return err
		}
		if codes, err = giveRecoveryCodes(tx, p); err != nil {
			return err
		}
		if _, err := endOtherSessions(tx, p.House, p.ID, who.Session, "factor"); err != nil {
			return err
		}
		if err := tell(tx, p, p.Mail, "accounts.factor_added"); err != nil {
			return err
		}
		return record(tx, who, "accounts.factor_added", p, nil)
	})
	return codes, err
}

// DropFactor takes the second factor away. It is a dangerous act and is told
// by mail.
func DropFactor(ctx context.Context, d *db.DB, who actor.Actor) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := RequireStepUp(tx, who); err != nil {
			return err
		}
		p, err := selectPersonForUpdate(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if p.TOTP == "" {
			return problem.New(problem.Conflict, "accounts.factor_not_there")
		}
		if err := updateTOTP(tx, p.House, p.ID, "", "", 0); err != nil {
			return err
		}
		if err := replaceRecoveryCodes(tx, p.House, p.ID, nil); err != nil {
			return err
		}
		if err := tell(tx, p, p.Mail, "accounts.factor_dropped"); err != nil {
			return err
		}
		return record(tx, who, "accounts.factor_dropped", p, nil)
	})
}

// NewRecoveryCodes replaces the recovery codes; those before are void.
func NewRecoveryCodes(ctx context.Context, d *db.DB, who actor.Actor) ([]string, error) {
	var codes []string
	err := d.Write(ctx, func(tx *db.Tx) error {
		if err := RequireStepUp(tx, who); err != nil {
			return err
		}
		p, err := selectPersonForUpdate(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if p.TOTP == "" {
			return problem.New(problem.Conflict, "accounts.factor_not_there")
		}
		if codes, err = giveRecoveryCodes(tx, p); err != nil {
			return err
		}
		return record(tx, who, "accounts.recovery_codes_made", p, nil)
	})
	return codes, err
}

func giveRecoveryCodes(tx *db.Tx, p person) ([]string, error) {
	var codes, hashes []string
	for range recoveryCodes {
		c := db.NewCode()
		codes, hashes = append(codes, c), append(hashes, recoveryHash(tx, p, c))
	}
	return codes, replaceRecoveryCodes(tx, p.House, p.ID, hashes)
}

func recoveryHash(tx *db.Tx, p person, code string) string {
	return seal.From(tx).Hash(sealRecovery, p.Ref+" "+code)
}
