package customer

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/identity"
	"yumen/views/parts"
)

// Profiles is a part of the account's list of profiles.
type Profiles struct {
	List []ProfileRow
	Next templ.SafeURL
	Page int
}

// ProfileRow is one profile in the list.
type ProfileRow struct {
	Ref      string
	Name     string
	Kind     string // person or organisation, in words
	Document string // kind and masked number
	State    string // in words
	Badge    string
	Changed  time.Time
}

func (r ProfileRow) href() templ.SafeURL { return templ.SafeURL("/profiles/" + r.Ref) }

// ProfileForm asks for a holder's particulars. It posts to /profiles, or to
// /profiles/{ref} for one that exists, with the fields of identity.Form; the
// division is chosen by province, prefecture and division. The button "step"
// with the value "divisions" asks for the same form with the lists of the place
// that was chosen.
type ProfileForm struct {
	Ref    string // empty for a new one
	Back   string // where the person came from
	Holder string // person or organisation

	Values map[string]string // what was typed, by the name of the field
	Notes  map[string]string // what a check has to say of a field that is no error

	Documents     []parts.Option
	Countries     []parts.Option
	Provinces     []parts.Option
	Prefectures   []parts.Option
	Divisions     []parts.Option
	AgentEmployee bool
	AgentMay      bool
	Sensitive     AcceptText // consent to handle the document
	Consented     bool       // it was given before
	Errors        []parts.FieldError
	Error         string
}

// Fields are the names of a profile's one-line fields.
var Fields = []string{
	"label", "name", "name_latin", "document", "number", "nationality", "valid_until", "document_lang",
	"agent_name", "agent_number", "agent_phone", "phone", "email",
	"country", "province", "prefecture", "division", "city", "street", "postcode",
	"province_latin", "city_latin", "street_latin",
}

func (f ProfileForm) action() templ.SafeURL {
	if f.Ref == "" {
		return "/profiles"
	}
	return templ.SafeURL("/profiles/" + f.Ref)
}

func (f ProfileForm) organisation() bool { return f.Holder == "organisation" }

func (f ProfileForm) domestic() bool { return f.Values["country"] == "CN" }

func (f ProfileForm) err(name string) string { return parts.ErrorOf(f.Errors, name) }

// summary is what is wrong on top of the form, where no label stands beside it.
func (f ProfileForm) summary(ctx context.Context) []parts.FieldError {
	list := slices.Clone(f.Errors)
	for i, e := range list {
		if l := f.FieldLabel(ctx, e.Field); l != "" {
			list[i].Text = locales.T(ctx, "part.field_error", "Field", l, "Text", e.Text)
		}
	}
	return list
}

func (f ProfileForm) title(ctx context.Context) string {
	if f.Ref != "" {
		return locales.T(ctx, "profile.edit_title")
	}
	if f.organisation() {
		return locales.T(ctx, "profile.new_organisation")
	}
	return locales.T(ctx, "profile.new_person")
}

// checked are the attributes of a field that the server judges as it is left.
func checked(name string) templ.Attributes {
	return templ.Attributes{
		"hx-post": "/profiles/check?field=" + name, "hx-trigger": "change", "hx-include": "closest form",
		"hx-target": "closest .field", "hx-swap": "outerHTML", "spellcheck": "false", "autocapitalize": "none",
	}
}

// field is one line of the form with what is to be said of it.
func (f ProfileForm) field(ctx context.Context, name string) parts.Field {
	field := parts.Field{Name: name, Value: f.Values[name], Error: f.err(name), Required: true, MaxLength: 200}
	optional := func() { field.Required, field.Optional = false, true }
	switch name {
	case "label":
		field.Label, field.Hint = locales.T(ctx, "profile.label"), locales.T(ctx, "profile.label_hint")
		optional()
	case "name":
		field.Label, field.Hint = locales.T(ctx, "profile.name"), locales.T(ctx, "profile.name_hint")
		if f.organisation() {
			field.Label, field.Hint = locales.T(ctx, "profile.org_name"), locales.T(ctx, "profile.org_name_hint")
		}
		field.Attrs = checked(name)
	case "name_latin":
		field.Label, field.Hint = locales.T(ctx, "profile.name_latin"), locales.T(ctx, "profile.latin_hint")
		optional()
	case "number":
		field.Label, field.Hint = locales.T(ctx, "profile.number"), locales.T(ctx, "profile.number_hint")
		field.Mono, field.MaxLength, field.Autocomplete, field.Attrs = true, 60, "off", checked(name)
	case "nationality":
		field.Label, field.Hint = locales.T(ctx, "profile.nationality"), locales.T(ctx, "profile.nationality_hint")
		field.Mono, field.MaxLength = true, 3
		optional()
	case "valid_until":
		field.Label, field.Hint = locales.T(ctx, "profile.valid_until"), locales.T(ctx, "profile.valid_until_hint")
		field.MaxLength = 10
		optional()
	case "agent_name":
		field.Label, field.Hint, field.Attrs = locales.T(ctx, "profile.agent_name"), locales.T(ctx, "profile.agent_hint"), checked(name)
	case "agent_number":
		field.Label, field.Hint = locales.T(ctx, "profile.agent_number"), locales.T(ctx, "profile.agent_number_hint")
		field.Mono, field.MaxLength, field.Autocomplete, field.Attrs = true, 60, "off", checked(name)
	case "agent_phone":
		field.Label, field.Type, field.InputMode, field.MaxLength, field.Attrs = locales.T(ctx, "profile.agent_phone"), "tel", "tel", 40, checked(name)
	case "phone":
		field.Label, field.Hint = locales.T(ctx, "profile.phone"), locales.T(ctx, "profile.phone_hint")
		field.Type, field.InputMode, field.Autocomplete, field.MaxLength, field.Attrs = "tel", "tel", "tel", 40, checked(name)
	case "email":
		field.Label, field.Hint = locales.T(ctx, "profile.email"), locales.T(ctx, "profile.email_hint")
		field.Type, field.InputMode, field.Autocomplete, field.MaxLength, field.Attrs = "email", "email", "email", 254, checked(name)
	case "city":
		field.Label = locales.T(ctx, "profile.town")
	case "street":
		field.Label, field.Hint, field.Autocomplete = locales.T(ctx, "profile.street"), locales.T(ctx, "profile.street_hint"), "street-address"
	case "postcode":
		field.Label, field.Mono, field.MaxLength, field.Autocomplete, field.Attrs = locales.T(ctx, "profile.postcode"), true, 16, "postal-code", checked(name)
	case "province_latin":
		field.Label = locales.T(ctx, "profile.province_latin")
		optional()
	case "city_latin":
		field.Label = locales.T(ctx, "profile.city_latin")
		optional()
	case "street_latin":
		field.Label = locales.T(ctx, "profile.street_latin")
		optional()
	}
	if note := f.Notes[name]; note != "" && field.Error == "" {
		field.Hint = note
	}
	return field
}

// chosen is a list of the form.
func (f ProfileForm) chosen(ctx context.Context, name string) (parts.Field, []parts.Option) {
	field := parts.Field{Name: name, Value: f.Values[name], Error: f.err(name), Required: true}
	switch name {
	case "document":
		field.Label = locales.T(ctx, "profile.document")
		return field, f.Documents
	case "document_lang":
		field.Label = locales.T(ctx, "profile.document_lang")
		return field, []parts.Option{
			{Value: "zh", Label: locales.T(ctx, "profile.lang.zh")}, {Value: "en", Label: locales.T(ctx, "profile.lang.en")}, {Value: "other", Label: locales.T(ctx, "profile.lang.other")},
		}
	case "country":
		field.Label, field.Attrs = locales.T(ctx, "profile.country"), dependent()
		return field, f.Countries
	case "province":
		field.Label, field.Attrs = locales.T(ctx, "profile.province"), dependent()
		return field, f.Provinces
	case "prefecture":
		field.Label, field.Attrs = locales.T(ctx, "profile.city"), dependent()
		return field, f.Prefectures
	}
	field.Label = locales.T(ctx, "profile.area")
	return field, f.Divisions
}

// dependent are the attributes of a list on which another depends.
func dependent() templ.Attributes {
	return templ.Attributes{"hx-post": "/profiles/divisions", "hx-trigger": "change", "hx-include": "closest form", "hx-target": "#place", "hx-swap": "outerHTML"}
}

// Paper is an image that was handed in.
type Paper struct {
	Ref      string
	Kind     string // in words
	Size     string // 1,200 × 800
	At       time.Time
	Seen     []PaperSeen // by staff
	Erased   bool
	Detach   bool // it can be taken back
	DetachTo templ.SafeURL
}

// PaperSeen is one look at a paper by staff.
type PaperSeen struct {
	Who, Why string
	At       time.Time
}

func (p Paper) href() templ.SafeURL { return templ.SafeURL("/documents/" + p.Ref) }

// PaperAsk is a kind of image that can be handed in.
type PaperAsk struct {
	Kind     string // main, back, translation, authorisation
	Label    string
	Hint     string
	Required bool
	Error    string
}

// ID is that of the control: "main" alone is the page's own.
func (a PaperAsk) ID() string { return "paper-" + a.Kind }

// GivenConsent is a consent that was given, and may be withdrawn.
type GivenConsent struct {
	Kind, Title, Number string
	Href                templ.SafeURL
	At, Withdrawn       time.Time
}

// Profile is a holder's profile as its account sees it. Its forms post to
// /profiles/{ref}/documents, /detach, /submit, /recall, /consents and
// /withdraw.
type Profile struct {
	Ref   string
	Name  string
	Kind  string
	Facts []parts.Fact

	State  string // in words
	Badge  string
	Head   parts.FieldError // Field: kind of note; Text: what is awaited, in words
	Detail string
	// Items are what the reviewer wants put right, with advice.
	Items  []ReviewItem
	Advice string

	Draft   bool // it can be changed and papers handed in
	Edit    bool // its particulars can be changed
	Recall  bool // a submission can be taken back
	Papers  []Paper
	Asks    []PaperAsk
	Missing []AcceptText // consents that were not given
	Given   []GivenConsent
	// Registries are those that were told of the holder.
	Registries []RegistryView
	History    []parts.Event
	Back       string
	Errors     []parts.FieldError
	Error      string
}

// ReviewItem is one thing to put right, and how.
type ReviewItem struct{ What, How string }

// RegistryView is where the holder stands at one registry.
type RegistryView struct{ Name, State, Badge, Note string }

// path is a step of this profile; the page to go back to travels along.
func (p Profile) path(more string) templ.SafeURL {
	return query("/profiles/"+p.Ref+more, "back", p.Back)
}

// ProfileKind is the mark of a version's state.
func ProfileKind(s identity.State) string {
	switch s {
	case identity.Approved:
		return "ok"
	case identity.InReview:
		return "wait"
	case identity.Rejected, identity.Lapsed, identity.Supplement:
		return "bad"
	}
	return "hold"
}

// FieldLabel is what the form calls one of its fields; empty when it has none
// of that name.
func (f ProfileForm) FieldLabel(ctx context.Context, name string) string {
	switch name {
	case "document", "document_lang", "country", "province", "prefecture", "division":
		field, _ := f.chosen(ctx, name)
		return field.Label
	case "agent_employee":
		return locales.T(ctx, "profile.agent_employee")
	case "agent_may":
		return locales.T(ctx, "profile.agent_may")
	}
	return f.field(ctx, name).Label
}
