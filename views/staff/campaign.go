package staff

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/views/parts"
)

// Campaigns are the texts that sell, newest first.
type Campaigns struct {
	List  []catalogue.Campaign
	Today calendar.Day
	First bool
	Next  templ.SafeURL
}

// PromiseRow is an ending with its normal prices and, in a campaign, the
// promotional first year.
type PromiseRow struct {
	Ending  string // with its dot
	Field   string // in the form
	Normal  parts.Money
	Renewal parts.Money
	Cost    parts.Money // what the registry takes
	First   parts.Money // promised
	Loss    bool        // below cost, tax taken out
}

// CampaignForm writes a campaign. It posts to /staff/campaigns or, for the next
// version of a draft, to its /edit: title_zh, title_en, text_zh, text_en, from,
// to, first-ENDING, loss, version, reason.
type CampaignForm struct {
	Ref     string // empty for a new one
	Version int64
	Rows    []PromiseRow
	V       map[string]string
	Errors  []parts.FieldError
}

// Campaign is one of them. Its /publish takes version, loss and reason; it posts
// to itself do=drop with version and reason, or do=stop with reason.
type Campaign struct {
	catalogue.Campaign
	Today      calendar.Day
	Rows       []PromiseRow
	Banned     []string // phrases of the list in force
	Own        bool     // this person wrote a version of it
	Compliance bool     // this person may publish with banned phrases
	Versions   []catalogue.Campaign
	V          map[string]string
	Errors     []parts.FieldError
}

// Phrases is the list of banned phrases. It posts to itself: version, phrases,
// reason.
type Phrases struct {
	Now     catalogue.PhraseList
	History []catalogue.PhraseList
	May     bool // this person may put a list in force
	V       map[string]string
	Errors  []parts.FieldError
}

func (v CampaignForm) field(name, label, hint string, most int) parts.Field {
	return parts.Field{Name: name, Label: label, Hint: hint, Value: v.V[name], Error: parts.ErrorOf(v.Errors, name), MaxLength: most, Autocomplete: "off"}
}

func (v CampaignForm) action() templ.SafeURL {
	if v.Ref == "" {
		return "/staff/campaigns"
	}
	return CampaignPath(v.Ref, "/edit")
}

func (v CampaignForm) title(ctx context.Context) string {
	if v.Ref == "" {
		return locales.T(ctx, "staff.campaign.new")
	}
	return locales.T(ctx, "staff.campaign.edit")
}

func (v CampaignForm) price(ctx context.Context, r PromiseRow) parts.Field {
	f := v.field(r.Field, locales.T(ctx, "staff.campaign.first_of", "Ending", r.Ending),
		locales.T(ctx, "staff.campaign.normal_is", "Normal", r.Normal.Say(ctx), "Renewal", r.Renewal.Say(ctx), "Cost", r.Cost.Say(ctx)), 20)
	f.InputMode, f.Optional = "decimal", true
	return f
}

func (v CampaignForm) day(ctx context.Context, name, label string) parts.Field {
	f := v.field(name, label, "", 10)
	f.Type, f.Required = "date", true
	return f
}

// CampaignPath is the page of a campaign, or a part of it.
func CampaignPath(ref, more string) templ.SafeURL {
	return templ.SafeURL("/staff/campaigns/" + ref + more)
}

// loses reports whether a price of the campaign is below cost.
func (v Campaign) loses() bool {
	for _, r := range v.Rows {
		if r.Loss {
			return true
		}
	}
	return false
}

func (v Campaign) field(name, id, label string) parts.Field {
	return parts.Field{Name: name, ID: id, Label: label, Value: v.V[id], Error: parts.ErrorOf(v.Errors, id), Required: true, MaxLength: 500, Autocomplete: "off"}
}

// campaignState says how far a campaign is; a published one is coming, running
// or over by its days.
func campaignState(ctx context.Context, c catalogue.Campaign, today calendar.Day) (kind, words string) {
	switch {
	case c.State == catalogue.CampaignDraft:
		return "wait", locales.T(ctx, "staff.campaign.state.draft")
	case c.State == catalogue.CampaignGone:
		return "plain", locales.T(ctx, "staff.campaign.state.dropped")
	case c.State == catalogue.Stopped:
		return "bad", locales.T(ctx, "staff.campaign.state.stopped")
	case today < c.From:
		return "info", locales.T(ctx, "staff.campaign.state.coming")
	case c.Runs(today):
		return "ok", locales.T(ctx, "staff.campaign.state.running")
	}
	return "plain", locales.T(ctx, "staff.campaign.state.over")
}

func campaignDays(ctx context.Context, c catalogue.Campaign) string {
	return locales.T(ctx, "staff.campaign.days", "From", c.From.String(), "To", c.To.String())
}

func phrasesShown(ctx context.Context, list []string) string {
	return strings.Join(list, locales.T(ctx, "staff.campaign.between"))
}

func phraseVersion(ctx context.Context, l catalogue.PhraseList) string {
	if l.Version == 0 {
		return locales.T(ctx, "staff.campaign.shipped")
	}
	return locales.T(ctx, "staff.campaign.version", "Number", l.Version)
}
