// Command gen writes variants.txt.gz, the table by which the practice registry
// tells labels of one variant set: out of ICANN's reference rules for Chinese
// (RFC 7940). It shares nothing with the portal's own generator, so that
// neither covers for a mistake of the other.
//
// A line is a code point, or a run of code points a-b, that stands only for
// itself; or code point, allowed (1) or only a variant (0), index, simplified
// form, traditional form (0: none). All in hexadecimal.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
)

type rules struct {
	Chars []char `xml:"data>char"`
}

type char struct {
	Point point `xml:"cp,attr"`
	To    []struct {
		Point point  `xml:"cp,attr"`
		Type  string `xml:"type,attr"`
	} `xml:"var"`
}

type point rune

func (p *point) UnmarshalXMLAttr(a xml.Attr) error {
	n, err := strconv.ParseUint(a.Value, 16, 21)
	*p = point(n)
	return err
}

func main() {
	from := flag.String("from", "", "the rules: XML, gzipped")
	to := flag.String("to", "variants.txt.gz", "file to write")
	flag.Parse()
	in, err := os.Open(*from)
	if err != nil {
		log.Fatal(err)
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		log.Fatal(err)
	}
	var doc rules
	if err := xml.NewDecoder(z).Decode(&doc); err != nil {
		log.Fatal(err)
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := w.Write(table(doc)); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*to, out.Bytes(), 0o600); err != nil {
		log.Fatal(err)
	}
}

func table(doc rules) []byte {
	slices.SortFunc(doc.Chars, func(a, b char) int { return int(a.Point - b.Point) })
	out := bytes.NewBufferString("# Made by gen from ICANN's Second Level Reference LGR for Chinese of 2022-05-31, BSD-3-Clause.\n")
	var first, last point // the run of plain code points that is open
	plain := func() {
		switch {
		case first == 0:
		case first == last:
			fmt.Fprintf(out, "%x\n", first)
		default:
			fmt.Fprintf(out, "%x-%x\n", first, last)
		}
		first = 0
	}
	for _, c := range doc.Chars {
		if len(c.To) == 1 && c.To[0].Point == c.Point && c.To[0].Type == "r-both" {
			if first == 0 || c.Point != last+1 {
				plain()
				first = c.Point
			}
			last = c.Point
			continue
		}
		plain()
		allowed, index, simp, trad := 1, c.Point, point(0), point(0)
		for _, v := range c.To {
			index = min(index, v.Point)
			switch v.Type {
			case "r-both", "both":
				simp, trad = v.Point, v.Point
			case "r-simp", "simp", "simp-1":
				simp = v.Point
			case "r-trad", "trad", "trad-1":
				trad = v.Point
			case "out-of-repertoire-var":
				if v.Point == c.Point {
					allowed = 0
				}
			}
		}
		fmt.Fprintf(out, "%x %d %x %x %x\n", c.Point, allowed, index, simp, trad)
	}
	plain()
	return out.Bytes()
}
