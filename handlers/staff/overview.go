package staff

import (
	"net/http"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/permits"
	views "yumen/views/staff"
)

// onOverview is how many tasks each list of the overview shows.
const onOverview = 10

// Overview is what waits for the person who asks.
func (p *Pages) Overview(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	waits, err := p.waiting(r)
	if err != nil {
		return err
	}
	v := views.Overview{Person: who.Person}
	for _, i := range waits.tasks {
		switch {
		case i.Mine(who) && len(v.Mine) < onOverview:
			v.Mine = append(v.Mine, i)
		case i.State == desk.Waiting && len(v.Next) < onOverview:
			v.Next = append(v.Next, i)
		}
	}
	tile := func(key, name, href string) {
		if !may(who)[key] {
			return
		}
		t := views.Tile{Name: name, Value: locales.Number(ctx, int64(waits.counts[key])), Href: href}
		if waits.hot[key] {
			t.Kind, t.Note = "bad", locales.T(ctx, "staff.overview.late")
		}
		v.Tiles = append(v.Tiles, t)
	}
	tile("reviews", locales.T(ctx, "staff.overview.reviews"), "/staff/reviews")
	tile("complaints", locales.T(ctx, "staff.overview.complaints"), "/staff/complaints")
	tile("desk", locales.T(ctx, "staff.overview.tasks"), "/staff/desk")
	tile("refunds", locales.T(ctx, "staff.overview.refunds"), "/staff/refunds")
	tile("approvals", locales.T(ctx, "staff.overview.approvals"), "/staff/approvals")
	err = p.DB.Read(ctx, func(tx *db.Tx) error {
		v.Now = tx.Now
		for _, f := range []func(*http.Request, *db.Tx, *views.Overview) error{p.jobsTile, p.permitTile} {
			if err := f(r, tx, &v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(ctx, "staff.overview.title"), "overview")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.OverviewPage(page, v))
}

func (p *Pages) jobsTile(r *http.Request, tx *db.Tx, v *views.Overview) error {
	ctx, who := r.Context(), web.Actor(r)
	if !may(who)["jobs"] {
		return nil
	}
	dead, err := desk.DeadJobs(tx, who, 0, mostCounted)
	if err != nil {
		return err
	}
	t := views.Tile{Name: locales.T(ctx, "staff.overview.jobs"), Value: locales.Number(ctx, int64(len(dead))), Href: "/staff/jobs"}
	if len(dead) > 0 {
		t.Kind = "bad"
	}
	v.Tiles = append(v.Tiles, t)
	return nil
}

// permitTile says how many days the permit has left.
func (p *Pages) permitTile(r *http.Request, tx *db.Tx, v *views.Overview) error {
	ctx, who := r.Context(), web.Actor(r)
	if !who.May(actor.EditPermits) {
		return nil
	}
	permit, _, err := permits.Current(tx, who.House)
	if err != nil {
		return err
	}
	today := calendar.DayOf(tx.Now)
	t := views.Tile{Kind: "bad", Name: locales.T(ctx, "staff.overview.permit"), Value: locales.T(ctx, "staff.overview.permit_none"), Href: "/staff/permits"}
	if permit.Valid(today) {
		left := permit.Expires.Since(today)
		t.Kind, t.Value, t.Note = "", locales.T(ctx, "staff.overview.days", "Count", left), locales.T(ctx, "staff.overview.permit_to", "Date", permit.Expires.String())
		if left < 180 {
			t.Kind = "wait"
		}
	}
	v.Tiles = append(v.Tiles, t)
	return nil
}
