package registries

import (
	"context"
	"errors"
	"time"

	"yumen/registrar/names"
)

// Supplier is one registry as it is reached. No method is called inside a
// transaction; those that change something are called between Begin and
// Answered.
type Supplier interface {
	// Check asks which of the names are free. A name without an entry in the
	// answer is unknown.
	Check(ctx context.Context, list []names.Name) (map[string]Availability, error)
	// CheckIdle is Check for long lists that nobody waits for: everything else
	// goes before it.
	CheckIdle(ctx context.Context, list []names.Name) (map[string]Availability, error)
	// Prices is Check with what so many years cost together as the fee.
	Prices(ctx context.Context, list []names.Name, years int) (map[string]Availability, error)
	// CreateContact and CreateDomain send one command under the given
	// transaction id and say what came of it.
	CreateContact(ctx context.Context, clTRID string, c Contact) Answer
	CreateDomain(ctx context.Context, clTRID string, c NewDomain) Answer
	// Domain and Contact ask what the registry has, on a connection of their
	// own. ErrNotThere when it has nothing by that name, or nothing of ours.
	Domain(ctx context.Context, nameA string) (Domain, error)
	// DomainIdle is Domain for a question that nobody waits for: everything else
	// goes before it.
	DomainIdle(ctx context.Context, nameA string) (Domain, error)
	Contact(ctx context.Context, id string) (ContactState, error)
}

// Mailroom is where a registry account's messages lie (EPP poll).
type Mailroom interface {
	// Next reads the message at the head without taking it; nil when there is
	// none.
	Next(ctx context.Context) (*Mail, error)
	// Take removes it. A message that is already gone is no error.
	Take(ctx context.Context, id string) error
}

// ErrNotThere says that the registry has no such object.
var ErrNotThere = errors.New("registries: no such object at the registry")

// Outcome is what became of a command.
type Outcome string

// The outcomes, and what an order does with each.
const (
	Done      Outcome = "done"      // it happened
	Pending   Outcome = "pending"   // accepted; a message or info tells the end
	Refused   Outcome = "refused"   // it did not happen and will not
	Ask       Outcome = "ask"       // refused, maybe because of an earlier attempt of ours: ask first
	Fault     Outcome = "fault"     // refused because of our command, settings or price: refuse, alarm
	NoFunds   Outcome = "no_funds"  // our account there is empty: the queue rests, nobody is refused
	Suspended Outcome = "suspended" // it does not let us in: the queue stops until a person opens it
	Wait      Outcome = "wait"      // too many sessions: later
	Unsent    Outcome = "unsent"    // nothing reached it: later
	NotDone   Outcome = "not_done"  // info says that it did not happen: again
	Unknown   Outcome = "unknown"   // it may or may not have happened: ask
	Unclear   Outcome = "unclear"   // it is there and ours, and nothing says for whom: a person decides
)

// Answer is what came of one command.
type Answer struct {
	Outcome Outcome
	Code    int    // the registry's result code; 0 when none came
	SvTRID  string // the registry's transaction id
	Words   string // its reason, for people
	Result  Result
	Err     error // for the log: no data of people
}

// Result is what an answer told of the object.
type Result struct {
	CrDate     time.Time `json:"cr_date,omitzero"`
	ExDate     time.Time `json:"ex_date,omitzero"`
	Statuses   []string  `json:"statuses,omitempty"`
	Bundle     []string  `json:"bundle,omitempty"` // A-forms, the name itself first
	Unreadable bool      `json:"unreadable,omitempty"`
}

// Contact is a holder as a registry gets to know them. It holds personal data:
// it lives only inside the sending flow.
type Contact struct {
	ID           string // ours, 3 to 16 characters
	Organisation bool
	Name         string // person, or who acts for the organisation
	NameLatin    string
	Org          string
	OrgLatin     string
	Street       []string // at most three lines
	StreetLatin  []string
	City         string
	CityLatin    string
	Province     string
	ProvinceLat  string
	PostCode     string
	Country      string // two letters
	Phone        string // +86.13800000000
	Mobile       string // likewise, for the extension
	Email        string
	DocumentKind string // persons' kind; the settings hold the registry's word
	DocumentNo   string
}

// NewDomain is a name to be created.
type NewDomain struct {
	Name         names.Name
	Years        int
	Registrant   string // contact id
	Organisation bool   // the holder's kind, for registries that ask
	Fee          string // what we expect to pay, decimal; empty = do not say
	Currency     string
	Nameservers  []string
}

// Domain is what a registry says of a name.
type Domain struct {
	NameA       string
	ROID        string
	Ours        bool   // the sponsoring registrar is us
	Sponsor     string // clID
	Registrant  string
	Statuses    []string
	RGP         []string
	Nameservers []string
	CrDate      time.Time
	UpDate      time.Time
	ExDate      time.Time
	TrDate      time.Time
	Bundle      []string
}

// Has reports whether the name carries the status, in EPP spelling.
func (d Domain) Has(status string) bool {
	for _, s := range d.Statuses {
		if s == status {
			return true
		}
	}
	return false
}

// ContactState is what a registry says of a contact of ours.
type ContactState struct {
	ID       string
	Ours     bool
	Statuses []string
}

// Has reports whether the contact carries the status, in EPP spelling.
func (c ContactState) Has(status string) bool {
	for _, s := range c.Statuses {
		if s == status {
			return true
		}
	}
	return false
}

// Availability is a registry's answer about one name.
type Availability struct {
	State   string // Free, Taken or NotSold
	Reason  string // the registry's words
	Fee     string // what a first year costs there, decimal (Prices: all the years); empty = it did not say
	Renew   string // a further year, likewise
	Restore string // a restore, likewise
	Class   string // its price class, such as premium
	Listed  string // the class of restricted names it gave as the reason (see Settings.Classes)
	Money   string // currency of the three
}

// What a check can find. A name the registry did not answer for is missing
// from the map: nobody may call it available.
const (
	Free    = "available"
	Taken   = "taken"
	NotSold = "reserved" // it exists for nobody: reserved, blocked, invalid there
)
