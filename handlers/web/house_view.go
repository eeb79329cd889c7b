package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"yumen/registrar/accounts"
	"yumen/registrar/calendar"
	"yumen/registrar/permits"
	"yumen/views/layout"
)

// houseView is the house as the frame shows it. Without the notice the frame
// says that there is no permit, which is the safe thing to say.
func (s *Site) houseView(r *http.Request) layout.House {
	st := of(r)
	lang := st.who.Lang
	v := layout.House{Name: st.house.Name(lang), HostBase: Base(r)}
	if other := st.house.Name(otherLang(lang)); other != v.Name {
		v.NameSub = other
	}
	n, err := s.c.Notice(r.Context(), s.c.DB, st.house.ID)
	if err != nil {
		s.c.Log.Error("public notice", "request", st.id, "house", st.house.ID, "err", err)
		st.keep = nil // true for now only
		return v
	}
	fillNotice(&v, n, lang)
	if st.house.ID != accounts.Root {
		root, err := s.c.Notice(r.Context(), s.c.DB, accounts.Root)
		if err != nil {
			s.c.Log.Error("public notice", "request", st.id, "house", accounts.Root, "err", err)
			st.keep = nil
		}
		v.Agency = agency(v, n, root, lang)
	} else if len(n.Agencies) > 0 {
		v.Agency = agency(v, n, permits.PublicNotice{}, lang)
	}
	return v
}

// Base is scheme and host of the house's own addresses, without a slash at the
// end: for somebody outside who is told where to come back to.
func Base(r *http.Request) string { return of(r).site.c.BaseURL.Scheme + "://" + r.Host }

func otherLang(lang string) string {
	if lang == "en" {
		return "zh"
	}
	return "en"
}

func fillNotice(v *layout.House, n permits.PublicNotice, lang string) {
	v.Company, v.Address, v.Postcode = n.Company.In(lang), n.Address.In(lang), n.Postcode
	v.ICP, v.PublicSecurity, v.Telecom, v.LicenceURL = n.ICP, n.PublicSecurity, n.Telecom, licence(n.BusinessLicence)
	v.Complaints = layout.Channels{Phone: n.ComplaintPhone, PhoneHours: n.Hours.In(lang), Mail: n.ComplaintMail,
		Address: n.ComplaintAddress.In(lang), Postcode: n.Postcode}
	if n.HasOwn && n.Valid {
		p := &layout.Permit{No: n.Permit.Number, Holder: n.Permit.Holder.In(lang), Issuer: n.Permit.Issuer.In(lang),
			From: day(n.Permit.Issued), To: day(n.Permit.Expires)}
		for _, item := range n.Permit.Items {
			p.Items = append(p.Items, shown(item.Ending))
		}
		for _, l := range n.Listings {
			if l.Certificate != "" {
				p.Authorisations = append(p.Authorisations, authorisation(l))
			}
		}
		v.Permit = p
	}
}

// licence is the address where the business licence can be seen; a number alone
// leads nowhere.
func licence(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "/") {
		return s
	}
	return ""
}

func authorisation(l permits.Listing) layout.Authorisation {
	var parts []string
	for _, s := range []string{l.Certificate, l.Hotline, l.Mail} {
		if s != "" && !strings.HasPrefix(s, "https://") {
			parts = append(parts, s)
		}
	}
	a := layout.Authorisation{Ending: shown(l.Ending), Text: strings.Join(parts, " · ")}
	if strings.HasPrefix(l.Certificate, "https://") {
		a.ShowURL = l.Certificate
	}
	return a
}

// agency is the relation that an agent's pages must show: to the registrar of
// the root house, or to those its listings name.
func agency(v layout.House, n, root permits.PublicNotice, lang string) *layout.Agency {
	isAgent := func(l permits.Listing) bool { return l.Mode == permits.AsAgent }
	if len(n.Agencies) == 0 && slices.ContainsFunc(n.Listings, isAgent) {
		return nil // every link has ended: nothing is sold, and no registrar is named any more
	}
	a := &layout.Agency{Operator: v.Company, Registrar: root.Company.In(lang), PermitNo: root.Permit.Number, Phone: root.ComplaintPhone,
		ValidTo: day(root.Permit.Expires)}
	for i, l := range n.Agencies {
		if i == 0 {
			a.Number = l.Agreement
			if l.AgreementTo != 0 {
				a.ValidTo = day(l.AgreementTo)
			}
			if name := l.Registrar.In(lang); name != "" {
				a.Registrar, a.PermitNo = name, l.RegistrarPermit
			}
		}
		a.Endings = append(a.Endings, shown(l.Ending))
	}
	return a
}

// shown is an ending as people know it, with its dot.
func shown(ending string) string {
	if u, err := idna.Display.ToUnicode(ending); err == nil {
		ending = u
	}
	return "." + strings.TrimPrefix(ending, ".")
}

func day(d calendar.Day) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return d.Start()
}
