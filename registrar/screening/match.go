package screening

import (
	"strings"
	"time"
	"unicode"

	"yumen/registrar/names"
)

// query is a name with its folds: index label (simplified and traditional
// alike), without what people put between characters, and by its sound.
type query struct {
	n                          names.Name
	group, index, loose, sound string
	now                        time.Time
	applicant                  Applicant
	looked                     int64 // the allowance by which a person passed it; 0: nobody has looked
}

func queryFor(n names.Name, a Applicant, now time.Time) query {
	q := query{n: n, group: n.Group(), index: n.Index(), now: now, applicant: a}
	q.loose, q.sound = loosen(q.index), soundOf(n.ULabel())
	return q
}

// list is entries laid out for looking up: a list of tens of thousands costs a
// few look-ups, not a walk.
type list struct {
	byKey    map[string][]Entry // Whole and Index, by index label
	bySound  map[string][]Entry // likewise, by pinyin, where that says something
	contains []Entry
	size     int
}

func newList() *list { return &list{byKey: map[string][]Entry{}, bySound: map[string][]Entry{}} }

// Bounds of matching by sound: shorter ones meet too many innocent words.
const (
	leastSound = 4 // letters of a prohibited word written as it sounds
	longSound  = 8 // letters from which it also counts inside a longer label
	leastNamed = 6 // letters of a reserved name written as it sounds
)

func (l *list) add(e Entry) {
	l.size++
	if e.Match == Contains {
		if s := soundOf(e.Pattern); len(s) >= longSound && s != e.Pattern {
			e.sound = s
		}
		l.contains = append(l.contains, e)
	} else {
		l.byKey[e.key] = append(l.byKey[e.key], e)
	}
	if s := soundOf(e.Pattern); s != "" && s != e.Pattern && e.Class != Allowed {
		l.bySound[s] = append(l.bySound[s], e)
	}
}

// allowed finds what a person allowed last: for everybody, or for the account.
func (l *list) allowed(q query) (last Entry, ok bool) {
	for _, e := range l.byKey[q.index] {
		if e.Class == Allowed && (e.Account == 0 || e.Account == q.applicant.Account) && e.here(q) && e.meets(q) && e.ID > last.ID {
			last, ok = e, true
		}
	}
	return last, ok
}

// judge takes the heaviest of what the list says of a name into v.
func (l *list) judge(q query, v *Verdict) {
	for _, e := range l.byKey[q.index] {
		if e.Class != Allowed && e.here(q) && e.meets(q) {
			v.take(e, classes[e.Class])
		}
	}
	for _, e := range l.contains {
		switch {
		case !e.here(q):
		case strings.Contains(q.index, e.key):
			v.take(e, classes[e.Class])
		case classes[e.Class] == Prohibited && q.loose != q.index && strings.Contains(q.loose, e.key):
			v.take(e, NeedsReview)
		case classes[e.Class] == Prohibited && e.sound != "" && strings.Contains(q.sound, e.sound):
			v.take(e, NeedsReview)
		}
	}
	if q.loose != q.index {
		for _, e := range l.byKey[q.loose] {
			if classes[e.Class] == Prohibited && e.here(q) {
				v.take(e, NeedsReview)
			}
		}
	}
	for _, e := range l.bySound[q.sound] {
		least := leastNamed
		if classes[e.Class] == Prohibited {
			least = leastSound
		}
		if len(q.sound) >= least && classes[e.Class] != NeedsDocuments && e.here(q) {
			v.take(e, NeedsReview)
		}
	}
}

// here says whether the entry speaks of the name's ending, now. Endings that
// share their registrations share what is said of them: .中國 is no way around
// an entry for .中国. Whoever allowed a name had seen what stood then, and
// nothing that was entered later.
func (e Entry) here(q query) bool {
	if e.ID < q.looked {
		return false
	}
	if e.shipped {
		return e.applies(q.n)
	}
	return e.inForce(q.now) && (e.Ending == "" || e.group == q.group) && (e.Domicile == "" || e.Domicile == q.applicant.Domicile)
}

// keyed is the entry with the keys that names are looked up by. They are of the
// program's table, whichever stood when it was entered.
func (e Entry) keyed() Entry {
	e.key = names.IndexOf(e.Pattern)
	if ending, err := names.ParseEnding(e.Ending); err == nil {
		e.group = ending.Group()
	}
	return e
}

func (e Entry) meets(q query) bool {
	switch e.Match {
	case Whole:
		return e.Pattern == q.n.ULabel()
	case Contains:
		return strings.Contains(q.index, e.key)
	}
	return e.key == q.index
}

// loosen takes out what people put between the characters of a word.
func loosen(index string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, index)
}

// soundOf is a label by its sound: pinyin without what stands between. A label
// that is Latin already is itself.
func soundOf(u string) string {
	s := names.Pinyin(loosen(u))
	if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "" // a character without a reading: it has no sound to compare
	}
	return s
}
