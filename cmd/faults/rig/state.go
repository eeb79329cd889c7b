package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Item is one name of an order, as `yumen export orders` tells of it.
type Item struct {
	Order    string `json:"order"`
	Item     int64  `json:"item"`
	Account  int64  `json:"account"`
	Name     string `json:"name"`
	Registry string `json:"registry"`
	Total    int64  `json:"total"`
	Currency string `json:"currency"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	PaidBy   string `json:"paid_by"`
	ToWallet bool   `json:"to_wallet"`
	Refund   int64  `json:"refund"`
	PaidAt   string `json:"paid_at"`
	Attempts []struct {
		ClTRID  string `json:"cl_trid"`
		State   string `json:"state"`
		Outcome string `json:"outcome"`
		Code    int64  `json:"code"`
	} `json:"attempts"`
}

// Key is ORDER/ITEM.
func (i Item) Key() string { return i.Order + "/" + strconv.FormatInt(i.Item, 10) }

// Final reports whether nothing more happens to the item by itself.
func (i Item) Final() bool {
	switch i.State {
	case "registered", "refunded", "cancelled", "expired":
		return true
	}
	return false
}

// Posting is a line of `yumen export ledger`; Type is posting or sale.
type Posting struct {
	Type     string `json:"type"`
	ID       int64  `json:"id"`
	Entry    int64  `json:"entry"`
	Kind     string `json:"kind"`
	Ref      string `json:"ref"`
	Key      string `json:"key"`
	Account  string `json:"account"`
	AccKind  string `json:"account_kind"`
	Owner    int64  `json:"owner"`
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
	Name     string `json:"name"`
	Net      int64  `json:"net"`
	Tax      int64  `json:"tax"`
}

// Name is a line of `yumen export names`.
type Name struct {
	Name      string   `json:"name"`
	Members   []string `json:"members"`
	OrderItem string   `json:"order_item"`
	State     string   `json:"state"`
	ExDate    string   `json:"ex_date"`
	GoneAt    string   `json:"gone_at"`
}

// Domain is what the registry holds.
type Domain struct {
	Name     string    `json:"name"`
	ClID     string    `json:"clID"`
	CrDate   time.Time `json:"crDate"`
	State    string    `json:"state"`
	Statuses []string  `json:"statuses"`
	Bundle   []string  `json:"bundle"`
}

// Payment is what the bank knows of one.
type Payment struct {
	ID       string `json:"payment_id"`
	OrderNo  string `json:"order_no"`
	Amount   int64  `json:"amount"`
	Status   string `json:"status"`
	Refunded int64  `json:"refunded"`
	Refunds  []struct {
		RefundNo string `json:"refund_no"`
		Amount   int64  `json:"amount"`
		Status   string `json:"status"`
		By       string `json:"by"`
	} `json:"refunds"`
	Notices []struct {
		ID          string     `json:"notice_id"`
		Kind        string     `json:"kind"`
		Status      string     `json:"status"`
		Attempts    int        `json:"attempts"`
		DeliveredAt *time.Time `json:"delivered_at"`
	} `json:"notices"`
}

// Message is one that the registry had for a registrar.
type Message struct {
	ID        int64      `json:"id"`
	Registrar string     `json:"registrar"`
	Text      string     `json:"text"`
	Kind      string     `json:"kind"`
	Name      string     `json:"name"`
	AckedAt   *time.Time `json:"acked_at"`
}

// Orders reads `yumen export orders`.
func (r *Rig) Orders(ctx context.Context) ([]Item, error) { return export[Item](ctx, r, "orders") }

// Ledger reads `yumen export ledger`.
func (r *Rig) Ledger(ctx context.Context) ([]Posting, error) {
	return export[Posting](ctx, r, "ledger")
}

// Names reads `yumen export names`.
func (r *Rig) Names(ctx context.Context) ([]Name, error) { return export[Name](ctx, r, "names") }

func export[T any](ctx context.Context, r *Rig, kind string) ([]T, error) {
	out, err := r.Tool(ctx, "export", kind)
	if err != nil {
		return nil, err
	}
	var list []T
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var one T
		if err := d.Decode(&one); err == io.EOF {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("export %s: %w", kind, err)
		}
		list = append(list, one)
	}
}

// Domains are all that the registry holds, of every registrar.
func (r *Rig) Domains(ctx context.Context) ([]Domain, error) {
	var list []Domain
	return list, r.Ask(ctx, "/state/domains", &list)
}

// Payments are all that the bank knows.
func (r *Rig) Payments(ctx context.Context) ([]Payment, error) {
	var list []Payment
	return list, r.Ask(ctx, "/state/payments", &list)
}

// Ask reads the sandbox's state (GET, package sandbox) into a value.
func (r *Rig) Ask(ctx context.Context, path string, into any) error {
	return r.call(ctx, http.MethodGet, path, nil, into)
}

// Tell turns something in the sandbox (POST, package sandbox).
func (r *Rig) Tell(ctx context.Context, path string, body any) error {
	if body == nil {
		body = struct{}{}
	}
	return r.call(ctx, http.MethodPost, path, body, nil)
}

func (r *Rig) call(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, r.Sandbox+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return &Unanswered{err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return &Unanswered{err}
	}
	if resp.StatusCode/100 != 2 {
		return &Refusal{resp.StatusCode, method + " " + path, string(answer)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// Jobs is how many jobs of a kind are in a state: ready, running or dead.
type Jobs struct {
	Kind, State string
	N           int
}

var jobLine = regexp.MustCompile(`(?m)^yumen_jobs\{kind="([^"]*)",state="([^"]*)"\} (\d+)`)

// Jobs counts the portal's unfinished jobs, from its metrics.
func (r *Rig) Jobs(ctx context.Context) ([]Jobs, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Metrics+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return nil, &Unanswered{err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, &Unanswered{err}
	}
	var out []Jobs
	for _, m := range jobLine.FindAllSubmatch(text, -1) {
		n, err := strconv.Atoi(string(m[3]))
		if err != nil {
			return nil, err
		}
		out = append(out, Jobs{string(m[1]), string(m[2]), n})
	}
	return out, nil
}

// Settled waits until every order that was paid has come to its end and no
// money is on its way back, or staff have to decide, for at most within.
func (r *Rig) Settled(ctx context.Context, within time.Duration) ([]Item, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		items, err := r.Orders(ctx)
		if err != nil {
			return nil, err
		}
		open := 0
		for _, i := range items {
			if !i.Final() && i.State != "awaiting_payment" && i.State != "undecided" { // a buyer, or staff, have the next move
				open++
			}
		}
		if open == 0 {
			return items, nil
		}
		select {
		case <-ctx.Done():
			return items, fmt.Errorf("rig: %d items have not come to their end within %s", open, within)
		case <-time.After(pause):
		}
	}
}
