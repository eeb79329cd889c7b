package orders_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/identity"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
)

// eventually waits until the newest events of an order include a kind.
func (w *world) eventually(who actor.Actor, ref, kind string) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); !slices.Contains(kinds(w.find(who, ref)), kind); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s never shows in %v", kind, kinds(w.find(who, ref)))
		}
	}
}

func (w *world) contact(ref string) (id string, state identity.ContactState) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		for _, key := range []string{"cnnic", "zhaopin"} {
			v, err := identity.Current(tx, actor.System(1, "test", "look"), ref)
			if err != nil {
				return err
			}
			c, err := identity.Contact(tx, v.ID, key)
			if err != nil {
				return err
			}
			if c.State != identity.ContactNone {
				id, state = c.ContactID, c.State
			}
		}
		return nil
	}))
	return id, state
}

func TestARegistryThatVerifiesTheHolderFirst(t *testing.T) {
	w := once(t)
	w.call("POST", "/settings", map[string]any{"contact_review": "by_hand"}, nil)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "verify-first.cn", "verify-too.cn")
	w.pay(who, ref)
	w.eventually(who, ref, "contact_pending")
	id, state := w.contact(profile)
	if state != identity.ContactPending {
		t.Fatalf("the holder is %s", state)
	}
	w.call("POST", "/registry/contacts/"+id+"/approve", nil, nil)
	w.await(who, ref, orders.Registered)
	w.balanced(ref)
	var attempts int
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		n, err := db.Get[int64](tx, `SELECT COUNT(*) FROM registry_attempts WHERE operation = $1`, registries.ContactCreate)
		attempts = int(n)
		return err
	}))
	if attempts != 1 {
		t.Errorf("two names of one holder made %d contacts", attempts)
	}
}

func TestAHolderTheRegistryRefusesWaitsForABetterOne(t *testing.T) {
	w := once(t)
	w.call("POST", "/settings", map[string]any{"contact_review": "by_hand"}, nil)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "refused-holder.cn")
	w.pay(who, ref)
	w.eventually(who, ref, "contact_pending")
	id, _ := w.contact(profile)
	w.call("POST", "/registry/contacts/"+id+"/reject", map[string]any{"reason": "blurred"}, nil)
	o := w.await(who, ref, orders.NeedsIdentity)
	if o.Items[0].Due.IsZero() || !slices.Contains(kinds(o), "contact_refused") {
		t.Errorf("the page says %v", kinds(o))
	}
	// The same version does not go on; in the end the money does.
	w.turn(7 * 24 * time.Hour)
	o = w.await(who, ref, orders.Refunded)
	if o.Items[0].Reason != orders.IdentityNever {
		t.Errorf("refused for %s", o.Items[0].Reason)
	}
	w.balanced(ref)
}

func TestAnEmptyRegistryAccountStopsItsQueueAndRefusesNobody(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	w.call("POST", "/settings", map[string]any{"registrar": "yumen", "balance": 0}, nil)
	ref := w.order(who, profile, "no-funds.com")
	w.pay(who, ref)
	w.eventually(who, ref, "registrar_delay")
	finance := actor.Actor{House: 1, Account: 7, Person: 8, Roles: []actor.Role{actor.Finance}}
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		task, err := desk.For(tx, finance, registries.TaskNoFunds, "thin")
		if err == nil && task.Summary != "orders.task.no_funds" {
			t.Errorf("finance is told %+v", task)
		}
		return err
	}))
	w.call("POST", "/settings", map[string]any{"registrar": "yumen", "balance": 100000000}, nil)
	w.turn(11 * time.Minute)
	w.await(who, ref, orders.Registered)
	w.balanced(ref)
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := w.set.Health(tx)
		for _, h := range list {
			if h.Queue != registries.QueueOpen {
				t.Errorf("%s is %s", h.Registry, h.Queue)
			}
		}
		return err
	}))
}

func TestWhatTheRegistryChangesIsTakenOver(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "人事网.招聘")
	w.pay(who, ref)
	o := w.await(who, ref, orders.Pending)
	n := names.MustParse("人事网.招聘")
	w.call("POST", "/registry/"+o.Items[0].NameA+"/approve", nil, nil)
	w.await(who, ref, orders.Registered)
	w.call("POST", "/registry/"+o.Items[0].NameA+"/hold", map[string]any{"reason": "court"}, nil)
	var whole registrations.Whole
	for end := time.Now().Add(10 * time.Second); !slices.Contains(whole.Statuses(), "serverHold"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the name shows %q", whole.StatusText)
		}
		must(t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
			whole, err = registrations.Find(tx, who, n)
			return err
		}))
	}
	if whole.Resolves() {
		t.Error("a name on hold resolves")
	}
	var history []string
	for _, e := range whole.History {
		history = append(history, e.Kind)
	}
	for _, kind := range []string{"applied", "registered", "status_set"} {
		if !slices.Contains(history, kind) {
			t.Errorf("the history %v lacks %s", history, kind)
		}
	}
	if len(whole.Members) < 2 || whole.Members[0].Role != "primary" {
		t.Errorf("the bundle is %+v", whole.Members)
	}
	// Each member of the bundle leads to the name, for its holder alone.
	for _, m := range whole.Members {
		member := names.MustParse(m.NameA)
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			if _, err := registrations.Find(tx, w.stranger(), member); err == nil {
				t.Errorf("somebody else sees %s", m.NameU)
			}
			_, err := registrations.Find(tx, who, member)
			return err
		}))
	}
	w.call("POST", "/registry/"+o.Items[0].NameA+"/delete", map[string]any{"reason": "order"}, nil)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		held := true
		must(t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
			_, held, err = registrations.Holding(tx, n)
			return err
		}))
		if !held {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a name the registry deleted is still held")
		}
	}
}

func (w *world) stranger() actor.Actor { return actor.Actor{House: 1, Account: 12345, Person: 12346} }

func TestExportsAreLinesOfJSON(t *testing.T) {
	each(t, func(w *world) {
		who := w.buyer()
		profile := w.profile(who)
		w.approve(profile)
		ref := w.order(who, profile, "exported.com")
		w.pay(who, ref)
		w.await(who, ref, orders.Registered)
		var out bytes.Buffer
		must(w.t, orders.Export(ctx, w.d, &out))
		must(w.t, registrations.Export(ctx, w.d, &out))
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 {
			w.t.Fatalf("%d lines", len(lines))
		}
		for i, want := range []map[string]any{
			{"order": ref, "item": 1.0, "name": "exported.com", "state": "registered", "currency": "CNY", "paid_by": "channel"},
			{"name": "exported.com", "order_item": ref + "/1", "state": "registered", "registry": "thin"},
		} {
			var got map[string]any
			must(w.t, json.Unmarshal([]byte(lines[i]), &got))
			for k, v := range want {
				if got[k] != v {
					w.t.Errorf("line %d: %s is %v, want %v", i, k, got[k], v)
				}
			}
		}
	})
}

func TestADecisionThatComesBeforeTheLostAnswerIsResolved(t *testing.T) {
	for _, row := range []struct {
		verb  string
		state orders.State
	}{{"approve", orders.Registered}, {"reject", orders.Refunded}} {
		t.Run(row.verb, func(t *testing.T) {
			w := once(t)
			who := w.buyer()
			profile := w.profile(who)
			w.approve(profile)
			w.trouble(map[string]any{"ending": "招聘", "commands": []string{"domain:create", "domain:info"}, "lose_answers": 1})
			ref := w.order(who, profile, "答复丢失网.招聘")
			w.pay(who, ref)
			w.eventually(who, ref, "unknown")
			w.call("POST", "/registry/"+names.MustParse("答复丢失网.招聘").A()+"/"+row.verb, nil, nil)
			for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
				var told []registries.Message
				must(t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
					told, err = registries.MessagesAbout(tx, names.MustParse("答复丢失网.招聘").A(), 0, 5)
					return err
				}))
				if len(told) == 1 {
					break
				}
				if time.Now().After(end) {
					t.Fatal("the decision was never read")
				}
			}
			w.call("DELETE", "/trouble", nil, nil)
			w.await(who, ref, row.state)
			w.balanced(ref)
			must(t, w.d.Read(ctx, func(tx *db.Tx) error {
				list, err := orders.Attempts(tx, who, ref, 1)
				if len(list) != 1 {
					t.Errorf("the application was sent %d times", len(list))
				}
				return err
			}))
		})
	}
}

func TestARefusalIsToldInTheRegistrysOwnWords(t *testing.T) {
	w := once(t)
	ref, o := w.applied()("不予批准.招聘")
	w.stop()
	w.call("POST", "/registry/"+o.Items[0].NameA+"/reject", map[string]any{"reason": "not a recruiter"}, nil)
	// The name is gone, and the message that says why is not read yet.
	must(t, w.flows.Fulfil(ctx, jobs.Job{Key: ref + "/1"}))
	if now := w.asBuyer(o); now.State != orders.Pending {
		t.Errorf("before the message it is %s (%s)", now.State, now.Items[0].Words)
	}
	w.start()
	if o = w.until(o, orders.Refunded); !strings.Contains(o.Items[0].Words, "not a recruiter") {
		t.Errorf("the buyer reads %q", o.Items[0].Words)
	}
}
