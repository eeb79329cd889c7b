package names

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"yumen/testkit/duty"
)

// What each ending allows for a new registration, on top of the table.
func TestEachEndingHasItsPolicy(t *testing.T) {
	for _, c := range []struct {
		name   string
		reason Reason // "" = allowed
		limit  int
	}{
		// .招聘: 3 to 63 ASCII, one Chinese character or more, up to the octets
		{"ab.招聘", TooShort, 3},
		{"a.招聘", TooShort, 3},
		{"abc.招聘", "", 0},
		{"a-b.招聘", "", 0},
		{strings.Repeat("a", 63) + ".招聘", "", 0},
		{"才.招聘", "", 0},
		{"才a.招聘", "", 0},
		{strings.Repeat("才", 50) + ".招聘", "", 0},
		{"人才a--b.招聘", "", 0}, // fourth and fifth: allowed
		// .cn: Chinese labels up to 20 characters, no two hyphens in a row
		{"ab.cn", TooShort, 3},
		{"abc.cn", "", 0},
		{"a--b.cn", NoHyphen, 0},
		{"a-b-c.cn", "", 0},
		{"例子.cn", "", 0},
		{strings.Repeat("例", 20) + ".cn", "", 0},
		{strings.Repeat("例", 21) + ".cn", TooManyChars, 20},
		{strings.Repeat("a", 21) + ".cn", "", 0},
		{"ab.com.cn", TooShort, 3},
		{"a--b.com.cn", NoHyphen, 0},
		{"例子.公司.cn", "", 0},
		// .中国 and .中國: at least one Chinese character
		{"例子.中国", "", 0},
		{"abc.中国", NeedsHan, 0},
		{"abc.中國", NeedsHan, 0},
		{"abc例.中国", "", 0},
		{"例ab--c.中国", NoHyphen, 0},
		{strings.Repeat("例", 21) + ".中國", TooManyChars, 20},
		// every other ending
		{"ab.com", TooShort, 3},
		{"12.公司", TooShort, 3},
		{"abc.com", "", 0},
		{"a--b.com", "", 0},
		{"例.网络", "", 0},
		{strings.Repeat("例", 21) + ".网店", "", 0},
	} {
		err := MustParse(c.name).Allowed()
		var e *Error
		switch {
		case c.reason == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.reason != "" && (!errors.As(err, &e) || e.Reason != c.reason || e.Limit != c.limit || e.Ending == ""):
			t.Errorf("%s: %v, want %s with limit %d", c.name, err, c.reason, c.limit)
		}
	}
}

// .招聘 rules art. 17, length (1): 3 to 63 ASCII characters.
func TestZ31_ASCIILabelsHave3To63Characters(t *testing.T) {
	for n, want := range map[int]bool{1: false, 2: false, 3: true, 62: true, 63: true, 64: false} {
		name, _, err := Parse(strings.Repeat("a", n) + ".招聘")
		if err == nil {
			err = name.Allowed()
		}
		if (err == nil) != want {
			t.Errorf("%d letters: %v", n, err)
		}
	}
	duty.Prove(t, "Z-31", fmt.Sprint("abc.招聘: ", MustParse("abc.招聘").Allowed(), "; 63 letters: ", MustParse(strings.Repeat("a", 63)+".招聘").Allowed()))
	duty.ProveRefusal(t, "Z-31", fmt.Sprint(MustParse("ab.招聘").Allowed(), "; 64 letters: ", parseError(strings.Repeat("a", 64)+".招聘")))
}

func parseError(input string) error {
	_, _, err := Parse(input)
	return err
}

// Art. 17, length (2): one Chinese character; the upper bound is 63 octets of
// the A-label and never a count of characters.
func TestZ32_ChineseLabelsAreMeasuredByTheirALabel(t *testing.T) {
	repeated := MustParse(strings.Repeat("才", 50) + ".招聘") // one character, many times, is short when encoded
	if len(repeated.ALabel()) > 63 || repeated.Allowed() != nil {
		t.Errorf("50 times one character: %d octets", len(repeated.ALabel()))
	}
	_, _, err := Parse("招聘网上海深圳广州北京天津重庆成都武汉西安杭州南京苏州.招聘")
	var e *Error
	if !errors.As(err, &e) || e.Reason != TooLong {
		t.Errorf("27 different characters: %v", err)
	}
	if err := MustParse("才.招聘").Allowed(); err != nil {
		t.Errorf("才: %v", err)
	}
	duty.Prove(t, "Z-32", fmt.Sprintf("才.招聘 is allowed; 50 times 才 is %d octets and allowed", len(repeated.ALabel())))
	duty.ProveRefusal(t, "Z-32", fmt.Sprintf("27 different characters: %v, at most %d", err, e.Limit))
}

// Art. 17, composition (1): simplified, traditional, a-z, 0-9 and mixtures.
func TestZ33_OnlyTheListedCharactersMakeALabel(t *testing.T) {
	var passed, refused []string
	for label, want := range map[string]bool{
		"人才": true, "人才網": true, "abc人才123": true, "人才-网": true, "ＡＢＣ": true, // full width is mapped first
		"人才ё": false, "人才한": false, "人才(北京)": false, "人才（北京）": false, "人才カ": false, "人才😀": false, "人才。": false, "人才!": false, "-人才": false, "人才-": false, "人才--网": false,
	} {
		l, _, err := ParseLabel(label)
		if (err == nil) != want {
			t.Errorf("%s: %q, %v", label, l, err)
		}
		var e *Error
		if errors.As(err, &e) && e.Reason != MoreThanOneLabel && (e.Char == 0 || e.Position == 0) {
			t.Errorf("%s: the character at fault is not named", label)
		}
		if want {
			passed = append(passed, label)
		} else {
			refused = append(refused, fmt.Sprint(label, " ", err))
		}
	}
	duty.Prove(t, "Z-33", strings.Join(passed, " "))
	duty.ProveRefusal(t, "Z-33", strings.Join(refused, "; "))
}

func TestEndingsThatShareRegistrationsAreOneGroup(t *testing.T) {
	if a, b := MustParse("例子.中国"), MustParse("例子.中國"); a == b || a.Group() != b.Group() || !a.VariantOf(b) {
		t.Errorf("%s and %s are not told to be the same registration", a, b)
	}
	if a, b := MustParse("例子.中国"), MustParse("例子.cn"); a.VariantOf(b) {
		t.Errorf("%s and %s exclude each other", a, b)
	}
	if a, b := MustParse("人才网.招聘"), MustParse("人才網.招聘"); a == b || !a.VariantOf(b) {
		t.Errorf("%s and %s do not exclude each other", a, b)
	}
	if a, b := MustParse("网络.com"), MustParse("网路.com"); a.VariantOf(b) {
		t.Errorf("%s and %s are different words", a, b)
	}
	if (Name{}).VariantOf(Name{}) {
		t.Error("nothing is a variant of nothing")
	}
	for ending, group := range map[string]string{"中国": "xn--fiqs8s", ".中國": "xn--fiqs8s", "招聘": "xn--otu796d", "公司.cn": "xn--55qx5d.cn", "com": "com"} {
		e, err := ParseEnding(ending)
		if err != nil || e.Group() != group {
			t.Errorf("%s is of group %q, want %q: %v", ending, e.Group(), group, err)
		}
		if p := e.Policy(); p.Ending != e.A() || p.Group != group || p.Source == "" {
			t.Errorf("%s has the policy %+v", ending, p)
		}
	}
	for _, wrong := range []string{"", ".", "..", "招 聘", "xn--", "招聘..cn", "-cn"} {
		if e, err := ParseEnding(wrong); err == nil {
			t.Errorf("%q is read as the ending %q", wrong, e)
		}
	}
}

// A suffix such as 公司.cn is found for both spellings: the public list is in
// A-labels alone.
func TestComplaint16_ASuffixIsFoundForBothSpellings(t *testing.T) {
	for _, typed := range []string{"例子.公司.cn", "xn--fsqu00a.xn--55qx5d.cn", "例子.xn--55qx5d.cn", "xn--fsqu00a.公司.CN", "例子。公司。cn"} {
		n, _, err := Parse(typed)
		if err != nil || n.EndingU() != "公司.cn" || n.ULabel() != "例子" {
			t.Errorf("%s is %q under %q: %v", typed, n.ULabel(), n.EndingU(), err)
		}
	}
}
