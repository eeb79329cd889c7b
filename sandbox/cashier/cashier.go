// Package cashier is the sandbox's bank. A merchant creates a payment, the
// buyer presses Pay or Refuse on the bank's page, and the bank tells the
// merchant by a signed callback, again and again until it is taken. Refunds
// carry the merchant's own number. The wire is described in package sandbox.
package cashier

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"yumen/sandbox/answer"
	"yumen/sandbox/clock"
	"yumen/sandbox/state"
)

// MerchantID is the portal's number at the bank.
const MerchantID = "m-1001"

// States of a payment. open -> paid | refused | expired | closed; late money
// turns expired and closed into paid after all.
const (
	open    = "open"
	paid    = "paid"
	refused = "refused"
	expired = "expired"
	closed  = "closed"
)

// Payment is one order's payment. Amount is in minor units of Currency.
type Payment struct {
	ID         string       `json:"payment_id"`
	MerchantID string       `json:"merchant_id"`
	OrderNo    string       `json:"order_no"`
	Amount     int64        `json:"amount"`
	Currency   string       `json:"currency"`
	Subject    string       `json:"subject"`
	Status     string       `json:"status"`
	Refunded   int64        `json:"refunded"`
	PayURL     string       `json:"pay_url"`
	NotifyURL  string       `json:"notify_url"`
	ReturnURL  string       `json:"return_url"`
	CreatedAt  *answer.Time `json:"created_at"`
	ExpiresAt  *answer.Time `json:"expires_at"`
	ClosedAt   *answer.Time `json:"closed_at"`
}

// Refund is money going back: asked by the merchant, or taken by the bank.
type Refund struct {
	ID        string       `json:"refund_id"`
	RefundNo  string       `json:"refund_no"`
	PaymentID string       `json:"payment_id"`
	OrderNo   string       `json:"order_no"`
	Amount    int64        `json:"amount"`
	Currency  string       `json:"currency"`
	Status    string       `json:"status"` // pending -> done | refused
	Reason    string       `json:"reason"`
	By        string       `json:"by"` // merchant or bank
	CreatedAt *answer.Time `json:"created_at"`
	ClosedAt  *answer.Time `json:"closed_at"`
}

// Settings turn the bank. Zero values of the JSON members change nothing.
type Settings struct {
	CallbackDelay  answer.Duration `json:"callback_delay"`  // before the first attempt
	CallbackFirst  answer.Duration `json:"callback_first"`  // wait after the first failure, doubling
	CallbackMax    answer.Duration `json:"callback_max"`    // longest wait
	CallbackCopies int64           `json:"callback_copies"` // how often a notice is delivered, 1 is honest
	AutoPay        string          `json:"auto_pay"`        // "", pay or refuse
	Refunds        string          `json:"refunds"`         // done, pending or refused
}

func (s *Settings) parse(v string) error { return json.Unmarshal([]byte(v), s) }

// Bank is the cashier at work.
type Bank struct {
	file   *state.File
	clock  *clock.Clock
	public string // the control server's URL, where buyers find the pay page
	log    *slog.Logger

	secret string // hex, for the merchant's requests
	keyID  string
	key    ed25519.PrivateKey

	mu       sync.Mutex
	settings Settings

	courier
}

// Open opens the bank kept in dir; public is the URL under which its pages
// are reached. Notices still owed are delivered from now on.
func Open(dir, public string, c *clock.Clock, log *slog.Logger) (*Bank, error) {
	f, err := state.Open(dir, "cashier", schema)
	if err != nil {
		return nil, err
	}
	b := &Bank{file: f, clock: c, public: public, log: log, settings: Settings{
		CallbackFirst: answer.Duration(time.Second), CallbackMax: answer.Duration(time.Minute),
		CallbackCopies: 1, Refunds: "done",
	}}
	if err := b.begin(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bank) begin() error {
	ctx := context.Background()
	var err error
	if b.secret, err = state.KeepFirst(ctx, b.file, "api_secret", func() (string, error) { return random(32), nil }); err != nil {
		return err
	}
	seed, err := state.KeepFirst(ctx, b.file, "signing_seed", func() (string, error) { return random(ed25519.SeedSize), nil })
	if err != nil {
		return err
	}
	raw, err := hex.DecodeString(seed)
	if err != nil {
		return err
	}
	b.key = ed25519.NewKeyFromSeed(raw)
	b.keyID = "k-" + hex.EncodeToString(b.key.Public().(ed25519.PublicKey)[:4])
	if err := b.loadSettings(); err != nil {
		return err
	}
	return b.startCourier()
}

// Close stops the courier and closes the file. Undelivered notices are kept.
func (b *Bank) Close() error {
	b.stopCourier()
	return b.file.Close()
}

// Terms is what a merchant must know to work with the bank.
type Terms struct {
	BaseURL      string `json:"base_url"`
	MerchantID   string `json:"merchant_id"`
	APISecret    string `json:"api_secret"`
	CallbackKeys []Key  `json:"callback_keys"`
}

// Key is a public Ed25519 key in base64.
type Key struct {
	ID        string `json:"id"`
	PublicKey string `json:"public_key"`
}

// Terms answers them.
func (b *Bank) Terms() Terms {
	return Terms{BaseURL: b.public + "/bank/v1", MerchantID: MerchantID, APISecret: b.secret, CallbackKeys: []Key{{
		ID: b.keyID, PublicKey: base64.StdEncoding.EncodeToString(b.key.Public().(ed25519.PublicKey)),
	}}}
}

// Order is a merchant's request for money.
type Order struct {
	OrderNo   string          `json:"order_no"`
	Amount    int64           `json:"amount"`
	Currency  string          `json:"currency"`
	Subject   string          `json:"subject"`
	NotifyURL string          `json:"notify_url"`
	ReturnURL string          `json:"return_url"`
	ExpiresIn answer.Duration `json:"expires_in"`
}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

func (o *Order) check() error {
	switch {
	case o.OrderNo == "" || len(o.OrderNo) > 64 || strings.ContainsAny(o.OrderNo, "/?#% "):
		return answer.Bad("order_no is 1 to 64 characters that need no escaping")
	case o.Amount <= 0:
		return answer.Bad("amount is a positive number of minor units")
	case !currency.MatchString(o.Currency):
		return answer.Bad("currency is three capital letters")
	case !webAddress(o.NotifyURL):
		return answer.Bad("notify_url is an http or https address")
	case o.ReturnURL != "" && !webAddress(o.ReturnURL):
		return answer.Bad("return_url is an http or https address")
	}
	if o.ExpiresIn == 0 {
		o.ExpiresIn = answer.Duration(2 * time.Hour)
	}
	return nil
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Create opens a payment, or returns the one already made for the order
// number; made says which.
func (b *Bank) Create(ctx context.Context, o Order) (p Payment, made bool, err error) {
	if err := o.check(); err != nil {
		return p, false, err
	}
	now := b.clock.Now()
	set := b.Settings()
	err = b.change(ctx, func(tx *sql.Tx) error {
		if p, err = b.payment(tx, o.OrderNo); err == nil {
			if p.Amount != o.Amount || p.Currency != o.Currency {
				return answer.Refuse(http.StatusConflict, "order_no_used", "%s was asked for with %d %s", o.OrderNo, p.Amount, p.Currency)
			}
			return nil
		}
		made = true
		n := Payment{ID: "pay_" + random(10), OrderNo: o.OrderNo, Amount: o.Amount, Currency: o.Currency, Subject: o.Subject,
			Status: open, NotifyURL: o.NotifyURL, ReturnURL: o.ReturnURL}
		if err := insertPayment(tx, n, now.UnixMilli(), now.Add(time.Duration(o.ExpiresIn)).UnixMilli()); err != nil {
			return err
		}
		if p, err = b.payment(tx, n.ID); err != nil || set.AutoPay == "" {
			return err
		}
		return b.conclude(tx, &p, map[string]string{"pay": paid, "refuse": refused}[set.AutoPay], now)
	})
	return p, made, err
}

// Find finds a payment by its id or its order number.
func (b *Bank) Find(ctx context.Context, id string) (p Payment, err error) {
	err = b.file.Write(ctx, func(tx *sql.Tx) error {
		p, err = b.payment(tx, id)
		return err
	})
	return p, err
}

// Answer is the buyer's: paid or refused, while the payment is open.
func (b *Bank) Answer(ctx context.Context, id, status string) (p Payment, err error) {
	return b.finish(ctx, id, status, open)
}

// Withdraw closes an open payment at the merchant's wish.
func (b *Bank) Withdraw(ctx context.Context, id string) (p Payment, err error) {
	return b.finish(ctx, id, closed, open)
}

func (b *Bank) finish(ctx context.Context, id, status string, from ...string) (p Payment, err error) {
	now := b.clock.Now()
	err = b.change(ctx, func(tx *sql.Tx) error {
		if p, err = b.payment(tx, id); err != nil {
			return err
		}
		if p.Status == status {
			return nil
		}
		for _, f := range from {
			if p.Status == f {
				return b.conclude(tx, &p, status, now)
			}
		}
		if p.Status == paid {
			return answer.Refuse(http.StatusConflict, "already_paid", "%s is paid", p.ID)
		}
		return answer.Refuse(http.StatusConflict, "wrong_state", "%s is %s", p.ID, p.Status)
	})
	return p, err
}

// conclude sets the final state and owes the merchant a notice of it. A
// payment the merchant closed itself needs none.
func (b *Bank) conclude(tx *sql.Tx, p *Payment, status string, at time.Time) error {
	if err := setPayment(tx, p.ID, status, at.UnixMilli()); err != nil {
		return err
	}
	p.Status, p.ClosedAt = status, answer.At(at.UnixMilli())
	if status == closed {
		return nil
	}
	return b.owe(tx, Notice{paymentID: p.ID, Kind: "payment", Status: status, Amount: p.Amount, at: at.UnixMilli()})
}

// Settle expires what is overdue, dated as it fell due.
func (b *Bank) Settle(ctx context.Context) error {
	for {
		var found int
		err := b.change(ctx, func(tx *sql.Tx) error {
			list, err := b.overdue(tx, b.clock.Now().UnixMilli())
			if err != nil {
				return err
			}
			found = len(list)
			for _, p := range list {
				if err := b.conclude(tx, &p, expired, time.Time(*p.ExpiresAt)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || found == 0 {
			return err
		}
	}
}

// Settings are those in force.
func (b *Bank) Settings() Settings {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.settings
}

// Set changes and keeps the settings.
func (b *Bank) Set(ctx context.Context, s Settings) error {
	switch {
	case s.AutoPay != "" && s.AutoPay != "pay" && s.AutoPay != "refuse":
		return answer.Bad("auto_pay is pay, refuse or empty")
	case s.Refunds != "done" && s.Refunds != "pending" && s.Refunds != "refused":
		return answer.Bad("refunds is done, pending or refused")
	case s.CallbackCopies < 1 || s.CallbackCopies > 100:
		return answer.Bad("callback_copies is 1 to 100")
	case s.CallbackFirst <= 0 || s.CallbackMax < s.CallbackFirst:
		return answer.Bad("callback_first is more than 0 and at most callback_max")
	}
	kept, err := json.Marshal(s)
	if err != nil {
		return err
	}
	err = b.file.Write(ctx, func(tx *sql.Tx) error { return state.Keep(tx, "settings", string(kept)) })
	if err == nil {
		b.mu.Lock()
		b.settings = s
		b.mu.Unlock()
	}
	return err
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
