package names

import (
	"strings"
	"unicode/utf8"
)

// HyphenRule is what an ending says of hyphens, beyond what holds everywhere
// (not first, not last, not third and fourth).
type HyphenRule string

const (
	HyphenInside HyphenRule = "inside"    // allowed
	HyphenSingle HyphenRule = "no-double" // no two in a row, anywhere
	HyphenNever  HyphenRule = "never"     // not at all
)

// Policy is what an ending demands of a label for a new registration, on top of
// the table. It is data: another ending is another row.
type Policy struct {
	Ending   string // A-form; empty for the generic policy
	Group    string // A-form of the ending that stands for all that share registrations
	MinASCII int    // least characters of a label without Chinese characters
	MaxASCII int    // most characters of such a label
	MinHan   int    // least characters of a label with Chinese characters
	MaxHan   int    // most characters of such a label; 63 means only the octets decide
	NeedsHan bool   // at least one Chinese character
	Hyphens  HyphenRule
	Source   string // the rule it comes from
}

// policies holds the endings that differ from generic. An ending of two labels
// is under the policy of its own row, else of its last label.
var policies = []Policy{
	{
		Ending: "xn--otu796d", Group: "xn--otu796d", // 招聘
		MinASCII: 3, MaxASCII: 63, MinHan: 1, MaxHan: 63, Hyphens: HyphenInside,
		Source: ".招聘 registration rules art. 17",
	},
	{
		Ending: "cn", Group: "cn",
		MinASCII: 3, MaxASCII: 63, MinHan: 1, MaxHan: 20, Hyphens: HyphenSingle,
		Source: "CNNIC label rules",
	},
	{
		Ending: "xn--fiqs8s", Group: "xn--fiqs8s", // 中国
		MinASCII: 3, MaxASCII: 63, MinHan: 1, MaxHan: 20, NeedsHan: true, Hyphens: HyphenSingle,
		Source: "CNNIC label rules",
	},
	{
		// 中國 is delegated beside 中国 and carries the same registrations.
		Ending: "xn--fiqz9s", Group: "xn--fiqs8s",
		MinASCII: 3, MaxASCII: 63, MinHan: 1, MaxHan: 20, NeedsHan: true, Hyphens: HyphenSingle,
		Source: "CNNIC label rules",
	},
}

// generic is the policy of every other ending: host names and the table, one
// and two ASCII characters withheld.
var generic = Policy{
	MinASCII: 3, MaxASCII: 63, MinHan: 1, MaxHan: 63, Hyphens: HyphenInside,
	Source: "gTLD registry agreement, specification 5",
}

// Policy is what the ending demands of a label for a new registration.
func (e Ending) Policy() Policy {
	last := e.a[strings.LastIndexByte(e.a, '.')+1:]
	found := generic
	for _, p := range policies {
		switch p.Ending {
		case e.a:
			return p
		case last:
			found = p
		}
	}
	found.Ending, found.Group = e.a, e.a
	return found
}

func groupOf(a string) string {
	for _, p := range policies {
		if p.Ending == a {
			return p.Group
		}
	}
	return a
}

// Allowed says whether the name may be registered anew under its ending's
// policy. A name that exists already may be older than the policy: Allowed is
// for selling, not for showing. Package labels asks by what an operator put in
// force. The error is an *Error.
func (n Name) Allowed() error { return n.ending.Policy().Allow(n) }

// Allow is Name.Allowed by this policy instead of the one that comes with the
// program.
func (p Policy) Allow(n Name) error {
	if e := p.check(n.label.u); e != nil {
		e.Ending = n.ending.u
		return e
	}
	return nil
}

func (p Policy) check(u string) *Error {
	count := utf8.RuneCountInString(u)
	least, most := p.MinASCII, p.MaxASCII
	han := hasHan(u)
	if han {
		least, most = p.MinHan, p.MaxHan
	}
	switch {
	case p.NeedsHan && !han:
		return &Error{Reason: NeedsHan, Label: u, Chars: count}
	case count < least:
		return &Error{Reason: TooShort, Label: u, Chars: count, Limit: least}
	case count > most:
		return &Error{Reason: TooManyChars, Label: u, Chars: count, Limit: most}
	case p.Hyphens == HyphenNever && strings.Contains(u, "-"),
		p.Hyphens == HyphenSingle && strings.Contains(u, "--"):
		return &Error{Reason: NoHyphen, Label: u, Chars: count, Char: '-', Position: hyphenAt(u, p.Hyphens)}
	}
	return nil
}

func hyphenAt(u string, rule HyphenRule) int {
	what := "-"
	if rule == HyphenSingle {
		what = "--"
	}
	return utf8.RuneCountInString(u[:strings.Index(u, what)]) + 1
}
