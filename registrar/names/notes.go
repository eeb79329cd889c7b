package names

import (
	"strings"
	"unicode"
)

// Change is a kind of thing that reading an input changed in it.
type Change string

// What reading may change. Case, Width, Dots and Trimmed never need a
// question; Mapped does.
const (
	Trimmed Change = "trimmed" // outer white space or a root dot taken off
	Case    Change = "case"    // capitals made small
	Width   Change = "width"   // full width made half width
	Dots    Change = "dots"    // 。and kin read as a dot
	Mapped  Change = "mapped"  // a character read as another one: Kangxi radicals, ①, ㍿
	Decoded Change = "decoded" // an A-label read as its U-label
	Escapes Change = "escapes" // %E4%BA%BA read as 人
	Address Change = "address" // a web or mail address reduced to its host
	Host    Change = "host"    // www and other hosts taken off the name
)

// Note is one change, with what stood there and what was read.
type Note struct {
	Change Change
	From   string
	To     string
}

// noteIDs is spelled out so that every id can be found by searching for it.
var noteIDs = map[Change]string{
	Trimmed: "names.note_trimmed",
	Case:    "names.note_case",
	Width:   "names.note_width",
	Dots:    "names.note_dots",
	Mapped:  "names.note_mapped",
	Decoded: "names.note_decoded",
	Escapes: "names.note_escapes",
	Address: "names.note_address",
	Host:    "names.note_host",
}

// MessageID is the key of the note for people.
func (n Note) MessageID() string { return noteIDs[n.Change] }

// Args are the arguments of the message as pairs.
func (n Note) Args() []any { return []any{"From", n.From, "To", n.To} }

// Notes are the changes that reading an input made, in order; empty when it was
// taken as typed.
type Notes []Note

// Has says whether a change of this kind was made.
func (n Notes) Has(c Change) bool {
	for _, note := range n {
		if note.Change == c {
			return true
		}
	}
	return false
}

// Ask says whether more changed than case and width, so that people should
// see "you typed X, we read Y" and agree before going on.
func (n Notes) Ask() bool { return n.Has(Mapped) }

func (n Notes) add(c Change, from, to string) Notes {
	if from == to {
		return n
	}
	return append(n, Note{Change: c, From: from, To: to})
}

// Legible makes invisible characters of s visible as [U+200D], so that an input
// that was refused for them can be shown.
func Legible(s string) string {
	if !strings.ContainsFunc(s, invisible) && strings.ToValidUTF8(s, "") == s {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if invisible(r) || r == unicode.ReplacementChar {
			b.WriteString("[" + point(r) + "]")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
