package public

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

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

// Papers are what a house has to publish: texts, the notice for the premises,
// help.
type Papers struct {
	DB   *db.DB
	Shop *Shop
}

// Routes mounts the pages.
func (p *Papers) Routes(r chi.Router) {
	r.Get("/notice", web.H(p.notice))
	r.Get("/texts/{kind}", web.H(p.text))
	r.Get("/help", web.H(web.Keep(nil, p.help)))
	r.Get("/help/{slug}", web.H(web.Keep(nil, p.helpTopic)))
}

// notice is one sheet of A4 for the premises (Order 43 Arts. 22, 35).
func (p *Papers) notice(w http.ResponseWriter, r *http.Request) error {
	var n view.Notice
	var err error
	if n.Rows, _, err = p.Shop.window(r.Context(), web.Actor(r).House); err != nil {
		return err
	}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		answer, err := calendar.Policy(tx, "complaints.answer", "")
		n.Answer = span(r.Context(), answer)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, view.NoticePage(web.Frame(r, locales.T(r.Context(), "page.notice.title")), n))
}

// text shows an agreement, a privacy notice or an ending's rules: the version
// in force, or an older one by ?version=.
func (p *Papers) text(w http.ResponseWriter, r *http.Request) error {
	who, lang := web.Actor(r), web.Lang(r)
	var v texts.Version
	var all []texts.Version
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v, err = texts.Current(tx, who.House, chi.URLParam(r, "kind")); err != nil {
			return err
		}
		all, err = texts.History(tx, v.House, v.Kind, 50)
		return err
	})
	if err != nil {
		return err
	}
	for _, old := range all {
		if old.Number == r.URL.Query().Get("version") {
			v = old
		}
	}
	t := view.TextPage{Title: v.Title(lang), Version: v.Number, From: v.PublishedAt, Blocks: view.Blocks(v.Blocks(lang))}
	for _, old := range all {
		if old.ID != v.ID {
			t.Older = append(t.Older, view.DocumentLink{Title: old.Number, Note: locales.Date(r.Context(), old.PublishedAt),
				Href: templ.SafeURL("/texts/" + v.Kind + "?version=" + old.Number)})
		}
	}
	return web.Render(w, r, http.StatusOK, view.TextPageView(web.Frame(r, t.Title), t))
}

func (p *Papers) help(w http.ResponseWriter, r *http.Request) error {
	f := web.Frame(r, locales.T(r.Context(), "page.help.title"))
	f.Nav = "help"
	return web.Render(w, r, http.StatusOK, view.HelpIndex(f, view.HelpTopics(r.Context())))
}

func (p *Papers) helpTopic(w http.ResponseWriter, r *http.Request) error {
	t, ok := view.HelpTopicOf(r.Context(), chi.URLParam(r, "slug"))
	if !ok {
		return web.Lost(w, r)
	}
	f := web.Frame(r, t.Title)
	f.Nav = "help"
	return web.Render(w, r, http.StatusOK, view.HelpPage(f, t, view.HelpTopics(r.Context())))
}

// endingView is everything published of one ending (M-28, M-30, M-42).
func (s *Shop) endingView(ctx context.Context, tx *db.Tx, who actor.Actor, o catalogue.Offer) (view.Ending, error) {
	v := view.Ending{Row: endingRow(ctx, o), Life: life(o), Least: int(o.MinYears), Fees: feeRows(ctx, o)}
	if o.ALabel != o.ULabel {
		v.A = "." + o.ALabel
	}
	if err := permits.MaySell(tx, who.House, o.ALabel, permits.Create); err != nil {
		p, ok := problem.As(err)
		if !ok {
			return v, err
		}
		v.Row.OnSale, v.Row.WhyNot = false, locales.T(ctx, p.ID, p.Args...)
		if unpermitted(p) {
			v.Row.Prices, v.Row.MoveIn, v.Row.Premium, v.Fees = parts.Prices{}, parts.Money{}, "", nil
		}
	}
	l, found, err := permits.FindListing(tx, who.House, o.ALabel)
	if err != nil {
		return v, err
	}
	lang := locales.Lang(ctx)
	if found {
		v.Registry, v.Agent, v.Registrar = l.Registry.In(lang), l.Mode == permits.AsAgent, l.Registrar.In(lang)
		fact := func(id, text string) {
			if text != "" {
				v.Facts = append(v.Facts, parts.Fact{Term: locales.T(ctx, id), Text: text})
			}
		}
		v.List = templ.SafeURL(l.RegistrarsURL) // https, see permits.SaveListing
		permit := l.RegistryPermit
		if permit != "" && l.RegistryPermitTo != 0 {
			permit = locales.T(ctx, "page.ending.permit_until", "Number", permit, "Date", l.RegistryPermitTo.String())
		}
		fact("page.ending.registry_permit", permit)
		fact("page.ending.authorisation", l.Certificate)
		fact("page.ending.hotline", strings.TrimSpace(l.Hotline+" "+l.Mail))
	}
	v.Needs = needs(ctx, o)
	if err := labelsOf(ctx, tx, o, &v); err != nil {
		return v, err
	}
	for _, kind := range []string{o.RulesKind, texts.Agreement, texts.Privacy} {
		t, err := texts.Current(tx, who.House, kind)
		if _, missing := problem.As(err); missing {
			continue
		}
		if err != nil {
			return v, err
		}
		v.Rules = append(v.Rules, view.DocumentLink{Title: t.Title(lang), Href: templ.SafeURL("/texts/" + t.Kind),
			Note: t.Number + " · " + locales.Date(ctx, t.PublishedAt)})
	}
	return v, nil
}

// labelsOf says what labels the ending allows now, and shows by an example what
// is reserved with a name.
func labelsOf(ctx context.Context, tx *db.Tx, o catalogue.Offer, v *view.Ending) error {
	n, _, err := names.Parse("人才网." + o.ALabel)
	if err != nil {
		return err
	}
	rules, err := labels.Of(tx, n.Ending())
	if err != nil {
		return err
	}
	p := rules.Policy
	v.Lengths = locales.T(ctx, "page.ending.lengths", "MinASCII", p.MinASCII, "MaxASCII", p.MaxASCII, "MinHan", p.MinHan, "MaxHan", p.MaxHan)
	if p.NeedsHan {
		v.Lengths = locales.T(ctx, "page.ending.lengths_han", "MinHan", p.MinHan, "MaxHan", p.MaxHan)
	}
	switch rules.Persons {
	case labels.PersonsMayNot:
		v.Needs = append(v.Needs, locales.T(ctx, "page.ending.need_organisation"))
	case labels.RegistryDecides:
		v.Needs = append(v.Needs, locales.T(ctx, "page.ending.need_registry_word"))
	}
	if o.Bundles {
		v.Example = parts.FormsOf(n.Label(), n.Ending(), true, nil)
	}
	return nil
}

// needs says who may register and how the registry treats identity.
func needs(ctx context.Context, o catalogue.Offer) []string {
	list := []string{locales.T(ctx, "page.ending.need_identity")}
	switch o.Identity {
	case catalogue.VerifyFirst:
		list = append(list, locales.T(ctx, "page.ending.need_verify_first"))
	case catalogue.PendingCreate:
		list = append(list, locales.T(ctx, "page.ending.need_pending"))
	case catalogue.HoldRelease:
		list = append(list, locales.T(ctx, "page.ending.need_hold"))
	}
	if o.CrossBorder {
		list = append(list, locales.T(ctx, "page.ending.need_abroad"))
	}
	if o.Bundles {
		list = append(list, locales.T(ctx, "page.ending.need_bundle"))
	}
	return list
}

// limits are the published time limits (M-42), from the policies in force.
func limits(ctx context.Context, tx *db.Tx) ([]view.TimeLimit, error) {
	var out []view.TimeLimit
	for _, l := range []struct{ key, step, source string }{
		{"orders.payment_window", "page.limit.payment", "page.limit.payment_source"},
		{"orders.review_target", "page.limit.review", "page.limit.review_source"},
		{"orders.identity_wait", "page.limit.identity", "page.limit.identity_source"},
		{"orders.pending_total", "page.limit.registry", "page.limit.registry_source"},
		{"complaints.first_reply", "page.limit.first_reply", "page.limit.first_reply_source"},
		{"complaints.answer", "page.limit.complaint", "page.limit.complaint_source"},
	} {
		v, err := calendar.Policy(tx, l.key, "")
		if err != nil {
			return nil, err
		}
		source := v.Source // who changed the term wrote down why, in their own words
		if v.ID == 0 {
			source = locales.T(ctx, l.source)
		}
		out = append(out, view.TimeLimit{Step: locales.T(ctx, l.step), Limit: span(ctx, v), Source: source})
	}
	return out, nil
}

// span says a policy's length in its own unit.
func span(ctx context.Context, v calendar.Value) string {
	switch v.Unit {
	case calendar.WorkingDays:
		return locales.T(ctx, "page.limit.working_days", "Count", v.Value)
	case calendar.CalendarDays:
		return locales.T(ctx, "page.limit.days", "Count", v.Value)
	}
	return locales.Span(ctx, v.Duration())
}
