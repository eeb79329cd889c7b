package handlers_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
)

// byBank pays an order at the sandbox's bank and waits for its word.
func (w *world) byBank(who actor.Actor, ref string) {
	w.t.Helper()
	at, err := orders.Pay(ctx, w.d, w.cashier, who, ref, "a name", w.URL.String()+"/orders/"+ref)
	must(w.t, err)
	here := http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == w.URL.Host { // back from the bank: that is the browser's way
			return http.ErrUseLastResponse
		}
		return nil
	}}
	done := func(resp *http.Response, err error) *url.URL {
		w.t.Helper()
		must(w.t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		must(w.t, errors.Join(err, resp.Body.Close()))
		return resp.Request.URL
	}
	page := done(here.Get(at))
	done(here.PostForm(page.String(), url.Values{"answer": {"pay"}}))
	total := w.find(who, ref).Total.Minor
	for end := time.Now().Add(20 * time.Second); w.heldFor(who, ref) != total; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("the bank does not say that %s is paid", ref)
		}
	}
}

// goingBack are the refunds of an order.
func (w *world) goingBack(who actor.Actor, ref string) (list []payments.Refund) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) (err error) { list, err = payments.Refunds(tx, who.House, ref); return err })
	return list
}

// asksBank runs the job that asks the bank to give a refund back, and what
// follows.
func (w *world) asksBank(ref, number, bank string) {
	w.t.Helper()
	w.call("POST", "/settings", map[string]string{"refunds": bank}, nil)
	must(w.t, w.money.Refund(ctx, jobs.Job{Key: number}))
	w.follow(ref, number)
}

// follow runs the flows that follow a move of a refund.
func (w *world) follow(ref, number string) {
	w.t.Helper()
	for range 2 { // a second run does no harm
		must(w.t, w.flows.RefundMoved(ctx, jobs.Job{Key: number}))
		must(w.t, w.flows.Returned(ctx, jobs.Job{Key: ref}))
	}
}

// refusedRefund is an order of one name that was paid at the bank, whose holder
// never came, and whose money the bank will not take back.
func (w *world) refusedRefund(who actor.Actor, name string) (ref, number string) {
	w.t.Helper()
	draft, _ := w.draft(who)
	ref = w.order(who, draft, name)
	w.byBank(who, ref)
	must(w.t, w.flows.Credited(ctx, jobs.Job{Key: ref}))
	w.pass("orders.identity_wait")
	w.call("POST", "/clock", map[string]any{"to": w.d.Now()}, nil)
	must(w.t, w.flows.Sweep(ctx, jobs.Job{}))
	must(w.t, w.flows.Fulfil(ctx, jobs.Job{Key: ref + "/1"}))
	number = w.goingBack(who, ref)[0].Number
	w.asksBank(ref, number, "refused")
	return ref, number
}

// desk are the words of the refund's pages.
var refundDesk = map[string]map[string]string{
	"zh": {"reason": "理由", "keep": "转入客户钱包", "ask": "申请复核，转入客户钱包", "retry": "重新原路退回", "kept": "已转入客户钱包", "moved": "状态已经变了", "needed": "请写明理由",
		"stuck": "付款渠道没有收下退款", "back": "已全额退款", "again": "渠道拒绝，已重新发起", "asked": "等另一人复核", "none": "没有被拒的退款", "going": "未注册成功，正在退款"},
	"en": {"reason": "Reason", "keep": "Put into the wallet", "ask": "Ask for approval to put it into the wallet", "retry": "Ask the channel again", "kept": "In the customer’s wallet", "moved": "has moved on", "needed": "Give the reason",
		"stuck": "did not take the refund", "back": "Refunded in full", "again": "Refused, asked again", "asked": "Waiting for a second person", "none": "No refund was refused", "going": "refund"},
}

// eachDesk runs a test on both engines, in both languages.
func eachDesk(t *testing.T, f func(w *world, lang string)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := openOn(t, d, clock)
		for _, lang := range []string{"zh", "en"} {
			f(w, lang)
		}
	})
}

// TestTwoOfFinanceKeepARefusedRefundOnce: both press the button, twice each; the
// wallet has the money once, and the buyer's page tells the truth all the way.
func TestTwoOfFinanceKeepARefusedRefundOnce(t *testing.T) {
	eachDesk(t, func(w *world, lang string) {
		say := refundDesk[lang]
		lin := w.account(accounts.Root, "lin-"+lang+"@example.cn", lang)
		ref, number := w.refusedRefund(lin, "kept-"+lang+".com")
		total := w.find(lin, ref).Total.Minor
		buyer := w.enter("lin-"+lang+"@example.cn", lang)
		buyer.Visit("/orders/"+ref).See(say["stuck"], number)
		w.account(accounts.Root, "money-"+lang+"@example.cn", lang, actor.Finance)
		w.account(accounts.Root, "till-"+lang+"@example.cn", lang, actor.Finance)
		b := w.enter("money-"+lang+"@example.cn", lang)
		b.Visit("/staff/refunds").See(number, ref).Visit("/staff/refunds/" + number).See(ref)
		b.Press(say["keep"], "").Is("/staff/refunds/"+number, http.StatusUnprocessableEntity).See(say["needed"])
		two := []visitor{w.signed(visitor{name: "finance"}, "money-"+lang+"@example.cn"), w.signed(visitor{name: "the other"}, "till-"+lang+"@example.cn")}
		start, answers := make(chan struct{}), make(chan press, 4)
		for i := range 4 {
			go func() {
				<-start
				answers <- w.press(two[i%2], "/staff/refunds/"+number, lang, url.Values{"do": {"keep"}, "reason": {"agreed by phone"}})
			}()
		}
		close(start)
		kept := 0
		for range 4 {
			switch a := <-answers; {
			case a.err != nil:
				w.t.Error(a.err)
			case a.code == http.StatusSeeOther:
				kept++
			case a.code != http.StatusConflict || !strings.Contains(a.body, say["moved"]):
				w.t.Errorf("the other press is answered %d and not told: %.2000s", a.code, a.body)
			}
		}
		w.follow(ref, number)
		if got := w.balance(lin); kept != 1 || got != total {
			w.t.Errorf("%d presses kept it, and the wallet has %d of %d", kept, got, total)
		}
		for message, want := range map[string]int{"orders.refund_refused": 1, "orders.refund_kept": 1, "orders.refunded": 1} {
			if n := w.toldOf(lin, ref, message); n != want {
				w.t.Errorf("%d letters %s", n, message)
			}
		}
		buyer.Visit("/orders/"+ref).See(say["back"], number)
		b.Visit("/staff/refunds").See(say["none"]).Visit("/staff/refunds/" + number).See(say["kept"])
		w.balanced()
	})
}

func TestARefundIsAskedAgainFromItsPage(t *testing.T) {
	eachDesk(t, func(w *world, lang string) {
		say := refundDesk[lang]
		lin := w.account(accounts.Root, "lin-"+lang+"@example.cn", lang)
		ref, first := w.refusedRefund(lin, "again-"+lang+".com")
		w.account(accounts.Root, "money-"+lang+"@example.cn", lang, actor.Finance)
		b := w.enter("money-"+lang+"@example.cn", lang)
		b.Visit("/staff/refunds/"+first).Fill(say["reason"], "the card is open again").Press(say["retry"], "").Is("/staff/refunds/"+first, http.StatusOK)
		list := w.goingBack(lin, ref)
		second := list[1].Number
		b.See(second)
		w.follow(ref, first)
		buyer := w.enter("lin-"+lang+"@example.cn", lang)
		buyer.Visit("/orders/"+ref).See(say["again"], second, say["going"])
		w.asksBank(ref, second, "done")
		for end := time.Now().Add(20 * time.Second); w.goingBack(lin, ref)[1].State != payments.RefundDone; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				w.t.Fatalf("%+v", w.goingBack(lin, ref))
			}
		}
		w.follow(ref, second)
		buyer.Visit("/orders/" + ref).See(say["back"])
		if got := w.balance(lin); got != 0 {
			w.t.Errorf("the wallet has %d as well", got)
		}
		w.balanced()
	})
}

func TestKeepingMuchTakesASecondPersonAndALateProof(t *testing.T) {
	eachDesk(t, func(w *world, lang string) {
		say := refundDesk[lang]
		w.reprice(150_000)
		lin := w.account(accounts.Root, "lin-"+lang+"@example.cn", lang)
		_, number := w.refusedRefund(lin, "much-"+lang+".com")
		at := "/staff/refunds/" + number
		w.account(accounts.Root, "money-"+lang+"@example.cn", lang, actor.Finance)
		w.account(accounts.Root, "rules-"+lang+"@example.cn", lang, actor.Compliance)
		b := w.enter("money-"+lang+"@example.cn", lang)
		b.Visit(at)
		w.pass("accounts.step_up") // the page lay open for a while
		b.Fill(say["reason"], "agreed by phone").Press(say["ask"], "").Is("/step-up", http.StatusOK)
		if list := w.goingBack(lin, w.ordered(lin)[0].Ref); list[0].State != payments.RefundRefused {
			w.t.Fatalf("decided without a proof: %+v", list)
		}
		b.Fill(signIn[lang][1], password).Press(map[string]string{"zh": "验证并继续", "en": "Check and go on"}[lang], "").Is("/resume", http.StatusOK)
		b.Press(map[string]string{"zh": "提交刚才填的内容", "en": "Send what I typed"}[lang], "").Is(at, http.StatusOK).See(say["asked"])
		var found payments.Case
		dbtest.Read(w.t, w.d, func(tx *db.Tx) (err error) {
			found, err = payments.FindCase(tx, actor.System(accounts.Root, "test", "look"), number)
			return err
		})
		if found.State != payments.RefundRefused || !found.Asked {
			w.t.Fatalf("%+v", found)
		}
		second := w.enter("rules-"+lang+"@example.cn", lang)
		if code, _, _ := w.ask(w.signed(visitor{name: "compliance"}, "rules-"+lang+"@example.cn"), http.MethodGet, at, nil); code != http.StatusNotFound {
			w.t.Errorf("compliance sees the money's page: %d", code)
		}
		second.Visit("/staff/approvals").See(number, "1500.00", "agreed by phone").Fill(map[string]string{"zh": "你的理由", "en": "Your reason"}[lang], "seen the papers").
			Press(map[string]string{"zh": "同意", "en": "Approve"}[lang], "").Is("/staff/approvals", http.StatusOK)
		b.Visit(at).Fill(say["reason"], "agreed by phone").Press(say["keep"], "").Is(at, http.StatusOK).See(say["kept"])
		if got := w.balance(lin); got != 150_000 {
			w.t.Errorf("the wallet has %d", got)
		}
		w.balanced()
	})
}
