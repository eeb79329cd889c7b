package catalogue

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

// CampaignState is how far a campaign is:
//
//	Draft (another person than its authors) -> Published -> Stopped
//	Draft -> Dropped
//
// A published campaign begins and ends by its days, without anybody's doing.
type CampaignState string

// The states.
const (
	CampaignDraft CampaignState = "draft"
	Published     CampaignState = "published"
	Stopped       CampaignState = "stopped"
	CampaignGone  CampaignState = "dropped"
)

// Pitch is what a campaign says and promises: the part that is written.
type Pitch struct {
	TitleZh, TitleEn string
	TextZh, TextEn   string
	From, To         calendar.Day // To is the last day
	Offers           []Promise
	Knowing          bool // the author knows that it sells below cost
}

// Title is the title in a language; Text likewise.
func (p Pitch) Title(lang string) string { return either(lang, p.TitleZh, p.TitleEn) }

// Text is what the campaign says, in a language.
func (p Pitch) Text(lang string) string { return either(lang, p.TextZh, p.TextEn) }

func either(lang, zh, en string) string {
	if lang == "en" {
		return en
	}
	return zh
}

// Promise is the promotional first year of one ending, the tax contained, and
// the normal price row it is compared with.
type Promise struct {
	Ending string       `json:"ending"`
	First  ledger.Money `json:"first"`
	Normal int64        `json:"normal"`
}

// Campaign is a text with its days and prices, as its newest version has it.
type Campaign struct {
	Pitch
	ID        int64
	Ref       string
	House     int64
	State     CampaignState
	Version   int64
	Author    int64 // who wrote the newest version
	By        string
	Reason    string // why it was written so
	At        time.Time
	Decider   string
	Decision  string // the reason
	DecidedAt time.Time
	Matched   []string // banned phrases it was published with in spite of them
	Stopper   string
	Stop      string // the reason
	StoppedAt time.Time
}

// Runs reports whether the campaign is to be seen on a day.
func (c Campaign) Runs(today calendar.Day) bool {
	return c.State == Published && c.From <= today && today <= c.To
}

// Most of a campaign, in characters and days. An offer that holds for longer
// than a year is the price.
const (
	longTitle    = 60
	longText     = 400
	longCampaign = 366
	mostPromises = 100
)

// SaveCampaign writes a campaign anew (ref empty) or the next version of a
// draft; seen is the version that was edited. It returns the reference.
// A text with banned phrases may be saved: publishing it then takes compliance.
func SaveCampaign(tx *db.Tx, who actor.Actor, ref string, seen int64, p Pitch, why string) (string, error) {
	if !mayCampaign(who) {
		return "", lost()
	}
	was := Campaign{Ref: db.NewRef(), House: who.House, State: CampaignDraft}
	if ref != "" {
		var err error
		if was, err = findCampaign(tx, who.House, ref); err != nil {
			return "", err
		}
		if was.State != CampaignDraft || was.Version != seen {
			return "", moved(was)
		}
	}
	var f problem.Form
	checkWords(&f, &p)
	checkDays(&f, tx, p)
	if err := checkPromises(&f, tx, who.House, was.Ref, &p); err != nil {
		return "", err
	}
	needReason(&f, why)
	if err := f.Err(); err != nil {
		return "", err
	}
	ok, err := saveCampaign(tx, who, was, p, why)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", moved(was)
	}
	was.Pitch, was.Version = p, was.Version+1
	return was.Ref, record(tx, who, "catalogue.campaign_saved", was, why)
}

func checkWords(f *problem.Form, p *Pitch) {
	for _, w := range []struct {
		field string
		text  *string
		most  int
	}{{"title_zh", &p.TitleZh, longTitle}, {"title_en", &p.TitleEn, 2 * longTitle}, {"text_zh", &p.TextZh, longText}, {"text_en", &p.TextEn, 2 * longText}} {
		*w.text = strings.TrimSpace(*w.text)
		switch n := len([]rune(*w.text)); {
		case n == 0:
			f.Add(w.field, "catalogue.field_needed")
		case n > w.most:
			f.Add(w.field, "catalogue.too_long", "Most", w.most)
		}
	}
}

func checkDays(f *problem.Form, tx *db.Tx, p Pitch) {
	today := calendar.DayOf(tx.Now)
	switch {
	case p.From == 0:
		f.Add("from", "catalogue.day_form")
	case p.To == 0:
		f.Add("to", "catalogue.day_form")
	case p.To < p.From:
		f.Add("to", "catalogue.days_order")
	case p.To < today:
		f.Add("to", "catalogue.days_past")
	case p.To.Since(p.From) >= longCampaign:
		f.Add("to", "catalogue.days_many", "Most", longCampaign)
	}
}

// checkPromises judges the prices: each ending once and on sale, cheaper than
// the normal first year, not below cost unless the author knows, and no other
// campaign's days.
func checkPromises(f *problem.Form, tx *db.Tx, house int64, ref string, p *Pitch) error {
	if len(p.Offers) > mostPromises {
		f.Add("offers", "catalogue.promises_many", "Most", mostPromises)
		return nil
	}
	seen := map[string]bool{}
	for i, one := range p.Offers {
		field := PromiseField(one.Ending)
		if seen[one.Ending] {
			f.Add(field, "catalogue.promise_twice")
			continue
		}
		seen[one.Ending] = true
		o, err := Find(tx, house, one.Ending)
		if err == nil {
			err = sellable(tx, house, o)
		}
		if no, refused := problem.As(err); refused {
			f.Add(field, no.ID, no.Args...)
			continue
		}
		if err != nil {
			return err
		}
		normal := o.Rows[permits.Create]
		p.Offers[i].Normal = normal.ID
		switch {
		case !one.First.Positive() || one.First.Currency != normal.First.Currency:
			f.Add(field, "catalogue.promise_form")
			continue
		case one.First.Minor >= normal.First.Minor:
			f.Add(field, "catalogue.promise_dearer", "Normal", normal.First.Decimal(), "Currency", normal.First.Currency)
			continue
		}
		if err := checkCost(f, o, one, *p); err != nil {
			return err
		}
		if p.From == 0 || p.To == 0 {
			continue
		}
		others, err := promotionsBetween(tx, house, one.Ending, p.From.Start(), p.To.End())
		if err != nil {
			return err
		}
		for _, r := range others {
			if r.Campaign != ref {
				f.Add(field, "catalogue.promotion_overlaps", "Campaign", r.Campaign, "From", calendar.DayOf(r.From).String(), "To", r.LastDay().String())
				break
			}
		}
	}
	return nil
}

// PromiseField is what a form calls the price of an ending.
func PromiseField(ending string) string { return "first-" + ending }

func checkCost(f *problem.Form, o Offer, one Promise, p Pitch) error {
	l, losing, err := o.Loses(one)
	if err != nil || !losing || p.Knowing {
		return err
	}
	f.Add("loss", "catalogue.promise_loss", "Ending", o.ULabel, "Net", l.Net.Decimal(), "Cost", l.Cost.Decimal(), "Currency", l.Cost.Currency)
	return nil
}

// Loses reports whether a promise sells below what the registry takes.
func (o Offer) Loses(p Promise) (Loss, bool, error) {
	row := o.Rows[permits.Create]
	row.First = p.First
	return Offer{Ending: o.Ending, Rows: map[Service]Row{permits.Create: row}}.loss(permits.Create)
}

// Sanction is the second person's word.
type Sanction struct {
	Version int64 // the version that was read
	Loss    bool  // knows that it sells below cost, where it does
	Reason  string
}

// PublishCampaign puts a version of a draft before the public, from its first
// day. It takes another person than any who wrote it, and compliance where the
// text matches the banned phrases in force (Order 43 art. 29). The prices are
// judged again: they become price rows here.
func PublishCampaign(tx *db.Tx, who actor.Actor, ref string, s Sanction) error {
	if !mayCampaign(who) || who.IsSystem() { // a second person is a person
		return lost()
	}
	c, err := findCampaign(tx, who.House, ref)
	if err != nil {
		return err
	}
	if c.State != CampaignDraft || c.Version != s.Version {
		return moved(c)
	}
	authors, err := authorsOf(tx, ref)
	if err != nil {
		return err
	}
	if slices.Contains(authors, who.Person) {
		return problem.New(problem.Refused, "catalogue.own_campaign").WithCode("SAME_PERSON")
	}
	list, err := Phrases(tx)
	if err != nil {
		return err
	}
	c.Matched = list.Match(c.words()...)
	if len(c.Matched) > 0 && !who.May(actor.ApproveSecond) {
		return problem.New(problem.Refused, "catalogue.banned_phrases", "Phrases", strings.Join(c.Matched, "、")).WithCode("BANNED_PHRASES")
	}
	var f problem.Form
	needReason(&f, s.Reason)
	if err := f.Err(); err != nil {
		return err
	}
	if err := fulfil(tx, who, c, s); err != nil {
		return err
	}
	ok, err := decideCampaign(tx, who, c, Published, s.Reason, list.Version)
	if err != nil {
		return err
	}
	if !ok {
		return moved(c)
	}
	return record(tx, who, "catalogue.campaign_published", c, s.Reason)
}

// words are all that the public reads of a campaign.
func (c Campaign) words() []string { return []string{c.TitleZh, c.TitleEn, c.TextZh, c.TextEn} }

// Banned are the phrases of the list in force that a campaign has in it.
func (c Campaign) Banned(l PhraseList) []string { return l.Match(c.words()...) }

// fulfil makes the promised prices rows, unless they cannot be kept any more.
func fulfil(tx *db.Tx, who actor.Actor, c Campaign, s Sanction) error {
	for _, p := range c.Offers {
		if err := lockEnding(tx, c.House, p.Ending); err != nil {
			return err
		}
	}
	was, p := slices.Clone(c.Offers), c.Pitch
	p.Knowing = s.Loss
	p.Offers = slices.Clone(c.Offers)
	var f problem.Form
	checkDays(&f, tx, p)
	if err := checkPromises(&f, tx, c.House, c.Ref, &p); err != nil {
		return err
	}
	if err := f.Err(); err != nil {
		return err
	}
	for i, one := range p.Offers {
		if one.Normal != was[i].Normal {
			return problem.New(problem.Conflict, "catalogue.promise_moved", "Ending", one.Ending)
		}
		normal, err := findRow(tx, c.House, one.Normal)
		if err != nil {
			return err
		}
		row := normal
		row.First, row.Normal, row.Campaign = one.First, normal.ID, c.Ref
		row.From, row.To = c.From.Start(), c.To.End()
		if row.From.Before(tx.Now) { // no price is in force before it is published
			row.From = tx.Now
		}
		if err := insertPromotion(tx, who, row, s.Reason); err != nil {
			return err
		}
	}
	return nil
}

// DropCampaign takes a draft away; whoever may write may.
func DropCampaign(tx *db.Tx, who actor.Actor, ref string, seen int64, why string) error {
	return end(tx, who, ref, why, "catalogue.campaign_dropped", func(c Campaign) (bool, error) {
		if c.State != CampaignDraft || c.Version != seen {
			return false, nil
		}
		return decideCampaign(tx, who, c, CampaignGone, why, 0)
	})
}

// StopCampaign ends a published campaign at once, its prices with it. What was
// ordered by them stays as it was ordered.
func StopCampaign(tx *db.Tx, who actor.Actor, ref, why string) error {
	return end(tx, who, ref, why, "catalogue.campaign_stopped", func(c Campaign) (bool, error) {
		if c.State != Published || calendar.DayOf(tx.Now) > c.To {
			return false, nil
		}
		return stopCampaign(tx, who, c, why)
	})
}

func end(tx *db.Tx, who actor.Actor, ref, why, act string, change func(Campaign) (bool, error)) error {
	if !mayCampaign(who) {
		return lost()
	}
	c, err := findCampaign(tx, who.House, ref)
	if err != nil {
		return err
	}
	var f problem.Form
	needReason(&f, why)
	if err := f.Err(); err != nil {
		return err
	}
	ok, err := change(c)
	if err != nil {
		return err
	}
	if !ok {
		return moved(c)
	}
	return record(tx, who, act, c, why)
}

// FindCampaign is one of the house's campaigns.
func FindCampaign(tx *db.Tx, who actor.Actor, ref string) (Campaign, error) {
	if !mayCampaign(who) {
		return Campaign{}, lost()
	}
	return findCampaign(tx, who.House, ref)
}

// Campaigns lists the house's campaigns, newest first; before is where the page
// above ended.
func Campaigns(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Campaign, error) {
	if !mayCampaign(who) {
		return nil, lost()
	}
	return listCampaigns(tx, who.House, before, limit)
}

// CampaignDrafts is how many drafts wait for another person, most at most.
func CampaignDrafts(tx *db.Tx, who actor.Actor, most int) (int, error) {
	if !mayCampaign(who) {
		return 0, lost()
	}
	list, err := draftsOf(tx, who.House, most)
	return len(list), err
}

// CampaignVersions are all versions of a campaign, newest first.
func CampaignVersions(tx *db.Tx, who actor.Actor, ref string, limit int) ([]Campaign, error) {
	c, err := FindCampaign(tx, who, ref)
	if err != nil {
		return nil, err
	}
	return versionsOf(tx, c, limit)
}

// Wrote reports whether the person wrote a version of it: they cannot publish
// it.
func (c Campaign) Wrote(tx *db.Tx, person int64) (bool, error) {
	authors, err := authorsOf(tx, c.Ref)
	return slices.Contains(authors, person), err
}

// Running are the campaigns of a house that are to be seen today, the one that
// ends first before the others.
func Running(tx *db.Tx, house int64) ([]Campaign, error) {
	return running(tx, house, calendar.DayOf(tx.Now))
}

func record(tx *db.Tx, who actor.Actor, act string, c Campaign, why string) error {
	d := map[string]string{"version": num(c.Version), "title": c.TitleZh, "from": c.From.String(), "to": c.To.String()}
	for _, p := range c.Offers {
		d["first."+p.Ending] = p.First.String()
	}
	if len(c.Matched) > 0 {
		d["phrases"] = strings.Join(c.Matched, " · ")
	}
	return audit.Record(tx, who, audit.Entry{Act: act, Object: "campaign", Ref: c.Ref, Reason: why, Details: d})
}

func moved(c Campaign) error {
	return problem.New(problem.Conflict, "catalogue.campaign_moved", "Name", c.By, "Version", c.Version)
}

func mayCampaign(who actor.Actor) bool { return who.May(actor.EditCampaigns) }

func lost() error { return problem.New(problem.NotFound, "problem.not_found") }

func needReason(f *problem.Form, why string) {
	if strings.TrimSpace(why) == "" {
		f.Add("reason", "catalogue.reason_needed")
	}
}

func num(n int64) string { return strconv.FormatInt(n, 10) }
