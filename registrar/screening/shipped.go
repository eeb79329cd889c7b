package screening

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"yumen/registrar/names"
)

//go:generate go run ./gen -from ../../../shared/data/reserved -to reserved.txt

// The lists that come with the program. reserved.txt is made by gen;
// LICENSE.reserved is the licence of its sources.
var (
	//go:embed reserved.txt
	reservedText string
	//go:embed prohibited.txt
	prohibitedText string
	//go:embed documents.txt
	documentsText string
)

// shippedEdition changes with the files above.
const shippedEdition = "2014-02/2026-1"

func listVersion(own int64) string { return shippedEdition + "+" + strconv.FormatInt(own, 10) }

var shippedLists = sync.OnceValue(func() *list {
	s := newList()
	if err := s.read(); err != nil {
		panic(err) // the lists are part of the program; a test reads them
	}
	return s
})

// ShippedCount is how many entries come with the program.
func ShippedCount() int { return shippedLists().size }

func (s *list) read() error {
	source, class := "", Class("")
	for line := range strings.Lines(reservedText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if head, ok := strings.CutPrefix(line, "["); ok {
			list, c, found := strings.Cut(strings.TrimSuffix(head, "]"), " ")
			if !found || classes[Class(c)] == "" {
				return fmt.Errorf("screening: reserved.txt: %s", line)
			}
			source, class = list, Class(c)
			continue
		}
		e, err := entry(line, Index, class, source)
		if err != nil {
			return err
		}
		s.add(e)
	}
	for line := range strings.Lines(prohibitedText) {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 3 || classes[Class(f[0])] != Prohibited {
			return fmt.Errorf("screening: prohibited.txt: %s", line)
		}
		e, err := entry(f[2], Match(f[1]), Class(f[0]), "prohibited")
		if err != nil {
			return err
		}
		s.add(e)
	}
	for line := range strings.Lines(documentsText) {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 2 {
			return fmt.Errorf("screening: documents.txt: %s", line)
		}
		e, err := entry(f[1], Match(f[0]), Documents, "cnnic")
		if err != nil {
			return err
		}
		s.add(e)
	}
	return nil
}

func entry(pattern string, m Match, c Class, source string) (Entry, error) {
	label, _, err := names.ParseLabel(pattern)
	if err != nil {
		return Entry{}, fmt.Errorf("screening: %q: %w", pattern, err)
	}
	return Entry{Pattern: label.U(), Match: m, Class: c, Source: source, shipped: true, key: label.Index()}, nil
}

// applies reports whether a shipped list speaks about the ending of a name.
// Specification 5 binds the gTLDs delegated since 2012; .com is older and sells
// country names; the papers are asked by the registry of .cn and .中国.
func (e Entry) applies(n names.Name) bool {
	group := n.Group()
	last := group[strings.LastIndexByte(group, '.')+1:]
	cn := last == "cn" || last == "xn--fiqs8s"
	old := last == "com" || last == "net" || last == "org"
	switch e.Source {
	case "countries", "organisations":
		return !old
	case "cnnic":
		return cn
	}
	return true // prohibited contents, technical names and the movements everywhere
}
