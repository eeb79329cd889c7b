package customer

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/identity"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/screening"
	view "yumen/views/customer"
	"yumen/views/parts"
)

// namesPerPage is more than of other lists: the rows are short, and some hold
// thousands.
const namesPerPage = 50

// names lists the names of the account.
func (p *Pages) names(w http.ResponseWriter, r *http.Request) error {
	v := view.Names{Now: p.DB.Now(), Page: page(r)}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.List, err = registrations.List(tx, web.Actor(r), r.URL.Query().Get("after"), namesPerPage+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(v.List) > namesPerPage {
		v.List = v.List[:namesPerPage]
		v.Next = templ.SafeURL("/names?" + url.Values{"after": {v.List[namesPerPage-1].NameA}}.Encode())
	}
	frame := web.Frame(r, locales.T(r.Context(), "name.list.title"))
	frame.Nav = "names"
	return web.Render(w, r, http.StatusOK, view.NamesPage(frame, v))
}

// name shows one of them. However its address was written, it leads to the one
// with the A-label of the registered name.
func (p *Pages) name(w http.ResponseWriter, r *http.Request) error {
	asked := param(r, "name")
	n, _, err := names.Parse(asked)
	if err != nil {
		return errGone
	}
	who := web.Actor(r)
	v := view.Name{Now: p.DB.Now()}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v.Whole, err = registrations.Find(tx, who, n); err != nil {
			return err
		}
		if v.Account != who.Account {
			return errGone // staff look at it from their desk
		}
		return fillName(r.Context(), tx, who, &v)
	})
	if err != nil {
		return err
	}
	if asked != v.NameA {
		http.Redirect(w, r, "/names/"+v.NameA, http.StatusMovedPermanently)
		return nil
	}
	frame := web.Frame(r, v.NameU)
	frame.Nav = "names"
	v.Registrar = frame.House.Company
	if a := frame.House.Agency; a != nil {
		v.Registrar = a.Registrar
	}
	return web.Render(w, r, http.StatusOK, view.NamePage(frame, v))
}

// listed says what became prohibited after it was registered: the record stays,
// and no further service is given (Order 43 art. 28(2)).
func listed(ctx context.Context, tx *db.Tx, who actor.Actor, v *view.Name) error {
	n, _, err := names.Parse(v.NameA)
	if err != nil {
		return err
	}
	said, err := screening.Serve(tx, who.House, permits.Renew, screening.Applicant{Account: who.Account}, n)
	if _, refused := problem.As(err); err != nil && !refused {
		return err
	}
	if said.State == screening.Prohibited {
		v.Listed, v.Appeal = locales.T(ctx, said.MessageID()), parts.Appeal(err)
	}
	return nil
}

// fillName adds what other parts know of a name: its ending's terms and prices,
// its holder.
func fillName(ctx context.Context, tx *db.Tx, who actor.Actor, v *view.Name) error {
	offer, err := catalogue.Find(tx, who.House, v.Ending)
	if err == nil {
		v.Renew, v.Restore = parts.Amount(offer.Renewal()), parts.Amount(offer.RestoreFee())
		v.Grace, v.Redemption, v.Delete = offer.LifeCycle.Grace, offer.LifeCycle.Redemption, offer.LifeCycle.PendingDelete
	} else if _, ok := problem.As(err); !ok {
		return err
	}
	if err := listed(ctx, tx, who, v); err != nil {
		return err
	}
	if ref := v.Whole.Order(); ref != "" {
		v.Order = templ.SafeURL("/orders/" + ref)
	}
	if v.ProfileVersion == 0 {
		return nil
	}
	version, err := identity.ByID(tx, who.House, v.ProfileVersion)
	if err != nil {
		if _, ok := problem.As(err); ok {
			return nil // the profile is kept by rules of its own
		}
		return err
	}
	v.Holder = view.Holder{
		Name: version.Display, Kind: holderWords(ctx, version.Holder), Document: documentWords(ctx, version),
		State: locales.T(ctx, "profile.state."+string(version.State)), Badge: view.ProfileKind(version.State), Href: templ.SafeURL("/profiles/" + version.Ref),
	}
	return nil
}
