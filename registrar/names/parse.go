package names

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

const (
	maxLabel = 63   // octets of an A-label (RFC 1035 section 2.3.4)
	maxName  = 253  // octets of a name without the root dot
	maxInput = 4096 // octets that are looked at before refusing for length
	maxTyped = 1024 // the same for one label; encoding takes time with the square of it
)

// lookup maps what people type to what a name may contain: small letters,
// half width, unified characters. It does not decide what is valid: it accepts
// emoji and homographs; the table does not. Lengths and hyphens are checked
// here and not by the profile, which counts bytes where characters are meant.
var lookup = idna.New(
	idna.MapForLookup(),
	idna.StrictDomainName(true),
	idna.BidiRule(),
	idna.CheckJoiners(true),
	idna.CheckHyphens(false),
	idna.VerifyDNSLength(false),
	idna.Transitional(false),
)

// ParseLabel reads one label. Anything with a dot, also an ideographic one, is
// more than one label.
func ParseLabel(input string) (Label, Notes, error) {
	s, notes, err := clean(input)
	if err != nil {
		return Label{}, nil, err
	}
	if strings.ContainsFunc(s, isDot) {
		return Label{}, nil, &Error{Reason: MoreThanOneLabel, Label: s}
	}
	r := read(s, notes)
	if r.err == nil {
		r.checkTable()
	}
	if r.err != nil {
		return Label{}, nil, r.err
	}
	return r.label(), r.notes, nil
}

// Parse reads a full name: one label and its ending, in U-form, A-form or any
// mixture. Endings of two labels (公司.cn, com.cn) are known from the public
// suffix list. Hosts below a name (www.人才网.招聘) are refused; ParseQuery
// takes them off.
func Parse(input string) (Name, Notes, error) {
	s, notes, err := clean(input)
	if err != nil {
		return Name{}, nil, err
	}
	labels, ending, notes, err := split(s, notes)
	if err != nil {
		return Name{}, nil, err
	}
	if len(labels) > 1 {
		return Name{}, nil, &Error{Reason: MoreThanOneLabel, Label: s}
	}
	return join(labels[0], ending, notes)
}

// MustParse is Parse for names that stand in the program or in a test. It
// panics on anything that is not a name.
func MustParse(input string) Name {
	n, _, err := Parse(input)
	if err != nil {
		panic(fmt.Sprintf("names.MustParse(%q): %v", input, err))
	}
	return n
}

// ParseEnding reads an ending with or without its leading dot: .招聘, com.cn.
func ParseEnding(input string) (Ending, error) {
	s, _, err := clean(input)
	if err != nil {
		return Ending{}, err
	}
	if first, size := utf8.DecodeRuneInString(s); isDot(first) {
		s = s[size:]
	}
	parts, _ := dots(s, nil)
	var u, a []string
	for _, part := range parts {
		r := read(part, nil)
		if r.err != nil {
			return Ending{}, r.err
		}
		u, a = append(u, r.u), append(a, r.a)
	}
	return Ending{u: strings.Join(u, "."), a: strings.Join(a, ".")}, nil
}

// HostA is the A-form of any host name, of any number of labels and outside
// every table: name servers, mail domains. It is encoded label by label.
func HostA(input string) (string, error) {
	s, _, err := clean(input)
	if err != nil {
		return "", err
	}
	e, err := ParseEnding(s)
	if err != nil {
		return "", err
	}
	if len(e.a) > maxName {
		return "", &Error{Reason: TooLong, Label: e.u, Chars: runes(e.u)}
	}
	return e.a, nil
}

// clean is what comes before any mapping: outer white space goes, inner white
// space and characters nobody can see are refused. The mapping would drop some
// of them silently, so they must be found before it.
func clean(input string) (string, Notes, error) {
	s := strings.TrimFunc(input, unicode.IsSpace)
	switch {
	case s == "":
		return "", nil, &Error{Reason: Empty}
	case len(s) > maxInput:
		return "", nil, &Error{Reason: TooLong, Chars: runes(s)}
	}
	if e := unseen(s); e != nil {
		return "", nil, e
	}
	return s, Notes(nil).add(Trimmed, input, s), nil
}

func unseen(s string) *Error {
	position := 0
	var first *Error
	for i, r := range s {
		position++
		switch {
		case table.allowed(r): // most of what is typed, and seen
		case unicode.IsSpace(r):
			return &Error{Reason: Space, Label: Legible(s), Char: r, Position: position}
		case first != nil:
		case invisible(r):
			first = &Error{Reason: Invisible, Label: Legible(s), Char: r, Position: position}
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			first = &Error{Reason: IDNADisallowed, Label: Legible(s), Char: r, Position: position}
		}
	}
	return first
}

// invisible says whether nobody can see r: format characters (joiners, marks
// of direction, soft hyphen, tags), variation selectors, fillers, controls.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		r == 0x2800 // braille blank: a symbol by category, empty to the eye
}

// isDot says whether r separates labels (RFC 3490 section 3.1; UTS 46).
func isDot(r rune) bool { return r == '.' || r == '。' || r == '．' || r == '｡' }

// dots splits at every kind of dot and takes one root dot off the end.
func dots(s string, notes Notes) ([]string, Notes) {
	plain := strings.Map(func(r rune) rune {
		if isDot(r) {
			return '.'
		}
		return r
	}, s)
	notes = notes.add(Dots, s, plain)
	if trimmed := strings.TrimSuffix(plain, "."); trimmed != "" {
		notes = notes.add(Trimmed, plain, trimmed)
		plain = trimmed
	}
	return strings.Split(plain, "."), notes
}

// split reads all labels of a full name and finds where its ending begins.
// At least one label comes back before the ending.
func split(s string, notes Notes) ([]reading, Ending, Notes, error) {
	parts, notes := dots(s, notes)
	if len(parts) == 1 {
		return nil, Ending{}, nil, &Error{Reason: NoEnding, Label: s}
	}
	all := make([]reading, len(parts))
	u, a := make([]string, len(parts)), make([]string, len(parts))
	for i, part := range parts {
		all[i] = read(part, nil)
		if all[i].err != nil {
			return nil, Ending{}, nil, all[i].err
		}
		u[i], a[i] = all[i].u, all[i].a
	}
	k := len(parts) - suffixLabels(strings.Join(a, "."))
	if k == 0 {
		return nil, Ending{}, nil, &Error{Reason: OnlyEnding, Label: strings.Join(u, ".")}
	}
	for _, r := range all[k:] {
		notes = append(notes, r.notes...)
	}
	return all[:k], Ending{u: strings.Join(u[k:], "."), a: strings.Join(a[k:], ".")}, notes, nil
}

// suffixLabels is how many labels at the end of an A-form names are registered
// under. Suffixes that private parties added to the list (github.io) are names
// like others here. The list knows A-labels only.
func suffixLabels(a string) int {
	suffix, icann := publicsuffix.PublicSuffix(a)
	for !icann {
		_, parent, ok := strings.Cut(suffix, ".")
		if !ok {
			break
		}
		suffix, icann = publicsuffix.PublicSuffix(parent)
	}
	return strings.Count(suffix, ".") + 1
}

// join makes the name of a label that was read and its ending.
func join(r reading, ending Ending, notes Notes) (Name, Notes, error) {
	r.checkTable()
	if r.err != nil {
		return Name{}, nil, r.err
	}
	n, err := r.label().In(ending)
	if err != nil {
		return Name{}, nil, err
	}
	return n, append(r.notes, notes...), nil
}
