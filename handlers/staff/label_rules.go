package staff

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/catalogue"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/registrations"
	"yumen/views/parts"
	views "yumen/views/staff"
)

// LabelRules lists the endings with what each allows.
func (p *Pages) LabelRules(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	var v views.LabelRules
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		all, err := catalogue.Offers(tx, who.House)
		if err != nil {
			return err
		}
		for _, o := range all {
			e, err := names.ParseEnding(o.ALabel)
			if err != nil {
				return err
			}
			row := views.LabelRow{Ending: e}
			if row.Now, err = labels.Of(tx, e); err != nil {
				return err
			}
			if _, row.Draft, err = labels.DraftOf(tx, who, e); err != nil {
				return err
			}
			v.Rows = append(v.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.names.rules"), "names")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.LabelRulesPage(page, v))
}

// LabelRule shows one ending's rules, its draft and its versions.
func (p *Pages) LabelRule(w http.ResponseWriter, r *http.Request) error {
	return p.labelRule(w, r, http.StatusOK, views.LabelRule{})
}

// mostLooked bounds how many registered names a draft is tried on.
const mostLooked = 5000

func (p *Pages) labelRule(w http.ResponseWriter, r *http.Request, status int, v views.LabelRule) error {
	who := web.Actor(r)
	e, err := names.ParseEnding(r.PathValue("ending"))
	if err != nil {
		return lost
	}
	v.Ending = e
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v.Now, err = labels.Of(tx, e); err != nil {
			return err
		}
		if v.Versions, err = labels.Versions(tx, who, e, 20); err != nil {
			return err
		}
		draft, ok, err := labels.DraftOf(tx, who, e)
		if err != nil || !ok {
			return err
		}
		v.Draft = &draft
		if draft.Table != nil {
			v.Compared = draft.Table.Compare()
		}
		live, err := registrations.UnderEnding(tx, who, e, mostLooked)
		v.Looked, v.Unfit = len(live), draft.Unfit(live)
		return err
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.names.rules"), "names")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.LabelRulePage(page, v))
}

// DraftLabelRule reads the next version: the dry run.
func (p *Pages) DraftLabelRule(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	e, err := names.ParseEnding(r.PathValue("ending"))
	if err != nil {
		return lost
	}
	file, name, err := upload(r, "table")
	if err != nil {
		return err
	}
	text := ""
	if file != nil {
		defer file.Close()
		raw, err := io.ReadAll(file) // bounded by Allow; a transaction may be run again
		if err != nil {
			return err
		}
		text = string(raw)
	}
	number := func(field string) int {
		n, _ := f.Number(field) // what is no number is out of bounds, and said so
		return int(n)
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		ask := labels.Ask{Ending: e, TableName: name, NoTable: f.Ticked("no_table"), Relevance: f.Ticked("relevance"), Persons: labels.Persons(f.Text("persons")), Policy: names.Policy{
			MinASCII: number("min_ascii"), MaxASCII: number("max_ascii"), MinHan: number("min_han"), MaxHan: number("max_han"),
			NeedsHan: f.Ticked("needs_han"), Hyphens: names.HyphenRule(f.Text("hyphens")), Source: f.Text("source")}}
		if text != "" {
			ask.Table = strings.NewReader(text)
		}
		_, err := labels.Save(tx, web.Actor(r), ask, f.Text("reason"))
		return err
	})
	if web.Mend(err) {
		v := views.LabelRule{Errors: parts.FieldErrors(r.Context(), err), V: map[string]string{}}
		for name := range f.Values {
			v.V[name] = f.Text(name)
		}
		return p.labelRule(w, r, http.StatusUnprocessableEntity, v)
	}
	return web.Answer(w, r, err, "/staff/names/rules/"+e.A())
}

// SettleLabelRule puts a draft in force or drops it.
func (p *Pages) SettleLabelRule(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	n, err := number(f.Text("id"))
	if err != nil {
		return err
	}
	who := web.Actor(r)
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if f.Text("do") == "drop" {
			return labels.Drop(tx, who, n, f.Text("reason"))
		}
		return labels.PutInForce(tx, who, n, f.Text("reason"))
	})
	if web.Mend(err) {
		return p.labelRule(w, r, http.StatusUnprocessableEntity, views.LabelRule{Errors: parts.FieldErrors(r.Context(), at(err, "reason", "draft-reason"))})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.names.saved")
	}
	return web.Answer(w, r, err, "/staff/names/rules/"+url.PathEscape(r.PathValue("ending")))
}
