package orders_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/testkit"
)

// withdraw takes back the n-th name; want is the problem, empty for none.
func (w *world) withdraw(who actor.Actor, ref string, n int64, want string) {
	w.t.Helper()
	err := orders.Withdraw(ctx, w.d, who, ref, n)
	if (err == nil) != (want == "") || err != nil && code(err) != want {
		w.t.Fatalf("withdrawing %s/%d: %v, want %q", ref, n, err, want)
	}
}

func TestABuyerTakesANameBackBeforeItIsSent(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		who := w.buyer()
		ref := w.order(who, "", "keep-it.com", "give-back.com")
		w.withdraw(who, ref, 2, "orders.withdraw_over") // nothing is paid: the order as a whole is cancelled
		w.pay(who, ref)
		w.await(who, ref, orders.NeedsIdentity)
		w.withdraw(w.buyer(), ref, 2, "orders.not_found")
		w.withdraw(who, ref, 3, "orders.not_found")

		w.withdraw(who, ref, 2, "")
		w.withdraw(who, ref, 2, "orders.withdraw_over")
		w.soon("the money of the second name is back", func() bool { return w.find(who, ref).Items[1].State == orders.Refunded })
		o := w.find(who, ref)
		back := o.Items[1]
		if back.Reason != orders.Withdrawn || back.Refund != back.Total || o.State != orders.NeedsIdentity {
			t.Fatalf("%s, refund %s, the order %s", back.Reason, back.Refund, o.State)
		}
		if b := w.bank(ref); len(b) != 1 || b[0].Refunded != back.Total.Minor {
			t.Errorf("the bank gave back %+v of %s", b, back.Total)
		}
		if l := w.letter(ref, "orders.refused_withdrawn"); l.Args()["Name"] != "give-back.com" {
			t.Errorf("the letter tells of %v", l.Args())
		}
		if acts := w.audited("orders.withdrawn"); !slices.Equal(acts, []string{ref + "/2"}) {
			t.Errorf("the audit has %v", acts)
		}

		// The other name goes on, and what was sent is not taken back.
		profile := w.profile(who)
		w.approve(profile)
		if err := orders.ChooseProfile(ctx, w.d, who, ref, profile); err != nil {
			t.Fatalf("the name that is left cannot have a holder: %v", err)
		}
		w.await(who, ref, orders.Registered)
		w.withdraw(who, ref, 1, "orders.withdraw_over")
		w.balanced(ref)
	})
}

func TestWhatWasTakenBackGoesToTheWalletWhenTheBuyerSaidSo(t *testing.T) {
	w := once(t)
	who := w.buyer()
	ref := w.order(who, "", "to-the-wallet.com")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	must(t, orders.ChooseRefund(ctx, w.d, who, ref, true))
	w.withdraw(who, ref, 1, "")
	o := w.await(who, ref, orders.Refunded)
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		have, err := ledger.Balance(tx, 1, who.Account, "CNY")
		if have != o.Total {
			t.Errorf("the wallet has %s of %s", have, o.Total)
		}
		return err
	}))
	if b := w.bank(ref); b[0].Refunded != 0 {
		t.Errorf("the bank gave back %+v as well", b)
	}
	w.balanced(ref)
}

func TestWhatTheRegistryHasIsNotTakenBack(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "退回.招聘")
	w.pay(who, ref)
	w.await(who, ref, orders.Pending)
	w.withdraw(who, ref, 1, "orders.withdraw_sent")
	if o := w.find(who, ref); o.State != orders.Pending {
		t.Errorf("refused, and yet %s", o.State)
	}
}

// TestTakingBackRacesAgainstSending lets the holder's approval, the sending and
// the buyer meet: each name is registered and paid, or free and refunded.
func TestTakingBackRacesAgainstSending(t *testing.T) {
	r, seed := testkit.Seed(t)
	each(t, func(w *world) {
		t := w.t
		who := w.buyer()
		profile := w.profile(who)
		var names []string
		for n := range testkit.Size(t, 8, 16) {
			names = append(names, fmt.Sprintf("meet-%d.com", n))
		}
		ref := w.order(who, profile, names...)
		w.pay(who, ref)
		w.await(who, ref, orders.NeedsIdentity)
		w.approve(profile)
		w.soon("the first of them goes on", func() bool {
			return slices.ContainsFunc(w.find(who, ref).Items, func(i orders.Item) bool { return i.State != orders.NeedsIdentity })
		})
		// Each name is taken back when so many of the order have gone on from there,
		// to the registry or back: any moment of the sending.
		presses := make([]int, len(names))
		for n := range presses {
			presses[n] = r.IntN(len(names))
		}
		slices.Sort(presses)
		errs := make([]error, len(names))
		var wg sync.WaitGroup
		for k, n := range r.Perm(len(names)) {
			w.soon(fmt.Sprintf("%d of them have gone on", presses[k]), func() bool {
				gone := 0
				for _, i := range w.find(who, ref).Items {
					if i.State != orders.NeedsIdentity && i.State != orders.Ready {
						gone++
					}
				}
				return gone >= presses[k]
			})
			wg.Go(func() { errs[n] = orders.Withdraw(ctx, w.d, who, ref, int64(n+1)) })
		}
		wg.Wait()
		w.soon("every name has its end", func() bool {
			return !slices.ContainsFunc(w.find(who, ref).Items, func(i orders.Item) bool { return !i.State.Final() })
		})
		at, back := w.domains(), int64(0)
		for n, i := range w.find(who, ref).Items {
			_, there := at[i.NameA]
			switch {
			case errs[n] == nil && i.State == orders.Refunded && i.Reason == orders.Withdrawn && !there:
				back += i.Total.Minor
			case (problem.Is(errs[n], "orders.withdraw_sent") || problem.Is(errs[n], "orders.withdraw_over")) && i.State == orders.Registered && there:
			default:
				t.Errorf("%s: %v, and it is %s (%s), at the registry: %v", i.NameA, errs[n], i.State, i.Reason, there)
			}
		}
		t.Logf("seed %d: %d given back", seed, back)
		if b := w.bank(ref); len(b) != 1 || b[0].Refunded != back {
			t.Errorf("the bank gave back %+v, want %d", b, back)
		}
		w.balanced(ref)
	})
}

// A registry that was away, or would not take the command, has made nothing.
func TestWhatReachedNobodyIsTakenBack(t *testing.T) {
	w := once(t)
	who := w.buyer()
	rows := []struct {
		name    string
		outcome registries.Outcome // empty: the attempt is not settled
		want    string
	}{
		{"unsent.com", registries.Unsent, ""},
		{"wait.com", registries.Wait, ""},
		{"no-funds.com", registries.NoFunds, ""},
		{"suspended.com", registries.Suspended, ""},
		{"not-done.com", registries.NotDone, "orders.withdraw_sent"}, // its answer was lost, and it may still arrive
		{"unclear.com", registries.Unclear, "orders.withdraw_sent"},
		{"open.com", "", "orders.withdraw_sent"},
	}
	var names []string
	for _, row := range rows {
		names = append(names, row.name)
	}
	ref := w.order(who, "", names...)
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	for n, row := range rows {
		must(t, w.d.Write(ctx, func(tx *db.Tx) error {
			a, err := registries.Begin(tx, registries.Intent{House: 1, Registry: "thin", Operation: registries.DomainCreate, Object: row.name,
				LockGroup: "com", LockIndex: row.name, Subject: fmt.Sprintf("%s/%d", ref, n+1)})
			if err == nil && row.outcome != "" {
				_, err = registries.Settle(tx, a, row.outcome)
			}
			return err
		}))
		w.withdraw(who, ref, int64(n+1), row.want)
	}
}

// While the registry is told of the holder, the buyer thinks better of it: what
// it answers then changes nothing about a name that is over.
func TestTakingBackWhileTheHolderIsMadeKnown(t *testing.T) {
	const lost = -1
	for answer, code := range map[string]int{"done": 0, "no funds": 2104, "busy": 2502, "lost": lost} {
		t.Run(answer, func(t *testing.T) {
			w := once(t)
			who := w.buyer()
			ref := w.order(who, "", "thought-better.cn")
			w.pay(who, ref)
			w.await(who, ref, orders.NeedsIdentity)
			w.stop() // the flow is run by hand
			profile := w.profile(who)
			w.approve(profile)
			must(t, orders.ChooseProfile(ctx, w.d, who, ref, profile))
			trouble := map[string]any{"ending": "", "commands": []string{"contact:create"}, "delay": "700ms"}
			if code == lost {
				trouble["lose_answers"] = 1
			} else if code != 0 {
				trouble["result"] = map[string]any{"code": code, "rate": 1}
			}
			w.trouble(trouble)
			said := make(chan error, 1)
			go func() { said <- w.flows.Fulfil(ctx, jobs.Job{Key: ref + "/1"}) }()
			w.eventually(who, ref, "contact_sent")
			w.withdraw(who, ref, 1, "")
			if err := <-said; (err == nil) != (code == 0) {
				t.Fatalf("the registry's answer was %v", err)
			}
			w.call("DELETE", "/trouble", nil, nil)
			w.start()
			if code == lost {
				w.soon("the registry is asked about the holder", func() bool {
					_, state := w.contact(profile)
					return state == identity.ContactApproved
				})
			}
			told := kinds(w.await(who, ref, orders.Refunded))
			if at := slices.Index(told, "refused_withdrawn"); at < 0 || !slices.Equal(told[at:], []string{"refused_withdrawn", "refunding", "refunded"}) {
				t.Errorf("the page tells %v", told)
			}
			w.balanced(ref)
		})
	}
}
