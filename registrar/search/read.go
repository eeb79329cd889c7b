package search

import (
	"strings"
	"unicode"

	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// MostQueries is how many labels or names one search takes; more are a list
// (Runs).
const MostQueries = 10

// Wish is what somebody typed into the box, as it was read.
type Wish struct {
	Queries []names.Query // at least one
	Notes   names.Notes   // what was read otherwise than typed, when there is one query
	Words   []string      // the words that the one label was put together of; nil otherwise
	Endings []string      // the endings that were ticked, as in Only; none: all of them
}

// Read reads the box: a label, a full name, an address with a name in it; or
// several of them with commas or line ends between; or words, which make one
// label together ("beijing coffee"). What is none of these is refused with the
// reason why the whole is no name, or with "searching.too_many".
func Read(typed string) (Wish, error) {
	q, notes, err := names.ParseQuery(typed)
	if err == nil {
		return Wish{Queries: []names.Query{q}, Notes: notes}, nil
	}
	if list := split(typed, isComma); len(list) > 1 {
		return several(list, err)
	}
	list := split(typed, unicode.IsSpace)
	if len(list) < 2 {
		return Wish{}, err
	}
	queries := make([]names.Query, len(list))
	named := 0
	for i, s := range list {
		one, _, wrong := names.ParseQuery(s)
		if wrong != nil {
			return Wish{}, err
		}
		queries[i] = one
		if !one.Ending.IsZero() {
			named++
		}
	}
	switch named {
	case len(list):
		return several(list, err)
	case 0:
	default: // "ren cai.com": nobody can say what is meant
		return Wish{}, err
	}
	w := Wish{}
	for _, q := range queries {
		w.Words = append(w.Words, q.Label.U())
	}
	whole, _, wrong := names.ParseLabel(strings.Join(w.Words, ""))
	if wrong != nil {
		return Wish{}, wrong
	}
	w.Queries = []names.Query{{Label: whole}}
	return w, nil
}

// several reads a short list; one that is no name spoils it, because the box
// has no room to say which.
func several(list []string, why error) (Wish, error) {
	w := Wish{}
	seen := map[names.Query]bool{}
	for _, s := range list {
		q, _, err := names.ParseQuery(s)
		if err != nil {
			return Wish{}, why
		}
		if !seen[q] {
			seen[q] = true
			w.Queries = append(w.Queries, q)
		}
	}
	if len(w.Queries) > MostQueries {
		return Wish{}, problem.New(problem.Invalid, "searching.too_many", "Count", len(w.Queries), "Most", MostQueries)
	}
	return w, nil
}

// Lines is what somebody typed into the box as ParseList reads it: one name on
// each line, where the box lets spaces stand between them too.
func Lines(typed string) string {
	return strings.Join(split(typed, func(r rune) bool { return isComma(r) || unicode.IsSpace(r) }), "\n")
}

// isComma says whether r stands between the entries of a list, in any script.
func isComma(r rune) bool {
	switch r {
	case ',', '，', ';', '；', '、', '|', '\n', '\r', '\t':
		return true
	}
	return false
}

func split(s string, at func(rune) bool) []string {
	var out []string
	for _, part := range strings.FieldsFunc(s, at) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
