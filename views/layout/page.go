// Package layout is the frame around every page: permit band, masthead, footer
// and, on the home page, the permit block and the complaint channels. What the
// law wants to be seen (Order 43 Art. 22 and 35, Order 33 Art. 13) is part of the
// frame, so that no page and no theme can drop it.
//
// Choose one frame for a page: Public for visitors, Console for signed-in work
// with its rail, Plain for paper. Each takes the page's content as children:
//
//	@layout.Public(p) {
//		<section class="wrap page">...</section>
//	}
package layout

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
)

// Page is what the frame must know of a request. Texts come in the language of
// the page; numbers of permits and filings are the same in both.
type Page struct {
	// Title is the page's own, without the house: "购物车". Never an identity
	// number, never a secret.
	Title string
	// Lang is "zh" or "en". The context must have been given the same by
	// locales.WithLang; empty takes the context's.
	Lang string
	// Theme is "light", "dark" or "" for the system's, from the cookie.
	Theme string
	// Path is the path and query of the request, without lang and theme. The
	// language and appearance links lead back to it. After a refused form it is
	// the address of the form.
	Path string
	// Nav is the current entry of the main navigation: "search", "prices",
	// "names", "orders", "profiles", "status", "help", "staff" or "".
	Nav string
	// Home puts the permit block, the complaint channels and the statement of
	// agency under the content.
	Home bool
	// House is whose site this is.
	House House
	// Viewer is who is looking; the zero value is a visitor.
	Viewer Viewer
	// Sandbox shows the banner that nothing here is real.
	Sandbox bool
	// Frozen is why nothing can be changed for now, a db.Trouble in words of its
	// own: "full", "read_only", "io", "corrupt", "away"; empty as a rule.
	Frozen string
	// CartCount is the number of names in the cart.
	CartCount int
	// Flash is what the step before has to say, shown once above the content.
	Flash []Flash
	// Rail is the navigation of a Console: CustomerRail, StaffRail or a page's own.
	Rail []RailGroup
	// Refresh, when not zero, asks the browser for the page again after so many
	// seconds if scripts are off. For pages that wait for somebody.
	Refresh int
	// NoIndex asks search engines to pass: results, receipts, everything signed-in.
	NoIndex bool
}

// House is whose site this is: the registrar's own or a reseller's.
type House struct {
	Name     string // as on the masthead: 域门
	NameSub  string // the small second name: Yumen
	HostBase string // scheme and host without a slash at the end: https://yumen.example.cn
	Company  string // the legal entity behind the site
	Address  string // its address
	Postcode string
	// Permit is nil while there is no valid one; then the frame says so.
	Permit *Permit
	// Agency is set on a reseller's site: the law wants it said (Art. 20 and 22(2)).
	Agency *Agency
	// Complaints are the house's own channels (Art. 35).
	Complaints Channels
	// ICP is the filing number of this site, 京ICP备12345678号-1, and
	// PublicSecurity 京公网安备11010102000001号; empty ones are left out.
	ICP, PublicSecurity string
	// Telecom is the number of the value-added telecom permit.
	Telecom string
	// LicenceURL shows the business licence (E-Commerce Law Art. 15).
	LicenceURL string
}

// Permit is what is published of the permit in force (Order 43 Art. 22(1)).
type Permit struct {
	No        string
	Holder    string
	Issuer    string
	Items     []string // endings with their dot, or service items in words
	From, To  time.Time
	LookupURL string // the authority's own lookup; empty means https://domain.miit.gov.cn/
	// Authorisations are the registry's letters that must be shown (Z-15).
	Authorisations []Authorisation
}

// Lookup is where anyone can check the permit.
func (p *Permit) Lookup() templ.SafeURL {
	if p.LookupURL == "" {
		return "https://domain.miit.gov.cn/"
	}
	return templ.URL(p.LookupURL)
}

// Authorisation is a registry's word that this registrar sells its ending.
type Authorisation struct {
	Ending  string // with its dot
	Text    string // certificate, hotline, mail
	ShowURL string // where the certificate can be seen; may be empty
}

// Agency is the relation of a reseller to its registrar.
type Agency struct {
	// Statement is the house's own statement; empty takes the standard one.
	Statement string
	Operator  string // who runs this site
	Registrar string // full name of the registrar
	PermitNo  string // the registrar's permit
	Number    string // of the agency authorisation
	ValidTo   time.Time
	VerifyURL string // on the registrar's own site
	Phone     string // the registrar's complaints line
	Endings   []string
}

// Say is the statement of agency.
func (a *Agency) Say(ctx context.Context) string {
	if a.Statement != "" {
		return a.Statement
	}
	return locales.T(ctx, "layout.agency.who", "Operator", a.Operator, "Registrar", a.Registrar, "Permit", a.PermitNo)
}

// Channels are the ways to complain to this house.
type Channels struct {
	Phone      string
	PhoneHours string // "全天有人值守"; may be empty
	Mail       string
	MailNote   string // "24 小时内确认受理"; may be empty
	Address    string
	Postcode   string
}

// Viewer is who looks at the page.
type Viewer struct {
	Name  string   // as shown: name or mail address; empty for a visitor
	Roles []string // "staff" for any of the staff's roles, "reseller"
	Staff bool     // has a desk
}

// SignedIn says whether there is anybody.
func (v Viewer) SignedIn() bool { return v.Name != "" }

// Initial is the letter in the round.
func (v Viewer) Initial() string {
	for _, r := range v.Name {
		return strings.ToUpper(string(r))
	}
	return ""
}

// Flash is one message carried over a redirect. Kind as in parts: "ok", "wait",
// "bad", "info".
type Flash struct{ Kind, Title, Text string }

// RailGroup is a titled group of links in the rail.
type RailGroup struct {
	Title string
	Links []RailLink
}

// RailLink is one entry of the rail.
type RailLink struct {
	Href    string
	Icon    string
	Label   string
	Count   string // how much waits there; may be empty
	Hot     bool   // something there is late
	Current bool
}

// title is that of the document.
func (p Page) title(ctx context.Context) string {
	if p.Title == "" {
		return p.House.Name
	}
	if p.House.Name == "" { // the host is nobody's
		return p.Title
	}
	return locales.T(ctx, "layout.title", "Page", p.Title, "House", p.House.Name)
}

// frozenCause says to staff what has to be mended.
func (p Page) frozenCause(ctx context.Context) string {
	switch p.Frozen {
	case "full":
		return locales.T(ctx, "layout.frozen_full")
	case "read_only":
		return locales.T(ctx, "layout.frozen_read_only")
	case "corrupt":
		return locales.T(ctx, "layout.frozen_corrupt")
	case "away":
		return locales.T(ctx, "layout.frozen_away")
	}
	return locales.T(ctx, "layout.frozen_io")
}

// tag gives the language of the page as browsers write it.
func (p Page) tag(ctx context.Context) string {
	if p.Lang != "" {
		ctx = locales.WithLang(ctx, p.Lang)
	}
	return locales.Tag(ctx)
}

// with is this page's address with one thing chosen (lang or theme).
func (p Page) with(key, value string) templ.SafeURL {
	path, query, _ := strings.Cut(p.Path, "?")
	if path == "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		path = "/"
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Del("lang")
	values.Del("theme")
	values.Set(key, value)
	return templ.SafeURL(path + "?" + values.Encode())
}

// navEntry is one entry of the main navigation.
type navEntry struct{ key, href, label string }

func (p Page) nav(ctx context.Context) []navEntry {
	entries := []navEntry{{"search", "/search", locales.T(ctx, "layout.nav.search")}}
	if p.Viewer.SignedIn() {
		entries = append(entries,
			navEntry{"names", "/names", locales.T(ctx, "layout.nav.names")},
			navEntry{"orders", "/orders", locales.T(ctx, "layout.nav.orders")},
			navEntry{"profiles", "/profiles", locales.T(ctx, "layout.nav.profiles")})
	} else {
		entries = append(entries,
			navEntry{"prices", "/prices", locales.T(ctx, "layout.nav.prices")},
			navEntry{"status", "/status", locales.T(ctx, "layout.nav.status")})
	}
	entries = append(entries, navEntry{"help", "/help", locales.T(ctx, "layout.nav.help")})
	if p.Viewer.Staff {
		entries = append(entries, navEntry{"staff", "/staff", locales.T(ctx, "layout.nav.staff")})
	}
	return entries
}

// CustomerRail is the rail of someone who holds names. current is one of names,
// orders, cart, reviews, profiles, wallet, notices, account; counts are shown beside the
// entry of the same key when not zero.
func CustomerRail(ctx context.Context, current string, counts map[string]int) []RailGroup {
	link := func(key, href, icon, label string) RailLink {
		return RailLink{Href: href, Icon: icon, Label: label, Count: figure(ctx, counts[key]), Current: key == current}
	}
	return []RailGroup{
		{locales.T(ctx, "layout.rail.domains"), []RailLink{
			link("names", "/names", "globe", locales.T(ctx, "layout.rail.names")),
			link("orders", "/orders", "list", locales.T(ctx, "layout.rail.orders")),
			link("cart", "/cart", "cart", locales.T(ctx, "layout.rail.cart")),
			link("reviews", "/reviews", "flag", locales.T(ctx, "layout.rail.name_reviews")),
		}},
		{locales.T(ctx, "layout.rail.records"), []RailLink{
			link("profiles", "/profiles", "user", locales.T(ctx, "layout.rail.profiles")),
			link("wallet", "/wallet", "wallet", locales.T(ctx, "layout.rail.wallet")),
			link("notices", "/notices", "mail", locales.T(ctx, "layout.rail.notices")),
		}},
		{locales.T(ctx, "layout.rail.security"), []RailLink{
			link("account", "/account", "shield", locales.T(ctx, "layout.rail.account")),
		}},
	}
}

// StaffRail is the rail of the staff. may says for each key whether this person
// has the right to it: reviews, complaints, desk, approvals, permits, duties,
// campaigns, orders, refunds, registries, comparisons, jobs, audit. hot marks what is late.
func StaffRail(ctx context.Context, current string, may map[string]bool, counts map[string]int, hot map[string]bool) []RailGroup {
	groups := []RailGroup{
		{locales.T(ctx, "layout.rail.intake"), []RailLink{
			{Href: "/staff/reviews", Icon: "eye", Label: locales.T(ctx, "layout.rail.reviews")},
			{Href: "/staff/complaints", Icon: "flag", Label: locales.T(ctx, "layout.rail.complaints")},
			{Href: "/staff/desk", Icon: "list", Label: locales.T(ctx, "layout.rail.desk")},
			{Href: "/staff/approvals", Icon: "users", Label: locales.T(ctx, "layout.rail.approvals")},
		}},
		{locales.T(ctx, "layout.rail.compliance"), []RailLink{
			{Href: "/staff/duties", Icon: "shield", Label: locales.T(ctx, "layout.rail.duties")},
			{Href: "/staff/permits", Icon: "cert", Label: locales.T(ctx, "layout.rail.permits")},
			{Href: "/staff/names", Icon: "globe", Label: locales.T(ctx, "layout.rail.names_rules")},
			{Href: "/notice", Icon: "print", Label: locales.T(ctx, "layout.rail.notice")},
		}},
		{locales.T(ctx, "layout.rail.running"), []RailLink{
			{Href: "/staff/orders", Icon: "list", Label: locales.T(ctx, "layout.rail.staff_orders")},
			{Href: "/staff/campaigns", Icon: "flag", Label: locales.T(ctx, "layout.rail.campaigns")},
			{Href: "/staff/refunds", Icon: "wallet", Label: locales.T(ctx, "layout.rail.refunds")},
			{Href: "/staff/registries", Icon: "dns", Label: locales.T(ctx, "layout.rail.registries")},
			{Href: "/staff/comparisons", Icon: "renew", Label: locales.T(ctx, "layout.rail.comparisons")},
			{Href: "/staff/jobs", Icon: "pause", Label: locales.T(ctx, "layout.rail.jobs")},
			{Href: "/staff/blocks", Icon: "lock", Label: locales.T(ctx, "layout.rail.blocks")},
			{Href: "/staff/audit", Icon: "history", Label: locales.T(ctx, "layout.rail.audit")},
		}},
	}
	kept := groups[:0]
	for _, g := range groups {
		links := g.Links[:0]
		for _, l := range g.Links {
			key := l.Href[strings.LastIndex(l.Href, "/")+1:]
			if key != "notice" && !may[key] {
				continue
			}
			l.Count, l.Hot, l.Current = figure(ctx, counts[key]), hot[key], key == current
			links = append(links, l)
		}
		if len(links) > 0 {
			g.Links = links
			kept = append(kept, g)
		}
	}
	return kept
}

func figure(ctx context.Context, n int) string {
	if n == 0 {
		return ""
	}
	return locales.Number(ctx, int64(n))
}

// comma is what follows entry i of n in a list.
func comma(ctx context.Context, i, n int) string {
	if i == n-1 {
		return ""
	}
	return locales.Comma(ctx)
}
