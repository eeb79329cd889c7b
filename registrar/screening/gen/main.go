// Command gen makes reserved.txt from the published reserved-name files: one
// section per list, each label once, only labels that the table of Chinese
// names can hold at all. What a policy of names already refuses (two ASCII
// characters) is left out.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"yumen/registrar/names"
)

// lists are the files, in order of weight: a label keeps its first section.
var lists = []struct {
	section string // what screening calls the list
	class   string
	files   []string
}{
	{"technical", "reserved", []string{"RFC.6761.txt", "S5.1.txt", "S5.3.1.txt", "icann-iana-ops.txt"}},
	{"movements", "R2", []string{"S5.5-ioc.txt", "S5.5-red-cross.txt"}},
	{"organisations", "R2", []string{"S5.6.txt"}},
	{"countries", "R1", []string{"S5.4.1.txt", "S5.4.2.txt", "S5.4.3.txt"}},
}

func main() {
	from := flag.String("from", "", "folder of the reserved-name files")
	to := flag.String("to", "reserved.txt", "file to write")
	flag.Parse()
	out, err := generate(*from)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*to, out, 0o600); err != nil {
		log.Fatal(err)
	}
}

func generate(folder string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# Made by gen from the lists of specification 5 of the gTLD registry agreement\n" +
		"# (collected 2014-02 by CentralNic and others, BSD-2-Clause, LICENSE.reserved) and RFC 6761.\n")
	seen := map[string]bool{}
	for _, l := range lists {
		var labels []string
		for _, name := range l.files {
			read, err := readLabels(filepath.Join(folder, name))
			if err != nil {
				return nil, err
			}
			for _, label := range read {
				// Variants of one label are one entry: matching is by index label.
				if !seen[label.Index()] {
					seen[label.Index()] = true
					labels = append(labels, label.U())
				}
			}
		}
		slices.Sort(labels)
		fmt.Fprintf(&out, "[%s %s]\n%s\n", l.section, l.class, strings.Join(labels, "\n"))
	}
	return out.Bytes(), nil
}

func readLabels(path string) ([]names.Label, error) {
	f, err := os.Open(path) // #nosec G304 -- a file the developer names
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []names.Label
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		text, _, _ := strings.Cut(sc.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		label, _, err := names.ParseLabel(text)
		if err != nil || len(label.U()) < 3 {
			continue // cannot be registered here, by the table or by length
		}
		out = append(out, label)
	}
	return out, sc.Err()
}
