package names

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:generate go run ./gen/proper -from=${OPENCC_DICTIONARY} -to proper.txt

// proper.txt holds the characters and phrases by which people write simplified
// as traditional Chinese and back; see its head.
//
//go:embed proper.txt
var properText string

// longestWord bounds the phrases of proper.txt, in characters.
const longestWord = 10

type properWords struct{ simplified, traditional map[string]string }

// properTable is read when a page first asks for it: a program that only sells
// does without.
var properTable = sync.OnceValue(func() properWords {
	w := properWords{simplified: make(map[string]string, 5000), traditional: make(map[string]string, 12000)}
	into := w.traditional
	for line := range strings.Lines(properText) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "[traditional]":
			into = w.traditional
		case line == "[simplified]":
			into = w.simplified
		case line == "", line[0] == '#':
		default:
			half, n := 0, utf8.RuneCountInString(line)/2
			for range n {
				_, size := utf8.DecodeRuneInString(line[half:])
				half += size
			}
			into[line[:half]] = line[half:]
		}
	}
	return w
})

// Proper are the forms of the label as people write them: 人才网 is 人才網, where
// the table derives 人纔網. They are members of the label's variant set and
// labels themselves; where people's spelling is neither, the table's first form
// stands in, and empty is what has no such form at all. They are for showing:
// what belongs together is decided by Index, what is active by the registry.
func (l Label) Proper() (simplified, traditional string) {
	words := properTable()
	byTable, byTableT := l.Forms()
	return l.member(write(words.simplified, l.u), byTable), l.member(write(words.traditional, l.u), byTableT)
}

// member is form when it is a label of the same variant set, else the first of
// the table's forms that is.
func (l Label) member(form string, table []string) string {
	for _, f := range append([]string{form}, table...) {
		if got, _, err := ParseLabel(f); err == nil && got.index == l.index && got.u == f {
			return f
		}
	}
	return ""
}

// Variants are the forms of the label worth showing, the label itself first:
// what people write, then what the table derives. All are labels of the one
// variant set, each once; there may be far more in the set (SetSize).
func (l Label) Variants() []Label {
	out := []Label{l}
	simplified, traditional := l.Proper()
	s, t := l.Forms()
	for _, f := range append(append([]string{simplified, traditional}, s...), t...) {
		v, _, err := ParseLabel(f)
		if err != nil || v.index != l.index || hasLabel(out, v) {
			continue
		}
		out = append(out, v)
	}
	return out
}

func hasLabel(list []Label, l Label) bool {
	for _, have := range list {
		if have == l {
			return true
		}
	}
	return false
}

// write replaces what stands in words, the longest match from the left.
func write(words map[string]string, s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for rest := s; rest != ""; {
		var ends [longestWord + 1]int
		n := 0
		for n < longestWord && ends[n] < len(rest) {
			_, size := utf8.DecodeRuneInString(rest[ends[n]:])
			ends[n+1] = ends[n] + size
			n++
		}
		for ; n > 0; n-- {
			if to, ok := words[rest[:ends[n]]]; ok {
				b.WriteString(to)
				break
			}
		}
		if n == 0 {
			n = 1
			b.WriteString(rest[:ends[1]])
		}
		rest = rest[ends[n]:]
	}
	return b.String()
}
