package registry

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	"yumen/sandbox/answer"
)

// Order is what a person at the registry decides about a name.
type Order struct {
	Reason string   `json:"reason"`
	Items  []string `json:"items"`
}

var locks = []string{"serverTransferProhibited", "serverUpdateProhibited", "serverDeleteProhibited"}

// Decide carries out verb on a name; gone is set when the name is no more.
func (r *Registry) Decide(ctx context.Context, s, verb string, o Order) (v DomainView, gone bool, err error) {
	err = r.act(ctx, "", func(w *work) error {
		d, err := w.named(s)
		if err != nil {
			return err
		}
		if gone, err = w.order(d, verb, o); err != nil || gone {
			v.Name = d.Name
			return err
		}
		v, err = w.viewOf(d.Name)
		return err
	})
	return v, gone, err
}

func wrongState(d *Domain, verb string) error {
	return answer.Refuse(http.StatusConflict, "wrong_state", "%s does not fit %s: it is %s %s", verb, d.Name, d.State, strings.Join(d.shown(), " "))
}

func (w *work) order(d *Domain, verb string, o Order) (gone bool, err error) {
	pending := map[string]bool{"approve": true, "reject": true, "ask": true, "materials": true}
	if pending[verb] != (d.State == statePending) && verb != "delete" {
		return false, wrongState(d, verb)
	}
	if o.Reason == "" {
		o.Reason = map[string]string{"reject": "against the rules", "hold": "order of the registry", "lock": "order of the registry",
			"release": "identity verified", "delete": "order of the registry", "ask": "more papers are needed"}[verb]
	}
	switch verb {
	case "approve":
		return false, w.approve(d)
	case "reject":
		return true, w.reject(d, o.Reason)
	case "ask":
		text := "More is needed: " + o.Reason
		if len(o.Items) > 0 {
			text += "; items: " + strings.Join(o.Items, "; ")
		}
		return false, w.tell(&Message{Registrar: d.ClID, Kind: "ask", Text: text}, d, w.change("custom", "materials", o.Reason))
	case "materials":
		if !d.MaterialsAt.IsZero() {
			return false, wrongState(d, verb)
		}
		d.MaterialsAt = w.now
		return false, w.put(d)
	case "hold":
		if has(d.Statuses, "serverHold") {
			return false, wrongState(d, verb)
		}
		add(&d.Statuses, "serverHold")
		d.Reasons["serverHold"] = o.Reason
		if err := w.put(d); err != nil {
			return false, err
		}
		return false, w.changed(d, "update", "Hold: "+o.Reason, o.Reason)
	case "release":
		if !has(d.Statuses, "serverHold") {
			return false, wrongState(d, verb)
		}
		return false, w.release(d, o.Reason)
	case "lock":
		add(&d.Statuses, locks...)
		for _, l := range locks {
			d.Reasons[l] = o.Reason
		}
		if err := w.put(d); err != nil {
			return false, err
		}
		return false, w.changed(d, "update", "Locked: "+o.Reason, o.Reason)
	case "unlock":
		remove(&d.Statuses, locks...)
		for _, l := range locks {
			delete(d.Reasons, l)
		}
		if err := w.put(d); err != nil {
			return false, err
		}
		return false, w.changed(d, "update", "Unlocked: "+o.Reason, o.Reason)
	case "delete":
		return true, w.drop(d, "delete", o.Reason)
	}
	return false, answer.NotFound("no such verb: %s", verb)
}

// DecideContact ends the registry's look at a contact.
func (r *Registry) DecideContact(ctx context.Context, id string, ok bool, reason string) (v ContactView, err error) {
	err = r.act(ctx, "", func(w *work) error {
		k, err := getContact(w.tx, id)
		if errors.Is(err, errNone) {
			return answer.NotFound("no such contact: %s", id)
		}
		if err != nil {
			return err
		}
		if k.CNNIC == nil {
			return answer.Refuse(http.StatusConflict, "wrong_state", "%s has no identity data", id)
		}
		if err := w.decide(k, ok, reason); err != nil {
			return err
		}
		v, err = w.viewContact(k)
		return err
	})
	return v, err
}

// Routes adds state and control of the registry to the control server.
func (r *Registry) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /state/domains", func(w http.ResponseWriter, q *http.Request) {
		list, err := r.Domains(q.Context(), q.URL.Query().Get("ending"), q.URL.Query().Get("registrar"))
		answer.Of(w, list, webError(err))
	})
	mux.HandleFunc("GET /state/domains/{name}", func(w http.ResponseWriter, q *http.Request) {
		var v DomainView
		err := r.act(q.Context(), "", func(w *work) (err error) {
			v, err = w.viewOf(q.PathValue("name"))
			return err
		})
		answer.Of(w, v, webError(err))
	})
	mux.HandleFunc("GET /state/contacts/{id}", func(w http.ResponseWriter, q *http.Request) {
		var v ContactView
		err := r.act(q.Context(), "", func(w *work) error {
			k, err := getContact(w.tx, q.PathValue("id"))
			if errors.Is(err, errNone) {
				return answer.NotFound("no such contact: %s", q.PathValue("id"))
			}
			if err == nil {
				v, err = w.viewContact(k)
			}
			return err
		})
		answer.Of(w, v, webError(err))
	})
	mux.HandleFunc("GET /state/registrars", func(w http.ResponseWriter, q *http.Request) {
		list, err := r.Registrars(q.Context())
		answer.Of(w, list, err)
	})
	mux.HandleFunc("GET /state/sessions", func(w http.ResponseWriter, q *http.Request) {
		answer.JSON(w, http.StatusOK, r.Sessions())
	})
	mux.HandleFunc("GET /state/poll", func(w http.ResponseWriter, q *http.Request) {
		list, err := r.Messages(q.Context(), q.URL.Query().Get("registrar"))
		answer.Of(w, list, err)
	})
	mux.HandleFunc("POST /registry/{name}/{verb}", func(w http.ResponseWriter, q *http.Request) {
		var o Order
		if err := answer.Read(q, &o); err != nil {
			answer.Error(w, err)
			return
		}
		v, gone, err := r.Decide(q.Context(), q.PathValue("name"), q.PathValue("verb"), o)
		if err == nil && gone {
			answer.JSON(w, http.StatusOK, map[string]string{"deleted": v.Name})
			return
		}
		answer.Of(w, v, webError(err))
	})
	mux.HandleFunc("POST /registry/contacts/{id}/{verb}", func(w http.ResponseWriter, q *http.Request) {
		var o Order
		err := answer.Read(q, &o)
		ok := q.PathValue("verb") == "approve"
		if err == nil && !ok && q.PathValue("verb") != "reject" {
			err = answer.NotFound("no such verb: %s", q.PathValue("verb"))
		}
		var v ContactView
		if err == nil {
			v, err = r.DecideContact(q.Context(), q.PathValue("id"), ok, o.Reason)
		}
		answer.Of(w, v, webError(err))
	})
	mux.HandleFunc("POST /registry/reserve", func(w http.ResponseWriter, q *http.Request) {
		var ask struct {
			Name   string `json:"name"`
			Reason string `json:"reason"`
		}
		err := answer.Read(q, &ask)
		if err == nil {
			ask.Name = aLabel(ask.Name)
			if _, bad := parseName(ask.Name); bad != nil {
				err = answer.Bad("%s: %v", ask.Name, bad)
			}
		}
		if err == nil {
			if ask.Reason == "" {
				ask.Reason = "reserved"
			}
			err = r.file.Write(q.Context(), func(tx *sql.Tx) error { return reserve(tx, ask.Name, ask.Reason, time.Time{}) })
		}
		answer.Of(w, ask, err)
	})
	mux.HandleFunc("POST /registry/price", func(w http.ResponseWriter, q *http.Request) {
		var ask PriceChange
		err := answer.Read(q, &ask)
		if err == nil {
			err = r.ChangePrice(q.Context(), ask)
		}
		answer.Of(w, ask, err)
	})
	r.rivalRoutes(mux)
	r.troubleRoutes(mux)
}

func (r *Registry) troubleRoutes(mux *http.ServeMux) {
	show := func(w http.ResponseWriter) {
		seed, list := r.Troubles()
		answer.JSON(w, http.StatusOK, map[string]any{"seed": seed, "troubles": list})
	}
	mux.HandleFunc("GET /trouble", func(w http.ResponseWriter, q *http.Request) { show(w) })
	mux.HandleFunc("POST /trouble", func(w http.ResponseWriter, q *http.Request) {
		var ask struct {
			Trouble
			Seed int64 `json:"seed"`
		}
		err := answer.Read(q, &ask)
		if err == nil {
			err = r.MakeTrouble(q.Context(), ask.Trouble, ask.Seed)
		}
		if err != nil {
			answer.Error(w, err)
			return
		}
		show(w)
	})
	mux.HandleFunc("DELETE /trouble", func(w http.ResponseWriter, q *http.Request) {
		if err := r.Heal(q.Context()); err != nil {
			answer.Error(w, err)
			return
		}
		show(w)
	})
}

// SetBalance sets what a registrar has on its account, in fen.
func (r *Registry) SetBalance(ctx context.Context, registrar string, balance int64) error {
	return r.file.Write(ctx, func(tx *sql.Tx) error {
		found, err := setBalance(tx, registrar, balance)
		if err == nil && !found {
			return answer.NotFound("no such registrar: %s", registrar)
		}
		return err
	})
}
