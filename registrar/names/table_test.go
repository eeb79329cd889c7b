package names

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yumen/testkit"
)

func TestTheTableHoldsWhatItsSourceCounts(t *testing.T) {
	entries, repertoire, targets, sets := 0, 0, 0, map[rune]int{}
	for r := rune(0); r < 0x110000; r++ {
		rec, ok := table.find(r)
		if !ok {
			continue
		}
		entries++
		sets[rec.index]++
		if rec.kind == targetOnly {
			targets++
		} else {
			repertoire++
		}
		if index, ok := table.find(rec.index); !ok || index.index != rec.index || index.size != rec.size || rec.index > r {
			t.Fatalf("%U has the index %U, which has %+v", r, rec.index, index)
		}
		for _, form := range []rune{rec.s1, rec.s2, rec.t1, rec.t2} {
			if to, ok := table.find(form); form != 0 && (!ok || to.index != rec.index || to.kind == targetOnly) {
				t.Fatalf("%U has the form %U, which is no member of its set", r, form)
			}
		}
	}
	if entries != 19802 || repertoire != 19722 || targets != 80 || len(sets) != 15238 {
		t.Errorf("%d entries, %d in the repertoire, %d targets, %d sets", entries, repertoire, targets, len(sets))
	}
	sizes := map[int]int{}
	for index, n := range sets {
		rec, _ := table.find(index)
		if rec.size != n {
			t.Errorf("the set of %U has %d members and says %d", index, n, rec.size)
		}
		sizes[n]++
	}
	for n, want := range map[int]int{1: 11705, 2: 2792, 3: 548, 4: 130, 5: 41, 6: 13, 7: 6, 8: 3} {
		if sizes[n] != want {
			t.Errorf("%d sets have %d members, want %d", sizes[n], n, want)
		}
	}
}

func TestTheTableIsWhatItsGeneratorMakes(t *testing.T) {
	source := filepath.Join("..", "..", "..", "shared", "data", "idn", "lgr-second-level-chinese-language-31may22-en.xml.gz")
	if _, err := os.Stat(source); err != nil {
		testkit.Missing(t, "the table's source", "put ICANN's reference rules into ../shared/data/idn")
	}
	to := filepath.Join(t.TempDir(), "table.bin")
	if out, err := exec.Command("go", "run", "./gen", "-from", source, "-to", to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	made, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if string(made) != tableBytes {
		t.Error("table.bin differs from what gen makes; hint: run go generate ./registrar/names")
	}
}

// The set of 48 times 中国 has 2^96 members: it is counted, held at the
// greatest number, and never written out.
func TestComplaint08_ASetOfAnySizeIsCountedAtOnce(t *testing.T) {
	long := strings.Repeat("中国", 48)
	if got := table.setSize(long); got != math.MaxInt64 {
		t.Errorf("%d", got)
	}
	if got := table.setSize(strings.Repeat("国", 48)); got <= 1<<40 {
		t.Errorf("%d", got)
	}
	if n := testing.AllocsPerRun(100, func() { table.setSize(long) }); n > 0 {
		t.Errorf("counting allocates %.0f times", n)
	}
	if n := testing.AllocsPerRun(100, func() { table.indexOf(long) }); n > 1 {
		t.Errorf("indexing allocates %.0f times", n)
	}
	if n := testing.AllocsPerRun(100, func() { table.forms(long) }); n > 8 {
		t.Errorf("the forms allocate %.0f times", n)
	}
}

func TestVariantsOfTheHandbookStandInTheirSets(t *testing.T) {
	index := func(s string) string {
		l, _, err := ParseLabel(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		return l.Index()
	}
	for _, set := range []string{"台湾 臺灣 台灣", "学习 學習", "发财 發財 髮財", "后 後", "里 裡 裏", "干 乾 幹 亁 榦 漧"} {
		members := strings.Fields(set)
		for _, m := range members[1:] {
			if index(m) != index(members[0]) {
				t.Errorf("%s and %s are not one set", members[0], m)
			}
		}
	}
	for _, pair := range []string{"网络 網路", "软件 軟體", "己 已"} {
		a, b, _ := strings.Cut(pair, " ")
		if index(a) == index(b) {
			t.Errorf("%s and %s are one set", a, b)
		}
	}
}

func TestAnAnswerHasTheFieldsThatScriptsReadAndNoOthers(t *testing.T) {
	for _, c := range []struct{ label, ending, want string }{
		{"发财", "", `{"input":"发财","u_label":"发财","a_label":"xn--ooru74k","valid":true,"reason":"","canonical":"发財","simplified":["发财"],"traditional":["發財","髮財"],"variant_set_size":12}`},
		{"ab", ".招聘", `{"input":"ab","u_label":"ab","a_label":"ab","valid":false,"reason":"too-short","canonical":"","simplified":[],"traditional":[],"variant_set_size":0}`},
		{"abc", "招聘", `{"input":"abc","u_label":"abc","a_label":"abc","valid":true,"reason":"","canonical":"abc","simplified":["abc"],"traditional":["abc"],"variant_set_size":1}`},
		{"人\u200d才", "", `{"input":"人` + "\u200d" + `才","u_label":"","a_label":"","valid":false,"reason":"invisible U+200D","canonical":"","simplified":[],"traditional":[],"variant_set_size":0}`},
		{"abc", "xn--", `{"input":"abc","u_label":"abc","a_label":"abc","valid":false,"reason":"bad-a-label","canonical":"","simplified":[],"traditional":[],"variant_set_size":0}`},
	} {
		raw, err := json.Marshal(AnswerLine(c.label, c.ending, Name.Allowed))
		if err != nil {
			t.Fatal(err)
		}
		if string(raw) != c.want {
			t.Errorf("got  %s\nwant %s", raw, c.want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, _, err := Parse("人才网.招聘"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	for b.Loop() {
		table.indexOf("人才网")
	}
}
