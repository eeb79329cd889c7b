package names

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Search for a simplified word shows good Chinese, not the table's derived
// form: 人才 is 人才 in both, the table says 人纔.
func TestComplaint13_TheTraditionalFormShownIsGoodChinese(t *testing.T) {
	for _, c := range []struct{ label, simplified, traditional string }{
		{"人才", "人才", "人才"},
		{"人才网", "人才网", "人才網"},
		{"台湾", "台湾", "臺灣"},
		{"出口", "出口", "出口"},
		{"系统", "系统", "系統"},
		{"发财", "发财", "發財"},
		{"理发店", "理发店", "理髮店"},
		{"皇后", "皇后", "皇后"},
		{"以后", "以后", "以後"},
		{"學習", "学习", "學習"},
		{"干部", "干部", "幹部"},
		{"饼干", "饼干", "餅乾"},
		{"abc招聘123", "abc招聘123", "abc招聘123"},
		{"abc", "abc", "abc"},
	} {
		l, _, err := ParseLabel(c.label)
		if err != nil {
			t.Fatal(err)
		}
		s, tr := l.Proper()
		if s != c.simplified || tr != c.traditional {
			t.Errorf("%s is shown as %s and %s, want %s and %s", c.label, s, tr, c.simplified, c.traditional)
		}
	}
}

func TestEveryFormShownIsALabelOfTheSameSet(t *testing.T) {
	labels := inRepertoire()
	rapid.Check(t, func(t *rapid.T) {
		l, _, err := ParseLabel(labels.Draw(t, "u"))
		if e := (*Error)(nil); errors.As(err, &e) && e.Reason == TooLong {
			t.Skip("too long") // the draw, not the test
		} else if err != nil {
			t.Fatal(err)
		}
		list := l.Variants()
		if list[0] != l || len(list) > 7 {
			t.Fatalf("%s is shown with %v", l, list)
		}
		for i, v := range list {
			if v.Index() != l.Index() || slices.Contains(list[:i], v) {
				t.Fatalf("%s is shown with %v", l, list)
			}
		}
		s, tr := l.Proper()
		for _, f := range []string{s, tr} {
			if f != "" && !slices.ContainsFunc(list, func(v Label) bool { return v.U() == f }) {
				t.Fatalf("%s is not among %v", f, list)
			}
		}
	})
}

func TestTheWordListIsWholeAndBounded(t *testing.T) {
	words := properTable()
	if len(words.traditional) < 11000 || len(words.simplified) < 4000 {
		t.Fatalf("%d and %d words", len(words.traditional), len(words.simplified))
	}
	for _, list := range []map[string]string{words.simplified, words.traditional} {
		for from, to := range list {
			if runes(from) != runes(to) || runes(from) > longestWord {
				t.Errorf("%q becomes %q", from, to)
			}
		}
	}
	if got := write(words.traditional, strings.Repeat("发财", 40)); got != strings.Repeat("發財", 40) {
		t.Error(got)
	}
	if got := write(words.traditional, ""); got != "" {
		t.Error(got)
	}
}

// members draws labels of u's variant set, each character by itself.
func members(t *rapid.T, u string) string {
	var b strings.Builder
	for _, r := range u {
		rec, _ := table.find(r)
		set := []rune{r}
		for _, c := range sets()[rec.index] {
			if table.allowed(c) {
				set = append(set, c)
			}
		}
		b.WriteRune(rapid.SampledFrom(set).Draw(t, "member"))
	}
	return b.String()
}

var setsOf map[rune][]rune

func sets() map[rune][]rune {
	if setsOf == nil {
		setsOf = map[rune][]rune{}
		for r := range rune(len(table.directory) * 256) {
			if rec, ok := table.find(r); ok {
				setsOf[rec.index] = append(setsOf[rec.index], r)
			}
		}
	}
	return setsOf
}

// Index labels are equal across a whole variant set, whichever characters of
// their sets are mixed, and the index of an index is itself.
func TestEveryMemberOfASetHasTheSameIndex(t *testing.T) {
	labels := inRepertoire()
	rapid.Check(t, func(t *rapid.T) {
		u := labels.Draw(t, "u")
		m := members(t, u)
		if table.indexOf(m) != table.indexOf(u) || table.indexOf(table.indexOf(m)) != table.indexOf(m) {
			t.Fatalf("%s and %s: %s, %s", u, m, table.indexOf(u), table.indexOf(m))
		}
		if table.setSize(m) != table.setSize(u) {
			t.Fatalf("%s and %s count their set differently", u, m)
		}
	})
}

func TestValidityAllocatesNothing(t *testing.T) {
	for _, u := range []string{"人才网", strings.Repeat("才", 50), "abc招聘123", strings.Repeat("a", 63)} {
		r := reading{u: u}
		if n := testing.AllocsPerRun(100, func() {
			if r.checkTable(); r.err != nil {
				t.Fatal(r.err)
			}
		}); n > 0 {
			t.Errorf("%s: validity allocates %.0f times", u, n)
		}
	}
}
