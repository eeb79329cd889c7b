package persons

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"yumen/registrar/calendar"
)

// idWeights are the weights of ISO 7064 MOD 11-2 over 17 digits, as GB
// 11643-1999 prints them.
var idWeights = []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// idProvinces are the first two digits of a resident identity number. 81, 82
// and 83 are in use since residence permits are issued.
var idProvinces = []string{
	"11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
	"41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
	"71", "81", "82", "83",
}

var firstBirth = calendar.Date(1900, time.January, 1)

// idCheck is the check character of the first 17 digits of s.
func idCheck(s string) byte {
	sum := weigh(idWeights, func(i int) int { return int(s[i] - '0') })
	return "10X98765432"[sum%11]
}

// checkCNID is GB 11643-1999. That the six-digit code is missing from today's
// list refuses nobody: people keep the codes of abolished counties.
func checkCNID(s string, c Context) Result {
	if len(s) == 15 && digits(s) {
		return refuse(ReasonFifteenDigits, s) // void since 2013-01-01
	}
	if r := idShape(s); r != "" {
		return refuse(r, s)
	}
	switch {
	case !slices.Contains(idProvinces, s[:2]):
		return refuse(ReasonProvince, s)
	case residencePrefix(s):
		return refuse(ReasonUseResidence, s)
	}
	return idRest(s, c)
}

// checkResidence is the residence permit for people from Hong Kong, Macao and
// Taiwan: an identity number whose address code says where they are from.
func checkResidence(s string, c Context) Result {
	if r := idShape(s); r != "" {
		return refuse(r, s)
	}
	if !residencePrefix(s) {
		return refuse(ReasonResidencePrefix, s)
	}
	return idRest(s, c)
}

func residencePrefix(s string) bool {
	return slices.Contains([]string{"810000", "820000", "830000"}, s[:6])
}

var oldForeignCard = regexp.MustCompile(`^[A-Z]{3}\d{12}$`)

// checkForeignResidence is the permanent residence card for foreigners: the
// card of 2023 (9, province, ISO 3166-1 number of the nationality, birth,
// sequence, check), or the one before it. Published samples disagree on the
// check digit, so a wrong one goes to a reviewer rather than back.
func checkForeignResidence(s string, c Context) Result {
	if oldForeignCard.MatchString(s) {
		return warn(ReasonOldCard, s)
	}
	if r := idShape(s); r != "" {
		return refuse(r, s)
	}
	switch {
	case s[0] != '9':
		return refuse(ReasonNineFirst, s)
	case !slices.Contains(idProvinces, s[1:3]):
		return refuse(ReasonProvince, s)
	}
	r := idRest(s, c)
	if r.Reason == ReasonCheckDigit {
		r.Verdict = Warn
	}
	return r
}

// idShape is 17 digits and a digit or X.
func idShape(s string) Reason {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] != 'X' || i != len(s)-1) {
			return ReasonCharacters
		}
	}
	if len(s) != 18 {
		return ReasonLength
	}
	return ""
}

// idRest checks birth and check character of an 18-character number.
func idRest(s string, c Context) Result {
	birth, real := birthOf(s[6:14])
	switch {
	case !real, birth < firstBirth:
		return refuse(ReasonDate, s)
	case birth > c.Today:
		return refuse(ReasonFuture, s)
	}
	r := ok(s)
	r.Birth, r.HasBirth, r.Minority = birth, true, MinorityOf(birth, c.Today)
	if s[17] != idCheck(s) {
		r.Verdict, r.Reason = Refuse, ReasonCheckDigit
		return r
	}
	if r.Minority != Adult {
		r.Reason = ReasonMinor
	}
	return r
}

func birthOf(yyyymmdd string) (calendar.Day, bool) {
	t, err := time.ParseInLocation("20060102", yyyymmdd, calendar.Shanghai)
	if err != nil {
		return 0, false
	}
	return calendar.DayOf(t), true
}

// Sex is what digit 17 of an 18-character identity number says.
type Sex string

const (
	Male   Sex = "male"
	Female Sex = "female"
)

// SexOf reads the sex from an identity number that Check found OK.
func SexOf(number string) Sex {
	n, err := strconv.Atoi(number[16:17])
	if err == nil && n%2 == 1 {
		return Male
	}
	return Female
}
