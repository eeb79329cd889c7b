package staff

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/backups"
	views "yumen/views/staff"
)

func (p *Pages) dutyRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeDuties))
	r.Get("/duties", web.H(p.DutyList))
}

// DutyList shows how far the registrar's duties are kept by this version.
func (p *Pages) DutyList(w http.ResponseWriter, r *http.Request) error {
	all, err := readDuties(p.Duties, p.DutyText, locales.Lang(r.Context()))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := views.Duties{Count: map[string]int{}, All: len(all), State: q.Get("state"), Query: q.Get("q")}
	for _, d := range all {
		v.Count[d.State]++
	}
	if !slices.Contains(views.DutyStates(), v.State) {
		v.State = ""
	}
	v.List = views.Filter(all, v.State, v.Query)
	if v.Backups, err = p.backups(r); err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.duties.title"), "duties")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.DutiesPage(page, v))
}

// backups is the live evidence of M-26: of the registrar's own house alone.
func (p *Pages) backups(r *http.Request) (*backups.State, error) {
	who := web.Actor(r)
	if who.House != actor.RootHouse {
		return nil, nil
	}
	var s backups.State
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) { s, err = backups.Evidence(tx, who); return err })
	return &s, err
}

// readDuties reads docs/duties.csv (id, state, refusal, test, where, reason) and
// docs/duties_text.csv (id, title_zh, title_en, reason_zh) for a reader of lang.
func readDuties(file, text []byte, lang string) ([]views.Duty, error) {
	if len(file) == 0 {
		return nil, nil
	}
	rows, err := table(file, 6)
	if err != nil {
		return nil, fmt.Errorf("duties: %w", err)
	}
	words, err := table(text, 4)
	if err != nil {
		return nil, fmt.Errorf("duties: text: %w", err)
	}
	said := map[string][]string{}
	for _, row := range words {
		said[row[0]] = row
	}
	var out []views.Duty
	for _, row := range rows {
		d := views.Duty{ID: row[0], State: row[1], Refusal: row[2] == "yes", Test: row[3], Where: row[4], Reason: row[5]}
		if w := said[d.ID]; w != nil {
			d.Title = w[2]
			if lang == "zh" {
				d.Title, d.Reason = w[1], w[3]
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// table reads a CSV file with n columns, without its header.
func table(file []byte, n int) ([][]string, error) {
	c := csv.NewReader(bytes.NewReader(file))
	c.FieldsPerRecord = n
	rows, err := c.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[1:], nil
}
