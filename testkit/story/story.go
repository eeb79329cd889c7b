// Package story runs a journey written as a short text: one verb a line,
// fields and buttons named by their visible label. The portal and the sandbox
// behind it are real; people have a browser without JavaScript each.
//
// Where the two languages differ a line gives both, Chinese first, divided by
// " | ". A line that begins with white space continues nothing: blank lines
// and lines that begin with # are skipped. The verbs:
//
//	first   FILE                     what that file tells (beside this one) happens first, to whoever acts
//	as      NAME                     from here on NAME acts, in a browser of their own; {me} is NAME
//	house   HOST                     the same person goes to another house, by its host name
//	visit   PATH                     opens a page (of this house, or an absolute address)
//	fill    LABEL = VALUE            writes into a field; {code}, {link}, {kept} are replaced
//	choose  LABEL = OPTION           picks from a list
//	tick    LABEL                    ticks a box or sets a radio button (untick clears)
//	attach  LABEL = PICTURE          picks a file: id-front, id-back, licence, not-a-picture, or a path
//	press   WORDS [@ ROW]            presses a button or follows a link, in the row that says ROW
//	see     TEXT                     the page says so, now or within 20 s of reloading
//	not     TEXT                     the page does not say so now
//	at      PATH                     the address begins so
//	status  NUMBER                   the page came with this status
//	keep    NAME = /PATTERN/         remembers the first match on the page (or its group) as {NAME}
//	mail    ADDRESS "SUBJECT"        a letter came; its code and first link become {code} and {link}
//	no mail ADDRESS "SUBJECT"        none came
//	registry says VERB NAME [= WHY]  approve, reject, ask, hold, release, materials ... at the registry
//	registry has [no] NAME [STATUS]  what the registry holds, within 20 s
//	registry trouble JSON            makes it lose, delay or refuse (sandbox/doc.go); "registry well" ends it
//	registry asks JSON               another price from now on: {"name": "gold.com", "create": 999900}
//	registry settings JSON           turns a setting of the world
//	rival   VERB NAME                the second registrar at work
//	bank    VERB ORDER [= AMOUNT]    pay, refuse, repeat, forge; "refunded" checks what went back
//	clock   +72h | +5d | 2027-01-01 10:00   turns the clock (Shanghai time)
//	totp    SECRET                   what an authenticator with this secret shows next becomes {totp}
//	sign in ADDRESS [PASSWORD]       visits the page, fills it, presses: for the cast
package story

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Step is one line of a story.
type Step struct {
	File string // the file it stands in, when another one told it first
	Line int
	Verb string
	Rest string
}

// Story is a parsed script.
type Story struct {
	Title string
	Steps []Step
}

var verbs = []string{
	"sign in", "no mail", "registry says", "registry has", "registry trouble", "registry well", "registry settings", "registry asks",
	"as", "house", "visit", "fill", "choose", "tick", "untick", "attach", "press", "see", "not", "at", "status", "keep",
	"mail", "rival", "bank", "clock", "totp", "story", "first",
}

// Load reads a story file and, in their places, the files that it says happen
// first. Their paths are relative to the file that names them.
func Load(path string) (Story, error) { return load(path, 0) }

// maxDepth ends a circle of files that name each other.
const maxDepth = 8

func load(path string, depth int) (Story, error) {
	if depth > maxDepth {
		return Story{}, fmt.Errorf("%s: the files that happen first name each other in a circle", path)
	}
	f, err := os.Open(path) // #nosec G304 -- a file a test or a developer names
	if err != nil {
		return Story{}, err
	}
	s, err := Parse(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	whole := Story{Title: s.Title}
	for _, step := range s.Steps {
		if step.Verb != "first" {
			whole.Steps = append(whole.Steps, step)
			continue
		}
		part, err := load(filepath.Join(filepath.Dir(path), step.Rest), depth+1)
		if err != nil {
			return s, fmt.Errorf("%s: line %d: %w", path, step.Line, err)
		}
		for _, told := range part.Steps {
			if told.File == "" {
				told.File = step.Rest
			}
			whole.Steps = append(whole.Steps, told)
		}
	}
	return whole, nil
}

// Parse reads a script and names the first line it does not understand.
func Parse(r io.Reader) (Story, error) {
	var s Story
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		step, ok := parseLine(line)
		if !ok {
			return s, fmt.Errorf("line %d: no verb begins %q; the verbs are %s", n, line, strings.Join(verbs, ", "))
		}
		step.Line = n
		if step.Verb == "story" {
			s.Title = step.Rest
			continue
		}
		s.Steps = append(s.Steps, step)
	}
	if err := sc.Err(); err != nil {
		return s, err
	}
	if len(s.Steps) == 0 {
		return s, fmt.Errorf("the story has no steps")
	}
	return s, nil
}

func parseLine(line string) (Step, bool) {
	folded := strings.Join(strings.Fields(line), " ")
	for _, v := range verbs {
		if folded == v {
			return Step{Verb: v}, true
		}
		if rest, ok := strings.CutPrefix(folded, v+" "); ok {
			return Step{Verb: v, Rest: strings.TrimSpace(rest)}, true
		}
	}
	return Step{}, false
}

// in picks the language's half of "中文 | English".
func in(lang, s string) string {
	zh, en, two := strings.Cut(s, " | ")
	if !two || lang == "zh" {
		return strings.TrimSpace(zh)
	}
	return strings.TrimSpace(en)
}

// pair splits LABEL = VALUE and takes the language's half of each side.
func pair(lang, s string) (left, right string, ok bool) {
	// "中文 = 甲 | English = a" and "中文 | English = a" are both natural.
	if zh, en, two := strings.Cut(s, " | "); two && strings.Contains(zh, " = ") && strings.Contains(en, " = ") {
		s = zh
		if lang == "en" {
			s = en
		}
	}
	left, right, ok = strings.Cut(s, " = ")
	return in(lang, left), in(lang, right), ok
}
