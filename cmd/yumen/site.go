package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"yumen/db"
	"yumen/docs"
	"yumen/handlers"
	"yumen/handlers/web"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/registrations"
	"yumen/registrar/search"
	"yumen/views/mail"
)

// handler puts the pages on the parts that open made.
func (p *portal) handler() (http.Handler, error) {
	base, err := url.Parse(p.base)
	if err != nil {
		return nil, err
	}
	proxies, err := networks(p.cfg.Proxies)
	if err != nil {
		return nil, err
	}
	bank, err := url.Parse(p.world.Cashier.BaseURL)
	if err != nil {
		return nil, err
	}
	board := &permits.Board{}
	site, err := web.New(web.Config{
		DB: p.db, Sessions: p.sessions, BaseURL: base, Log: p.log.With("part", "web"), Now: time.Now, Sandbox: true,
		Proxies: proxies, FormTargets: []string{bank.Scheme + "://" + bank.Host}, RatesOff: p.cfg.Limits == "off",
		Notice: board.Notice, CartCount: p.cartCount,
	})
	if err != nil {
		return nil, err
	}
	p.site = site
	finder := &search.Finder{DB: p.db, Checker: p.registries, Held: held}
	p.runs = &search.Runs{DB: p.db, Finder: finder, Log: p.log.With("part", "lists")}
	p.onEnd(p.runs.Close)
	logins, err := castLogins(context.Background(), p.db)
	if err != nil {
		return nil, err
	}
	return handlers.New(handlers.Deps{
		DB: p.db, Site: site, Registries: p.registries, Cashier: p.cashier, Papers: p.papers, Log: p.log, Duties: docs.Duties, DutyText: docs.DutyText,
		Finder: finder, Runs: p.runs, Ready: p.ready, Cast: logins,
	}), nil
}

// held reports whether a name is registered with us or on its way.
func held(tx *db.Tx, n names.Name) (search.Holding, error) {
	switch by, ok, err := registrations.Holding(tx, n); {
	case err != nil || !ok:
		return search.NotHeld, err
	case by.NameA == n.A():
		return search.HeldItself, nil
	}
	return search.HeldByVariant, nil
}

// ready fails while the database does not answer.
func (p *portal) ready(ctx context.Context) error {
	if err := p.db.Ping(ctx); err != nil {
		p.log.Error("not ready", "err", err)
		return errors.New("the database does not answer")
	}
	return nil
}

func (p *portal) cartCount(ctx context.Context, who actor.Actor) (int, error) {
	n := 0
	err := p.db.Read(ctx, func(tx *db.Tx) (err error) {
		n, err = orders.CartCount(tx, who)
		return err
	})
	return n, err
}

// letter makes the letter of a notice in the name of its house.
func (p *portal) letter(lang, message string, args map[string]string, house int64) (notices.Letter, error) {
	var h accounts.House
	var n permits.PublicNotice
	if err := p.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		if h, err = accounts.HouseByID(tx, house); err != nil {
			return err
		}
		n, err = permits.Notice(tx, house)
		return err
	}); err != nil {
		return notices.Letter{}, err
	}
	from := mail.House{Name: h.Name(lang), Company: n.Company.In(lang), Base: p.baseOf(h), Agency: h.Agency(lang), Telephone: n.ComplaintPhone}
	if n.HasOwn && n.Valid {
		from.Permit = n.Permit.Number
	}
	l, err := mail.Render(lang, message, args, from)
	return notices.Letter{FromName: from.Name, Subject: l.Subject, Text: l.Text, HTML: l.HTML}, err
}

// baseOf is where a house is reached: the root at the base URL, others under
// their own host with the same scheme and port.
func (p *portal) baseOf(h accounts.House) string {
	if h.ID == accounts.Root || len(h.Hosts) == 0 {
		return p.base
	}
	u, err := url.Parse(p.base)
	if err != nil {
		return p.base
	}
	host := h.Hosts[0]
	if u.Port() != "" {
		host += ":" + u.Port()
	}
	return u.Scheme + "://" + host
}

// networks reads the list of trusted proxies; a single address is a network
// of one.
func networks(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, fmt.Errorf("--trusted-proxies: %q is neither an address nor a network", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}
