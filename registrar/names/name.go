// Package names says what a domain name is: one label and its ending, read
// from whatever people type, in the one form that everything else uses.
//
// A Name is made by Parse (or Label.In) and by nothing else, so a name that
// was not read, mapped and checked against the table cannot reach a registry.
// ParseQuery is for search boxes, ParseLabel for fields of one label. All three
// tell in Notes what they changed on the way.
//
// Parse knows the table; it does not know what an ending allows for a new
// registration: ask Name.Allowed before selling. It knows nothing of reserved
// or prohibited names (package screening) or of what is taken (registries).
//
// The package does no input or output and starts without work.
package names

import (
	"unicode"
)

// Label is one label of a name that stands in the table: mapped to its one
// form, with its A-label and its index label. The zero Label is no label.
type Label struct {
	u, a, index string
}

// Name is a label and the ending it stands under: 人才网.招聘, abc.com.cn. Two
// Names are == exactly when they are the same name, however they were typed.
// The zero Name is no name.
type Name struct {
	label  Label
	ending Ending
}

// Ending is what names are registered under: 招聘, com, 公司.cn.
type Ending struct {
	u, a string
}

// U is the label as people read it: 人才网.
func (l Label) U() string { return l.u }

// A is the label as DNS and EPP carry it: xn--gmq009bygv.
func (l Label) A() string { return l.a }

// Index is the index label: the same for all variants of a label and for
// nothing else (RFC 7940 section 8.5). It is a key, not a name: it may be
// longer than a label can be, and is stored as UTF-8, never as an A-label.
func (l Label) Index() string { return l.index }

// String is the U-label.
func (l Label) String() string { return l.u }

// IsZero says that there is no label.
func (l Label) IsZero() bool { return l.u == "" }

// IsChinese says whether the label has at least one Chinese character; a mixed
// label counts (Order 43 art. 55).
func (l Label) IsChinese() bool { return hasHan(l.u) }

// Forms are the labels that a registry may give out beside l, first choice
// first: at most two simplified and two traditional ones. They are what the
// table derives, not always what people write: 人才 has the traditional form
// 人纔. What is active is what the registry answered.
func (l Label) Forms() (simplified, traditional []string) { return table.forms(l.u) }

// SetSize is the number of variants of the label, itself included, held at the
// greatest int64. Sets may be far too large to list.
func (l Label) SetSize() int64 {
	if l.IsZero() {
		return 0
	}
	return table.setSize(l.u)
}

// In is the name with this label under an ending.
func (l Label) In(e Ending) (Name, error) {
	switch {
	case l.IsZero():
		return Name{}, &Error{Reason: Empty}
	case e.IsZero():
		return Name{}, &Error{Reason: NoEnding, Label: l.u}
	case len(l.a)+1+len(e.a) > maxName:
		return Name{}, &Error{Reason: TooLong, Label: l.u, Chars: runes(l.u)}
	}
	return Name{label: l, ending: e}, nil
}

// U is the ending as people read it, without a leading dot: 招聘.
func (e Ending) U() string { return e.u }

// A is the ending as DNS and EPP carry it: xn--otu796d.
func (e Ending) A() string { return e.a }

// String is the U-form.
func (e Ending) String() string { return e.u }

// IsZero says that there is no ending.
func (e Ending) IsZero() bool { return e.u == "" }

// Group is the A-form of the ending that stands for all endings which share
// their registrations: 中国 and 中國 are one group. Most endings stand for
// themselves.
func (e Ending) Group() string { return groupOf(e.a) }

// Label is the label in front of the ending.
func (n Name) Label() Label { return n.label }

// Ending is what the name is registered under.
func (n Name) Ending() Ending { return n.ending }

// ULabel is the label as people read it.
func (n Name) ULabel() string { return n.label.u }

// ALabel is the label as DNS carries it.
func (n Name) ALabel() string { return n.label.a }

// EndingU is the ending as people read it.
func (n Name) EndingU() string { return n.ending.u }

// EndingA is the ending as DNS carries it.
func (n Name) EndingA() string { return n.ending.a }

// U is the full name as people read it: 人才网.招聘.
func (n Name) U() string {
	if n.IsZero() {
		return ""
	}
	return n.label.u + "." + n.ending.u
}

// A is the full name as DNS, EPP and every signature carry it.
func (n Name) A() string {
	if n.IsZero() {
		return ""
	}
	return n.label.a + "." + n.ending.a
}

// String is the U-form.
func (n Name) String() string { return n.U() }

// Index is the index label. Together with Group it is the key of the one
// conflict check: two names with the same (Group, Index) exclude each other.
func (n Name) Index() string { return n.label.index }

// Group is the group of the ending; see Ending.Group.
func (n Name) Group() string { return n.ending.Group() }

// VariantOf says whether n and other exclude each other: the same name, or
// variants of each other under endings that share their registrations.
func (n Name) VariantOf(other Name) bool {
	return !n.IsZero() && n.Index() == other.Index() && n.Group() == other.Group()
}

// TableVersion names the table that n was read with; stored beside the index.
func (n Name) TableVersion() string { return table.version }

// IsZero says that there is no name.
func (n Name) IsZero() bool { return n.label.IsZero() }

// IsChinese says whether the name is a Chinese domain name: it contains a
// Chinese character, in the label or in the ending (Order 43 art. 55).
func (n Name) IsChinese() bool { return hasHan(n.label.u) || hasHan(n.ending.u) }

// MarshalText writes the A-form, which survives every channel.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.A()), nil }

// UnmarshalText reads a full name in either form; empty text is no name.
func (n *Name) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*n = Name{}
		return nil
	}
	name, _, err := Parse(string(text))
	if err != nil {
		return err
	}
	*n = name
	return nil
}

func hasHan(s string) bool {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}

func runes(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}
