package screening

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// Bounds of a file: the longest list that registries are known to give has
// 7,500 rows.
const (
	maxListBytes = 4 << 20
	maxListRows  = 20_000
	maxFaults    = 50 // lines at fault that are named
)

// Import is one version of a list, from the dry run on:
//
//	Draft (compliance) -> Applied | Dropped
type Import struct {
	ID        int64     `db:"id"`
	List      string    `db:"list"`
	Version   int64     `db:"version"`
	State     string    `db:"state"` // draft, applied, dropped
	File      string    `db:"file"`
	Digest    string    `db:"digest"` // SHA-256 of the file, hex
	Rows      int64     `db:"row_count"`
	Added     int64     `db:"added"` // against what is in force
	Ended     int64     `db:"ended"`
	Kept      int64     `db:"kept"`
	By        string    `db:"by_name"`
	Reason    string    `db:"reason"`
	At        time.Time `db:"at"`
	DecidedAt time.Time `db:"decided_at"`
}

// Fault is a line of a file that cannot be taken.
type Fault struct {
	Line int
	Text string // what stands there, cut short
	ID   string // message id
}

// Faulty is the error of a file with lines at fault: nothing of it was kept.
type Faulty struct {
	Faults []Fault // the first ones
	Count  int
}

func (f *Faulty) Error() string { return "screening: lines of the file cannot be taken" }

// Unwrap makes it a problem at the field of the file.
func (f *Faulty) Unwrap() error {
	var form problem.Form
	form.Add("file", "screening.file_faults", "Count", f.Count)
	return form.Err()
}

// line is a row of a list, as kept in a draft.
type line struct {
	Pattern  string `json:"p"`
	Match    Match  `json:"m"`
	Class    Class  `json:"c"`
	Ending   string `json:"e,omitempty"`
	Domicile string `json:"d,omitempty"`
	LiftedBy string `json:"l,omitempty"`
	Source   string `json:"s"`
}

func lineOf(e Entry) line {
	return line{Pattern: e.Pattern, Match: e.Match, Class: e.Class, Ending: e.Ending, Domicile: e.Domicile, LiftedBy: e.LiftedBy, Source: e.Source}
}

// Read makes a draft of a list out of a CSV file (UTF-8, with a head line): the
// dry run. Columns are found by their names: pattern and class are needed; match
// (whole, contains, index; index when empty), ending, domicile, source and lifted_by
// are not. A file with lines at fault is a *Faulty and leaves nothing. A draft that
// was there before is dropped.
func Read(tx *db.Tx, who actor.Actor, name, file string, in io.Reader, why string) (Import, error) {
	if err := mayEdit(who, why); err != nil {
		return Import{}, err
	}
	name = strings.TrimSpace(name)
	var f problem.Form
	if n := utf8.RuneCountInString(name); n == 0 || n > 60 {
		f.Add("list", "screening.list_name")
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxListBytes+1))
	if err != nil {
		return Import{}, err
	}
	switch {
	case len(raw) == 0:
		f.Add("file", "screening.field_needed")
	case len(raw) > maxListBytes:
		f.Add("file", "screening.file_large", "Most", maxListBytes>>20)
	case !utf8.Valid(raw):
		f.Add("file", "screening.file_encoding")
	}
	if err := f.Err(); err != nil {
		return Import{}, err
	}
	lines, err := readCSV(raw, name)
	if err != nil {
		return Import{}, err
	}
	i := Import{List: name, State: "draft", File: cut(file, 120), Rows: int64(len(lines)), By: who.Name, Reason: why, At: tx.Now}
	sum := sha256.Sum256(raw)
	i.Digest = hex.EncodeToString(sum[:])
	add, end, err := difference(tx, who.House, name, lines)
	if err != nil {
		return Import{}, err
	}
	i.Added, i.Ended = int64(len(add)), int64(len(end))
	i.Kept = i.Rows - i.Added
	rows, err := json.Marshal(lines)
	if err != nil {
		return Import{}, err
	}
	if i, err = insertImport(tx, who, i, string(rows)); err != nil {
		return i, err
	}
	return i, audit.Record(tx, who, audit.Entry{Act: "screening.list_read", Object: "name_list", Ref: name, Reason: why, Details: i.details()})
}

func (i Import) details() map[string]string {
	return map[string]string{"version": num(i.Version), "rows": num(i.Rows), "added": num(i.Added), "ended": num(i.Ended), "sha256": i.Digest, "file": i.File}
}

func cut(s string, most int) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > most {
		return string(r[:most])
	}
	return strings.TrimSpace(s)
}

func readCSV(raw []byte, list string) ([]line, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	bad := &Faulty{}
	fault := func(n int, text, id string) {
		bad.Count++
		if len(bad.Faults) < maxFaults {
			bad.Faults = append(bad.Faults, Fault{n, names.Legible(cut(text, 60)), id})
		}
	}
	head, err := r.Read()
	if err != nil {
		fault(1, "", "screening.line_csv")
		return nil, bad
	}
	at := map[string]int{}
	for i, column := range head {
		at[strings.ToLower(strings.TrimSpace(column))] = i
	}
	if _, ok := at["pattern"]; !ok {
		fault(1, strings.Join(head, ","), "screening.line_head")
		return nil, bad
	}
	if _, ok := at["class"]; !ok {
		fault(1, strings.Join(head, ","), "screening.line_head")
		return nil, bad
	}
	var out []line
	seen := map[line]bool{}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			fault(broken.StartLine, rawLine(raw, broken.StartLine), "screening.line_csv")
			continue
		} else if err != nil {
			return nil, err
		}
		n, _ := r.FieldPos(0) // there is a first field: no error
		l, id := lineFrom(record, at, list)
		switch {
		case id != "":
			fault(n, strings.Join(record, ","), id)
		case seen[l]: // said twice
		default:
			seen[l] = true
			out = append(out, l)
		}
		if len(out) > maxListRows {
			fault(n, "", "screening.line_many")
			break
		}
	}
	if bad.Count > 0 {
		return nil, bad
	}
	if len(out) == 0 {
		fault(2, "", "screening.line_none")
		return nil, bad
	}
	return out, nil
}

// rawLine is line n of a file as it was sent, counted from 1.
func rawLine(raw []byte, n int) string {
	for line := range bytes.Lines(raw) {
		if n--; n == 0 {
			return string(bytes.TrimSpace(line))
		}
	}
	return ""
}

// lineFrom reads one record; id says what is wrong with it.
func lineFrom(record []string, at map[string]int, list string) (l line, id string) {
	get := func(column string) string {
		if i, ok := at[column]; ok && i < len(record) {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	label, _, err := names.ParseLabel(get("pattern"))
	if err != nil {
		return l, "screening.line_pattern"
	}
	l = line{Pattern: label.U(), Match: Match(strings.ToLower(get("match"))), Class: Class(get("class")), LiftedBy: cut(get("lifted_by"), 120), Source: cut(get("source"), 200)}
	if l.Match == "" {
		l.Match = Index
	}
	if l.Source == "" {
		l.Source = list
	}
	if l.Match != Whole && l.Match != Contains && l.Match != Index {
		return l, "screening.line_match"
	}
	if _, known := classes[l.Class]; !known || l.Class == Allowed {
		return l, "screening.line_class" // a list restricts; one name is allowed by a person
	}
	if e := get("ending"); e != "" {
		ending, err := names.ParseEnding(e)
		if err != nil {
			return l, "screening.line_ending"
		}
		l.Ending = ending.A()
	}
	l.Domicile = strings.ToUpper(get("domicile"))
	if !(Entry{Class: l.Class, Domicile: l.Domicile}).domicileFits() {
		return l, "screening.domicile"
	}
	return l, ""
}

// difference is what applying would do: lines to add, entries to end.
func difference(tx *db.Tx, house int64, list string, lines []line) (add []line, end []Entry, err error) {
	now, err := entriesOfList(tx, house, list)
	if err != nil {
		return nil, nil, err
	}
	want := make(map[line]bool, len(lines))
	for _, l := range lines {
		want[l] = true
	}
	have := make(map[line]bool, len(now))
	for _, e := range now {
		l := lineOf(e)
		if have[l] = true; !want[l] {
			end = append(end, e)
		}
	}
	for _, l := range lines {
		if !have[l] {
			add = append(add, l)
		}
	}
	return add, end, nil
}

// Apply puts a draft in force: new lines are entered, lines that are gone end,
// the rest stays as it was. What changed since the dry run is reckoned anew.
func Apply(tx *db.Tx, who actor.Actor, id int64, why string) (Import, error) {
	if err := mayEdit(who, why); err != nil {
		return Import{}, err
	}
	i, rows, err := draftImport(tx, who.House, id)
	if err != nil {
		return Import{}, err
	}
	var lines []line
	if err := json.Unmarshal([]byte(rows), &lines); err != nil {
		return Import{}, err
	}
	add, end, err := difference(tx, who.House, i.List, lines)
	if err != nil {
		return Import{}, err
	}
	for _, l := range add {
		label, _, err := names.ParseLabel(l.Pattern)
		if err != nil {
			return Import{}, err
		}
		e := Entry{Pattern: label.U(), Match: l.Match, Class: l.Class, Ending: l.Ending, Domicile: l.Domicile, Source: l.Source, LiftedBy: l.LiftedBy,
			List: i.List, By: who.Name, key: label.Index()}
		if _, err := insertEntry(tx, who, e, why); err != nil {
			return Import{}, err
		}
	}
	for _, e := range end {
		if _, err := endEntry(tx, who, e.ID, why); err != nil {
			return Import{}, err
		}
	}
	if err := bump(tx, who.House); err != nil {
		return Import{}, err
	}
	i.Added, i.Ended, i.Kept, i.State = int64(len(add)), int64(len(end)), int64(len(lines)-len(add)), "applied"
	if err := settleImport(tx, who.House, i); err != nil {
		return Import{}, err
	}
	return i, audit.Record(tx, who, audit.Entry{Act: "screening.list_applied", Object: "name_list", Ref: i.List, Reason: why, Details: i.details()})
}

// Met are those of the names that a draft restricts or prohibits, whoever holds
// them: what an operator looks at before it counts.
func Met(tx *db.Tx, who actor.Actor, id int64, list []names.Name) ([]names.Name, error) {
	if !who.May(actor.EditPermits) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	_, rows, err := draftImport(tx, who.House, id)
	if err != nil {
		return nil, err
	}
	var lines []line
	if err := json.Unmarshal([]byte(rows), &lines); err != nil {
		return nil, err
	}
	draft := newList()
	for _, l := range lines {
		draft.add(Entry{Pattern: l.Pattern, Match: l.Match, Class: l.Class, Ending: l.Ending, Domicile: l.Domicile}.keyed())
	}
	var out []names.Name
	for _, n := range list {
		v := Verdict{State: Clear}
		draft.judge(queryFor(n, Applicant{}, tx.Now), &v)
		if v.State == Prohibited || v.State == Reserved {
			out = append(out, n)
		}
	}
	return out, nil
}

// DropImport takes a draft away.
func DropImport(tx *db.Tx, who actor.Actor, id int64, why string) error {
	if err := mayEdit(who, why); err != nil {
		return err
	}
	i, _, err := draftImport(tx, who.House, id)
	if err != nil {
		return err
	}
	i.State = "dropped"
	if err := settleImport(tx, who.House, i); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "screening.list_dropped", Object: "name_list", Ref: i.List, Reason: why, Details: i.details()})
}

// Imports lists the versions of a house's lists, newest first.
func Imports(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Import, error) {
	if !who.May(actor.EditPermits) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	return listImports(tx, who.House, before, limit)
}
