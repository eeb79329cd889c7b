package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yumen/locales"
	"yumen/testkit/browser"
)

// anew writes testdata/ instead of comparing with it.
var anew = flag.Bool("references", false, "write the references of the storybook anew")

// pictured are the views of the references: between them both languages, both
// themes and both widths.
var pictured = []browser.View{
	{Lang: "zh", Width: 1280, Script: true, Theme: "light"},
	{Lang: "en", Width: 360, Script: true, Theme: "dark"},
}

// A likeness is what is kept of a picture: the average colour of each cell of a
// grid over the whole page, four bits a channel. It shows a part that is gone,
// moved or of another colour and is blind to how the edges of letters are drawn.
const (
	across = 32
	down   = 64
	// steps is by how much of 15 a channel of a cell may be off: rounding alone
	// can make it one.
	steps = 1
	// cells is how many cells of a page may be off by more.
	cells = across * down / 200
	// taller is by how much the heights may differ, in hundredths.
	taller = 1
)

type likeness struct {
	width, height int
	grid          [down][across][3]byte
}

func likenessOf(picture []byte) (likeness, error) {
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return likeness{}, err
	}
	b := decoded.Bounds()
	p := likeness{width: b.Dx(), height: b.Dy()}
	if p.width < across || p.height < down {
		return likeness{}, fmt.Errorf("a picture of %d x %d", p.width, p.height)
	}
	img := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	draw.Draw(img, img.Bounds(), decoded, b.Min, draw.Src)
	for row := range down {
		for col := range across {
			x0, x1 := col*p.width/across, (col+1)*p.width/across
			y0, y1 := row*p.height/down, (row+1)*p.height/down
			var sum [3]int
			for y := y0; y < y1; y++ {
				line := img.Pix[img.PixOffset(x0, y):img.PixOffset(x1, y)]
				for i := 0; i < len(line); i += 4 {
					sum[0] += int(line[i])
					sum[1] += int(line[i+1])
					sum[2] += int(line[i+2])
				}
			}
			n := (x1 - x0) * (y1 - y0)
			for c := range sum {
				p.grid[row][col][c] = byte((sum[c]*15 + n*255/2) / (n * 255))
			}
		}
	}
	return p, nil
}

func (p likeness) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d\n", p.width, p.height)
	for _, row := range p.grid {
		for _, cell := range row {
			fmt.Fprintf(&b, "%x%x%x", cell[0], cell[1], cell[2])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func readLikeness(text string) (likeness, error) {
	var p likeness
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if _, err := fmt.Sscanf(lines[0], "%d %d", &p.width, &p.height); err != nil || len(lines) != down+1 {
		return likeness{}, errors.New("not a reference")
	}
	for row, line := range lines[1:] {
		if len(line) != across*3 {
			return likeness{}, fmt.Errorf("line %d of a reference has %d digits", row+2, len(line))
		}
		for i, digit := range []byte(line) {
			n := strings.IndexByte("0123456789abcdef", digit)
			if n < 0 {
				return likeness{}, fmt.Errorf("line %d of a reference has %q", row+2, digit)
			}
			p.grid[row][i/3][i%3] = byte(n)
		}
	}
	return p, nil
}

// off counts the cells that differ and names the lines of the grid they are on.
func (p likeness) off(q likeness) (count int, lines []int) {
	for row := range p.grid {
		before := count
		for col := range p.grid[row] {
			for c := range 3 {
				if d := int(p.grid[row][col][c]) - int(q.grid[row][col][c]); d > steps || d < -steps {
					count++
					break
				}
			}
		}
		if count > before {
			lines = append(lines, row)
		}
	}
	return count, lines
}

// differs tells what a person would see of the difference; empty is the same.
func (p likeness) differs(q likeness) string {
	if p.width != q.width {
		return fmt.Sprintf("is %d px wide, its reference %d", q.width, p.width)
	}
	if d := q.height - p.height; max(d, -d)*100 > p.height*taller {
		return fmt.Sprintf("is %d px tall, its reference %d", q.height, p.height)
	}
	if n, lines := p.off(q); n > cells {
		return fmt.Sprintf("differs in %d of %d cells, between %d and %d px from the top", n, across*down,
			lines[0]*q.height/down, (lines[len(lines)-1]+1)*q.height/down)
	}
	return ""
}

func referenceFile(name string, v browser.View) string {
	return filepath.Join("testdata", fmt.Sprintf("%s.%s-%d-%s.txt", name, v.Lang, v.Width, v.Theme))
}

func reference(t *testing.T, name string, v browser.View) likeness {
	t.Helper()
	text, err := os.ReadFile(referenceFile(name, v))
	if err != nil {
		t.Fatal(err)
	}
	p, err := readLikeness(string(text))
	if err != nil {
		t.Fatalf("%s: %v", referenceFile(name, v), err)
	}
	return p
}

func look(t *testing.T, tab *browser.Tab) likeness {
	t.Helper()
	picture, err := tab.Picture()
	if err != nil {
		t.Fatal(err)
	}
	p, err := likenessOf(picture)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// compare holds the page in the tab against its reference, or makes one.
func compare(t *testing.T, tab *browser.Tab, name string, v browser.View) {
	t.Helper()
	seen := look(t, tab)
	if *anew {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(referenceFile(name, v), []byte(seen.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if what := reference(t, name, v).differs(seen); what != "" {
		t.Errorf("%s %s; if that is meant: go test ./cmd/storybook -run Axe -references", name, what)
	}
}

// TestAReferenceTellsABrokenPageFromAnotherHand breaks pages on purpose, as a
// slip in the style sheet would, and has every one told; letters drawn by
// another hand, as on another machine, are not.
func TestAReferenceTellsABrokenPageFromAnotherHand(t *testing.T) {
	if *anew {
		t.Skip("the references are being written")
	}
	at := serve(t, nil)
	pool := browser.Start(t)
	for _, v := range pictured {
		tab, err := pool.Open(v)
		if err != nil {
			t.Fatal(err)
		}
		defer tab.Close()
		see := func(name, rule string) string {
			t.Helper()
			address := at + "/story/" + name + "?" + url.Values{"lang": {v.Lang}, "theme": {v.Theme}, "broken": {rule}}.Encode()
			if err := tab.Open(context.Background(), address); err != nil {
				t.Fatal(err)
			}
			seen, kept := look(t, tab), reference(t, name, v)
			n, _ := kept.off(seen)
			t.Logf("%d px, %s with %q: %d cells, %d px taller", v.Width, name, rule, n, seen.height-kept.height)
			return kept.differs(seen)
		}
		for _, rule := range []string{
			".card{display:none}",
			".btn{display:none}",
			"h1{display:none}",
			"body{background:#f0f}",
			"footer{display:none}",
			"main{visibility:hidden}",
			"main{position:relative;left:24px}",
		} {
			if see("kit-customer", rule) == "" {
				t.Errorf("at %d px nobody would notice %s", v.Width, rule)
			}
		}
		for _, rule := range []string{
			"html{-webkit-font-smoothing:antialiased}",
			"body{transform:translate(.4px,.4px)}", // every edge of every letter falls between the dots
		} {
			for _, name := range []string{"kit-customer", "kit-staff", "home"} {
				if what := see(name, rule); what != "" {
					t.Errorf("at %d px %s with %s %s", v.Width, name, rule, what)
				}
			}
		}
		for _, trouble := range tab.Troubles() {
			t.Error(trouble)
		}
	}
}

// TestEveryReferenceHasItsPageAndEveryPageItsReference leaves no reference
// behind whose page is gone, and no page unlooked at that the index calls
// compared.
func TestEveryReferenceHasItsPageAndEveryPageItsReference(t *testing.T) {
	if *anew {
		t.Skip("the references are being written")
	}
	var want []string
	for _, name := range referenced {
		if !slices.ContainsFunc(stories(), func(s story) bool { return s.name == name }) {
			t.Errorf("there is no story %s", name)
		}
		for _, v := range pictured {
			want = append(want, referenceFile(name, v))
			p := reference(t, name, v)
			if again, err := readLikeness(p.String()); err != nil || again != p {
				t.Errorf("%s does not survive writing: %v", name, err)
			}
		}
	}
	slices.Sort(want)
	var have []string
	if err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			have = append(have, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(have)
	if !slices.Equal(want, have) {
		t.Errorf("testdata/ has %d files for %d references: %v", len(have), len(want), have)
	}
}

// TestReferencedPagesKnowNoClock renders each once now and once in a year long
// gone: a picture that ages would fail some morning for nothing.
func TestReferencedPagesKnowNoClock(t *testing.T) {
	type copyOf struct{ name, lang string }
	now := map[copyOf][]byte{}
	pages := func(f func(copyOf, []byte)) {
		for _, s := range stories() {
			if !slices.Contains(referenced, s.name) {
				continue
			}
			for _, lang := range []string{locales.Chinese, locales.English} {
				page, err := render(s, lang, "light")
				if err != nil {
					t.Fatal(err)
				}
				f(copyOf{s.name, lang}, page)
			}
		}
	}
	pages(func(c copyOf, page []byte) { now[c] = page })
	synctest.Test(t, func(t *testing.T) {
		if time.Now().Year() != 2000 {
			t.Fatal("the clock is not ours")
		}
		pages(func(c copyOf, page []byte) {
			if !bytes.Equal(now[c], page) {
				t.Errorf("%s in %s is another page in another year", c.name, c.lang)
			}
		})
	})
	if len(now) != 2*len(referenced) {
		t.Errorf("%d pages were rendered", len(now))
	}
}
