package public

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/texts"
	"yumen/views/parts"
)

// Message is a page that only says something: not found, an unknown host, a step
// that was refused, a problem that a person can act on. It says what happened,
// what that means for them, and what to do; empty parts are left out.
type Message struct {
	Code     int    // the HTTP status, shown small; 0 leaves it out
	Kind     string // as in parts: "bad", "wait", "info", "ok"
	Title    string // the outcome, in a few words
	Happened string
	Means    string // for their money, their name, their data
	Do       string
	Trace    string  // what to quote when they write to us; never personal data
	Again    *Resume // a form to be sent from here: the one that was sent, as it was, if nothing else is said
	Press    string  // what its button says; empty: to send it again
	Actions  []Action
}

// Status is how the whole service is now.
type Status struct {
	Registries []RegistryState
	Parts      []PartState
	At         time.Time // when this was looked at
}

// PartState is one part of the service.
type PartState struct {
	Name string // "付款", "邮件", ...
	Kind string // as RegistryState
	Text string // in words
}

// Prices is the public list of prices and time limits (Order 43 Art. 31).
type Prices struct {
	Rows   []EndingRow
	Limits []TimeLimit
	From   time.Time // since when the list is in force; zero leaves it out
}

// premium reports whether premium names of any ending are sold.
func (p Prices) premium() bool {
	return slices.ContainsFunc(p.Rows, func(e EndingRow) bool { return e.Premium != "" })
}

// TimeLimit is how long a step may take at most.
type TimeLimit struct {
	Step   string // "注册申请", "投诉受理"
	Limit  string // "5 日", "24 小时"
	Source string // the clause or the registry's rule
}

// Ending is the page of one ending.
type Ending struct {
	Row       EndingRow
	A         string // the A-label with its dot; empty for ASCII
	Registry  string // who runs it
	Where     string // the country or place of the registry
	Agent     bool   // sold as an agent of another registrar; then Registrar is its name
	Registrar string
	Life      Life
	Fees      []Fee          // every service with its price; empty where none may be shown
	Least     int            // years of a registration at least; Life has the most
	List      templ.SafeURL  // where the registry lists its registrars
	Needs     []string       // who may register and what must be shown
	Steps     []parts.Step   // how a registration goes here
	Facts     []parts.Fact   // lengths, scripts, authorisation, hotline, and what else the registry wants known
	Rules     []DocumentLink // implementing rules, agreement, dispute policy
	Lengths   string         // how long a label may be, and whose table it stands in
	Example   parts.Forms    // what is reserved with a name here, by an example; zero where nothing is
	Picked    string         // kept for the search box
}

// Fee is the price of one service.
type Fee struct {
	Service    string
	First      parts.Money // the first year, or the whole of a service without years
	Next       parts.Money // each further year
	TaxPercent string      // contained in both
	Premium    string      // the rule for premium names, in words; empty: there is none
	From       time.Time
	Was        parts.Money // what First is normally, where it is a promotional price
	Until      time.Time   // when that ends
}

// Endings are all endings with their terms.
type Endings struct{ Rows []EndingTerms }

// EndingTerms is one ending with its prices and the life of its names.
type EndingTerms struct {
	EndingRow
	Life  Life
	Least int // years of a registration at least
}

// DocumentLink is a text to read.
type DocumentLink struct {
	Title string
	Href  templ.SafeURL
	Note  string // version and date
}

// TextPage is an agreement, a rule or a notice in one version.
type TextPage struct {
	Title   string
	Version string
	From    time.Time
	Blocks  []Block
	Older   []DocumentLink
	Other   string // said above when the page shows another language than was asked for
}

// Block is a heading with its paragraphs; either may be empty.
type Block struct {
	ID         string // anchor; may be empty
	Heading    string
	Paragraphs []string
	List       []string
	Steps      []string // a numbered list
}

// Blocks takes the pieces of a text as registrar/texts reads them.
func Blocks(body []texts.Block) []Block {
	blocks := make([]Block, 0, len(body))
	for _, b := range body {
		switch b.Kind {
		case "heading":
			blocks = append(blocks, Block{Heading: b.Text})
		case "list":
			blocks = append(blocks, Block{List: b.List})
		case "steps":
			blocks = append(blocks, Block{Steps: b.List})
		default:
			blocks = append(blocks, Block{Paragraphs: []string{b.Text}})
		}
	}
	return blocks
}

// HelpTopic is one page of help and its line in the index.
type HelpTopic struct {
	Slug   string // the last part of /help/{slug}
	Title  string
	Lead   string
	Blocks []Block
}

// Notice is the printed notice for the premises (Order 43 Art. 22): the same data
// as the permit block, on one sheet of A4.
type Notice struct {
	Rows   []EndingRow // on sale; first year and renewal are printed
	Number string      // of the notice; may be empty
	From   time.Time   // since when it hangs
	Answer string      // within what time complaints are answered
}

// href is the page of a help topic.
func (t HelpTopic) href() templ.SafeURL { return templ.SafeURL("/help/" + t.Slug) }

// foot is the number of the notice and since when it hangs.
func (n Notice) foot(ctx context.Context) string {
	var words []string
	if n.Number != "" {
		words = append(words, locales.T(ctx, "page.notice.number", "Number", n.Number))
	}
	if !n.From.IsZero() {
		words = append(words, locales.T(ctx, "page.notice.since", "Date", locales.DateLong(ctx, n.From)))
	}
	return strings.Join(words, " · ")
}

// say writes a price; nothing at all is said in words.
func (f Fee) say(ctx context.Context, m parts.Money) string {
	if m.Known() && m.Minor == 0 {
		return locales.T(ctx, "page.ending.free")
	}
	return m.Say(ctx)
}
