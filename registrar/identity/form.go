package identity

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"yumen/registrar/calendar"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
)

// Form is what the holder fills in. The names of its fields in problems are
// those after the dash.
type Form struct {
	Ref           string         // profile to change; empty for a new one
	Label         string         // label
	Holder        persons.Holder // holder
	Document      persons.Kind   // document
	Number        string         // number: masked as shown means unchanged
	Name          string         // name
	NameLatin     string         // name_latin: empty is filled in
	Nationality   string         // nationality
	ValidUntil    string         // valid_until
	DocumentLang  string         // document_lang: zh, en or other
	Country       string         // country
	Division      string         // division
	City          string         // city
	Street        string         // street
	CityLatin     string         // city_latin
	ProvinceLatin string         // province_latin
	StreetLatin   string         // street_latin
	Postcode      string         // postcode
	Phone         string         // phone
	Fax           string         // fax
	Email         string         // email
	AgentName     string         // agent_name
	AgentNumber   string         // agent_number: masked as shown means unchanged
	AgentPhone    string         // agent_phone
	AgentEmployee bool           // agent_employee
	AgentMay      bool           // agent_may
	Endings       []string       // endings
}

// FormOf is a saved profile as a form, its numbers masked.
func FormOf(p Profile) Form {
	d := p.Data
	return Form{
		Ref: p.Ref, Label: p.Label, Holder: p.Holder, Document: p.Document, Number: d.Number, Name: d.Name, NameLatin: d.NameLatin,
		Nationality: d.Nationality, ValidUntil: d.ValidUntil, DocumentLang: d.DocumentLang, Country: d.Country, Division: d.Division,
		City: d.City, Street: d.Street, CityLatin: d.CityLatin, ProvinceLatin: d.ProvinceLatin, StreetLatin: d.StreetLatin,
		Postcode: d.Postcode, Phone: d.Phone, Fax: d.Fax, Email: d.Email, AgentName: d.AgentName, AgentNumber: d.AgentNumber,
		AgentPhone: d.AgentPhone, AgentEmployee: d.AgentEmployee, AgentMay: d.AgentMay, Endings: d.Endings,
	}
}

// Bounds of what no page offers, but anybody can send.
const (
	mostMail    = 254 // octets of an address, RFC 5321 section 4.5.3.1.3
	mostLabel   = 63  // of an ending's A-label, RFC 1035 section 2.3.4
	mostEndings = 50  // each is asked about at every look at the profile
)

// read checks the form of what is filled in and folds it as it is stored.
// What is left empty is not its matter: Submit asks for it.
func read(f Form, before Data, today calendar.Day) (Data, error) {
	var bad problem.Form
	if f.Holder != persons.Person && f.Holder != persons.Organisation {
		bad.Add("holder", "identity.holder_missing")
	}
	doc, ok := persons.DocumentOf(f.Document)
	if !ok || !doc.Fits(f.Holder) {
		bad.Add("document", "identity.document_unfit")
	}
	d := Data{
		Name: clean(f.Name), NameLatin: clean(f.NameLatin), Nationality: strings.ToUpper(clean(f.Nationality)), ValidUntil: clean(f.ValidUntil),
		DocumentLang: f.DocumentLang, Country: strings.ToUpper(clean(f.Country)), Division: clean(f.Division), City: clean(f.City),
		Street: clean(f.Street), CityLatin: clean(f.CityLatin), ProvinceLatin: clean(f.ProvinceLatin), StreetLatin: clean(f.StreetLatin),
		Postcode: clean(f.Postcode), Email: clean(f.Email), AgentName: clean(f.AgentName), AgentEmployee: f.AgentEmployee, AgentMay: f.AgentMay,
	}
	if d.Country == "" {
		d.Country = "CN"
	}
	if d.DocumentLang == "" {
		d.DocumentLang = "zh"
	}
	c := persons.Context{Today: today, Nationality: d.Nationality, Country: d.Country, Document: f.Document}
	d.Number = keptOr(f.Number, before.Number, func(s string) string { return judge(&bad, "number", f.Document, s, c) })
	nameKind := persons.PersonName
	if f.Holder == persons.Organisation {
		nameKind = persons.OrgName
	}
	d.Name = judge(&bad, "name", nameKind, d.Name, c)
	d.Postcode = judge(&bad, "postcode", persons.Postcode, d.Postcode, c)
	d.Phone = phone(&bad, "phone", f.Phone)
	d.Fax = phone(&bad, "fax", f.Fax)
	if f.Holder == persons.Organisation {
		agent := persons.Context{Today: today, Document: persons.CNID}
		d.AgentName = judge(&bad, "agent_name", persons.PersonName, d.AgentName, persons.Context{Today: today})
		d.AgentNumber = keptOr(f.AgentNumber, before.AgentNumber, func(s string) string { return judge(&bad, "agent_number", persons.CNID, s, agent) })
		d.AgentPhone = phone(&bad, "agent_phone", f.AgentPhone)
	}
	readRest(&bad, f, &d, today)
	for _, e := range f.Endings {
		if e != "" && len(e) <= mostLabel && len(d.Endings) < mostEndings && !slices.Contains(d.Endings, e) {
			d.Endings = append(d.Endings, e)
		}
	}
	return d, bad.Err()
}

func readRest(bad *problem.Form, f Form, d *Data, today calendar.Day) {
	if d.Email != "" {
		if a, err := mail.ParseAddress(d.Email); err != nil || a.Address != d.Email || !ascii(d.Email) || len(d.Email) > mostMail {
			bad.Add("email", "identity.email_wrong")
		}
	}
	if d.ValidUntil != "" {
		if day, err := calendar.ParseDay(d.ValidUntil); err != nil {
			bad.Add("valid_until", "identity.date_wrong")
		} else if day < today {
			bad.Add("valid_until", "identity.document_expired")
		}
	}
	if !slices.Contains([]string{"zh", "en", "other"}, d.DocumentLang) {
		bad.Add("document_lang", "identity.lang_missing")
	}
	if d.Country == "CN" && d.Division != "" && !persons.ValidDivision(d.Division) {
		bad.Add("division", "identity.division_wrong")
	}
	if !persons.ValidCountry(d.Country) {
		bad.Add("country", "identity.country_wrong")
	}
	// Z-25: Chinese characters, Latin letters, digits; other scripts need a
	// translation, and Latin fields hold Latin only.
	for _, t := range []struct {
		field, text string
		latin       bool
	}{
		{"label", f.Label, false}, {"name_latin", d.NameLatin, true}, {"city", d.City, false}, {"street", d.Street, false},
		{"city_latin", d.CityLatin, true}, {"province_latin", d.ProvinceLatin, true}, {"street_latin", d.StreetLatin, true},
	} {
		switch {
		case t.latin && !ascii(t.text):
			bad.Add(t.field, "identity.latin_only")
		case strings.ContainsFunc(t.text, foreignScript):
			bad.Add(t.field, "identity.script")
		case len([]rune(t.text)) > 200:
			bad.Add(t.field, "identity.too_long", "Limit", 200)
		}
	}
}

// judge checks a value that is filled in; an empty one passes here.
func judge(bad *problem.Form, field string, kind persons.Kind, value string, c persons.Context) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	r := persons.Check(kind, value, c)
	if r.Verdict == persons.Refuse {
		bad.Add(field, r.MessageID(), r.Args()...)
		return value
	}
	return r.Folded
}

func phone(bad *problem.Form, field, value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	p, r := persons.ParsePhone(value)
	if r.Verdict == persons.Refuse {
		bad.Add(field, r.MessageID(), r.Args()...)
		return value
	}
	if p.Extension != "" {
		return p.E164() + "x" + p.Extension
	}
	return p.E164()
}

// keptOr gives the number stored before when the form came back with what the
// page had shown of it.
func keptOr(value, before string, check func(string) string) string {
	value = clean(value)
	if before != "" && (value == "" || value == persons.Mask(before)) {
		return before
	}
	return check(value)
}

// missing names every required field that is empty (M-39, Z-23, Z-24).
func missing(h persons.Holder, kind persons.Kind, d Data) error {
	var bad problem.Form
	need := func(field, value string) {
		if value == "" {
			bad.Add(field, "identity.required")
		}
	}
	need("number", d.Number)
	need("name", d.Name)
	if d.Name != "" { // a name without a reading is written by hand
		need("name_latin", d.NameLatin)
	}
	if kind == persons.Passport {
		need("nationality", d.Nationality)
	}
	if d.Country == "CN" {
		need("division", d.Division)
	} else {
		need("city", d.City)
	}
	need("street", d.Street)
	need("postcode", d.Postcode)
	need("phone", d.Phone)
	need("email", d.Email)
	if h == persons.Organisation {
		need("agent_name", d.AgentName)
		need("agent_number", d.AgentNumber)
		need("agent_phone", d.AgentPhone)
		if !d.AgentEmployee {
			bad.Add("agent_employee", "identity.declare_employee")
		}
		if !d.AgentMay {
			bad.Add("agent_may", "identity.declare_authorised")
		}
	}
	return bad.Err()
}

func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// foreignScript is a letter that is neither Chinese nor Latin.
func foreignScript(r rune) bool {
	return unicode.IsLetter(r) && !unicode.Is(unicode.Han, r) && !unicode.Is(unicode.Latin, r)
}
