package cashier

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"yumen/sandbox/answer"
)

const tolerance = 15 * time.Minute

// Routes adds the bank's API, its pay page and its control to the server.
func (b *Bank) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /bank/v1/payments", b.signed(b.postPayment))
	mux.HandleFunc("GET /bank/v1/payments", b.signed(b.getByOrder))
	mux.HandleFunc("GET /bank/v1/payments/{id}", b.signed(b.getPayment))
	mux.HandleFunc("POST /bank/v1/payments/{id}/close", b.signed(b.postClose))
	mux.HandleFunc("POST /bank/v1/payments/{id}/refunds", b.signed(b.postRefund))
	mux.HandleFunc("GET /bank/v1/refunds/{no}", b.signed(b.getRefund))

	mux.HandleFunc("GET /bank/v1/pay", b.getLink)
	mux.HandleFunc("GET /pay/{id}", b.getPayPage)
	mux.HandleFunc("POST /pay/{id}", b.postPayPage)

	mux.HandleFunc("GET /state/payments", func(w http.ResponseWriter, r *http.Request) {
		list, err := b.Accounts(r.Context(), r.URL.Query().Get("order_no"))
		answer.Of(w, list, err)
	})
	mux.HandleFunc("POST /cashier/{id}/{verb}", b.postControl)
	mux.HandleFunc("POST /cashier/refunds/{no}/{verb}", func(w http.ResponseWriter, r *http.Request) {
		status, ok := map[string]string{"done": "done", "refuse": "refused"}[r.PathValue("verb")]
		if !ok {
			answer.Error(w, answer.NotFound("no such verb: %s", r.PathValue("verb")))
			return
		}
		refund, err := b.CloseRefund(r.Context(), r.PathValue("no"), status)
		answer.Of(w, refund, err)
	})
}

// signed lets only the merchant's own requests through.
func (b *Bank) signed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
		if err != nil {
			answer.Error(w, answer.Bad("%v", err))
			return
		}
		if err := b.verify(r, body); err != nil {
			answer.Error(w, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	}
}

func (b *Bank) verify(r *http.Request, body []byte) error {
	no := func(why string) error {
		return answer.Refuse(http.StatusUnauthorized, "unauthorised", "%s", why)
	}
	if r.Header.Get("Bank-Merchant") != MerchantID {
		return no("unknown merchant")
	}
	stamp := r.Header.Get("Bank-Timestamp")
	sent, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return no("no timestamp")
	}
	// Between a turn of the clock and its acknowledgement the portal is behind.
	at := time.Unix(sent, 0)
	if at.Before(b.clock.PortalNow().Add(-tolerance)) || at.After(b.clock.Now().Add(tolerance)) {
		return no("timestamp more than 15 minutes off")
	}
	key, err := hex.DecodeString(b.secret)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%s", stamp, r.Method, r.URL.RequestURI(), body)
	given, err := hex.DecodeString(r.Header.Get("Bank-Signature"))
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return no("wrong signature")
	}
	return nil
}

func created(w http.ResponseWriter, v any, made bool, err error) {
	if err == nil && made {
		answer.JSON(w, http.StatusCreated, v)
		return
	}
	answer.Of(w, v, err)
}

func (b *Bank) postPayment(w http.ResponseWriter, r *http.Request) {
	var o Order
	if err := answer.Read(r, &o); err != nil {
		answer.Error(w, err)
		return
	}
	p, made, err := b.Create(r.Context(), o)
	created(w, p, made, err)
}

func (b *Bank) getByOrder(w http.ResponseWriter, r *http.Request) {
	p, err := b.Find(r.Context(), r.URL.Query().Get("order_no"))
	answer.Of(w, p, err)
}

func (b *Bank) getPayment(w http.ResponseWriter, r *http.Request) {
	p, err := b.Find(r.Context(), r.PathValue("id"))
	answer.Of(w, p, err)
}

func (b *Bank) postClose(w http.ResponseWriter, r *http.Request) {
	p, err := b.Withdraw(r.Context(), r.PathValue("id"))
	answer.Of(w, p, err)
}

func (b *Bank) postRefund(w http.ResponseWriter, r *http.Request) {
	var ask Ask
	if err := answer.Read(r, &ask); err != nil {
		answer.Error(w, err)
		return
	}
	refund, made, err := b.Refund(r.Context(), r.PathValue("id"), ask)
	created(w, refund, made, err)
}

func (b *Bank) getRefund(w http.ResponseWriter, r *http.Request) {
	refund, err := b.FindRefund(r.Context(), r.PathValue("no"))
	answer.Of(w, refund, err)
}

func (b *Bank) postControl(w http.ResponseWriter, r *http.Request) {
	var ask Errand
	if err := answer.Read(r, &ask); err != nil {
		answer.Error(w, err)
		return
	}
	v, err := b.Order(r.Context(), r.PathValue("id"), r.PathValue("verb"), ask)
	answer.Of(w, v, err)
}

// Errand is what control may say besides the verb.
type Errand struct {
	Times  int    `json:"times"`
	What   string `json:"what"`
	Amount int64  `json:"amount"`
}

// Order does to a payment what control asks; the answer is a Payment, or
// Forged.
func (b *Bank) Order(ctx context.Context, id, verb string, e Errand) (any, error) {
	switch verb {
	case "pay":
		return b.finish(ctx, id, paid, open, expired, closed)
	case "refuse":
		return b.finish(ctx, id, refused, open)
	case "repeat":
		return b.Repeat(ctx, id, e.Times)
	case "forge":
		return b.Forge(ctx, id, e.What)
	case "refund":
		return b.Chargeback(ctx, id, e.Amount)
	}
	return nil, answer.NotFound("no such verb: %s", verb)
}

//go:embed pay.html
var payHTML string

var payPage = template.Must(template.New("pay").Parse(payHTML))

// Yuan writes the amount with its currency's two decimals; JPY has none.
func (p Payment) Yuan() string {
	if p.Currency == "JPY" {
		return strconv.FormatInt(p.Amount, 10)
	}
	return fmt.Sprintf("%d.%02d", p.Amount/100, p.Amount%100)
}

// Return is where the buyer goes back to: it shows state and proves nothing.
func (p Payment) Return() string {
	u, err := url.Parse(p.ReturnURL)
	if err != nil || p.ReturnURL == "" {
		return ""
	}
	q := u.Query()
	q.Set("payment_id", p.ID)
	q.Set("order_no", p.OrderNo)
	u.RawQuery = q.Encode()
	return u.String()
}

func (b *Bank) getPayPage(w http.ResponseWriter, r *http.Request) {
	p, err := b.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		http.Error(w, "没有这笔付款 · No such payment", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = payPage.Execute(w, p)
}

func (b *Bank) postPayPage(w http.ResponseWriter, r *http.Request) {
	status, ok := map[string]string{"pay": paid, "refuse": refused}[r.FormValue("answer")]
	if !ok {
		http.Error(w, "支付或拒绝 · Pay or Refuse", http.StatusBadRequest)
		return
	}
	p, err := b.Answer(r.Context(), r.PathValue("id"), status)
	if back := p.Return(); err == nil && back != "" {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	// Too late, or nowhere to go back to: the page shows how it stands.
	http.Redirect(w, r, "/pay/"+url.PathEscape(r.PathValue("id")), http.StatusSeeOther)
}
