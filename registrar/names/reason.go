package names

import (
	"fmt"

	"yumen/registrar/problem"
)

// Reason says why something is not a name. The words are part of the output of
// "yumen names" and do not change.
type Reason string

// The reasons of the table and of IDNA. They hold for every ending.
const (
	Empty            Reason = "empty"               // nothing there, or nothing between two dots
	Space            Reason = "space"               // white space inside
	Invisible        Reason = "invisible"           // a character nobody sees: joiners, marks of direction, selectors
	NotInRepertoire  Reason = "not-in-repertoire"   // a character that is not in the table
	Hyphen           Reason = "hyphen"              // first, last, or third and fourth
	TooLong          Reason = "too-long"            // over 63 octets as an A-label
	BadALabel        Reason = "bad-a-label"         // begins with xn-- and is not the A-label of anything
	MoreThanOneLabel Reason = "more-than-one-label" // dots where one label, or one label and its ending, is wanted
	IDNADisallowed   Reason = "idna-disallowed"     // a character that no domain name may have
	NoEnding         Reason = "no-ending"           // a label where a full name is wanted
	OnlyEnding       Reason = "only-ending"         // an ending such as com.cn with nothing in front
)

// The reasons of an ending's policy.
const (
	TooShort     Reason = "too-short"      // fewer ASCII characters than the ending allows
	TooManyChars Reason = "too-many-chars" // more characters than the ending allows
	NeedsHan     Reason = "needs-han"      // the ending wants at least one Chinese character
	NoHyphen     Reason = "no-hyphen"      // the ending allows no hyphen, or no two in a row
	NotInTable   Reason = "not-in-table"   // a character that the registry's own table does not have
)

// Error is why an input is not a name, with what a message about it needs.
type Error struct {
	Reason Reason
	Label  string // the label in question, as read so far
	Ending string // U-form of the ending whose policy refused, else empty
	// Char is the offending character and Position its place in Label, counted
	// in characters from 1; both zero where no single character is at fault.
	Char     rune
	Position int
	Chars    int // length of Label in characters
	Limit    int // the limit in characters that was missed, else 0
}

// Error is for logs; people get MessageID and Args in their language.
func (e *Error) Error() string {
	if e.Position > 0 {
		return fmt.Sprintf("names: %s at character %d", e.Code(), e.Position)
	}
	return "names: " + e.Code()
}

// Code is the reason with its character where it has one: "invisible U+200D".
func (e *Error) Code() string {
	switch e.Reason {
	case Invisible, NotInRepertoire, NotInTable:
		return string(e.Reason) + " " + point(e.Char)
	}
	return string(e.Reason)
}

// messageIDs is spelled out so that every id can be found by searching for it.
var messageIDs = map[Reason]string{
	Empty:            "names.empty",
	Space:            "names.space",
	Invisible:        "names.invisible",
	NotInRepertoire:  "names.not_in_repertoire",
	Hyphen:           "names.hyphen",
	TooLong:          "names.too_long",
	BadALabel:        "names.bad_a_label",
	MoreThanOneLabel: "names.more_than_one_label",
	IDNADisallowed:   "names.idna_disallowed",
	NoEnding:         "names.no_ending",
	OnlyEnding:       "names.only_ending",
	TooShort:         "names.too_short",
	TooManyChars:     "names.too_many_chars",
	NeedsHan:         "names.needs_han",
	NoHyphen:         "names.no_hyphen",
	NotInTable:       "names.not_in_table",
}

// MessageID is the key of the message for people.
func (e *Error) MessageID() string {
	switch {
	case e.Reason == IDNADisallowed && e.Char == 0:
		return "names.idna_disallowed_mix"
	case e.Reason == TooLong && e.Limit == 0:
		return "names.far_too_long"
	}
	return messageIDs[e.Reason]
}

// Args are the arguments of the message as pairs: Label, Ending, Char (empty
// where it cannot be shown), Code (U+200D), Position, Chars, Limit. All are
// always present, so a message may use any of them.
func (e *Error) Args() []any {
	code := ""
	if e.Char != 0 {
		code = point(e.Char)
	}
	return []any{
		"Label", e.Label, "Ending", e.Ending, "Char", shown(e.Char), "Code", code,
		"Position", e.Position, "Chars", e.Chars, "Limit", e.Limit,
	}
}

// Unwrap makes the error one that people can act on, wherever it surfaces: an
// invalid input with its message, the reason as its code.
func (e *Error) Unwrap() error {
	return problem.New(problem.Invalid, e.MessageID(), e.Args()...).WithCode(string(e.Reason))
}
