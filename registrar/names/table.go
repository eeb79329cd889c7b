package names

import (
	_ "embed"
	"math"
	"strings"
)

//go:generate go run ./gen -from ../../../shared/data/idn/lgr-second-level-chinese-language-31may22-en.xml.gz -to table.bin

// table.bin is ICANN's "Second Level Reference LGR for Chinese", version 3 of
// 2022-05-31 (BSD-3-Clause, LICENSE-icann-lgr.txt), reduced by gen to what a
// name needs. It is read where it lies: nothing is unpacked when the program
// starts, and a look-up allocates nothing.
//
// Layout, numbers little endian:
//
//	"YMNT1\n", version, "\n"
//	u16 number of directory bytes D, u16 number of pages P, u32 code points
//	D bytes: the page of code points 256*i ... 256*i+255, 0 = none
//	P pages of 256 u16: number of the record, 0 = not in the table
//	records of 17 bytes: kind, size of the variant set, then five distances
//	from the code point (index, S1, S2, T1, T2), 24 bits each, as
//	2*distance+1; 0 = there is none
//
//go:embed table.bin
var tableBytes string

const (
	tableMagic = "YMNT1\n"
	pageBytes  = 256 * 2
	recordSize = 2 + 5*3
)

// table knows where the parts of tableBytes begin.
var table = openTable(tableBytes)

type tableView struct {
	version   string
	directory string
	pages     string
	records   string
}

func openTable(raw string) tableView {
	rest, ok := strings.CutPrefix(raw, tableMagic)
	if !ok {
		panic("names: table.bin is not a table of this version; run go generate")
	}
	version, rest, _ := strings.Cut(rest, "\n")
	d, p := int(u16(rest, 0)), int(u16(rest, 2))
	rest = rest[8:]
	return tableView{
		version:   version,
		directory: rest[:d],
		pages:     rest[d : d+p*pageBytes],
		records:   rest[d+p*pageBytes:],
	}
}

func u16(s string, i int) uint16 { return uint16(s[i]) | uint16(s[i+1])<<8 }

// TableVersion names the table by which this program reads labels and makes
// index labels. It is stored with every name; rows made with another version
// must be computed again.
func TableVersion() string { return table.version }

// TableBytes is how much memory the table takes: it lies in the program as it
// is, and nothing is made of it.
func TableBytes() int { return len(tableBytes) }

// IndexOf is the index label of text that need not be a label: characters that
// the table does not have stand for themselves. Lists are matched by it.
func IndexOf(text string) string { return table.indexOf(text) }

// InTable says whether every character of a label in U-form stands in the
// reference table. It allocates nothing.
func InTable(u string) bool {
	for _, r := range u {
		if !table.allowed(r) {
			return false
		}
	}
	return true
}

// kind is how a character stands in the table.
type kind byte

const (
	targetOnly  kind = iota // a variant of others, never allowed in a label
	both                    // simplified and traditional alike
	simplified              // a simplified form
	traditional             // a traditional form
	neither                 // allowed, but neither preferred form of its set
)

// record is what the table says of one character. Targets are zero where
// there is none.
type record struct {
	kind   kind
	size   int  // members of the variant set, itself included
	index  rune // the least code point of the set
	s1, s2 rune // simplified, first and second choice
	t1, t2 rune // traditional, first and second choice
}

// find looks a character up; ok is false when the table does not have it, not
// even as a target.
func (t tableView) find(r rune) (rec record, ok bool) {
	p := int(r >> 8)
	if r < 0 || p >= len(t.directory) || t.directory[p] == 0 {
		return record{}, false
	}
	number := int(u16(t.pages, (int(t.directory[p])-1)*pageBytes+int(r&0xff)*2))
	if number == 0 {
		return record{}, false
	}
	raw := t.records[(number-1)*recordSize:]
	target := func(i int) rune {
		d := int32(raw[i]) | int32(raw[i+1])<<8 | int32(int8(raw[i+2]))<<16 // #nosec G115 -- the third octet carries the sign
		if d == 0 {
			return 0
		}
		return r + (d-1)/2
	}
	return record{
		kind: kind(raw[0]), size: int(raw[1]),
		index: target(2), s1: target(5), s2: target(8), t1: target(11), t2: target(14),
	}, true
}

// allowed says whether a label may contain r.
func (t tableView) allowed(r rune) bool {
	rec, ok := t.find(r)
	return ok && rec.kind != targetOnly
}

// indexOf is the label with every character replaced by the least of its
// variant set (RFC 7940 section 8.5). The relation is symmetric and
// transitive in this table, so two labels are variants of each other exactly
// when their index labels are equal.
func (t tableView) indexOf(label string) string {
	var b strings.Builder
	b.Grow(len(label))
	for _, r := range label {
		if rec, ok := t.find(r); ok {
			r = rec.index
		}
		b.WriteRune(r)
	}
	return b.String()
}

// setSize is the number of labels in the variant set: the product of the
// characters' sets, held at the greatest int64. It is never counted out.
func (t tableView) setSize(label string) int64 {
	n := int64(1)
	for _, r := range label {
		rec, ok := t.find(r)
		if !ok {
			continue
		}
		if n > math.MaxInt64/int64(rec.size) {
			return math.MaxInt64
		}
		n *= int64(rec.size)
	}
	return n
}

// forms gives the labels a registry may allocate beside the label itself: at
// most two simplified and two traditional ones, first choice first. A form is
// absent when one character has no counterpart; a second form exists only
// when one character has a second choice.
func (t tableView) forms(label string) (simplified, traditional []string) {
	choose := func(pick func(record) rune) (string, bool) {
		var b strings.Builder
		b.Grow(len(label))
		for _, r := range label {
			rec, _ := t.find(r)
			c := pick(rec)
			if c == 0 {
				return "", false
			}
			b.WriteRune(c)
		}
		return b.String(), true
	}
	second := func(two, one rune) rune {
		if two != 0 {
			return two
		}
		return one
	}
	add := func(list []string, pick func(record) rune) []string {
		if f, ok := choose(pick); ok && (len(list) == 0 || list[0] != f) {
			return append(list, f)
		}
		return list
	}
	simplified = add(simplified, func(r record) rune { return r.s1 })
	simplified = add(simplified, func(r record) rune { return second(r.s2, r.s1) })
	traditional = add(traditional, func(r record) rune { return r.t1 })
	traditional = add(traditional, func(r record) rune { return second(r.t2, r.t1) })
	return simplified, traditional
}
