package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// difference is one place where two books do not say the same, or one does not
// agree with itself.
type difference struct {
	Type       string `json:"type"`
	Kind       string `json:"kind"`
	Class      class  `json:"class"`
	Subject    string `json:"subject"` // a name, ORDER, ORDER/ITEM, a payment's or refund's number, an account, an entry
	Book       string `json:"book"`
	Value      string `json:"value"`
	OtherBook  string `json:"other_book"`
	OtherValue string `json:"other_value"`
	Cause      string `json:"cause"`
	Repair     string `json:"repair"`
}

// report is what came out.
type report struct {
	Differences []difference
	Counts      counts
	Sums        map[string]int64
	Settled     bool
}

// differ notes a difference, each once: book says value, while other says
// otherValue.
func (b *books) differ(kind, subject, book, value, other, otherValue string) {
	k, ok := kinds[kind]
	if !ok {
		panic("reconcile: no kind " + kind)
	}
	once := strings.Join([]string{kind, subject, book, value, other, otherValue}, "\x00")
	if b.seen[once] {
		return
	}
	b.seen[once] = true
	b.found = append(b.found, difference{"difference", kind, k.class, subject, book, value, other, otherValue, k.cause, k.repair})
}

func (b *books) report() report {
	slices.SortFunc(b.found, func(x, y difference) int {
		return cmp.Or(cmp.Compare(x.Class.rank(), y.Class.rank()), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Subject, y.Subject),
			cmp.Compare(x.Value, y.Value), cmp.Compare(x.OtherValue, y.OtherValue))
	})
	return report{b.found, b.count, b.sums, b.o.settled}
}

// confirmed keeps the differences that an earlier reading showed as well.
func (r report) confirmed(earlier report) report {
	// A clock never shows the same twice.
	same := func(d difference) difference {
		if d.OtherBook == "clock" {
			d.OtherValue = ""
		}
		return d
	}
	was := map[difference]bool{}
	for _, d := range earlier.Differences {
		was[same(d)] = true
	}
	r.Differences = slices.DeleteFunc(r.Differences, func(d difference) bool { return !was[same(d)] })
	return r
}

func (r report) of(c class) (n int) {
	for _, d := range r.Differences {
		if d.Class == c {
			n++
		}
	}
	return n
}

func (r report) kinds() map[string]int {
	m := map[string]int{}
	for _, d := range r.Differences {
		m[d.Kind]++
	}
	return m
}

// summary is the last line of -json.
type summary struct {
	Type         string           `json:"type"`
	Differences  int              `json:"differences"`
	Lost         int              `json:"lost"`
	Double       int              `json:"double"`
	Unpaid       int              `json:"registered_unpaid"`
	Unregistered int              `json:"paid_unregistered_unrefunded"`
	LedgerSums   map[string]int64 `json:"ledger_sums"`
	Kinds        map[string]int   `json:"kinds"`
	Orders       int64            `json:"orders"`
	Items        int64            `json:"items"`
	Entries      int64            `json:"ledger_entries"`
	Sales        int64            `json:"sales"`
	Names        int64            `json:"names"`
	Domains      int64            `json:"domains"`
	Payments     int64            `json:"payments"`
	Audit        int64            `json:"audit_events"`
	Notices      int64            `json:"notices"`
}

func (r report) summary() summary {
	c := r.Counts
	return summary{"summary", len(r.Differences), r.of(lost), r.of(double), r.of(unpaid), r.of(unregistered), r.Sums, r.kinds(),
		c.Orders, c.Items, c.Entries, c.Sales, c.Names, c.Domains, c.Payments, c.Audit, c.Notices}
}

func (r report) write(out io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		for _, d := range r.Differences {
			if err := enc.Encode(d); err != nil {
				return err
			}
		}
		return enc.Encode(r.summary())
	}
	var t strings.Builder
	for _, d := range r.Differences {
		fmt.Fprintf(&t, "%s  %s\n  %s: %s\n  %s: %s\n  cause: %s\n  repair: %s\n\n", d.Kind, d.Subject, d.Book, said(d.Value), d.OtherBook,
			said(d.OtherValue), d.Cause, d.Repair)
	}
	c := r.Counts
	fmt.Fprintf(&t, "read: %d orders (%d names in them), %d ledger entries, %d sales, %d names, %d audit events, %d notices; registry %d names; cashier %d payments\n",
		c.Orders, c.Items, c.Entries, c.Sales, c.Names, c.Audit, c.Notices, c.Domains, c.Payments)
	sums := []string{}
	for _, currency := range slices.Sorted(maps.Keys(r.Sums)) {
		sums = append(sums, fmt.Sprintf("%s %d", currency, r.Sums[currency]))
	}
	if len(sums) == 0 {
		sums = []string{"nothing posted"}
	}
	fmt.Fprintf(&t, "%d lost, %d double, %d registered unpaid, %d paid and unregistered without refund, ledger sum per currency: %s\n",
		r.of(lost), r.of(double), r.of(unpaid), r.of(unregistered), strings.Join(sums, ", "))
	switch n := len(r.Differences); {
	case n == 1:
		t.WriteString("1 difference\n")
	case n > 0:
		fmt.Fprintf(&t, "%d differences\n", n)
	default:
		t.WriteString("no difference\n")
	}
	_, err := io.WriteString(out, t.String())
	return err
}

func said(v string) string {
	if v == "" {
		return "nothing"
	}
	return v
}

// listKinds is the table of what can be found, the worst first.
func listKinds() string {
	names := slices.SortedFunc(maps.Keys(kinds), func(x, y string) int {
		return cmp.Or(cmp.Compare(kinds[x].class.rank(), kinds[y].class.rank()), cmp.Compare(x, y))
	})
	var t strings.Builder
	t.WriteString("| kind | counts as | means | repair |\n|---|---|---|---|\n")
	for _, n := range names {
		fmt.Fprintf(&t, "| `%s` | %s | %s | %s |\n", n, kinds[n].class, kinds[n].cause, kinds[n].repair)
	}
	return t.String()
}
