package staff

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/views/layout"
	"yumen/views/parts"
	views "yumen/views/staff"
)

func (p *Pages) permitRoutes(r chi.Router) {
	r.Use(web.May(actor.EditPermits))
	r.Get("/permits", web.H(p.Permits))
	r.Get("/permits/permit", web.H(p.PermitForm))
	r.Post("/permits/permit", web.H(p.SavePermit))
	r.Get("/permits/withdraw", web.H(p.WithdrawForm))
	r.Post("/permits/withdraw", web.H(p.Withdraw))
	r.Get("/permits/imprint", web.H(p.ImprintForm))
	r.Post("/permits/imprint", web.H(p.SaveImprint))
	r.Get("/permits/new-ending", web.H(p.ListingForm))
	r.Post("/permits/new-ending", web.H(p.SaveListing))
	r.Get("/permits/endings/{ending}", web.H(p.ListingForm))
	r.Post("/permits/endings/{ending}", web.H(p.SaveListing))
}

// Permits shows permit, endings and imprint of the house.
func (p *Pages) Permits(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	v := views.Permits{Lang: web.Lang(r)}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Today = calendar.DayOf(tx.Now)
		if v.Permit, v.Found, err = permits.Current(tx, who.House); err != nil {
			return err
		}
		n, err := permits.Notice(tx, who.House)
		if err != nil {
			return err
		}
		v.Imprint = n.Imprint
		if v.Losses, err = catalogue.Losses(tx, who.House); err != nil {
			return err
		}
		v.Listings, err = permits.Listings(tx, who.House)
		return err
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.permits.title"), "permits")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.PermitsPage(page, v))
}

// edit shows one of the forms.
func (p *Pages) edit(w http.ResponseWriter, r *http.Request, status int, form func(layout.Page, views.Edit) templ.Component, e views.Edit) error {
	page, err := p.frame(r, locales.T(r.Context(), "staff.permits.title"), "permits")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, form(page, e))
}

// save runs a flow on what was typed; a form that can be mended comes back.
func (p *Pages) save(w http.ResponseWriter, r *http.Request, form func(layout.Page, views.Edit) templ.Component, ending string, flow func(tx *db.Tx, f web.Form, bad *problem.Form) error) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		var bad problem.Form
		err := flow(tx, f, &bad)
		if unread := bad.Err(); unread != nil {
			return unread // what could not be read is said before what the flow would miss
		}
		return err
	})
	if web.Mend(err) {
		e := views.Edit{V: map[string]string{}, Ending: ending, Errors: parts.FieldErrors(r.Context(), err)}
		for name := range f.Values {
			e.V[name] = f.Area(name)
		}
		return p.edit(w, r, http.StatusUnprocessableEntity, form, e)
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.permits.saved")
	}
	return web.Answer(w, r, err, "/staff/permits")
}

// day reads a date field; an empty one is no day.
func day(f web.Form, bad *problem.Form, name string) calendar.Day {
	s := f.Text(name)
	if s == "" {
		return 0
	}
	d, err := calendar.ParseDay(s)
	if err != nil {
		bad.Add(name, "staff.permits.date_form")
	}
	return d
}

func both(f web.Form, name string) permits.Text {
	return permits.Text{Zh: f.Text(name + "_zh"), En: f.Text(name + "_en")}
}

// PermitForm is the form of the permit, with what stands now.
func (p *Pages) PermitForm(w http.ResponseWriter, r *http.Request) error {
	var now permits.Permit
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		now, _, err = permits.Current(tx, web.Actor(r).House)
		return err
	})
	if err != nil {
		return err
	}
	return p.edit(w, r, http.StatusOK, views.PermitEditPage, views.Edit{V: map[string]string{
		"number": now.Number, "holder_zh": now.Holder.Zh, "holder_en": now.Holder.En, "issuer_zh": now.Issuer.Zh, "issuer_en": now.Issuer.En,
		"issued": views.DayText(now.Issued), "expires": views.DayText(now.Expires), "exit_on": views.DayText(now.ExitOn), "items": views.ItemsText(now.Items),
	}})
}

// SavePermit records a new version of the permit.
func (p *Pages) SavePermit(w http.ResponseWriter, r *http.Request) error {
	return p.save(w, r, views.PermitEditPage, "", func(tx *db.Tx, f web.Form, bad *problem.Form) error {
		next := permits.Permit{
			Number: f.Text("number"), Holder: both(f, "holder"), Issuer: both(f, "issuer"),
			Issued: day(f, bad, "issued"), Expires: day(f, bad, "expires"), ExitOn: day(f, bad, "exit_on"), Items: items(f.Area("items"), bad),
		}
		if f.Text("expires") == "" && next.Issued != 0 {
			next.Expires = permits.DefaultExpiry(next.Issued) // Order 43 art. 16: five years, unless the document says otherwise
		}
		_, err := permits.SavePermit(tx, web.Actor(r), next, f.Ticked("free_number"), f.Area("reason"))
		return err
	})
}

// items reads permitted items, one a line: ".cn" or ".cn: create, renew".
func items(text string, bad *problem.Form) []permits.Item {
	var out []permits.Item
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		ending, services, _ := strings.Cut(strings.ReplaceAll(line, "：", ":"), ":")
		e, err := names.ParseEnding(strings.TrimSpace(ending))
		if err != nil {
			bad.Add("items", "staff.permits.item_form", "Line", line)
			return nil
		}
		item := permits.Item{Ending: e.A()}
		for _, s := range strings.FieldsFunc(services, func(r rune) bool { return strings.ContainsRune(" ,，、", r) }) {
			if !known(permits.Service(s)) {
				bad.Add("items", "staff.permits.item_form", "Line", line)
				return nil
			}
			item.Services = append(item.Services, permits.Service(s))
		}
		out = append(out, item)
	}
	return out
}

func known(s permits.Service) bool {
	for _, k := range permits.Services() {
		if k == s {
			return true
		}
	}
	return false
}

// WithdrawForm asks before the permit is withdrawn.
func (p *Pages) WithdrawForm(w http.ResponseWriter, r *http.Request) error {
	return p.edit(w, r, http.StatusOK, views.WithdrawPage, views.Edit{})
}

// Withdraw records that there is no permit any more: sales stop.
func (p *Pages) Withdraw(w http.ResponseWriter, r *http.Request) error {
	return p.save(w, r, views.WithdrawPage, "", func(tx *db.Tx, f web.Form, _ *problem.Form) error {
		return permits.WithdrawPermit(tx, web.Actor(r), f.Area("reason"))
	})
}

// ImprintForm is the form of what the house says about itself in public.
func (p *Pages) ImprintForm(w http.ResponseWriter, r *http.Request) error {
	var n permits.PublicNotice
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		n, err = permits.Notice(tx, web.Actor(r).House)
		return err
	})
	if err != nil {
		return err
	}
	i := n.Imprint
	return p.edit(w, r, http.StatusOK, views.ImprintEditPage, views.Edit{V: map[string]string{
		"company_zh": i.Company.Zh, "company_en": i.Company.En, "address_zh": i.Address.Zh, "address_en": i.Address.En, "postcode": i.Postcode,
		"hours_zh": i.Hours.Zh, "hours_en": i.Hours.En, "hotline": i.Hotline, "mail": i.Mail, "complaint_phone": i.ComplaintPhone, "complaint_mail": i.ComplaintMail,
		"complaint_address_zh": i.ComplaintAddress.Zh, "complaint_address_en": i.ComplaintAddress.En,
		"icp": i.ICP, "public_security": i.PublicSecurity, "telecom": i.Telecom, "business_licence": i.BusinessLicence,
	}})
}

// SaveImprint records a new version of it.
func (p *Pages) SaveImprint(w http.ResponseWriter, r *http.Request) error {
	return p.save(w, r, views.ImprintEditPage, "", func(tx *db.Tx, f web.Form, _ *problem.Form) error {
		_, err := permits.SaveImprint(tx, web.Actor(r), permits.Imprint{
			Company: both(f, "company"), Address: both(f, "address"), Postcode: f.Text("postcode"), Hours: both(f, "hours"), Hotline: f.Text("hotline"), Mail: f.Text("mail"),
			ComplaintPhone: f.Text("complaint_phone"), ComplaintMail: f.Text("complaint_mail"), ComplaintAddress: both(f, "complaint_address"),
			ICP: f.Text("icp"), PublicSecurity: f.Text("public_security"), Telecom: f.Text("telecom"), BusinessLicence: f.Text("business_licence"),
		}, f.Area("reason"))
		return err
	})
}

// ListingForm is the form of what stands behind an ending.
func (p *Pages) ListingForm(w http.ResponseWriter, r *http.Request) error {
	ending := r.PathValue("ending")
	if ending == "" {
		return p.edit(w, r, http.StatusOK, views.ListingEditPage, views.Edit{V: map[string]string{"mode": string(permits.AsRegistrar)}})
	}
	var l permits.Listing
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		found := false
		var err error
		if l, found, err = permits.FindListing(tx, web.Actor(r).House, ending); err == nil && !found {
			err = lost
		}
		return err
	})
	if err != nil {
		return err
	}
	return p.edit(w, r, http.StatusOK, views.ListingEditPage, views.Edit{Ending: ending, V: map[string]string{
		"mode": string(l.Mode), "announced": views.DayText(l.Announced), "exit_on": views.DayText(l.ExitOn),
		"registry_zh": l.Registry.Zh, "registry_en": l.Registry.En, "registry_permit": l.RegistryPermit, "registry_permit_to": views.DayText(l.RegistryPermitTo),
		"agreement": l.Agreement, "agreement_from": views.DayText(l.AgreementFrom), "agreement_to": views.DayText(l.AgreementTo),
		"certificate": l.Certificate, "hotline": l.Hotline, "mail": l.Mail, "registrars_url": l.RegistrarsURL,
		"registrar_zh": l.Registrar.Zh, "registrar_en": l.Registrar.En, "registrar_permit": l.RegistrarPermit, "registrar_permit_to": views.DayText(l.RegistrarPermitTo),
	}})
}

// SaveListing records a new version of what stands behind an ending.
func (p *Pages) SaveListing(w http.ResponseWriter, r *http.Request) error {
	at := r.PathValue("ending")
	return p.save(w, r, views.ListingEditPage, at, func(tx *db.Tx, f web.Form, bad *problem.Form) error {
		ending := at
		if typed := f.Text("ending"); at == "" && typed != "" {
			e, err := names.ParseEnding(typed)
			if err != nil {
				bad.Add("ending", "staff.permits.ending_form")
				return nil
			}
			ending = e.A()
		}
		_, err := permits.SaveListing(tx, web.Actor(r), permits.Listing{
			Ending: ending, Mode: permits.Mode(f.Text("mode")), Announced: day(f, bad, "announced"), ExitOn: day(f, bad, "exit_on"),
			Registry: both(f, "registry"), RegistryPermit: f.Text("registry_permit"), RegistryPermitTo: day(f, bad, "registry_permit_to"),
			Agreement: f.Text("agreement"), AgreementFrom: day(f, bad, "agreement_from"), AgreementTo: day(f, bad, "agreement_to"),
			Certificate: f.Text("certificate"), Hotline: f.Text("hotline"), Mail: f.Text("mail"), RegistrarsURL: f.Text("registrars_url"),
			Registrar: both(f, "registrar"), RegistrarPermit: f.Text("registrar_permit"), RegistrarPermitTo: day(f, bad, "registrar_permit_to"),
		}, f.Area("reason"))
		return err
	})
}
