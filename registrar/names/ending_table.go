package names

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// EndingTable is a registry's own table for the labels under its ending, as
// ReadTable read it. It narrows what Parse lets through: a label is registered
// when its characters stand in both. Which labels exclude each other is still
// decided by the index label of the reference table (see Comparison.Apart for
// what a registry joins beyond it; there the registry's answer decides).
//
// The zero EndingTable has no character.
type EndingTable struct {
	Version  string // as the document says; empty when it does not
	Date     string // likewise
	Language string // likewise; several are joined with a blank

	ranges []span        // repertoire, sorted, not touching
	index  map[rune]rune // characters that have variants: the least of the set
	// What the document holds and this reading does not apply: sequences of
	// characters, and rules about neighbours. The registry decides those.
	Sequences, Rules int
}

type span struct{ from, to rune }

// Has says whether the character may stand in a label. It allocates nothing.
func (t *EndingTable) Has(r rune) bool {
	i := sort.Search(len(t.ranges), func(i int) bool { return t.ranges[i].to >= r })
	return i < len(t.ranges) && t.ranges[i].from <= r
}

// Characters is the size of the repertoire.
func (t *EndingTable) Characters() int {
	n := 0
	for _, s := range t.ranges {
		n += int(s.to-s.from) + 1
	}
	return n
}

// Check is nil when every character of the label stands in the table, else an
// *Error that names the first which does not.
func (t *EndingTable) Check(n Name) error {
	position := 0
	for _, r := range n.label.u {
		position++
		if !t.Has(r) {
			return &Error{Reason: NotInTable, Label: n.label.u, Ending: n.ending.u, Char: r, Position: position, Chars: runes(n.label.u)}
		}
	}
	return nil
}

// Comparison is how a registry's table differs from the reference table: what
// an operator looks at before putting it in force.
type Comparison struct {
	Characters int // in the registry's table
	Variants   int // characters that have variants there
	Unreadable int // in the registry's table and not in the reference: cannot be sold here
	Withheld   int // in the reference and not in the registry's: no longer sold
	// Apart counts the characters that the registry joins to a set which the
	// reference keeps apart: a conflict among them is learnt from the registry.
	Apart    int
	Examples []string // up to ten of each kind, as "万 U+4E07"
	Joined   []string // up to ten pairs that Apart counts, as "甲乙"
}

// examples bounds what a comparison lists.
const examples = 10

// Compare tells how t differs from the reference table.
func (t *EndingTable) Compare() Comparison {
	c := Comparison{Characters: t.Characters(), Variants: len(t.index)}
	say := func(r rune) {
		if len(c.Examples) < examples {
			c.Examples = append(c.Examples, string(r)+" "+point(r))
		}
	}
	for _, s := range t.ranges {
		for r := s.from; r <= s.to; r++ {
			if !table.allowed(r) {
				c.Unreadable++
				say(r)
			}
		}
	}
	for page := range len(table.directory) {
		for r := rune(page * 256); r < rune(page*256+256); r++ {
			if table.allowed(r) && !t.Has(r) {
				c.Withheld++
			}
		}
	}
	for _, r := range slices.Sorted(maps.Keys(t.index)) {
		least := t.index[r]
		a, okA := table.find(r)
		b, okB := table.find(least)
		if least != r && okA && okB && a.index != b.index {
			c.Apart++
			if len(c.Joined) < examples {
				c.Joined = append(c.Joined, string(least)+string(r))
			}
		}
	}
	return c
}

// String writes the table as text that ParseEndingTable reads again: a head
// line, the ranges, the variants; the same table always gives the same text.
func (t *EndingTable) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%d\t%d\n", tableText, field(t.Version), field(t.Date), field(t.Language), t.Sequences, t.Rules)
	for i, s := range t.ranges {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%X", s.from)
		if s.to > s.from {
			fmt.Fprintf(&b, "-%X", s.to)
		}
	}
	b.WriteByte('\n')
	for i, r := range slices.Sorted(maps.Keys(t.index)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%X=%X", r, t.index[r])
	}
	b.WriteByte('\n')
	return b.String()
}

const tableText = "yumen-table-1"

func field(s string) string { return strings.Join(strings.Fields(s), " ") }

// ParseEndingTable reads what String wrote.
func ParseEndingTable(text string) (*EndingTable, error) {
	lines := strings.Split(text, "\n")
	head := strings.Split(lines[0], "\t")
	if len(lines) < 3 || len(head) != 6 || head[0] != tableText {
		return nil, fmt.Errorf("names: this is no table of ours")
	}
	t := &EndingTable{Version: head[1], Date: head[2], Language: head[3], index: map[rune]rune{}}
	var err error
	if t.Sequences, err = strconv.Atoi(head[4]); err != nil {
		return nil, fmt.Errorf("names: head of the table: %w", err)
	}
	if t.Rules, err = strconv.Atoi(head[5]); err != nil {
		return nil, fmt.Errorf("names: head of the table: %w", err)
	}
	for _, f := range strings.Fields(lines[1]) {
		from, to, two := strings.Cut(f, "-")
		s := span{}
		if s.from, err = hexPoint(from); err != nil {
			return nil, err
		}
		if s.to = s.from; two {
			if s.to, err = hexPoint(to); err != nil {
				return nil, err
			}
		}
		if s.to < s.from || len(t.ranges) > 0 && s.from <= t.ranges[len(t.ranges)-1].to {
			return nil, fmt.Errorf("names: the ranges of the table are out of order at %s", f)
		}
		t.ranges = append(t.ranges, s)
	}
	for _, f := range strings.Fields(lines[2]) {
		a, b, _ := strings.Cut(f, "=")
		r, err := hexPoint(a)
		if err != nil {
			return nil, err
		}
		if t.index[r], err = hexPoint(b); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func hexPoint(s string) (rune, error) {
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil || n > 0x10FFFF || n >= 0xD800 && n <= 0xDFFF {
		return 0, fmt.Errorf("names: %.20q is no code point", s)
	}
	return rune(n), nil
}
