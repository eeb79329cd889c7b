package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"yumen/db"
)

// Units of policy values that are no legal days.
const (
	Minutes Unit = "minutes" // real minutes from an instant
	Count   Unit = "count"   // a plain number: pieces, pages, tries
	Bytes   Unit = "bytes"
)

// Value is a number that comes from law, a registry or practice: never a
// constant in code. It is installation-wide: law and registries bind every
// house alike.
type Value struct {
	ID     int64     `db:"id"` // 0 for a value shipped with the program
	Key    string    `db:"key"`
	Scope  string    `db:"scope"` // an ending's A-label, or empty for all
	Value  int64     `db:"value"`
	Unit   Unit      `db:"unit"`
	Source string    `db:"source"`     // the clause it comes from
	From   time.Time `db:"valid_from"` // zero: ever since
	To     time.Time `db:"valid_to"`   // zero: until further notice
	Reason string    `db:"reason"`     // why it was changed; empty for a shipped value
}

// After is the first instant that is too late when the term begins at t. Days
// are counted in Asia/Shanghai, see In.
func (v Value) After(t time.Time) time.Time { return v.Deadline(t).At }

// Deadline is After with the rule that produced it, to be kept beside it.
func (v Value) Deadline(t time.Time) Deadline {
	switch v.Unit {
	case Minutes:
		return Deadline{At: t.Add(time.Duration(v.Value) * time.Minute), Rule: Rule{N: int(v.Value), Unit: Minutes, From: DayOf(t), Source: v.Source, Known: true}}
	case CalendarDays, WorkingDays, Hours:
		return In(t, int(v.Value), v.Unit, v.Source)
	}
	panic(fmt.Sprintf("calendar: %s is counted in %s, which is no term", v.Key, v.Unit))
}

// Duration is the length of a value counted in minutes or hours.
func (v Value) Duration() time.Duration {
	switch v.Unit {
	case Minutes:
		return time.Duration(v.Value) * time.Minute
	case Hours:
		return time.Duration(v.Value) * time.Hour
	}
	panic(fmt.Sprintf("calendar: %s is counted in %s, which has no fixed length", v.Key, v.Unit))
}

// Policy is the value of a key that is in force at tx.Now: the edited one for
// the scope, else the shipped one for the scope, else the same without scope.
// An unknown key is an error of ours.
func Policy(tx *db.Tx, key, scope string) (Value, error) {
	return PolicyAt(tx, key, scope, tx.Now)
}

// PolicyAt is Policy at another instant.
func PolicyAt(tx *db.Tx, key, scope string, at time.Time) (Value, error) {
	rows, err := findPolicies(tx, key, scope, at)
	if err != nil {
		return Value{}, fmt.Errorf("policy %s: %w", key, err)
	}
	for _, s := range []string{scope, ""} {
		if i := slices.IndexFunc(rows, func(v Value) bool { return v.Scope == s }); i >= 0 {
			return rows[i], nil
		}
		if v, ok := shippedValue(key, s); ok {
			return v, nil
		}
	}
	return Value{}, fmt.Errorf("calendar: no policy %s for %q", key, scope)
}

// SetPolicy records a value in force from v.From (zero: now) on; the one it
// follows ends there. It keeps the unit of the shipped value, so that code
// that counts days never meets minutes. permits decides who may call it and
// writes the audit.
func SetPolicy(tx *db.Tx, v Value) (Value, error) {
	shipped, ok := shippedValue(v.Key, v.Scope)
	if !ok {
		if shipped, ok = shippedValue(v.Key, ""); !ok {
			return Value{}, fmt.Errorf("calendar: no policy %s", v.Key)
		}
	}
	legal := func(u Unit) bool { return u == CalendarDays || u == WorkingDays }
	if v.Unit == "" {
		v.Unit = shipped.Unit
	}
	if v.Unit != shipped.Unit && !(legal(v.Unit) && legal(shipped.Unit)) {
		return Value{}, fmt.Errorf("calendar: %s is counted in %s, not in %s", v.Key, shipped.Unit, v.Unit)
	}
	if v.From.IsZero() {
		v.From = tx.Now
	}
	v.ID = tx.NewID()
	if err := insertPolicy(tx, v); err != nil {
		return Value{}, fmt.Errorf("set policy %s: %w", v.Key, err)
	}
	return v, nil
}

// Policies lists what is in force now: every shipped key and every edited
// scope, in order, for the public page and the staff page.
func Policies(tx *db.Tx) ([]Value, error) {
	edited, err := listPolicies(tx, tx.Now)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(edited)
	for _, v := range shipped {
		if !slices.ContainsFunc(edited, func(e Value) bool { return e.Key == v.Key && e.Scope == v.Scope }) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Value) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Scope, b.Scope)) })
	return out, nil
}

func shippedValue(key, scope string) (Value, bool) {
	i := slices.IndexFunc(shipped, func(v Value) bool { return v.Key == key && v.Scope == scope })
	if i < 0 {
		return Value{}, false
	}
	return shipped[i], true
}

// zhaopin is .招聘, whose rules set terms of their own.
const zhaopin = "xn--otu796d"

// shipped are the values an installation begins with.
var shipped = []Value{
	{Key: "accounts.code_life", Value: 10, Unit: Minutes, Source: "practice"},
	{Key: "accounts.session_idle", Value: 7 * 24, Unit: Hours, Source: "practice; ASVS 5.0 V7.3.1"},
	{Key: "accounts.session_life", Value: 30 * 24, Unit: Hours, Source: "practice; ASVS 5.0 V7.3.2"},
	{Key: "accounts.step_up", Value: 15, Unit: Minutes, Source: "practice; ASVS 5.0 V7.5.3"},
	{Key: "backups.drill_interval", Value: 7 * 24, Unit: Hours, Source: "practice; Order 43 art. 21"},
	{Key: "backups.drill_sample", Value: 20, Unit: Count, Source: "practice; papers opened in a drill"},
	{Key: "backups.interval", Value: 1, Unit: Hours, Source: "practice; Order 43 art. 21"},
	{Key: "backups.keep", Value: 30 * 24, Unit: Hours, Source: "PIPL art. 47; the promise to erase"},
	{Key: "backups.overdue", Value: 2, Unit: Hours, Source: "practice; Order 43 art. 21"},
	{Key: "backups.replica_keep", Value: 7 * 24, Unit: Hours, Source: "practice; PIPL art. 47"},
	{Key: "backups.replica_overdue", Value: 5, Unit: Minutes, Source: "practice"},
	{Key: "catalogue.quote_life", Value: 30, Unit: Minutes, Source: "practice"},
	{Key: "complaints.answer", Value: 15, Unit: CalendarDays, Source: "Order 43 art. 35; telecom user complaint rules"},
	{Key: "complaints.answer_urgent", Value: 24, Unit: Hours, Source: "practice; fraud, prohibited content, malicious pointing (Order 43 art. 37)"},
	{Key: "screening.review", Value: 2, Unit: WorkingDays, Source: "practice"},
	{Key: "complaints.first_reply", Value: 1, Unit: WorkingDays, Source: "practice"},
	{Key: "documents.account_bytes", Value: 200 << 20, Unit: Bytes, Source: "practice; ASVS 5.0 V5.2.4"},
	{Key: "documents.account_files", Value: 200, Unit: Count, Source: "practice; ASVS 5.0 V5.2.4"},
	{Key: "documents.staff_views", Value: 400, Unit: Count, Source: "practice; a member of staff on one day"},
	{Key: "documents.unused_life", Value: 60, Unit: CalendarDays, Source: "PIPL art. 19"},
	{Key: "identity.correction", Value: 15, Unit: CalendarDays, Source: "Order 43 art. 30(3); practice"},
	{Key: "identity.guardian_age", Value: 18, Unit: Count, Source: "PIPL art. 31; practice"},
	{Key: "orders.identity_wait", Value: 5, Unit: CalendarDays, Source: "practice; notice 264 item 4"},
	{Key: "search.run_life", Value: 24, Unit: Hours, Source: "practice"}, // how long a long list can be come back to
	{Key: "orders.payment_window", Value: 24, Unit: Hours, Source: "practice"},
	{Key: "orders.pending_materials", Scope: zhaopin, Value: 5, Unit: CalendarDays, Source: ".招聘 rules art. 21"},
	{Key: "orders.pending_total", Scope: zhaopin, Value: 10, Unit: CalendarDays, Source: ".招聘 rules art. 23"},
	{Key: "orders.pending_materials", Value: 5, Unit: CalendarDays, Source: "practice"},
	{Key: "orders.pending_total", Value: 10, Unit: CalendarDays, Source: "practice"},
	{Key: "orders.price_memory", Value: 10, Unit: Minutes, Source: "practice; how old a registry's price may be before it is asked again"},
	{Key: "orders.review_target", Value: 1, Unit: WorkingDays, Source: "practice"},
	{Key: "orders.undecided_people", Value: 2, Unit: Count, Source: "practice; ASVS 5.0 V2.3.5"},
	{Key: "orders.undecided_target", Value: 1, Unit: WorkingDays, Source: "practice"},
	{Key: "payments.second_person", Value: 100_000, Unit: Count, Source: "practice; minor units from which keeping a refund takes two people; ASVS 5.0 V2.3.5"},
	{Key: "payments.silence", Value: 10, Unit: Minutes, Source: "practice"},
	{Key: "registrations.compare_interval", Value: 24, Unit: Hours, Source: "practice"},
	{Key: "registrations.compare_overdue", Value: 36, Unit: Hours, Source: "practice"},
	{Key: "registries.unknown_to_person", Value: 24, Unit: Hours, Source: "practice"},
}
