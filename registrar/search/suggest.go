package search

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/names"
)

//go:embed words.txt
var wordLines string

// idea is one line of words.txt.
type idea struct{ han, latin []string }

type vocabulary struct {
	of      map[string]*idea // by each of its words
	longest int              // in characters
}

var vocabularyOf = sync.OnceValue(func() vocabulary {
	v := vocabulary{of: map[string]*idea{}}
	for l := range strings.Lines(wordLines) {
		l = strings.TrimSpace(l)
		han, latin, ok := strings.Cut(l, "|")
		if !ok || strings.HasPrefix(l, "#") {
			continue
		}
		i := &idea{strings.Fields(han), strings.Fields(latin)}
		for _, w := range slices.Concat(i.han, i.latin) {
			if v.of[w] == nil { // the first idea of a word is what it usually means
				v.of[w] = i
			}
			v.longest = max(v.longest, len([]rune(w)))
		}
	}
	return v
})

// What stands behind or before a label so often that it still reads as the
// same name.
var (
	hanEnds   = []string{"网", "在线", "之家", "中心"}
	latinEnds = []string{"online", "hub", "cn", "app"}
	latinHead = []string{"my", "the"}
)

// mostIdeas bounds what Ideas thinks of.
const mostIdeas = 40

// Ideas are labels near to one, best first: how it is read and abbreviated, in
// the other language, with other words for the same thing, with a hyphen, with
// something before or behind. words are what it was put together of, when that
// is known. The same label always gives the same ideas; none is a variant of it
// or of another. Whether one may be had is not known here.
func Ideas(l names.Label, words []string) []names.Label {
	v := vocabularyOf()
	if len(words) == 0 {
		words = v.split(l.U())
	}
	c := collector{seen: map[string]bool{l.Index(): true}}
	if l.IsChinese() {
		c.chinese(v, l.U(), words)
	} else {
		c.latin(v, l.U(), words)
	}
	return c.out
}

// collector keeps what is a label and has not been there.
type collector struct {
	out  []names.Label
	seen map[string]bool // index labels
}

func (c *collector) add(parts ...string) {
	text := strings.Join(parts, "")
	if len(c.out) >= mostIdeas || text == "" {
		return
	}
	l, _, err := names.ParseLabel(text)
	if err != nil || c.seen[l.Index()] {
		return
	}
	c.seen[l.Index()] = true
	c.out = append(c.out, l)
}

func (c *collector) chinese(v vocabulary, label string, words []string) {
	c.others(v, words, hanOf)
	if latin := v.in(words, latinOf); latin != nil {
		c.add(latin...)
		c.add(strings.Join(latin, "-"))
	}
	if !strings.ContainsFunc(label, isASCII) {
		c.add(names.Pinyin(label))
		var initials strings.Builder
		for _, r := range label {
			if s := names.Reading(r); s != "" {
				initials.WriteByte(s[0])
			}
		}
		if initials.Len() > 1 {
			c.add(initials.String())
			c.add(initials.String(), "cn")
		}
	}
	for _, end := range hanEnds {
		if end = likewise(label, end); !strings.HasSuffix(label, end) {
			c.add(label, end)
		}
	}
}

// likewise is word in the script of label: 在線 beside a label in traditional
// characters, 在线 beside any other.
func likewise(label, word string) string {
	l, _, err := names.ParseLabel(label)
	if err != nil {
		return word
	}
	if simplified, traditional := l.Proper(); label == simplified || label != traditional {
		return word
	}
	w, _, err := names.ParseLabel(word)
	if err != nil {
		return word
	}
	if _, traditional := w.Proper(); traditional != "" {
		return traditional
	}
	return word
}

func (c *collector) latin(v vocabulary, label string, words []string) {
	if strings.Contains(label, "-") {
		c.add(strings.ReplaceAll(label, "-", ""))
	} else if len(words) > 1 {
		c.add(strings.Join(words, "-"))
	}
	if han := v.in(words, hanOf); han != nil {
		c.add(han...)
	}
	c.others(v, words, latinOf)
	for _, head := range latinHead {
		if !strings.HasPrefix(label, head) {
			c.add(head, label)
		}
	}
	for _, end := range latinEnds {
		if !strings.HasSuffix(label, end) {
			c.add(label, end)
		}
	}
}

// others puts other words for the same thing in the place of each word.
func (c *collector) others(v vocabulary, words []string, of func(*idea) []string) {
	for i, w := range words {
		if v.of[w] == nil {
			continue
		}
		for _, other := range of(v.of[w]) {
			if other != w {
				with := slices.Clone(words)
				with[i] = other
				c.add(with...)
			}
		}
	}
}

func hanOf(i *idea) []string   { return i.han }
func latinOf(i *idea) []string { return i.latin }

func isASCII(r rune) bool { return r <= unicode.MaxASCII }

// in is words said in the other language; nil when one of them is not known.
func (v vocabulary) in(words []string, of func(*idea) []string) []string {
	var out []string
	for _, w := range words {
		if v.of[w] == nil {
			return nil
		}
		out = append(out, of(v.of[w])[0])
	}
	return out
}

// split cuts a label into known words, the longest first; what is not known
// stays together.
func (v vocabulary) split(label string) []string {
	var out []string
	unknown := ""
	rest := []rune(label)
	for len(rest) > 0 {
		n := min(v.longest, len(rest))
		for n > 0 && v.of[string(rest[:n])] == nil {
			n--
		}
		// One or two letters are a word only by chance.
		if n == 0 || n < 3 && isASCII(rest[0]) {
			if rest[0] == '-' {
				if unknown != "" {
					out, unknown = append(out, unknown), ""
				}
			} else {
				unknown += string(rest[0])
			}
			rest = rest[1:]
			continue
		}
		if unknown != "" {
			out, unknown = append(out, unknown), ""
		}
		out, rest = append(out, string(rest[:n])), rest[n:]
	}
	if unknown != "" {
		out = append(out, unknown)
	}
	return out
}

// endingsEach is under how many endings an idea is looked for.
const endingsEach = 2

// Suggest asks about at most so many names near to a wish of one label. Nothing
// that a list of ours reserves, prohibits or wants a person to look at is among
// them, nothing that is held with us and nothing that its ending does not
// allow; what a registry does not call free has to be left out by whoever shows
// the answers. Names are thought of under the wish's endings alone.
func (f *Finder) Suggest(ctx context.Context, who actor.Actor, w Wish, most int) (*Search, error) {
	s := &Search{Queries: w.Queries, answers: make(chan Answer)}
	if len(w.Queries) != 1 {
		close(s.answers)
		return s, nil
	}
	ideas := Ideas(w.Queries[0].Label, w.Words)
	err := f.DB.Read(ctx, func(tx *db.Tx) error {
		s.Rows = nil
		offers, err := catalogue.OnSale(tx, who.House)
		if err != nil {
			return err
		}
		if len(w.Endings) > 0 {
			offers = slices.DeleteFunc(offers, func(o catalogue.Offer) bool { return !ticked(w.Endings, o.Ending) })
		}
		for place := range endingsEach {
			for _, idea := range ideas {
				if len(s.Rows) >= most {
					return nil
				}
				fit := fitting(idea, offers, w.Queries[0].Ending)
				if place >= len(fit) {
					continue
				}
				a, err := f.row(tx, who, idea, fit[place])
				if err != nil {
					return err
				}
				if a.State == Waiting && a.NoteID == "" && !a.Name.IsZero() {
					s.Rows = append(s.Rows, a)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.Ask(ctx, who, s)
	return s, nil
}

// fitting are the endings an idea reads well under, in the order of the window:
// the one that was typed, then those in its own script.
func fitting(l names.Label, offers []catalogue.Offer, typed names.Ending) []catalogue.Offer {
	var out []catalogue.Offer
	for _, o := range offers {
		if o.ALabel == typed.A() {
			out = append(out, o)
		}
	}
	for _, o := range offers {
		if o.ALabel != typed.A() && (o.ALabel != o.ULabel) == l.IsChinese() {
			out = append(out, o)
		}
	}
	return out
}
