package customer

import (
	"net/http"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/notices"
	view "yumen/views/customer"
)

// notices lists what we wrote to the account.
func (p *Pages) notices(w http.ResponseWriter, r *http.Request) error {
	v := view.Notices{Page: page(r)}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.List, err = notices.List(tx, web.Actor(r), before(r), perPage+1)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n > perPage {
		v.Next = older("/notices", n, v.List[perPage-1].ID)
		v.List = v.List[:perPage]
	}
	return web.Render(w, r, http.StatusOK, view.NoticesPage(web.Frame(r, locales.T(r.Context(), "notice.title")), v))
}
