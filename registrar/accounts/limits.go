package accounts

import (
	"context"
	"net/netip"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Limit is how often something may be tried within a window of time. The
// window begins with the first try and ends whole. A Count of 0 is no limit.
type Limit struct {
	Count  int64
	Window time.Duration
}

// Limits are the settings that slow guessing down. They hold per house and
// mail address, whether or not the address has an account; limits per network
// alone are those of the handlers.
//
// Passwords and mailed codes are counted by place: a browser the address has
// signed in with before, else a network. So a stranger who guesses uses up the
// stranger's tries, not the owner's. All strangers together have a bound too,
// which never holds for a browser that is known.
type Limits struct {
	SignIn    Limit // wrong passwords from one place; wrong second factors from anywhere
	SignInAll Limit // wrong passwords from all places that are not known
	Codes     Limit // mailed codes asked for from one place
	CodesAll  Limit // mailed codes asked for from all places that are not known
	Tries     int64 // wrong entries of one mailed code
}

// DefaultLimits are used unless others were attached.
var DefaultLimits = Limits{
	SignIn:    Limit{10, 15 * time.Minute},
	SignInAll: Limit{60, time.Hour},
	Codes:     Limit{5, time.Hour},
	CodesAll:  Limit{20, time.Hour},
	Tries:     5,
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
	countSignIn    = "sign_in"
	countSignInAll = "sign_in_all"
	countFactor    = "factor" // reached with the right password only, so no stranger can lock it
	countCodes     = "codes"
	countCodesAll  = "codes_all"
	countStepUp    = "step_up"
)

// counter is one thing that is counted, for one key.
type counter struct {
	what, key string
	limit     Limit
}

// signInTries are what a wrong password on an address counts against.
func signInTries(d *db.DB, who actor.Actor, mailKey string) []counter {
	l := limitsOf(d)
	return tries(d, who, mailKey, counter{what: countSignIn, limit: l.SignIn}, counter{what: countSignInAll, limit: l.SignInAll})
}

// codeTries are what asking for a mailed code counts against.
func codeTries(d *db.DB, who actor.Actor, mailKey string) []counter {
	l := limitsOf(d)
	return tries(d, who, mailKey, counter{what: countCodes, limit: l.Codes}, counter{what: countCodesAll, limit: l.CodesAll})
}

func tries(d *db.DB, who actor.Actor, mailKey string, place, all counter) []counter {
	if browser, known := knownBrowser(d, who, mailKey); known {
		place.key = mailKey + " browser " + browser
		return []counter{place}
	}
	place.key, all.key = mailKey+" network "+Network(who.IP).String(), mailKey
	return []counter{place, all}
}

// Network is what one subscriber has: an IPv4 address, or a /64 of IPv6. What
// is no address is the zero Prefix.
func Network(ip string) netip.Prefix {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap() // ::ffff:192.0.2.1 is an IPv4 address; its /64 would be everybody's
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// spend counts one try everywhere it counts and refuses it beyond a limit. It
// commits by itself: a try counts whatever comes of it.
func spend(ctx context.Context, d *db.DB, house int64, counters ...counter) error {
	var wait time.Duration
	err := d.Write(ctx, func(tx *db.Tx) error {
		wait = 0
		now := make([]throttle, len(counters))
		for i, c := range counters {
			t, err := selectThrottle(tx, house, c.what, c.hash(tx))
			if err != nil {
				return err
			}
			if !tx.Now.Before(t.Began.Add(c.limit.Window)) {
				t = throttle{Began: tx.Now}
			}
			if c.limit.Count > 0 && t.Count >= c.limit.Count {
				wait = max(wait, t.Began.Add(c.limit.Window).Sub(tx.Now))
			}
			t.Count++
			now[i] = t
		}
		if wait > 0 { // a place beyond its own limit uses up nothing of the others'
			return nil
		}
		for i, c := range counters {
			if err := saveThrottle(tx, house, c.what, c.hash(tx), now[i]); err != nil {
				return err
			}
		}
		return nil
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

func (c counter) hash(tx *db.Tx) string {
	return seal.From(tx).Hash(sealThrottle, c.what+" "+c.key)
}

// forgive forgets the tries after one that was right: all of the place, and of
// the strangers together only the one that was none.
func forgive(tx *db.Tx, house int64, counters ...counter) error {
	for _, c := range counters {
		if c.what != countSignInAll && c.what != countCodesAll {
			if err := deleteThrottle(tx, house, c.what, c.hash(tx)); err != nil {
				return err
			}
			continue
		}
		t, err := selectThrottle(tx, house, c.what, c.hash(tx))
		if err != nil {
			return err
		}
		if t.Count == 0 {
			continue
		}
		t.Count--
		if err := saveThrottle(tx, house, c.what, c.hash(tx), t); err != nil {
			return err
		}
	}
	return nil
}

// Purposes of what is sealed or hashed here.
const (
	sealTOTP     = "accounts.totp"
	sealRecovery = "accounts.recovery"
	sealCode     = "accounts.code"
	sealThrottle = "accounts.throttle"
	sealBrowser  = "accounts.browser"
)
