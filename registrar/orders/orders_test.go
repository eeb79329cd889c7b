package orders_test

import (
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
)

// name reads a name as its holder.
func (w *world) name(n string) registrations.Registration {
	w.t.Helper()
	var r registrations.Registration
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		held, ok, err := registrations.Holding(tx, names.MustParse(n))
		if err == nil && !ok {
			w.t.Errorf("nobody holds %s with us", n)
		}
		r = held
		return err
	}))
	return r
}

func TestAnApprovedHolderGetsANameTheRegistryAnswersAtOnce(t *testing.T) {
	each(t, func(w *world) {
		who := w.buyer()
		profile := w.profile(who)
		w.approve(profile)
		ref := w.order(who, profile, "yumen-test.com", "yumen-test.cn")
		w.pay(who, ref)
		o := w.await(who, ref, orders.Registered)
		for _, i := range o.Items {
			r := w.name(i.NameU)
			if r.State != registrations.Registered || r.ExDate.Before(r.CrDate.AddDate(0, 11, 0)) || r.OrderItem != i.Key() {
				w.t.Errorf("%s is recorded as %+v", i.NameU, r)
			}
		}
		if cn := w.name("yumen-test.cn"); cn.Registrant == "" {
			w.t.Error("the .cn name has no registrant")
		}
		w.balanced(ref)
		if b := w.bank(ref); len(b) != 1 || b[0].Refunded != 0 || b[0].Amount != o.Total.Minor {
			w.t.Errorf("the bank has %+v for %s", b, o.Total)
		}
	})
}

func TestAnOrderWaitsForItsHolder(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	ref := w.order(who, profile, "waits-for-me.cn")
	w.pay(who, ref)
	o := w.await(who, ref, orders.NeedsIdentity)
	if o.Items[0].Due.IsZero() {
		t.Error("waiting for the holder has no end")
	}
	w.approve(profile)
	o = w.await(who, ref, orders.Registered)
	want := []string{"placed", "paid", "needs_identity", "identity_approved", "contact_sent", "contact_accepted", "sent", "registered"}
	if got := kinds(o); !slices.Equal(got, want) {
		t.Errorf("the timeline is\n%v, want\n%v", got, want)
	}
	w.balanced(ref)
}

func TestAnIdentityThatNeverComesIsRefundedByTheClock(t *testing.T) {
	w := once(t)
	who := w.buyer()
	ref := w.order(who, "", "never-given.com")
	w.pay(who, ref)
	o := w.await(who, ref, orders.NeedsIdentity)
	w.turn(4 * 24 * time.Hour)
	if o = w.find(who, ref); o.State != orders.NeedsIdentity {
		t.Fatalf("after four days it is %s", o.State)
	}
	w.turn(3 * 24 * time.Hour)
	o = w.await(who, ref, orders.Refunded)
	if o.Items[0].Reason != orders.IdentityNever {
		t.Errorf("the reason is %s", o.Items[0].Reason)
	}
	w.balanced(ref)
	if b := w.bank(ref); len(b) != 1 || b[0].Refunded != o.Total.Minor {
		t.Errorf("the bank gave back %+v of %s", b, o.Total)
	}
}

func TestARegistryThatDecidesLater(t *testing.T) {
	for _, row := range []struct {
		name   string
		decide func(w *world, nameA string)
		state  orders.State
		reason orders.Reason
	}{
		{"approves", func(w *world, n string) { w.call("POST", "/registry/"+n+"/approve", nil, nil) }, orders.Registered, ""},
		{"refuses with a reason", func(w *world, n string) {
			w.call("POST", "/registry/"+n+"/reject", map[string]any{"reason": "not a recruiter"}, nil)
		}, orders.Refunded, orders.Rejected},
		{"never decides within ten days", func(w *world, n string) { w.turn(11 * 24 * time.Hour) }, orders.Refunded, orders.TimedOut},
		{"decides while its message is lost", func(w *world, n string) {
			w.trouble(map[string]any{"ending": "", "commands": []string{"poll"}, "drop": 1})
			w.call("POST", "/registry/"+n+"/approve", nil, nil)
			w.turn(6 * 24 * time.Hour) // the first deadline asks
		}, orders.Registered, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := once(t)
			who := w.buyer()
			profile := w.profile(who)
			w.approve(profile)
			ref := w.order(who, profile, "人才市场.招聘")
			w.pay(who, ref)
			o := w.await(who, ref, orders.Pending)
			n := o.Items[0].NameA
			if r := w.name("人才市场.招聘"); r.State != registrations.Pending || r.SubmittedAt.IsZero() {
				t.Errorf("the application is recorded as %+v", r)
			}
			row.decide(w, n)
			o = w.await(who, ref, row.state)
			w.call("DELETE", "/trouble", nil, nil)
			if o.Items[0].Reason != row.reason {
				t.Errorf("the reason is %q, want %q (%s)", o.Items[0].Reason, row.reason, o.Items[0].Words)
			}
			w.balanced(ref)
			back := int64(0)
			if row.state == orders.Refunded {
				back = o.Total.Minor
			}
			if b := w.bank(ref); len(b) != 1 || b[0].Refunded != back {
				t.Errorf("the bank gave back %+v, want %d", b, back)
			}
		})
	}
}

func TestPapersThatNeverCameEndAnApplicationAfterFiveDays(t *testing.T) {
	w := once(t)
	w.call("POST", "/settings", map[string]any{"ending": "招聘", "materials": false}, nil)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "没有材料.招聘")
	w.pay(who, ref)
	o := w.await(who, ref, orders.Pending)
	w.call("POST", "/registry/"+o.Items[0].NameA+"/ask", map[string]any{"reason": "business licence", "items": []string{"licence"}}, nil)
	for end := time.Now().Add(10 * time.Second); !slices.Contains(kinds(w.find(who, ref)), "materials_asked"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the order's page never says what the registry asks for")
		}
	}
	w.turn(6 * 24 * time.Hour)
	o = w.await(who, ref, orders.Refunded)
	if o.Items[0].Reason != orders.NoMaterials {
		t.Errorf("the reason is %s (%s)", o.Items[0].Reason, o.Items[0].Words)
	}
	w.balanced(ref)
}

func TestOneNameTwoBuyers(t *testing.T) {
	each(t, func(w *world) {
		first, second := w.buyer(), w.buyer()
		p1, p2 := w.profile(first), w.profile(second)
		w.approve(p1)
		w.approve(p2)
		r1, r2 := w.order(first, p1, "only-one.com"), w.order(second, p2, "only-one.com")
		w.pay(first, r1)
		w.pay(second, r2)
		var states []orders.State
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			states = []orders.State{w.find(first, r1).State, w.find(second, r2).State}
			if states[0].Final() && states[1].Final() {
				break
			}
		}
		slices.Sort(states)
		if !slices.Equal(states, []orders.State{orders.Refunded, orders.Registered}) {
			w.t.Fatalf("two buyers of one name end as %v", states)
		}
		w.balanced(r1)
		w.balanced(r2)
		refunded := w.bank(r1)[0].Refunded + w.bank(r2)[0].Refunded
		if refunded != w.find(first, r1).Total.Minor {
			w.t.Errorf("the bank gave back %d in all", refunded)
		}
	})
}

func TestAnAnswerThatIsLost(t *testing.T) {
	for _, row := range []struct {
		name    string
		trouble string
		event   string
	}{
		{"after the registry has created the name", "lose_answers", "unknown"},
		{"before the registry saw the command", "drop", "not_done"},
		{"and the answer ends inside a frame", "cut", "unknown"},
		{"and another's transaction id comes back", "wrong_cltrid", "unknown"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := once(t)
			who := w.buyer()
			profile := w.profile(who)
			w.approve(profile)
			w.trouble(map[string]any{"ending": "com", "commands": []string{"domain:create", "domain:info"}, row.trouble: 1})
			ref := w.order(who, profile, "lost-answer.com")
			w.pay(who, ref)
			o := w.await(who, ref, orders.Sent)
			for end := time.Now().Add(10 * time.Second); !slices.Contains(kinds(o), "unknown"); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("nobody is told that the outcome is in doubt: %v", kinds(o))
				}
				o = w.find(who, ref)
			}
			w.call("DELETE", "/trouble", nil, nil)
			o = w.await(who, ref, orders.Registered)
			if !slices.Contains(kinds(o), row.event) {
				t.Errorf("the timeline is %v", kinds(o))
			}
			w.balanced(ref)
			w.name("lost-answer.com")
		})
	}
}

func TestARegistryThatIsDownDelaysAndLosesNothing(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	w.trouble(map[string]any{"ending": "com", "down": "1h"})
	ref := w.order(who, profile, "patience.com", "meanwhile.cn")
	w.pay(who, ref)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		o := w.find(who, ref)
		if o.Items[1].State == orders.Registered {
			if s := o.Items[0].State; s != orders.Sent && s != orders.Ready {
				t.Errorf("the name at the registry that is down is %s", s)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the other registry's name is %s", o.Items[1].State)
		}
	}
	w.turn(61 * time.Minute)
	w.await(who, ref, orders.Registered)
	w.balanced(ref)
}

func TestARefusalGivesTheMoneyBackToTheChannel(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "rival-first.com")
	w.call("POST", "/rival/register", map[string]any{"name": "rival-first.com", "years": 1}, nil)
	w.pay(who, ref)
	o := w.await(who, ref, orders.Refunded)
	if o.Items[0].Reason != orders.Taken || o.Items[0].Refund != o.Total {
		t.Errorf("refused as %s, refund %s", o.Items[0].Reason, o.Items[0].Refund)
	}
	if b := w.bank(ref); len(b) != 1 || b[0].Refunded != o.Total.Minor {
		t.Errorf("the bank gave back %+v", b)
	}
	w.balanced(ref)
}

func TestMoneyForAnOrderThatIsOverGoesBack(t *testing.T) {
	w := once(t)
	who := w.buyer()
	ref := w.order(who, "", "too-late.com")
	url, err := orders.Pay(ctx, w.d, w.cashier, who, ref, "names", "http://127.0.0.1/")
	must(t, err)
	must(t, orders.Cancel(ctx, w.d, who, ref))
	if err := orders.Cancel(ctx, w.d, who, ref); !problem.Is(err, "orders.not_cancellable") {
		t.Errorf("cancelled twice: %v", err)
	}
	resp := w.page(url)
	if resp != 200 {
		t.Fatalf("pay page %d", resp)
	}
	w.call("POST", "/cashier/"+ref+"/pay", map[string]any{}, nil)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if b := w.bank(ref); len(b) == 1 && b[0].Refunded == b[0].Amount {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("late money stays: %+v", w.bank(ref))
		}
	}
	if o := w.find(who, ref); o.State != orders.Cancelled {
		t.Errorf("the order is %s", o.State)
	}
	w.balanced(ref)
}

func TestAnUnpaidOrderEndsByItself(t *testing.T) {
	w := once(t)
	who := w.buyer()
	ref := w.order(who, "", "unpaid.com")
	w.turn(25 * time.Hour)
	w.await(who, ref, orders.Expired)
}
