package payments

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"yumen/registrar/ledger"
)

// Cashier is our side of one payment channel. Fill the fields; they are not
// changed afterwards. Requests are signed by HMAC-SHA256 over timestamp,
// method, path and body; callbacks are signed by the cashier's Ed25519 key,
// of which several may be valid at once.
type Cashier struct {
	Channel    string // our name for it; stored with every payment
	BaseURL    string // such as http://127.0.0.1:7780/bank/v1
	MerchantID string
	Secret     []byte
	Keys       map[string]ed25519.PublicKey // by the id the callback names
	NotifyURL  string                       // where the cashier finds our callback handler
	HTTP       *http.Client                 // nil: a client with a timeout of 10 seconds
	Now        func() time.Time             // the turnable clock
}

// ErrUnreachable says that no answer came, or none that can be read: what the
// channel did is not known.
var ErrUnreachable = errors.New("payments: the cashier did not answer")

// PayURL is the address to send the buyer's browser to. Everything the cashier
// must know is in it, under our signature, so that no request of ours has to
// wait for the cashier while a page is being answered.
func (c *Cashier) PayURL(p Payment) string {
	q := url.Values{}
	q.Set("merchant_id", c.MerchantID)
	q.Set("order_no", p.Number)
	q.Set("amount", strconv.FormatInt(p.Amount.Minor, 10))
	q.Set("currency", p.Amount.Currency)
	q.Set("subject", p.Subject)
	q.Set("notify_url", c.NotifyURL)
	q.Set("return_url", p.ReturnURL)
	q.Set("expires_at", p.Expires.UTC().Format(time.RFC3339))
	// Encode sorts by name, so both sides sign the same text.
	query := q.Encode()
	return strings.TrimRight(c.BaseURL, "/") + "/pay?" + query + "&signature=" + c.mac("PAY\n"+query)
}

func (c *Cashier) mac(text string) string {
	m := hmac.New(sha256.New, c.Secret)
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// theirPayment and theirRefund are the cashier's JSON; members we do not read
// are left out.
type theirPayment struct {
	PaymentID  string    `json:"payment_id"`
	MerchantID string    `json:"merchant_id"`
	OrderNo    string    `json:"order_no"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	Status     string    `json:"status"` // open, paid, refused, expired, closed
	ClosedAt   time.Time `json:"closed_at"`
}

type theirRefund struct {
	RefundID string `json:"refund_id"`
	RefundNo string `json:"refund_no"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Status   string `json:"status"` // pending, done, refused
}

// refusal is what the cashier answers when it will not.
type refusal struct {
	status int
	Code   string
	Text   string
}

func (r *refusal) Error() string { return fmt.Sprintf("cashier: %d %s: %s", r.status, r.Code, r.Text) }

func refusedWith(err error, status int) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == status
}

// byNumber asks for a payment by our number; a refusal with 404 means that the
// buyer never came.
func (c *Cashier) byNumber(ctx context.Context, number string) (p theirPayment, err error) {
	return p, c.call(ctx, http.MethodGet, "/payments?order_no="+url.QueryEscape(number), nil, &p)
}

// refund asks to give money back. Repeated with the same number it answers the
// first result.
func (c *Cashier) refund(ctx context.Context, theirPayment, number string, m ledger.Money, reason string) (r theirRefund, err error) {
	body := map[string]any{"refund_no": number, "amount": m.Minor, "reason": reason}
	return r, c.call(ctx, http.MethodPost, "/payments/"+url.PathEscape(theirPayment)+"/refunds", body, &r)
}

func (c *Cashier) call(ctx context.Context, method, path string, body, into any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
	}
	u, err := url.Parse(strings.TrimRight(c.BaseURL, "/") + path)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(raw))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(c.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Bank-Merchant", c.MerchantID)
	req.Header.Set("Bank-Timestamp", stamp)
	req.Header.Set("Bank-Signature", c.mac(stamp+"\n"+method+"\n"+u.RequestURI()+"\n"+string(raw)))
	client := http.Client{Timeout: 10 * time.Second}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	// What another address answers is not the cashier's word.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %s %s: %w", ErrUnreachable, method, path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%w: %s %s: %w", ErrUnreachable, method, path, err)
	}
	if resp.StatusCode/100 == 2 {
		if err := json.Unmarshal(answer, into); err != nil {
			return fmt.Errorf("%w: %s %s: %w", ErrUnreachable, method, path, err)
		}
		return nil
	}
	var said struct {
		Error struct{ Code, Message string }
	}
	if json.Unmarshal(answer, &said) != nil || said.Error.Code == "" || resp.StatusCode/100 != 4 {
		return fmt.Errorf("%w: %s %s: %s", ErrUnreachable, method, path, resp.Status)
	}
	return &refusal{resp.StatusCode, said.Error.Code, said.Error.Message}
}
