package staff

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/blocks"
	"yumen/registrar/problem"
	"yumen/views/parts"
	views "yumen/views/staff"
)

func (p *Pages) blockRoutes(r chi.Router) {
	r.Use(web.May(actor.BlockAbuse))
	r.Get("/blocks", web.H(p.Blocks))
	r.Post("/blocks", web.H(p.Block))
	r.Post("/blocks/{ref}", web.H(p.EndBlock))
}

// Blocks lists who is kept out, and who was.
func (p *Pages) Blocks(w http.ResponseWriter, r *http.Request) error {
	return p.blocks(w, r, http.StatusOK, views.Blocks{})
}

func (p *Pages) blocks(w http.ResponseWriter, r *http.Request, status int, v views.Blocks) error {
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	v.First = before == 0
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.List, err = blocks.List(tx, web.Actor(r), before, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n == pageSize {
		v.Next = views.Query("/staff/blocks", "before", strconv.FormatInt(v.List[n-1].ID, 10))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.blocks.title"), "blocks")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.BlocksPage(page, v))
}

// Block keeps a network or an account out.
func (p *Pages) Block(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	days, _ := f.Number("days")
	ask := blocks.Ask{Network: f.Text("network"), Mail: f.Text("mail"), Cause: blocks.Cause(f.Text("cause")), Reason: f.Text("reason"), Days: days,
		Sure: f.Ticked("sure"), Own: web.Ours(r)}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := blocks.Add(tx, web.Actor(r), ask)
		return err
	})
	if wrong := fields(r.Context(), err, "network", "blocks.stands_already"); len(wrong) > 0 {
		v := views.Blocks{Errors: wrong, Warned: parts.ErrorOf(wrong, "sure") != "" || ask.Sure, V: map[string]string{}}
		for _, name := range []string{"network", "mail", "cause", "reason", "days"} {
			v.V[name] = f.Text(name)
		}
		return p.blocks(w, r, http.StatusUnprocessableEntity, v)
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.blocks.flash_on")
	}
	return web.Answer(w, r, err, "/staff/blocks")
}

// EndBlock lifts one before its time.
func (p *Pages) EndBlock(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ref := r.PathValue("ref")
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error { return blocks.End(tx, web.Actor(r), ref, f.Text("reason")) })
	if web.Mend(err) {
		field := "reason-" + url.PathEscape(db.FoldRef(ref))
		return p.blocks(w, r, http.StatusUnprocessableEntity, views.Blocks{Errors: parts.FieldErrors(r.Context(), at(err, "reason", field))})
	}
	if pr, ok := problem.As(err); ok && pr.Kind == problem.Conflict {
		web.Flash(w, r, "wait", pr.ID, pr.Args...)
		err = nil
	} else if err == nil {
		web.Flash(w, r, "ok", "staff.blocks.flash_off")
	}
	return web.Answer(w, r, err, "/staff/blocks")
}
