package names

import (
	"errors"
	"testing"
)

func TestASearchBoxTakesALabelANameOrAnythingPasted(t *testing.T) {
	for _, c := range []struct {
		typed, label, ending string
		note                 Change // one that must be among the notes
	}{
		{"人才网", "人才网", "", ""},
		{"  人才网 ", "人才网", "", Trimmed},
		{"招聘", "招聘", "", ""},
		{"ＡＢＣ", "abc", "", Width},
		{"ABC", "abc", "", Case},
		{"xn--gmq009bygv", "人才网", "", Decoded},
		{"人才网.", "人才网", "", ""},
		{"人才网.招聘", "人才网", "招聘", ""},
		{"人才网。招聘", "人才网", "招聘", Dots},
		{"人才网.xn--otu796d", "人才网", "招聘", Decoded},
		{"https://人才网.招聘/", "人才网", "招聘", Address},
		{"HTTPS://人才网.招聘:8443/jobs?q=1#top", "人才网", "招聘", Address},
		{"ｈｔｔｐｓ：／／人才网。招聘／", "人才网", "招聘", Address},
		{"//人才网.招聘/", "人才网", "招聘", Address},
		{"人才网.招聘/jobs", "人才网", "招聘", Address},
		{"人才网.招聘:8080", "人才网", "招聘", Address},
		{"https://user:secret@人才网.招聘/", "人才网", "招聘", Address},
		{"lin@人才网.招聘", "人才网", "招聘", Address},
		{"mailto:lin@人才网.招聘?subject=x", "人才网", "招聘", Address},
		{"lin＠人才网．招聘", "人才网", "招聘", Address},
		{"www.人才网.招聘", "人才网", "招聘", Host},
		{"https://www.shop.例子.公司.cn/", "例子", "公司.cn", Host},
		{"www.abc.com.cn", "abc", "com.cn", Host},
		{"https://%E4%BA%BA%E6%89%8D%E7%BD%91.%E6%8B%9B%E8%81%98/", "人才网", "招聘", Escapes},
		{"%e4%ba%ba%e6%89%8d%e7%bd%91", "人才网", "", Escapes},
		{"pages.github.io", "github", "io", Host},
	} {
		q, notes, err := ParseQuery(c.typed)
		if err != nil {
			t.Errorf("%q: %v", c.typed, err)
			continue
		}
		if q.Label.U() != c.label || q.Ending.U() != c.ending {
			t.Errorf("%q asks for %q under %q, want %q under %q", c.typed, q.Label, q.Ending, c.label, c.ending)
		}
		if c.note != "" && !notes.Has(c.note) {
			t.Errorf("%q: the notes %v do not tell of %s", c.typed, notes, c.note)
		}
		if n, ok := q.Name(); ok != (c.ending != "") || ok && n.U() != c.label+"."+c.ending {
			t.Errorf("%q names %s", c.typed, n)
		}
	}
}

func TestASearchBoxRefusesWhatIsNoName(t *testing.T) {
	for typed, want := range map[string]Reason{
		"": Empty, " ": Empty, "https://": Empty, "@": Empty, "/": Empty,
		"人才 网": Space, "人\u200b才": Invisible, "com.cn": OnlyEnding, "www.招聘😀.cn": NotInRepertoire,
		"人才网..招聘": Empty, "%00": Invisible, "人%20才": Space, "a_b": IDNADisallowed, "a:b": IDNADisallowed,
	} {
		q, _, err := ParseQuery(typed)
		var e *Error
		if !errors.As(err, &e) || e.Reason != want {
			t.Errorf("%q: %v (%q), want %s", typed, err, q.Label, want)
		}
	}
}
