package sandbox

import (
	"context"
	"net/http"

	"yumen/sandbox/answer"
	"yumen/sandbox/cashier"
	"yumen/sandbox/clock"
	"yumen/sandbox/registry"
	"yumen/sandbox/verifier"
)

func (w *World) routes() http.Handler {
	mux := http.NewServeMux()
	w.Clock.Routes(mux, w.settle)
	w.Registry.Routes(mux)
	w.Cashier.Routes(mux)
	w.Verifier.Routes(mux)
	w.Mailbox.Routes(mux)
	w.pages(mux)
	mux.HandleFunc("GET /connect", func(rw http.ResponseWriter, r *http.Request) {
		v, err := w.connect(r.Context())
		answer.Of(rw, v, err)
	})
	mux.HandleFunc("GET /settings", func(rw http.ResponseWriter, r *http.Request) {
		answer.JSON(rw, http.StatusOK, w.settings())
	})
	mux.HandleFunc("POST /settings", func(rw http.ResponseWriter, r *http.Request) {
		var ask change
		err := answer.Read(r, &ask)
		if err == nil {
			err = w.set(r.Context(), ask)
		}
		answer.Of(rw, w.settings(), err)
	})
	w.away.routes(mux)
	return w.guard(w.away.bank(mux))
}

// connection is all that a portal must know before it opens.
type connection struct {
	EPP        registry.Access  `json:"epp"`
	SMTP       address          `json:"smtp"`
	Cashier    cashier.Terms    `json:"cashier"`
	Verifier   verifier.Terms   `json:"verifier"`
	Clock      clock.Reading    `json:"clock"`
	Control    link             `json:"control"`
	Registries []registry.Rules `json:"registries"`
}

type address struct {
	Address string `json:"address"`
}

type link struct {
	URL string `json:"url"`
}

func (w *World) connect(ctx context.Context) (connection, error) {
	access, err := w.Registry.Access(ctx)
	return connection{EPP: access, SMTP: address{w.SMTP}, Cashier: w.Cashier.Terms(), Verifier: w.Verifier.Terms(),
		Clock: w.Clock.Read(), Control: link{w.public}, Registries: w.Registry.Rules()}, err
}

// change is what POST /settings may carry: only what is there changes.
type change struct {
	MaxSessions       *int             `json:"max_sessions"`
	CommandsPerMinute *int             `json:"commands_per_minute"`
	Idle              *answer.Duration `json:"idle"`
	LoginWait         *answer.Duration `json:"login_wait"`
	ContactReview     *string          `json:"contact_review"`
	TransferAuto      *answer.Duration `json:"transfer_auto"`
	Skew              *string          `json:"skew"`

	Registrar string `json:"registrar"`
	Balance   *int64 `json:"balance"`

	Ending       string           `json:"ending"` // "" is every ending
	AutoApprove  *answer.Duration `json:"auto_approve"`
	Materials    *bool            `json:"materials"`
	Verification *string          `json:"verification"`

	CallbackDelay  *answer.Duration `json:"callback_delay"`
	CallbackFirst  *answer.Duration `json:"callback_first"`
	CallbackMax    *answer.Duration `json:"callback_max"`
	CallbackCopies *int64           `json:"callback_copies"`
	AutoPay        *string          `json:"auto_pay"`
	Refunds        *string          `json:"refunds"`
}

func put[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// set changes what the request carries, the registry first.
func (w *World) set(ctx context.Context, c change) error {
	s := w.Registry.Settings()
	put(&s.MaxSessions, c.MaxSessions)
	put(&s.CommandsPerMinute, c.CommandsPerMinute)
	put(&s.Idle, c.Idle)
	put(&s.LoginWait, c.LoginWait)
	put(&s.ContactReview, c.ContactReview)
	put(&s.TransferAuto, c.TransferAuto)
	put(&s.Skew, c.Skew)
	ending, err := registry.EndingOf(c.Ending)
	if err != nil {
		return err
	}
	for e, x := range s.Endings {
		if ending == "" || ending == e {
			put(&x.AutoApprove, c.AutoApprove)
			put(&x.Materials, c.Materials)
			put(&x.Verification, c.Verification)
		}
	}
	if err := w.Registry.Set(ctx, s); err != nil {
		return err
	}
	if c.Balance != nil {
		if err := w.Registry.SetBalance(ctx, c.Registrar, *c.Balance); err != nil {
			return err
		}
	}
	b := w.Cashier.Settings()
	put(&b.CallbackDelay, c.CallbackDelay)
	put(&b.CallbackFirst, c.CallbackFirst)
	put(&b.CallbackMax, c.CallbackMax)
	put(&b.CallbackCopies, c.CallbackCopies)
	put(&b.AutoPay, c.AutoPay)
	put(&b.Refunds, c.Refunds)
	return w.Cashier.Set(ctx, b)
}

func (w *World) settings() any {
	return struct {
		Registry registry.Settings `json:"registry"`
		Cashier  cashier.Settings  `json:"cashier"`
	}{w.Registry.Settings(), w.Cashier.Settings()}
}
