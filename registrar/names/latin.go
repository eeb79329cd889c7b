package names

import (
	_ "embed"
	"strings"
	"sync"
)

//go:generate go run ./gen/latin -to latin.txt

// latin.txt holds one reading of each Chinese character of the basic block,
// made by gen/latin from ICU's rules (LICENSE-icu.txt).
//
//go:embed latin.txt
var latinLines string

var readings = sync.OnceValue(func() map[rune]string {
	m := make(map[rune]string, 21000)
	for line := range strings.Lines(latinLines) {
		reading, chars, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		for _, r := range chars {
			m[r] = reading
		}
	}
	return m
})

// Reading is how a Chinese character is read, in small Latin letters without
// tones: its commonest reading, whatever stands beside it. Empty for all else.
func Reading(r rune) string { return readings()[r] }

// Pinyin is text with each Chinese character replaced by its reading: 赌博 is
// dubo. What has no reading stays.
func Pinyin(text string) string {
	var b strings.Builder
	for _, r := range text {
		if s := Reading(r); s != "" {
			b.WriteString(s)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
