package registry

import (
	"errors"
	"slices"
	"testing"
)

func TestWhatIsAName(t *testing.T) {
	for _, c := range []struct {
		name, input string
		u           string // "" when refused
		err         error
	}{
		{"plain", "tea-house.com", "tea-house.com", nil},
		{"capitals", "TEA.CoM", "tea.com", nil},
		{"Chinese", "xn--1lq90i.xn--otu796d", "北京.招聘", nil},
		{"no ending", "tea", "", errInvalid},
		{"an ending of others", "tea.example", "", errNoEnding},
		{"a third level", "www.tea.com", "", errNoEnding},
		{"a final dot", "tea.com.", "", errNoEnding},
		{"an empty label", ".com", "", errInvalid},
		{"hyphen first", "-tea.com", "", errInvalid},
		{"hyphen last", "tea-.com", "", errInvalid},
		{"hyphens third and fourth", "te--a.com", "", errInvalid},
		{"a broken A-label", "xn--zzzzzz.com", "", errInvalid},
		{"an A-label that hides ASCII", "xn--tea-.com", "", errInvalid},
		{"an A-label without Han", "xn--bcher-kva.com", "", errInvalid},
		{"two letters under .招聘", "ab.xn--otu796d", "", errInvalid},
		{"two letters under .com", "ab.com", "ab.com", nil},
		{"63 octets", label(63) + ".com", label(63) + ".com", nil},
		{"64 octets", label(64) + ".com", "", errInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := parseName(c.input)
			if !errors.Is(err, c.err) {
				t.Fatalf("refused with %v, want %v", err, c.err)
			}
			if err == nil && n.U() != c.u {
				t.Errorf("read as %s, want %s", n.U(), c.u)
			}
		})
	}
}

func label(n int) string { return string(slices.Repeat([]byte{'a'}, n)) }

func TestAllFormsOfANameHaveOneIndex(t *testing.T) {
	for _, c := range []struct {
		input  string
		bundle []string
	}{
		{"xn--xhq89j.xn--otu796d", []string{"華東.招聘"}},  // 华东
		{"xn--7rv274d.xn--otu796d", []string{"华东.招聘"}}, // 華東
		{"xn--1lq90i.xn--otu796d", nil},                // 北京
		{"xn--vcsw54j.xn--otu796d", []string{"國語.招聘"}}, // 国语
	} {
		n, err := parseName(c.input)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range n.bundle {
			m, err := parseName(b)
			if err != nil {
				t.Fatalf("%s is in a bundle: %v", b, err)
			}
			if m.index != n.index {
				t.Errorf("%s and %s do not exclude each other", n.U(), m.U())
			}
			got = append(got, m.U())
		}
		if !slices.Equal(got, c.bundle) {
			t.Errorf("the bundle of %s is %v, want %v", n.U(), got, c.bundle)
		}
	}
}

func TestFeesAreReadWithoutFloats(t *testing.T) {
	for s, want := range map[string]int64{"55.00": 5500, "55": 5500, "0.5": 50, "55.0000": 5500, " 1.01 ": 101} {
		if got, err := fen(s); err != nil || got != want {
			t.Errorf("%q is read as %d %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", ".", "1.005", "a", "1.-1"} {
		if got, err := fen(s); err == nil {
			t.Errorf("%q is read as %d", s, got)
		}
	}
	for v, want := range map[int64]string{5500: "55.00", 5: "0.05", -150: "-1.50"} {
		if got := decimal(v); got != want {
			t.Errorf("%d is written %s, want %s", v, got, want)
		}
	}
}
