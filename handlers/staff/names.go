package staff

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/screening"
	"yumen/views/parts"
	views "yumen/views/staff"
)

// mostTable bounds an uploaded table or list, with the form around it.
const mostTable = 18 << 20

func (p *Pages) nameRoutes(r chi.Router) {
	r.Use(web.May(actor.EditPermits))
	r.Get("/names", web.H(p.NameReviews))
	r.Get("/names/reviews/{ref}", web.H(p.NameReview))
	r.Post("/names/reviews/{ref}", web.H(p.DecideReview))
	r.Post("/names/reviews/{ref}/task", web.H(p.NameTask))
	r.Post("/names/reviews/{ref}/look", web.H(p.LookAtEvidence))
	r.With(web.May(actor.OpenDocuments)).Get("/names/papers/{doc}", web.H(p.Picture))
	r.Get("/names/lists", web.H(p.NameLists))
	r.Post("/names/lists", web.H(p.EditNameLists))
	r.With(web.Allow(mostTable)).Post("/names/lists/import", web.H(p.ImportNames))
	r.Post("/names/lists/draft", web.H(p.SettleImport))
	r.Get("/names/rules", web.H(p.LabelRules))
	r.Get("/names/rules/{ending}", web.H(p.LabelRule))
	r.With(web.Allow(mostTable)).Post("/names/rules/{ending}", web.H(p.DraftLabelRule))
	r.Post("/names/rules/{ending}/draft", web.H(p.SettleLabelRule))
}

// NameReviews lists the names that wait for a person.
func (p *Pages) NameReviews(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	v := views.NameReviews{Person: who.Person, First: r.URL.Query().Get("after") == ""}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		last, err := after(tx, who, r)
		if err != nil {
			return err
		}
		v.Tasks, err = desk.Queue(tx, who, screening.TaskKind, last, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.Tasks); n == pageSize {
		v.Next = views.Query("/staff/names", "after", strconv.FormatInt(v.Tasks[n-1].ID, 10))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.names.reviews"), "names")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.NameReviewsPage(page, v))
}

// NameReview shows one of them.
func (p *Pages) NameReview(w http.ResponseWriter, r *http.Request) error {
	return p.nameReview(w, r, http.StatusOK, views.NameReview{})
}

func (p *Pages) nameReview(w http.ResponseWriter, r *http.Request, status int, v views.NameReview) error {
	who := web.Actor(r)
	v.Person = who.Person
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.Review, err = screening.FindReview(tx, who, r.PathValue("ref")); err != nil {
			return err
		}
		if who.May(actor.OpenDocuments) {
			if v.Papers, err = screening.Papers(tx, v.Review); err != nil {
				return err
			}
		}
		if v.State != screening.Open {
			return nil
		}
		v.Task, err = desk.For(tx, who, screening.TaskKind, v.Ref)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if order, _, waits := strings.Cut(v.Item, "/"); waits {
		v.Order = templ.SafeURL("/staff/orders/" + url.PathEscape(order))
	}
	if n, _, err := names.Parse(v.NameA); err == nil {
		v.Forms = parts.FormsOf(n.Label(), n.Ending(), true, nil)
	}
	if l, ok := p.looking(r); ok {
		v.Chosen, v.Picture = l.Doc, views.Query("/staff/names/papers/"+l.Doc, "pass", r.URL.Query().Get("pass"))
	}
	page, err := p.frame(r, v.NameU, "names")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.NameReviewPage(page, v))
}

// LookAtEvidence asks why somebody wants to see a paper of a review, then shows
// it.
func (p *Pages) LookAtEvidence(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ref := r.PathValue("ref")
	l := look{Doc: f.Text("doc"), Reason: f.Text("reason"), Full: true, Until: p.DB.Now().Add(lookLife).UnixMilli()}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		one, err := screening.FindReview(tx, web.Actor(r), ref)
		if err != nil {
			return err
		}
		if list, err := screening.Papers(tx, one); err != nil {
			return err
		} else if !slices.ContainsFunc(list, func(d documents.Document) bool { return d.Ref == l.Doc }) {
			return lost
		}
		_, err = documents.Find(tx, web.Actor(r), l.Doc)
		return err
	})
	if err != nil {
		return err
	}
	if l.Reason == "" {
		why := parts.FieldError{Field: "look-reason", Text: locales.T(r.Context(), "documents.reason_missing")}
		return p.nameReview(w, r, http.StatusUnprocessableEntity, views.NameReview{Chosen: l.Doc, Errors: []parts.FieldError{why}})
	}
	pass, err := p.pass(r, l)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, string(views.Query("/staff/names/reviews/"+url.PathEscape(ref), "pass", pass)))
}

// NameTask claims or releases a review.
func (p *Pages) NameTask(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	who, ref := web.Actor(r), r.PathValue("ref")
	err = p.task(r.Context(), who, f.Text("do"), func(tx *db.Tx) (desk.Item, error) { return desk.For(tx, who, screening.TaskKind, ref) })
	return web.Answer(w, r, err, "/staff/names/reviews/"+url.PathEscape(ref))
}

// DecideReview ends a review.
func (p *Pages) DecideReview(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	who, ref, verdict := web.Actor(r), r.PathValue("ref"), f.Text("verdict")
	d := screening.Decision{Approve: verdict == "approve", Class: screening.Class(f.Text("class")), Reason: f.Area("reason")}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if verdict != "approve" && verdict != "refuse" {
			var bad problem.Form
			bad.Add("verdict", "screening.field_needed")
			return bad.Err()
		}
		return screening.Decide(tx, who, ref, d)
	})
	if web.Mend(err) {
		return p.nameReview(w, r, http.StatusUnprocessableEntity, views.NameReview{Errors: parts.FieldErrors(r.Context(), err),
			V: map[string]string{"verdict": verdict, "class": string(d.Class), "reason": d.Reason}})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.names.decided_flash")
	}
	return web.Answer(w, r, err, "/staff/names/reviews/"+url.PathEscape(ref))
}

// NameLists shows entries, drafts and versions.
func (p *Pages) NameLists(w http.ResponseWriter, r *http.Request) error {
	return p.nameLists(w, r, http.StatusOK, views.NameLists{})
}

func (p *Pages) nameLists(w http.ResponseWriter, r *http.Request, status int, v views.NameLists) error {
	who := web.Actor(r)
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	v.First, v.Shipped = before == 0, screening.ShippedCount()
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v.Entries, err = screening.List(tx, who, before, pageSize); err != nil {
			return err
		}
		if v.Imports, err = screening.Imports(tx, who, 0, 20); err != nil {
			return err
		}
		return listsMeet(tx, who, &v)
	})
	if err != nil {
		return err
	}
	if n := len(v.Entries); n == pageSize {
		v.Next = views.Query("/staff/names/lists", "before", strconv.FormatInt(v.Entries[n-1].ID, 10))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.names.lists"), "names")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.NameListsPage(page, v))
}

// listsMeet says which registered names the lists in force prohibit, and which
// the drafts would meet.
func listsMeet(tx *db.Tx, who actor.Actor, v *views.NameLists) error {
	live, err := registrations.Newest(tx, who, mostLooked)
	if err != nil {
		return err
	}
	v.Looked, v.Met = len(live), map[int64][]names.Name{}
	for _, n := range live {
		said, err := screening.Check(tx, who.House, n)
		if err != nil {
			return err
		}
		if said.State == screening.Prohibited {
			v.Listed = append(v.Listed, n)
		}
	}
	for _, i := range v.Imports {
		if i.State != "draft" {
			continue
		}
		met, err := screening.Met(tx, who, i.ID, live)
		if err != nil {
			return err
		}
		v.Met[i.ID] = met
	}
	return nil
}

// EditNameLists adds an entry or ends one.
func (p *Pages) EditNameLists(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	who := web.Actor(r)
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if f.Text("do") == "end" {
			n, err := number(f.Text("id"))
			if err != nil {
				return err
			}
			return screening.End(tx, who, n, f.Text("reason"))
		}
		e := screening.Entry{Pattern: f.Text("pattern"), Match: screening.Match(f.Text("match")), Class: screening.Class(f.Text("class")), Domicile: strings.ToUpper(f.Text("domicile")), Source: f.Text("source")}
		if typed := f.Text("ending"); typed != "" {
			e.Ending = "?" // refused at its field unless it can be read
			if ending, err := names.ParseEnding(typed); err == nil {
				e.Ending = ending.A()
			}
		}
		_, err := screening.Add(tx, who, e, f.Text("reason"))
		return err
	})
	return p.listsAnswer(w, r, f, err)
}

func (p *Pages) listsAnswer(w http.ResponseWriter, r *http.Request, f web.Form, err error) error {
	if web.Mend(err) {
		v := views.NameLists{Errors: parts.FieldErrors(r.Context(), err), V: map[string]string{}}
		for name := range f.Values {
			v.V[name] = f.Text(name)
		}
		var faulty *screening.Faulty
		if errors.As(err, &faulty) {
			v.Faults = faulty.Faults
		}
		return p.nameLists(w, r, http.StatusUnprocessableEntity, v)
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.names.saved")
	}
	return web.Answer(w, r, err, "/staff/names/lists")
}

// upload is the file of a field with its name; nil when none was sent.
func upload(r *http.Request, field string) (io.ReadCloser, string, error) {
	file, head, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return file, head.Filename, nil
}

// ImportNames reads a list: the dry run.
func (p *Pages) ImportNames(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	file, name, err := upload(r, "file")
	if err != nil {
		return err
	}
	var in io.Reader = strings.NewReader("")
	if file != nil {
		defer file.Close()
		in = file
	}
	raw, err := io.ReadAll(in) // bounded by Allow; a transaction may be run again
	if err != nil {
		return err
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := screening.Read(tx, web.Actor(r), f.Text("list"), name, strings.NewReader(string(raw)), f.Text("why"))
		return at(err, "reason", "why")
	})
	return p.listsAnswer(w, r, f, err)
}

// at moves a field's problem to the name that the field has on the page.
func at(err error, from, to string) error {
	p, ok := problem.As(err)
	if !ok || len(p.Fields) == 0 || p.Fields[0].Field != from {
		return err
	}
	q := *p
	q.Fields = append([]problem.FieldProblem(nil), p.Fields...)
	q.Fields[0].Field = to
	return &q
}

// SettleImport applies a draft or drops it.
func (p *Pages) SettleImport(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	n, err := number(f.Text("id"))
	if err != nil {
		return err
	}
	who := web.Actor(r)
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if f.Text("do") == "drop" {
			return screening.DropImport(tx, who, n, f.Text("reason"))
		}
		_, err := screening.Apply(tx, who, n, f.Text("reason"))
		return err
	})
	return p.listsAnswer(w, r, web.Form{}, at(err, "reason", "reason-"+f.Text("id")))
}
