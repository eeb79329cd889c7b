package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/blocks"
	"yumen/registrar/problem"
)

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// houses prints every house as a JSON line.
func (a *admin) houses(ctx context.Context) error {
	enc := json.NewEncoder(a.out)
	return a.d.Read(ctx, func(tx *db.Tx) error {
		list, err := accounts.Houses(tx)
		if err != nil {
			return err
		}
		for _, h := range list {
			if err := enc.Encode(struct {
				ID     int64    `json:"id"`
				NameZh string   `json:"name_zh"`
				NameEn string   `json:"name_en"`
				Hosts  []string `json:"hosts"`
				Open   bool     `json:"open"`
				Since  string   `json:"since"`
			}{h.ID, h.NameZh, h.NameEn, h.Hosts, h.Open, stampOf(h.Opened)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// openHouse opens the registrar's own house, and after it those of agents.
func (a *admin) openHouse(ctx context.Context) error {
	f := accounts.HouseForm{NameZh: a.NameZh, NameEn: a.NameEn, AgencyZh: a.AgencyZh, AgencyEn: a.AgencyEn, Lang: a.Lang, Hosts: split(a.Host)}
	var have []accounts.House
	if err := a.d.Read(ctx, func(tx *db.Tx) (err error) {
		if have, err = accounts.Houses(tx); err != nil || a.Owner == "" {
			return err
		}
		p, err := accounts.PersonByMail(tx, a.who, a.Owner)
		f.Owner = p.Account
		return err
	}); err != nil {
		return err
	}
	var h accounts.House
	var err error
	if len(have) == 0 {
		h, err = accounts.EnsureRoot(ctx, a.d, f)
	} else {
		h, err = accounts.CreateHouse(ctx, a.d, a.who, f)
	}
	if err == nil {
		a.say("admin.house_open", "Host", h.Hosts[0])
	}
	return err
}

func (a *admin) addHost(ctx context.Context) error {
	return a.changed("admin.host_added", accounts.AddHost(ctx, a.d, a.who, a.Host), "Host", a.Host)
}

func (a *admin) dropHost(ctx context.Context) error {
	return a.changed("admin.host_dropped", accounts.DropHost(ctx, a.d, a.who, a.Host), "Host", a.Host)
}

func (a *admin) closeHouse(ctx context.Context) error {
	return a.changed("admin.house_closed", accounts.SetOpen(ctx, a.d, a.who, false))
}

func (a *admin) reopenHouse(ctx context.Context) error {
	return a.changed("admin.house_reopened", accounts.SetOpen(ctx, a.d, a.who, true))
}

// changed says what was done, unless it was not.
func (a *admin) changed(id string, err error, args ...any) error {
	if err == nil {
		a.say(id, args...)
	}
	return err
}

// people prints everybody of the house as a JSON line.
func (a *admin) people(ctx context.Context) error {
	enc := json.NewEncoder(a.out)
	for after := int64(0); ; {
		var list []accounts.Person
		if err := a.d.Read(ctx, func(tx *db.Tx) (err error) {
			list, err = accounts.People(tx, a.who, after, 500)
			return err
		}); err != nil || len(list) == 0 {
			return err
		}
		for _, p := range list {
			after = p.ID
			if err := enc.Encode(struct {
				Ref    string       `json:"ref"`
				Mail   string       `json:"mail"`
				Name   string       `json:"name"`
				Roles  []actor.Role `json:"roles"`
				Factor bool         `json:"second_factor"`
				Since  string       `json:"since"`
			}{p.Ref, p.Mail, p.Name, append([]actor.Role{}, p.Roles...), p.TOTP, stampOf(p.Joined)}); err != nil {
				return err
			}
		}
	}
}

// addPerson opens an account. Without a password of the operator's it has one
// that nobody knows: its owner sets their own with a code that is mailed.
func (a *admin) addPerson(ctx context.Context) error {
	password := rand.Text()
	if a.Password {
		var err error
		if password, err = a.password(); err != nil {
			return err
		}
	}
	for _, role := range split(a.Role) { // before anybody is there
		if !accounts.IsRole(actor.Role(role)) {
			return problem.New(problem.Invalid, "accounts.role_unknown")
		}
	}
	p, err := accounts.Open(ctx, a.d, a.who, accounts.PersonForm{Mail: a.Mail, Password: password, Name: a.Name, Lang: a.Lang})
	if err != nil {
		return err
	}
	a.say("admin.person_added", "Mail", p.Mail, "Ref", p.Ref)
	if err := a.roles(ctx, p, accounts.Appoint, "admin.appointed"); err != nil {
		return err
	}
	if !a.Password {
		a.say("admin.person_next", "Mail", p.Mail)
	}
	return nil
}

func (a *admin) appoint(ctx context.Context) error {
	p, err := a.person(ctx)
	if err != nil {
		return err
	}
	return a.roles(ctx, p, accounts.Appoint, "admin.appointed")
}

func (a *admin) dismiss(ctx context.Context) error {
	p, err := a.person(ctx)
	if err != nil {
		return err
	}
	return a.roles(ctx, p, accounts.Dismiss, "admin.dismissed")
}

// roles changes each role that was named; doing it again changes nothing.
func (a *admin) roles(ctx context.Context, p accounts.Person, change func(context.Context, *db.DB, actor.Actor, string, actor.Role, string) error, done string) error {
	for _, role := range split(a.Role) {
		if err := change(ctx, a.d, a.who, p.Ref, actor.Role(role), a.who.Why); err != nil {
			return err
		}
		a.say(done, "Mail", p.Mail, "Role", role)
	}
	return nil
}

// person is whom --mail names.
func (a *admin) person(ctx context.Context) (p accounts.Person, err error) {
	err = a.d.Read(ctx, func(tx *db.Tx) (err error) { p, err = accounts.PersonByMail(tx, a.who, a.Mail); return err })
	if problem.Is(err, "problem.not_found") {
		err = refusal{errors.New(a.text("admin.no_person", "Mail", a.Mail))}
	}
	return p, err
}

func (a *admin) setPassword(ctx context.Context) error {
	p, err := a.person(ctx)
	if err != nil {
		return err
	}
	password, err := a.password()
	if err != nil {
		return err
	}
	return a.changed("admin.password_set", accounts.SetPassword(ctx, a.d, a.who, p.Ref, password), "Mail", p.Mail)
}

func (a *admin) resetFactor(ctx context.Context) error {
	p, err := a.person(ctx)
	if err != nil {
		return err
	}
	return a.changed("admin.factor_reset", accounts.ResetFactor(ctx, a.d, a.who, p.Ref), "Mail", p.Mail)
}

// sessions prints where a person is signed in, a JSON line each.
func (a *admin) sessions(ctx context.Context) error {
	p, err := a.person(ctx)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(a.out)
	return a.d.Read(ctx, func(tx *db.Tx) error {
		list, err := accounts.SessionsOf(tx, a.who, p.Ref)
		if err != nil {
			return err
		}
		for _, s := range list {
			if err := enc.Encode(struct {
				Session string `json:"session"`
				Device  string `json:"device"`
				IP      string `json:"ip"`
				Began   string `json:"began"`
				Seen    string `json:"seen"`
				Ends    string `json:"ends"`
			}{strconv.FormatInt(s.ID, 10), s.Device, s.IP, stampOf(s.Began), stampOf(s.Seen), stampOf(s.Ends)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *admin) revoke(ctx context.Context) error {
	p, err := a.person(ctx)
	if err != nil {
		return err
	}
	id := int64(0)
	if a.Session != "" {
		if id, err = strconv.ParseInt(a.Session, 10, 64); err != nil || id <= 0 {
			return problem.New(problem.NotFound, "problem.not_found")
		}
	}
	n, err := accounts.RevokeOf(ctx, a.d, a.who, p.Ref, id)
	return a.changed("admin.revoked", err, "Mail", p.Mail, "Count", int(n))
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// mostBlocks are listed at once.
const mostBlocks = 1000

// blocks prints who is kept out of the house, and was, newest first, as JSON
// lines.
func (a *admin) blocks(ctx context.Context) error {
	enc := json.NewEncoder(a.out)
	return a.d.Read(ctx, func(tx *db.Tx) error {
		list, err := blocks.List(tx, a.who, 0, mostBlocks)
		if err != nil {
			return err
		}
		for _, b := range list {
			of := b.Label
			if b.Kind == blocks.Network {
				of = b.Network.String()
			}
			if err := enc.Encode(struct {
				Ref    string       `json:"ref"`
				Kind   blocks.Kind  `json:"kind"`
				Of     string       `json:"of"`
				Cause  blocks.Cause `json:"cause"`
				Reason string       `json:"reason"`
				Since  string       `json:"since"`
				Until  string       `json:"until"`
				Stands bool         `json:"stands"`
			}{b.Ref, b.Kind, of, b.Cause, b.Reason, stampOf(b.Since), stampOf(b.Until), b.Stands(tx.Now)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// endBlock lets somebody in again: the way out for staff who locked themselves
// out.
func (a *admin) endBlock(ctx context.Context) error {
	err := a.d.Write(ctx, func(tx *db.Tx) error { return blocks.End(tx, a.who, a.Block, a.Reason) })
	return a.changed("admin.block_ended", err, "Ref", a.Block)
}
