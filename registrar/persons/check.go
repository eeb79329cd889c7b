package persons

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Check judges a value of one kind. It never proves identity: OK means that
// the value has the form that such values have.
func Check(kind Kind, value string, c Context) Result {
	r := judge(kind, value, c)
	r.Kind = kind
	return r
}

func judge(kind Kind, value string, c Context) Result {
	if !utf8.ValidString(value) {
		return refuse(ReasonCharacters, strings.ToValidUTF8(value, "\uFFFD"))
	}
	switch kind {
	case PersonName:
		return checkPersonName(value, c)
	case OrgName:
		return checkOrgName(value)
	case Mobile:
		return checkMobile(value)
	}
	s := fold(value)
	if s == "" {
		return refuse(ReasonEmpty, "")
	}
	switch kind {
	case CNID:
		return checkCNID(s, c)
	case CNTempOrHukou:
		return look(checkCNID(s, c))
	case HKMOTWResidence:
		return checkResidence(s, c)
	case ForeignResidence:
		return checkForeignResidence(s, c)
	case HKMOPermit:
		return checkHKMOPermit(s)
	case TWPermit:
		return checkTWPermit(s)
	case Passport:
		return checkPassport(s, c)
	case USCC, BizLicense, USCCCert, PublicInst, SocialOrg, NGOUnit, ServiceOrg, Foundation,
		LawFirm, Notary, Forensic, ReligiousSite, ForeignRep:
		return checkUSCC(s)
	case ForeignTourism, ForeignCulture:
		if r := checkUSCC(s); r.Verdict == OK {
			return r
		}
		return checkFree(s)
	case OrgCode, OrgCodeCert:
		return checkOrgCode(s)
	case Postcode:
		return checkPostcode(s, c)
	case School, Hospital, MilCode, MilService, EmbassySchool, OverseasOrg, Other:
		return checkFree(s)
	}
	return refuse(ReasonUnknownKind, s)
}

// fold is what every number goes through first: outer space off, full width to
// half width, capitals. Inner spaces stay, to be refused where they are wrong.
func fold(s string) string {
	return strings.ToUpper(strings.TrimFunc(norm.NFKC.String(s), unicode.IsSpace))
}

func ok(folded string) Result { return Result{Verdict: OK, Folded: folded} }

func refuse(why Reason, folded string) Result {
	return Result{Verdict: Refuse, Reason: why, Folded: folded}
}

func warn(why Reason, folded string) Result {
	return Result{Verdict: Warn, Reason: why, Folded: folded}
}

// look sends a good number to a reviewer all the same, because the document
// itself needs one.
func look(r Result) Result {
	if r.Verdict == OK {
		r.Verdict, r.Reason = Warn, ReasonHumanReview
	}
	return r
}

// checkFree is for documents whose numbers follow no public rule: letters,
// Chinese characters, digits and what joins them. A reviewer compares.
func checkFree(s string) Result {
	if runes(s) > 60 {
		return refuse(ReasonLength, s)
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_/.()[]〔〕【】第号#·", r) {
			return refuse(ReasonCharacters, s)
		}
	}
	return warn(ReasonHumanReview, s)
}

// weigh is the sum of weights times values that most check digits begin with.
func weigh(weights []int, value func(i int) int) int {
	sum := 0
	for i, w := range weights {
		sum += w * value(i)
	}
	return sum
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func runes(s string) int { return utf8.RuneCountInString(s) }
