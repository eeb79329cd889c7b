package names

import (
	"net/url"
	"strings"
	"unicode"
)

// Query is what someone looks for in a search box: a label, with an ending when
// a full name was given.
type Query struct {
	Label  Label
	Ending Ending // zero: look under every ending
}

// Name is the full name that was asked for; ok is false when only a label was.
func (q Query) Name() (n Name, ok bool) {
	n, err := q.Label.In(q.Ending)
	return n, err == nil
}

// ParseQuery reads what people put into a search box: one label, a full name, or
// something they pasted that has a name in it: a web address, a mail address,
// www in front. Notes say what was taken off and what was read otherwise.
func ParseQuery(input string) (Query, Notes, error) {
	s, notes, err := clean(input)
	if err != nil {
		return Query{}, nil, err
	}
	host := hostOf(s)
	notes = notes.add(Address, s, host)
	if plain, err := url.PathUnescape(host); err == nil && plain != host {
		unescaped, more, err := clean(plain)
		if err != nil {
			return Query{}, nil, err
		}
		notes = append(notes.add(Escapes, host, unescaped), more...)
		host = unescaped
	}
	if parts, _ := dots(host, nil); len(parts) == 1 {
		label, more, err := ParseLabel(parts[0])
		if err != nil {
			return Query{}, nil, err
		}
		return Query{Label: label}, append(notes, more...), nil
	}
	labels, ending, notes, err := split(host, notes)
	if err != nil {
		return Query{}, nil, err
	}
	last := labels[len(labels)-1]
	n, notes, err := join(last, ending, notes)
	if err != nil {
		return Query{}, nil, err
	}
	if len(labels) > 1 {
		notes = notes.add(Host, host, n.U())
	}
	return Query{Label: n.label, Ending: n.ending}, notes, nil
}

// hostOf takes the host out of a web or mail address and leaves anything else
// as it is. Addresses typed with a Chinese keyboard come in full width.
func hostOf(s string) string {
	plain := strings.Map(halfWidthMark, s)
	if scheme, rest, ok := strings.Cut(plain, ":"); ok && isScheme(scheme, rest) {
		plain = rest
	}
	plain = strings.TrimPrefix(plain, "//")
	if i := strings.IndexAny(plain, "/?#\\"); i >= 0 {
		plain = plain[:i]
	}
	if i := strings.LastIndexByte(plain, '@'); i >= 0 {
		plain = plain[i+1:]
	}
	if i := strings.LastIndexByte(plain, ':'); i >= 0 && isPort(plain[i+1:]) {
		plain = plain[:i]
	}
	if strings.Map(halfWidthMark, s) == plain {
		return s
	}
	return plain
}

// halfWidthMark folds the full-width marks that an address is built of.
func halfWidthMark(r rune) rune {
	switch r {
	case '：', '／', '＠', '？', '＃', '％':
		return r - 0xFEE0
	}
	return r
}

// isScheme tells https:// and mailto: from a host with a port.
func isScheme(scheme, rest string) bool {
	if strings.HasPrefix(rest, "//") {
		return true
	}
	return strings.EqualFold(scheme, "mailto")
}

func isPort(s string) bool {
	return len(s) <= 5 && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
}
