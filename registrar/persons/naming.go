package persons

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// middleDot joins the parts of a transliterated name: 迪丽热巴·迪力木拉提.
const middleDot = '·'

// dotLikes are the characters people type for the middle dot.
const dotLikes = "•・．･‧⋅∙․.᛫●"

var passportName = regexp.MustCompile(`^[A-Z][A-Z' -]{0,38}$`)

// checkPersonName is a name as it stands on a document: in Chinese characters
// on Chinese papers, in the capitals of the machine zone on a passport.
// Characters are kept as printed, also outside the basic plane; simplified and
// traditional are never folded together.
func checkPersonName(value string, c Context) Result {
	s := strings.TrimFunc(value, unicode.IsSpace)
	if s == "" {
		return refuse(ReasonEmpty, "")
	}
	if c.Document == Passport || !chineseName(c.Document) && !hasHan(s) {
		return checkPassportName(s)
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune(dotLikes, r):
			r = middleDot
		case unicode.Is(radicals, r):
			// No name is printed with a radical; input methods confuse them.
			r, _ = firstRune(norm.NFKC.String(string(r)))
		}
		b.WriteRune(r)
	}
	s = b.String()
	previous := rune(middleDot)
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			return refuse(ReasonNameSpace, s)
		case unicode.Is(unicode.Co, r):
			return refuse(ReasonPrivateUse, s)
		case r == middleDot && previous == middleDot:
			return refuse(ReasonDotPlace, s)
		case r != middleDot && !ideograph(r):
			return refuse(ReasonCharacters, s)
		}
		previous = r
	}
	if previous == middleDot {
		return refuse(ReasonDotPlace, s)
	}
	if n := runes(s); n < 2 || n > 30 {
		return refuse(ReasonLength, s)
	}
	return ok(s)
}

// chineseName says whether a document always carries its holder's name in
// Chinese. Travel permits for Hong Kong and Macao do not: since 2024 permanent
// residents without Chinese nationality hold them too.
func chineseName(document Kind) bool {
	switch document {
	case CNID, CNTempOrHukou, TWPermit, HKMOTWResidence:
		return true
	}
	return false
}

// checkPassportName is a name in Latin capitals. Diacritics are not folded: the
// machine zone has its own spelling for them, and registries refuse others.
func checkPassportName(s string) Result {
	s = strings.ToUpper(norm.NFKC.String(s))
	s = strings.NewReplacer("’", "'", "‘", "'", "‐", "-", "–", "-").Replace(s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 39 && digitless(s) {
		return refuse(ReasonLength, s)
	}
	if !passportName.MatchString(s) {
		return refuse(ReasonPassportName, s)
	}
	return ok(s)
}

func digitless(s string) bool { return !strings.ContainsFunc(s, unicode.IsDigit) }

// checkOrgName is the full name on an organisation's document. Folded is the
// spelling for registries, with half-width brackets; keep what was typed for
// display. Spaces are allowed between Latin words only.
func checkOrgName(value string) Result {
	s := strings.TrimFunc(value, unicode.IsSpace)
	if s == "" {
		return refuse(ReasonEmpty, "")
	}
	s = foldOrg(s)
	if n := runes(s); n < 2 || n > 200 {
		return refuse(ReasonLength, s)
	}
	all := []rune(s)
	for i, r := range all {
		switch {
		case ideograph(r), unicode.Is(unicode.Latin, r), r >= '0' && r <= '9', strings.ContainsRune("()·-&.,", r):
		case r == ' ':
			if ideograph(all[i-1]) || ideograph(all[i+1]) || all[i+1] == ' ' {
				return refuse(ReasonNameSpace, s)
			}
		case unicode.Is(unicode.Co, r):
			return refuse(ReasonPrivateUse, s)
		default:
			return refuse(ReasonCharacters, s)
		}
	}
	return ok(s)
}

// foldOrg makes brackets, letters, digits and marks half width and leaves
// every ideograph as printed.
func foldOrg(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\u3000':
			r = ' '
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r == '•' || r == '・' || r == '･' || r == '‧':
			r = middleDot
		case r == '〔' || r == '【':
			r = '('
		case r == '〕' || r == '】':
			r = ')'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// SameName compares two names as registries and filings do: brackets, letters
// and digits folded, outer space off, everything else as printed.
func SameName(a, b string) bool {
	fold := func(s string) string { return foldOrg(strings.TrimFunc(s, unicode.IsSpace)) }
	return fold(a) == fold(b)
}

// radicals are the Kangxi and supplementary radicals, which look like characters.
var radicals = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x2E80, Hi: 0x2FDF, Stride: 1}}}

// laterIdeographs were encoded after the tables of this Go version: extension I
// (Unicode 15.1) and J (17.0).
var laterIdeographs = &unicode.RangeTable{R32: []unicode.Range32{
	{Lo: 0x2EBF0, Hi: 0x2EE5D, Stride: 1},
	{Lo: 0x323B0, Hi: 0x33479, Stride: 1},
}}

// ideograph says whether a name may contain r: unified ideographs of all
// planes, compatibility ideographs as printed, and 〇.
func ideograph(r rune) bool {
	return r == '〇' || unicode.In(r, unicode.Unified_Ideograph, laterIdeographs) ||
		r >= 0xF900 && r <= 0xFAD9 || r >= 0x2F800 && r <= 0x2FA1D
}

func hasHan(s string) bool { return strings.ContainsFunc(s, ideograph) }

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}
