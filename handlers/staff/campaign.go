package staff

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/views/parts"
	views "yumen/views/staff"
)

func (p *Pages) campaignRoutes(r chi.Router) {
	r.Use(web.May(actor.EditCampaigns))
	r.Get("/campaigns", web.H(p.Campaigns))
	r.Post("/campaigns", web.H(p.SaveCampaign))
	r.Get("/campaigns/new", web.H(p.NewCampaign))
	r.Get("/campaigns/phrases", web.H(p.Phrases))
	r.With(web.May(actor.ApproveSecond)).Post("/campaigns/phrases", web.H(p.SavePhrases))
	r.Get("/campaigns/{ref}", web.H(p.Campaign))
	r.Post("/campaigns/{ref}", web.H(p.EndCampaign))
	r.Get("/campaigns/{ref}/edit", web.H(p.EditCampaign))
	r.Post("/campaigns/{ref}/edit", web.H(p.SaveCampaign))
	r.With(web.SteppedUp).Post("/campaigns/{ref}/publish", web.H(p.PublishCampaign))
}

// Campaigns lists the campaigns of the house.
func (p *Pages) Campaigns(w http.ResponseWriter, r *http.Request) error {
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	v := views.Campaigns{First: before == 0}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Today = calendar.DayOf(tx.Now)
		v.List, err = catalogue.Campaigns(tx, web.Actor(r), before, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n == pageSize {
		v.Next = views.Query("/staff/campaigns", "before", strconv.FormatInt(v.List[n-1].ID, 10))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.campaign.title"), "campaigns")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.CampaignsPage(page, v))
}

// NewCampaign is the empty form.
func (p *Pages) NewCampaign(w http.ResponseWriter, r *http.Request) error {
	return p.campaignForm(w, r, http.StatusOK, views.CampaignForm{})
}

// EditCampaign is the form of a draft.
func (p *Pages) EditCampaign(w http.ResponseWriter, r *http.Request) error {
	var c catalogue.Campaign
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		c, err = catalogue.FindCampaign(tx, web.Actor(r), r.PathValue("ref"))
		return err
	})
	if err != nil {
		return err
	}
	if c.State != catalogue.CampaignDraft {
		return web.Redirect(w, r, string(views.CampaignPath(c.Ref, "")))
	}
	v := views.CampaignForm{Ref: c.Ref, Version: c.Version, V: map[string]string{"title_zh": c.TitleZh, "title_en": c.TitleEn, "text_zh": c.TextZh, "text_en": c.TextEn,
		"from": c.From.String(), "to": c.To.String()}}
	for _, o := range c.Offers {
		v.V[catalogue.PromiseField(o.Ending)] = o.First.Decimal()
	}
	return p.campaignForm(w, r, http.StatusOK, v)
}

func (p *Pages) campaignForm(w http.ResponseWriter, r *http.Request, status int, v views.CampaignForm) error {
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		offers, err := catalogue.OnSale(tx, web.Actor(r).House)
		for _, o := range offers {
			v.Rows = append(v.Rows, promiseRow(o))
		}
		return err
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.campaign.title"), "campaigns")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.CampaignFormPage(page, v))
}

func promiseRow(o catalogue.Offer) views.PromiseRow {
	normal := o.Rows[permits.Create]
	return views.PromiseRow{Ending: "." + o.ULabel, Field: catalogue.PromiseField(o.ALabel), Normal: parts.Amount(normal.First), Renewal: parts.Amount(o.Renewal()),
		Cost: parts.Amount(normal.CostFirst)}
}

// SaveCampaign writes a campaign, or the next version of a draft.
func (p *Pages) SaveCampaign(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ref := r.PathValue("ref")
	seen, _ := f.Number("version") // none is the version of a new one
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		pitch, err := pitchOf(tx, web.Actor(r), f)
		if err != nil {
			return err
		}
		ref, err = catalogue.SaveCampaign(tx, web.Actor(r), r.PathValue("ref"), seen, pitch, f.Text("reason"))
		return err
	})
	if web.Mend(err) {
		v := views.CampaignForm{Ref: r.PathValue("ref"), Version: seen, Errors: parts.FieldErrors(r.Context(), err), V: map[string]string{}}
		for name := range f.Values {
			v.V[name] = f.Area(name)
		}
		return p.campaignForm(w, r, http.StatusUnprocessableEntity, v)
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.campaign.saved")
	}
	return web.Answer(w, r, err, string(views.CampaignPath(ref, "")))
}

// pitchOf reads the form. A price that is none is no amount, and refused at its
// field.
func pitchOf(tx *db.Tx, who actor.Actor, f web.Form) (catalogue.Pitch, error) {
	p := catalogue.Pitch{TitleZh: f.Text("title_zh"), TitleEn: f.Text("title_en"), TextZh: f.Area("text_zh"), TextEn: f.Area("text_en"), Knowing: f.Ticked("loss")}
	p.From, _ = calendar.ParseDay(f.Text("from")) // no day is said so by the flow
	p.To, _ = calendar.ParseDay(f.Text("to"))
	all, err := catalogue.Offers(tx, who.House)
	if err != nil {
		return p, err
	}
	for _, o := range all {
		text := f.Text(catalogue.PromiseField(o.ALabel))
		if text == "" {
			continue
		}
		m, err := ledger.Parse(text, o.Rows[permits.Create].First.Currency)
		if err != nil {
			m = ledger.Money{}
		}
		p.Offers = append(p.Offers, catalogue.Promise{Ending: o.ALabel, First: m})
	}
	return p, nil
}

// Campaign shows one campaign.
func (p *Pages) Campaign(w http.ResponseWriter, r *http.Request) error {
	return p.campaign(w, r, http.StatusOK, views.Campaign{})
}

func (p *Pages) campaign(w http.ResponseWriter, r *http.Request, status int, v views.Campaign) error {
	who := web.Actor(r)
	v.Compliance = who.May(actor.ApproveSecond)
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Today = calendar.DayOf(tx.Now)
		if v.Campaign, err = catalogue.FindCampaign(tx, who, r.PathValue("ref")); err != nil {
			return err
		}
		if v.Versions, err = catalogue.CampaignVersions(tx, who, v.Ref, 50); err != nil {
			return err
		}
		if v.Own, err = v.Wrote(tx, who.Person); err != nil {
			return err
		}
		list, err := catalogue.Phrases(tx)
		if err != nil {
			return err
		}
		v.Banned = v.Campaign.Banned(list)
		for _, promise := range v.Offers {
			o, err := catalogue.Find(tx, who.House, promise.Ending)
			if err != nil {
				return err
			}
			row := promiseRow(o)
			row.First = parts.Amount(promise.First)
			if _, row.Loss, err = o.Loses(promise); err != nil {
				return err
			}
			v.Rows = append(v.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, v.Title(web.Lang(r)), "campaigns")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.CampaignPage(page, v))
}

// PublishCampaign is the second person's yes.
func (p *Pages) PublishCampaign(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	seen, _ := f.Number("version") // no version is none that stands
	s := catalogue.Sanction{Version: seen, Loss: f.Ticked("loss"), Reason: f.Text("reason")}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error { return catalogue.PublishCampaign(tx, web.Actor(r), r.PathValue("ref"), s) })
	return p.campaignAnswer(w, r, f, err, "reason", "staff.campaign.published_flash")
}

// EndCampaign drops a draft or stops what is published.
func (p *Pages) EndCampaign(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ref, why := r.PathValue("ref"), f.Text("reason")
	seen, _ := f.Number("version")
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		switch f.Text("do") {
		case "drop":
			return catalogue.DropCampaign(tx, web.Actor(r), ref, seen, why)
		case "stop":
			return catalogue.StopCampaign(tx, web.Actor(r), ref, why)
		}
		return lost
	})
	field, done := "drop-reason", "staff.campaign.dropped_flash"
	if f.Text("do") == "stop" {
		field, done = "stop-reason", "staff.campaign.stopped_flash"
	}
	return p.campaignAnswer(w, r, f, err, field, done)
}

func (p *Pages) campaignAnswer(w http.ResponseWriter, r *http.Request, f web.Form, err error, field, done string) error {
	if web.Mend(err) {
		return p.campaign(w, r, http.StatusUnprocessableEntity, views.Campaign{Errors: parts.FieldErrors(r.Context(), at(err, "reason", field)),
			V: map[string]string{field: f.Text("reason"), "loss": f.Text("loss")}})
	}
	if err == nil {
		web.Flash(w, r, "ok", done)
	}
	return web.Answer(w, r, err, string(views.CampaignPath(r.PathValue("ref"), "")))
}

// Phrases shows the banned phrases.
func (p *Pages) Phrases(w http.ResponseWriter, r *http.Request) error {
	return p.phrases(w, r, http.StatusOK, views.Phrases{})
}

func (p *Pages) phrases(w http.ResponseWriter, r *http.Request, status int, v views.Phrases) error {
	v.May = catalogue.MayEditPhrases(web.Actor(r))
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v.Now, err = catalogue.Phrases(tx); err != nil {
			return err
		}
		v.History, err = catalogue.PhraseHistory(tx, web.Actor(r), 50)
		return err
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.campaign.phrases"), "campaigns")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.PhrasesPage(page, v))
}

// SavePhrases puts a list in force.
func (p *Pages) SavePhrases(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	seen, _ := f.Number("version")
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		return catalogue.SavePhrases(tx, web.Actor(r), seen, f.Area("phrases"), f.Text("reason"))
	})
	if web.Mend(err) {
		return p.phrases(w, r, http.StatusUnprocessableEntity, views.Phrases{Errors: parts.FieldErrors(r.Context(), err),
			V: map[string]string{"phrases": f.Area("phrases"), "reason": f.Text("reason")}})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.campaign.phrases_saved")
	}
	return web.Answer(w, r, err, "/staff/campaigns/phrases")
}
