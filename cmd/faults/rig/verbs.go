package rig

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// See gets a page.
func (b *Buyer) See(ctx context.Context, path string) ([]byte, error) {
	p, err := b.get(ctx, path)
	return p.body, err
}

// Put lays a name into the cart.
func (b *Buyer) Put(ctx context.Context, name string) error {
	_, err := b.post(ctx, "/cart", url.Values{"add": {name}, "years": {"1"}})
	return err
}

// Clear takes a name out of the cart.
func (b *Buyer) Clear(ctx context.Context, name string) error {
	_, err := b.post(ctx, "/cart", url.Values{"remove": {name}})
	return err
}

// Place orders what lies in the cart, for the buyer's profile, all texts
// accepted. It gives the order's reference.
func (b *Buyer) Place(ctx context.Context) (ref string, err error) { return b.place(ctx, nil) }

// PlaceToWallet is Place by somebody who wants money that comes back in the
// wallet.
func (b *Buyer) PlaceToWallet(ctx context.Context) (ref string, err error) {
	return b.place(ctx, url.Values{"refund": {"wallet"}})
}

func (b *Buyer) place(ctx context.Context, change url.Values) (string, error) {
	form, err := b.open(ctx, "/checkout?"+url.Values{"profile": {b.Profile}}.Encode(), "/orders")
	if err != nil {
		return "", err
	}
	for k, v := range change {
		form[k] = v
	}
	p, err := b.post(ctx, "/orders", form)
	if err != nil {
		return "", err
	}
	return last(p.to), nil
}

// Order lays names into an empty cart and orders them.
func (b *Buyer) Order(ctx context.Context, names ...string) (ref string, err error) {
	for _, n := range names {
		if err := b.Put(ctx, n); err != nil {
			return "", err
		}
	}
	return b.Place(ctx)
}

// PayByWallet pays an order from the wallet.
func (b *Buyer) PayByWallet(ctx context.Context, ref string) error {
	_, err := b.post(ctx, "/orders/"+ref+"/pay", url.Values{"by": {"wallet"}})
	return err
}

// PayAtCashier goes to the bank and pays there. The portal learns of it by the
// bank's callback, some time later: see Credited. The number is what the bank
// calls the payment by.
func (b *Buyer) PayAtCashier(ctx context.Context, ref string) (number string, err error) {
	return b.pay(ctx, "/orders/"+ref+"/pay", url.Values{"by": {"cashier"}})
}

// TopUp pays money into the wallet at the bank; minor units.
func (b *Buyer) TopUp(ctx context.Context, minor int64) (number string, err error) {
	return b.pay(ctx, "/wallet", url.Values{"amount": {fmt.Sprintf("%d.%02d", minor/100, minor%100)}})
}

// pay is led to the bank by a form and opens the payment there, which the bank
// pays at once when /settings says auto_pay, else somebody has to (BankPays).
func (b *Buyer) pay(ctx context.Context, path string, form url.Values) (string, error) {
	p, err := b.post(ctx, path, form)
	if err != nil {
		return "", err
	}
	bank, err := url.Parse(p.to)
	if err != nil {
		return "", err
	}
	number := bank.Query().Get("order_no")
	if _, err := b.send(ctx, http.MethodGet, p.to, "", nil); err != nil {
		return number, err
	}
	return number, nil
}

// Cancel ends an order that was not paid.
func (b *Buyer) Cancel(ctx context.Context, ref string) error {
	_, err := b.post(ctx, "/orders/"+ref+"/cancel", nil)
	return err
}

// Says reports whether the buyer's page at path says the words.
func (b *Buyer) Says(ctx context.Context, path, words string) (bool, error) {
	p, err := b.get(ctx, path)
	return bytes.Contains(p.body, []byte(words)), err
}

// Registered waits until the buyer's page of an order of one name tells that it
// was registered.
func (b *Buyer) Registered(ctx context.Context, ref string) error {
	return await(ctx, "the registration of "+ref, func() (bool, error) {
		return b.Says(ctx, "/orders/"+ref+"?lang=en", ": registered, valid until ")
	})
}

// RivalTakes lets the second registrar register a name first.
func (r *Rig) RivalTakes(ctx context.Context, name string) error {
	return r.Tell(ctx, "/rival/register", map[string]any{"name": name})
}

// Decide lets the registry approve or reject a pending application.
func (r *Rig) Decide(ctx context.Context, name string, approve bool) error {
	verb := "reject"
	if approve {
		verb = "approve"
	}
	return r.Tell(ctx, "/registry/"+url.PathEscape(name)+"/"+verb, map[string]any{"reason": "by the fault run"})
}

// BankPays lets the bank pay a payment as if its buyer had pressed Pay.
func (r *Rig) BankPays(ctx context.Context, number string) error {
	return r.Tell(ctx, "/cashier/"+url.PathEscape(number)+"/pay", nil)
}

// BankRepeats sends the bank's last notice of a payment again.
func (r *Rig) BankRepeats(ctx context.Context, number string, times int) error {
	return r.Tell(ctx, "/cashier/"+url.PathEscape(number)+"/repeat", map[string]any{"times": times})
}

// Credited waits until the portal has taken the bank's word for a payment.
func (r *Rig) Credited(ctx context.Context, number string) error {
	return await(ctx, "the credit of "+number, func() (bool, error) {
		var list []Payment
		if err := r.Ask(ctx, "/state/payments?order_no="+url.QueryEscape(number), &list); err != nil {
			return false, err
		}
		for _, p := range list {
			for _, n := range p.Notices {
				if n.Status == "paid" && n.DeliveredAt != nil {
					return true, nil
				}
			}
		}
		return false, nil
	})
}

// Trouble sets what goes wrong at the registry (package sandbox, POST
// /trouble); nil heals everything.
func (r *Rig) Trouble(ctx context.Context, trouble map[string]any) error {
	if trouble == nil {
		return r.call(ctx, http.MethodDelete, "/trouble", nil, nil)
	}
	return r.Tell(ctx, "/trouble", trouble)
}

// Yuan makes minor units of whole yuan, for readable tests.
func Yuan(n int64) int64 { return n * 100 }

// Itoa is what names of fault runs are numbered by.
func Itoa(n int) string { return strconv.FormatInt(int64(n), 36) }
