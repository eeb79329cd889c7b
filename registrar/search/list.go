package search

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// Bounds of a list.
const (
	MostNames = 3000    // names that are asked about
	MostBytes = 1 << 20 // of the text or file
	mostBad   = 1000    // entries that are shown although they are no names
)

// Entry is one entry of a list: a name to be asked about, or why it is none.
type Entry struct {
	Line  int // from 1
	Typed string
	Name  names.Name
	Wrong *problem.Problem // nil for a name
}

// ParseList reads a list as it was pasted, or a file. Entries stand on lines of
// their own or between commas, semicolons and tabs; of a table with a column
// headed domain, name, 域名 or the like only that column counts. A label without
// an ending is looked for under each of endings. What is no name, and what
// stands there twice, is said entry by entry and spoils nothing else. Only a
// list without any entry, or with more than MostNames names, is refused whole.
func ParseList(text []byte, endings []names.Ending) ([]Entry, error) {
	if len(text) > MostBytes {
		return nil, problem.New(problem.TooLarge, "searching.list_too_large", "Most", MostNames)
	}
	l := list{endings: endings, at: map[names.Name]int{}}
	s := decode(text)
	if cells, ok := table(s); ok {
		for _, c := range cells {
			l.add(c.line, c.text)
		}
	} else {
		number := 0
		for line := range strings.Lines(strings.ReplaceAll(s, "\r\n", "\n")) {
			number++
			for _, part := range split(line, isComma) {
				l.add(number, strings.Trim(part, `"'“”`))
			}
		}
	}
	switch {
	case l.tooLong():
		return nil, problem.New(problem.Invalid, "searching.list_too_long", "Most", MostNames)
	case l.unreadable():
		return nil, problem.New(problem.Invalid, "searching.list_unreadable", "Most", mostBad)
	case len(l.out) == 0:
		return nil, problem.New(problem.Invalid, "searching.list_empty")
	}
	return l.out, nil
}

// list is a list while it is read.
type list struct {
	endings []names.Ending
	out     []Entry
	at      map[names.Name]int // the line a name was first seen on
}

func (l *list) tooLong() bool    { return len(l.at) > MostNames }
func (l *list) unreadable() bool { return len(l.out)-len(l.at) > mostBad }

// add reads one entry. Of a list that is refused whole nothing more is kept: a
// megabyte of single letters under ten endings would be millions of entries.
func (l *list) add(line int, typed string) {
	if typed = strings.TrimSpace(typed); typed == "" || l.tooLong() || l.unreadable() {
		return
	}
	shown := clip(typed)
	bad := func(p *problem.Problem) { l.out = append(l.out, Entry{Line: line, Typed: shown, Wrong: p}) }
	q, _, err := names.ParseQuery(typed)
	if p, ok := wrong(err); ok {
		bad(p)
		return
	}
	endings := l.endings
	if !q.Ending.IsZero() {
		endings = []names.Ending{q.Ending}
	}
	if len(endings) == 0 {
		bad(problem.New(problem.Invalid, "searching.list_no_ending"))
		return
	}
	for _, e := range endings {
		n, err := q.Label.In(e)
		if p, ok := wrong(err); ok {
			bad(p)
			continue
		}
		if first, twice := l.at[n]; twice {
			bad(problem.New(problem.Invalid, "searching.list_twice", "Name", n.U(), "Line", first))
			continue
		}
		l.at[n] = line
		l.out = append(l.out, Entry{Line: line, Typed: shown, Name: n})
	}
}

// Filter is which rows of a list are wanted; zero lets all through.
type Filter struct {
	State  State
	Ending string // a U-label or A-label, with or without its dot
}

// Lets reports whether a row is wanted.
func (f Filter) Lets(r Row) bool {
	if f.State != "" && f.State != r.State {
		return false
	}
	e := strings.TrimPrefix(f.Ending, ".")
	return e == "" || !r.Name.IsZero() && (e == r.Name.EndingU() || e == r.Name.EndingA())
}

// wrong is why something is no name, for people.
func wrong(err error) (*problem.Problem, bool) {
	if err == nil {
		return nil, false
	}
	if p, ok := problem.As(err); ok {
		return p, true
	}
	return problem.New(problem.Invalid, "searching.list_no_name"), true
}

// clip keeps enough of an entry to be found again.
func clip(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "\uFFFD")); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// headings are what the column with the names is called, in small letters; the
// first ones also where it is the only column, where the others may be wishes.
var headings = []string{"domain name", "domains", "domain", "域名", "fqdn", "name", "names", "label", "网址", "名称", "名字"}

const sureHeadings = 4

// cell is what stands in the column of names, and on which line.
type cell struct {
	line int
	text string
}

// table reads a table whose first line names a column of names; the first such
// column counts.
func table(s string) (cells []cell, ok bool) {
	s = closeQuotes(s)
	first, _, _ := strings.Cut(s, "\n")
	for _, comma := range []rune{',', '\t', ';'} {
		if !strings.ContainsRune(first, comma) && comma != ',' {
			continue
		}
		r := csv.NewReader(strings.NewReader(s))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = comma, -1, true, true
		head, err := r.Read()
		if err != nil {
			continue
		}
		sure := headings
		if len(head) == 1 {
			sure = headings[:sureHeadings]
		}
		column := slices.IndexFunc(head, func(h string) bool {
			return slices.Contains(sure, strings.ToLower(strings.TrimSpace(h)))
		})
		if column < 0 {
			continue
		}
		for {
			row, err := r.Read()
			if errors.Is(err, io.EOF) {
				return cells, len(cells) > 0
			}
			if err != nil {
				return nil, false
			}
			if column < len(row) {
				line, _ := r.FieldPos(column) // rows may be empty, or longer than a line
				cells = append(cells, cell{line, row[column]})
			}
		}
	}
	return nil, false
}

// closeQuotes leaves out the quotes of lines that open one and never close it:
// it would swallow every name after it. A cell that goes over several lines on
// purpose, an address or a note, keeps its quotes.
func closeQuotes(s string) string {
	if !strings.Contains(s, `"`) {
		return s
	}
	lines := strings.SplitAfter(s, "\n")
	for i := 0; i < len(lines); i++ {
		if strings.Count(lines[i], `"`)%2 == 0 {
			continue
		}
		if n := closedBy(lines[i:]); n > 0 {
			i += n
		} else {
			lines[i] = strings.ReplaceAll(lines[i], `"`, "")
		}
	}
	return strings.Join(lines, "")
}

// mostQuoted is over how many lines one cell may go.
const mostQuoted = 20

// closedBy is how many lines below the first one the quote that it leaves open
// is closed: where the next quote is, if that one ends a cell; otherwise 0.
func closedBy(lines []string) int {
	for n, l := range lines[1:min(len(lines), mostQuoted)] {
		if !strings.Contains(l, `"`) {
			continue
		}
		_, after, found := strings.Cut(strings.ReplaceAll(l, `""`, ""), `"`)
		if !found {
			continue
		}
		if after = strings.TrimLeft(after, " "); after == "" || strings.ContainsAny(after[:1], ",;\t\r\n") {
			return n + 1
		}
		break
	}
	return 0
}

// decode makes text of a file as spreadsheets write it: UTF-8 or UTF-16 with
// their marks, or the Chinese national encoding (GB 18030) where it is not
// UTF-8.
func decode(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}), bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		little := b[0] == 0xFF
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i+1 < len(b); i += 2 {
			if little {
				units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
			} else {
				units = append(units, uint16(b[i+1])|uint16(b[i])<<8)
			}
		}
		return string(utf16.Decode(units))
	}
	if !utf8.Valid(b) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b); err == nil {
			return string(s)
		}
	}
	return string(b)
}
