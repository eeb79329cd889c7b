package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"yumen/db"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/backups"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
	"yumen/views/parts"
)

// adminAsk are the flags of yumen admin. None of them is a secret: a password
// comes by standard input.
type adminAsk struct {
	House, Mail, Name, Lang, Role, Session, Host, Block, Reason string
	NameZh, NameEn, AgencyZh, AgencyEn, Owner                   string
	Password                                                    bool
}

// verb is one word after yumen admin.
type verb struct {
	name  string
	flags []string
	write bool // changes something, and so wants a reason
	run   func(*admin, context.Context) error
}

// verbs are all of them, in the order in which a new installation needs them.
func verbs() []verb {
	return []verb{
		{"houses", nil, false, (*admin).houses},
		{"open-house", []string{"host", "name-zh", "name-en", "agency-zh", "agency-en", "owner", "lang"}, true, (*admin).openHouse},
		{"add-host", []string{"house", "host"}, true, (*admin).addHost},
		{"drop-host", []string{"house", "host"}, true, (*admin).dropHost},
		{"close-house", []string{"house"}, true, (*admin).closeHouse},
		{"reopen-house", []string{"house"}, true, (*admin).reopenHouse},
		{"people", []string{"house"}, false, (*admin).people},
		{"add-person", []string{"house", "mail", "name", "lang", "role", "password-stdin"}, true, (*admin).addPerson},
		{"appoint", []string{"house", "mail", "role"}, true, (*admin).appoint},
		{"dismiss", []string{"house", "mail", "role"}, true, (*admin).dismiss},
		{"set-password", []string{"house", "mail"}, true, (*admin).setPassword},
		{"reset-factor", []string{"house", "mail"}, true, (*admin).resetFactor},
		{"sessions", []string{"house", "mail"}, false, (*admin).sessions},
		{"revoke", []string{"house", "mail", "session"}, true, (*admin).revoke},
		{"blocks", []string{"house"}, false, (*admin).blocks},
		{"end-block", []string{"house", "block"}, true, (*admin).endBlock},
	}
}

func verbCalled(name string) (verb, bool) {
	list := verbs()
	i := slices.IndexFunc(list, func(v verb) bool { return v.name == name })
	if i < 0 {
		return verb{}, false
	}
	return list[i], true
}

// settings are the flags of one verb.
func (a *adminAsk) settings(name string) []setting {
	v, _ := verbCalled(name)
	all := []setting{
		{"house", text{&a.House}, "a host name of the house (default: the registrar's own)", false},
		{"mail", text{&a.Mail}, "mail address of the person", false},
		{"name", text{&a.Name}, "how the person is called", false},
		{"lang", text{&a.Lang}, "zh or en", false},
		{"role", text{&a.Role}, "reseller, reviewer, support, compliance, finance or admin; several with commas", false},
		{"session", text{&a.Session}, "number of one session (default: all)", false},
		{"block", text{&a.Block}, "reference of a block", false},
		{"host", text{&a.Host}, "host name; several with commas where a house is opened", false},
		{"name-zh", text{&a.NameZh}, "name of the house in Chinese", false},
		{"name-en", text{&a.NameEn}, "name of the house in English", false},
		{"agency-zh", text{&a.AgencyZh}, "whose agent the house is, in Chinese", false},
		{"agency-en", text{&a.AgencyEn}, "whose agent the house is, in English", false},
		{"owner", text{&a.Owner}, "mail address of the registrar's customer who runs the house", false},
		{"password-stdin", onOff{&a.Password}, "on: the password is the first line of standard input", false},
	}
	var out []setting
	for _, s := range all {
		if slices.Contains(v.flags, s.name) {
			out = append(out, s)
		}
	}
	if v.write {
		out = append(out, setting{"reason", text{&a.Reason}, "why; it goes into the audit", false})
	}
	return out
}

// admin is one call: what was asked, of which house, by whom.
type admin struct {
	adminAsk
	lang  string // of the operator
	d     *db.DB
	who   actor.Actor
	house accounts.House
	in    *bufio.Reader
	out   io.Writer
}

// operatorLang is the language of a terminal.
func operatorLang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return locales.Chinese
			}
			return locales.English
		}
	}
	return locales.English
}

// text is a message in the language of the operator.
func (a *admin) text(id string, args ...any) string { return inLang(a.lang, id, args...) }

func (a *admin) say(id string, args ...any) { fmt.Fprintln(a.out, a.text(id, args...)) }

func inLang(lang, id string, args ...any) string {
	return locales.T(locales.WithLang(context.Background(), lang), id, args...)
}

// listVerbs is yumen admin alone.
func listVerbs(_ context.Context, _ *config, _ []string, _ io.Reader, out io.Writer) error {
	lang := operatorLang()
	fmt.Fprintln(out, inLang(lang, "admin.usage"))
	for _, v := range verbs() {
		fmt.Fprintf(out, "  %-13s %s\n", v.name, inLang(lang, "admin.verb."+v.name))
	}
	return nil
}

// administer runs one verb, beside a running portal or without one. It never
// changes the schema: the portal that runs may be of the old one.
func administer(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (err error) {
	lang := operatorLang()
	v, ok := verbCalled(args[0])
	if !ok {
		_ = listVerbs(ctx, nil, nil, nil, errs)
		return errors.New(inLang(lang, "admin.no_verb", "Verb", args[0]))
	}
	c, rest, err := parse("yumen admin "+v.name, args[1:], environment, errs)
	if err != nil {
		return err
	}
	slog.SetDefault(logger(c, errs))
	if len(rest) > 0 { // a value without its flag could be a secret: it is not repeated
		return errors.New(inLang(lang, "admin.no_words"))
	}
	if v.write && strings.TrimSpace(c.Admin.Reason) == "" {
		return refusal{errors.New(inLang(lang, "admin.reason"))}
	}
	if err := backups.Unfinished(c.Data); err != nil {
		return err
	}
	d, err := openOld(ctx, c, calendar.NewClock(time.Now))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	newest, err := db.NewestSchema()
	if err != nil {
		return err
	}
	if at, err := d.Schema(ctx); err != nil {
		return err
	} else if at != newest {
		return refusal{errors.New(inLang(lang, "admin.schema", "Have", at, "Want", newest))}
	}
	a := &admin{adminAsk: c.Admin, lang: lang, d: d, in: bufio.NewReader(in), out: out}
	if err := a.enter(ctx, v); err != nil {
		return a.worded(err)
	}
	return a.worded(v.run(a, ctx))
}

// enter finds the house that is meant, and says who acts.
func (a *admin) enter(ctx context.Context, v verb) error {
	name := "?"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	a.who = actor.System(accounts.Root, "admin "+name, strings.TrimSpace(a.Reason))
	if !slices.Contains(v.flags, "house") {
		return nil
	}
	return a.d.Read(ctx, func(tx *db.Tx) error {
		houses, err := accounts.Houses(tx) // closed ones too: one may be opened again
		if err != nil {
			return err
		}
		want := accounts.FoldHost(a.House)
		for _, h := range houses {
			if a.House == "" && h.ID == accounts.Root || slices.Contains(h.Hosts, want) {
				a.house = h
				a.who = actor.System(h.ID, "admin "+name, strings.TrimSpace(a.Reason))
				return nil
			}
		}
		return refusal{errors.New(a.text("admin.no_house", "House", a.House))}
	})
}

// refusal is an error after which nothing was changed.
type refusal struct{ error }

func (r refusal) ExitCode() int { return exitRefused }

// worded says a problem in the language of the operator.
func (a *admin) worded(err error) error {
	p, ok := problem.As(err)
	if !ok {
		return err
	}
	var lines []string
	for _, f := range p.Fields {
		lines = append(lines, f.Field+": "+a.text(f.ID, f.Args...))
	}
	if len(lines) == 0 {
		lines = []string{parts.Said(locales.WithLang(context.Background(), a.lang), err)}
	}
	return refusal{errors.New(strings.Join(lines, "\n"))}
}

// password reads one from standard input.
func (a *admin) password() (string, error) {
	line, err := a.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", refusal{errors.New(a.text("admin.no_password"))}
	}
	return line, nil
}
