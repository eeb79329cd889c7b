package names

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/width"
)

// reading is one label while it is read: what it became so far, and the
// error that ended it. u and a are set when the label has both forms, also
// when the table then refuses it, so that they can be shown beside the reason.
type reading struct {
	u, a  string
	notes Notes
	err   error
}

func (r *reading) label() Label {
	return Label{u: r.u, a: r.a, index: table.indexOf(r.u)}
}

// read maps, decodes and encodes one label that holds nothing invisible and
// no dot. It does not look into the table: endings and hosts are outside it.
func read(typed string, notes Notes) reading {
	r := reading{notes: notes}
	if typed == "" {
		r.err = &Error{Reason: Empty}
		return r
	}
	if len(typed) > maxTyped {
		r.err = &Error{Reason: TooLong, Chars: runes(typed)}
		return r
	}
	if InTable(typed) && !strings.HasPrefix(typed, "xn--") {
		r.plain(typed)
	} else {
		wide := width.Fold.String(typed)
		small := strings.ToLower(wide)
		if strings.HasPrefix(small, "xn--") {
			r.decode(typed, small)
		} else {
			r.encode(typed, wide, small)
		}
	}
	if r.err == nil {
		r.measure()
	}
	if r.err != nil {
		r.u, r.a = "", ""
	}
	return r
}

// plain is encode for a label of characters that the table has: the mapping
// changes none of them, alone or together, so that it need not be asked.
func (r *reading) plain(typed string) {
	a, err := idna.Punycode.ToASCII(typed)
	if err != nil {
		r.err = disallowed(typed)
		return
	}
	r.u, r.a = typed, a
}

// encode maps a label that is not an A-label and gives it its A-label.
func (r *reading) encode(typed, wide, small string) {
	u, err := lookup.ToUnicode(typed)
	if err != nil {
		r.err = disallowed(typed)
		return
	}
	if strings.Contains(u, ".") {
		// ⒈ and kin hold a dot of their own, which makes two labels.
		r.err = &Error{Reason: MoreThanOneLabel, Label: typed}
		return
	}
	if strings.HasPrefix(u, "xn--") || u == "" {
		r.err = &Error{Reason: BadALabel, Label: typed}
		return
	}
	r.notes = r.notes.add(Width, typed, wide)
	r.notes = r.notes.add(Case, wide, small)
	r.notes = r.notes.add(Mapped, small, u)
	a, err := lookup.ToASCII(u)
	if err != nil {
		r.err = disallowed(u)
		return
	}
	r.u, r.a = u, a
}

// decode reads an A-label and demands that its U-label encodes to the same
// again: what decodes with an error, to ASCII, or to a spelling that would be
// mapped, is the A-label of nothing (RFC 5890 section 2.3.2.1).
func (r *reading) decode(typed, small string) {
	bad := &Error{Reason: BadALabel, Label: typed}
	u, err := lookup.ToUnicode(small)
	if err != nil || u == "" || strings.HasPrefix(u, "xn--") || strings.Contains(u, ".") {
		r.err = bad
		return
	}
	a, err := lookup.ToASCII(u)
	if err != nil || a != small {
		r.err = bad
		return
	}
	r.notes = r.notes.add(Decoded, typed, u)
	r.u, r.a = u, a
}

// measure checks what counts positions and octets: hyphens and length.
func (r *reading) measure() {
	switch {
	case strings.HasPrefix(r.u, "-"):
		r.err = &Error{Reason: Hyphen, Label: r.u, Char: '-', Position: 1}
	case strings.HasSuffix(r.u, "-"):
		r.err = &Error{Reason: Hyphen, Label: r.u, Char: '-', Position: runes(r.u)}
	case len(r.u) == len(r.a) && len(r.u) >= 4 && r.u[2:4] == "--":
		r.err = &Error{Reason: Hyphen, Label: r.u, Char: '-', Position: 3}
	case len(r.a) > maxLabel:
		r.err = &Error{Reason: TooLong, Label: r.u, Chars: runes(r.u), Limit: fits(r.u)}
	}
}

// fits is how many characters of u, from the start, make an A-label of at most
// 63 octets: what to tell people, who count characters and not octets.
func fits(u string) int {
	all := []rune(u)
	low, high := 0, min(len(all), maxLabel)
	for low < high {
		mid := (low + high + 1) / 2
		a, err := lookup.ToASCII(string(all[:mid]))
		if err == nil && len(a) <= maxLabel {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// checkTable refuses what the reference table does not have.
func (r *reading) checkTable() {
	position := 0
	hyphens := 0 // at the third and fourth place
	for _, c := range r.u {
		position++
		if !table.allowed(c) {
			r.err = &Error{Reason: NotInRepertoire, Label: r.u, Char: c, Position: position}
			return
		}
		if c == '-' && (position == 3 || position == 4) {
			hyphens++
		}
	}
	// RFC 5891 section 4.2.3.1, counted in characters of the U-label.
	if hyphens == 2 {
		r.err = &Error{Reason: Hyphen, Label: r.u, Char: '-', Position: 3}
	}
}

// disallowed finds the character for which IDNA refuses a label. Where only
// the combination is refused, as with mixed directions, none is named.
func disallowed(s string) *Error {
	position := 0
	for _, c := range s {
		position++
		if _, err := lookup.ToASCII(string(c)); err != nil {
			return &Error{Reason: IDNADisallowed, Label: s, Char: c, Position: position}
		}
	}
	return &Error{Reason: IDNADisallowed, Label: s}
}

func point(r rune) string { return fmt.Sprintf("U+%04X", r) }

// shown is a character as it can stand in a sentence: marks on a dotted
// circle, the unprintable not at all.
func shown(r rune) string {
	switch {
	case r == 0, r == utf8.RuneError, unicode.IsSpace(r), invisible(r):
		return ""
	case unicode.Is(unicode.M, r):
		return "◌" + string(r)
	}
	return string(r)
}
