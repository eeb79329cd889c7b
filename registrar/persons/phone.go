package persons

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Phone is a telephone number taken apart.
type Phone struct {
	Country   string // calling code without +: 86
	Number    string // national number without its leading 0
	Extension string // what is dialled after the answer, or empty
	Mobile    bool   // a mainland mobile number
}

// E164 is the number as it is stored: +8613800000000. The extension is apart.
func (p Phone) E164() string { return "+" + p.Country + p.Number }

// EPP is the number as EPP carries it: +86.13800000000 (RFC 5733 section 2.5).
// The extension goes into the x attribute.
func (p Phone) EPP() string { return "+" + p.Country + "." + p.Number }

var (
	mobile    = regexp.MustCompile(`^1[3-9]\d{9}$`)
	landline  = regexp.MustCompile(`^0(\d{2,3})-?(\d{7,8})(?:-(\d{1,6}))?$`)
	service   = regexp.MustCompile(`^[48]00-?\d{3}-?\d{4}$`)
	extension = regexp.MustCompile(`^(.+?)(?:[Xx]|转|-(?:EXT)?)(\d{1,6})$`)
)

// nationalLength holds what is known of national numbers by calling code.
var nationalLength = map[string][2]int{"852": {8, 8}, "853": {8, 8}, "886": {8, 9}, "86": {9, 11}}

// ParsePhone reads a contact's number: a mainland mobile or landline number as
// people write it, or any number in international form with + or 00.
func ParsePhone(value string) (Phone, Result) {
	s := strings.TrimSpace(norm.NFKC.String(value))
	if s == "" {
		return Phone{}, refuse(ReasonEmpty, "")
	}
	s = strings.NewReplacer(" ", "", "(", "", ")", "", "‐", "-", "–", "-", "—", "-").Replace(s)
	for _, r := range s {
		if !strings.ContainsRune("+-0123456789Xx转", r) {
			return Phone{}, refuse(ReasonCharacters, s)
		}
	}
	if service.MatchString(s) {
		return Phone{}, refuse(ReasonServiceNumber, s)
	}
	national, foreign := mainland(s)
	if foreign {
		return parseForeign(national)
	}
	if plain := strings.ReplaceAll(national, "-", ""); mobile.MatchString(plain) {
		p := Phone{Country: "86", Number: plain, Mobile: true}
		return p, ok(p.E164())
	}
	if s != national && !strings.HasPrefix(national, "0") {
		national = "0" + national // +86-10-12345678 has dropped it
	}
	if p, found := fixedLine(national); found {
		return p, ok(p.E164())
	}
	return Phone{}, refuse(ReasonNotMobile, s)
}

// fixedLine reads a mainland number with its area code: 010-12345678, with an
// extension after a hyphen, x or 转.
func fixedLine(national string) (Phone, bool) {
	number, ext := national, ""
	if m := extension.FindStringSubmatch(national); m != nil && landline.MatchString(m[1]) {
		number, ext = m[1], m[2]
	}
	m := landline.FindStringSubmatch(number)
	if m == nil {
		m = landline.FindStringSubmatch(strings.ReplaceAll(number, "-", "")) // 010-1234-5678
	}
	if m == nil {
		return Phone{}, false
	}
	if m[3] != "" {
		ext = m[3]
	}
	return Phone{Country: "86", Number: m[1] + m[2], Extension: ext}, true
}

// mainland takes the country code of mainland China off; foreign says that the
// number has another one and still carries it, without + or 00.
func mainland(s string) (national string, foreign bool) {
	international := false
	rest := s
	switch {
	case strings.HasPrefix(s, "+"):
		international, rest = true, strings.TrimLeft(s[1:], "-")
	case strings.HasPrefix(s, "00"):
		international, rest = true, strings.TrimLeft(s[2:], "-")
	}
	if after, yes := strings.CutPrefix(rest, "86"); yes {
		if international || strings.HasPrefix(after, "-") || mobile.MatchString(after) {
			return strings.TrimLeft(after, "-"), false
		}
	}
	if international {
		return rest, true
	}
	return s, false
}

func parseForeign(s string) (Phone, Result) {
	ext := ""
	if m := extension.FindStringSubmatch(s); m != nil && strings.ContainsAny(s, "Xx转") {
		s, ext = m[1], m[2]
	}
	s = strings.ReplaceAll(s, "-", "")
	if !digits(s) {
		return Phone{}, refuse(ReasonCharacters, "+"+s)
	}
	code := callingCode(s)
	if code == "" {
		return Phone{}, refuse(ReasonForm, "+"+s)
	}
	p := Phone{Country: code, Number: s[len(code):], Extension: ext}
	if code == "886" {
		p.Number = strings.TrimPrefix(p.Number, "0")
	}
	least, most := 4, 15-len(code)
	if l, known := nationalLength[code]; known {
		least, most = l[0], l[1]
	}
	if len(p.Number) < least || len(p.Number) > most {
		return Phone{}, refuse(ReasonLength, p.E164())
	}
	return p, ok(p.E164())
}

// twoDigitCodes are the calling codes of two digits (ITU-T E.164 list); 1 and
// 7 stand alone, all others have three.
var twoDigitCodes = []string{
	"20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
	"51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
	"81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
}

func callingCode(s string) string {
	switch {
	case s == "" || s[0] == '0':
		return ""
	case s[0] == '1' || s[0] == '7':
		return s[:1]
	case len(s) >= 2 && slices.Contains(twoDigitCodes, s[:2]):
		return s[:2]
	case len(s) >= 3:
		return s[:3]
	}
	return ""
}

// checkMobile is a number that can identify a person: a mainland mobile number,
// or an international one. Landlines and service numbers are contacts only.
func checkMobile(value string) Result {
	p, r := ParsePhone(value)
	if r.Verdict == OK && p.Country == "86" && !p.Mobile {
		return refuse(ReasonNotMobile, r.Folded)
	}
	return r
}

var (
	postcodeCN = regexp.MustCompile(`^\d{6}$`)
	// postcodeUsed narrows to ranges in use; outside them a reviewer looks.
	postcodeUsed = regexp.MustCompile(`^(0[1-7]|1[0-356]|2[0-7]|3[0-6]|4[0-7]|5[0-7]|6[1-7]|7[0-5]|8[013-6])\d{4}$`)
	postcodeTW   = regexp.MustCompile(`^\d{3}(\d{2,3})?$`)
	postcodeAny  = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 -]{1,14}$`)
)

// checkPostcode is the postal code of an address in Context.Country. Hong Kong
// and Macao have none; 999077 and 999078 are what people fill in.
func checkPostcode(s string, c Context) Result {
	switch c.Country {
	case "", "CN":
		switch {
		case !digits(s):
			return refuse(ReasonCharacters, s)
		case !postcodeCN.MatchString(s):
			return refuse(ReasonLength, s)
		case s == "999077" || s == "999078":
			return ok(s)
		case !postcodeUsed.MatchString(s):
			return warn(ReasonPostcodeRange, s)
		}
	case "HK", "MO":
		if s != "999077" && s != "999078" && s != "000000" {
			return warn(ReasonPostcodeRange, s)
		}
	case "TW":
		if !postcodeTW.MatchString(s) {
			return refuse(ReasonLength, s)
		}
	default:
		if !postcodeAny.MatchString(s) {
			return refuse(ReasonForm, s)
		}
	}
	return ok(s)
}
