package payments

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
	"yumen/registrar/problem"
	"yumen/testkit"
)

// refused is the number of a refund of the order that the bank will not take.
func (r *rig) refused(ref string, fen int64) string {
	r.t.Helper()
	r.control("/settings", `{"refunds": "refused"}`)
	r.paid(ref, fen)
	r.giveBack(ref, false)
	number := r.refunds(ref)[0].Number
	r.ask(number)
	if got := r.refunds(ref)[0].State; got != RefundRefused {
		r.t.Fatalf("%s is %s", number, got)
	}
	return number
}

// ask runs the job that asks the bank.
func (r *rig) ask(number string) {
	r.t.Helper()
	if err := r.flows.Refund(context.Background(), jobs.Job{Key: number}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) keep(who actor.Actor, number, why string) (kept bool, err error) {
	err = r.d.Write(context.Background(), func(tx *db.Tx) (err error) {
		kept, err = KeepRefund(tx, who, number, why)
		return err
	})
	return kept, err
}

func (r *rig) retry(who actor.Actor, number, why string) (again string, err error) {
	err = r.d.Write(context.Background(), func(tx *db.Tx) (err error) {
		again, err = RetryRefund(tx, who, number, why)
		return err
	})
	return again, err
}

func (r *rig) cases(who actor.Actor) (list []Case) {
	r.t.Helper()
	if err := r.d.Read(context.Background(), func(tx *db.Tx) (err error) { list, err = Cases(tx, who, 0, 100); return err }); err != nil {
		r.t.Fatal(err)
	}
	return list
}

func TestARefundTheBankRefusesIsForFinance(t *testing.T) {
	each(t, func(r *rig) {
		number := r.refused("Y7K2-9QDM", 3500)
		finance := r.finance(19)
		if r.saw("saw.returned") != 0 || r.saw("saw.refund_moved") != 1 {
			t.Errorf("refused, and the order is told of %d returns and %d moves", r.saw("saw.returned"), r.saw("saw.refund_moved"))
		}
		if list := r.cases(finance); len(list) != 1 || list[0].Number != number || list[0].Order != "Y7K2-9QDM" || list[0].Second {
			t.Fatalf("the queue has %+v", list)
		}
		elsewhere := finance
		elsewhere.House = 2
		late := finance
		late.SteppedUp = r.clock.Now().Add(-time.Hour)
		for _, c := range []struct {
			name string
			who  actor.Actor
			why  string
			want string
		}{
			{"a customer", lin, "please", "problem.not_found"},
			{"finance of another house", elsewhere, "ours", "problem.not_found"},
			{"finance who has not proved themself lately", late, "agreed", "accounts.step_up_first"},
			{"without a reason", finance, " ", "problem.form"},
		} {
			if _, err := r.keep(c.who, number, c.why); !problem.Is(err, c.want) {
				t.Errorf("%s keeps: %v", c.name, err)
			}
			if _, err := r.retry(c.who, number, c.why); !problem.Is(err, c.want) {
				t.Errorf("%s retries: %v", c.name, err)
			}
		}
		if kept, err := r.keep(finance, number, "card closed, customer agreed by phone"); err != nil || !kept {
			t.Fatal(kept, err)
		}
		if _, err := r.keep(finance, number, "again"); !problem.Is(err, "payments.refund_moved") {
			t.Errorf("kept twice: %v", err)
		}
		if _, err := r.retry(finance, number, "after all"); !problem.Is(err, "payments.refund_moved") {
			t.Errorf("asked again after it was kept: %v", err)
		}
		if r.wallet() != ledger.CNY(3500) || r.saw("saw.returned") != 1 || len(r.cases(finance)) != 0 {
			t.Errorf("wallet %v, told %d times, %d cases", r.wallet(), r.saw("saw.returned"), len(r.cases(finance)))
		}
		r.sound()
	})
}

func TestARefundThatIsAskedAgainGoesBackUnderItsOwnNumber(t *testing.T) {
	each(t, func(r *rig) {
		first := r.refused("Y7K2-9QDM", 3500)
		finance := r.finance(19)
		second, err := r.retry(finance, first, "the bank says the card is open again")
		if err != nil || second == first {
			t.Fatal(second, err)
		}
		if len(r.cases(finance)) != 0 || r.saw("saw.returned") != 0 {
			t.Error("it waits for finance, or is told to be back")
		}
		r.ask(first) // a job that comes late has nothing to do
		r.ask(second)
		if list := r.refunds("Y7K2-9QDM"); len(list) != 2 || list[0].Again != second || list[1].State != RefundRefused {
			t.Fatalf("the bank refused again: %+v", list)
		}
		r.control("/settings", `{"refunds": "done"}`)
		third, err := r.retry(finance, second, "once more")
		if err != nil {
			t.Fatal(err)
		}
		r.ask(third)
		list := r.refunds("Y7K2-9QDM")
		if list[2].State != RefundDone || list[0].State != RefundRefused || list[1].State != RefundRefused || !r.wallet().IsZero() || r.saw("saw.returned") != 1 {
			t.Errorf("%+v, wallet %v, told %d times", list, r.wallet(), r.saw("saw.returned"))
		}
		var bank []struct {
			Refunded int64 `json:"refunded"`
		}
		if r.get("/state/payments?order_no=Y7K2-9QDM", &bank); bank[0].Refunded != 3500 {
			t.Errorf("the bank gave back %d", bank[0].Refunded)
		}
		r.sound()
	})
}

// What the bank still says of a refund that another took the place of moves no
// money: it is a case for finance.
func TestALateYesToARefundAskedAgainIsACase(t *testing.T) {
	each(t, func(r *rig) {
		first := r.refused("Y7K2-9QDM", 3500)
		if _, err := r.retry(r.finance(19), first, "again"); err != nil {
			t.Fatal(err)
		}
		var unfit, fault error
		fault = r.d.Write(context.Background(), func(tx *db.Tx) (err error) {
			p, err := findPayment(tx, "", "Y7K2-9QDM")
			if err != nil {
				return err
			}
			unfit, err = take(tx, r.c, notice{Kind: "refund", Status: "done", OrderNo: "Y7K2-9QDM", PaymentID: p.TheirID, MerchantID: r.c.MerchantID,
				RefundNo: first, Amount: 3500, Currency: "CNY"})
			return err
		})
		if fault != nil || unfit == nil {
			t.Errorf("fault %v, taken as %v", fault, unfit)
		}
		if list := r.refunds("Y7K2-9QDM"); list[0].State != RefundRefused || list[1].State != RefundOwed || r.saw("saw.returned") != 0 {
			t.Errorf("%+v", list)
		}
		r.sound()
	})
}

func TestKeepingMuchMoneyTakesTwoPeople(t *testing.T) {
	each(t, func(r *rig) {
		number := r.refused("Y7K2-9QDM", 100_000)
		finance := r.finance(19)
		keep := func(want bool) {
			t.Helper()
			if kept, err := r.keep(finance, number, "agreed by phone"); err != nil || kept != want {
				t.Fatalf("kept: %t, %v", kept, err)
			}
		}
		keep(false)
		keep(false)
		list := r.cases(finance)
		if len(list) != 1 || !list[0].Second || !list[0].Asked || list[0].Approval.State != desk.Asked || !r.wallet().IsZero() {
			t.Fatalf("%+v", list)
		}
		word := func(who actor.Actor, say func(*db.Tx, actor.Actor, int64, string) error) error {
			id := r.cases(finance)[0].Approval.ID
			return r.d.Write(context.Background(), func(tx *db.Tx) error { return say(tx, who, id, "the papers say so") })
		}
		both := finance
		both.Roles = append(both.Roles, actor.Compliance)
		if err := word(both, desk.Approve); !problem.Is(err, "desk.same_person") {
			t.Errorf("whoever asked approved: %v", err)
		}
		compliance := actor.Actor{House: 1, Account: 11, Person: 21, Name: "c***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
		if err := word(compliance, desk.Refuse); err != nil {
			t.Fatal(err)
		}
		keep(false) // asks anew
		if err := word(compliance, desk.Approve); err != nil {
			t.Fatal(err)
		}
		keep(true)
		if r.wallet() != ledger.CNY(100_000) {
			t.Errorf("wallet %v", r.wallet())
		}
		r.sound()
	})
}

// One of finance keeps a refund while another has it asked again: one of the two
// happens.
func TestKeepingAndAskingAgainAtOnceIsOneOfThem(t *testing.T) {
	rounds := testkit.Size(t, 5, 50)
	each(t, func(r *rig) {
		wallet := int64(0)
		for n := range rounds {
			ref := fmt.Sprintf("BOTH-%04d", n)
			number := r.refused(ref, 3500)
			var done, kept atomic.Int64
			count := func(err error) {
				switch {
				case err == nil:
					done.Add(1)
				case !problem.Is(err, "payments.refund_moved"):
					t.Errorf("%s: %v", ref, err)
				}
			}
			together(2, func() {
				ok, err := r.keep(r.finance(19), number, "agreed by phone")
				if ok {
					kept.Add(1)
				}
				count(err)
			}, func() {
				_, err := r.retry(r.finance(20), number, "try again")
				count(err)
			})
			if done.Load() != 1 {
				t.Errorf("%s: %d of four decided", ref, done.Load())
			}
			wallet += 3500 * kept.Load()
			if want := 1 + int(1-kept.Load()); len(r.refunds(ref)) != want {
				t.Errorf("%s: %d refunds, want %d", ref, len(r.refunds(ref)), want)
			}
		}
		if r.wallet() != ledger.CNY(wallet) {
			t.Errorf("wallet %v, want %d", r.wallet(), wallet)
		}
		r.sound()
	})
}

// Nor does it after finance kept the money: it is with the buyer twice now, and
// somebody has to know.
func TestALateYesToARefundThatWasKeptIsACase(t *testing.T) {
	each(t, func(r *rig) {
		number := r.refused("Y7K2-9QDM", 3500)
		if kept, err := r.keep(r.finance(19), number, "agreed by phone"); err != nil || !kept {
			t.Fatal(kept, err)
		}
		var unfit error
		fault := r.d.Write(context.Background(), func(tx *db.Tx) (err error) {
			p, err := findPayment(tx, "", "Y7K2-9QDM")
			if err != nil {
				return err
			}
			unfit, err = take(tx, r.c, notice{Kind: "refund", Status: "done", OrderNo: "Y7K2-9QDM", PaymentID: p.TheirID, MerchantID: r.c.MerchantID,
				RefundNo: number, Amount: 3500, Currency: "CNY"})
			return err
		})
		if fault != nil || unfit == nil {
			t.Errorf("fault %v, taken as %v", fault, unfit)
		}
		if list := r.refunds("Y7K2-9QDM"); list[0].State != RefundKept || r.wallet() != ledger.CNY(3500) {
			t.Errorf("%+v, wallet %v", list, r.wallet())
		}
		r.sound()
	})
}

// Whoever keeps the money is not the one who approved it, whoever had asked.
func TestWhoeverApprovedDoesNotKeepTheMoneyThemself(t *testing.T) {
	each(t, func(r *rig) {
		number := r.refused("Y7K2-9QDM", 100_000)
		both := r.finance(19)
		both.Roles = append(both.Roles, actor.Compliance)
		compliance := actor.Actor{House: 1, Account: 11, Person: 21, Name: "c***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
		if err := r.d.Write(context.Background(), func(tx *db.Tx) error {
			id, err := desk.Ask(tx, compliance, ActKeep, number, "is this one settled?")
			if err != nil {
				return err
			}
			return desk.Approve(tx, both, id, "yes")
		}); err != nil {
			t.Fatal(err)
		}
		if kept, err := r.keep(both, number, "agreed by phone"); err != nil || kept || !r.wallet().IsZero() {
			t.Fatalf("one person alone kept it: %t, %v, wallet %v", kept, err, r.wallet())
		}
		a := r.cases(both)[0].Approval
		if a.State != desk.Asked || a.AskedBy != both.Person {
			t.Errorf("nobody else is asked: %+v", a)
		}
		if kept, err := r.keep(r.finance(20), number, "agreed by phone"); err != nil || kept {
			t.Errorf("kept %t, %v while a second person is asked", kept, err)
		}
		r.sound()
	})
}
