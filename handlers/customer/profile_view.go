package customer

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"yumen/db"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/persons"
	"yumen/registrar/texts"
	view "yumen/views/customer"
	"yumen/views/parts"
)

func holderWords(ctx context.Context, h persons.Holder) string {
	if h == persons.Organisation {
		return locales.T(ctx, "profile.organisation")
	}
	return locales.T(ctx, "profile.person")
}

// documentWords is a document's kind and its masked number.
func documentWords(ctx context.Context, v identity.Version) string {
	d, ok := persons.DocumentOf(v.Document)
	if !ok {
		return v.Masked
	}
	return strings.TrimSpace(locales.T(ctx, d.Label) + " " + v.Masked)
}

// called is how a profile is named in lists: the holder's own word for it, or
// the holder.
func called(p identity.Profile) string {
	for _, s := range []string{p.Label, p.Data.Name, p.Display} {
		if s != "" {
			return s
		}
	}
	return p.Ref
}

func profileRow(ctx context.Context, p identity.Profile) view.ProfileRow {
	return view.ProfileRow{
		Ref: p.Ref, Name: called(p), Kind: holderWords(ctx, p.Holder), Document: documentWords(ctx, p.Version),
		State: locales.T(ctx, "profile.state."+string(p.State)), Badge: view.ProfileKind(p.State), Changed: p.SavedAt,
	}
}

// profileView is a profile as its page shows it.
func profileView(ctx context.Context, tx *db.Tx, who actor.Actor, p identity.Profile) (view.Profile, error) {
	v := view.Profile{
		Ref: p.Ref, Name: called(p), Kind: holderWords(ctx, p.Holder),
		State: locales.T(ctx, "profile.state."+string(p.State)), Badge: view.ProfileKind(p.State),
		Draft: p.Open(), Edit: p.State != identity.InReview, Recall: p.State == identity.InReview, Facts: facts(ctx, p),
	}
	head(ctx, &v, p)
	papersView(ctx, &v, p)
	for _, o := range p.Versions {
		at := o.SavedAt
		if !o.DecidedAt.IsZero() {
			at = o.DecidedAt
		} else if !o.Submitted.IsZero() {
			at = o.Submitted
		}
		v.History = append(v.History, parts.Event{State: "done", At: at,
			Title: locales.T(ctx, "profile.version", "Number", strconv.FormatInt(o.Number, 10), "State", locales.T(ctx, "profile.state."+string(o.State)))})
	}
	offers, err := catalogue.Offers(tx, who.House)
	if err != nil {
		return v, err
	}
	if err := contactsView(ctx, tx, &v, p, offers); err != nil {
		return v, err
	}
	return v, consentsView(ctx, tx, who, &v, p.Ref, offers)
}

// head says where the profile stands, what is awaited and what is wrong.
func head(ctx context.Context, v *view.Profile, p identity.Profile) {
	state := string(p.State)
	v.Head = parts.FieldError{Field: view.ProfileKind(p.State), Text: locales.T(ctx, "profile.head."+state)}
	if v.Head.Field == "hold" {
		v.Head.Field = "info"
	}
	if id := "profile.head." + state + "_text"; locales.Has(id) {
		v.Detail = locales.T(ctx, "profile.head."+state+"_text", "Since", locales.DateTime(ctx, p.Submitted), "Until", locales.DateTime(ctx, p.Due), "Decided", locales.DateTime(ctx, p.DecidedAt))
	}
	if p.InForce != 0 && p.InForce != p.ID {
		v.Detail += " " + locales.T(ctx, "profile.in_force")
	}
	switch p.State {
	case identity.Supplement, identity.Rejected, identity.Lapsed:
		for _, i := range p.Reasons.Items {
			v.Items = append(v.Items, view.ReviewItem{What: locales.T(ctx, i.MessageID()), How: locales.T(ctx, i.AdviceID())})
		}
		v.Advice = p.Reasons.Advice
	}
}

func facts(ctx context.Context, p identity.Profile) []parts.Fact {
	f, d := view.ProfileForm{Holder: string(p.Holder), Values: map[string]string{"country": p.Data.Country}}, p.Data
	var list []parts.Fact
	add := func(term, text string) {
		if text != "" {
			list = append(list, parts.Fact{Term: term, Text: text})
		}
	}
	add(f.FieldLabel(ctx, "name"), d.Name)
	add(f.FieldLabel(ctx, "name_latin"), d.NameLatin)
	add(locales.T(ctx, "profile.fact.document"), documentWords(ctx, p.Version))
	add(f.FieldLabel(ctx, "valid_until"), d.ValidUntil)
	add(f.FieldLabel(ctx, "nationality"), d.Nationality)
	if p.Holder == persons.Organisation {
		add(locales.T(ctx, "profile.fact.agent"), strings.TrimSpace(d.AgentName+" "+d.AgentNumber))
		add(f.FieldLabel(ctx, "agent_phone"), d.AgentPhone)
	}
	add(f.FieldLabel(ctx, "phone"), d.Phone)
	add(f.FieldLabel(ctx, "email"), d.Email)
	place := strings.Join(persons.DivisionPath(d.Division), "")
	if d.Country != "CN" {
		place = d.Country + " " + d.City + " "
	}
	add(locales.T(ctx, "profile.fact.address"), strings.TrimSpace(place+d.Street+" "+d.Postcode))
	add(locales.T(ctx, "profile.fact.latin"), strings.Trim(strings.Join([]string{d.StreetLatin, d.CityLatin, d.ProvinceLatin}, ", "), ", "))
	return list
}

// paperWords name a kind of paper.
func paperWords(ctx context.Context, k documents.Kind) string {
	return locales.T(ctx, "profile.paper."+string(k))
}

func papersView(ctx context.Context, v *view.Profile, p identity.Profile) {
	for _, d := range p.Documents {
		one := view.Paper{
			Ref: d.Ref, Kind: paperWords(ctx, d.Kind), At: d.UploadedAt, Erased: !d.ErasedAt.IsZero(), Detach: p.Open(), DetachTo: templ.SafeURL("/profiles/" + p.Ref + "/detach"),
			Size: locales.T(ctx, "profile.size", "Width", locales.Number(ctx, d.Width), "Height", locales.Number(ctx, d.Height)),
		}
		for _, s := range p.Sees {
			if s.Document == d.ID {
				one.Seen = append(one.Seen, view.PaperSeen{Who: s.Name, Why: s.Reason, At: s.At})
			}
		}
		v.Papers = append(v.Papers, one)
	}
	doc, _ := persons.DocumentOf(p.Document)
	for _, k := range documents.Kinds() {
		if k == documents.Authorisation && p.Holder != persons.Organisation {
			continue
		}
		required := k == documents.Main || k == documents.Back && doc.Back || k == documents.Translation && (p.Data.DocumentLang == "other" || doc.Translation && p.Data.DocumentLang != "zh")
		v.Asks = append(v.Asks, view.PaperAsk{Kind: string(k), Label: paperWords(ctx, k), Hint: locales.T(ctx, "profile.paper."+string(k)+"_hint"), Required: required})
	}
}

// contactsView says where the holder stands at each registry that was told.
func contactsView(ctx context.Context, tx *db.Tx, v *view.Profile, p identity.Profile, offers []catalogue.Offer) error {
	version := p.ID
	if p.InForce != 0 {
		version = p.InForce
	}
	list, err := identity.Contacts(tx, version)
	if err != nil {
		return err
	}
	badge := map[identity.ContactState]string{identity.ContactApproved: "ok", identity.ContactRejected: "bad", identity.ContactNone: "hold"}
	for _, c := range list {
		var endings []string
		for _, o := range offers {
			if o.Registry == c.Registry {
				endings = append(endings, "."+o.ULabel)
			}
		}
		kind, ok := badge[c.State]
		if !ok {
			kind = "wait"
		}
		v.Registries = append(v.Registries, view.RegistryView{Name: locales.List(ctx, endings), State: locales.T(ctx, "profile.contact."+string(c.State)), Badge: kind, Note: c.Reason})
	}
	return nil
}

// consentsView lists the consents that were given, and those that can be.
func consentsView(ctx context.Context, tx *db.Tx, who actor.Actor, v *view.Profile, ref string, offers []catalogue.Offer) error {
	given, err := texts.Acceptances(tx, who.Account, ref)
	if err != nil {
		return err
	}
	stands := map[string]bool{}
	for _, g := range slices.Backward(given) {
		t, err := texts.Find(tx, who.House, g.Version)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(t.Kind, "consent:") {
			continue
		}
		stands[t.Kind] = stands[t.Kind] || g.WithdrawnAt.IsZero()
		v.Given = append(v.Given, view.GivenConsent{Kind: t.Kind, Title: t.Title(who.Lang), Number: t.Number, Href: textPath(t), At: g.At, Withdrawn: g.WithdrawnAt})
	}
	on, err := catalogue.OnSale(tx, who.House)
	if err != nil {
		return err
	}
	v.Missing, err = missingConsents(ctx, tx, who, stands, on)
	return err
}

// missingConsents are those that a profile has not given for some endings.
func missingConsents(ctx context.Context, tx *db.Tx, who actor.Actor, given map[string]bool, offers []catalogue.Offer) ([]view.AcceptText, error) {
	labels := map[string]string{texts.Sensitive: locales.T(ctx, "profile.agree")}
	var endings []string
	for _, o := range offers {
		endings = append(endings, o.ALabel)
		labels[texts.ToRegistry(o.ALabel)] = locales.T(ctx, "profile.share_registry", "Ending", o.ULabel)
		labels[texts.CrossBorder(o.ALabel)] = locales.T(ctx, "profile.share_abroad", "Ending", o.ULabel)
	}
	wanted, err := identity.Wanted(tx, who.House, endings)
	if err != nil {
		return nil, err
	}
	var out []view.AcceptText
	for _, t := range wanted {
		if !given[t.Kind] {
			out = append(out, acceptText(ctx, t, labels[t.Kind]))
		}
	}
	return out, nil
}

// acceptText is a consent or rule as it is asked for, un-ticked.
func acceptText(ctx context.Context, t texts.Version, label string) view.AcceptText {
	return view.AcceptText{Field: "consent", Value: strconv.FormatInt(t.ID, 10), Label: label, Title: t.Title(locales.Lang(ctx)), Number: t.Number, Href: textPath(t)}
}

// textPath is where anyone can read a text.
func textPath(t texts.Version) templ.SafeURL { return templ.SafeURL("/texts/" + t.Kind) }

// refuse puts what a step was refused for where it can be put right.
func refuse(ctx context.Context, v *view.Profile, why error) {
	if why == nil {
		return
	}
	errs := parts.FieldErrors(ctx, why)
	if len(errs) == 0 {
		v.Error = parts.Said(ctx, why)
		return
	}
	form := view.ProfileForm{Values: map[string]string{}}
	if v.Kind == locales.T(ctx, "profile.organisation") {
		form.Holder = string(persons.Organisation)
	}
	for _, e := range errs {
		field, id, isConsent := strings.Cut(e.Field, ":")
		switch {
		case isConsent && field == "consent":
			for i := range v.Missing {
				if v.Missing[i].Value == id {
					v.Missing[i].Error = e.Text
				}
			}
			e.Field = "consent-" + id
		case slices.ContainsFunc(v.Asks, func(a view.PaperAsk) bool { return a.Kind == e.Field }):
		default:
			if l := form.FieldLabel(ctx, e.Field); l != "" {
				e = parts.FieldError{Text: locales.T(ctx, "part.field_error", "Field", l, "Text", e.Text)}
			}
		}
		for i := range v.Asks {
			if v.Asks[i].Kind == e.Field {
				v.Asks[i].Error, e.Field = e.Text, v.Asks[i].ID()
			}
		}
		v.Errors = append(v.Errors, e)
	}
}
