package public

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
	"yumen/views/parts"
	view "yumen/views/public"
)

// What is published for people is published for programs too: the same facts,
// in fields that stay (docs/operations.md lists them).

// fee is one row of the price list.
type fee struct {
	Ending    string `json:"ending"`
	ALabel    string `json:"a_label"`
	Service   string `json:"service"`
	First     string `json:"first"` // the first year, or the whole of a service without years; tax included
	Next      string `json:"next,omitempty"`
	Currency  string `json:"currency"`
	TaxRateBP int64  `json:"tax_rate_bp"`
	From      string `json:"from"`
	To        string `json:"to,omitempty"`
	Campaign  string `json:"campaign,omitempty"` // the first year is this campaign's; the normal row stands above

	// The rule for premium names, for programs and in words; absent where there
	// is none.
	PremiumBP   *int64 `json:"premium_markup_bp,omitempty"`
	PremiumRule string `json:"premium_rule,omitempty"`
}

// facts are what is published of one ending.
type facts struct {
	Ending         string     `json:"ending"`
	ALabel         string     `json:"a_label"`
	OnSale         bool       `json:"on_sale"`
	WhyNot         string     `json:"why_not,omitempty"` // a stable word
	Registry       string     `json:"registry,omitempty"`
	RegistryPermit string     `json:"registry_permit,omitempty"`
	PermitTo       string     `json:"registry_permit_to,omitempty"`
	Registrars     string     `json:"registrars_url,omitempty"`
	Mode           string     `json:"mode,omitempty"`
	Identity       string     `json:"identity"`
	Bundles        bool       `json:"bundles_variants"`
	Abroad         bool       `json:"cross_border"`
	MinYears       int64      `json:"min_years"`
	MaxYears       int64      `json:"max_years"`
	Grace          int64      `json:"grace_days"`
	Redemption     int64      `json:"redemption_days"`
	PendingDelete  int64      `json:"pending_delete_days"`
	Label          labelRules `json:"label"`
	Rules          *rulesText `json:"rules,omitempty"`
	Fees           []fee      `json:"fees"`
}

type labelRules struct {
	NeedsHan bool `json:"needs_han"`
	MinASCII int  `json:"min_ascii"`
	MaxASCII int  `json:"max_ascii"`
	MinHan   int  `json:"min_han"`
	MaxHan   int  `json:"max_han"`
}

type rulesText struct {
	Version string `json:"version"`
	From    string `json:"from"`
	Path    string `json:"path"`
}

// published are the facts of every ending of the house's window.
func published(ctx context.Context, tx *db.Tx, who actor.Actor) ([]facts, error) {
	all, err := catalogue.Window(tx, who.House)
	if err != nil {
		return nil, err
	}
	out := []facts{}
	for _, o := range all {
		f, err := factsOf(ctx, tx, who, o)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func factsOf(ctx context.Context, tx *db.Tx, who actor.Actor, o catalogue.Shown) (facts, error) {
	f := facts{Ending: o.ULabel, ALabel: o.ALabel, OnSale: o.WhyNot == nil, Identity: string(o.Identity), Bundles: o.Bundles, Abroad: o.CrossBorder,
		MinYears: o.MinYears, MaxYears: o.MaxYears, Grace: o.LifeCycle.Grace, Redemption: o.LifeCycle.Redemption, PendingDelete: o.LifeCycle.PendingDelete, Fees: []fee{}}
	if o.WhyNot != nil {
		f.WhyNot = o.WhyNot.Code
	}
	if !unpermitted(o.WhyNot) {
		f.Fees = feesOf(ctx, o.Offer)
	}
	l, found, err := permits.FindListing(tx, who.House, o.ALabel)
	if err != nil {
		return f, err
	}
	if found {
		f.Registry, f.RegistryPermit, f.Registrars, f.Mode = l.Registry.In(who.Lang), l.RegistryPermit, l.RegistrarsURL, string(l.Mode)
		f.PermitTo = dayText(l.RegistryPermitTo)
	}
	e, err := names.ParseEnding(o.ALabel)
	if err != nil {
		return f, err
	}
	rules, err := labels.Of(tx, e)
	if err != nil {
		return f, err
	}
	p := rules.Policy
	f.Label = labelRules{p.NeedsHan, p.MinASCII, p.MaxASCII, p.MinHan, p.MaxHan}
	t, err := texts.Current(tx, who.House, o.RulesKind)
	if _, missing := problem.As(err); missing {
		return f, nil
	}
	if err == nil {
		f.Rules = &rulesText{t.Number, t.PublishedAt.UTC().Format(time.RFC3339), "/texts/" + t.Kind}
	}
	return f, err
}

// unpermitted reports whether an ending is closed for want of a permit: then no
// price of it is shown (Order 43 art. 9).
func unpermitted(p *problem.Problem) bool {
	return p != nil && (p.Code == permits.NoPermit || p.Code == permits.PermitExpired)
}

func dayText(d calendar.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// rowsOf are the price rows of an ending in force, in the order of the law's
// list: the promotional one behind the one whose place it takes.
func rowsOf(o catalogue.Offer) (out []catalogue.Row) {
	for _, s := range permits.Services() {
		if r, ok := o.Rows[s]; ok {
			out = append(out, r)
		}
		if s == permits.Create && o.Promo.Promotional() {
			out = append(out, o.Promo)
		}
	}
	return out
}

// feesOf are all fees of an ending.
func feesOf(ctx context.Context, o catalogue.Offer) []fee {
	out := []fee{}
	for _, r := range rowsOf(o) {
		s := r.Service
		f := fee{Ending: o.ULabel, ALabel: o.ALabel, Service: string(s), First: r.First.Decimal(), Currency: r.First.Currency, TaxRateBP: r.TaxRateBP,
			From: r.From.UTC().Format(time.RFC3339), Campaign: r.Campaign}
		if s == permits.Create || s == permits.Renew {
			f.Next = r.Next.Decimal()
		}
		if r.Premium.Sold {
			f.PremiumBP, f.PremiumRule = &r.Premium.BP, premiumRule(ctx, r.Premium)
		}
		if !r.To.IsZero() {
			f.To = r.To.UTC().Format(time.RFC3339)
		}
		out = append(out, f)
	}
	return out
}

func (s *Shop) published(r *http.Request) (list []facts, err error) {
	who := web.Actor(r)
	who.Lang = web.Lang(r)
	err = s.DB.Read(r.Context(), func(tx *db.Tx) error {
		list, err = published(r.Context(), tx, who)
		return err
	})
	return list, err
}

func sendJSON(w http.ResponseWriter, name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", "inline; filename="+strconv.Quote(name))
	_, err = w.Write(append(text, '\n'))
	return err
}

// pricesJSON is the price list for programs.
func (s *Shop) pricesJSON(w http.ResponseWriter, r *http.Request) error {
	list, err := s.published(r)
	if err != nil {
		return err
	}
	all := []fee{}
	for _, f := range list {
		all = append(all, f.Fees...)
	}
	return sendJSON(w, "prices.json", map[string]any{"at": s.DB.Now().UTC().Format(time.RFC3339), "tax_included": true, "prices": all})
}

// pricesCSV is the price list for spreadsheets.
func (s *Shop) pricesCSV(w http.ResponseWriter, r *http.Request) error {
	list, err := s.published(r)
	if err != nil {
		return err
	}
	table := [][]string{{"ending", "a_label", "service", "first", "next", "currency", "tax_rate_bp", "from", "to", "campaign", "premium_markup_bp", "premium_rule"}}
	for _, f := range list {
		for _, p := range f.Fees {
			markup := ""
			if p.PremiumBP != nil {
				markup = strconv.FormatInt(*p.PremiumBP, 10)
			}
			table = append(table, []string{p.Ending, p.ALabel, p.Service, p.First, p.Next, p.Currency, strconv.FormatInt(p.TaxRateBP, 10), p.From, p.To, p.Campaign, markup, p.PremiumRule})
		}
	}
	return sendCSV(w, "prices.csv", table)
}

// endingsJSON is everything published of the endings.
func (s *Shop) endingsJSON(w http.ResponseWriter, r *http.Request) error {
	list, err := s.published(r)
	if err != nil {
		return err
	}
	return sendJSON(w, "endings.json", map[string]any{"at": s.DB.Now().UTC().Format(time.RFC3339), "endings": list})
}

// endingsCSV is the same without the fees, which prices.csv has.
func (s *Shop) endingsCSV(w http.ResponseWriter, r *http.Request) error {
	list, err := s.published(r)
	if err != nil {
		return err
	}
	table := [][]string{{"ending", "a_label", "on_sale", "why_not", "registry", "registry_permit", "registry_permit_to", "registrars_url", "mode", "identity", "bundles_variants", "cross_border",
		"min_years", "max_years", "grace_days", "redemption_days", "pending_delete_days", "needs_han", "min_ascii", "max_ascii", "min_han", "max_han", "rules_version", "rules_from"}}
	n := func(i int64) string { return strconv.FormatInt(i, 10) }
	b := strconv.FormatBool
	for _, f := range list {
		rules := rulesText{}
		if f.Rules != nil {
			rules = *f.Rules
		}
		table = append(table, []string{f.Ending, f.ALabel, b(f.OnSale), f.WhyNot, f.Registry, f.RegistryPermit, f.PermitTo, f.Registrars, f.Mode, f.Identity, b(f.Bundles), b(f.Abroad),
			n(f.MinYears), n(f.MaxYears), n(f.Grace), n(f.Redemption), n(f.PendingDelete), b(f.Label.NeedsHan), n(int64(f.Label.MinASCII)), n(int64(f.Label.MaxASCII)),
			n(int64(f.Label.MinHan)), n(int64(f.Label.MaxHan)), rules.Version, rules.From})
	}
	return sendCSV(w, "endings.csv", table)
}

// endings lists every ending with its terms.
func (s *Shop) endings(w http.ResponseWriter, r *http.Request) error {
	list, err := s.shelf.Window(r.Context(), s.DB, web.Actor(r).House)
	if err != nil {
		return err
	}
	var v view.Endings
	shown, _ := rows(r.Context(), list)
	for i, o := range list {
		v.Rows = append(v.Rows, view.EndingTerms{EndingRow: shown[i], Life: life(o.Offer), Least: int(o.MinYears)})
	}
	p := web.Frame(r, locales.T(r.Context(), "page.ending.index"))
	p.Nav = "prices"
	return web.Render(w, r, http.StatusOK, view.EndingsPage(p, v))
}

// premiumRule says a rule for premium names in words.
func premiumRule(ctx context.Context, m catalogue.Markup) string {
	return locales.T(ctx, "page.premium.rule", "Percent", m.Percent())
}

// feeRows are all fees of an ending as its page shows them.
func feeRows(ctx context.Context, o catalogue.Offer) []view.Fee {
	var out []view.Fee
	for _, r := range rowsOf(o) {
		s := r.Service
		f := view.Fee{Service: locales.T(ctx, "staff.service."+string(s)), First: parts.Amount(r.First), TaxPercent: strconv.FormatFloat(float64(r.TaxRateBP)/100, 'f', -1, 64), From: r.From}
		if s == permits.Create || s == permits.Renew {
			f.Next = parts.Amount(r.Next)
		}
		if r.Promotional() {
			f.Service, f.Was, f.Until = locales.T(ctx, "page.ending.promotional"), parts.Amount(o.Was()), r.To
		}
		if r.Premium.Sold {
			f.Premium = premiumRule(ctx, r.Premium)
		}
		out = append(out, f)
	}
	return out
}
