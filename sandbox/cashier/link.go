package cashier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"yumen/sandbox/answer"
)

// getLink lets a buyer in who comes with a link the merchant signed: the
// payment is opened, or found, and the buyer sent to its page.
func (b *Bank) getLink(w http.ResponseWriter, r *http.Request) {
	p, err := b.followLink(r)
	if err != nil {
		answer.Error(w, err)
		return
	}
	http.Redirect(w, r, p.PayURL, http.StatusSeeOther)
}

func (b *Bank) followLink(r *http.Request) (Payment, error) {
	q := r.URL.Query()
	given, err := hex.DecodeString(q.Get("signature"))
	if err != nil {
		return Payment{}, answer.Refuse(http.StatusUnauthorized, "unauthorised", "wrong signature")
	}
	q.Del("signature")
	key, err := hex.DecodeString(b.secret)
	if err != nil {
		return Payment{}, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("PAY\n" + q.Encode()))
	if q.Get("merchant_id") != MerchantID || !hmac.Equal(given, mac.Sum(nil)) {
		return Payment{}, answer.Refuse(http.StatusUnauthorized, "unauthorised", "wrong signature")
	}
	amount, err := strconv.ParseInt(q.Get("amount"), 10, 64)
	if err != nil {
		return Payment{}, answer.Bad("amount is a positive number of minor units")
	}
	until, err := time.Parse(time.RFC3339, q.Get("expires_at"))
	if err != nil {
		return Payment{}, answer.Bad("expires_at is a time such as 2026-11-22T08:30:00Z")
	}
	left := until.Sub(b.clock.Now())
	if left <= 0 {
		if p, err := b.Find(r.Context(), q.Get("order_no")); err == nil {
			return p, nil
		}
		return Payment{}, answer.Refuse(http.StatusGone, "link_expired", "the link ended at %s", until.Format(time.RFC3339))
	}
	p, _, err := b.Create(r.Context(), Order{OrderNo: q.Get("order_no"), Amount: amount, Currency: q.Get("currency"), Subject: q.Get("subject"),
		NotifyURL: q.Get("notify_url"), ReturnURL: q.Get("return_url"), ExpiresIn: answer.Duration(left)})
	return p, err
}
