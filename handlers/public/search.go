package public

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/search"
	"yumen/views/parts"
	view "yumen/views/public"
)

// scriptCookie is set by our script: a browser that has it can take the rest
// of a page as a stream. It carries nothing else.
const scriptCookie = "script"

// search answers /search?q=. A browser with scripts gets the rows that are
// known and a stream for the rest; without, the page waits for the registries
// as long as the search's budget.
func (s *Shop) search(w http.ResponseWriter, r *http.Request) error {
	who, typed := web.Actor(r), r.URL.Query().Get("q")
	if strings.TrimSpace(typed) == "" {
		typed = "" // nothing to look for, and no results of it
	}
	v := view.Search{Query: clip(typed)}
	var err error
	if v.Endings, v.Closed, err = s.window(r.Context(), who.House); err != nil {
		return err
	}
	picked := r.URL.Query()["tld"]
	for i := range v.Endings {
		v.Endings[i].Picked = len(picked) == 0 || pickedHas(picked, v.Endings[i].Ending)
	}
	here := r.URL.RequestURI()
	if v.Cart, err = CartBox(r.Context(), s.DB, who, here); err != nil {
		return err
	}
	status := http.StatusOK
	if typed != "" {
		if status, err = s.fill(r, &v, typed, picked, here); err != nil {
			return err
		}
	}
	if web.Fragment(r) {
		return web.Render(w, r, status, view.Found(v))
	}
	if r.URL.Query().Has("wait") { // a browser that runs scripts says so again on this very page
		http.SetCookie(w, &http.Cookie{Name: scriptCookie, Path: "/", MaxAge: -1, SameSite: http.SameSiteLaxMode})
	}
	p := web.Frame(r, locales.T(r.Context(), "search.title"))
	p.Nav, p.NoIndex = "search", true
	return web.Render(w, r, status, view.SearchPage(p, v))
}

// mostSuggestions is how many other names one search asks about.
const mostSuggestions = 12

// fill puts the rows into the page, or says why what was typed is no name.
func (s *Shop) fill(r *http.Request, v *view.Search, typed string, picked []string, here string) (int, error) {
	wish, err := search.Read(typed)
	if err != nil {
		p, ok := problem.As(err)
		if !ok {
			return 0, err
		}
		v.Refused = locales.T(r.Context(), p.ID, p.Args...)
		if p.ID == "searching.too_many" {
			v.ListHref = templ.SafeURL("/search/lists?" + url.Values{"names": {search.Lines(typed)}}.Encode())
		}
		return http.StatusUnprocessableEntity, nil
	}
	v.Read, v.Ask = readings(r.Context(), wish.Notes), wish.Notes.Ask()
	if len(wish.Words) > 0 {
		v.Read = append(v.Read, locales.T(r.Context(), "search.joined", "To", wish.Queries[0].Label.U()))
	}
	if q := wish.Queries[0]; len(wish.Queries) == 1 {
		v.Forms = parts.FormsOf(q.Label, q.Ending, true, func(l names.Label) templ.SafeURL {
			other := l.U()
			if n, err := l.In(q.Ending); err == nil {
				other = n.U()
			}
			return templ.SafeURL("/search?" + url.Values{"q": {other}, "tld": picked}.Encode())
		})
		v.Suggest = true
	}
	wish.Endings = picked
	found, err := s.Finder.Plan(r.Context(), web.Actor(r), wish.Queries...)
	if err != nil {
		return 0, err
	}
	found.Only(wish.Endings)
	inCart := cartNames(v.Cart)
	rows, live := found.Rows, web.Fragment(r) || scripted(r)
	if !live {
		s.Finder.Ask(r.Context(), web.Actor(r), found)
		other, err := s.Finder.Suggest(r.Context(), web.Actor(r), wish, mostSuggestions)
		if err != nil {
			return 0, err
		}
		rows = found.Wait()
		search.Sort(rows) // the page is sent whole: nothing moves any more
		for _, a := range other.Wait() {
			if a.State == search.Available {
				v.Suggested = append(v.Suggested, result(r.Context(), a, inCart, here))
			}
		}
		v.Suggest = len(v.Suggested) > 0
	}
	for _, a := range rows {
		v.Results = append(v.Results, result(r.Context(), a, inCart, here))
	}
	if !slices.ContainsFunc(v.Results, mayBeHad) { // whichever spelling is chosen, it is refused alike
		v.Forms = parts.Forms{}
	}
	waiting := found.Waiting()
	if live && (waiting || v.Suggest) {
		v.StreamURL = "/search/stream?" + url.Values{"q": {typed}, "tld": picked, "back": {here}}.Encode()
	}
	if waiting {
		v.WaitURL = templ.SafeURL("/search?" + url.Values{"q": {typed}, "tld": picked, "wait": {"1"}}.Encode())
	}
	return http.StatusOK, nil
}

// mayBeHad reports whether a name may be had, or might be, as far as is known.
func mayBeHad(r view.Result) bool {
	switch r.State {
	case view.Reserved, view.Prohibited, view.NotOffered, view.Invalid:
		return false
	}
	return true
}

// scripted reports whether the browser runs scripts, as far as we know: they may
// have been switched off since. Who asks to wait for the answers has none.
func scripted(r *http.Request) bool {
	_, err := r.Cookie(scriptCookie)
	return err == nil && !r.URL.Query().Has("wait")
}

// pickedHas reports whether an ending was ticked; the dot before it says nothing.
func pickedHas(picked []string, ending string) bool {
	return slices.ContainsFunc(picked, func(p string) bool { return strings.TrimPrefix(p, ".") == strings.TrimPrefix(ending, ".") })
}

// stream brings each missing row as a message of its own, as the registries
// answer, then free names near to what was typed, and then the event "done"
// (Server-Sent Events).
func (s *Shop) stream(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	wish, err := search.Read(query.Get("q"))
	if err != nil {
		return err
	}
	who, back := web.Actor(r), web.Local(query.Get("back"))
	wish.Endings = query["tld"]
	box, err := CartBox(r.Context(), s.DB, who, back)
	if err != nil {
		return err
	}
	found, err := s.Finder.Plan(r.Context(), who, wish.Queries...)
	if err != nil {
		return err
	}
	found.Only(wish.Endings)
	s.Finder.Ask(r.Context(), web.Actor(r), found)
	other, err := s.Finder.Suggest(r.Context(), who, wish, mostSuggestions)
	if err != nil {
		return err
	}
	var tally view.Tally
	for _, a := range found.Rows {
		tally.Add(view.ResultState(a.State))
	}
	out, inCart := events(w), cartNames(box)
	near, rows := other.Answers(), found.Answers()
	for near != nil || rows != nil {
		var message templ.Component
		select {
		case a, more := <-rows:
			if !more {
				rows = nil
				continue
			}
			tally.Settle(view.ResultState(a.State))
			message = view.ResultAnswer(result(r.Context(), a, inCart, back), tally)
		case a, more := <-near:
			if !more {
				near = nil
				continue
			}
			if a.State != search.Available {
				continue
			}
			message = view.SuggestionAnswer(result(r.Context(), a, inCart, back))
		}
		if out.send(r.Context(), message) != nil {
			return nil // the browser went away; the head is sent
		}
	}
	out.done()
	return nil
}

func result(ctx context.Context, a search.Answer, inCart map[string]bool, back string) view.Result {
	row := view.Result{Name: parts.DNOf(a.Name.U(), a.Name.A()), State: view.ResultState(a.State), InCart: inCart[a.Name.A()], Back: back,
		Prices: shown(a.Prices), Asked: shown(a.Asked)}
	if a.NoteID != "" {
		row.Note = locales.T(ctx, a.NoteID, a.NoteArgs...)
	}
	if a.Listed {
		row.WhyHref = templ.SafeURL("/reviews/new?" + url.Values{"name": {a.Name.U()}}.Encode())
	}
	return row
}

func shown(p search.Prices) parts.Prices {
	return parts.Prices{First: parts.Amount(p.First), Renew: parts.Amount(p.Renewal), Restore: parts.Amount(p.Restore), Three: parts.Amount(p.Three),
		Was: parts.Amount(p.Was), Until: p.Until}
}

// readings say what was read otherwise than typed. Capitals and outer spaces
// are too common to speak of.
func readings(ctx context.Context, notes names.Notes) []string {
	var out []string
	for _, n := range notes {
		if n.Change != names.Trimmed && n.Change != names.Case {
			out = append(out, locales.T(ctx, n.MessageID(), n.Args()...))
		}
	}
	return out
}

func clip(s string) string {
	r := []rune(s)
	if len(r) > 255 {
		r = r[:255]
	}
	return string(r)
}

// CartBox is the cart at the side of the search page, priced as of now and by
// what registries said last.
func CartBox(ctx context.Context, d *db.DB, who actor.Actor, back string) (view.CartBox, error) {
	box := view.CartBox{Back: back}
	if !who.SignedIn() && who.Visitor == "" {
		return box, nil
	}
	err := d.Read(ctx, func(tx *db.Tx) error {
		q, err := orders.LookAtCart(tx, who)
		if err != nil {
			return err
		}
		for _, l := range q.Lines {
			box.Items = append(box.Items, view.CartLine{Name: parts.DNOf(l.Name.U(), l.Name.A()), Years: int(l.Years), Price: parts.Amount(l.Total), Renew: parts.Amount(l.Renewal)})
		}
		box.Total = parts.Amount(q.Total)
		return nil
	})
	return box, err
}

func cartNames(box view.CartBox) map[string]bool {
	in := map[string]bool{}
	for _, l := range box.Items {
		a := l.Name.A
		if a == "" {
			a = l.Name.U
		}
		in[a] = true
	}
	return in
}
