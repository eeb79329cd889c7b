package accounts

import (
	"context"
	"time"

	"yumen/db"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Limit is how often something may be tried within a window of time. The
// window begins with the first try and ends whole.
type Limit struct {
	Count  int64
	Window time.Duration
}

// Limits are the settings that slow guessing down. They hold per house and
// mail address, whether or not the address has an account; limits per network
// address are those of the handlers.
type Limits struct {
	SignIn Limit // wrong passwords or second factors
	Codes  Limit // mailed codes asked for
	Tries  int64 // wrong entries of one mailed code
}

// DefaultLimits are used unless others were attached.
var DefaultLimits = Limits{
	SignIn: Limit{10, 15 * time.Minute},
	Codes:  Limit{5, time.Hour},
	Tries:  5,
}

type limitsKey struct{}

// AttachLimits gives the database other limits than DefaultLimits.
func AttachLimits(d *db.DB, l Limits) { d.Attach(limitsKey{}, l) }

func limitsOf(d *db.DB) Limits {
	if l, ok := d.Attached(limitsKey{}).(Limits); ok {
		return l
	}
	return DefaultLimits
}

// The things that are counted.
const (
	countSignIn = "sign_in"
	countCodes  = "codes"
	countStepUp = "step_up"
)

// spend counts one try and refuses it beyond the limit. It commits by itself:
// a try counts whatever comes of it.
func spend(ctx context.Context, d *db.DB, house int64, what, key string, l Limit) error {
	var wait time.Duration
	err := d.Write(ctx, func(tx *db.Tx) error {
		wait = 0
		hash := seal.From(tx).Hash(sealThrottle, what+" "+key)
		t, err := selectThrottle(tx, house, what, hash)
		if err != nil {
			return err
		}
		if !tx.Now.Before(t.Began.Add(l.Window)) {
			t = throttle{Began: tx.Now}
		}
		if t.Count >= l.Count {
			wait = t.Began.Add(l.Window).Sub(tx.Now)
			return nil
		}
		t.Count++
		return saveThrottle(tx, house, what, hash, t)
	})
	if err != nil {
		return err
	}
	if wait > 0 {
		minutes := int((wait + time.Minute - 1) / time.Minute)
		return problem.New(problem.TooMany, "accounts.too_many", "Count", minutes).WithRetry(int((wait + time.Second - 1) / time.Second))
	}
	return nil
}

// forgive forgets the tries after one that was right.
func forgive(tx *db.Tx, house int64, what, key string) error {
	return deleteThrottle(tx, house, what, seal.From(tx).Hash(sealThrottle, what+" "+key))
}

// Purposes of what is sealed or hashed here.
const (
	sealTOTP     = "accounts.totp"
	sealRecovery = "accounts.recovery"
	sealCode     = "accounts.code"
	sealThrottle = "accounts.throttle"
)
