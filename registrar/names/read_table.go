package names

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a table document. A document is a stranger's file: it is read as a
// stream, and refused before it costs more than these.
const (
	maxTableBytes  = 16 << 20 // the greatest known table is below 4 MB
	maxTableDepth  = 32
	maxTableChars  = 150_000 // more than Unicode has Chinese characters
	maxTableLine   = 64 << 10
	maxTableSaid   = 2 * maxTableChars // the same ones again included
	maxTableName   = 100               // octets of an element's name
	maxVariantsOf  = 255
	maxTokenOctets = 1 << 20 // of one text or comment; descriptions are prose
)

// ErrNoTable says that a document is no table that can be used, and why.
var ErrNoTable = errors.New("names: not a usable table")

func noTable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNoTable, fmt.Sprintf(format, args...))
}

// ReadTable reads a registry's table: an LGR document (RFC 7940) when it begins
// as XML, else the text form of RFC 3743. It never asks for anything outside
// the document; document types and entities are refused.
func ReadTable(in io.Reader) (*EndingTable, error) {
	b := bufio.NewReaderSize(&bounded{in: in, left: maxTableBytes}, 64<<10)
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = b.Discard(3) // three octets that were just looked at
	}
	start, _ := b.Peek(512)
	m := newMaker()
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(start), []byte("<")) {
		err = m.xml(b)
	} else {
		err = m.text(b)
	}
	if err != nil {
		return nil, err
	}
	return m.table()
}

// bounded ends a document that is too large with an error, not as if it were
// whole.
type bounded struct {
	in   io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, noTable("longer than %d MB", maxTableBytes>>20)
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.in.Read(p)
	b.left -= int64(n)
	return n, err
}

func newMaker() *maker {
	return &maker{chars: map[rune]bool{}, up: map[rune]rune{}, sets: map[rune]set{}}
}

// maker collects a table. up joins variants: each character points to another
// of its set, its root to itself. The smaller of two sets goes below the root of
// the other, so that no way up is longer than the logarithm of the set.
type maker struct {
	t     EndingTable
	chars map[rune]bool
	said  int // characters that were said, the same ones again included
	up    map[rune]rune
	sets  map[rune]set // by root
}

// set is what a root knows of its set.
type set struct {
	size  int
	least rune
}

func (m *maker) add(r rune) error {
	m.chars[r] = true
	if m.said++; len(m.chars) > maxTableChars || m.said > maxTableSaid {
		return noTable("more than %d characters", maxTableChars)
	}
	return nil
}

func (m *maker) root(r rune) rune {
	for {
		to, ok := m.up[r]
		if !ok {
			m.up[r], m.sets[r] = r, set{1, r}
		}
		if !ok || to == r {
			return r
		}
		r = to
	}
}

// join makes a and b variants of each other.
func (m *maker) join(a, b rune) error {
	if a == b {
		return nil
	}
	if len(m.up) > 2*maxTableChars {
		return noTable("more than %d variants", 2*maxTableChars)
	}
	x, y := m.root(a), m.root(b)
	if x == y {
		return nil
	}
	if m.sets[x].size < m.sets[y].size {
		x, y = y, x
	}
	m.up[y] = x
	m.sets[x] = set{m.sets[x].size + m.sets[y].size, min(m.sets[x].least, m.sets[y].least)}
	delete(m.sets, y)
	return nil
}

func (m *maker) table() (*EndingTable, error) {
	if len(m.chars) == 0 {
		return nil, noTable("it has no characters")
	}
	t := m.t
	all := make([]rune, 0, len(m.chars))
	for r := range m.chars {
		all = append(all, r)
	}
	slices.Sort(all)
	for _, r := range all {
		if n := len(t.ranges); n > 0 && t.ranges[n-1].to == r-1 {
			t.ranges[n-1].to = r
		} else {
			t.ranges = append(t.ranges, span{r, r})
		}
	}
	t.index = make(map[rune]rune, len(m.up))
	for r := range m.up {
		t.index[r] = m.sets[m.root(r)].least
	}
	return &t, nil
}

// lgrSpace is the namespace of RFC 7940.
const lgrSpace = "urn:ietf:params:xml:ns:lgr-1.0"

func (m *maker) xml(in io.Reader) error {
	d := xml.NewDecoder(in)
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, noTable("written in %.20q, not in UTF-8", charset)
	}
	var path []string
	var current rune
	single := false // whether current is a single character
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			if len(path) > 0 {
				return noTable("it ends inside <%s>", path[len(path)-1])
			}
			return nil
		}
		if err != nil {
			if errors.Is(err, ErrNoTable) {
				return err
			}
			return noTable("%v", err)
		}
		switch e := token.(type) {
		case xml.Directive:
			return noTable("it has a document type, which no table needs")
		case xml.StartElement:
			if len(path) == 0 && (e.Name.Local != "lgr" || attr(e, "xmlns") != lgrSpace && attr(e, prefixed(e)) != lgrSpace) {
				return noTable("its root is <%.40s>, not an LGR", e.Name.Local)
			}
			if len(e.Name.Local) > maxTableName {
				return noTable("an element with a name of %d octets", len(e.Name.Local))
			}
			if path = append(path, e.Name.Local); len(path) > maxTableDepth {
				return noTable("nested deeper than %d", maxTableDepth)
			}
			if current, single, err = m.element(path, e, current, single); err != nil {
				return err
			}
		case xml.EndElement:
			if len(path) == 0 || path[len(path)-1] != e.Name.Local {
				return noTable("</%.40s> closes nothing", e.Name.Local)
			}
			path = path[:len(path)-1]
		case xml.CharData:
			if len(e) > maxTokenOctets {
				return noTable("a text of %d KB", len(e)>>10)
			}
			m.meta(path, string(e))
		}
	}
}

func prefixed(e xml.StartElement) string {
	if e.Name.Space == "" {
		return "xmlns"
	}
	return "xmlns:" + e.Name.Space
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		full := a.Name.Local
		if a.Name.Space != "" {
			full = a.Name.Space + ":" + full
		}
		if full == name {
			return a.Value
		}
	}
	return ""
}

func (m *maker) meta(path []string, text string) {
	if len(path) != 3 || path[1] != "meta" {
		return
	}
	add := func(into *string) {
		*into = clipped(strings.TrimSpace(*into + " " + text))
	}
	switch path[2] {
	case "version":
		add(&m.t.Version)
	case "date":
		add(&m.t.Date)
	case "language":
		add(&m.t.Language)
	}
}

func clipped(s string) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > 80 {
		return string(r[:80])
	}
	return s
}

func (m *maker) element(path []string, e xml.StartElement, current rune, single bool) (rune, bool, error) {
	if attr(e, "when") != "" || attr(e, "not-when") != "" {
		m.t.Rules++
	}
	if len(path) > 4 {
		return current, single, nil // nothing of ours stands so deep
	}
	at := strings.Join(path[1:], "/")
	switch at {
	case "data/char":
		cp := attr(e, "cp")
		if strings.Contains(strings.TrimSpace(cp), " ") {
			m.t.Sequences++
			return 0, false, nil
		}
		r, err := hexPoint(cp)
		if err != nil {
			return 0, false, noTable("%v", err)
		}
		return r, true, m.add(r)
	case "data/range":
		from, err := hexPoint(attr(e, "first-cp"))
		if err != nil {
			return 0, false, noTable("%v", err)
		}
		to, err := hexPoint(attr(e, "last-cp"))
		if err != nil {
			return 0, false, noTable("%v", err)
		}
		if to < from || to-from > maxTableChars {
			return 0, false, noTable("the range %X to %X", from, to)
		}
		for r := from; r <= to; r++ {
			if err := m.add(r); err != nil {
				return 0, false, err
			}
		}
		return 0, false, nil
	case "data/char/var":
		cp := strings.TrimSpace(attr(e, "cp"))
		if !single || cp == "" || strings.Contains(cp, " ") {
			m.t.Sequences++
			return current, single, nil
		}
		r, err := hexPoint(cp)
		if err != nil {
			return 0, false, noTable("%v", err)
		}
		if r == current && attr(e, "type") == "out-of-repertoire-var" {
			delete(m.chars, r) // a target of variants that no label may have
		}
		return current, single, m.join(current, r)
	case "rules/rule", "rules/class":
		m.t.Rules++
	}
	return current, single, nil
}

// text reads RFC 3743's three columns: a character, its preferred variants, its
// other variants, each with references in brackets, divided by semicolons.
func (m *maker) text(in io.Reader) error {
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 0, 4096), maxTableLine)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff"))
		if !utf8.ValidString(line) {
			return noTable("line %d is not UTF-8", n)
		}
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			m.comment(strings.TrimSpace(comment))
			continue
		}
		if lower := strings.ToLower(line); line == "" || strings.HasPrefix(lower, "reference ") || strings.HasPrefix(lower, "version ") {
			m.comment(line)
			continue
		}
		line, _, _ = strings.Cut(line, "#")
		if err := m.row(line); err != nil {
			return noTable("line %d: %v", n, err)
		}
	}
	if err := sc.Err(); err != nil {
		if errors.Is(err, ErrNoTable) {
			return err
		}
		return noTable("%v", err)
	}
	return nil
}

func (m *maker) comment(s string) {
	key, value, ok := strings.Cut(s, ":")
	if !ok {
		key, value, ok = strings.Cut(s, " ")
	}
	if !ok {
		return
	}
	value = clipped(strings.TrimSpace(value))
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "version":
		m.t.Version = value
	case "effective date", "date":
		m.t.Date = value
	case "language", "script":
		m.t.Language = value
	}
}

func (m *maker) row(line string) error {
	columns := strings.Split(line, ";")
	if len(columns) > 4 {
		return fmt.Errorf("%d columns", len(columns))
	}
	if strings.Contains(strings.TrimSpace(columns[0]), " ") {
		m.t.Sequences++
		return nil
	}
	r, err := textPoint(columns[0])
	if err != nil {
		return err
	}
	if err := m.add(r); err != nil {
		return err
	}
	for _, column := range columns[1:] {
		list := splitPoints(column)
		if len(list) > maxVariantsOf {
			return fmt.Errorf("%d variants", len(list))
		}
		for _, p := range list {
			if strings.Contains(strings.TrimSpace(p), " ") {
				m.t.Sequences++
				continue
			}
			to, err := textPoint(p)
			if err != nil {
				return err
			}
			if err := m.join(r, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// splitPoints divides "U+4EF7(4),U+50F9(8,9)" at the commas outside brackets.
func splitPoints(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(s) {
		switch {
		case s[i] == '(':
			depth++
		case s[i] == ')' && depth > 0:
			depth--
		case s[i] == ',' && depth == 0:
			out, start = append(out, s[start:i]), i+1
		}
	}
	out = append(out, s[start:])
	return slices.DeleteFunc(out, func(p string) bool { return strings.TrimSpace(p) == "" })
}

func textPoint(s string) (rune, error) {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '('); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "U+"), "0x")
	return hexPoint(s)
}
