package customer

import (
	"context"
	"testing"

	"yumen/locales"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/screening"
)

func TestTheHeadlineOfAnOrderSaysWhatBecameOfTheMoney(t *testing.T) {
	items := func(states ...orders.State) (o Order) {
		for _, s := range states {
			o.Items = append(o.Items, orders.Item{State: s})
		}
		o.State = orders.Overall(o.Items)
		return o
	}
	refused := []payments.Refund{{State: payments.RefundRefused}}
	done := []payments.Refund{{State: payments.RefundDone}}
	for name, x := range map[string]struct {
		order       Order
		edit        func(*Order)
		title, text string
	}{
		"the bank declined":        {items(orders.AwaitingPayment), func(o *Order) { o.Declined = true }, "declined", "pay_text"},
		"not sent":                 {items(orders.Ready), func(o *Order) { o.Away = true }, "away", "away_text"},
		"a person looks":           {items(orders.Ready), func(o *Order) { o.Reviews = []screening.Review{{}} }, "name_review", "name_review_text"},
		"sent, no answer":          {items(orders.Sent), func(o *Order) { o.Away = true }, "unanswered", "unanswered_text"},
		"every name":               {items(orders.Registered, orders.Registered), nil, "registered", ""},
		"one of two":               {items(orders.Registered, orders.Refunded), func(o *Order) { o.Refunds = done }, "partly", "partly_text"},
		"cancelled":                {items(orders.Cancelled), nil, "closed", "closed_text"},
		"cancelled, paid late":     {items(orders.Cancelled), func(o *Order) { o.Refunds = done }, "closed", "closed_late_text"},
		"cancelled, refund failed": {items(orders.Cancelled), func(o *Order) { o.Refunds = refused }, "closed", "stuck_text"},
	} {
		if x.edit != nil {
			x.edit(&x.order)
		}
		for _, lang := range []string{"zh", "en"} {
			ctx := locales.WithLang(context.Background(), lang)
			_, title, text := x.order.headline(ctx)
			if want := locales.T(ctx, "order.head."+x.title); title != want {
				t.Errorf("%s, %s: %q, want %q", name, lang, title, want)
			}
			want := ""
			if x.text != "" {
				want = locales.T(ctx, "order.head."+x.text, "Until", locales.DateTime(ctx, x.order.PayUntil))
			}
			if text != want {
				t.Errorf("%s, %s: %q, want %q", name, lang, text, want)
			}
		}
	}
}
