// Latin writes the Latin reading of every Chinese character of the basic
// block (U+4E00 to U+9FFF), as ICU's rules Han-Latin and Latin-ASCII give it,
// so that the program needs no ICU. It calls uconv (Debian: icu-devtools).
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	to := flag.String("to", "latin.txt", "where to write")
	flag.Parse()
	var in strings.Builder
	for r := rune(0x4E00); r <= 0x9FFF; r++ {
		fmt.Fprintf(&in, "%c\n", r)
	}
	cmd := exec.Command("uconv", "-f", "utf8", "-t", "utf8", "-x", "Han-Latin; Latin-ASCII; Lower")
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		log.Fatal("run uconv (apt-get install icu-devtools): ", err)
	}
	readings := map[string][]rune{}
	lines := strings.Split(string(out), "\n")
	for i, r := 0, rune(0x4E00); r <= 0x9FFF; i, r = i+1, r+1 {
		reading := strings.TrimSpace(lines[i])
		if reading == "" || strings.Trim(reading, "abcdefghijklmnopqrstuvwxyz") != "" {
			continue // a character without a reading
		}
		readings[reading] = append(readings[reading], r)
	}
	var b bytes.Buffer
	b.WriteString("# Made by gen from ICU's Han-Latin rules, see LICENSE-icu.txt.\n")
	for _, k := range slices.Sorted(maps.Keys(readings)) {
		fmt.Fprintf(&b, "%s\t%s\n", k, string(readings[k]))
	}
	if err := os.WriteFile(*to, b.Bytes(), 0o600); err != nil {
		log.Fatal(err)
	}
}
