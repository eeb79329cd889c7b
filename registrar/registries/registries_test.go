package registries_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/names"
	"yumen/registrar/registries"
	"yumen/registrar/seal/sealtest"
)

var ctx = context.Background()

func attempt(registry, op, object, clTRID string) registries.Attempt {
	return registries.Attempt{ID: time.Now().UnixNano(), Registry: registry, Operation: op, Object: object, ClTRID: clTRID}
}

// want fails the test unless a command came to this outcome.
func want(t *testing.T, what string, a registries.Answer, o registries.Outcome) {
	t.Helper()
	if a.Outcome != o {
		t.Fatalf("%s came to %s (%d %s %v), want %s", what, a.Outcome, a.Code, a.Words, a.Err, o)
	}
}

func TestEachRegistryAnswersInItsOwnWay(t *testing.T) {
	w := open(t)
	hr, cn, com, gs := names.MustParse("人才网.招聘"), names.MustParse("rencai.cn"), names.MustParse("rencai.com"), names.MustParse("人才.公司")

	want(t, "contact at zhaopin", w.set.CreateContact(ctx, attempt("zhaopin", registries.ContactCreate, "Y1", "YM-1-1"), person("Y-one")), registries.Done)
	a := w.set.CreateDomain(ctx, attempt("zhaopin", registries.DomainCreate, hr.A(), "YM-2-1"),
		registries.NewDomain{Name: hr, Years: 1, Registrant: "Y-one", Fee: "45.00", Currency: "CNY"})
	want(t, hr.U(), a, registries.Pending)
	if a.Code != 1001 || a.Result.CrDate.IsZero() || !slices.Contains(a.Result.Bundle, hr.A()) || len(a.Result.Bundle) < 2 {
		t.Errorf("pending create told %+v", a.Result)
	}

	want(t, "a name for a contact nobody verified", w.set.CreateDomain(ctx, attempt("cnnic", registries.DomainCreate, cn.A(), "YM-3-1"),
		registries.NewDomain{Name: cn, Years: 1, Registrant: "Y-one", Fee: "25.00", Currency: "CNY"}), registries.Refused)
	want(t, "contact at cnnic", w.set.CreateContact(ctx, attempt("cnnic", registries.ContactCreate, "Y2", "YM-4-1"), person("Y-two")), registries.Done)
	a = w.set.CreateDomain(ctx, attempt("cnnic", registries.DomainCreate, cn.A(), "YM-5-1"),
		registries.NewDomain{Name: cn, Years: 2, Registrant: "Y-two", Fee: "50.00", Currency: "CNY"})
	want(t, cn.U(), a, registries.Done)
	if got := a.Result.ExDate.Sub(a.Result.CrDate); got < 729*24*time.Hour {
		t.Errorf("two years lasted %s", got)
	}

	want(t, com.U(), w.set.CreateDomain(ctx, attempt("thin", registries.DomainCreate, com.A(), "YM-6-1"),
		registries.NewDomain{Name: com, Years: 1, Fee: "55.00", Currency: "CNY"}), registries.Done)
	want(t, "the same name again", w.set.CreateDomain(ctx, attempt("thin", registries.DomainCreate, com.A(), "YM-7-1"),
		registries.NewDomain{Name: com, Years: 1, Fee: "55.00", Currency: "CNY"}), registries.Ask)
	want(t, "a name at the wrong price", w.set.CreateDomain(ctx, attempt("thin", registries.DomainCreate, "other.com", "YM-8-1"),
		registries.NewDomain{Name: names.MustParse("other.com"), Years: 1, Fee: "1.00", Currency: "CNY"}), registries.Fault)

	want(t, "contact at codes", w.set.CreateContact(ctx, attempt("codes", registries.ContactCreate, "Y3", "YM-9-1"), person("Y-three")), registries.Done)
	want(t, gs.U(), w.set.CreateDomain(ctx, attempt("codes", registries.DomainCreate, gs.A(), "YM-10-1"),
		registries.NewDomain{Name: gs, Years: 1, Registrant: "Y-three", Fee: "120.00", Currency: "CNY"}), registries.Done)
	d, err := w.set.Domain(ctx, "codes", gs.A())
	if err != nil || !d.Ours || !d.Has("serverHold") || d.Registrant != "Y-three" {
		t.Errorf("a name on hold shows as %+v, %v", d, err)
	}
	if _, err := w.set.Domain(ctx, "thin", "nobody-has-it.com"); !errors.Is(err, registries.ErrNotThere) {
		t.Errorf("info of a free name: %v", err)
	}

	free, err := w.set.Check(ctx, "thin", []names.Name{com, names.MustParse("still-free.com"), names.MustParse("gold.com")})
	if err != nil {
		t.Fatal(err)
	}
	for name, state := range map[string]string{com.A(): registries.Taken, "still-free.com": registries.Free, "gold.com": registries.Free} {
		if free[name].State != state {
			t.Errorf("%s is %+v, want %s", name, free[name], state)
		}
	}
	if a := free["gold.com"]; a.Standard() || a.Fee != "8888.00" || a.Renew != "8888.00" || a.Restore != "400.00" || a.Money != "CNY" {
		t.Errorf("a premium name is quoted %+v", a)
	}
	if a := free["still-free.com"]; !a.Standard() || a.Fee != "55.00" || a.Renew != "55.00" {
		t.Errorf("an ordinary name is quoted %+v", a)
	}
	late, err := w.set.CheckIdle(ctx, "thin", []names.Name{com, names.MustParse("still-free.com")})
	if err != nil || late[com.A()].State != registries.Taken || late["still-free.com"].State != registries.Free {
		t.Errorf("asked without hurry: %+v %v", late, err)
	}
}

func TestALostAnswerIsUnknownAndInfoDecides(t *testing.T) {
	w := open(t)
	sent := w.box.Clock.Now()
	claim := func(name string) registries.Claim {
		return registries.Claim{NameA: name, FirstSent: sent, Skew: time.Minute, Silent: true}
	}
	create := func(name string) registries.Answer {
		return w.set.CreateDomain(ctx, attempt("thin", registries.DomainCreate, name, "YM-"+name), registries.NewDomain{
			Name: names.MustParse(name), Years: 1, Fee: "55.00", Currency: "CNY"})
	}
	w.call("POST", "/trouble", map[string]any{"ending": "com", "commands": []string{"domain:create"}, "lose_answers": 1}, nil)
	want(t, "a create whose answer was lost", create("lost.com"), registries.Unknown)
	w.call("POST", "/trouble", map[string]any{"ending": "com", "commands": []string{"domain:create"}, "drop": 1}, nil)
	want(t, "a create that was dropped", create("dropped.com"), registries.Unknown)
	w.call("DELETE", "/trouble", nil, nil)
	w.call("POST", "/rival/register", map[string]any{"name": "rivals.com", "years": 1}, nil)

	for name, outcome := range map[string]registries.Outcome{
		"lost.com": registries.Done, "dropped.com": registries.NotDone, "rivals.com": registries.Refused,
	} {
		d, err := w.set.Domain(ctx, "thin", name)
		if got := registries.Decide(claim(name), d, err); got != outcome {
			t.Errorf("info of %s decides %s, want %s (%+v, %v)", name, got, outcome, d, err)
		}
	}
	w.call("POST", "/trouble", map[string]any{"ending": "com", "down": "1h"}, nil)
	d, err := w.set.Domain(ctx, "thin", "lost.com")
	if got := registries.Decide(claim("lost.com"), d, err); got != registries.Unknown {
		t.Errorf("a registry that is down decides %s", got)
	}
}

func TestDecideTellsOursFromOlderAndOthers(t *testing.T) {
	sent := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	c := registries.Claim{NameA: "a.com", Registrant: "Y1", FirstSent: sent, Skew: 5 * time.Minute, Silent: true}
	answered := c
	answered.Silent = false
	for _, row := range []struct {
		name string
		d    registries.Domain
		err  error
		want registries.Outcome
	}{
		{"made while we sent", registries.Domain{NameA: "a.com", Ours: true, CrDate: sent.Add(time.Second)}, nil, registries.Done},
		{"made while we sent, by a clock that is late", registries.Domain{NameA: "a.com", Ours: true, CrDate: sent.Add(-4 * time.Minute)}, nil, registries.Done},
		{"ours from long before", registries.Domain{NameA: "a.com", Ours: true, CrDate: sent.Add(-time.Hour)}, nil, registries.Unclear},
		{"ours for another contact", registries.Domain{NameA: "a.com", Ours: true, CrDate: sent, Registrant: "Y2"}, nil, registries.Refused},
		{"ours with our contact", registries.Domain{NameA: "a.com", Ours: true, CrDate: sent.Add(-time.Hour), Registrant: "Y1"}, nil, registries.Done},
		{"ours, not decided", registries.Domain{NameA: "a.com", Ours: true, CrDate: sent, Statuses: []string{"pendingCreate"}}, nil, registries.Pending},
		{"a member of another name of ours", registries.Domain{NameA: "b.com", Ours: true, CrDate: sent}, nil, registries.Refused},
		{"another registrar's", registries.Domain{NameA: "a.com", CrDate: sent}, nil, registries.Refused},
		{"nothing there", registries.Domain{}, registries.ErrNotThere, registries.NotDone},
		{"no answer", registries.Domain{}, errors.New("cut off"), registries.Unknown},
	} {
		if got := registries.Decide(c, row.d, row.err); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
	// Every command of ours was refused: none of them made it, however close in
	// time.
	d := registries.Domain{NameA: "a.com", Ours: true, CrDate: sent}
	if got := registries.Decide(answered, d, nil); got != registries.Unclear {
		t.Errorf("made by no command that we know: %s", got)
	}
	d.Registrant = "Y1"
	if got := registries.Decide(answered, d, nil); got != registries.Done {
		t.Errorf("made for our contact by a command that was lost with the data: %s", got)
	}
}

func TestOneAttemptPerNameIsOpenUntilItIsSettled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		in := registries.Intent{House: 1, Registry: "thin", Operation: registries.DomainCreate, Object: "a.com", LockGroup: "com",
			LockIndex: "a", Subject: "AAAA-BBBB/1", Hash: "h"}
		var first registries.Attempt
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			first, err = registries.Begin(tx, in)
			return err
		})
		other := in
		other.Subject = "CCCC-DDDD/1"
		dbtest.Write(t, d, func(tx *db.Tx) error {
			if _, err := registries.Begin(tx, other); !errors.Is(err, registries.ErrInFlight) {
				t.Errorf("a second buyer's attempt: %v", err)
			}
			if fresh, err := registries.Record(tx, first, registries.Answer{Outcome: registries.Unknown}, clock.Now().Add(5*time.Second)); !fresh || err != nil {
				t.Errorf("the first answer was not fresh: %v", err)
			}
			if fresh, err := registries.Record(tx, first, registries.Answer{Outcome: registries.Done}, time.Time{}); fresh || err != nil {
				t.Errorf("a second answer changed a decided attempt (%v)", err)
			}
			if _, err := registries.Begin(tx, other); !errors.Is(err, registries.ErrInFlight) {
				t.Errorf("while the first is in doubt: %v", err)
			}
			if _, err := registries.Settle(tx, first, registries.NotDone); err != nil {
				return err
			}
			again, err := registries.Begin(tx, in)
			if err != nil {
				return err
			}
			if again.Try != 2 || again.ClTRID == first.ClTRID {
				t.Errorf("the second try is %d under %s", again.Try, again.ClTRID)
			}
			if since, err := registries.FirstSent(tx, in.Subject, in.Operation); err != nil || !since.Equal(clock.Now()) {
				t.Errorf("first sent %s: %v", since, err)
			}
			_, err = registries.Settle(tx, again, registries.Done)
			return err
		})
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := registries.Begin(tx, other)
			return err
		})
	})
}

func TestMessagesAreStoredBeforeTheyAreTakenAndNeverTwice(t *testing.T) {
	w := open(t)
	d, _ := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	hr := names.MustParse("人才网.招聘")
	want(t, "contact", w.set.CreateContact(ctx, attempt("zhaopin", registries.ContactCreate, "Y1", "YM-1-1"), person("Y-one")), registries.Done)
	want(t, hr.U(), w.set.CreateDomain(ctx, attempt("zhaopin", registries.DomainCreate, hr.A(), "YM-2-1"),
		registries.NewDomain{Name: hr, Years: 1, Registrant: "Y-one", Fee: "45.00", Currency: "CNY"}), registries.Pending)
	w.call("POST", "/registry/"+hr.A()+"/ask", map[string]any{"reason": "licence", "items": []string{"business licence"}}, nil)
	w.call("POST", "/registry/"+hr.A()+"/approve", nil, nil)
	w.call("POST", "/registry/"+hr.A()+"/hold", map[string]any{"reason": "court"}, nil)
	// The answer to an ack that is lost costs a second reading, not a second row.
	w.call("POST", "/trouble", map[string]any{"ending": "", "commands": []string{"poll"}, "lose_answers": 0.3}, nil)
	for range 40 {
		if err := w.set.Poll(ctx, d); err == nil {
			break
		}
	}
	w.call("DELETE", "/trouble", nil, nil)
	if err := w.set.Poll(ctx, d); err != nil {
		t.Fatal(err)
	}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		list, err := registries.MessagesAbout(tx, hr.A(), 0, 10)
		if err != nil {
			return err
		}
		var kinds []string
		for _, m := range slices.Backward(list) {
			kinds = append(kinds, m.Kind)
			if m.RawSealed == "" {
				t.Errorf("message %s is kept without its raw text", m.RegistryID)
			}
		}
		if !slices.Equal(kinds, []string{registries.Materials, registries.DomainResult, registries.DomainChanged}) {
			t.Errorf("stored %v", kinds)
		}
		said, err := list[1].Digest()
		if err != nil || !said.OK || said.ClTRID != "YM-2-1" {
			t.Errorf("the decision says %+v, %v", said, err)
		}
		return nil
	})
}
