// Package texts keeps what people agree to, word for word: agreements, rules,
// privacy notices and consents, by version, and who accepted which.
//
// A version is never changed; Publish adds the next one. Accept stores who
// accepted which version when, from where and for what (an order, a profile);
// a consent can be withdrawn, and both instants stay. A house that has no text
// of a kind uses the registrar's.
//
// Kinds: agreement, privacy, consent:sensitive, and for each ending (A-label)
// rules:ENDING, consent:registry:ENDING, consent:crossborder:ENDING.
//
// A body is plain text in blocks divided by lines: "# " begins a heading,
// "- " and "1. " items of a list, all else is a paragraph. Blocks reads it.
package texts

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

// The kinds of texts.
const (
	Agreement = "agreement"
	Privacy   = "privacy"
	Sensitive = "consent:sensitive" // PIPL 28-30
)

// Rules is the kind of an ending's registration rules (Order 43 art. 24, Z-76).
func Rules(ending string) string { return "rules:" + ending }

// ToRegistry is the kind of the consent to give data to an ending's registry
// (PIPL 23).
func ToRegistry(ending string) string { return "consent:registry:" + ending }

// CrossBorder is the kind of the consent to send data abroad for an ending
// (PIPL 39).
func CrossBorder(ending string) string { return "consent:crossborder:" + ending }

// Version is a text as it was published.
type Version struct {
	ID          int64     `db:"id"`
	House       int64     `db:"house"`
	Kind        string    `db:"kind"`
	Number      string    `db:"number"` // as people cite it: 2026-03-02.1
	TitleZh     string    `db:"title_zh"`
	TitleEn     string    `db:"title_en"`
	BodyZh      string    `db:"body_zh"`
	BodyEn      string    `db:"body_en"`
	PublishedAt time.Time `db:"published_at"`
}

// Title is the title in a language; Chinese when it is not "en".
func (v Version) Title(lang string) string {
	if lang == "en" {
		return v.TitleEn
	}
	return v.TitleZh
}

// Body is the text in a language; Chinese when it is not "en".
func (v Version) Body(lang string) string {
	if lang == "en" {
		return v.BodyEn
	}
	return v.BodyZh
}

// Block is a piece of a body.
type Block struct {
	Kind string   // "heading", "paragraph", "list" or "steps" (a numbered list)
	Text string   // heading and paragraph
	List []string // list and steps
}

var numbered = regexp.MustCompile(`^\d+\. `)

// Blocks divides the body in a language for a page to show.
func (v Version) Blocks(lang string) []Block {
	var out []Block
	item := func(kind, text string) {
		if n := len(out); n > 0 && out[n-1].Kind == kind {
			out[n-1].List = append(out[n-1].List, text)
			return
		}
		out = append(out, Block{Kind: kind, List: []string{text}})
	}
	for _, line := range strings.Split(v.Body(lang), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "# "):
			out = append(out, Block{Kind: "heading", Text: line[2:]})
		case strings.HasPrefix(line, "- "):
			item("list", line[2:])
		case numbered.MatchString(line):
			item("steps", numbered.ReplaceAllString(line, ""))
		default:
			out = append(out, Block{Kind: "paragraph", Text: line})
		}
	}
	return out
}

// Prevails is what every text says at its end (Z-77: the Chinese text
// prevails).
var Prevails = map[string]string{
	"zh": "两种文本不一致的，以中文文本为准。",
	"en": "Where the two differ, the Chinese text prevails.",
}

// errGone hides texts of other houses.
var errGone = problem.New(problem.NotFound, "problem.not_found")

// Current is the version in force of a kind for a house, or the registrar's.
// NotFound when neither has one.
func Current(tx *db.Tx, house int64, kind string) (Version, error) {
	v, ok, err := newest(tx, house, kind)
	if err == nil && !ok && house != actor.RootHouse {
		v, ok, err = newest(tx, actor.RootHouse, kind)
	}
	if err != nil {
		return v, fmt.Errorf("texts: %s of house %d: %w", kind, house, err)
	}
	if !ok {
		return v, errGone
	}
	return v, nil
}

// Find is a version by its id, for a page that shows what was accepted.
func Find(tx *db.Tx, house, id int64) (Version, error) {
	v, err := find(tx, id)
	if err != nil {
		return v, err
	}
	if v.House != house && v.House != actor.RootHouse {
		return Version{}, errGone
	}
	return v, nil
}

// Draft is a text about to be published.
type Draft struct {
	House            int64
	Kind             string
	TitleZh, TitleEn string
	BodyZh, BodyEn   string
	MustName         []string // facts both bodies have to contain: the registrar, its permit number (M-25)
}

var gap = regexp.MustCompile(`\{[a-z_]+\}`)

// Publish adds the next version of a text. It refuses one with an empty field,
// with a gap left in it, without the sentence that the Chinese prevails, or
// without what it must name.
func Publish(tx *db.Tx, who actor.Actor, t Draft) (Version, error) {
	if !who.May(actor.EditPermits) || (!who.IsSystem() && who.House != t.House && who.House != actor.RootHouse) {
		return Version{}, errGone
	}
	var f problem.Form
	for field, text := range map[string]string{"title_zh": t.TitleZh, "title_en": t.TitleEn, "body_zh": t.BodyZh, "body_en": t.BodyEn} {
		if strings.TrimSpace(text) == "" {
			f.Add(field, "texts.empty")
		} else if g := gap.FindString(text); g != "" {
			f.Add(field, "texts.gap", "Gap", g)
		}
	}
	for lang, body := range map[string]string{"zh": t.BodyZh, "en": t.BodyEn} {
		if !f.Has("body_"+lang) && !strings.Contains(body, Prevails[lang]) {
			f.Add("body_"+lang, "texts.language_missing")
		}
	}
	for _, fact := range t.MustName {
		if strings.TrimSpace(fact) == "" || !strings.Contains(t.BodyZh, fact) {
			f.Add("body_zh", "texts.fact_missing", "Fact", fact)
		}
	}
	if err := f.Err(); err != nil {
		return Version{}, err
	}
	n, err := countDay(tx, t.House, t.Kind)
	if err != nil {
		return Version{}, err
	}
	v := Version{
		ID: tx.NewID(), House: t.House, Kind: t.Kind, Number: fmt.Sprintf("%s.%d", dayOf(tx.Now), n+1),
		TitleZh: t.TitleZh, TitleEn: t.TitleEn, BodyZh: strings.TrimSpace(t.BodyZh), BodyEn: strings.TrimSpace(t.BodyEn), PublishedAt: tx.Now,
	}
	if err := insert(tx, v); err != nil {
		return Version{}, fmt.Errorf("texts: publish %s: %w", t.Kind, err)
	}
	return v, audit.Record(tx, who, audit.Entry{Act: "texts.published", Object: "text", Ref: t.Kind, House: t.House, Details: map[string]string{"number": v.Number}})
}

// History lists the versions of a kind of a house, newest first.
func History(tx *db.Tx, house int64, kind string, limit int) ([]Version, error) {
	return history(tx, house, kind, limit)
}
