package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
	"yumen/registrar/seal/sealtest"
)

var (
	ctx     = context.Background()
	lin     = actor.Actor{House: 1, Account: 11, Person: 21, Name: "l***@example.cn", IP: "192.0.2.7", Session: 5}
	mei     = actor.Actor{House: 2, Account: 12, Person: 22, Name: "m***@example.cn"}
	officer = actor.Actor{House: 1, Account: 13, Person: 23, Roles: []actor.Role{actor.Compliance}}
)

func record(t *testing.T, d *db.DB, who actor.Actor, n int, act, ref string) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		for i := range n {
			if err := audit.Record(tx, who, audit.Entry{Act: act, Object: "order", Ref: ref, Details: map[string]string{"n": fmt.Sprint(i)}}); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTheSequencerNumbersChainsAndSignsEveryEventOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sealtest.Attach(t, d)
		record(t, d, lin, 3, "orders.placed", "AAAA-AAAA")
		if err := audit.Sequence(ctx, d); err != nil {
			t.Fatal(err)
		}
		record(t, d, mei, 600, "orders.paid", "BBBB-BBBB")
		r, err := audit.Verify(ctx, d)
		if err != nil || !r.Whole() || r.Checked != 3 || !r.Waiting {
			t.Fatalf("before the second run: %+v, %v", r, err)
		}
		if err := audit.Sequence(ctx, d); err != nil {
			t.Fatal(err)
		}
		if err := audit.Sequence(ctx, d); err != nil { // nothing to do
			t.Fatal(err)
		}
		r, err = audit.Verify(ctx, d)
		if err != nil || !r.Whole() || r.Checked != 603 || r.Waiting {
			t.Fatalf("%+v, %v", r, err)
		}
		var out bytes.Buffer
		if err := audit.Export(ctx, d, &out); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 603 {
			t.Fatalf("%d lines exported", len(lines))
		}
		var first map[string]any
		if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
			t.Fatal(err)
		}
		if first["seq"] != 1.0 || first["act"] != "orders.placed" || first["ref"] != "AAAA-AAAA" || first["at"] != "2026-03-02T02:00:00Z" {
			t.Errorf("the first line: %v", first)
		}
	})
}

func TestARecordedActCannotBeChangedOrRemoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sealtest.Attach(t, d)
		record(t, d, lin, 2, "orders.placed", "AAAA-AAAA")
		try := func(when string) {
			for _, sql := range []string{
				`UPDATE audit_events SET reason = 'another' WHERE ref = 'AAAA-AAAA'`,
				`UPDATE audit_events SET at = at + 1`,
				`DELETE FROM audit_events`,
			} {
				if err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(sql); return err }); err == nil {
					t.Errorf("%s: %s was allowed", when, sql)
				}
			}
		}
		try("not yet numbered")
		if err := audit.Sequence(ctx, d); err != nil {
			t.Fatal(err)
		}
		try("numbered")
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE audit_events SET seq = 7 WHERE seq = 1`); return err }); err == nil {
			t.Error("a number was changed")
		}
	})
}

func TestVerifyFindsWhatSomebodyWithTheDatabaseFileChanged(t *testing.T) {
	for _, c := range []struct{ name, sql, why string }{
		{"a reason rewritten", `UPDATE audit_events SET reason = 'another' WHERE seq = 4`, "altered"},
		{"an event removed", `DELETE FROM audit_events WHERE seq = 4`, "missing"},
		{"the newest removed", `DELETE FROM audit_events WHERE seq = 6`, "nobody signed"},
		{"the newest batch removed with its events", `DELETE FROM audit_events WHERE seq > 3`, "missing"},
		{"a batch signed by nobody", `UPDATE audit_batches SET signature = 'AAAA' WHERE last_seq = 3`, "not valid"},
		{"a batch removed", `DELETE FROM audit_batches WHERE last_seq = 3`, "does not fit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _ := dbtest.SQLite(t)
			sealtest.Attach(t, d)
			record(t, d, lin, 3, "orders.placed", "AAAA-AAAA")
			if err := audit.Sequence(ctx, d); err != nil {
				t.Fatal(err)
			}
			record(t, d, lin, 3, "orders.paid", "AAAA-AAAA")
			if err := audit.Sequence(ctx, d); err != nil {
				t.Fatal(err)
			}
			dbtest.Write(t, d, func(tx *db.Tx) error {
				for _, trigger := range []string{"audit_events_stay", "audit_events_never_go", "audit_batches_stay", "audit_batches_never_go"} {
					if _, err := tx.Exec("DROP TRIGGER " + trigger); err != nil {
						return err
					}
				}
				_, err := tx.Exec(c.sql)
				return err
			})
			r, err := audit.Verify(ctx, d)
			if err != nil {
				t.Fatal(err)
			}
			if r.Whole() || !strings.Contains(r.Why, c.why) {
				t.Fatalf("found %+v; want %q", r, c.why)
			}
		})
	}
}

func TestTheAuditIsReadByThoseWhoMayAndOnlyForTheirHouses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sealtest.Attach(t, d)
		record(t, d, lin, 2, "orders.placed", "AAAA-AAAA")
		record(t, d, mei, 1, "accounts.signed_in", "BBBB-BBBB")
		foreign := officer
		foreign.House = 2
		dbtest.Read(t, d, func(tx *db.Tx) error {
			for _, c := range []struct {
				name string
				who  actor.Actor
				f    audit.Filter
				want int
			}{
				{"the registrar's officer", officer, audit.Filter{}, 3},
				{"one order", officer, audit.Filter{Object: "order", Ref: "AAAA-AAAA"}, 2},
				{"one person", officer, audit.Filter{Person: 22}, 1},
				{"a reseller's officer", foreign, audit.Filter{}, 1},
			} {
				got, err := audit.List(tx, c.who, c.f, 50)
				if err != nil || len(got) != c.want {
					t.Errorf("%s: %d events, %v; want %d", c.name, len(got), err, c.want)
				}
			}
			if _, err := audit.List(tx, lin, audit.Filter{}, 50); err == nil {
				t.Error("a customer reads the audit")
			} else if p, ok := problem.As(err); !ok || p.Kind != problem.NotFound {
				t.Errorf("a customer learns that there is an audit: %v", err)
			}
			own, err := audit.Own(tx, mei, "accounts.", 0, 50)
			if err != nil || len(own) != 1 || own[0].Act != "accounts.signed_in" {
				t.Errorf("own events: %v, %v", own, err)
			}
			if own, _ = audit.Own(tx, lin, "accounts.", 0, 50); len(own) != 0 {
				t.Errorf("another's sign-ins: %v", own)
			}
			return nil
		})
	})
}

func TestAnUndoneTransactionLeavesNoTrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sealtest.Attach(t, d)
		undo := errors.New("undo")
		_ = d.Write(ctx, func(tx *db.Tx) error {
			if err := audit.Record(tx, lin, audit.Entry{Act: "orders.placed", Object: "order", Ref: "AAAA-AAAA"}); err != nil {
				t.Fatal(err)
			}
			return undo
		})
		dbtest.Read(t, d, func(tx *db.Tx) error {
			got, err := audit.List(tx, officer, audit.Filter{}, 10)
			if len(got) != 0 {
				t.Errorf("%v", got)
			}
			return err
		})
	})
}
