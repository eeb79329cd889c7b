package accounts

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

// Person is somebody who can sign in, as pages show them.
type Person struct {
	ID        int64
	Account   int64
	Ref       string
	Mail      string
	Name      string // may be empty
	Lang      string // chosen; empty: as the browser asks
	TOTP      bool   // has a second factor
	CodesLeft int64
	Password  time.Time // since when
	Joined    time.Time
	Roles     []actor.Role
}

// Contact is where an account's letters go.
type ContactAt struct {
	House  int64
	Person int64
	Email  string
	Lang   string // "zh" or "en"
	Name   string // may be empty
}

// Contact finds where an account's letters go: its owner. For flows that run
// by themselves.
func Contact(tx *db.Tx, account int64) (ContactAt, error) {
	p, err := selectOwner(tx, account)
	if err != nil {
		return ContactAt{}, notFound(err)
	}
	return ContactAt{House: p.House, Person: p.ID, Email: p.Mail, Lang: p.speaks(), Name: p.Name}, nil
}

// AccountRef is the short reference of an account, for exports and staff.
func AccountRef(tx *db.Tx, house, id int64) (string, error) {
	a, err := selectAccount(tx, house, id)
	return a.Ref, notFound(err)
}

// speaks is the language of letters to a person.
func (p person) speaks() string { return cmp.Or(p.Lang, p.LangLast, "zh") }

// Me is the person who asks.
func Me(ctx context.Context, d *db.DB, who actor.Actor) (Person, error) {
	if !who.SignedIn() {
		return Person{}, problem.New(problem.SignIn, "problem.sign_in")
	}
	var out Person
	err := d.Read(ctx, func(tx *db.Tx) error {
		p, err := selectPerson(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		out, err = show(tx, p)
		return err
	})
	return out, err
}

// People lists the people of the house for its administrators, page by page:
// after is the last id seen, 0 to begin.
func People(tx *db.Tx, who actor.Actor, after int64, limit int) ([]Person, error) {
	if !who.May(actor.ManagePeople) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	rows, err := selectPeople(tx, who.House, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Person, len(rows))
	for i, p := range rows {
		if out[i], err = show(tx, p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func show(tx *db.Tx, p person) (Person, error) {
	out := Person{ID: p.ID, Account: p.Account, Ref: p.Ref, Mail: p.Mail, Name: p.Name, Lang: p.Lang, TOTP: p.TOTP != "",
		Password: p.PasswordAt, Joined: p.Joined}
	var err error
	if out.CodesLeft, err = recoveryCodesLeft(tx, p.House, p.ID); err != nil {
		return out, err
	}
	out.Roles, err = selectRoles(tx, p.House, p.ID)
	return out, err
}

// PersonByMail finds a person of the house by their address, for its
// administrators.
func PersonByMail(tx *db.Tx, who actor.Actor, address string) (Person, error) {
	if !who.May(actor.ManagePeople) {
		return Person{}, problem.New(problem.NotFound, "problem.not_found")
	}
	_, key, ok := readMail(address)
	if !ok {
		return Person{}, problem.New(problem.NotFound, "problem.not_found")
	}
	p, err := selectPersonByMail(tx, who.House, key)
	if err != nil {
		return Person{}, notFound(err)
	}
	return show(tx, p)
}

// PersonForm is a person whom the program or an administrator enters: the
// first administrator, the cast of the sandbox.
type PersonForm struct{ Mail, Password, Name, Lang string } // Lang as in Person

// Open enters a person with an account of their own, without a mailed code.
// A mail address that the house knows already is a conflict.
func Open(ctx context.Context, d *db.DB, who actor.Actor, f PersonForm) (Person, error) {
	if !who.May(actor.ManagePeople) {
		return Person{}, problem.New(problem.NotFound, "problem.not_found")
	}
	var form problem.Form
	mail, key := checkMail(&form, "mail", f.Mail)
	checkPassword(&form, "password", f.Password, f.Mail)
	name := checkName(&form, "name", f.Name)
	lang := checkLang(&form, "lang", f.Lang)
	if err := form.Err(); err != nil {
		return Person{}, err
	}
	phc, err := hashPassword(ctx, f.Password)
	if err != nil {
		return Person{}, err
	}
	var out Person
	err = d.Write(ctx, func(tx *db.Tx) error {
		p, err := open(tx, who, person{Mail: mail, MailKey: key, Name: name, Lang: lang, LangLast: cmp.Or(lang, "zh"), Password: phc})
		if err != nil {
			return err
		}
		out, err = show(tx, p)
		return err
	})
	return out, err
}

// open makes the account and its first person.
func open(tx *db.Tx, who actor.Actor, p person) (person, error) {
	p.ID, p.House, p.Account, p.Ref = tx.NewID(), who.House, tx.NewID(), db.NewRef()
	p.PasswordAt, p.Joined = tx.Now, tx.Now
	if err := insertAccount(tx, account{ID: p.Account, House: p.House, Ref: db.NewRef(), Owner: p.ID, Opened: tx.Now}); err != nil {
		return p, err
	}
	if err := insertPerson(tx, p); err != nil {
		if db.IsUnique(err) {
			return p, problem.New(problem.Conflict, "accounts.mail_taken")
		}
		return p, err
	}
	if !who.SignedIn() && !who.IsSystem() {
		who = asPerson(who, p)
	}
	return p, record(tx, who, "accounts.opened", p, nil)
}

// SetSettings changes what a person is called and which language we speak to
// them; an empty one follows their browser.
func SetSettings(ctx context.Context, d *db.DB, who actor.Actor, name, lang string) error {
	if !who.SignedIn() {
		return problem.New(problem.SignIn, "problem.sign_in")
	}
	var form problem.Form
	name = checkName(&form, "name", name)
	lang = checkLang(&form, "lang", lang)
	if err := form.Err(); err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		p, err := selectPerson(tx, who.House, who.Person)
		if err != nil {
			return notFound(err)
		}
		if p.Name == name && p.Lang == lang {
			return nil
		}
		if err := updateSettings(tx, p.House, p.ID, name, lang); err != nil {
			return err
		}
		return record(tx, who, "accounts.settings_changed", p, map[string]string{"lang": lang})
	})
}

// SetLang is SetSettings for the language alone.
func SetLang(ctx context.Context, d *db.DB, who actor.Actor, lang string) error {
	me, err := Me(ctx, d, who)
	if err != nil {
		return err
	}
	return SetSettings(ctx, d, who, me.Name, lang)
}

func checkName(f *problem.Form, field, name string) string {
	name = strings.TrimSpace(norm.NFC.String(name))
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 60 || strings.ContainsAny(name, "\r\n\t<>") {
		f.Add(field, "accounts.name_letters")
	}
	return name
}

func checkLang(f *problem.Form, field, lang string) string {
	if lang != "" && lang != "zh" && lang != "en" {
		f.Add(field, "accounts.lang_unknown")
	}
	return lang
}

var roles = []actor.Role{actor.Reseller, actor.Reviewer, actor.Support, actor.Compliance, actor.Finance, actor.Admin}

// Appoint gives a person of the house a role. Nobody appoints themself.
func Appoint(ctx context.Context, d *db.DB, who actor.Actor, ref string, role actor.Role, reason string) error {
	return appoint(ctx, d, who, ref, role, reason, func(tx *db.Tx, p person) (bool, error) {
		held, err := selectRoles(tx, p.House, p.ID)
		if err != nil || slices.Contains(held, role) {
			return false, err
		}
		return true, insertRole(tx, p.House, p.ID, role, who.Person, reason)
	}, "accounts.appointed")
}

// Dismiss takes a role back; the person's sessions end, so that nothing opened
// under it goes on.
func Dismiss(ctx context.Context, d *db.DB, who actor.Actor, ref string, role actor.Role, reason string) error {
	return appoint(ctx, d, who, ref, role, reason, func(tx *db.Tx, p person) (bool, error) {
		done, err := endRole(tx, p.House, p.ID, role, who.Person)
		if err != nil || !done {
			return false, err
		}
		_, err = endOtherSessions(tx, p.House, p.ID, 0, "role")
		return true, err
	}, "accounts.dismissed")
}

func appoint(ctx context.Context, d *db.DB, who actor.Actor, ref string, role actor.Role, reason string,
	change func(tx *db.Tx, p person) (bool, error), act string) error {
	if !who.May(actor.ManagePeople) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	var form problem.Form
	if !slices.Contains(roles, role) {
		form.Add("role", "accounts.role_unknown")
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		form.Add("reason", "accounts.reason_missing")
	}
	if err := form.Err(); err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := RequireStepUp(tx, who); err != nil {
			return err
		}
		p, err := selectPersonByRef(tx, who.House, db.FoldRef(ref))
		if err != nil {
			return notFound(err)
		}
		if p.ID == who.Person {
			return problem.New(problem.Refused, "accounts.not_yourself")
		}
		changed, err := change(tx, p)
		if err != nil || !changed {
			return err
		}
		acting := who
		acting.Why = reason
		return record(tx, acting, act, p, map[string]string{"role": string(role)})
	})
}

// record writes the audit row of an act upon a person.
func record(tx *db.Tx, who actor.Actor, act string, p person, details map[string]string) error {
	return audit.Record(tx, who, audit.Entry{Act: act, Object: "person", Ref: p.Ref, Reason: who.Why, Details: details})
}

// asPerson is the visitor once we know who they are, for the audit.
func asPerson(who actor.Actor, p person) actor.Actor {
	who.Person, who.Account, who.Name = p.ID, p.Account, MaskMail(p.Mail)
	return who
}

func splitIDs(s string) ([]int64, error) {
	var out []int64
	for _, f := range strings.Fields(s) {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func joinIDs(ids []int64) string {
	var parts []string
	for _, id := range ids {
		parts = append(parts, strconv.FormatInt(id, 10))
	}
	return strings.Join(parts, " ")
}
