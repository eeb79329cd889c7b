package persons

import (
	"regexp"
	"strings"

	"golang.org/x/text/language"
)

var (
	hkmoPermit  = regexp.MustCompile(`^[HM]\d{8}(\d{2})?$`)
	exitPermit  = regexp.MustCompile(`^[CWL]\d{8}$`)
	letterFirst = regexp.MustCompile(`^[A-Z]\d{8}$`)

	twCard    = regexp.MustCompile(`^\d{8}$`)
	twBooklet = regexp.MustCompile(`^\d{10}[A-Z]$`)
	twSingle  = regexp.MustCompile(`^[A-Z0-9]{10,12}$`)

	// Local identity numbers, which people type where a permit is asked for:
	// Hong Kong A123456(7), Macao 1234567(8), Taiwan A123456789.
	hkLocal = regexp.MustCompile(`^[A-Z]{1,2}\d{6}(\([0-9A]\)|[0-9A])$`)
	moLocal = regexp.MustCompile(`^[157]\d{6}\(\d\)$`)
	twLocal = regexp.MustCompile(`^[A-Z][12589]\d{8}$`)
)

func localID(s string) bool {
	return hkLocal.MatchString(s) || moLocal.MatchString(s) || twLocal.MatchString(s)
}

// checkHKMOPermit is the mainland travel permit for Hong Kong and Macao
// residents. An older print adds two digits that count the issues; they are no
// part of the number.
func checkHKMOPermit(s string) Result {
	switch {
	case hkmoPermit.MatchString(s):
		return ok(s[:9])
	case exitPermit.MatchString(s):
		return refuse(ReasonExitPermit, s)
	case letterFirst.MatchString(s):
		return refuse(ReasonPermitLetter, s)
	case (s[0] == 'H' || s[0] == 'M') && digits(s[1:]):
		return refuse(ReasonLength, s)
	case localID(s):
		return refuse(ReasonLocalID, s)
	}
	return refuse(ReasonForm, s)
}

// checkTWPermit is the mainland travel permit for Taiwan residents: the
// five-year card, or the older papers that a reviewer must see.
func checkTWPermit(s string) Result {
	switch {
	case twCard.MatchString(s):
		return ok(s)
	case localID(s):
		return refuse(ReasonLocalID, s)
	case twBooklet.MatchString(s), twSingle.MatchString(s) && strings.ContainsAny(s, "0123456789"):
		return warn(ReasonOldCard, s)
	case digits(s):
		return refuse(ReasonLength, s)
	}
	return refuse(ReasonForm, s)
}

// Chinese passports by series.
var (
	cnPassports = []*regexp.Regexp{
		regexp.MustCompile(`^E\d{8}$`),            // ordinary
		regexp.MustCompile(`^E[A-HJ-NP-Z]\d{7}$`), // ordinary, once the digits ran out
		regexp.MustCompile(`^G\d{8}$`),            // ordinary, before 2012
		regexp.MustCompile(`^(D|S|P)E?\d{7,8}$`),  // diplomatic, service, public affairs
		regexp.MustCompile(`^(H|K)\d{8}$`),        // Hong Kong
		regexp.MustCompile(`^KJ\d{7}$`),           // Hong Kong
		regexp.MustCompile(`^MA\d{7}$`),           // Macao
	}
	cnPassportExpired = regexp.MustCompile(`^1[45]\d{7}$`)
	// cnPassportShape is what nobody but a Chinese passport looks like, right
	// or mistyped.
	cnPassportShape = regexp.MustCompile(`^(E[A-Z]\d{7}|MA\d{6,8})$`)
	anyPassport     = regexp.MustCompile(`^[A-Z0-9]{5,20}$`)
)

// checkPassport is the number on the page, by nationality (ICAO Doc 9303 for
// all but Chinese ones). The machine zone has its own check digit; see MRZCheck.
func checkPassport(s string, c Context) Result {
	for i := range len(s) {
		if !(s[i] >= '0' && s[i] <= '9' || s[i] >= 'A' && s[i] <= 'Z') {
			return refuse(ReasonCharacters, s)
		}
	}
	if c.Nationality != "" && !ValidNationality(c.Nationality) {
		return refuse(ReasonNationality, s)
	}
	chinese := c.Nationality == "CHN" || c.Nationality == "" && cnPassportShape.MatchString(s)
	if !chinese {
		if !anyPassport.MatchString(s) {
			return refuse(ReasonLength, s)
		}
		return ok(s)
	}
	for _, series := range cnPassports {
		if series.MatchString(s) {
			return ok(s)
		}
	}
	if cnPassportExpired.MatchString(s) {
		return warn(ReasonExpiredSeries, s)
	}
	r := refuse(ReasonCNPassport, s)
	if fixed := s[:1] + strings.NewReplacer("I", "1", "O", "0").Replace(s[1:]); fixed != s {
		if again := checkPassport(fixed, Context{Nationality: "CHN"}); again.Verdict == OK {
			r.Suggest = fixed
		}
	}
	return r
}

// icaoCodes are the codes of ICAO Doc 9303 part 3 that are no ISO countries.
const icaoCodes = " D GBD GBN GBO GBP GBS RKS EUE UNO UNA UNK XBA XIM XCC XCE XCO XEC XMP XOM XPO XES XSC XXA XXB XXC XXX "

// ValidCountry says whether code is an alpha-2 code of ISO 3166-1 that is in
// use: registries refuse others.
func ValidCountry(code string) bool {
	r, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && r.IsCountry() && r.Canonicalize().String() == code
}

// ValidNationality says whether code stands for a country or one of ICAO's
// other issuers: alpha-3 in capitals, and D for Germany.
func ValidNationality(code string) bool {
	if code == "" || strings.Contains(code, " ") {
		return false
	}
	if strings.Contains(icaoCodes, " "+code+" ") {
		return true
	}
	if len(code) != 3 {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.ISO3() == code
}

// MRZCheck is the check digit of a field in the machine readable zone of a
// passport (ICAO Doc 9303 part 3): weights 7, 3, 1 repeating, modulo 10. ok is
// false when the field has other characters than A-Z, 0-9 and <.
func MRZCheck(field string) (digit int, ok bool) {
	sum := 0
	for i := range len(field) {
		value := 0
		switch c := field[i]; {
		case c >= '0' && c <= '9':
			value = int(c - '0')
		case c >= 'A' && c <= 'Z':
			value = int(c-'A') + 10
		case c != '<':
			return 0, false
		}
		sum += value * [3]int{7, 3, 1}[i%3]
	}
	return sum % 10, true
}
