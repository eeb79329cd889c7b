package cashier

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"yumen/sandbox/answer"
)

// Notice is something the bank tells the merchant, until it is taken.
type Notice struct {
	ID          string       `json:"notice_id"`
	Kind        string       `json:"kind"` // payment, refund, chargeback
	Status      string       `json:"status"`
	Amount      int64        `json:"amount"`
	Attempts    int64        `json:"attempts"`
	DeliveredAt *answer.Time `json:"delivered_at"`
	LastAnswer  string       `json:"last_answer"`

	paymentID string
	refundNo  string
	at        int64 // when it happened, milliseconds
	copies    int64 // how often it is still to be delivered
}

// letter is the body of a callback.
type letter struct {
	NoticeID   string       `json:"notice_id"`
	Kind       string       `json:"kind"`
	PaymentID  string       `json:"payment_id"`
	MerchantID string       `json:"merchant_id"`
	OrderNo    string       `json:"order_no"`
	RefundNo   string       `json:"refund_no"`
	Amount     int64        `json:"amount"`
	Currency   string       `json:"currency"`
	Status     string       `json:"status"`
	Time       *answer.Time `json:"time"`
}

// courier carries notices, each by a goroutine of its own that ends with
// delivery. Few are on the wire at once.
type courier struct {
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup
	doors  chan struct{}

	owedMu sync.Mutex
	owed   []Notice // written in the running transaction, sent after its commit
}

func (b *Bank) startCourier() error {
	b.ctx, b.stop = context.WithCancel(context.Background())
	b.doors = make(chan struct{}, 16)
	b.client = &http.Client{
		Timeout: 10 * time.Second,
		// A callback address that redirects is a mistake to be seen, not followed.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var left []Notice
	err := b.file.Write(b.ctx, func(tx *sql.Tx) (err error) {
		left, err = undelivered(tx)
		return err
	})
	for _, n := range left {
		b.carry(n)
	}
	return err
}

func (b *Bank) stopCourier() {
	b.stop()
	b.wg.Wait()
	b.client.CloseIdleConnections()
}

// change runs do in a transaction; the notices it owes leave after the commit.
func (b *Bank) change(ctx context.Context, do func(tx *sql.Tx) error) error {
	var send []Notice
	err := b.file.Write(ctx, func(tx *sql.Tx) error {
		// The file has one writer, so what is owed here is this transaction's alone.
		b.owedMu.Lock()
		b.owed = nil
		b.owedMu.Unlock()
		err := do(tx)
		b.owedMu.Lock()
		send, b.owed = b.owed, nil
		b.owedMu.Unlock()
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range send {
		b.carry(n)
	}
	return nil
}

func (b *Bank) owe(tx *sql.Tx, n Notice) error {
	n.ID = "ntc_" + random(10)
	n.copies = b.Settings().CallbackCopies
	if err := insertNotice(tx, n); err != nil {
		return err
	}
	b.owedMu.Lock()
	b.owed = append(b.owed, n)
	b.owedMu.Unlock()
	return nil
}

func (b *Bank) carry(n Notice) {
	b.wg.Go(func() {
		wait := time.Duration(b.Settings().CallbackDelay)
		var backoff time.Duration
		for n.copies > 0 {
			select {
			case <-b.ctx.Done():
				return
			case <-time.After(wait):
			}
			if b.deliver(n) {
				n.copies--
				wait, backoff = 0, 0
				continue
			}
			set := b.Settings()
			backoff = min(max(2*backoff, time.Duration(set.CallbackFirst)), time.Duration(set.CallbackMax))
			wait = backoff
		}
	})
}

// deliver tries once and notes what came of it.
func (b *Bank) deliver(n Notice) (taken bool) {
	select {
	case b.doors <- struct{}{}:
		defer func() { <-b.doors }()
	case <-b.ctx.Done():
		return false
	}
	p, err := b.Find(b.ctx, n.paymentID)
	if err != nil {
		return false
	}
	said, status := b.post(p.NotifyURL, b.envelope(b.write(p, n)))
	var at int64
	if taken = status >= 200 && status < 300; taken {
		at = b.clock.Now().UnixMilli()
	} else if b.ctx.Err() != nil {
		return false
	}
	err = b.file.Write(context.WithoutCancel(b.ctx), func(tx *sql.Tx) error { return attempted(tx, n.ID, said, at) })
	if err != nil {
		b.log.Error("bank: note a delivery", "notice", n.ID, "error", err)
	}
	return taken
}

func (b *Bank) write(p Payment, n Notice) letter {
	return letter{NoticeID: n.ID, Kind: n.Kind, PaymentID: p.ID, MerchantID: p.MerchantID, OrderNo: p.OrderNo,
		RefundNo: n.refundNo, Amount: n.Amount, Currency: p.Currency, Status: n.Status, Time: answer.At(n.at)}
}

// envelope is a signed callback, ready to post.
type envelope struct {
	body      []byte
	keyID     string
	timestamp string
	signature []byte
}

func (b *Bank) envelope(l letter) envelope {
	body, _ := json.Marshal(l) // plain strings and numbers always marshal
	return b.seal(envelope{body: body, keyID: b.keyID, timestamp: strconv.FormatInt(b.clock.Now().Unix(), 10)}, b.key)
}

func (b *Bank) seal(e envelope, key ed25519.PrivateKey) envelope {
	e.signature = ed25519.Sign(key, []byte(e.timestamp+"\n"+e.keyID+"\n"+string(e.body)))
	return e
}

// post sends it; status 0 means that nothing came back.
func (b *Bank) post(address string, e envelope) (said string, status int) {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodPost, address, bytes.NewReader(e.body))
	if err != nil {
		return err.Error(), 0
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Sandbox-Bank/1")
	req.Header.Set("Bank-Key-Id", e.keyID)
	req.Header.Set("Bank-Timestamp", e.timestamp)
	req.Header.Set("Bank-Signature", base64.StdEncoding.EncodeToString(e.signature))
	resp, err := b.client.Do(req)
	if err != nil {
		return err.Error(), 0
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
	return fmt.Sprintf("%d %s", resp.StatusCode, bytes.TrimSpace(body)), resp.StatusCode
}

// Repeat sends the last notice of a payment again, as often as told.
func (b *Bank) Repeat(ctx context.Context, id string, times int) (Payment, error) {
	p, n, err := b.lastNotice(ctx, id)
	if err != nil {
		return p, err
	}
	for range max(times, 1) {
		b.deliver(n)
	}
	return b.Find(ctx, p.ID)
}

func (b *Bank) lastNotice(ctx context.Context, id string) (p Payment, n Notice, err error) {
	err = b.file.Write(ctx, func(tx *sql.Tx) error {
		if p, err = b.payment(tx, id); err != nil {
			return err
		}
		list, err := noticesOf(tx, p.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return answer.Refuse(http.StatusConflict, "wrong_state", "nothing was told about %s yet", p.ID)
		}
		n = list[len(list)-1]
		return nil
	})
	return p, n, err
}

// Forged is what the merchant said to a false notice.
type Forged struct {
	HTTPStatus int    `json:"http_status"`
	Body       string `json:"body"`
}

// Forge sends one false notice that the payment is paid. what names the lie.
func (b *Bank) Forge(ctx context.Context, id, what string) (Forged, error) {
	p, err := b.Find(ctx, id)
	if err != nil {
		return Forged{}, err
	}
	now := b.clock.Now()
	l := b.write(p, Notice{ID: "ntc_" + random(10), Kind: "payment", Status: paid, Amount: p.Amount, at: now.UnixMilli()})
	lie, known := map[string]func(){
		"signature": func() {}, "key": func() {}, "old": func() {},
		"amount":   func() { l.Amount = max(1, l.Amount/100) },
		"currency": func() { l.Currency = map[bool]string{true: "CNY", false: "JPY"}[l.Currency == "JPY"] },
		"merchant": func() { l.MerchantID = "m-9999" },
		"order":    func() { l.OrderNo += "X" },
	}[what]
	if !known {
		return Forged{}, answer.Bad("what is signature, amount, currency, merchant, order, key or old")
	}
	lie()
	e := b.envelope(l)
	switch what {
	case "signature":
		e.signature[0] ^= 1
	case "key":
		_, strange, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return Forged{}, err
		}
		e.keyID = "k-00000000"
		e = b.seal(e, strange)
	case "old":
		e.timestamp = strconv.FormatInt(now.Add(-25*time.Hour).Unix(), 10)
		e = b.seal(e, b.key)
	}
	said, status := b.post(p.NotifyURL, e)
	if status == 0 {
		return Forged{}, answer.Refuse(http.StatusServiceUnavailable, "unavailable", "%s", said)
	}
	return Forged{HTTPStatus: status, Body: said[min(len(said), 4):]}, nil
}
