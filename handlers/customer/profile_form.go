package customer

import (
	"cmp"
	"context"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/identity"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
	view "yumen/views/customer"
	"yumen/views/parts"
)

// newProfile asks whose profile it is to be, then for the particulars.
func (p *Pages) newProfile(w http.ResponseWriter, r *http.Request) error {
	holder := r.URL.Query().Get("holder")
	where := r.URL.Query().Get("back")
	if where != "" {
		where = web.Local(where)
	}
	if holder != string(persons.Person) && holder != string(persons.Organisation) {
		frame := web.Frame(r, locales.T(r.Context(), "profile.new"))
		frame.Nav = "profiles"
		return web.Render(w, r, http.StatusOK, view.ProfileKindPage(frame, where))
	}
	f := view.ProfileForm{Holder: holder, Back: where, Values: map[string]string{"country": "CN", "document_lang": "zh"}}
	return p.showForm(w, r, http.StatusOK, f, nil)
}

// editProfile shows the particulars to be changed, numbers masked.
func (p *Pages) editProfile(w http.ResponseWriter, r *http.Request) error {
	var prof identity.Profile
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		prof, err = identity.Find(tx, web.Actor(r), param(r, "ref"))
		return err
	})
	if err != nil {
		return err
	}
	f := typed(identity.FormOf(prof))
	if b := r.URL.Query().Get("back"); b != "" {
		f.Back = web.Local(b)
	}
	return p.showForm(w, r, http.StatusOK, f, nil)
}

// saveProfile keeps the particulars as a draft. The button for the lists of
// places only shows the form again.
func (p *Pages) saveProfile(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	who, ref := web.Actor(r), param(r, "ref")
	f := read(form, ref)
	if ref != "" { // not somebody else's
		err := p.DB.Read(r.Context(), func(tx *db.Tx) error { _, err := identity.Find(tx, who, ref); return err })
		if err != nil {
			return err
		}
	}
	if form.Text("step") == "divisions" {
		return p.showForm(w, r, http.StatusOK, f, nil)
	}
	consent, err := p.wantsSensitive(r.Context(), who, ref)
	if err != nil {
		return err
	}
	if consent != 0 && !slices.Contains(ids(form, "consent"), consent) {
		var bad problem.Form
		err := identity.Judge(r.Context(), p.DB, who, p.asked(f))
		if wrong, ok := problem.As(err); ok { // told in one go with what else is wrong
			for _, e := range wrong.Fields {
				bad.Add(e.Field, e.ID, e.Args...)
			}
		} else if err != nil {
			return err
		}
		bad.Add("consent-"+strconv.FormatInt(consent, 10), "profile.agree_missing")
		return p.showForm(w, r, http.StatusUnprocessableEntity, f, bad.Err())
	}
	saved, err := identity.Save(r.Context(), p.DB, who, p.asked(f))
	if err == nil && consent != 0 {
		err = identity.Consent(r.Context(), p.DB, who, saved, []int64{consent})
	}
	if web.Mend(err) { // told in one go with what is still empty
		if all := identity.Judge(r.Context(), p.DB, who, p.asked(f)); web.Mend(all) {
			err = all
		}
	}
	if again(err) {
		return p.showForm(w, r, status(err), f, err)
	}
	if err != nil {
		return err
	}
	web.Flash(w, r, "ok", "profile.saved")
	return web.Redirect(w, r, withBack("/profiles/"+saved, f.Back))
}

// wantsSensitive is the version of the consent to handle the document, unless
// it was given for this profile already.
func (p *Pages) wantsSensitive(ctx context.Context, who actor.Actor, ref string) (id int64, err error) {
	err = p.DB.Read(ctx, func(tx *db.Tx) error {
		if ref != "" {
			given, err := texts.Consented(tx, who.Account, texts.Sensitive, db.FoldRef(ref))
			if err != nil || given {
				return err
			}
		}
		v, err := texts.Current(tx, who.House, texts.Sensitive)
		id = v.ID
		return err
	})
	return id, err
}

// checkField judges one field as it is left, for htmx.
func (p *Pages) checkField(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	name := r.URL.Query().Get("field")
	if !slices.Contains(view.Fields, name) {
		return errGone
	}
	f := read(form, "")
	f.Notes = map[string]string{}
	p.judge(r.Context(), &f, name)
	return web.Render(w, r, http.StatusOK, view.ProfileField(f, name))
}

// judge says what there is to say of one field's form. The flow judges all of
// them when they are saved.
func (p *Pages) judge(ctx context.Context, f *view.ProfileForm, name string) {
	value := f.Values[name]
	if value == "" || strings.Contains(value, "*") {
		return // nothing to judge, or the masked number that was shown
	}
	refuse := func(text string) { f.Errors = append(f.Errors, parts.FieldError{Field: name, Text: text}) }
	c := persons.Context{Today: calendar.DayOf(p.DB.Now()), Nationality: f.Values["nationality"], Country: f.Values["country"], Document: persons.Kind(f.Values["document"])}
	var res persons.Result
	switch name {
	case "number":
		if f.Values["document"] == "" {
			return
		}
		res = persons.Check(c.Document, value, c)
	case "agent_number":
		res = persons.Check(persons.CNID, value, persons.Context{Today: c.Today})
	case "name":
		kind := persons.PersonName
		if f.Holder == string(persons.Organisation) {
			kind = persons.OrgName
		}
		res = persons.Check(kind, value, c)
	case "agent_name":
		res = persons.Check(persons.PersonName, value, persons.Context{Today: c.Today})
	case "postcode":
		res = persons.Check(persons.Postcode, value, c)
	case "phone", "agent_phone":
		_, res = persons.ParsePhone(value)
	case "email":
		if a, err := mail.ParseAddress(value); err != nil || a.Address != value {
			refuse(locales.T(ctx, "identity.email_wrong"))
		}
		return
	default:
		return
	}
	switch {
	case res.Verdict == persons.Refuse:
		refuse(locales.T(ctx, res.MessageID(), res.Args()...))
	case res.MessageID() != "":
		f.Notes[name] = locales.T(ctx, res.MessageID(), res.Args()...)
	default:
		f.Notes[name] = locales.T(ctx, "profile.ok")
	}
}

// divisions answers the lists of the place that was chosen, for htmx.
func (p *Pages) divisions(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	f := read(form, "")
	fillPlace(r.Context(), &f)
	return web.Render(w, r, http.StatusOK, view.ProfilePlace(f))
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, code int, f view.ProfileForm, why error) error {
	ctx, who := r.Context(), web.Actor(r)
	f.Errors = parts.FieldErrors(ctx, why)
	if len(f.Errors) == 0 {
		f.Error = parts.Said(ctx, why)
	}
	f.Documents = []parts.Option{{Label: locales.T(ctx, "profile.choose")}}
	for _, d := range persons.Documents(persons.Holder(f.Holder)) {
		f.Documents = append(f.Documents, parts.Option{Value: string(d.Kind), Label: locales.T(ctx, d.Label)})
	}
	fillPlace(ctx, &f)
	consent, err := p.wantsSensitive(ctx, who, f.Ref)
	if err != nil {
		return err
	}
	f.Consented = consent == 0
	if !f.Consented {
		err := p.DB.Read(ctx, func(tx *db.Tx) error {
			v, err := texts.Find(tx, who.House, consent)
			f.Sensitive = acceptText(ctx, v, locales.T(ctx, "profile.agree"))
			return err
		})
		if err != nil {
			return err
		}
		f.Sensitive.Error = parts.ErrorOf(f.Errors, "consent-"+f.Sensitive.Value)
		f.Sensitive.Checked = code != http.StatusOK && slices.Contains(r.PostForm["consent"], f.Sensitive.Value) || r.PostFormValue("step") == "divisions" && slices.Contains(r.PostForm["consent"], f.Sensitive.Value)
	}
	title := "profile.edit_title"
	if f.Ref == "" {
		title = "profile.new"
	}
	frame := web.Frame(r, locales.T(ctx, title))
	frame.Nav = "profiles"
	return web.Render(w, r, code, view.ProfileFormPage(frame, f))
}

// read takes what was typed; it is given back as it was.
func read(form web.Form, ref string) view.ProfileForm {
	f := view.ProfileForm{Ref: ref, Holder: form.Text("holder"), Values: map[string]string{}, AgentEmployee: form.Ticked("agent_employee"), AgentMay: form.Ticked("agent_may")}
	for _, name := range view.Fields {
		f.Values[name] = form.Text(name)
	}
	if b := form.Text("back"); b != "" {
		f.Back = web.Local(b)
	}
	if f.Values["country"] == "" {
		f.Values["country"] = "CN"
	}
	return f
}

// asked is what was typed as the flow takes it.
func (p *Pages) asked(f view.ProfileForm) identity.Form {
	fillPlace(context.Background(), &f) // settles a place of one choice
	v := f.Values
	return identity.Form{
		Ref: f.Ref, Label: v["label"], Holder: persons.Holder(f.Holder), Document: persons.Kind(v["document"]), Number: v["number"],
		Name: v["name"], NameLatin: v["name_latin"], Nationality: v["nationality"], ValidUntil: v["valid_until"], DocumentLang: v["document_lang"],
		Country: v["country"], Division: v["division"], City: v["city"], Street: v["street"], CityLatin: v["city_latin"],
		ProvinceLatin: v["province_latin"], StreetLatin: v["street_latin"], Postcode: v["postcode"], Phone: v["phone"], Email: v["email"],
		AgentName: v["agent_name"], AgentNumber: v["agent_number"], AgentPhone: v["agent_phone"], AgentEmployee: f.AgentEmployee, AgentMay: f.AgentMay,
	}
}

// typed is a saved profile as a form.
func typed(f identity.Form) view.ProfileForm {
	return view.ProfileForm{
		Ref: f.Ref, Holder: string(f.Holder), AgentEmployee: f.AgentEmployee, AgentMay: f.AgentMay,
		Values: map[string]string{
			"label": f.Label, "document": string(f.Document), "number": f.Number, "name": f.Name, "name_latin": f.NameLatin, "nationality": f.Nationality,
			"valid_until": f.ValidUntil, "document_lang": f.DocumentLang, "country": f.Country, "division": f.Division, "city": f.City, "street": f.Street,
			"city_latin": f.CityLatin, "province_latin": f.ProvinceLatin, "street_latin": f.StreetLatin, "postcode": f.Postcode, "phone": f.Phone,
			"email": f.Email, "agent_name": f.AgentName, "agent_number": f.AgentNumber, "agent_phone": f.AgentPhone,
		},
	}
}

// fillPlace makes the dependent lists fit what was chosen above them, and drops
// a choice that no longer does.
func fillPlace(ctx context.Context, f *view.ProfileForm) {
	f.Countries = countries(ctx)
	v := f.Values
	if v["country"] != "CN" {
		return
	}
	if v["province"] == "" && len(v["division"]) == 6 {
		v["province"] = v["division"][:2] + "0000"
		for _, c := range persons.Cities(v["province"]) {
			if slices.ContainsFunc(persons.Areas(c.Code), func(d persons.Division) bool { return d.Code == v["division"] }) {
				v["prefecture"] = c.Code
			}
		}
	}
	f.Provinces = list(ctx, persons.Provinces(), v, "province")
	f.Prefectures = list(ctx, persons.Cities(v["province"]), v, "prefecture")
	f.Divisions = list(ctx, persons.Areas(v["prefecture"]), v, "division")
}

// list makes options of divisions. Where there is one choice only it is made.
func list(ctx context.Context, divisions []persons.Division, v map[string]string, name string) []parts.Option {
	if len(divisions) == 1 {
		v[name] = divisions[0].Code
	}
	options := []parts.Option{{Label: locales.T(ctx, "profile.choose")}}
	found := false
	for _, d := range divisions {
		options = append(options, parts.Option{Value: d.Code, Label: d.Name})
		found = found || d.Code == v[name]
	}
	if !found {
		v[name] = ""
	}
	return options
}

// countries are those of ISO 3166-1 in the language of the page, China's parts
// first and called as the law calls them.
func countries(ctx context.Context) []parts.Option {
	tag := language.SimplifiedChinese
	if locales.Lang(ctx) == locales.English {
		tag = language.English
	}
	first := []parts.Option{
		{Value: "CN", Label: locales.T(ctx, "profile.country.cn")}, {Value: "HK", Label: locales.T(ctx, "profile.country.hk")},
		{Value: "MO", Label: locales.T(ctx, "profile.country.mo")}, {Value: "TW", Label: locales.T(ctx, "profile.country.tw")},
	}
	var rest []parts.Option
	names := display.Regions(tag)
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string([]rune{a, b}))
			if err != nil || !region.IsCountry() || region.Canonicalize() != region || slices.ContainsFunc(first, func(o parts.Option) bool { return o.Value == region.String() }) {
				continue
			}
			if name := names.Name(region); name != "" && len(region.String()) == 2 {
				rest = append(rest, parts.Option{Value: region.String(), Label: name + " (" + region.String() + ")"})
			}
		}
	}
	slices.SortFunc(rest, func(a, b parts.Option) int { return cmp.Compare(a.Value, b.Value) })
	return append(first, rest...)
}
