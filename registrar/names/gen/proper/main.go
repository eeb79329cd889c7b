// Proper turns OpenCC's dictionaries into proper.txt: what package names needs
// to show a label as people write it.
//
//	go run ./gen/proper -from DICTIONARIES -to proper.txt
//
// DICTIONARIES is the folder with STCharacters.txt, STPhrases.txt,
// TSCharacters.txt and TSPhrases.txt. A phrase that its characters and the
// shorter phrases in it give anyway is left out: the words are the same with a
// seventh of the text. The same input always gives the same bytes; when the
// input is not on this machine, the file is kept as it is.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// longest bounds the phrases: a longer one than this is never looked for.
const longest = 10

const head = `# Characters and phrases of OpenCC (Apache License 2.0, LICENSE-opencc.txt),
# reduced by gen/proper. A line is what stands there and what it becomes, of
# equal length; [traditional] says what simplified text becomes, [simplified]
# the other way.
`

func main() {
	log.SetFlags(0)
	from := flag.String("from", "", "folder of the dictionaries")
	to := flag.String("to", "proper.txt", "file to write")
	flag.Parse()
	var out strings.Builder
	out.WriteString(head)
	for _, way := range []struct{ name, files string }{{"traditional", "ST"}, {"simplified", "TS"}} {
		words, err := reduce(*from, way.files)
		if errors.Is(err, fs.ErrNotExist) {
			log.Printf("names: %s is not here, %s stays as it is", *from, *to)
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(&out, "[%s]\n", way.name)
		for _, w := range slices.Sorted(maps.Keys(words)) {
			out.WriteString(w + words[w] + "\n")
		}
	}
	err := os.WriteFile(*to, []byte(out.String()), 0o644) // #nosec G306 -- a public file of the source tree
	if err != nil {
		log.Fatal(err)
	}
}

func reduce(folder, files string) (map[string]string, error) {
	kept, err := load(filepath.Join(folder, files+"Characters.txt"))
	if err != nil {
		return nil, err
	}
	phrases, err := load(filepath.Join(folder, files+"Phrases.txt"))
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(kept, func(k, v string) bool { return k == v })
	order := slices.SortedFunc(maps.Keys(phrases), func(a, b string) int {
		return cmp.Or(cmp.Compare(utf8.RuneCountInString(a), utf8.RuneCountInString(b)), cmp.Compare(a, b))
	})
	for _, p := range order {
		if utf8.RuneCountInString(p) <= longest && convert(kept, p) != phrases[p] {
			kept[p] = phrases[p]
		}
	}
	return kept, nil
}

// load reads "key TAB value value ..." and keeps the first value, where both
// are of the same length.
func load(file string) (map[string]string, error) {
	f, err := os.Open(file) // #nosec G304 -- the folder that whoever generates names
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]string{}
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		key, values, ok := strings.Cut(sc.Text(), "\t")
		if !ok {
			continue
		}
		value, _, _ := strings.Cut(values, " ")
		if utf8.RuneCountInString(key) == utf8.RuneCountInString(value) {
			out[key] = value
		}
	}
	return out, sc.Err()
}

// convert is what package names does with the result: the longest match from
// the left.
func convert(words map[string]string, s string) string {
	all := []rune(s)
	var out strings.Builder
next:
	for i := 0; i < len(all); {
		for n := min(longest, len(all)-i); n > 0; n-- {
			if to, ok := words[string(all[i:i+n])]; ok {
				out.WriteString(to)
				i += n
				continue next
			}
		}
		out.WriteRune(all[i])
		i++
	}
	return out.String()
}
