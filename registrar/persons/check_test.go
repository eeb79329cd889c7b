package persons_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yumen/locales"
	"yumen/registrar/calendar"
	"yumen/registrar/persons"
)

// today is the clock of every vector.
var today = calendar.Date(2026, time.January, 1)

// The rule book: what each kind of value accepts, refuses and warns of. All
// numbers are synthetic: province codes nobody was given as a county, births of
// 1900 to 1904, the unissued organisation prefix YY.
var vectors = []struct {
	kind        persons.Kind
	value       string
	nationality string
	verdict     persons.Verdict
	reason      persons.Reason
	folded      string // "" = as typed
}{
	// 3.1 resident identity number (GB 11643-1999)
	{persons.CNID, "110000199001010005", "", persons.OK, "", ""},
	{persons.CNID, "310000200002290021", "", persons.OK, "", ""},
	{persons.CNID, "510100197007150042", "", persons.OK, "", ""},
	{persons.CNID, "650000200101010054", "", persons.OK, "", ""},
	{persons.CNID, "330100201511200067", "", persons.OK, persons.ReasonMinor, ""},
	{persons.CNID, "１１００００１９９００１０１０００５", "", persons.OK, "", "110000199001010005"},
	{persons.CNID, " 110000199001010005\t", "", persons.OK, "", "110000199001010005"},
	{persons.CNID, "110000199001010006", "", persons.Refuse, persons.ReasonCheckDigit, ""},
	{persons.CNID, "110000199002300004", "", persons.Refuse, persons.ReasonDate, ""},
	{persons.CNID, "990000199001010009", "", persons.Refuse, persons.ReasonProvince, ""},
	{persons.CNID, "510100199013150048", "", persons.Refuse, persons.ReasonDate, ""},
	{persons.CNID, "110000900101000", "", persons.Refuse, persons.ReasonFifteenDigits, ""},
	{persons.CNID, "810000190001010018", "", persons.Refuse, persons.ReasonUseResidence, ""},
	{persons.CNID, "110000202601020007", "", persons.Refuse, persons.ReasonFuture, ""},
	{persons.CNID, "110000189912310007", "", persons.Refuse, persons.ReasonDate, ""},
	{persons.CNID, "11000019900101000", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.CNID, "1100001990010100X5", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.CNID, "1100 0019 9001 0100 05", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.CNID, "", "", persons.Refuse, persons.ReasonEmpty, ""},
	{persons.CNTempOrHukou, "110000199001010005", "", persons.Warn, persons.ReasonHumanReview, ""},
	{persons.CNTempOrHukou, "110000199001010006", "", persons.Refuse, persons.ReasonCheckDigit, ""},

	// 3.2 residence permits
	{persons.HKMOTWResidence, "810000190001010018", "", persons.OK, "", ""},
	{persons.HKMOTWResidence, "830000190402290034", "", persons.OK, "", ""},
	{persons.HKMOTWResidence, "840000190001010013", "", persons.Refuse, persons.ReasonResidencePrefix, ""},
	{persons.HKMOTWResidence, "810000190001010017", "", persons.Refuse, persons.ReasonCheckDigit, ""},
	{persons.ForeignResidence, "91115619000101001X", "", persons.OK, "", ""},
	{persons.ForeignResidence, "91115619000101001x", "", persons.OK, "", "91115619000101001X"},
	{persons.ForeignResidence, "931840190106150028", "", persons.OK, "", ""},
	{persons.ForeignResidence, "951392190402290060", "", persons.OK, "", ""},
	{persons.ForeignResidence, "932682198501010017", "", persons.OK, "", ""},
	{persons.ForeignResidence, "932682198501010018", "", persons.Warn, persons.ReasonCheckDigit, ""},
	{persons.ForeignResidence, "CAN110119000101", "", persons.Warn, persons.ReasonOldCard, ""},
	{persons.ForeignResidence, "811156190001010016", "", persons.Refuse, persons.ReasonNineFirst, ""},
	{persons.ForeignResidence, "911156190013010017", "", persons.Refuse, persons.ReasonDate, ""},
	{persons.ForeignResidence, "CAN1101190001", "", persons.Refuse, persons.ReasonCharacters, ""},

	// 3.3 travel permits
	{persons.HKMOPermit, "H00000001", "", persons.OK, "", ""},
	{persons.HKMOPermit, "M00000002", "", persons.OK, "", ""},
	{persons.HKMOPermit, "h00000005", "", persons.OK, "", "H00000005"},
	{persons.HKMOPermit, "H0000000601", "", persons.OK, "", "H00000006"},
	{persons.HKMOPermit, "A00000001", "", persons.Refuse, persons.ReasonPermitLetter, ""},
	{persons.HKMOPermit, "H0000001", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.HKMOPermit, "C00000001", "", persons.Refuse, persons.ReasonExitPermit, ""},
	{persons.HKMOPermit, "A123456(7)", "", persons.Refuse, persons.ReasonLocalID, ""},
	{persons.HKMOPermit, "5123456(7)", "", persons.Refuse, persons.ReasonLocalID, ""},
	{persons.TWPermit, "00000001", "", persons.OK, "", ""},
	{persons.TWPermit, "01234567", "", persons.OK, "", ""},
	{persons.TWPermit, "12000003", "", persons.OK, "", ""},
	{persons.TWPermit, "00000099", "", persons.OK, "", ""},
	{persons.TWPermit, "0000000001A", "", persons.Warn, persons.ReasonOldCard, ""},
	{persons.TWPermit, "0000001", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.TWPermit, "T00000001", "", persons.Refuse, persons.ReasonForm, ""},
	{persons.TWPermit, "0000000A", "", persons.Refuse, persons.ReasonForm, ""},
	{persons.TWPermit, "", "", persons.Refuse, persons.ReasonEmpty, ""},
	{persons.TWPermit, "A123456789", "", persons.Refuse, persons.ReasonLocalID, ""},

	// 3.4 passports
	{persons.Passport, "L898902C3", "", persons.OK, "", ""},
	{persons.Passport, "L898902C3", "UTO", persons.Refuse, persons.ReasonNationality, ""},
	{persons.Passport, "L898902C3", "D", persons.OK, "", ""},
	{persons.Passport, "E00000000", "CHN", persons.OK, "", ""},
	{persons.Passport, "EA0000001", "CHN", persons.OK, "", ""},
	{persons.Passport, "K00000000", "CHN", persons.OK, "", ""},
	{persons.Passport, "KJ0000001", "CHN", persons.OK, "", ""},
	{persons.Passport, "MA0000001", "CHN", persons.OK, "", ""},
	{persons.Passport, "PE0000001", "CHN", persons.OK, "", ""},
	{persons.Passport, "G12345678", "CHN", persons.OK, "", ""},
	{persons.Passport, "g12345678", "", persons.OK, "", "G12345678"},
	{persons.Passport, "140000001", "CHN", persons.Warn, persons.ReasonExpiredSeries, ""},
	{persons.Passport, "EI0000001", "CHN", persons.Refuse, persons.ReasonCNPassport, ""},
	{persons.Passport, "EI0000001", "", persons.Refuse, persons.ReasonCNPassport, ""},
	{persons.Passport, "MA00000000", "CHN", persons.Refuse, persons.ReasonCNPassport, ""},
	{persons.Passport, "MA00000000", "", persons.Refuse, persons.ReasonCNPassport, ""},
	{persons.Passport, "护照00001", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.Passport, "A123", "", persons.Refuse, persons.ReasonLength, ""},

	// 3.5 unified social credit code (GB 32100-2015)
	{persons.USCC, "91110000YY000001XU", "", persons.OK, "", ""},
	{persons.USCC, "93510000YYAB12C31G", "", persons.OK, "", ""},
	{persons.USCC, "51310000YY1000046F", "", persons.OK, "", ""},
	{persons.USCC, "31100000YYTU0X060H", "", persons.OK, "", ""},
	{persons.BizLicense, "91110000yy000001xu", "", persons.OK, "", "91110000YY000001XU"},
	{persons.USCC, "91110000YY000001XT", "", persons.Refuse, persons.ReasonCheckDigit, ""},
	{persons.USCC, "91110000YY000001X", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.USCC, "91110000YY000001XUU", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.USCC, "110000000000001", "", persons.Refuse, persons.ReasonOldRegNumber, ""},
	{persons.USCC, "91110000YY00000115", "", persons.Warn, persons.ReasonInnerOrgCode, ""},
	{persons.USCC, "94110000YY000001XJ", "", persons.Warn, persons.ReasonAuthority, ""},
	{persons.USCC, "9111OOOOYYOOOOO1XU", "", persons.Refuse, persons.ReasonLookAlike, ""},
	{persons.USCC, "91110000YY00001-XU", "", persons.Refuse, persons.ReasonCharacters, ""},

	// 3.6 organisation code (GB 11714-1997)
	{persons.OrgCode, "YY000001-X", "", persons.OK, "", "YY000001X"},
	{persons.OrgCode, "YYAB12C3-1", "", persons.OK, "", "YYAB12C31"},
	{persons.OrgCodeCert, "YY1000046", "", persons.OK, "", ""},
	{persons.OrgCode, "YY000001-0", "", persons.Refuse, persons.ReasonCheckDigit, "YY0000010"},
	{persons.OrgCode, "YYAB12C-1", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.OrgCode, "YY100004-66", "", persons.Refuse, persons.ReasonLength, ""},

	// 3.8 phone numbers
	{persons.Mobile, "13000000000", "", persons.OK, "", "+8613000000000"},
	{persons.Mobile, "+86 199 0000 0000", "", persons.OK, "", "+8619900000000"},
	{persons.Mobile, "１３８００００００００", "", persons.OK, "", "+8613800000000"},
	{persons.Mobile, "008613000000000", "", persons.OK, "", "+8613000000000"},
	{persons.Mobile, "86-13000000000", "", persons.OK, "", "+8613000000000"},
	{persons.Mobile, "170-0000-0000", "", persons.OK, "", "+8617000000000"},
	{persons.Mobile, "+852 9000 0000", "", persons.OK, "", "+85290000000"},
	{persons.Mobile, "+853 6000 0000", "", persons.OK, "", "+85360000000"},
	{persons.Mobile, "+886 0900 000 000", "", persons.OK, "", "+886900000000"},
	{persons.Mobile, "+1 202 555 0100", "", persons.OK, "", "+12025550100"},
	{persons.Mobile, "12000000000", "", persons.Refuse, persons.ReasonNotMobile, ""},
	{persons.Mobile, "1300000000", "", persons.Refuse, persons.ReasonNotMobile, ""},
	{persons.Mobile, "10000000000", "", persons.Refuse, persons.ReasonNotMobile, ""},
	{persons.Mobile, "010-12345678", "", persons.Refuse, persons.ReasonNotMobile, "+861012345678"},
	{persons.Mobile, "400-000-0000", "", persons.Refuse, persons.ReasonServiceNumber, ""},
	{persons.Mobile, "+852 900 0000", "", persons.Refuse, persons.ReasonLength, "+8529000000"},
	{persons.Mobile, "手机", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.Mobile, "", "", persons.Refuse, persons.ReasonEmpty, ""},

	// 3.9 postal codes
	{persons.Postcode, "100000", "", persons.OK, "", ""},
	{persons.Postcode, "200000", "", persons.OK, "", ""},
	{persons.Postcode, "518000", "", persons.OK, "", ""},
	{persons.Postcode, "710000", "", persons.OK, "", ""},
	{persons.Postcode, "10000", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.Postcode, "1000000", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.Postcode, "990000", "", persons.Warn, persons.ReasonPostcodeRange, ""},
	{persons.Postcode, "１００００", "", persons.Refuse, persons.ReasonLength, "10000"},
	{persons.Postcode, "", "", persons.Refuse, persons.ReasonEmpty, ""},
	{persons.Postcode, "10000O", "", persons.Refuse, persons.ReasonCharacters, ""},

	// 3.10 names
	{persons.PersonName, "张伟", "", persons.OK, "", ""},
	{persons.PersonName, " 张伟 ", "", persons.OK, "", "张伟"},
	{persons.PersonName, "𠮷田", "", persons.OK, "", ""},
	{persons.PersonName, "㛃㛃", "", persons.OK, "", ""},
	{persons.PersonName, "王〇", "", persons.OK, "", ""},
	{persons.PersonName, "迪丽热巴·迪力木拉提", "", persons.OK, "", ""},
	{persons.PersonName, "迪丽热巴•迪力木拉提", "", persons.OK, "", "迪丽热巴·迪力木拉提"},
	{persons.PersonName, "迪丽热巴・迪力木拉提", "", persons.OK, "", "迪丽热巴·迪力木拉提"},
	{persons.PersonName, "迪丽热巴．迪力木拉提", "", persons.OK, "", "迪丽热巴·迪力木拉提"},
	{persons.PersonName, "张", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.PersonName, "张 伟", "", persons.Refuse, persons.ReasonNameSpace, ""},
	{persons.PersonName, "张伟1", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.PersonName, "·张伟", "", persons.Refuse, persons.ReasonDotPlace, ""},
	{persons.PersonName, "张··伟", "", persons.Refuse, persons.ReasonDotPlace, ""},
	{persons.PersonName, "张\ue000", "", persons.Refuse, persons.ReasonPrivateUse, ""},
	{persons.PersonName, "张さくら", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.PersonName, strings.Repeat("张", 30), "", persons.OK, "", ""},
	{persons.PersonName, strings.Repeat("张", 31), "", persons.Refuse, persons.ReasonLength, ""},
	{persons.PersonName, "ZHANG SAN", "", persons.OK, "", ""},
	{persons.PersonName, "O’Neill-Smith", "", persons.OK, "", "O'NEILL-SMITH"},
	{persons.PersonName, "MÜLLER", "", persons.Refuse, persons.ReasonPassportName, ""},
	{persons.PersonName, "ZHANG 3", "", persons.Refuse, persons.ReasonPassportName, ""},
	{persons.PersonName, "", "", persons.Refuse, persons.ReasonEmpty, ""},
	{persons.OrgName, "某某科技（北京）有限公司", "", persons.OK, "", "某某科技(北京)有限公司"},
	{persons.OrgName, "某某Ａ１科技有限公司", "", persons.OK, "", "某某A1科技有限公司"},
	{persons.OrgName, "Example Trading Co., Ltd.", "", persons.OK, "", ""},
	{persons.OrgName, "某某 科技有限公司", "", persons.Refuse, persons.ReasonNameSpace, ""},
	{persons.OrgName, "某", "", persons.Refuse, persons.ReasonLength, ""},
	{persons.OrgName, "某某科技有限公司!", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.OrgName, "Пример", "", persons.Refuse, persons.ReasonCharacters, ""},
	{persons.OrgName, "", "", persons.Refuse, persons.ReasonEmpty, ""},

	// 2.2 documents whose numbers follow no common rule
	{persons.Hospital, "PDY00000-0", "", persons.Warn, persons.ReasonHumanReview, ""},
	{persons.School, "教民000000000000001号", "", persons.Warn, persons.ReasonHumanReview, ""},
	{persons.MilCode, "00000部队", "", persons.Warn, persons.ReasonHumanReview, ""},
	{persons.Other, "", "", persons.Refuse, persons.ReasonEmpty, ""},
	{persons.Other, "<script>", "", persons.Refuse, persons.ReasonCharacters, "<SCRIPT>"},
	{persons.ForeignCulture, "91110000YY000001XU", "", persons.OK, "", ""},
	{persons.ForeignCulture, "文〔2020〕1号", "", persons.Warn, persons.ReasonHumanReview, ""},
	{"LIBRARY_CARD", "1", "", persons.Refuse, persons.ReasonUnknownKind, ""},
}

func TestEveryKindOfValueIsJudgedByItsRule(t *testing.T) {
	for _, v := range vectors {
		t.Run(string(v.kind)+" "+v.value, func(t *testing.T) {
			got := persons.Check(v.kind, v.value, persons.Context{Today: today, Nationality: v.nationality})
			if got.Verdict != v.verdict || got.Reason != v.reason {
				t.Errorf("%s %q: %s %s, want %s %s", v.kind, v.value, got.Verdict, got.Reason, v.verdict, v.reason)
			}
			want := v.folded
			if want == "" {
				want = v.value
			}
			if want != got.Folded && v.verdict != persons.Refuse {
				t.Errorf("%s %q is folded to %q, want %q", v.kind, v.value, got.Folded, want)
			}
		})
	}
}

func TestEveryKindHasVectorsOrSharesTheRuleOfOne(t *testing.T) {
	for _, kind := range persons.Kinds() {
		if r := persons.Check(kind, "", persons.Context{Today: today}); r.Verdict != persons.Refuse || r.Reason != persons.ReasonEmpty {
			t.Errorf("%s accepts nothing at all: %s %s", kind, r.Verdict, r.Reason)
		}
	}
	for _, kind := range []persons.Kind{
		persons.BizLicense, persons.USCCCert, persons.PublicInst, persons.SocialOrg, persons.NGOUnit,
		persons.ServiceOrg, persons.Foundation, persons.LawFirm, persons.Notary, persons.Forensic,
		persons.ReligiousSite, persons.ForeignRep, persons.ForeignTourism, persons.ForeignCulture,
	} {
		if r := persons.Check(kind, "91110000YY000001XU", persons.Context{Today: today}); r.Verdict != persons.OK {
			t.Errorf("%s refuses a good credit code: %s", kind, r.Reason)
		}
	}
}

func TestEveryReasonAndDocumentIsSaidInBothLanguages(t *testing.T) {
	for _, v := range vectors {
		r := persons.Check(v.kind, v.value, persons.Context{Today: today, Nationality: v.nationality})
		if r.Reason != "" && !locales.Has(r.MessageID()) {
			t.Errorf("%s has no message: %q", r.Reason, r.MessageID())
		}
	}
	for _, h := range []persons.Holder{persons.Person, persons.Organisation} {
		for _, d := range persons.Documents(h) {
			if !locales.Has(d.Label) {
				t.Errorf("%s has no name", d.Kind)
			}
			if !d.Fits(h) {
				t.Errorf("%s is offered to a holder it does not fit", d.Kind)
			}
		}
	}
	if d, ok := persons.DocumentOf(persons.CNID); !ok || d.Fits(persons.Organisation) {
		t.Error("an identity card is offered to an organisation")
	}
	if _, ok := persons.DocumentOf(persons.Mobile); ok {
		t.Error("a phone number is offered as a document")
	}
}

func TestLookAlikesAreOfferedAndNeverTaken(t *testing.T) {
	for _, v := range []struct {
		kind           persons.Kind
		typed, suggest string
	}{
		{persons.USCC, "9111OOOOYYOOOOO1XU", "91110000YY000001XU"},
		{persons.USCC, "9111OOOOYYOOOOO1XT", ""},
		{persons.Passport, "EI0000001", "E10000001"},
	} {
		r := persons.Check(v.kind, v.typed, persons.Context{Today: today})
		if r.Verdict != persons.Refuse || r.Folded != v.typed || r.Suggest != v.suggest {
			t.Errorf("%s: %s, folded %q, suggested %q, want %q", v.typed, r.Verdict, r.Folded, r.Suggest, v.suggest)
		}
	}
}

func TestAnIdentityNumberTellsAgeAndSex(t *testing.T) {
	minor := persons.Check(persons.CNID, "330100201511200067", persons.Context{Today: today})
	if minor.Minority != persons.Under14 || minor.Birth.String() != "2015-11-20" {
		t.Errorf("born 2015-11-20: %s, %s", minor.Birth, minor.Minority)
	}
	for _, c := range []struct {
		day  calendar.Day
		want persons.Minority
	}{
		{calendar.Date(2029, time.November, 19), persons.Under14},
		{calendar.Date(2029, time.November, 20), persons.Under18},
		{calendar.Date(2033, time.November, 19), persons.Under18},
		{calendar.Date(2033, time.November, 20), persons.Adult},
	} {
		r := persons.Check(persons.CNID, "330100201511200067", persons.Context{Today: c.day})
		if r.Verdict != persons.OK || r.Minority != c.want {
			t.Errorf("on %s: %s %q, want %q", c.day, r.Verdict, r.Minority, c.want)
		}
	}
	if persons.SexOf("330100201511200067") != persons.Female || persons.SexOf("810000190001010018") != persons.Male {
		t.Error("digit 17 is odd for men and even for women")
	}
}

func TestTheMachineZoneHasACheckDigit(t *testing.T) {
	for field, want := range map[string]int{"L898902C3": 6, "E00000000": 8, "K00000000": 0, "G12345678": 6} {
		if got, ok := persons.MRZCheck(field); !ok || got != want {
			t.Errorf("%s: %d, want %d", field, got, want)
		}
	}
	if _, ok := persons.MRZCheck("L898902c3"); ok {
		t.Error("small letters do not stand in a machine zone")
	}
}

func TestOneWrongCharacterNeverPassesAnIdentityNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.SampledFrom([]string{"110000199001010005", "310000200002290021", "510100197007150042", "650000200101010054"}).Draw(t, "number")
		i := rapid.IntRange(0, 17).Draw(t, "place")
		d := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if good[i] == d {
			return
		}
		wrong := good[:i] + string(d) + good[i+1:]
		if r := persons.Check(persons.CNID, wrong, persons.Context{Today: today}); r.Verdict != persons.Refuse {
			t.Fatalf("%s passed with one wrong digit", wrong)
		}
	})
}

func TestOneWrongCharacterNeverPassesACreditCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.SampledFrom([]string{"91110000YY000001XU", "93510000YYAB12C31G", "51310000YY1000046F", "31100000YYTU0X060H"}).Draw(t, "code")
		i := rapid.IntRange(0, 17).Draw(t, "place")
		c := rapid.SampledFrom([]byte("0123456789ABCDEFGHJKLMNPQRTUWXY")).Draw(t, "character")
		if good[i] == c {
			return
		}
		wrong := good[:i] + string(c) + good[i+1:]
		if r := persons.Check(persons.USCC, wrong, persons.Context{Today: today}); r.Verdict != persons.Refuse {
			t.Fatalf("%s passed with one wrong character", wrong)
		}
	})
}

func TestNothingTypedStopsACheck(t *testing.T) {
	kinds := persons.Kinds()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		value := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Z XxHM+()-]{0,24}`)).Draw(t, "value")
		r := persons.Check(kind, value, persons.Context{Today: today})
		if r.Verdict == persons.Refuse && r.MessageID() == "" {
			t.Fatalf("%s %q is refused without a word", kind, value)
		}
		if r.Verdict == persons.OK {
			if again := persons.Check(kind, r.Folded, persons.Context{Today: today}); again.Verdict != persons.OK || again.Folded != r.Folded {
				t.Fatalf("%s %q: what was stored, %q, comes back as %s %q", kind, value, r.Folded, again.Verdict, again.Folded)
			}
		}
	})
}

func TestAnAnswerHasTheFieldsThatScriptsReadAndNoOthers(t *testing.T) {
	got := asJSON(t, persons.AnswerCheck(persons.CNID, "１１００００１９９００１０１０００６", persons.Context{Today: today}))
	want := `{"kind":"CN_ID","value":"１１００００１９９００１０１０００６","result":"refuse","reason":"check_digit","folded":"110000199001010006"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAPhoneAndAPostcodeAreComparedWithNoDocument(t *testing.T) {
	for value, want := range map[string]string{"abc": "persons.not_mobile", "+8612": "persons.not_mobile", "+999123": "persons.not_mobile"} {
		if _, r := persons.ParsePhone(value); r.Verdict != persons.Refuse || r.MessageID() != want {
			t.Errorf("%s: %s %s", value, r.Verdict, r.MessageID())
		}
	}
	for _, value := range []string{"99", "一二三四五六"} {
		if r := persons.Check(persons.Postcode, value, persons.Context{Today: today}); r.MessageID() != "persons.postcode" {
			t.Errorf("%s: %s", value, r.MessageID())
		}
	}
}
