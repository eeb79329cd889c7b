package orders_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yumen/locales"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
	"yumen/testkit/duty"
)

// This file proves the duties of the .招聘 rules that an order keeps.

// applied is a paid order of an approved holder that the registry looks at.
func (w *world) applied() (apply func(name string) (ref string, o orders.Order)) {
	w.t.Helper()
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	return func(name string) (string, orders.Order) {
		w.t.Helper()
		ref := w.order(who, profile, name)
		w.pay(who, ref)
		end := time.Now().Add(20 * time.Second)
		for ; time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if o := w.find(who, ref); o.State == orders.Pending || o.Final() {
				return ref, o
			}
		}
		w.t.Fatalf("%s of %s is %s", name, ref, w.find(who, ref).State)
		return "", orders.Order{}
	}
}

// asBuyer finds an order again as whoever placed it.
func (w *world) asBuyer(o orders.Order) orders.Order {
	who := reviewer
	who.Account, who.House = o.Account, o.House
	return w.find(who, o.Ref)
}

func (w *world) until(o orders.Order, want orders.State) orders.Order {
	who := reviewer
	who.Account, who.House = o.Account, o.House
	return w.await(who, o.Ref, want)
}

// available is what the registry answers to a check.
func (w *world) available(name string) string {
	w.t.Helper()
	n := names.MustParse(name)
	got, err := w.set.Check(ctx, "zhaopin", []names.Name{n})
	must(w.t, err)
	return got[n.A()].State
}

func TestZ43_UnderReviewTheStatusReadsPendingCreate(t *testing.T) {
	w := once(t)
	_, o := w.applied()("在审名称.招聘")
	n := w.name(o.Items[0].NameU)
	if n.State != registrations.Pending || len(n.Statuses()) != 1 || n.Statuses()[0] != "pendingCreate" {
		t.Fatalf("the name is %s %v", n.State, n.Statuses())
	}
	seen := map[string]string{}
	for _, lang := range []string{"zh", "en"} {
		seen[lang] = locales.T(locales.WithLang(ctx, lang), "status."+n.Statuses()[0])
		if !strings.Contains(seen[lang], "Pending Create") {
			t.Errorf("in %s it reads %q", lang, seen[lang])
		}
	}
	duty.Prove(t, "Z-43", fmt.Sprint(n.NameU, " is ", n.Statuses(), ", shown as ", seen))
}

func TestZ44_Z45_WithoutPapersAnApplicationEndsAfterFiveDays(t *testing.T) {
	w := once(t)
	w.call("POST", "/settings", map[string]any{"ending": "招聘", "materials": false}, nil)
	apply := w.applied()
	ref, o := apply("五日之内.招聘")
	submitted := o.Items[0].SubmittedAt
	w.turn(5*24*time.Hour - time.Hour)
	w.sweep()
	if o = w.asBuyer(o); o.State != orders.Pending {
		t.Fatalf("an hour before the end it is %s", o.State)
	}
	w.turn(time.Hour + time.Minute)
	o = w.until(o, orders.Refunded)
	b := w.bank(ref)
	if o.Items[0].Reason != orders.NoMaterials || o.Items[0].Refund != o.Total || len(b) != 1 || b[0].Refunded != b[0].Amount {
		t.Errorf("%s, refund %s of %s, the bank %+v", o.Items[0].Reason, o.Items[0].Refund, o.Total, b)
	}
	w.balanced(ref)
	duty.Prove(t, "Z-44", fmt.Sprintf("submitted %s; pending after 4 days 23 h; at the end of five days %s (%s), %s of %s back", submitted.Format(time.DateTime),
		o.State, o.Items[0].Reason, o.Items[0].Refund, o.Total))

	// Z-45: open again 24 hours after the deletion, which the registry says.
	w.turn(23*time.Hour + 50*time.Minute)
	if s := w.available("五日之内.招聘"); s == registries.Free {
		t.Errorf("ten minutes before it opens the registry answers %s", s)
	}
	_, early := apply("五日之内.招聘")
	early = w.until(early, orders.Refunded)
	duty.ProveRefusal(t, "Z-45", fmt.Sprintf("ordered 23:50 after the deletion: %s, %s (%s)", early.State, early.Items[0].Reason, early.Items[0].Words))
	w.turn(11 * time.Minute)
	if s := w.available("五日之内.招聘"); s != registries.Free {
		t.Errorf("a day after the deletion the registry answers %s", s)
	}
	_, open := apply("五日之内.招聘")
	if open.State != orders.Pending {
		t.Errorf("ordered again it is %s", open.State)
	}
	duty.Prove(t, "Z-45", fmt.Sprintf("24 hours after the deletion the name is %s and an order is %s", registries.Free, open.State))
}

func TestZ46_Z48_ARejectedApplicationIsPaidBackInFull(t *testing.T) {
	w := once(t)
	ref, o := w.applied()("不予注册.招聘")
	w.call("POST", "/settings", map[string]any{"refunds": "pending"}, nil)
	w.call("POST", "/registry/"+o.Items[0].NameA+"/reject", map[string]any{"reason": "not a recruiter"}, nil)
	o = w.until(o, orders.Refunding)
	if !o.ClosedAt.IsZero() || o.Final() {
		t.Errorf("the order closed at %s with its money still out", o.ClosedAt)
	}
	duty.ProveRefusal(t, "Z-48", fmt.Sprintf("while the bank has not paid back, the order is %s and not closed", o.State))
	var list []struct {
		Refunds []struct {
			No string `json:"refund_no"`
		} `json:"refunds"`
	}
	for end := time.Now().Add(10 * time.Second); len(list) == 0 || len(list[0].Refunds) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the bank knows no refund of %s", ref)
		}
		w.call("GET", "/state/payments?order_no="+ref, nil, &list)
	}
	w.call("POST", "/cashier/refunds/"+list[0].Refunds[0].No+"/done", map[string]any{}, nil)
	o = w.until(o, orders.Refunded)
	b := w.bank(ref)
	if o.Items[0].Refund != o.Total || len(b) != 1 || b[0].Refunded != o.Total.Minor || o.ClosedAt.IsZero() {
		t.Errorf("refund %s of %s, the bank %+v, closed %s", o.Items[0].Refund, o.Total, b, o.ClosedAt)
	}
	w.balanced(ref)
	free := w.available("不予注册.招聘")
	if free != registries.Free {
		t.Errorf("the registry answers %s", free)
	}
	duty.Prove(t, "Z-46", fmt.Sprintf("rejected (%s): %s of %s back, the registry answers %s at once", o.Items[0].Words, o.Items[0].Refund, o.Total, free))
	duty.Prove(t, "Z-48", fmt.Sprintf("paid %s by %s, %d back on the same payment, held now %s, the books add up", o.Total, o.PaidBy, b[0].Refunded, ledger.CNY(0)))
}

func TestZ47_ARegistryThatTakesMoreThanTenDaysIsGivenUp(t *testing.T) {
	w := once(t)
	ref, o := w.applied()("十日之内.招聘")
	w.turn(10*24*time.Hour - time.Hour)
	w.sweep()
	if now := w.asBuyer(o); now.State != orders.Pending {
		t.Fatalf("an hour before the end it is %s", now.State)
	}
	w.turn(time.Hour + time.Minute)
	o = w.until(o, orders.Refunded)
	if o.Items[0].Reason != orders.TimedOut || o.Items[0].Refund != o.Total {
		t.Errorf("%s, refund %s", o.Items[0].Reason, o.Items[0].Refund)
	}
	w.balanced(ref)
	duty.Prove(t, "Z-47", fmt.Sprintf("at the end of ten days %s (%s), %s back", o.State, o.Items[0].Reason, o.Items[0].Refund))
}

func TestZ50_AWishForMoreDoesNotSetTheClockBack(t *testing.T) {
	w := once(t)
	_, o := w.applied()("补充材料.招聘")
	w.turn(3 * 24 * time.Hour)
	w.call("POST", "/registry/"+o.Items[0].NameA+"/ask", map[string]any{"reason": "business licence", "items": []string{"licence"}}, nil)
	who := reviewer
	who.Account = o.Account
	w.eventually(who, o.Ref, "materials_asked")
	w.turn(7*24*time.Hour + time.Minute)
	o = w.until(o, orders.Refunded)
	if o.Items[0].Reason != orders.TimedOut {
		t.Errorf("it ended as %s", o.Items[0].Reason)
	}
	duty.Prove(t, "Z-50", fmt.Sprintf("asked on the third day; ten days after submission %s (%s): %v", o.State, o.Items[0].Reason, kinds(o)))
}

func TestZ54_ANameIsRegisteredForOneToTenYears(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	n := names.MustParse("十年之约.招聘")
	for _, years := range []int64{0, -1, 11} {
		err := orders.AddToCart(ctx, w.d, who, n, years)
		if code(err) != "orders.years" {
			t.Errorf("%d years: %v", years, err)
		}
		duty.ProveRefusal(t, "Z-54", fmt.Sprintf("%d years: %s", years, code(err)))
	}
	must(t, orders.AddToCart(ctx, w.d, who, n, 10))
	q, err := orders.QuoteCart(ctx, w.d, who)
	must(t, err)
	ref, err := orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref, Profile: profile, Accepted: w.required(zhaopin)})
	must(t, err)
	w.pay(who, ref)
	o := w.await(who, ref, orders.Pending)
	w.call("POST", "/registry/"+o.Items[0].NameA+"/approve", nil, nil)
	w.await(who, ref, orders.Registered)
	r := w.name("十年之约.招聘")
	if got := r.ExDate.Year() - r.CrDate.Year(); got != 10 {
		t.Errorf("registered from %s to %s", r.CrDate, r.ExDate)
	}
	duty.Prove(t, "Z-54", fmt.Sprintf("ten years: %s to %s", r.CrDate.Format(time.DateOnly), r.ExDate.Format(time.DateOnly)))
}
