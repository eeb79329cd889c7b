package public

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/calendar"
	"yumen/registrar/complaints"
	"yumen/registrar/problem"
	"yumen/views/parts"
	view "yumen/views/public"
)

// Complaints are the pages by which anyone complains and follows what becomes
// of it (Order 43 Art. 35).
type Complaints struct{ DB *db.DB }

// Routes mounts the pages.
func (p *Complaints) Routes(r chi.Router) {
	r.Get("/complaints", web.H(p.ask))
	r.Get("/complaints/new", web.H(p.new))
	r.With(web.Limit(web.Complain)).Post("/complaints", web.H(p.file))
	r.Get("/complaints/{receipt}", web.H(p.ask))
	r.Get("/complaints/{receipt}/receipt", web.H(p.receipt))
	r.With(web.Limit(web.Lookup)).Post("/complaints/open", web.H(p.open))
	r.With(web.Limit(web.Lookup)).Post("/complaints/{receipt}", web.H(p.open))
}

func (p *Complaints) new(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	c := view.ComplaintNew{About: about(q.Get("name")), Kind: q.Get("kind")}
	if web.Actor(r).SignedIn() { // who complains is known; they may write another
		me, err := accounts.Me(r.Context(), p.DB, web.Actor(r))
		if err != nil {
			return err
		}
		c.Name, c.Mail = me.Name, me.Mail
	}
	return p.render(w, r, http.StatusOK, c)
}

func (p *Complaints) render(w http.ResponseWriter, r *http.Request, status int, c view.ComplaintNew) error {
	var err error
	if c.Promise, err = p.promise(r); err != nil {
		return err
	}
	return web.Render(w, r, status, view.ComplaintNewPage(web.Frame(r, locales.T(r.Context(), "complaint.title")), c))
}

// promise says within what time a complaint is confirmed and answered, by the
// policies in force.
func (p *Complaints) promise(r *http.Request) (string, error) {
	terms := map[string]string{}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		for _, key := range []string{"complaints.first_reply", "complaints.answer", "complaints.answer_urgent"} {
			v, err := calendar.Policy(tx, key, "")
			if err != nil {
				return err
			}
			terms[key] = locales.T(r.Context(), "complaints.unit."+string(v.Unit), "Count", int(v.Value))
		}
		return nil
	})
	return locales.T(r.Context(), "complaints.promise", "Reply", terms["complaints.first_reply"], "Answer", terms["complaints.answer"],
		"Urgent", terms["complaints.answer_urgent"]), err
}

func (p *Complaints) file(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	f := complaints.Form{Kind: complaints.Kind(form.Text("kind")), About: form.Text("about"), URL: form.Text("url"), Text: form.Area("text"),
		Name: form.Text("name"), Mail: form.Text("mail"), Phone: form.Text("phone"), Consent: form.Ticked("consent")}
	receipt, err := complaints.File(r.Context(), p.DB, web.Actor(r), f)
	if web.Mend(err) {
		return p.render(w, r, http.StatusUnprocessableEntity, view.ComplaintNew{About: f.About, Kind: string(f.Kind), URL: f.URL, Text: f.Text,
			Name: f.Name, Mail: f.Mail, Phone: f.Phone, Consent: f.Consent, Errors: parts.FieldErrors(r.Context(), err)})
	}
	if err != nil {
		return err
	}
	err = web.Hand(r, url.Values{"receipt": {receipt.Number}, "code": {receipt.Code}, "about": {f.About}, "mail": {f.Mail},
		"at": {strconv.FormatInt(db.Millis(receipt.Filed), 10)}})
	return web.Answer(w, r, err, "/complaints/"+receipt.Number+"/receipt")
}

// receipt shows number and code once.
func (p *Complaints) receipt(w http.ResponseWriter, r *http.Request) error {
	number := chi.URLParam(r, "receipt")
	kept, found, err := web.Handed(r)
	if err != nil {
		return err
	}
	if !found || kept.Get("receipt") != number {
		return web.Redirect(w, r, "/complaints/"+url.PathEscape(number))
	}
	promise, err := p.promise(r)
	if err != nil {
		return err
	}
	at, _ := web.Number(kept.Get("at"))
	page := view.ComplaintReceipt{Receipt: number, Secret: kept.Get("code"), Name: kept.Get("about"), At: db.FromMillis(at), Promise: promise}
	if mail := kept.Get("mail"); mail != "" {
		page.Mail = accounts.MaskMail(mail)
	}
	frame := web.Frame(r, locales.T(r.Context(), "complaint.receipt_title"))
	frame.NoIndex = true
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, http.StatusOK, view.ComplaintReceiptPage(frame, page))
}

// ask wants receipt number and code, or the code alone.
func (p *Complaints) ask(w http.ResponseWriter, r *http.Request) error {
	return p.renderAsk(w, r, http.StatusOK, view.ComplaintAsk{Receipt: db.FoldRef(chi.URLParam(r, "receipt"))})
}

func (p *Complaints) renderAsk(w http.ResponseWriter, r *http.Request, status int, c view.ComplaintAsk) error {
	frame := web.Frame(r, locales.T(r.Context(), "complaint.follow"))
	frame.NoIndex = true
	return web.Render(w, r, status, view.ComplaintAskPage(frame, c))
}

// open shows a complaint to whoever has both. The code comes in a form, so that
// it stands in no address and no log.
func (p *Complaints) open(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	number := chi.URLParam(r, "receipt")
	if number == "" {
		number = form.Text("receipt")
	}
	c, err := complaints.See(r.Context(), p.DB, web.Actor(r), number, form.Secret("code"))
	if problem.Is(err, "complaints.not_found") {
		return p.renderAsk(w, r, http.StatusNotFound, view.ComplaintAsk{Receipt: db.FoldRef(chi.URLParam(r, "receipt")), Error: parts.Said(r.Context(), err)})
	}
	if err != nil {
		return err
	}
	frame := web.Frame(r, locales.T(r.Context(), "complaint.state_title", "Receipt", c.Receipt))
	frame.NoIndex = true
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, http.StatusOK, view.ComplaintStatePage(frame, p.state(r, c)))
}

func (p *Complaints) state(r *http.Request, c complaints.Complaint) view.ComplaintState {
	ctx, now := r.Context(), p.DB.Now()
	v := view.ComplaintState{Receipt: c.Receipt, Name: c.About, Kind: view.ComplaintKind(ctx, c.Kind), At: c.Filed, Text: c.Text}
	v.Badge, v.State = view.ComplaintBadge(ctx, c.State)
	for _, e := range c.Events {
		_, words := view.ComplaintBadge(ctx, e.State)
		v.Events = append(v.Events, parts.Event{State: "done", Title: words, At: e.At, Text: e.Text})
	}
	if n := len(v.Events); n > 0 && (c.State == complaints.Received || c.State == complaints.Accepted) {
		v.Events[n-1].State = "now"
	}
	if !c.Closed.IsZero() || c.State == complaints.NotOurs {
		return v
	}
	v.Clocks = []parts.Clock{
		clock(r, locales.T(ctx, "complaints.clock.reply"), c.Filed, c.ReplyBy, c.Replied, c.Answered, now),
		clock(r, locales.T(ctx, "complaints.clock.answer"), c.Filed, c.AnswerBy, c.Answered, time.Time{}, now),
	}
	return v
}

// clock is a term from an instant to another, met at done or at instead.
func clock(r *http.Request, label string, from, until, done, instead, now time.Time) parts.Clock {
	ctx := r.Context()
	if done.IsZero() {
		done = instead
	}
	c := parts.Clock{Label: label, Note: locales.T(ctx, "complaints.clock.until", "Time", locales.DateTime(ctx, until))}
	if !done.IsZero() {
		c.Kind, c.Value, c.Percent = "done", locales.T(ctx, "complaints.clock.done", "Time", locales.DateTime(ctx, done)), 100
		return c
	}
	c.Kind, c.Value = "wait", parts.Left(ctx, now, until)
	if !now.Before(until) {
		c.Kind, c.Percent = "bad", 100
		return c
	}
	if whole := until.Sub(from); whole > 0 {
		c.Percent = int(100 * now.Sub(from) / whole)
	}
	return c
}

// about keeps what an address asks to be filled in short and plain.
func about(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 253 {
		return ""
	}
	return s
}
