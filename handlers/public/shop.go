package public

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/catalogue"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/registries"
	"yumen/registrar/search"
	"yumen/views/parts"
	view "yumen/views/public"
)

// Shop is the window: home, search, prices, endings, the state of the service.
type Shop struct {
	DB     *db.DB
	Finder *search.Finder
	Lights *registries.Set

	shelf catalogue.Shelf
}

// Routes mounts the pages.
func (s *Shop) Routes(r chi.Router) {
	r.Get("/", web.H(web.Keep(s.edition, s.home)))
	r.Get("/prices", web.H(s.prices))
	r.Get("/prices.csv", web.H(s.pricesCSV))
	r.Get("/prices.json", web.H(s.pricesJSON))
	r.Get("/endings", web.H(s.endings))
	r.Get("/endings.csv", web.H(s.endingsCSV))
	r.Get("/endings.json", web.H(s.endingsJSON))
	r.Get("/endings/{tld}", web.H(s.ending))
	r.Get("/status", web.H(s.status))
	r.Get("/status/registries", web.H(s.registries))
	r.Group(func(r chi.Router) {
		r.Use(web.Limit(web.Search))
		r.Get("/search", web.H(s.search))
		r.Get("/search/stream", web.H(s.stream))
	})
}

func (s *Shop) home(w http.ResponseWriter, r *http.Request) error {
	all, err := s.shelf.Window(r.Context(), s.DB, web.Actor(r).House)
	if err != nil {
		return err
	}
	var h view.Home
	h.Endings, h.Closed = rows(r.Context(), all)
	offers := offersOf(all)
	h.Registries = s.lights(offers)
	running, err := s.shelf.Running(r.Context(), s.DB, web.Actor(r).House)
	if err != nil {
		return err
	}
	if h.Closed == "" { // what cannot be had is not praised
		h.Campaigns = campaigns(web.Lang(r), running)
	}
	if len(offers) > 0 {
		h.Life = life(offers[0])
	}
	p := web.Frame(r, "")
	p.Home, p.Nav = true, "home"
	return web.Render(w, r, http.StatusOK, view.HomePage(p, h))
}

func campaigns(lang string, running []catalogue.Campaign) (out []view.Campaign) {
	for _, c := range running {
		out = append(out, view.Campaign{Title: c.Title(lang), Text: c.Text(lang), Last: c.To.String(), Priced: len(c.Offers) > 0})
	}
	return out
}

// edition is what the front page shows besides its frame: offers, prices, terms,
// and how the registries answer.
func (s *Shop) edition(ctx context.Context, house int64) (any, error) {
	type mark struct {
		shelf  any
		lights string
	}
	is, err := s.shelf.Edition(ctx, s.DB, house)
	if err != nil {
		return nil, err
	}
	all, err := s.shelf.Window(ctx, s.DB, house)
	var lights strings.Builder
	for _, o := range all {
		lights.WriteString(string(s.Lights.Light(o.Registry)))
		lights.WriteByte(' ')
	}
	return mark{is, lights.String()}, err
}

// window is what is for sale here and now, with the reason where it is not.
// closed says why nothing at all can be ordered.
func (s *Shop) window(ctx context.Context, house int64) (list []view.EndingRow, closed string, err error) {
	all, err := s.shelf.Window(ctx, s.DB, house)
	if err != nil {
		return nil, "", err
	}
	list, closed = rows(ctx, all)
	return list, closed, nil
}

func rows(ctx context.Context, all []catalogue.Shown) (list []view.EndingRow, closed string) {
	open := false
	for _, o := range all {
		row := endingRow(ctx, o.Offer)
		if p := o.WhyNot; p != nil {
			row.OnSale, row.WhyNot = false, locales.T(ctx, p.ID, p.Args...)
			if unpermitted(p) {
				row.Prices, row.MoveIn, row.Premium, closed = parts.Prices{}, parts.Money{}, "", row.WhyNot
			}
		}
		open = open || row.OnSale
		list = append(list, row)
	}
	if open {
		closed = ""
	}
	return list, closed
}

func endingRow(ctx context.Context, o catalogue.Offer) view.EndingRow {
	row := view.EndingRow{Ending: "." + o.ULabel, For: locales.T(ctx, o.ForID), OnSale: true,
		Prices: parts.Prices{First: parts.Amount(o.First()), Renew: parts.Amount(o.Renewal()), Restore: parts.Amount(o.RestoreFee()),
			Was: parts.Amount(o.Was()), Until: o.Until()},
		MoveIn: parts.Amount(o.Rows[permits.TransferIn].First)}
	if o.SellsPremium() {
		row.Premium = premiumRule(ctx, o.Rows[permits.Create].Premium)
		if b := o.Rows[permits.Renew].Premium; b.BP != o.Rows[permits.Create].Premium.BP {
			row.Premium += " " + locales.T(ctx, "page.premium.renewal", "Percent", b.Percent())
		}
	}
	return row
}

func life(o catalogue.Offer) view.Life {
	return view.Life{Ending: "." + o.ULabel, Years: int(o.MaxYears), Grace: int(o.LifeCycle.Grace),
		Redeem: int(o.LifeCycle.Redemption), Pending: int(o.LifeCycle.PendingDelete)}
}

// offers are the endings this house lists; a fault shows none rather than no page.
func (s *Shop) offers(r *http.Request) []catalogue.Offer {
	all, err := s.shelf.Window(r.Context(), s.DB, web.Actor(r).House)
	if err != nil {
		return nil
	}
	return offersOf(all)
}

func offersOf(all []catalogue.Shown) []catalogue.Offer {
	list := make([]catalogue.Offer, len(all))
	for i, o := range all {
		list[i] = o.Offer
	}
	return list
}

// lights tell how each registry answers, endings of one registry together.
func (s *Shop) lights(offers []catalogue.Offer) []view.RegistryState {
	var out []view.RegistryState
	at := map[string]int{}
	for _, o := range offers {
		if i, ok := at[o.Registry]; ok {
			out[i].Endings = append(out[i].Endings, "."+o.ULabel)
			continue
		}
		at[o.Registry] = len(out)
		out = append(out, view.RegistryState{Endings: []string{"." + o.ULabel}, Kind: kindOf(s.Lights.Light(o.Registry))})
	}
	return out
}

func kindOf(l registries.Light) string {
	switch l {
	case registries.Green:
		return "ok"
	case registries.Amber:
		return "wait"
	case registries.Red:
		return "bad"
	}
	return "off"
}

func (s *Shop) registries(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, view.RegistryList(s.lights(s.offers(r))))
}

// status is public (Order 43 Arts. 7, 23): how each part of the service is now.
func (s *Shop) status(w http.ResponseWriter, r *http.Request) error {
	offers := s.offers(r)
	st := view.Status{Registries: s.lights(offers)}
	part := func(id string, err error) {
		kind, text := "ok", locales.T(r.Context(), "page.status.part_ok")
		if err != nil {
			kind, text = "bad", locales.T(r.Context(), "page.status.part_bad")
		}
		st.Parts = append(st.Parts, view.PartState{Name: locales.T(r.Context(), id), Kind: kind, Text: text})
	}
	part("page.status.part_data", s.DB.Ping(r.Context()))
	if h := s.DB.Health(); h.Trouble != "" {
		st.Parts = append(st.Parts, view.PartState{Name: locales.T(r.Context(), "page.status.part_write"), Kind: "bad",
			Text: locales.T(r.Context(), "page.status.paused", "Time", locales.DateTimeSec(r.Context(), h.Since))})
	} else {
		part("page.status.part_write", nil)
	}
	st.At = s.DB.Now()
	p := web.Frame(r, locales.T(r.Context(), "page.status.title"))
	p.Nav = "status"
	return web.Render(w, r, http.StatusOK, view.StatusPage(p, st))
}

func (s *Shop) prices(w http.ResponseWriter, r *http.Request) error {
	var v view.Prices
	var err error
	if v.Rows, _, err = s.window(r.Context(), web.Actor(r).House); err != nil {
		return err
	}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Limits, err = limits(r.Context(), tx)
		return err
	}); err != nil {
		return err
	}
	p := web.Frame(r, locales.T(r.Context(), "page.prices.title"))
	p.Nav = "prices"
	return web.Render(w, r, http.StatusOK, view.PricesPage(p, v))
}

// ending shows one ending; either label of it leads to the page of its U-label.
func (s *Shop) ending(w http.ResponseWriter, r *http.Request) error {
	e, err := names.ParseEnding(chi.URLParam(r, "tld"))
	if err != nil {
		return web.Lost(w, r)
	}
	var v view.Ending
	err = s.DB.Read(r.Context(), func(tx *db.Tx) error {
		o, err := catalogue.Find(tx, web.Actor(r).House, e.A())
		if err != nil {
			return err
		}
		v, err = s.endingView(r.Context(), tx, web.Actor(r), o)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return web.Lost(w, r)
	}
	if err != nil {
		return err
	}
	p := web.Frame(r, v.Row.Ending)
	p.Nav = "prices"
	return web.Render(w, r, http.StatusOK, view.EndingPage(p, v))
}
