package names

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"yumen/testkit"
)

const lgrHead = `<?xml version="1.0" encoding="utf-8"?><lgr xmlns="urn:ietf:params:xml:ns:lgr-1.0"><meta><version>2</version><date>2030-01-01</date><language>zh-Hans</language></meta>`

func lgrOf(data string) string { return lgrHead + "<data>" + data + "</data></lgr>" }

func readTable(t *testing.T, doc string) *EndingTable {
	t.Helper()
	got, err := ReadTable(strings.NewReader(doc))
	if err != nil {
		t.Fatalf("%.80s: %v", doc, err)
	}
	return got
}

func TestARegistrysTableIsReadInBothForms(t *testing.T) {
	fromXML := readTable(t, "\ufeff"+lgrOf(`<range first-cp="0061" last-cp="007A"/><char cp="4E07"><var cp="842C" type="blocked"/></char><char cp="842C"><var cp="4E07"/></char>
		<char cp="7F51" when="x"/><char cp="0061 0301"/><char cp="534D"><var cp="534D" type="out-of-repertoire-var"/></char>`))
	if fromXML.Version != "2" || fromXML.Date != "2030-01-01" || fromXML.Language != "zh-Hans" || fromXML.Sequences != 1 || fromXML.Rules != 1 {
		t.Errorf("%+v", fromXML)
	}
	for r, want := range map[rune]bool{'a': true, 'z': true, '0': false, '万': true, '萬': true, '网': true, '人': false, '卍': false} {
		if fromXML.Has(r) != want {
			t.Errorf("%c: %t", r, !want)
		}
	}
	if fromXML.Characters() != 29 || len(fromXML.index) != 2 || fromXML.index['萬'] != '万' {
		t.Errorf("%d characters, %v", fromXML.Characters(), fromXML.index)
	}

	fromText := readTable(t, "# Version: 1.0\n# Effective Date: 04-12-2012\n# Script: zh-Hans\n# Reference 0 Unicode\nVersion 2 x\n\nU+002D(0);U+002D(0);\nU+4FA1(0);U+4EF7(4);U+4EF7(4),U+50F9(8,9)\nU+4EF7(0);U+4EF7(4);U+4FA1(0)\r\n842C ; 4E07 ; # plain\n")
	if fromText.Characters() != 4 || !fromText.Has('-') || !fromText.Has('价') || fromText.Has('價') || fromText.index['價'] != fromText.index['価'] || fromText.index['萬'] != '万' {
		t.Errorf("%+v", fromText)
	}
	if fromText.Language != "zh-Hans" || fromText.Date != "04-12-2012" {
		t.Errorf("%+v", fromText)
	}
	for _, table := range []*EndingTable{fromXML, fromText} {
		back, err := ParseEndingTable(table.String())
		if err != nil || !reflect.DeepEqual(back, table) {
			t.Errorf("%v\n%+v\n%+v", err, back, table)
		}
	}
}

func TestALabelOutsideTheRegistrysTableNamesItsCharacter(t *testing.T) {
	own := readTable(t, lgrOf(`<char cp="4EBA"/><char cp="624D"/>`))
	if err := own.Check(MustParse("人才.招聘")); err != nil {
		t.Error(err)
	}
	var e *Error
	if err := own.Check(MustParse("人才网.招聘")); !errors.As(err, &e) || e.Reason != NotInTable || e.Char != '网' || e.Position != 3 || e.Ending != "招聘" {
		t.Errorf("%v", err)
	}
	n := MustParse("人才.招聘")
	if a := testing.AllocsPerRun(100, func() { _ = own.Check(n) }); a > 0 {
		t.Errorf("the check allocates %.0f times", a)
	}
	if (&EndingTable{}).Check(n) == nil {
		t.Error("an empty table lets a label through")
	}
}

// A comparison says what changes when a table comes into force.
func TestATableIsComparedWithTheReference(t *testing.T) {
	c := readTable(t, lgrOf(`<char cp="4EBA"/><char cp="3007"/><char cp="5DF1"><var cp="5DF2"/></char><char cp="5DF2"/>`)).Compare()
	if c.Characters != 4 || c.Unreadable != 1 || c.Withheld != 19722-3 || c.Apart != 1 || c.Variants != 2 {
		t.Errorf("%+v", c)
	}
	if strings.Join(c.Examples, "") != "〇 U+3007" || strings.Join(c.Joined, "") != "己已" {
		t.Errorf("%+v", c)
	}
}

func TestAHostileTableIsRefusedBeforeItCosts(t *testing.T) {
	deep := strings.Repeat("<a>", 40)
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<range first-cp=\"%X\" last-cp=\"%X\"/>", 0x10000+i*0x20000%0xF0000, 0x10000+i*0x20000%0xF0000+0x1FFFF)
		}
		return b.String()
	}
	for name, doc := range map[string]string{
		"nothing":              "",
		"blank":                " \n ",
		"another document":     "<html><body/></html>",
		"no namespace":         "<lgr><data><char cp='61'/></data></lgr>",
		"document type":        `<?xml version="1.0"?><!DOCTYPE lgr [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + lgrOf(`<char cp="61"/>`),
		"outer entity":         lgrHead + `<data><char cp="&file;"/></data></lgr>`,
		"entity in text":       lgrHead + `<data>&b;<char cp="61"/></data></lgr>`,
		"too deep":             lgrHead + deep,
		"cut off":              lgrHead + `<data><char cp="61"/>`,
		"closes nothing":       lgrHead + `</data>`,
		"not UTF-8":            `<?xml version="1.0" encoding="gb2312"?>` + strings.TrimPrefix(lgrOf(`<char cp="61"/>`), `<?xml version="1.0" encoding="utf-8"?>`),
		"a wrong code point":   lgrOf(`<char cp="XYZ"/>`),
		"a surrogate":          lgrOf(`<char cp="D800"/>`),
		"beyond Unicode":       lgrOf(`<char cp="110000"/>`),
		"all of Unicode":       lgrOf(`<range first-cp="0" last-cp="10FFFF"/>`),
		"much of Unicode":      lgrOf(many(9)),
		"a range backwards":    lgrOf(`<range first-cp="7A" last-cp="61"/>`),
		"no characters":        lgrOf(``),
		"text of no table":     "hello world\n",
		"a line without end":   "U+4E00;" + strings.Repeat("U+4E00,", 20000),
		"too many variants":    "U+4E00;" + strings.Repeat("4E00,", 300),
		"too many columns":     "4E00;;;;;",
		"bytes":                "\x00\xff\xfe\x01",
		"compressed":           "\x1f\x8b\x08\x00",
		"a long text element":  lgrHead + "<meta>" + strings.Repeat("x", 2<<20) + "</meta><data><char cp='61'/></data></lgr>",
		"one range for ever":   lgrOf(strings.Repeat(`<range first-cp="4E00" last-cp="9FFF"/>`, 40)),
		"one character":        lgrOf(strings.Repeat(`<char cp="4E00"/>`, 2*maxTableChars+1)),
		"a name of kilobytes":  lgrHead + "<" + strings.Repeat("x", 4<<10) + "/>" + strings.TrimPrefix(lgrOf(`<char cp="61"/>`), lgrHead),
		"attribute duplicated": lgrHead + `<data><char cp="61" cp/></data></lgr>`,
	} {
		if got, err := ReadTable(strings.NewReader(doc)); !errors.Is(err, ErrNoTable) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	// A document without end is left when it has cost enough.
	endless := io.MultiReader(strings.NewReader(lgrHead+"<data>"), repeated("<char cp=\"4E00\"/>"))
	if _, err := ReadTable(endless); !errors.Is(err, ErrNoTable) {
		t.Error(err)
	}
	if _, err := ReadTable(io.MultiReader(strings.NewReader("4E00\n"), repeated("# and so on\n"))); !errors.Is(err, ErrNoTable) {
		t.Error(err)
	}
	for _, text := range []string{"", "x", tableText + "\t\t\t\t0\t0\n61-60\n\n", tableText + "\t\t\t\t0\t0\n62 61\n\n", tableText + "\t\t\t\tx\t0\n61\n\n", tableText + "\t\t\t\t0\t0\n61\nzz=1\n"} {
		if got, err := ParseEndingTable(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// Variants that are named from the last to the first make one set. No table may
// make looking for its least a walk through all of it.
func TestALongChainOfVariantsCostsAsLittleAsAShortOne(t *testing.T) {
	const n = 20_000
	var down, up, ends strings.Builder
	for i := range n {
		fmt.Fprintf(&down, "%X;%X;\n", 0x4E00+n-i, 0x4E00+n-i-1)
		fmt.Fprintf(&up, "%X;%X;\n", 0x4E00+i, 0x4E00+i+1)
		fmt.Fprintf(&ends, "%X;%X;\n", 0x4E00+n, 0x4E00+n-i-1)
	}
	for name, doc := range map[string]string{"down": down.String(), "up": up.String(), "all to the last": ends.String()} {
		m := newMaker()
		if err := m.text(strings.NewReader(doc)); err != nil {
			t.Fatal(err)
		}
		longest := 0
		for r := range m.up {
			steps := 0
			for ; m.up[r] != r; r = m.up[r] {
				steps++
			}
			longest = max(longest, steps)
		}
		if longest > 16 { // 2^15 > n
			t.Errorf("%s: %d steps from a character to the root of its set", name, longest)
		}
		table, err := m.table()
		if err != nil {
			t.Fatal(err)
		}
		if len(table.index) != n+1 {
			t.Errorf("%s: %d characters have variants, want %d", name, len(table.index), n+1)
		}
		for r, least := range table.index {
			if least != 0x4E00 {
				t.Fatalf("%s: %X belongs to %X", name, r, least)
			}
		}
	}
}

type repeated string

func (r repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], r)
	}
	return n, nil
}

// The two forms that registries publish, at full size: the reference LGR says
// what table.bin says, and the CDNC text form joins nothing it keeps apart.
func TestPublishedTablesAreReadWhole(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "data", "idn")
	for _, c := range []struct {
		file                             string
		characters, unreadable, withheld int
	}{
		{"lgr-second-level-chinese-language-31may22-en.xml.gz", 19722, 0, 0},
		{"Chinese-IDN.txt.gz", 19557, 0, 165},
	} {
		raw, err := os.ReadFile(filepath.Join(folder, c.file))
		if err != nil {
			testkit.Missing(t, c.file, "put the published tables into ../shared/data/idn")
		}
		plain, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		own, err := ReadTable(plain)
		if err != nil {
			t.Fatal(err)
		}
		got := own.Compare()
		if got.Characters != c.characters || got.Unreadable != c.unreadable || got.Withheld != c.withheld || got.Apart != 0 {
			t.Errorf("%s: %+v", c.file, got)
		}
		back, err := ParseEndingTable(own.String())
		if err != nil || !reflect.DeepEqual(back, own) {
			t.Errorf("%s does not come back: %v", c.file, err)
		}
	}
}

func FuzzReadTable(f *testing.F) {
	for _, doc := range []string{
		"", lgrOf(`<char cp="4E07"><var cp="842C"/></char>`), lgrOf(`<range first-cp="61" last-cp="7A"/>`), "U+4E00(0);U+4E00(0);U+4E01(1,2),U+4E02\n",
		"<!DOCTYPE a>", "#\n4E00", "4E00;;;;;;", "<lgr", "\ufeff<lgr xmlns='urn:ietf:params:xml:ns:lgr-1.0'/>",
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		own, err := ReadTable(strings.NewReader(doc))
		if err != nil {
			if !errors.Is(err, ErrNoTable) {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		back, err := ParseEndingTable(own.String())
		if err != nil || back.Characters() != own.Characters() || len(back.index) != len(own.index) {
			t.Fatalf("%v: %d characters, %d", err, own.Characters(), back.Characters())
		}
		for r, to := range own.index {
			if to > r || own.index[to] != to {
				t.Fatalf("%U has the index %U", r, to)
			}
		}
		own.Compare()
	})
}
