package persons

import (
	"yumen/registrar/calendar"
)

// Verdict is what a check came to.
type Verdict string

const (
	OK     Verdict = "ok"     // the form is right
	Refuse Verdict = "refuse" // cannot be right: to be mended before going on
	Warn   Verdict = "warn"   // may be right: goes on, and a reviewer looks
)

// Reason says why a value was refused or needs a look. The words are part of
// the output of "yumen check" and do not change.
type Reason string

// Reasons, grouped by what they are about.
const (
	ReasonEmpty       Reason = "empty"
	ReasonUnknownKind Reason = "unknown_kind"
	ReasonCharacters  Reason = "characters" // characters that this kind of value never has
	ReasonLength      Reason = "length"
	ReasonForm        Reason = "form" // right characters, wrong pattern
	ReasonHumanReview Reason = "human_review"
	ReasonCheckDigit  Reason = "check_digit"
	ReasonLookAlike   Reason = "look_alike" // letters that are not used, typed for digits

	ReasonFifteenDigits   Reason = "fifteen_digits"   // first-generation identity number
	ReasonProvince        Reason = "province"         // no such province code
	ReasonDate            Reason = "date"             // no such day, or before 1900
	ReasonFuture          Reason = "future"           // born after today
	ReasonUseResidence    Reason = "use_residence"    // a residence permit typed as an identity card
	ReasonResidencePrefix Reason = "residence_prefix" // not 810000, 820000 or 830000
	ReasonNineFirst       Reason = "nine_first"       // the 2023 card begins with 9
	ReasonOldCard         Reason = "old_card"         // an older print, still seen
	ReasonMinor           Reason = "minor"            // fine, but the holder is under 18

	ReasonLocalID       Reason = "local_id"       // a Hong Kong, Macao or Taiwan local identity number
	ReasonExitPermit    Reason = "exit_permit"    // a mainland resident's exit permit
	ReasonPermitLetter  Reason = "permit_letter"  // permits begin with H or M
	ReasonCNPassport    Reason = "cn_passport"    // not a Chinese passport number
	ReasonExpiredSeries Reason = "expired_series" // a series of which every passport has expired
	ReasonNationality   Reason = "nationality"    // no such country code
	ReasonOldRegNumber  Reason = "old_reg_number" // 15-digit registration number of before 2015
	ReasonAuthority     Reason = "authority"      // unknown pair of authority and category
	ReasonDivision      Reason = "division"       // division code not in the list
	ReasonInnerOrgCode  Reason = "inner_org_code" // the organisation code inside does not check
	ReasonNotMobile     Reason = "not_mobile"     // no mainland mobile number
	ReasonServiceNumber Reason = "service_number" // 400 and 800 numbers identify nobody
	ReasonPostcodeRange Reason = "postcode_range" // a range that is not in use
	ReasonPassportName  Reason = "passport_name"  // Latin capitals as in the machine zone
	ReasonPrivateUse    Reason = "private_use"    // characters that only one font shows
	ReasonNameSpace     Reason = "name_space"     // spaces in a Chinese name
	ReasonDotPlace      Reason = "dot_place"      // a middle dot first, last or twice
)

// Context is what a check has to know beside the value.
type Context struct {
	// Today decides what is in the future and who is a minor. Required.
	Today calendar.Day
	// Nationality is the alpha-3 code of a passport (ICAO Doc 9303), such as
	// CHN. When empty, numbers of a Chinese shape are judged by the Chinese
	// rules and all others by the general one.
	Nationality string
	// Country is the alpha-2 code of a postal address; empty means CN.
	Country string
	// Document is the document on which a person's name stands; when empty a
	// name may be of either form, Chinese or Latin.
	Document Kind
}

// Result is what a check says of one value.
type Result struct {
	Kind    Kind
	Verdict Verdict
	Reason  Reason // empty when there is nothing to say
	// Folded is the value as it is to be stored: half width, capitals where
	// the kind has them, without what people add for reading. Show it back.
	Folded string
	// Suggest is another value that would pass, offered and never taken:
	// 0 for O. Empty when there is none.
	Suggest string
	// Birth and Minority tell what an identity number says of its holder.
	Birth    calendar.Day
	HasBirth bool
	Minority Minority
}

// messageIDs is spelled out so that every id can be found by searching for it.
var messageIDs = map[Reason]string{
	ReasonEmpty:           "persons.empty",
	ReasonUnknownKind:     "persons.unknown_kind",
	ReasonCharacters:      "persons.characters",
	ReasonLength:          "persons.length",
	ReasonForm:            "persons.form",
	ReasonHumanReview:     "persons.human_review",
	ReasonCheckDigit:      "persons.check_digit",
	ReasonLookAlike:       "persons.look_alike",
	ReasonFifteenDigits:   "persons.fifteen_digits",
	ReasonProvince:        "persons.province",
	ReasonDate:            "persons.date",
	ReasonFuture:          "persons.future",
	ReasonUseResidence:    "persons.use_residence",
	ReasonResidencePrefix: "persons.residence_prefix",
	ReasonNineFirst:       "persons.nine_first",
	ReasonOldCard:         "persons.old_card",
	ReasonMinor:           "persons.minor",
	ReasonLocalID:         "persons.local_id",
	ReasonExitPermit:      "persons.exit_permit",
	ReasonPermitLetter:    "persons.permit_letter",
	ReasonCNPassport:      "persons.cn_passport",
	ReasonExpiredSeries:   "persons.expired_series",
	ReasonNationality:     "persons.nationality",
	ReasonOldRegNumber:    "persons.old_reg_number",
	ReasonAuthority:       "persons.authority",
	ReasonDivision:        "persons.division",
	ReasonInnerOrgCode:    "persons.inner_org_code",
	ReasonNotMobile:       "persons.not_mobile",
	ReasonServiceNumber:   "persons.service_number",
	ReasonPostcodeRange:   "persons.postcode_range",
	ReasonPassportName:    "persons.passport_name",
	ReasonPrivateUse:      "persons.private_use",
	ReasonNameSpace:       "persons.name_space",
	ReasonDotPlace:        "persons.dot_place",
}

// suggested is the message where there is a suggestion to offer.
const suggested = "persons.suggest"

// MessageID is the key of the message for people, or empty when the check has
// nothing to say. It stands beside a form's field:
//
//	if r := persons.Check(kind, number, c); r.Verdict == persons.Refuse {
//		form.Add("number", r.MessageID(), r.Args()...)
//	}
func (r Result) MessageID() string {
	if r.Suggest != "" {
		return suggested
	}
	switch r.Reason {
	case ReasonCharacters, ReasonLength, ReasonForm: // no document says how people are reached
		switch r.Kind {
		case Postcode:
			return "persons.postcode"
		case "", Mobile: // of ParsePhone, which judges no kind
			return messageIDs[ReasonNotMobile]
		}
	}
	return messageIDs[r.Reason]
}

// lengths is how long values of a kind are, in characters.
var lengths = map[Kind]string{
	CNID: "18", CNTempOrHukou: "18", HKMOTWResidence: "18", ForeignResidence: "18",
	HKMOPermit: "9", TWPermit: "8", Passport: "5–20", OrgCode: "9", OrgCodeCert: "9",
	Mobile: "11", Postcode: "6", PersonName: "2–30", OrgName: "2–200",
}

// Args are the arguments of the message as pairs: Want (how long the value is to
// be) and Suggest. They never hold the value itself.
func (r Result) Args() []any {
	want := lengths[r.Kind]
	if want == "" {
		want = "18"
	}
	return []any{"Want", want, "Suggest", r.Suggest}
}

// Minority is how young a holder is. Anyone under 18 needs approval by a
// person; under 14 a guardian's consent too (PIPL art. 31).
type Minority string

const (
	Adult   Minority = ""
	Under18 Minority = "under_18"
	Under14 Minority = "under_14"
)

// MinorityOf is how young someone born on a day is today.
func MinorityOf(birth, today calendar.Day) Minority {
	switch age := calendar.Age(birth, today); {
	case age < 14:
		return Under14
	case age < 18:
		return Under18
	}
	return Adult
}
