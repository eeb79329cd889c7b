package orders_test

import (
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
)

var (
	finance = actor.Actor{House: 1, Account: 970, Person: 971, Name: "f***@example.cn", Roles: []actor.Role{actor.Finance}, Lang: "zh",
		SteppedUp: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	compliance = actor.Actor{House: 1, Account: 960, Person: 961, Name: "c***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	support    = actor.Actor{House: 1, Account: 950, Person: 951, Name: "s***@example.cn", Roles: []actor.Role{actor.Support}, Lang: "zh"}
)

// lostFuture makes a name at the thin registry by a command of ours of which
// our data know nothing, as those do that a backup was restored for.
func (w *world) lostFuture(name string, years int, ago time.Duration) {
	w.t.Helper()
	n := names.MustParse(name)
	fee := ledger.CNY(int64(years) * 5500)
	a := w.set.CreateDomain(ctx, registries.Attempt{ID: time.Now().UnixNano(), Registry: "thin", Operation: registries.DomainCreate,
		Object: n.A(), ClTRID: "YM-LOST-" + n.A()}, registries.NewDomain{Name: n, Years: years, Fee: fee.Decimal(), Currency: fee.Currency})
	if a.Outcome != registries.Done {
		w.t.Fatalf("the lost future made %s: %+v", name, a)
	}
	if ago > 0 {
		w.turn(ago)
	}
}

// wanting is a buyer with a paid order for a name.
type wanting struct {
	who actor.Actor
	ref string
}

func (x wanting) key() string { return x.ref + "/1" }

func (w *world) wants(name string) wanting {
	w.t.Helper()
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, name)
	w.pay(who, ref)
	return wanting{who, ref}
}

// held is what is held for an order.
func (w *world) held(ref string) (m ledger.Money) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
		m, err = ledger.Held(tx, 1, ref)
		return err
	}))
	return m
}

func (w *world) contest(name string) (c orders.Contest) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
		c, err = orders.FindContest(tx, finance, names.MustParse(name).A())
		return err
	}))
	return c
}

func (w *world) claimTask(id int64) {
	w.t.Helper()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error { return desk.Claim(tx, finance, id) }))
}

// secondly lets the second person answer what the first asked.
func (w *world) secondly(key string, say func(tx *db.Tx, who actor.Actor, id int64, reason string) error) {
	w.t.Helper()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error {
		list, err := desk.Approvals(tx, compliance, 0, 50)
		if err != nil {
			return err
		}
		for _, a := range list {
			if a.Ref == key {
				return say(tx, compliance, a.ID, "I looked at the log of that day")
			}
		}
		w.t.Errorf("nobody was asked about %s: %+v", key, list)
		return nil
	}))
}

func (w *world) creates(key string) (n int) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := registries.Attempts(tx, 1, key)
		for _, a := range list {
			if a.Operation == registries.DomainCreate {
				n++
			}
		}
		return err
	}))
	return n
}

func TestANameOfOursOfWhichNobodyKnowsWhoseItIsWaitsForAPerson(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.lostFuture("whose.com", 1, 3*time.Hour)
		a, b := w.wants("whose.com"), w.wants("whose.com")
		for _, x := range []wanting{a, b} {
			o := w.await(x.who, x.ref, orders.Undecided)
			if got := w.held(x.ref); got != o.Total {
				t.Errorf("%s is held for %s, want %s", got, x.ref, o.Total)
			}
			if o.Items[0].Next() != orders.NextRegistrar || !slices.Contains(kinds(o), "undecided") {
				t.Errorf("the page says %s, %v", o.Items[0].Next(), kinds(o))
			}
		}
		// Time alone changes nothing, and nothing more is sent.
		sent := w.creates(a.key()) + w.creates(b.key())
		w.turn(48 * time.Hour)
		must(t, w.flows.Fulfil(ctx, jobs.Job{Key: a.key()}))
		must(t, w.flows.Sweep(ctx, jobs.Job{}))
		if now := w.creates(a.key()) + w.creates(b.key()); now != sent || sent != 2 {
			t.Errorf("%d creates were sent, then %d", sent, now)
		}
		// The desk has one task with both orders, for finance alone.
		c := w.contest("whose.com")
		if len(c.Contenders) != 2 || c.Task.ID == 0 || c.People != 2 || c.Found().CrDate.IsZero() {
			t.Fatalf("the desk sees %+v", c)
		}
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			for _, who := range []actor.Actor{support, compliance, reviewer, a.who} {
				if _, err := orders.FindContest(tx, who, "whose.com"); !problem.Is(err, "problem.not_found") {
					t.Errorf("%s finds it: %v", who.Name, err)
				}
			}
			return nil
		}))
		for _, who := range []actor.Actor{support, compliance, a.who} {
			if err := orders.Decide(ctx, w.d, who, a.key(), orders.GiveName, "mine"); !problem.Is(err, "problem.not_found") {
				t.Errorf("%s decides: %v", who.Name, err)
			}
		}
		if err := orders.Decide(ctx, w.d, finance, a.key(), orders.GiveName, "x"); !problem.Is(err, "desk.claim_first") {
			t.Errorf("decided without the task: %v", err)
		}
		w.claimTask(c.Task.ID)
		late := finance
		late.SteppedUp = w.d.Now().Add(-time.Hour)
		if err := orders.Decide(ctx, w.d, late, a.key(), orders.GiveName, "mine"); !problem.Is(err, "accounts.step_up_first") {
			t.Errorf("decided by somebody who has not proved themself lately: %v", err)
		}
		if err := orders.Decide(ctx, w.d, finance, a.key(), orders.GiveName, " "); !problem.Is(err, "desk.reason_missing") {
			t.Errorf("decided without a reason: %v", err)
		}
		if err := w.d.Write(ctx, func(tx *db.Tx) error { return desk.Close(tx, finance, c.Task.ID, "done") }); !problem.Is(err, "desk.needs_decision") {
			t.Errorf("closed without a decision: %v", err)
		}

		// The first person says one thing, the second refuses: it is open again.
		must(t, orders.Decide(ctx, w.d, finance, b.key(), orders.GiveName, "the mail of that day names them"))
		if err := orders.Decide(ctx, w.d, finance, b.key(), orders.GiveMoney, "or not"); !problem.Is(err, "orders.decided_already") {
			t.Errorf("decided twice: %v", err)
		}
		if err := orders.Decide(ctx, w.d, finance, a.key(), orders.GiveName, "both"); !problem.Is(err, "orders.undecided_given") {
			t.Errorf("given twice: %v", err)
		}
		w.secondly(b.key(), desk.Refuse)
		w.soon("the no is heard", func() bool {
			for _, x := range w.contest("whose.com").Contenders {
				if x.Item.Key() == b.key() {
					return x.Doubt.Waits()
				}
			}
			return false
		})
		if o := w.find(b.who, b.ref); o.State != orders.Undecided {
			t.Errorf("after the no it is %s", o.State)
		}

		// Now both agree: a has it, b's money goes back, the task is over.
		must(t, orders.Decide(ctx, w.d, finance, a.key(), orders.GiveName, "the mail of that day names them"))
		if o := w.find(a.who, a.ref); o.State != orders.Undecided {
			t.Errorf("one person alone made it %s", o.State)
		}
		w.secondly(a.key(), desk.Approve)
		w.await(a.who, a.ref, orders.Registered)
		w.await(b.who, b.ref, orders.Refunded)
		w.balanced(a.ref)
		w.balanced(b.ref)
		if back := w.bank(a.ref)[0].Refunded; back != 0 {
			t.Errorf("a is registered and %d went back", back)
		}
		if back := w.bank(b.ref)[0].Refunded; back != w.find(b.who, b.ref).Total.Minor {
			t.Errorf("%d of b's money went back", back)
		}
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			r, ok, err := registrations.Holding(tx, names.MustParse("whose.com"))
			if !ok || r.OrderItem != a.key() || r.Account != a.who.Account {
				t.Errorf("the name is recorded as %+v", r)
			}
			if _, err := desk.For(tx, finance, desk.OrderUndecided, "whose.com"); !problem.Is(err, "problem.not_found") {
				t.Errorf("the task is still open: %v", err)
			}
			return err
		}))
	})
}

func TestANameThatPeopleGiveToNobodyIsRefundedAndTold(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		// Made a moment ago: being close in time proves nothing, as the order's own
		// command was answered.
		w.lostFuture("nobodys.com", 1, 0)
		a, b := w.wants("nobodys.com"), w.wants("nobodys.com")
		w.await(a.who, a.ref, orders.Undecided)
		w.await(b.who, b.ref, orders.Undecided)
		must(t, w.d.Write(ctx, func(tx *db.Tx) error { // a house whose rules ask for one person
			_, err := calendar.SetPolicy(tx, calendar.Value{Key: "orders.undecided_people", Value: 1, Source: "practice", Reason: "a small house"})
			return err
		}))
		w.claimTask(w.contest("nobodys.com").Task.ID)
		must(t, orders.Decide(ctx, w.d, finance, a.key(), orders.GiveMoney, "the buyer of that day is another"))
		w.await(a.who, a.ref, orders.Refunded)
		if o := w.find(b.who, b.ref); o.State != orders.Undecided {
			t.Errorf("b was not decided and is %s", o.State)
		}
		must(t, orders.Decide(ctx, w.d, finance, b.key(), orders.GiveMoney, "the buyer of that day is another"))
		w.await(b.who, b.ref, orders.Refunded)
		for _, x := range []wanting{a, b} {
			w.balanced(x.ref)
			if back := w.bank(x.ref)[0].Refunded; back != w.find(x.who, x.ref).Total.Minor {
				t.Errorf("%s got %d back", x.ref, back)
			}
		}
		admin := actor.Actor{House: 1, Person: 9, Roles: []actor.Role{actor.Admin}}
		w.soon("the name without an owner is told", func() bool {
			found := false
			must(t, w.d.Read(ctx, func(tx *db.Tx) error {
				list, err := desk.Queue(tx, admin, "orders.unowned", desk.Item{}, 50)
				found = len(list) == 1
				return err
			}))
			return found
		})
	})
}

func TestWhatTheRegistrySaysOnTheDayOfTheVerdictDecides(t *testing.T) {
	w := once(t)
	w.lostFuture("gone-again.com", 1, time.Hour)
	w.lostFuture("moved-away.com", 1, time.Hour)
	w.lostFuture("one-year.com", 1, time.Hour)
	gone, moved := w.wants("gone-again.com"), w.wants("moved-away.com")
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("one-year.com"), 2))
	long := wanting{who, w.order(who, profile)}
	w.pay(who, long.ref)
	for _, x := range []wanting{gone, moved, long} {
		w.await(x.who, x.ref, orders.Undecided)
	}
	w.claimTask(w.contest("one-year.com").Task.ID)
	if err := orders.Decide(ctx, w.d, finance, long.key(), orders.GiveName, "x"); !problem.Is(err, "orders.undecided_term") {
		t.Errorf("two years were sold of a name that has one: %v", err)
	}
	give := func(x wanting, name string) {
		w.claimTask(w.contest(name).Task.ID)
		must(t, orders.Decide(ctx, w.d, finance, x.key(), orders.GiveName, "theirs"))
	}
	give(gone, "gone-again.com")
	give(moved, "moved-away.com")
	w.call("POST", "/registry/gone-again.com/delete", map[string]any{"reason": "test"}, nil)
	w.call("POST", "/registry/moved-away.com/delete", map[string]any{"reason": "test"}, nil)
	w.call("POST", "/rival/register", map[string]any{"name": "moved-away.com", "years": 1}, nil)
	w.secondly(gone.key(), desk.Approve)
	w.secondly(moved.key(), desk.Approve)
	w.await(gone.who, gone.ref, orders.Registered) // by its own command now
	if n := w.creates(gone.key()); n != 2 {
		t.Errorf("%d creates made it", n)
	}
	w.balanced(gone.ref)
	if o := w.await(moved.who, moved.ref, orders.Refunded); o.Items[0].Reason != orders.Taken {
		t.Errorf("refunded for %s", o.Items[0].Reason)
	}
	w.balanced(moved.ref)
}

// soon waits for something that jobs do.
func (w *world) soon(what string, done func() bool) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s: never", what)
		}
	}
}

// A link to the cashier that was opened before stays good for a while: who has
// paid otherwise meanwhile pays twice by it. Only the second money goes back.
func TestASecondPaymentLeavesTheMoneyOfAnUndecidedNameAlone(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.lostFuture("twice-paid.com", 1, time.Hour)
		who := w.buyer()
		profile := w.profile(who)
		w.approve(profile)
		ref := w.order(who, profile, "twice-paid.com")
		url, err := orders.Pay(ctx, w.d, w.cashier, who, ref, "Domain names", "http://127.0.0.1/orders/"+ref)
		must(t, err)
		if got := w.page(url); got != 200 {
			t.Fatalf("the pay page answers %d", got)
		}
		total := w.find(who, ref).Total
		must(t, w.d.Write(ctx, func(tx *db.Tx) error {
			return ledger.TopUp(tx, actor.System(1, "test", "set up"), 1, who.Account, "sandbox", "TOP-"+ref, total)
		}))
		must(t, orders.PayFromWallet(ctx, w.d, who, ref))
		w.await(who, ref, orders.Undecided)
		w.call("POST", "/cashier/"+ref+"/pay", map[string]any{}, nil)
		w.soon("the second money goes back", func() bool { return w.bank(ref)[0].Refunded == total.Minor })
		if got := w.held(ref); got != total {
			t.Errorf("%s is held for the name, want %s", got, total)
		}
		w.claimTask(w.contest("twice-paid.com").Task.ID)
		must(t, orders.Decide(ctx, w.d, finance, ref+"/1", orders.GiveName, "the mail of that day names them"))
		w.secondly(ref+"/1", desk.Approve)
		w.await(who, ref, orders.Registered)
		w.balanced(ref)
	})
}

// A request for the second word that somebody opened by hand lets nobody be the
// second person of their own verdict.
func TestNobodyIsTheSecondPersonOfTheirOwnVerdict(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.lostFuture("alone.com", 1, time.Hour)
		x := w.wants("alone.com")
		w.await(x.who, x.ref, orders.Undecided)
		both := finance
		both.Roles = append(slices.Clone(both.Roles), actor.Compliance)
		must(t, w.d.Write(ctx, func(tx *db.Tx) error {
			_, err := desk.Ask(tx, compliance, "orders.undecided_give", x.key(), "is this one settled?")
			return err
		}))
		w.claimTask(w.contest("alone.com").Task.ID)
		must(t, orders.Decide(ctx, w.d, both, x.key(), orders.GiveName, "theirs"))
		asked := w.contest("alone.com").Contenders[0].Doubt.Approval
		must(t, w.d.Write(ctx, func(tx *db.Tx) error { return desk.Approve(tx, both, asked, "yes") }))
		w.soon("the word is heard", func() bool { return w.contest("alone.com").Contenders[0].Doubt.Waits() })
		if o := w.find(x.who, x.ref); o.State != orders.Undecided {
			t.Errorf("one person alone made it %s", o.State)
		}
		must(t, orders.Decide(ctx, w.d, both, x.key(), orders.GiveName, "theirs"))
		w.secondly(x.key(), desk.Approve)
		w.await(x.who, x.ref, orders.Registered)
		w.balanced(x.ref)
	})
}
