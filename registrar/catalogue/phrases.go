package catalogue

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// PhraseList are the phrases that put pressure on people to register, in both
// languages (Order 43 art. 29). A * in a phrase stands for a few characters.
type PhraseList struct {
	Version int64 // 0: what comes with the program
	Phrases []string
	By      string
	Reason  string
	At      time.Time
}

// ShippedPhrases stand until compliance puts a list of its own in their place:
// invented urgency, invented scarcity, and a third party who is said to be
// about to register the name.
func ShippedPhrases() []string {
	return []string{
		"即将被抢注", "马上被抢注", "正在被抢注", "防止被抢注", "有人正在注册", "他人正在注册", "他人即将注册", "有人申请注册您的",
		"将被他人注册", "竞争对手*注册", "不注册就*损失", "最后机会", "最后一次机会", "机不可失", "错过不再", "错过今天", "过期不候", "最后*小时",
		"最后*分钟", "倒计时", "仅剩", "仅限今天", "仅此一天", "所剩无几", "即将售罄", "即将涨价", "马上涨价", "立即抢购", "手慢无", "限时抢", "秒杀",
		"*人正在看", "必须立即注册", "强制注册", "域名保护期即将",
		"last chance", "final chance", "don't miss out", "do not miss out", "before it's too late", "before it is too late", "act now", "act fast",
		"hurry", "only * left", "while stocks last", "while supplies last", "almost gone", "selling fast", "countdown", "ends in * hour",
		"ends in * hours", "ends in * minutes", "today only", "now or never", "someone else is about to register", "someone else is registering",
		"somebody else is about to register", "about to be registered by", "a third party is about to register", "a third party intends to register",
		"another company has applied", "another party has applied", "your competitor * register", "people are looking at", "you will lose your name",
		"you must register", "prices are about to rise",
	}
}

// Most of a list, and of a phrase in characters.
const (
	mostPhrases = 1000
	longPhrase  = 80
)

// Phrases is the list in force.
func Phrases(tx *db.Tx) (PhraseList, error) {
	l, found, err := newestPhrases(tx)
	if err != nil || found {
		return l, err
	}
	return PhraseList{Phrases: ShippedPhrases()}, nil
}

// PhraseHistory lists the lists that were ever in force, newest first; what
// comes with the program stands at the end.
func PhraseHistory(tx *db.Tx, who actor.Actor, limit int) ([]PhraseList, error) {
	if !mayCampaign(who) {
		return nil, lost()
	}
	list, err := phraseHistory(tx, limit)
	return append(list, PhraseList{Phrases: ShippedPhrases()}), err
}

// SavePhrases puts a list in force, one phrase a line. seen is the version it
// was made from: where another came between, it is refused. Only compliance
// may; what was published before is not touched.
func SavePhrases(tx *db.Tx, who actor.Actor, seen int64, text, why string) error {
	if !MayEditPhrases(who) {
		return lost()
	}
	var f problem.Form
	var list []string
	for line := range strings.Lines(text) {
		p := strings.TrimSpace(line)
		switch {
		case p == "" || slices.Contains(list, p):
			continue
		case len([]rune(p)) > longPhrase || plain(strings.ReplaceAll(p, "*", "")) == "":
			f.Add("phrases", "catalogue.phrase_form", "Phrase", clipped(p))
		}
		list = append(list, p)
	}
	if len(list) == 0 || len(list) > mostPhrases {
		f.Add("phrases", "catalogue.phrases_count", "Most", mostPhrases)
	}
	needReason(&f, why)
	if err := f.Err(); err != nil {
		return err
	}
	was, err := Phrases(tx)
	if err != nil {
		return err
	}
	if was.Version != seen {
		return problem.New(problem.Conflict, "catalogue.phrases_changed")
	}
	ok, err := insertPhrases(tx, who, PhraseList{Version: was.Version + 1, Phrases: list, Reason: why})
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "catalogue.phrases_changed")
	}
	return audit.Record(tx, who, audit.Entry{Act: "catalogue.phrases_saved", Object: "phrases", Ref: num(was.Version + 1), Reason: why,
		Details: map[string]string{"added": strings.Join(without(list, was.Phrases), " · "), "removed": strings.Join(without(was.Phrases, list), " · ")}})
}

// MayEditPhrases reports whether the actor may put a list in force: compliance of
// the registrar's own house, whose list binds all.
func MayEditPhrases(who actor.Actor) bool {
	return mayCampaign(who) && who.May(actor.ApproveSecond) && who.House == actor.RootHouse && !who.IsSystem()
}

func without(list, other []string) (out []string) {
	for _, p := range list {
		if !slices.Contains(other, p) {
			out = append(out, p)
		}
	}
	return out
}

func clipped(s string) string {
	if r := []rune(s); len(r) > longPhrase {
		return string(r[:longPhrase]) + "…"
	}
	return s
}

// Match lists the phrases of the list that the texts have in them, in the
// list's order. Full-width letters, capitals, traditional characters, spaces
// and signs between characters hide nothing.
func (l PhraseList) Match(texts ...string) []string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = plain(t)
	}
	var out []string
	for _, p := range l.Phrases {
		if slices.ContainsFunc(all, pattern(p).MatchString) {
			out = append(out, p)
		}
	}
	return out
}

func pattern(phrase string) *regexp.Regexp {
	var b strings.Builder
	for i, part := range strings.Split(phrase, "*") {
		if i > 0 {
			b.WriteString(` ?.{0,12}? ?`)
		}
		p := plain(part)
		if p == "" {
			continue
		}
		edge := func(c byte) string { // a word of Latin letters is not found inside another
			if c < 0x80 {
				return `\b`
			}
			return ""
		}
		b.WriteString(edge(p[0]) + regexp.QuoteMeta(p) + edge(p[len(p)-1]))
	}
	return regexp.MustCompile(b.String())
}

// plain is a text with nothing in it but letters and digits: compatible forms
// and capitals folded, characters by their variant set. Between Latin words one
// space stays; Han is written without.
func plain(s string) string {
	var b strings.Builder
	var last rune
	gap := false
	for _, r := range strings.ToLower(norm.NFKC.String(s)) {
		switch {
		case r == '\'' || r == '’' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = true
			continue
		}
		if gap && last != 0 && last < 0x250 && r < 0x250 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, gap = r, false
	}
	return names.IndexOf(b.String())
}
