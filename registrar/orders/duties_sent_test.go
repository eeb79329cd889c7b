package orders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/registrar/catalogue"
	"yumen/registrar/identity"
	"yumen/registrar/orders"
	"yumen/registrar/registries"
	"yumen/registrar/texts"
	"yumen/testkit/duty"
)

func TestM42_EveryLineOfASaleRefersToAPriceRow(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "priced.com", "priced.cn")
	w.pay(who, ref)
	o := w.await(who, ref, orders.Registered)
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		for _, i := range o.Items {
			p, err := catalogue.QuoteRow(tx, 1, i.PriceRow, i.Years)
			if err != nil {
				return err
			}
			rows, err := catalogue.History(tx, 1, i.Ending)
			if err != nil {
				return err
			}
			valid := slices.ContainsFunc(rows, func(r catalogue.Row) bool {
				return r.ID == i.PriceRow && !r.From.After(o.PlacedAt) && (r.To.IsZero() || r.To.After(o.PlacedAt))
			})
			if !valid || p.Total != i.Total || p.Tax != i.Tax {
				t.Errorf("%s: row %d is %+v, sold for %s", i.NameU, i.PriceRow, p, i.Total)
			}
			duty.Prove(t, "M-42", fmt.Sprintf("%s sold for %s by price row %d, in force that day", i.NameU, i.Total, i.PriceRow))
		}
		return nil
	}))
}

func TestM46_Z10_Z13_NothingIsSentWithoutConsentAndReview(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	ref := w.order(who, profile, "先审后报.招聘")
	w.pay(who, ref)
	o := w.await(who, ref, orders.NeedsIdentity)
	sent := func() int {
		n := len(w.atRegistry("招聘"))
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			v, err := identity.Current(tx, who, profile)
			if err != nil {
				return err
			}
			for _, subject := range []string{ref + "/1", fmt.Sprintf("%d/zhaopin", v.ID)} {
				list, err := registries.Attempts(tx, 1, subject)
				if err != nil {
					return err
				}
				n += len(list)
			}
			return nil
		}))
		return n
	}
	if n := sent(); n != 0 {
		t.Fatalf("%d things were sent for a holder in review", n)
	}
	duty.ProveRefusal(t, "Z-10", fmt.Sprintf("paid, without a review result: %s, %d commands sent", o.State, sent()))
	duty.ProveRefusal(t, "Z-13", fmt.Sprintf("authorised but not verified: %s, %d commands sent", o.State, sent()))

	must(t, identity.WithdrawConsent(ctx, w.d, who, profile, texts.CrossBorder(zhaopin)))
	w.approve(profile)
	w.eventually(who, ref, "no_consent")
	if n := sent(); n != 0 {
		t.Fatalf("%d things were sent without the consent", n)
	}
	duty.ProveRefusal(t, "Z-13", fmt.Sprintf("verified but the authorisation taken back: %v, %d commands sent", kinds(w.find(who, ref)), sent()))
	_, err := w.tryOrder(who, profile, "另一个名字.招聘")
	if code(err) != "NO_CONSENT" {
		t.Errorf("a further order: %v", err)
	}
	duty.ProveRefusal(t, "M-46", "a profile without the consent for the registry abroad: "+code(err)+", nothing disclosed")

	var ids []int64
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := identity.Wanted(tx, 1, []string{zhaopin})
		for _, v := range list {
			ids = append(ids, v.ID)
		}
		return err
	}))
	must(t, identity.Consent(ctx, w.d, who, profile, ids))
	o = w.await(who, ref, orders.Pending)
	if n := sent(); n < 3 {
		t.Errorf("%d things sent", n)
	}
	for _, id := range []string{"Z-10", "Z-13"} {
		duty.Prove(t, id, fmt.Sprintf("approved and authorised: %s by %v", o.State, kinds(o)))
	}
	duty.Prove(t, "M-46", "with each consent the data go to the registry: "+strings.Join(kinds(o), " "))
}
