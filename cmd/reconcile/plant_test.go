package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// row is a line of an export, or an element of a list of the sandbox's.
type row struct {
	raw     []byte // as it was read; nil once it is changed
	m       map[string]any
	refunds []*row // of a payment
}

func newRow(t testing.TB, raw []byte) *row {
	r := &row{raw: raw}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&r.m); err != nil {
		t.Fatal(err)
	}
	if list, ok := r.m["refunds"].([]any); ok {
		for _, v := range list {
			r.refunds = append(r.refunds, &row{m: v.(map[string]any)})
		}
	}
	return r
}

func (r *row) str(k string) string {
	s, _ := r.m[k].(string)
	return s
}

func (r *row) num(k string) int64 {
	n, ok := r.m[k].(json.Number)
	if !ok {
		return 0
	}
	v, err := n.Int64()
	if err != nil {
		panic(err)
	}
	return v
}

// list is a member that is a list of texts.
func (r *row) list(k string) (out []string) {
	l, _ := r.m[k].([]any)
	for _, v := range l {
		out = append(out, v.(string))
	}
	return out
}

func (r *row) set(k string, v any) {
	r.raw = nil
	switch v := v.(type) {
	case int64:
		r.m[k] = json.Number(strconv.FormatInt(v, 10))
	case int:
		r.m[k] = json.Number(strconv.Itoa(v))
	case []string:
		l := []any{}
		for _, s := range v {
			l = append(l, s)
		}
		r.m[k] = l
	default:
		r.m[k] = v
	}
}

// attempts are the attempts of an order's line.
func (r *row) attempts() (out []*row) {
	r.raw = nil
	l, _ := r.m["attempts"].([]any)
	for _, v := range l {
		out = append(out, &row{m: v.(map[string]any)})
	}
	return out
}

// copied is another row with the same members.
func (r *row) copied(t testing.TB) *row { return newRow(t, r.bytes(t)) }

func (r *row) bytes(t testing.TB) []byte {
	if r.raw != nil {
		return r.raw
	}
	if r.m["refunds"] != nil {
		l := []any{}
		for _, f := range r.refunds {
			l = append(l, f.m)
		}
		r.m["refunds"] = l
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.m); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func (r *row) key() string { return fmt.Sprintf("%s/%d", r.str("order"), r.num("item")) }

// set is a copy of all books, into which differences are planted.
type set struct {
	t      testing.TB
	rnd    *rand.Rand
	files  map[string][]*row
	before map[string][]*row // as they were read
	rest   map[string][]byte // what stays as it is
	known  map[string]bool   // orders that a planting has used
	none   bool              // what a planting needs is not there (any more)
}

var bookFiles = []string{"orders.jsonl", "ledger.jsonl", "names.jsonl", "audit.jsonl", "notices.jsonl", "domains.json", "payments.json"}

// read loads what -save has kept.
func readSet(t testing.TB, dir string, rnd *rand.Rand) *set {
	t.Helper()
	s := &set{t: t, rnd: rnd, files: map[string][]*row{}, rest: map[string][]byte{}, known: map[string]bool{}}
	for _, file := range append(bookFiles, "clock.json", "connect.json", "poll.json") {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case !slices.Contains(bookFiles, file):
			s.rest[file] = b
		case strings.HasSuffix(file, "l"):
			for line := range bytes.Lines(b) {
				s.files[file] = append(s.files[file], newRow(t, bytes.TrimSpace(line)))
			}
		default:
			var list []json.RawMessage
			if err := json.Unmarshal(b, &list); err != nil {
				t.Fatal(err)
			}
			for _, raw := range list {
				s.files[file] = append(s.files[file], newRow(t, raw))
			}
		}
	}
	return s
}

// write puts the books into a folder.
func (s *set) write(dir string) {
	s.t.Helper()
	out := maps.Clone(s.rest)
	for file, rows := range s.files {
		var b bytes.Buffer
		for n, r := range rows {
			switch {
			case strings.HasSuffix(file, "l"):
			case n == 0:
				b.WriteByte('[')
			default:
				b.WriteByte(',')
			}
			b.Write(r.bytes(s.t))
			b.WriteByte('\n')
		}
		if !strings.HasSuffix(file, "l") {
			b.WriteByte(']')
		}
		out[file] = b.Bytes()
	}
	for file, b := range out {
		if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// now is what the sandbox's clock shows.
func (s *set) now() time.Time {
	var c struct {
		Now time.Time `json:"now"`
	}
	if err := json.Unmarshal(s.rest["clock.json"], &c); err != nil {
		s.t.Fatal(err)
	}
	return c.Now
}

// some picks a row of a file that fits, that is as it was read, and whose order
// and name no other planting has used.
func (s *set) some(file string, fits func(r *row) bool) *row {
	var list []*row
	for _, r := range s.files[file] {
		if r.raw != nil && fits(r) && !s.known[s.orderOf(file, r)] && !s.known[nameOf(file, r)] {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		s.none = true
		return &row{m: map[string]any{}}
	}
	r := list[s.rnd.IntN(len(list))]
	for _, used := range []string{s.orderOf(file, r), nameOf(file, r)} {
		if used != "" {
			s.known[used] = true
		}
	}
	return r
}

// nameOf is the domain name that a row is about; empty: none. Several orders may
// have wanted it.
func nameOf(file string, r *row) string {
	switch file {
	case "orders.jsonl", "names.jsonl", "domains.json":
		return r.str("name")
	case "audit.jsonl":
		if strings.HasPrefix(r.str("act"), "registrations.") {
			return r.str("ref")
		}
	}
	return ""
}

// everRead are the rows of a file before and after what was planted so far: what
// one planting took out still says whose the rest is.
func (s *set) everRead(file string) []*row { return slices.Concat(s.before[file], s.files[file]) }

// orderOf is the order that a row is about; empty: none.
func (s *set) orderOf(file string, r *row) string {
	first := func(text string) string { ref, _, _ := strings.Cut(text, "/"); return ref }
	switch file {
	case "orders.jsonl":
		return r.str("order")
	case "names.jsonl":
		return first(r.str("order_item"))
	case "ledger.jsonl":
		if ref := r.str("ref"); strings.HasPrefix(ref, "R-") || strings.HasPrefix(ref, "cb_") {
			for _, p := range s.everRead("payments.json") {
				for _, f := range p.refunds {
					if f.str("refund_no") == ref {
						return base(p.str("order_no"))
					}
				}
			}
		}
		return r.str("ref")
	case "payments.json":
		return base(r.str("order_no"))
	case "domains.json":
		for _, o := range s.everRead("orders.jsonl") {
			if o.str("name") == r.str("name") {
				return o.str("order")
			}
		}
		return r.str("name")
	case "notices.jsonl", "audit.jsonl":
		return first(r.str("ref"))
	}
	return ""
}

// touched reports whether a subject belongs to an order that a planting has
// used; accounts, entries and events belong to all.
func (s *set) touched(subject string) bool {
	for _, prefix := range []string{"entry ", "event ", "wallet:", "held:", "channel:", "refund:", "revenue", "tax"} {
		if strings.HasPrefix(subject, prefix) {
			return true
		}
	}
	for ref := range s.known {
		if ref != "" && strings.Contains(subject, ref) {
			return true
		}
	}
	for _, o := range s.before["orders.jsonl"] {
		if s.known[o.str("order")] && strings.Contains(subject, o.str("name")) {
			return true
		}
	}
	for _, p := range s.before["payments.json"] {
		for _, r := range p.refunds {
			if s.known[base(p.str("order_no"))] && r.str("refund_no") == subject {
				return true
			}
		}
	}
	return false
}

// all are the rows of a file that fit.
func (s *set) all(file string, fits func(r *row) bool) (list []*row) {
	for _, r := range s.files[file] {
		if fits(r) {
			list = append(list, r)
		}
	}
	return list
}

// drop takes rows out.
func (s *set) drop(file string, rows ...*row) {
	s.files[file] = slices.DeleteFunc(s.files[file], func(r *row) bool { return slices.Contains(rows, r) })
}

func (s *set) add(file string, r *row) {
	r.raw = nil
	s.files[file] = append(s.files[file], r)
}

// planting is a way in which two books come to disagree.
type planting struct {
	what  string
	kind  string
	plant func(s *set) (subject string)
	also  string // kinds that follow from it, besides; "*": whatever
	alone bool   // it touches what others need
}

// state makes a condition on the state of an order's line.
func state(states ...string) func(r *row) bool {
	return func(r *row) bool { return slices.Contains(states, r.str("state")) }
}

// lone is state for orders of one name.
func lone(states ...string) func(r *row) bool {
	return func(r *row) bool { return r.num("order_items") == 1 && slices.Contains(states, r.str("state")) }
}

var everyKind = func() []planting {
	return slices.Concat(orderPlantings, ledgerPlantings, namePlantings, registryPlantings, cashierPlantings, toldPlantings)
}

func copyOf(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func writeFile(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
