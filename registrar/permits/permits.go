// Package permits answers "may we": whether a service for an ending may be
// sold by a house on this day, and what the law wants shown in public.
//
// MaySell is asked before every quote and every order. A refusal is a problem
// with a code that scripts and the API know:
//
//	NO_PERMIT               there is no permit (Order 43 art. 9)
//	PERMIT_EXPIRED          its last day has passed (art. 19)
//	ITEM_NOT_PERMITTED      the ending or service is not among its items (art. 25(2))
//	TLD_NOT_ANNOUNCED       the ending is not in the announced domain system (art. 5)
//	NO_AGREEMENT            no valid agreement with the registry or registrar (art. 25(1))
//	REGISTRY_NOT_PERMITTED  the registry holds no valid permit: nothing new (art. 25(2))
//	EXIT_MODE               the service is being ended: nothing new (art. 18)
//
// What a holder does with a name they have (name servers, locks, deletion,
// leaving) is no sale and is never asked here.
//
// Everything is kept by version with who and why. A house without records of
// its own stands under the root house's: a reseller sells under the
// registrar's permit.
//
// Facts: none. Pages ask Board, which notices every edit.
package permits

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// root is the registrar's own house; see registrar/accounts.
const root = 1

// Service is what can be sold for a name.
type Service string

// The services. There is none for leaving: a name moves out free of charge
// (Order 43 art. 34(2)).
const (
	Create      Service = "create"
	Renew       Service = "renew"
	TransferIn  Service = "transfer_in"
	OwnerChange Service = "owner_change"
	Restore     Service = "restore"
	Amend       Service = "amend"       // correct the holder's data
	Certificate Service = "certificate" // of registration, as a document
)

// Services lists them in the order of a price list.
func Services() []Service {
	return []Service{Create, Renew, TransferIn, Restore, OwnerChange, Amend, Certificate}
}

// brings reports whether a service makes us responsible for a name or a
// holder that we were not responsible for before.
func (s Service) brings() bool { return s == Create || s == TransferIn || s == OwnerChange }

// Mode is in which role a house sells an ending.
type Mode string

// As registrar with its own permit, or as agent of another registrar.
const (
	AsRegistrar Mode = "registrar"
	AsAgent     Mode = "agent"
)

// Text is one text in both languages.
type Text struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// In gives the text in a language; the Chinese one where there is no other.
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" {
		return t.En
	}
	return t.Zh
}

// Item is one permitted service item: an ending, with all services or the
// named ones.
type Item struct {
	Ending   string    `json:"ending"` // A-label
	Services []Service `json:"services,omitempty"`
}

// Permit is the domain registration service permit (域名注册服务机构许可).
type Permit struct {
	Version   int64
	Withdrawn bool // there is no permit any more
	Holder    Text
	Number    string // 京D3-20990001
	Issuer    Text
	Items     []Item
	Issued    calendar.Day
	Expires   calendar.Day // the last day it is valid
	ExitOn    calendar.Day // the announced end of the whole service; 0: none
}

// Valid reports whether the permit stands on a day.
func (p Permit) Valid(on calendar.Day) bool {
	return !p.Withdrawn && p.Number != "" && on >= p.Issued && on <= p.Expires
}

// Covers reports whether the items contain the service for the ending.
func (p Permit) Covers(ending string, s Service) bool {
	return slices.ContainsFunc(p.Items, func(i Item) bool {
		return i.Ending == ending && (len(i.Services) == 0 || slices.Contains(i.Services, s))
	})
}

// Listing is what stands behind one ending: registry, agreements, our role.
type Listing struct {
	Ending           string // A-label
	Version          int64
	Mode             Mode
	Announced        calendar.Day // in the announced domain system since; 0: not
	Registry         Text
	RegistryPermit   string
	RegistryPermitTo calendar.Day
	Agreement        string // with the registry; in agent mode with the registrar
	AgreementFrom    calendar.Day
	AgreementTo      calendar.Day

	// Agent mode: whose agent the house is (Order 43 arts. 20(2), 22(2)).
	Registrar         Text
	RegistrarPermit   string
	RegistrarPermitTo calendar.Day

	ExitOn calendar.Day // the announced end of this ending; 0: none

	// The registry's authorisation as its rules want it shown (.招聘 art. 8).
	Certificate string
	Hotline     string
	Mail        string

	RegistrarsURL string // where the registry lists its registrars (art. 22(1)); https, or empty
}

// MaySell returns nil when the house may sell the service for the ending (an
// A-label) on this day, else a Refused problem with one of the codes above.
func MaySell(tx *db.Tx, house int64, ending string, s Service) error {
	p, _, err := currentPermit(tx, house)
	if err != nil {
		return err
	}
	l, listed, err := currentListing(tx, house, ending)
	if err != nil {
		return err
	}
	if code := reason(p, l, listed, ending, s, calendar.DayOf(tx.Now)); code != "" {
		return problem.New(problem.Refused, "permits.refused."+strings.ToLower(code), "Ending", shown(ending)).WithCode(code)
	}
	return nil
}

// shown is an ending as people read it.
func shown(ending string) string {
	if e, err := names.ParseEnding(ending); err == nil {
		return e.U()
	}
	return ending
}

// The codes of MaySell.
const (
	NoPermit             = "NO_PERMIT"
	PermitExpired        = "PERMIT_EXPIRED"
	ItemNotPermitted     = "ITEM_NOT_PERMITTED"
	TLDNotAnnounced      = "TLD_NOT_ANNOUNCED"
	NoAgreement          = "NO_AGREEMENT"
	RegistryNotPermitted = "REGISTRY_NOT_PERMITTED"
	ExitMode             = "EXIT_MODE"
)

// reason is the first rule that stands against a sale, or empty.
func reason(p Permit, l Listing, listed bool, ending string, s Service, today calendar.Day) string {
	agent := listed && l.Mode == AsAgent
	switch {
	case agent && (l.Registrar.Zh == "" || l.RegistrarPermit == ""):
		return NoPermit
	case agent && l.RegistrarPermitTo < today:
		return PermitExpired
	case agent: // the agent needs no permit of its own, nor its items
	case p.Number == "" || p.Withdrawn || today < p.Issued:
		return NoPermit
	case p.Expires < today:
		return PermitExpired
	case !p.Covers(ending, s):
		return ItemNotPermitted
	}
	switch {
	case !listed || l.Announced == 0 || l.Announced > today:
		return TLDNotAnnounced
	case l.Agreement == "" || today < l.AgreementFrom || today > l.AgreementTo:
		return NoAgreement
	case s.brings() && (l.RegistryPermit == "" || l.RegistryPermitTo < today):
		return RegistryNotPermitted
	case s.brings() && (p.ExitOn != 0 || l.ExitOn != 0),
		p.ExitOn != 0 && p.ExitOn < today, l.ExitOn != 0 && l.ExitOn < today:
		return ExitMode
	}
	return ""
}

// DefaultExpiry is the date of expiry of a permit issued on a day, by the five
// years of Order 43 art. 16. Permits older than the order count from its first
// day (art. 58). The date printed on the document wins: this is a proposal.
func DefaultExpiry(issued calendar.Day) calendar.Day {
	return max(issued, calendar.Date(2017, 11, 1)).AddYears(5)
}

// permitNumber is how domain permits are numbered, such as 浙D3-20210002 or
// 粤D3.1-20240003.
var permitNumber = regexp.MustCompile(`^[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川蜀黔贵滇云陕甘陇青蒙桂藏宁新]D3(\.\d)?-\d{8}$`)

// SavePermit records a new version of the house's permit. freeNumber accepts a
// number that does not look like the known ones.
func SavePermit(tx *db.Tx, who actor.Actor, p Permit, freeNumber bool, why string) (version int64, err error) {
	if err := mayEdit(who, why); err != nil {
		return 0, err
	}
	var f problem.Form
	p.Number = strings.TrimSpace(p.Number)
	if !permitNumber.MatchString(p.Number) && (!freeNumber || p.Number == "") {
		f.Add("number", "permits.number_form")
	}
	need(&f, "holder_zh", p.Holder.Zh)
	need(&f, "issuer_zh", p.Issuer.Zh)
	need(&f, "issuer_en", p.Issuer.En)
	if p.Issued == 0 || p.Expires < p.Issued {
		f.Add("expires", "permits.dates")
	}
	if len(p.Items) == 0 {
		f.Add("items", "permits.field_needed")
	}
	for _, i := range p.Items {
		if i.Ending == "" {
			f.Add("items", "permits.field_needed")
		}
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	p.Withdrawn = false
	return addPermit(tx, who, p, why)
}

// WithdrawPermit records that the house has no permit any more: sales stop.
func WithdrawPermit(tx *db.Tx, who actor.Actor, why string) error {
	if err := mayEdit(who, why); err != nil {
		return err
	}
	_, err := addPermit(tx, who, Permit{Withdrawn: true}, why)
	return err
}

func addPermit(tx *db.Tx, who actor.Actor, p Permit, why string) (int64, error) {
	version, err := insertPermit(tx, who, p, why)
	if err != nil {
		return 0, err
	}
	return version, record(tx, who, "permits.permit_saved", "permit", p.Number, why)
}

// SaveListing records a new version of what stands behind an ending. Fields
// that are still missing may stay empty: then MaySell refuses.
func SaveListing(tx *db.Tx, who actor.Actor, l Listing, why string) (version int64, err error) {
	if err := mayEdit(who, why); err != nil {
		return 0, err
	}
	var f problem.Form
	need(&f, "ending", l.Ending)
	if l.Mode != AsRegistrar && l.Mode != AsAgent {
		f.Add("mode", "permits.field_needed")
	}
	if l.Agreement != "" && (l.AgreementFrom == 0 || l.AgreementTo < l.AgreementFrom) {
		f.Add("agreement_to", "permits.dates")
	}
	if l.Mode == AsAgent { // an agent names its registrar, or does not exist
		need(&f, "registrar_zh", l.Registrar.Zh)
		need(&f, "registrar_en", l.Registrar.En)
		need(&f, "registrar_permit", l.RegistrarPermit)
	}
	if u, err := url.Parse(l.RegistrarsURL); l.RegistrarsURL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
		f.Add("registrars_url", "permits.not_https")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	if version, err = insertListing(tx, who, l, why); err != nil {
		return 0, err
	}
	return version, record(tx, who, "permits.listing_saved", "ending", l.Ending, why)
}

// Current is the permit in force for a house; found is false when none was
// ever recorded.
func Current(tx *db.Tx, house int64) (p Permit, found bool, err error) {
	return currentPermit(tx, house)
}

// Version is a number that rises with every edit that concerns a house: for
// those who keep what they made of it.
func Version(tx *db.Tx, house int64) (int64, error) { return versionOf(tx, house) }

// Listings are the endings a house has records for, by their A-label.
func Listings(tx *db.Tx, house int64) ([]Listing, error) { return listings(tx, house) }

// FindListing is what stands behind one ending; found is false when nothing does.
func FindListing(tx *db.Tx, house int64, ending string) (l Listing, found bool, err error) {
	return currentListing(tx, house, ending)
}

func mayEdit(who actor.Actor, why string) error {
	if !who.May(actor.EditPermits) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if strings.TrimSpace(why) == "" {
		return &problem.Problem{Kind: problem.Invalid, ID: "problem.form", Args: []any{"Count", 1},
			Fields: []problem.FieldProblem{{Field: "reason", ID: "permits.reason_needed"}}}
	}
	return nil
}

func need(f *problem.Form, field, value string) {
	if strings.TrimSpace(value) == "" {
		f.Add(field, "permits.field_needed")
	}
}

func record(tx *db.Tx, who actor.Actor, act, object, ref, why string) error {
	return audit.Record(tx, who, audit.Entry{Act: act, Object: object, Ref: ref, Reason: why})
}
