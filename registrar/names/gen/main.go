// Gen turns ICANN's reference table for Chinese (an RFC 7940 LGR in XML) into
// table.bin, the form that package names embeds and reads in place.
//
//	go run ./gen -from lgr-second-level-chinese-language-31may22-en.xml.gz -to table.bin
//
// The layout is described at the top of table.go. The same input always gives
// the same bytes. When the input is not on this machine the table is kept as
// it is: it changes only when ICANN publishes a new one.
package main

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
)

const (
	magic    = "YMNT1\n"
	pageSize = 256
)

// lgr is the part of an RFC 7940 document that the table needs.
type lgr struct {
	Version string     `xml:"meta>version"`
	Date    string     `xml:"meta>date"`
	Chars   []char     `xml:"data>char"`
	Ranges  []struct{} `xml:"data>range"`
}

type char struct {
	CP       string    `xml:"cp,attr"`
	Variants []variant `xml:"var"`
}

type variant struct {
	CP   string `xml:"cp,attr"`
	Type string `xml:"type,attr"`
}

// entry is one code point as package names sees it.
type entry struct {
	cp     rune
	kind   byte // 0 target only, 1 both, 2 simplified, 3 traditional, 4 neither
	size   byte
	index  rune
	s1, s2 rune
	t1, t2 rune
}

func main() {
	log.SetFlags(0)
	from := flag.String("from", "", "LGR document, gzipped XML")
	to := flag.String("to", "table.bin", "file to write")
	flag.Parse()
	in, err := os.Open(*from)
	if errors.Is(err, fs.ErrNotExist) {
		log.Printf("names: %s is not here, %s stays as it is", *from, *to)
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	table, err := compile(in)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*to, table, 0o600); err != nil {
		log.Fatal(err)
	}
}

// compile reads the gzipped XML and gives the bytes of the table.
func compile(r io.Reader) ([]byte, error) {
	plain, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	var doc lgr
	if err := xml.NewDecoder(plain).Decode(&doc); err != nil {
		return nil, err
	}
	if len(doc.Ranges) > 0 {
		return nil, errors.New("the document has ranges, which this generator does not read")
	}
	entries, err := read(doc)
	if err != nil {
		return nil, err
	}
	return layout("icann-zh-"+strings.TrimSpace(doc.Version)+"-"+strings.TrimSpace(doc.Date), entries)
}

func read(doc lgr) ([]entry, error) {
	var entries []entry
	for _, c := range doc.Chars {
		cp, err := point(c.CP)
		if err != nil {
			return nil, err
		}
		e := entry{cp: cp, index: cp}
		members := []rune{cp}
		for _, v := range c.Variants {
			target, err := point(v.CP)
			if err != nil {
				return nil, err
			}
			if target != cp {
				members = append(members, target)
			}
			e.index = min(e.index, target)
			if err := e.take(target, v.Type); err != nil {
				return nil, err
			}
		}
		slices.Sort(members)
		if size := len(slices.Compact(members)); size <= 255 {
			e.size = byte(size)
		} else {
			return nil, fmt.Errorf("U+%04X has %d variants", cp, size)
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int { return int(a.cp - b.cp) })
	return entries, nil
}

// take notes what a variant of type kind means for the labels that a
// registry may allocate. Types that only say "blocked" are not kept: they
// are whatever the others leave.
func (e *entry) take(target rune, kind string) error {
	switch kind {
	case "r-both":
		e.kind, e.s1, e.t1 = 1, target, target
	case "r-simp":
		e.kind, e.s1 = 2, target
	case "r-trad":
		e.kind, e.t1 = 3, target
	case "r-neither":
		e.kind = 4
	case "out-of-repertoire-var":
		if target == e.cp {
			e.kind = 0
		}
	case "both":
		e.s1, e.t1 = target, target
	case "simp", "simp-1":
		e.s1 = target
	case "simp-2":
		e.s2 = target
	case "trad", "trad-1":
		e.t1 = target
	case "trad-2":
		e.t2 = target
	case "blocked":
	default:
		return fmt.Errorf("U+%04X: variant type %q is unknown", e.cp, kind)
	}
	return nil
}

// layout writes header, page directory, pages and records; see table.go.
func layout(version string, entries []entry) ([]byte, error) {
	var records []byte
	count := 0
	seen := map[string]uint16{}
	pages := map[rune][]uint16{}
	last := rune(0)
	for _, e := range entries {
		r := []byte{e.kind, e.size}
		for _, target := range []rune{e.index, e.s1, e.s2, e.t1, e.t2} {
			// A distance rather than the target: the thousands of characters
			// that only stand for themselves then share one record.
			d := int32(0)
			if target != 0 {
				d = int32(target-e.cp)*2 + 1
			}
			r = append(r, byte(d), byte(d>>8), byte(d>>16))
		}
		number, ok := seen[string(r)]
		if !ok {
			records = append(records, r...)
			count++
			if count > 0xffff {
				return nil, errors.New("more records than 16 bits can number")
			}
			number = uint16(count) // #nosec G115 -- looked at two lines above
			seen[string(r)] = number
		}
		p := e.cp / pageSize
		if pages[p] == nil {
			pages[p] = make([]uint16, pageSize)
		}
		pages[p][e.cp%pageSize] = number
		last = max(last, p)
	}
	if len(pages) > 0xfe {
		return nil, errors.New("more pages than one byte can number")
	}
	out := []byte(magic + version + "\n")
	out = binary.LittleEndian.AppendUint16(out, uint16(last+1))
	out = binary.LittleEndian.AppendUint16(out, uint16(len(pages)))   // #nosec G115 -- looked at above
	out = binary.LittleEndian.AppendUint32(out, uint32(len(entries))) // #nosec G115 -- fewer than there are characters
	var body []byte
	n := byte(0)
	for p := rune(0); p <= last; p++ {
		if pages[p] == nil {
			out = append(out, 0)
			continue
		}
		n++
		out = append(out, n)
		for _, number := range pages[p] {
			body = binary.LittleEndian.AppendUint16(body, number)
		}
	}
	return append(append(out, body...), records...), nil
}

func point(s string) (rune, error) {
	if strings.Contains(s, " ") {
		return 0, fmt.Errorf("sequence %q: this generator reads single code points", s)
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return 0, err
	}
	return rune(n), nil
}
