package accounts

import (
	"context"
	"slices"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// This file is what an operator does for people who cannot help themselves: who
// lost telephone and codes, who left, whose browser was stolen. Each act has a
// reason, which goes into the audit.

// SetPassword gives a person another password. Their sessions end and they are
// told by mail.
func SetPassword(ctx context.Context, d *db.DB, who actor.Actor, ref, password string) error {
	var p person
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { p, err = managed(tx, who, ref); return err }); err != nil {
		return err
	}
	var form problem.Form
	checkPassword(&form, "password", password, p.Mail)
	if err := form.Err(); err != nil {
		return err
	}
	phc, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		now, err := managed(tx, who, ref)
		if err != nil {
			return err
		}
		return newPassword(tx, who, now, phc, 0, "accounts.password_set")
	})
}

// ResetFactor takes the second factor and the recovery codes of a person away
// who lost both. Their sessions end, and they are told by mail: whoever was
// fooled about who asked is found out.
func ResetFactor(ctx context.Context, d *db.DB, who actor.Actor, ref string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		p, err := managed(tx, who, ref)
		if err != nil {
			return err
		}
		if p.TOTP == "" && p.TOTPPending == "" {
			return problem.New(problem.Conflict, "accounts.factor_not_there")
		}
		if err := updateTOTP(tx, p.House, p.ID, "", "", 0); err != nil {
			return err
		}
		if err := replaceRecoveryCodes(tx, p.House, p.ID, nil); err != nil {
			return err
		}
		if _, err := endOtherSessions(tx, p.House, p.ID, 0, "factor"); err != nil {
			return err
		}
		if err := tell(tx, p, p.Mail, "accounts.factor_dropped"); err != nil {
			return err
		}
		return record(tx, who, "accounts.factor_reset", p, nil)
	})
}

// SessionsOf lists where a person is signed in, the newest first.
func SessionsOf(tx *db.Tx, who actor.Actor, ref string) ([]Session, error) {
	if !who.May(actor.ManagePeople) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	p, err := selectPersonByRef(tx, who.House, db.FoldRef(ref))
	if err != nil {
		return nil, notFound(err)
	}
	who.Person, who.Session = p.ID, 0
	return Sessions(tx, who)
}

// RevokeOf ends one session of a person, or (0) all of them, and says how many.
func RevokeOf(ctx context.Context, d *db.DB, who actor.Actor, ref string, session int64) (n int64, err error) {
	err = d.Write(ctx, func(tx *db.Tx) error {
		p, err := managed(tx, who, ref)
		if err != nil {
			return err
		}
		if session == 0 {
			n, err = endOtherSessions(tx, p.House, p.ID, 0, "revoked")
		} else {
			var done bool
			if done, err = endSession(tx, p.House, p.ID, session, "revoked"); err == nil && !done {
				err = problem.New(problem.NotFound, "problem.not_found")
			}
			n = 1
		}
		if err != nil || n == 0 {
			return err
		}
		return record(tx, who, "accounts.sessions_revoked", p, nil)
	})
	return n, err
}

// AddHost lets a house answer under another host name.
func AddHost(ctx context.Context, d *db.DB, who actor.Actor, host string) error {
	return changeHouse(ctx, d, who, "accounts.host_added", host, func(tx *db.Tx, h House, host string) error {
		return addHost(tx, h.ID, host, false)
	})
}

// DropHost takes a host name from a house; its last one stays.
func DropHost(ctx context.Context, d *db.DB, who actor.Actor, host string) error {
	return changeHouse(ctx, d, who, "accounts.host_dropped", host, func(tx *db.Tx, h House, host string) error {
		if len(h.Hosts) == 1 && h.Hosts[0] == host {
			return problem.New(problem.Refused, "accounts.last_host", "Host", host)
		}
		return dropHost(tx, h.ID, host)
	})
}

// SetOpen closes a house to its visitors, or opens it again; what its customers
// have stays. The registrar's own is always open.
func SetOpen(ctx context.Context, d *db.DB, who actor.Actor, open bool) error {
	act := map[bool]string{true: "accounts.house_reopened", false: "accounts.house_closed"}[open]
	return changeHouse(ctx, d, who, act, "", func(tx *db.Tx, h House, _ string) error {
		if h.ID == Root && !open {
			return problem.New(problem.Refused, "accounts.root_open")
		}
		return setOpen(tx, h.ID, open)
	})
}

// managed is a person of the asker's house whom they may change, locked.
func managed(tx *db.Tx, who actor.Actor, ref string) (person, error) {
	if err := mayManage(tx, who); err != nil {
		return person{}, err
	}
	p, err := selectPersonByRef(tx, who.House, db.FoldRef(ref))
	if err != nil {
		return p, notFound(err)
	}
	if p.ID == who.Person {
		return p, problem.New(problem.Refused, "accounts.not_yourself")
	}
	return selectPersonForUpdate(tx, p.House, p.ID)
}

func mayManage(tx *db.Tx, who actor.Actor) error {
	if !who.May(actor.ManagePeople) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if strings.TrimSpace(who.Why) == "" {
		return wrong("reason", "accounts.reason_missing")
	}
	return RequireStepUp(tx, who)
}

func changeHouse(ctx context.Context, d *db.DB, who actor.Actor, act, host string, change func(tx *db.Tx, h House, host string) error) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		defer forget(tx)
		if err := mayManage(tx, who); err != nil {
			return err
		}
		h, err := selectHouse(tx, who.House)
		if err != nil {
			return notFound(err)
		}
		ref := ""
		if host != "" {
			if ref = FoldHost(host); ref == "" {
				return wrong("host", "accounts.house_host")
			}
		} else if len(h.Hosts) > 0 {
			ref = h.Hosts[0]
		}
		if err := change(tx, h, ref); err != nil {
			return notFound(err)
		}
		return recordHouse(tx, who, act, ref)
	})
}

// IsRole reports whether people can be appointed to a role.
func IsRole(r actor.Role) bool { return slices.Contains(roles, r) }
