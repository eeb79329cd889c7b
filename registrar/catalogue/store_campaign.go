package catalogue

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

type campaignRow struct {
	ID        int64     `db:"id"`
	Ref       string    `db:"ref"`
	House     int64     `db:"house"`
	State     string    `db:"state"`
	Version   int64     `db:"version"`
	Decider   string    `db:"decider"`
	Decision  string    `db:"decision"`
	DecidedAt time.Time `db:"decided_at"`
	Matched   string    `db:"matched"`
	Stopper   string    `db:"stopper"`
	Stop      string    `db:"stop"`
	StoppedAt time.Time `db:"stopped_at"`
	TitleZh   string    `db:"title_zh"`
	TitleEn   string    `db:"title_en"`
	TextZh    string    `db:"text_zh"`
	TextEn    string    `db:"text_en"`
	From      string    `db:"from_day"`
	To        string    `db:"to_day"`
	Offers    string    `db:"offers"`
	Loss      bool      `db:"loss"`
	Person    int64     `db:"person"`
	By        string    `db:"by_name"`
	Reason    string    `db:"reason"`
	At        time.Time `db:"at"`
}

const (
	campaignColumns = `c.id, c.ref, c.house, c.state, c.decider, c.decision, c.decided_at, c.matched, c.stopper, c.stop, c.stopped_at,
		v.version, v.title_zh, v.title_en, v.text_zh, v.text_en, v.from_day, v.to_day, v.offers, v.loss, v.person, v.by_name, v.reason, v.at`
	campaignNow = `SELECT ` + campaignColumns + ` FROM campaigns c JOIN campaign_versions v ON v.campaign = c.ref AND v.version = c.version `
)

func (r campaignRow) campaign() (Campaign, error) {
	c := Campaign{ID: r.ID, Ref: r.Ref, House: r.House, State: CampaignState(r.State), Version: r.Version, Author: r.Person, By: r.By, Reason: r.Reason, At: r.At,
		Decider: r.Decider, Decision: r.Decision, DecidedAt: r.DecidedAt, Stopper: r.Stopper, Stop: r.Stop, StoppedAt: r.StoppedAt,
		Pitch: Pitch{TitleZh: r.TitleZh, TitleEn: r.TitleEn, TextZh: r.TextZh, TextEn: r.TextEn, Knowing: r.Loss}}
	if r.Matched != "" {
		c.Matched = strings.Split(r.Matched, "\n")
	}
	var err error
	if c.From, err = calendar.ParseDay(r.From); err != nil {
		return c, err
	}
	if c.To, err = calendar.ParseDay(r.To); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(r.Offers), &c.Offers)
}

func campaignsOf(rows []campaignRow, err error) ([]Campaign, error) {
	if err != nil {
		return nil, err
	}
	out := make([]Campaign, len(rows))
	for i, r := range rows {
		if out[i], err = r.campaign(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func findCampaign(tx *db.Tx, house int64, ref string) (Campaign, error) {
	r, err := db.Get[campaignRow](tx, campaignNow+`WHERE c.house = $1 AND c.ref = $2`, house, ref)
	if errors.Is(err, db.ErrNotFound) {
		return Campaign{}, problem.New(problem.NotFound, "problem.not_found")
	}
	if err != nil {
		return Campaign{}, err
	}
	return r.campaign()
}

func listCampaigns(tx *db.Tx, house, before int64, limit int) ([]Campaign, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return campaignsOf(db.All[campaignRow](tx, campaignNow+`WHERE c.house = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3`, house, before, limit))
}

func versionsOf(tx *db.Tx, c Campaign, limit int) ([]Campaign, error) {
	return campaignsOf(db.All[campaignRow](tx, `SELECT `+campaignColumns+` FROM campaigns c JOIN campaign_versions v ON v.campaign = c.ref
		WHERE c.ref = $1 ORDER BY v.version DESC LIMIT $2`, c.Ref, limit))
}

func running(tx *db.Tx, house int64, today calendar.Day) ([]Campaign, error) {
	return campaignsOf(db.All[campaignRow](tx, campaignNow+`WHERE c.house = $1 AND c.state = 'published' AND c.to_day >= $2 AND c.from_day <= $2
		ORDER BY c.to_day, c.id LIMIT 20`, house, today.String()))
}

func authorsOf(tx *db.Tx, ref string) ([]int64, error) {
	return db.All[int64](tx, `SELECT DISTINCT person FROM campaign_versions WHERE campaign = $1 LIMIT 1000`, ref)
}

// saveCampaign adds the version after c's; ok is false when somebody else did.
func saveCampaign(tx *db.Tx, who actor.Actor, c Campaign, p Pitch, why string) (bool, error) {
	offers, err := json.Marshal(append([]Promise{}, p.Offers...))
	if err != nil {
		return false, err
	}
	if c.Version == 0 {
		_, err = tx.Exec(`INSERT INTO campaigns (id, ref, house, state, version, from_day, to_day, edit, at) VALUES ($1, $2, $3, 'draft', 1, $4, $5, $6, $7)`,
			tx.NewID(), c.Ref, who.House, p.From.String(), p.To.String(), tx.NewID(), tx.Now)
	} else {
		var n int64
		n, err = tx.Exec(`UPDATE campaigns SET version = version + 1, from_day = $1, to_day = $2, edit = $3 WHERE ref = $4 AND state = 'draft' AND version = $5`,
			p.From.String(), p.To.String(), tx.NewID(), c.Ref, c.Version)
		if err == nil && n == 0 {
			return false, nil
		}
	}
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(`INSERT INTO campaign_versions (id, campaign, version, title_zh, title_en, text_zh, text_en, from_day, to_day, offers, loss, person, by_name, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, tx.NewID(), c.Ref, c.Version+1, p.TitleZh, p.TitleEn, p.TextZh, p.TextEn,
		p.From.String(), p.To.String(), string(offers), p.Knowing, who.Person, who.Name, why, tx.Now)
	return true, err
}

// decideCampaign ends a draft; ok is false when it is no longer the one read.
func decideCampaign(tx *db.Tx, who actor.Actor, c Campaign, to CampaignState, why string, phrases int64) (bool, error) {
	edited(tx)
	n, err := tx.Exec(`UPDATE campaigns SET state = $1, decided_by = $2, decider = $3, decision = $4, decided_at = $5, matched = $6, phrases = $7, edit = $8
		WHERE ref = $9 AND state = 'draft' AND version = $10`, string(to), who.Person, who.Name, why, tx.Now, strings.Join(c.Matched, "\n"), phrases,
		tx.NewID(), c.Ref, c.Version)
	return n == 1, err
}

func stopCampaign(tx *db.Tx, who actor.Actor, c Campaign, why string) (bool, error) {
	edited(tx)
	n, err := tx.Exec(`UPDATE campaigns SET state = 'stopped', stopper = $1, stop = $2, stopped_at = $3, edit = $4 WHERE ref = $5 AND state = 'published'`,
		who.Name, why, tx.Now, tx.NewID(), c.Ref)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`UPDATE catalogue_promotions SET valid_to = $1 WHERE campaign = $2 AND valid_to > $1`, tx.Now, c.Ref)
	return true, err
}

func insertPromotion(tx *db.Tx, who actor.Actor, r Row, why string) error {
	edited(tx)
	_, err := tx.Exec(`INSERT INTO catalogue_promotions (id, house, ending, campaign, normal, currency, first, next, tax_rate_bp, cost_currency,
		cost_first, cost_next, valid_from, valid_to, person, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		tx.NewID(), who.House, r.Ending, r.Campaign, r.Normal, r.First.Currency, r.First.Minor, r.Next.Minor, r.TaxRateBP, r.CostFirst.Currency,
		r.CostFirst.Minor, r.CostNext.Minor, r.From, r.To, who.Person, why, tx.Now)
	return err
}

type promotionRow struct {
	ID           int64     `db:"id"`
	Ending       string    `db:"ending"`
	Campaign     string    `db:"campaign"`
	Normal       int64     `db:"normal"`
	Currency     string    `db:"currency"`
	First        int64     `db:"first"`
	Next         int64     `db:"next"`
	TaxRateBP    int64     `db:"tax_rate_bp"`
	CostCurrency string    `db:"cost_currency"`
	CostFirst    int64     `db:"cost_first"`
	CostNext     int64     `db:"cost_next"`
	From         time.Time `db:"valid_from"`
	To           time.Time `db:"valid_to"`
}

const promotionColumns = `id, ending, campaign, normal, currency, first, next, tax_rate_bp, cost_currency, cost_first, cost_next, valid_from, valid_to`

func (r promotionRow) row() Row {
	return Row{ID: r.ID, Ending: r.Ending, Service: permits.Create, Campaign: r.Campaign, Normal: r.Normal,
		First: ledger.Money{Minor: r.First, Currency: r.Currency}, Next: ledger.Money{Minor: r.Next, Currency: r.Currency}, TaxRateBP: r.TaxRateBP,
		CostFirst: ledger.Money{Minor: r.CostFirst, Currency: r.CostCurrency}, CostNext: ledger.Money{Minor: r.CostNext, Currency: r.CostCurrency},
		From: r.From, To: r.To}
}

func promotionRows(rows []promotionRow, err error) ([]Row, error) {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = r.row()
	}
	return out, err
}

func promotionsNow(tx *db.Tx, house int64) ([]Row, error) {
	return promotionRows(db.All[promotionRow](tx, `SELECT `+promotionColumns+` FROM catalogue_promotions
		WHERE house IN ($1, $2) AND valid_from <= $3 AND valid_to > $3 ORDER BY id LIMIT 2000`, house, root, tx.Now))
}

// promotionsBetween are the promotional rows of an ending that hold at some time
// from one instant until another; a zero until is without end.
func promotionsBetween(tx *db.Tx, house int64, ending string, from, until time.Time) ([]Row, error) {
	if until.IsZero() {
		until = calendar.Date(9999, 1, 1).Start()
	}
	return promotionRows(db.All[promotionRow](tx, `SELECT `+promotionColumns+` FROM catalogue_promotions
		WHERE house = $1 AND ending = $2 AND valid_to > $3 AND valid_from < $4 AND valid_from < valid_to ORDER BY valid_from, id LIMIT 100`, house, ending, from, until))
}

func findPromotion(tx *db.Tx, house, id int64) (Row, error) {
	r, err := db.Get[promotionRow](tx, `SELECT `+promotionColumns+` FROM catalogue_promotions WHERE id = $3 AND house IN ($1, $2)`, house, root, id)
	if errors.Is(err, db.ErrNotFound) {
		return Row{}, problem.New(problem.NotFound, "problem.not_found")
	}
	return r.row(), err
}

func promotionsOf(tx *db.Tx, house int64, ending string) ([]Row, error) {
	return promotionRows(db.All[promotionRow](tx, `SELECT `+promotionColumns+` FROM catalogue_promotions WHERE house IN ($1, $2) AND ending = $3
		ORDER BY id DESC LIMIT 1000`, house, root, ending))
}

// lockEnding lets only one transaction at a time change what an ending costs,
// on an engine with several writers too.
func lockEnding(tx *db.Tx, house int64, ending string) error {
	_, err := tx.Exec(`UPDATE catalogue_endings SET offered = offered WHERE house IN ($1, $2) AND ending = $3`, house, root, ending)
	return err
}

type phraseRow struct {
	Version int64     `db:"version"`
	Phrases string    `db:"phrases"`
	By      string    `db:"by_name"`
	Reason  string    `db:"reason"`
	At      time.Time `db:"at"`
}

func (r phraseRow) list() PhraseList {
	return PhraseList{Version: r.Version, Phrases: strings.Split(r.Phrases, "\n"), By: r.By, Reason: r.Reason, At: r.At}
}

func newestPhrases(tx *db.Tx) (PhraseList, bool, error) {
	r, err := db.Get[phraseRow](tx, `SELECT version, phrases, by_name, reason, at FROM campaign_phrases ORDER BY version DESC LIMIT 1`)
	if errors.Is(err, db.ErrNotFound) {
		return PhraseList{}, false, nil
	}
	return r.list(), err == nil, err
}

func phraseHistory(tx *db.Tx, limit int) ([]PhraseList, error) {
	rows, err := db.All[phraseRow](tx, `SELECT version, phrases, by_name, reason, at FROM campaign_phrases ORDER BY version DESC LIMIT $1`, limit)
	out := make([]PhraseList, len(rows))
	for i, r := range rows {
		out[i] = r.list()
	}
	return out, err
}

// insertPhrases adds a version; ok is false when somebody else did.
func insertPhrases(tx *db.Tx, who actor.Actor, l PhraseList) (bool, error) {
	n, err := tx.Exec(`INSERT INTO campaign_phrases (version, phrases, person, by_name, reason, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (version) DO NOTHING`,
		l.Version, strings.Join(l.Phrases, "\n"), who.Person, who.Name, l.Reason, tx.Now)
	return n == 1, err
}

func draftsOf(tx *db.Tx, house int64, limit int) ([]int64, error) {
	return db.All[int64](tx, `SELECT id FROM campaigns WHERE house = $1 AND state = 'draft' ORDER BY id LIMIT $2`, house, limit)
}
