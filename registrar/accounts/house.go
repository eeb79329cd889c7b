package accounts

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

// Root is the registrar's own house.
const Root = actor.RootHouse

// House sells names under its own hosts.
type House struct {
	ID       int64     `db:"id"`
	Parent   int64     `db:"parent"`
	Owner    int64     `db:"owner"` // the account in the parent house that runs it; 0 for the root
	NameZh   string    `db:"name_zh"`
	NameEn   string    `db:"name_en"`
	AgencyZh string    `db:"agency_zh"` // whose agent it is; empty for the root
	AgencyEn string    `db:"agency_en"`
	Lang     string    `db:"lang"` // the language a visitor is met in
	Open     bool      `db:"open"`
	Opened   time.Time `db:"opened_at"`

	Hosts []string `db:"-"` // without port; the first is the one in mails
}

// Name is the house's name in one language.
func (h House) Name(lang string) string {
	if lang == "en" {
		return h.NameEn
	}
	return h.NameZh
}

// Agency is the statement whose agent the house is, which its pages must show
// (Order 43 Art. 20); empty for the root.
func (h House) Agency(lang string) string {
	if lang == "en" {
		return h.AgencyEn
	}
	return h.AgencyZh
}

// HouseForm is what it takes to open a house.
type HouseForm struct {
	NameZh, NameEn     string
	AgencyZh, AgencyEn string // both, except for the root
	Lang               string // "zh" or "en"; empty means zh
	Owner              int64  // an account of the root house; 0 for the root
	Hosts              []string
}

// EnsureRoot opens the registrar's own house if it is not there, and adds the
// hosts it does not have yet. It may be called at each start.
func EnsureRoot(ctx context.Context, d *db.DB, f HouseForm) (House, error) {
	who := actor.System(Root, "accounts", "set up")
	if err := checkHouse(&f, true); err != nil {
		return House{}, err
	}
	var h House
	err := d.Write(ctx, func(tx *db.Tx) error {
		defer forget(tx)
		_, err := selectHouse(tx, Root)
		if errors.Is(err, db.ErrNotFound) {
			if err := insertHouse(tx, House{ID: Root, NameZh: f.NameZh, NameEn: f.NameEn, Lang: f.Lang, Open: true, Opened: tx.Now}); err != nil {
				return err
			}
			if err := audit.Record(tx, who, audit.Entry{Act: "accounts.house_opened", Object: "house", Ref: "1", Reason: who.Why}); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		for i, host := range f.Hosts {
			if err := addHost(tx, Root, host, i == 0); err != nil {
				return err
			}
		}
		h, err = selectHouse(tx, Root)
		return err
	})
	return h, err
}

// CreateHouse opens a reseller's house under its own hosts. Refused when a
// host belongs to another house, or without the statement whose agent it is.
func CreateHouse(ctx context.Context, d *db.DB, who actor.Actor, f HouseForm) (House, error) {
	if !who.May(actor.ManagePeople) {
		return House{}, problem.New(problem.NotFound, "problem.not_found")
	}
	if err := checkHouse(&f, false); err != nil {
		return House{}, err
	}
	var h House
	err := d.Write(ctx, func(tx *db.Tx) error {
		defer forget(tx)
		if f.Owner != 0 {
			if _, err := selectAccount(tx, Root, f.Owner); err != nil {
				return notFound(err)
			}
		}
		h = House{ID: tx.NewID(), Parent: Root, Owner: f.Owner, NameZh: f.NameZh, NameEn: f.NameEn,
			AgencyZh: f.AgencyZh, AgencyEn: f.AgencyEn, Lang: f.Lang, Open: true, Opened: tx.Now}
		if err := insertHouse(tx, h); err != nil {
			return err
		}
		for i, host := range f.Hosts {
			if err := addHost(tx, h.ID, host, i == 0); err != nil {
				return err
			}
		}
		if err := audit.Record(tx, who, audit.Entry{Act: "accounts.house_opened", Object: "house", Ref: f.Hosts[0], Reason: who.Why}); err != nil {
			return err
		}
		var err error
		h, err = selectHouse(tx, h.ID)
		return err
	})
	return h, err
}

// recordHouse writes the audit row of an act upon a house.
func recordHouse(tx *db.Tx, who actor.Actor, act, ref string) error {
	return audit.Record(tx, who, audit.Entry{Act: act, Object: "house", Ref: ref, Reason: who.Why})
}

func checkHouse(f *HouseForm, root bool) error {
	var form problem.Form
	name := func(field, s string) {
		if n := utf8.RuneCountInString(strings.TrimSpace(s)); n == 0 || n > 60 {
			form.Add(field, "accounts.house_name")
		}
	}
	name("name_zh", f.NameZh)
	name("name_en", f.NameEn)
	if !root && (strings.TrimSpace(f.AgencyZh) == "" || strings.TrimSpace(f.AgencyEn) == "") {
		form.Add("agency", "accounts.house_agency")
	}
	if f.Lang == "" {
		f.Lang = "zh"
	}
	if f.Lang != "zh" && f.Lang != "en" {
		form.Add("lang", "accounts.lang_unknown")
	}
	f.Hosts = slices.Clone(f.Hosts)
	for i, host := range f.Hosts {
		f.Hosts[i] = FoldHost(host)
		if f.Hosts[i] == "" {
			form.Add("hosts", "accounts.house_host")
		}
	}
	if len(f.Hosts) == 0 {
		form.Add("hosts", "accounts.house_host")
	}
	return form.Err()
}

// FoldHost is a Host header as houses know it: lower case, A-labels, no port,
// no dot at the end. Empty for what is no host.
func FoldHost(host string) string {
	host = strings.TrimSpace(host)
	if h, port, err := net.SplitHostPort(host); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil && port != "" {
			return "" // addresses are made of it
		}
		host = h
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if ip := net.ParseIP(host); ip != nil {
		return ip.String()
	}
	ascii, err := idna.Lookup.ToASCII(strings.ToLower(host))
	if err != nil || len(ascii) > 253 || strings.ContainsAny(ascii, " /:@?#") {
		return ""
	}
	return ascii
}

// HouseByHost finds the house a host name belongs to. An unknown or closed one
// is not found: the request is answered 421.
func HouseByHost(tx *db.Tx, host string) (House, error) {
	h, err := selectHouseByHost(tx, FoldHost(host))
	if err != nil {
		return House{}, notFound(err)
	}
	if !h.Open {
		return House{}, problem.New(problem.NotFound, "problem.not_found")
	}
	return h, nil
}

// HouseByID finds a house, also a closed one.
func HouseByID(tx *db.Tx, id int64) (House, error) {
	h, err := selectHouse(tx, id)
	return h, notFound(err)
}

// Houses lists all houses, the root first.
func Houses(tx *db.Tx) ([]House, error) { return selectHouses(tx) }

// known keeps the answers of HouseOf for a few seconds; each page asks it. The
// hosts are as browsers write them.
type known struct {
	mu     sync.RWMutex
	byHost map[string]House
	till   time.Time
}

const (
	knownFor = 5 * time.Second // how long another process's change may go unseen
	knownMax = 1000            // hosts; a flood of invented ones cannot fill the memory
)

type knownKey struct{}

func knownOf(d *db.DB) *known {
	return db.Memory(d, knownKey{}, func() *known { return &known{} })
}

// forget drops what HouseOf remembers once a change is durable.
func forget(tx *db.Tx) {
	k := knownOf(tx.DB())
	tx.AfterCommit(func() { k.mu.Lock(); defer k.mu.Unlock(); k.byHost = nil })
}

// HouseOf is HouseByHost for requests: it remembers the answer for some
// seconds. An unknown host is never remembered.
func HouseOf(ctx context.Context, d *db.DB, host string) (House, error) {
	k, now := knownOf(d), d.Now()
	k.mu.RLock()
	h, ok := k.byHost[host]
	fresh := ok && now.Before(k.till)
	k.mu.RUnlock()
	if fresh {
		return h, nil
	}
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		h, err = HouseByHost(tx, host)
		return err
	})
	if err != nil {
		return House{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byHost == nil || !now.Before(k.till) || len(k.byHost) >= knownMax {
		k.byHost, k.till = map[string]House{}, now.Add(knownFor)
	}
	k.byHost[host] = h
	return h, nil
}

// notFound says a missing row the way people are told.
func notFound(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	return err
}
