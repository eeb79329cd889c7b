package accounts

import (
	"context"
	"errors"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
)

// halfLife bounds the time between password and second factor.
const halfLife = 10 * time.Minute

// touchEach is how often a session that is in use is marked so: each mark is a
// durable write, so not at each page.
const touchEach = time.Hour

// terms are when a session that is used now ends: without use, and anyway.
func terms(tx *db.Tx) (idle, ends time.Time, err error) {
	i, err := calendar.Policy(tx, "accounts.session_idle", "")
	if err != nil {
		return idle, ends, err
	}
	l, err := calendar.Policy(tx, "accounts.session_life", "")
	if err != nil {
		return idle, ends, err
	}
	return i.After(tx.Now), l.After(tx.Now), nil
}

// begin opens a session for a person who has just proved themself.
func begin(tx *db.Tx, who actor.Actor, p person, device string, half bool) (Begun, error) {
	token := newToken()
	idle, ends, err := terms(tx)
	if err != nil {
		return Begun{}, err
	}
	s := session{ID: tx.NewID(), House: p.House, Person: p.ID, TokenHash: hashToken(token), State: "open", Device: clip(device, 80), IP: who.IP,
		Began: tx.Now, Seen: tx.Now, SteppedUp: tx.Now, Idle: idle, Ends: ends}
	if half {
		s.State, s.SteppedUp, s.Ends, s.Idle = "half", time.Time{}, tx.Now.Add(halfLife), tx.Now.Add(halfLife)
	}
	if err := insertSession(tx, s); err != nil {
		return Begun{}, err
	}
	out := Begun{Token: token, Half: half, Person: p.ID, Account: p.Account}
	if half {
		return out, nil
	}
	if err := heard(tx, who, p); err != nil {
		return Begun{}, err
	}
	who.Session = s.ID
	return out, record(tx, who, "accounts.signed_in", p, map[string]string{"factor": "password", "device": s.Device})
}

// heard remembers the language a person signed in with.
func heard(tx *db.Tx, who actor.Actor, p person) error {
	if who.Lang == p.LangLast || who.Lang != "zh" && who.Lang != "en" {
		return nil
	}
	return updateLangLast(tx, p.House, p.ID, who.Lang)
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		r = r[:n]
	}
	return string(r)
}

// Signed is who a request comes from, and how pages call them.
type Signed struct {
	Actor actor.Actor
	Shown string // name, or mail address; empty for a visitor
}

// ActorFor tells who asks by the token their browser carries. A token that is
// no longer good makes a visitor, not an error.
func ActorFor(ctx context.Context, d *db.DB, house int64, token, ip string) (actor.Actor, error) {
	s, err := SignedFor(ctx, d, house, token, ip)
	return s.Actor, err
}

// SignedFor is ActorFor with the name that pages show.
func SignedFor(ctx context.Context, d *db.DB, house int64, token, ip string) (Signed, error) {
	visitor := Signed{Actor: actor.Actor{House: house, IP: ip}}
	if token == "" {
		return visitor, nil
	}
	out, touch := visitor, false
	err := d.Read(ctx, func(tx *db.Tx) error {
		s, err := selectSigned(tx, house, hashToken(token))
		if errors.Is(err, db.ErrNotFound) || err == nil && (!tx.Now.Before(s.Ends) || !tx.Now.Before(s.Idle)) {
			return nil
		}
		if err != nil {
			return err
		}
		out.Actor.Account, out.Actor.Person, out.Actor.Name = s.Account, s.Person, MaskMail(s.Mail)
		out.Actor.Roles, out.Actor.Lang, out.Actor.Session, out.Actor.SteppedUp = s.Roles, s.Lang, s.ID, s.SteppedUp
		if out.Shown = s.Name; out.Shown == "" {
			out.Shown = s.Mail
		}
		touch = tx.Now.Sub(s.Seen) >= touchEach
		return nil
	})
	if err != nil || !touch {
		return out, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		idle, _, err := terms(tx)
		if err != nil {
			return err
		}
		return touchSession(tx, house, out.Actor.Session, ip, idle)
	})
	if db.TroubleOf(err) != "" { // a page that is only read needs no mark
		return out, nil
	}
	return out, err
}

// Session is one device on which a person is signed in.
type Session struct {
	ID      int64
	Device  string // may be empty
	IP      string
	Began   time.Time
	Seen    time.Time // within the hour
	Ends    time.Time
	Current bool
}

// Sessions lists where the person who asks is signed in, the newest first.
func Sessions(tx *db.Tx, who actor.Actor) ([]Session, error) {
	rows, err := selectOpenSessions(tx, who.House, who.Person)
	if err != nil {
		return nil, err
	}
	out := make([]Session, len(rows))
	for i, s := range rows {
		out[i] = Session{ID: s.ID, Device: s.Device, IP: s.IP, Began: s.Began, Seen: s.Seen, Ends: s.Ends, Current: s.ID == who.Session}
		if out[i].Current {
			out[i].Seen = tx.Now // it asks at this moment; the row is touched now and then only
		}
	}
	return out, nil
}

// SignOut ends the session of the one who asks.
func SignOut(ctx context.Context, d *db.DB, who actor.Actor) error {
	if !who.SignedIn() {
		return nil
	}
	return Revoke(ctx, d, who, who.Session)
}

// Revoke ends one of a person's own sessions.
func Revoke(ctx context.Context, d *db.DB, who actor.Actor, id int64) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		why := "revoked"
		if id == who.Session {
			why = "signed_out"
		}
		done, err := endSession(tx, who.House, who.Person, id, why)
		if err != nil {
			return err
		}
		if !done {
			return problem.New(problem.NotFound, "problem.not_found")
		}
		p, err := selectPerson(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if id == who.Session {
			return record(tx, who, "accounts.signed_out", p, nil)
		}
		return record(tx, who, "accounts.session_revoked", p, nil)
	})
}

// RevokeOthers ends all of a person's sessions but the one that asks.
func RevokeOthers(ctx context.Context, d *db.DB, who actor.Actor) error {
	if !who.SignedIn() {
		return problem.New(problem.SignIn, "problem.sign_in")
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		n, err := endOtherSessions(tx, who.House, who.Person, who.Session, "revoked")
		if err != nil || n == 0 {
			return err
		}
		p, err := selectPerson(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		return record(tx, who, "accounts.sessions_revoked", p, nil)
	})
}

// Sweep erases sessions, codes and counters that ended long ago. It is
// recurring work; the audit keeps what happened.
func Sweep(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := deleteOldSessions(tx, tx.Now.AddDate(0, -6, 0)); err != nil {
			return err
		}
		if err := deleteOldMailCodes(tx, tx.Now.AddDate(0, 0, -1)); err != nil {
			return err
		}
		return deleteOldThrottles(tx, tx.Now.AddDate(0, 0, -1))
	})
}
