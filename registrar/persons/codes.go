package persons

import (
	"regexp"
	"strings"
)

const (
	usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY" // no I, O, S, V, Z
	orgAlphabet  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// usccWeights are 3^i mod 31 (GB 32100-2015).
var usccWeights = []int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// usccCategories lists, for each authority (first character), the categories
// (second) that are in use. The table grows; an unknown pair goes to a reviewer.
var usccCategories = map[byte]string{
	'1': "1239", '2': "19", '3': "123459", '4': "19", '5': "1239", '6': "129",
	'7': "129", '8': "19", '9': "123", 'A': "19", 'N': "1239", 'Y': "1",
}

// checkUSCC is the unified social credit code: authority, category, division
// (6), organisation code (9), check character.
func checkUSCC(s string) Result {
	if digits(s) && (len(s) == 15 || len(s) == 13) {
		return refuse(ReasonOldRegNumber, s)
	}
	for i := range len(s) {
		if strings.IndexByte(usccAlphabet, s[i]) < 0 {
			return suggestUSCC(s)
		}
	}
	if len(s) != 18 {
		return refuse(ReasonLength, s)
	}
	sum := weigh(usccWeights, func(i int) int { return strings.IndexByte(usccAlphabet, s[i]) })
	switch {
	case s[17] != usccAlphabet[(31-sum%31)%31]:
		return refuse(ReasonCheckDigit, s)
	case strings.IndexByte(usccCategories[s[0]], s[1]) < 0:
		return warn(ReasonAuthority, s)
	case s[16] != orgCheck(s[8:16]):
		return warn(ReasonInnerOrgCode, s)
	case s[2:8] != "100000" && !ValidDivision(s[2:8]):
		return warn(ReasonDivision, s)
	}
	return ok(s)
}

// suggestUSCC refuses letters that are not used and, where reading them as the
// digits they look like gives a good code, offers that. It is never taken
// unasked: a wrong guess would be somebody else's code.
func suggestUSCC(s string) Result {
	read := strings.NewReplacer("O", "0", "I", "1", "S", "5", "Z", "2", "V", "U").Replace(s)
	for i := range len(read) {
		if strings.IndexByte(usccAlphabet, read[i]) < 0 {
			return refuse(ReasonCharacters, s)
		}
	}
	r := refuse(ReasonLookAlike, s)
	if again := checkUSCC(read); again.Verdict != Refuse {
		r.Suggest = read
	}
	return r
}

var orgCode = regexp.MustCompile(`^[0-9A-Z]{8}-?[0-9X]$`)

// checkOrgCode is the organisation code of GB 11714-1997, eight characters and
// a check character, stored without the hyphen that people write between.
func checkOrgCode(s string) Result {
	if !orgCode.MatchString(s) {
		if plain := strings.ReplaceAll(s, "-", ""); strings.Trim(plain, orgAlphabet) != "" {
			return refuse(ReasonCharacters, s)
		} else if len(plain) != 9 {
			return refuse(ReasonLength, s)
		}
		return refuse(ReasonForm, s)
	}
	plain := strings.ReplaceAll(s, "-", "")
	if plain[8] != orgCheck(plain[:8]) {
		return refuse(ReasonCheckDigit, plain)
	}
	return ok(plain)
}

var orgWeights = []int{3, 7, 9, 10, 5, 8, 4, 2}

// orgCheck is the check character of an organisation code's first eight.
func orgCheck(s string) byte {
	sum := weigh(orgWeights, func(i int) int { return strings.IndexByte(orgAlphabet, s[i]) })
	switch c := 11 - sum%11; c {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return byte('0' + c)
	}
}
