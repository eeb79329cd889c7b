package public

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/calendar"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/search"
	"yumen/views/parts"
	view "yumen/views/public"
)

// Lists looks through long lists of names. Whose they are is known to nobody:
// the address of a list is all that leads to it.
type Lists struct {
	DB   *db.DB
	Shop *Shop
	Runs *search.Runs
}

// Routes mounts the pages.
func (p *Lists) Routes(r chi.Router) {
	r.Get("/search/lists", web.H(p.form))
	r.With(web.Limit(web.Lists)).Post("/search/lists", web.H(p.start))
	r.Get("/search/lists/{token}", web.H(p.show))
	r.Get("/search/lists/{token}/stream", web.H(p.stream))
	r.Get("/search/lists/{token}/names.csv", web.H(p.csv))
	r.Post("/search/lists/{token}/cart", web.H(p.cart))
	r.With(web.Limit(web.Lists)).Post("/search/lists/{token}/again", web.H(p.again))
	r.Post("/search/lists/{token}/forget", web.H(p.forget))
}

func (p *Lists) form(w http.ResponseWriter, r *http.Request) error {
	typed := r.URL.Query().Get("names") // more names than the search box takes come along from there
	return p.showForm(w, r, http.StatusOK, view.ListForm{Typed: typed}, nil)
}

func (p *Lists) showForm(w http.ResponseWriter, r *http.Request, code int, f view.ListForm, picked []string) error {
	f.Most = search.MostNames
	var err error
	if f.Endings, _, err = p.Shop.window(r.Context(), web.Actor(r).House); err != nil {
		return err
	}
	for i := range f.Endings {
		f.Endings[i].Picked = pickedHas(picked, f.Endings[i].Ending)
	}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		life, err := calendar.Policy(tx, "search.run_life", "")
		f.Hours = int(life.Value)
		return err
	})
	if err != nil {
		return err
	}
	frame := web.Frame(r, locales.T(r.Context(), "list.title"))
	frame.Nav = "search"
	return web.Render(w, r, code, view.ListFormPage(frame, f))
}

// start takes a list up. It is never kept as a draft: it is sent in parts, and
// parts are not.
func (p *Lists) start(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadWith(r, "names")
	if err != nil {
		return err
	}
	if err := web.OwnPart(r, form.Get(parts.MarkField)); err != nil {
		return err
	}
	field, text, err := listText(r, form)
	if err != nil {
		return err
	}
	picked := form.Values["tld"]
	list, err := search.ParseList(text, p.endings(r, picked))
	var token string
	if err == nil && len(picked) == 0 && !slices.ContainsFunc(list, asks) && slices.ContainsFunc(list, wantsEnding) {
		field, err = "tld", problem.New(problem.Invalid, "searching.list_tick")
	}
	if err == nil {
		token, err = p.Runs.Start(r.Context(), web.Actor(r), list)
	}
	if wrong, ok := problem.As(err); ok && (wrong.Kind == problem.Invalid || wrong.Kind == problem.TooLarge) {
		said := locales.T(r.Context(), wrong.ID, wrong.Args...)
		return p.showForm(w, r, http.StatusUnprocessableEntity, view.ListForm{Typed: form.Area("names"), Errors: []parts.FieldError{{Field: field, Text: said}}}, picked)
	}
	return web.Answer(w, r, err, "/search/lists/"+token)
}

// asks reports whether an entry is a name that can be asked about.
func asks(e search.Entry) bool { return e.Wrong == nil }

// wantsEnding reports whether an entry would be one under an ending.
func wantsEnding(e search.Entry) bool {
	return e.Wrong != nil && e.Wrong.ID == "searching.list_no_ending"
}

// listText is what was handed in, and in which field.
func listText(r *http.Request, form web.Form) (field string, text []byte, err error) {
	file, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "names", []byte(form.Get("names")), nil
	}
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	if text, err = io.ReadAll(io.LimitReader(file, search.MostBytes+1)); err != nil || len(text) > 0 {
		return "file", text, err
	}
	return "names", []byte(form.Get("names")), nil // a browser sends an empty part for no file
}

// endings are those that were ticked; a label alone is looked for under each.
func (p *Lists) endings(r *http.Request, picked []string) []names.Ending {
	var out []names.Ending
	for _, o := range p.Shop.offers(r) {
		if !pickedHas(picked, o.ULabel) {
			continue
		}
		if e, err := names.ParseEnding(o.ALabel); err == nil {
			out = append(out, e)
		}
	}
	return out
}

func (p *Lists) open(r *http.Request) (*search.Run, error) {
	return p.Runs.Open(r.Context(), web.Actor(r), chi.URLParam(r, "token"))
}

func listPath(r *http.Request) string {
	return "/search/lists/" + url.PathEscape(chi.URLParam(r, "token"))
}

func (p *Lists) show(w http.ResponseWriter, r *http.Request) error {
	run, err := p.open(r)
	if err != nil {
		return err
	}
	l, err := p.view(r, run, run.Rows())
	if err != nil {
		return err
	}
	noStore(w)
	frame := web.Frame(r, locales.T(r.Context(), "list.results"))
	frame.Nav, frame.NoIndex = "search", true
	if l.Working {
		frame.Refresh = 10
	}
	return web.Render(w, r, http.StatusOK, view.ListPage(frame, l))
}

// rowsPerPage keeps a page of a list light on a phone.
const rowsPerPage = 100

// noStore keeps a list off the disk of the browser: it is erased with its time.
func noStore(w http.ResponseWriter) { w.Header().Set("Cache-Control", "no-store") }

// filter is which rows the address asks for.
func filter(r *http.Request) search.Filter {
	q := r.URL.Query()
	return search.Filter{State: search.State(q.Get("state")), Ending: strings.TrimPrefix(q.Get("tld"), ".")}
}

// view is the list as the page's filter shows it.
func (p *Lists) view(r *http.Request, run *search.Run, rows []search.Row) (view.List, error) {
	f := filter(r)
	l := view.List{Path: listPath(r), Expires: run.Expires, PerPage: rowsPerPage, Counts: map[view.ResultState]int{},
		Filter: view.ListFilter{State: view.ResultState(f.State), Page: 1}}
	if n, ok := web.Number(r.URL.Query().Get("page")); ok && n > 1 && n < search.MostNames {
		l.Filter.Page = int(n)
	}
	if f.Ending != "" {
		l.Filter.Ending = "." + f.Ending
	}
	l.From = (l.Filter.Page-1)*rowsPerPage + 1
	l.Settled, l.All, l.Working, _ = run.Progress()
	seen := map[string]bool{}
	for i, row := range rows {
		if ending := "." + row.Name.EndingU(); !row.Name.IsZero() && !seen[ending] {
			seen[ending] = true
			l.Endings = append(l.Endings, ending)
		}
		if (search.Filter{Ending: f.Ending}).Lets(row) {
			l.Counts[view.ResultState(row.State)]++
		}
		if f.Lets(row) {
			if l.Found++; l.Found >= l.From && len(l.Rows) < rowsPerPage {
				l.Rows = append(l.Rows, listRow(r, i, row))
			}
		}
	}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		l.Cart, err = orders.CartCount(tx, web.Actor(r))
		return err
	})
	l.Room = orders.MostInCart - l.Cart
	return l, err
}

func listRow(r *http.Request, i int, row search.Row) view.ListRow {
	a := search.Answer{Name: row.Name, State: row.State, NoteID: row.NoteID, NoteArgs: row.NoteArgs, Listed: row.Listed, Prices: row.Prices, Asked: row.Asked}
	return view.ListRow{Place: i + 1, Line: row.Line, Typed: row.Typed, Result: result(r.Context(), a, nil, listPath(r))}
}

// between is how often a list that is being looked through tells of itself.
const between = 500 * time.Millisecond

// stream tells how far the list has come, with the rows of the page as they are
// settled. Rows keep their places, so that nothing moves under the cursor.
func (p *Lists) stream(w http.ResponseWriter, r *http.Request) error {
	run, err := p.open(r)
	if err != nil {
		return err
	}
	leave, err := run.Watch()
	if err != nil {
		return err
	}
	defer leave()
	out := events(w)
	_, all, _, _ := run.Progress()
	waiting := map[int]bool{} // rows of the page without an answer
	for _, s := range strings.SplitN(r.URL.Query().Get("waiting"), ".", rowsPerPage+1) {
		if n, err := strconv.Atoi(s); err == nil && n > 0 && n <= all && len(waiting) < rowsPerPage {
			waiting[n-1] = true
		}
	}
	for {
		_, _, working, changed := run.Progress()
		rows := run.Rows()
		l, err := p.view(r, run, rows)
		if err != nil {
			return nil // the head is sent
		}
		var now []view.ListRow
		for _, i := range keys(waiting) {
			if rows[i].Settled() {
				delete(waiting, i)
				now = append(now, listRow(r, i, rows[i]))
			}
		}
		if out.send(r.Context(), view.ListAnswer(l, now)) != nil {
			return nil // the browser went away
		}
		if !working {
			out.done()
			return nil
		}
		pause := time.NewTimer(between)
		select {
		case <-changed:
		case <-r.Context().Done():
		}
		select {
		case <-pause.C:
		case <-r.Context().Done():
			pause.Stop()
			return nil
		}
	}
}

func keys(m map[int]bool) []int {
	out := make([]int, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// csv is the list, or what the filter lets through, as a table for spreadsheets.
func (p *Lists) csv(w http.ResponseWriter, r *http.Request) error {
	run, err := p.open(r)
	if err != nil {
		return err
	}
	f := filter(r)
	table := [][]string{{"line", "typed", "name", "a_label", "state", "first_year", "renewal", "restore", "three_years", "currency", "normal_first_year", "offer_until", "note"}}
	for i, row := range run.Rows() {
		if !f.Lets(row) {
			continue
		}
		shown, prices := listRow(r, i, row), search.Prices{}
		switch {
		case row.Buyable():
			prices = row.Prices
		case row.State == search.Premium:
			prices = row.Asked
		}
		table = append(table, []string{strconv.Itoa(row.Line), row.Typed, row.Name.U(), row.Name.A(), string(row.State),
			decimal(prices.First), decimal(prices.Renewal), decimal(prices.Restore), decimal(prices.Three), prices.First.Currency, decimal(prices.Was), stamp(prices.Until), shown.Note})
	}
	noStore(w)
	return sendCSV(w, "names.csv", table)
}

// stamp is an instant for machines; empty where there is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// decimal is an amount for machines; empty where there is none.
func decimal(m ledger.Money) string {
	if m.Currency == "" {
		return ""
	}
	return m.Decimal()
}

// formulas begin with one of these; spreadsheets in Chinese take the wide ones
// too.
const formulas = "=+-@\t\r＝＋－＠"

// sendCSV sends a table. The mark in front tells spreadsheets that it is UTF-8; a
// cell that one of them would take for a formula is quoted.
func sendCSV(w http.ResponseWriter, name string, table [][]string) error {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	out := csv.NewWriter(&b)
	for _, row := range table {
		for i, cell := range row {
			if strings.IndexAny(cell, formulas) == 0 {
				row[i] = "'" + cell
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, err := w.Write(b.Bytes())
	return err
}

// cart puts what is free into the cart, as far as it has room.
func (p *Lists) cart(w http.ResponseWriter, r *http.Request) error {
	run, err := p.open(r)
	if err != nil {
		return err
	}
	wanted := search.Filter{State: search.Available, Ending: filter(r).Ending}
	var free []names.Name
	for _, row := range run.Rows() {
		if wanted.Lets(row) {
			free = append(free, row.Name)
		}
	}
	added, err := orders.AddAllToCart(r.Context(), p.DB, web.Visitor(r), free)
	if err != nil {
		return err
	}
	kind := "ok"
	if added == 0 {
		kind = "info"
	}
	web.Flash(w, r, kind, "list.added", "Count", added, "All", len(free))
	return web.Redirect(w, r, "/cart")
}

func (p *Lists) again(w http.ResponseWriter, r *http.Request) error {
	err := p.Runs.Again(r.Context(), web.Actor(r), chi.URLParam(r, "token"))
	return web.Answer(w, r, err, listPath(r))
}

func (p *Lists) forget(w http.ResponseWriter, r *http.Request) error {
	err := p.Runs.Forget(r.Context(), web.Actor(r), chi.URLParam(r, "token"))
	if err == nil {
		web.Flash(w, r, "ok", "list.forgotten")
	}
	return web.Answer(w, r, err, "/search/lists")
}
