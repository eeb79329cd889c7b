package persons_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yumen/registrar/persons"
)

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestNumbersNamesAndAddressesAreMasked(t *testing.T) {
	for _, c := range []struct {
		mask        func(string) string
		plain, want string
	}{
		{persons.Mask, "110100199001010005", "1101**********0005"},
		{persons.Mask, "91110000YY000001XU", "9111**********01XU"},
		{persons.Mask, "H00000001", "H0*****01"},
		{persons.Mask, "00000001", "00****01"},
		{persons.Mask, "A123", "A**3"},
		{persons.Mask, "A12", "***"},
		{persons.Mask, "", ""},
		{persons.MaskName, "张三", "张*"},
		{persons.MaskName, "欧阳娜娜", "欧***"},
		{persons.MaskName, "𠮷田", "𠮷*"},
		{persons.MaskName, "ZHANG SAN", "Z**** S**"},
		{persons.MaskMobile, "13800000000", "138****0000"},
		{persons.MaskMobile, "+86 138 0000 0000", "138****0000"},
		{persons.MaskMobile, "+85290004567", "+852****4567"},
		{persons.MaskMobile, "12345", "1***5"},
		{persons.MaskEmail, "lin@example.cn", "l***@example.cn"},
		{persons.MaskEmail, "林@例子.中国", "林***@例子.中国"},
		{persons.MaskEmail, "nobody", "n****y"},
	} {
		if got := c.mask(c.plain); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.plain, got, c.want)
		}
	}
}

func TestAMaskHidesAtLeastHalf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9A-Z]{1,40}`).Draw(t, "number")
		masked := persons.Mask(number)
		if len(masked) != len(number) || strings.Count(masked, "*")*2 < len(number) {
			t.Fatalf("%q is shown as %q", number, masked)
		}
	})
}

func TestPhonesTravelInTheFormOfEPP(t *testing.T) {
	for _, c := range []struct{ typed, epp, extension string }{
		{"13800000000", "+86.13800000000", ""},
		{"+86-138-0000-0000", "+86.13800000000", ""},
		{"010-12345678", "+86.1012345678", ""},
		{"01012345678", "+86.1012345678", ""},
		{"(010) 1234 5678", "+86.1012345678", ""},
		{"0755-1234567-801", "+86.7551234567", "801"},
		{"+86-10-12345678", "+86.1012345678", ""},
		{"+86 10 12345678 转 801", "+86.1012345678", "801"},
		{"010-1234-5678", "+86.1012345678", ""},
		{"+852 2000 0000", "+852.20000000", ""},
		{"+886 2 2000 0000", "+886.220000000", ""},
		{"+44 20 7946 0000", "+44.2079460000", ""},
		{"+1-202-555-0100x12", "+1.2025550100", "12"},
	} {
		p, r := persons.ParsePhone(c.typed)
		if r.Verdict != persons.OK || p.EPP() != c.epp || p.Extension != c.extension {
			t.Errorf("%q: %s %s, %q extension %q, want %q extension %q", c.typed, r.Verdict, r.Reason, p.EPP(), p.Extension, c.epp, c.extension)
		}
	}
}

func TestDivisionsAreFoundByCodesOfEveryLength(t *testing.T) {
	for code, name := range map[string]string{
		"11": "北京市", "110000": "北京市", "1101": "市辖区", "440300": "深圳市", "440305": "南山区",
		"710000": "台湾省", "810000": "香港特别行政区", "82": "澳门特别行政区",
	} {
		if got := persons.DivisionName(code); got != name || !persons.ValidDivision(code) {
			t.Errorf("%s is %q, want %q", code, got, name)
		}
	}
	for _, code := range []string{"10", "1199", "44030", "84", "", "4403050", "9999", "44030x"} {
		if persons.ValidDivision(code) {
			t.Errorf("%q is no division", code)
		}
	}
}

func TestAFormCanBeFinishedFromEveryProvince(t *testing.T) {
	provinces := persons.Provinces()
	if len(provinces) != 34 {
		t.Errorf("%d provinces, want 31 and three by override", len(provinces))
	}
	cities, areas := 0, 0
	for _, p := range provinces {
		below := persons.Cities(p.Code)
		if len(below) == 0 {
			t.Errorf("%s has no city", p.Name)
		}
		for _, c := range below {
			cities++
			list := persons.Areas(c.Code)
			if len(list) == 0 {
				t.Errorf("%s has no area", c.Name)
			}
			areas += len(list)
			for _, a := range list {
				if a.Name == "" || !persons.ValidDivision(a.Code) {
					t.Errorf("%s below %s is no division", a.Code, c.Name)
				}
			}
		}
	}
	if cities != 342+3 || areas != 2974+4+3 {
		t.Errorf("%d cities and %d areas", cities, areas)
	}
	if got := persons.Areas("4419"); len(got) != 1 || got[0].Name != "东莞市" {
		t.Errorf("东莞 has no areas and offers itself: %v", got)
	}
	if persons.Cities("99") != nil || persons.Areas("9999") != nil {
		t.Error("there is something below a division that does not exist")
	}
}

func TestAnAddressNamesItsDivisionsWithoutFillers(t *testing.T) {
	for code, want := range map[string][]string{
		"440305": {"广东省", "深圳市", "南山区"},
		"110105": {"北京市", "朝阳区"},
		"441900": {"广东省", "东莞市"},
		"429004": {"湖北省", "仙桃市"},
		"810000": {"香港特别行政区"},
		"999999": nil,
	} {
		if got := persons.DivisionPath(code); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", code, got, want)
		}
	}
}

func TestNamesAreTheSameWhateverTheirBrackets(t *testing.T) {
	if !persons.SameName("某某（北京）有限公司", " 某某(北京)有限公司 ") {
		t.Error("brackets of another width make another name")
	}
	for _, pair := range [][2]string{{"张云", "张雲"}, {"某某有限公司", "某某有限责任公司"}, {"金·庸", "金庸"}} {
		if persons.SameName(pair[0], pair[1]) {
			t.Errorf("%s and %s are two names", pair[0], pair[1])
		}
	}
}

func TestANameIsReadAsItsDocumentPrintsIt(t *testing.T) {
	for _, c := range []struct {
		document persons.Kind
		name     string
		want     persons.Verdict
	}{
		{persons.CNID, "张伟", persons.OK},
		{persons.CNID, "ZHANG WEI", persons.Refuse},
		{persons.Passport, "ZHANG WEI", persons.OK},
		{persons.Passport, "张伟", persons.Refuse},
		{persons.HKMOPermit, "张伟", persons.OK},
		{persons.HKMOPermit, "SMITH JANE", persons.OK},
		{persons.ForeignResidence, "SMITH JANE", persons.OK},
		{persons.TWPermit, "SMITH JANE", persons.Refuse},
	} {
		r := persons.Check(persons.PersonName, c.name, persons.Context{Today: today, Document: c.document})
		if r.Verdict != c.want {
			t.Errorf("%s on %s: %s %s, want %s", c.name, c.document, r.Verdict, r.Reason, c.want)
		}
	}
}

func TestPostalCodesFollowTheCountryOfTheAddress(t *testing.T) {
	for _, c := range []struct {
		country, code string
		want          persons.Verdict
	}{
		{"CN", "518000", persons.OK},
		{"HK", "999077", persons.OK},
		{"MO", "999078", persons.OK},
		{"HK", "518000", persons.Warn},
		{"TW", "100", persons.OK},
		{"TW", "10048", persons.OK},
		{"TW", "1000", persons.Refuse},
		{"GB", "SW1A 1AA", persons.OK},
		{"GB", "?", persons.Refuse},
	} {
		r := persons.Check(persons.Postcode, c.code, persons.Context{Today: today, Country: c.country})
		if r.Verdict != c.want {
			t.Errorf("%s in %s: %s %s, want %s", c.code, c.country, r.Verdict, r.Reason, c.want)
		}
	}
}
