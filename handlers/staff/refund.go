package staff

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/payments"
	views "yumen/views/staff"
)

func (p *Pages) refundRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeMoney))
	r.Get("/refunds", web.H(p.Refunds))
	r.Get("/refunds/{number}", web.H(p.Refund))
	r.Post("/refunds/{number}", web.H(p.DecideRefund))
}

// Refunds lists the refunds that their channel refused and nobody has decided.
func (p *Pages) Refunds(w http.ResponseWriter, r *http.Request) error {
	last, err := position(r, "after")
	if err != nil {
		return err
	}
	v := views.Refunds{First: last == 0}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.List, err = payments.Cases(tx, web.Actor(r), last, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n == pageSize {
		v.Next = views.Query("/staff/refunds", "after", strconv.FormatInt(v.List[n-1].ID, 10))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.refunds.title"), "refunds")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.RefundsPage(page, v))
}

// Refund is one of them, or one that was decided since.
func (p *Pages) Refund(w http.ResponseWriter, r *http.Request) error {
	return p.refund(w, r, http.StatusOK, func(*views.Refund) {})
}

func (p *Pages) refund(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Refund)) error {
	var v views.Refund
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Case, err = payments.FindCase(tx, web.Actor(r), r.PathValue("number"))
		return err
	})
	if err != nil {
		return err
	}
	v.MayAct = web.Actor(r).May(actor.RefundByHand)
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.refund.title", "Number", v.Number), "refunds")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.RefundPage(page, v))
}

// DecideRefund keeps the money in the buyer's wallet, or has the channel asked
// once more.
func (p *Pages) DecideRefund(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	do, number, reason := f.Text("do"), r.PathValue("number"), f.Area("reason")
	if do != "keep" && do != "retry" {
		return lost
	}
	done := "staff.refund.retried"
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if do == "retry" {
			_, err := payments.RetryRefund(tx, web.Actor(r), number, reason)
			return err
		}
		kept, err := payments.KeepRefund(tx, web.Actor(r), number, reason)
		if done = "staff.refund.asked"; kept {
			done = "staff.refund.kept"
		}
		return err
	})
	if web.Mend(err) {
		return p.refund(w, r, http.StatusUnprocessableEntity, func(v *views.Refund) {
			v.Typed, v.Errors = reason, fields(r.Context(), err, "reason")
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", done)
	}
	return web.Answer(w, r, err, "/staff/refunds/"+number)
}
