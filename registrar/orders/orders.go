// Package orders brings a name from a cart to a holder, or the money back.
//
// Read Place, then Fulfil: everything between is waiting for somebody. An
// order has items, one for each name; the states, the timeline and the refund
// are the item's. Whatever dies, and whenever: a paid item ends as registered
// or as refunded in full, never both, never twice.
//
//	cart.go quote.go place.go     what people do before they pay
//	pay.go                        money that came: wallet, channel, late money
//	holder.go                     whether the holder's identity lets an item go on
//	screened.go                   the lists, and the person who looks at a name
//	asked.go moved.go             what registries ask for a name; a price that moved
//	fulfil.go contact.go answer.go resolve.go
//	                              the registry: attempt, command, consequence; unknown is asked
//	message.go                    what the registry told us later
//	undecided.go                  a name that is ours there for nobody we know: people decide
//	refuse.go withdraw.go sweep.go
//	                              the ways back, the buyer's own among them; what time does by itself
//
// Facts: orders.placed (key: ORDER), orders.ready, orders.registered,
// orders.refused (key: ORDER/ITEM).
//
// Flows, all of Flows and all safe to run twice:
//
//	payments.credited (ORDER)             -> Credited
//	payments.returned (ORDER)             -> Returned
//	payments.refund_moved (REFUND)        -> RefundMoved
//	identity.submitted, .approved, .rejected, .consented (profile)  -> IdentityChanged
//	identity.ready (VERSION/REGISTRY)     -> IdentityReady
//	screening.decided (review)            -> NameDecided
//	orders.ready (ORDER/ITEM)             -> Fulfil, job kind FulfilJob
//	registries.message (our message id)   -> ApplyMessage
//	desk.decided (approval)               -> SecondWord
//	every minute                          -> Sweep
//
// Exported fields (yumen export orders), one JSON object a line, one line for
// each item, oldest first: order, item, house, account, service, name,
// u_label, ending, registry, years, price_row, net, tax, tax_rate_bp, total,
// currency, cost, cost_currency, profile, profile_version, state, reason,
// registry_words, paid_by, to_wallet, refund, placed_at, paid_at, submitted_at,
// state_since, attempts, index_group, index_label (names that exclude each other
// share both), order_total, order_items (of the whole order), pay_until, due_at
// (when the state ends by itself), closed_at, price_class (of a premium name),
// asked_at (when the registry said its price). An attempt has cl_trid, sv_trid,
// state, outcome, code, sent_at, operation, object, registry. Times are RFC 3339
// UTC, empty when there is none; amounts are minor units.
package orders

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
)

// Flows are the flows of orders that need the registries.
type Flows struct {
	DB         *db.DB
	Registries *registries.Set
}

// State of an item, and who has the next move:
//
//	AwaitingPayment (buyer) -> NeedsIdentity (buyer, then a reviewer) -> Ready (we send)
//	  -> Sent (registry answers) -> Pending (registry decides) -> Registered (nobody)
//	Ready, Sent, Pending, NeedsIdentity -> Refused -> Refunding (bank) -> Refunded (nobody);
//	  NeedsIdentity and Ready also by the buyer, while no create can have reached the registry
//	AwaitingPayment -> Cancelled | Expired
//	Ready -> NeedsIdentity when the registry or a reviewer no longer accepts the holder
//	Sent -> Ready when nothing happened at the registry
//	Sent, Ready, NeedsIdentity -> Undecided (a person of ours) -> Registered | Refused
//	Undecided -> Ready when the name is gone from the registry after all
type State string

// The states.
const (
	AwaitingPayment State = "awaiting_payment"
	NeedsIdentity   State = "needs_identity"
	Ready           State = "ready"
	Sent            State = "sent"
	Pending         State = "pending"
	Undecided       State = "undecided" // the name is ours there, and nothing says for whom
	Registered      State = "registered"
	Refused         State = "refused"
	Refunding       State = "refunding"
	Refunded        State = "refunded"
	Cancelled       State = "cancelled"
	Expired         State = "expired"
)

// States lists all states in the order of the way.
var States = []State{AwaitingPayment, NeedsIdentity, Ready, Sent, Pending, Undecided, Registered, Refused, Refunding, Refunded, Cancelled, Expired}

// MessageID names the state for people.
func (s State) MessageID() string { return "orders.state." + string(s) }

// Final reports whether nothing more happens.
func (s State) Final() bool {
	switch s {
	case Registered, Refunded, Cancelled, Expired:
		return true
	}
	return false
}

// Reason is why an item was refused.
type Reason string

// The reasons.
const (
	Taken         Reason = "taken"          // somebody was first with the name
	VariantTaken  Reason = "variant_taken"  // somebody was first with a variant of it
	RegistrySaid  Reason = "registry"       // the registry refused; Words has its reason
	Restricted    Reason = "restricted"     // the registry refused by a class of its restricted names; Words begins with it
	OurFault      Reason = "fault"          // our command or price was not what the registry wants
	Rejected      Reason = "rejected"       // the registry refused a pending application
	NoMaterials   Reason = "no_materials"   // papers did not come in time
	TimedOut      Reason = "timeout"        // the registry did not decide in time
	IdentityNever Reason = "identity_never" // no approved holder within the time
	NotAllowed    Reason = "not_allowed"    // we may no longer sell it
	Withdrawn     Reason = "withdrawn"      // the buyer took it back before it was sent
	NameRefused   Reason = "name_refused"   // the name itself: a list, or the reviewer's decision
	NotRelevant   Reason = "not_relevant"   // what was given does not prove that the name concerns the applicant
	PriceMoved    Reason = "price_moved"    // the registry asks another price now: more than was confirmed
	PriceUnsold   Reason = "price_unsold"   // the registry asks a price now for which our list has none
)

// MessageID tells the reason to people; its arguments are Name and Words.
func (r Reason) MessageID() string { return "orders.reason." + string(r) }

// letter is the notice that tells of the refusal.
func (r Reason) letter() string { return "orders.refused_" + string(r) }

// Who has the next move.
const (
	NextBuyer     = "buyer"
	NextRegistrar = "registrar"
	NextRegistry  = "registry"
	NextBank      = "bank"
	NextNobody    = "nobody"
)

// Order is what was asked for in one go.
type Order struct {
	ID       int64
	Ref      string
	House    int64
	Account  int64
	State    State // what its items come to: see Overall
	Total    ledger.Money
	Profile  string // reference of the holder's profile; empty = not chosen yet
	ToWallet bool   // money that comes back goes to the wallet, by the buyer's choice
	PaidBy   string // wallet, channel; empty = not paid
	PlacedAt time.Time
	PayUntil time.Time
	PaidAt   time.Time
	ClosedAt time.Time
	Items    []Item
	Timeline []Event // newest first; only from Find
}

// Final reports whether nothing more happens: the page then stops asking.
func (o Order) Final() bool { return o.State.Final() }

// Item is one name of an order.
type Item struct {
	Order          string
	N              int64
	House          int64
	Account        int64
	Service        string // create
	NameA, NameU   string
	Ending         string // A-form
	Registry       string
	Years          int64
	PriceRow       int64
	Net, Tax       ledger.Money
	TaxRateBP      int64
	Total          ledger.Money
	Cost           ledger.Money // what the registry takes: its own word, where it was asked
	PriceClass     string       // of a premium name, in the registry's words; empty: as every name
	AskedAt        time.Time    // when the registry said its price; zero: it was not asked
	ProfileVersion int64
	State          State
	Since          time.Time
	Reason         Reason
	Words          string    // the registry's, in its own language
	Due            time.Time // when the state ends by itself; zero = it does not
	SubmittedAt    time.Time // the registry's time of the application
	Refund         ledger.Money

	id           int64
	group, index string
}

// Key is how jobs and attempts call the item: ORDER/ITEM.
func (i Item) Key() string { return fmt.Sprintf("%s/%d", i.Order, i.N) }

// Next says who has the next move.
func (i Item) Next() string {
	switch i.State {
	case AwaitingPayment, NeedsIdentity:
		return NextBuyer
	case Ready, Undecided, Refused:
		return NextRegistrar
	case Sent, Pending:
		return NextRegistry
	case Refunding:
		return NextBank
	}
	return NextNobody
}

// splitKey undoes Key.
func splitKey(key string) (ref string, n int64, err error) {
	ref, text, ok := strings.Cut(key, "/")
	if ok {
		n, err = strconv.ParseInt(text, 10, 64)
	}
	if !ok || err != nil {
		return "", 0, fmt.Errorf("orders: %q is not ORDER/ITEM", key)
	}
	return ref, n, nil
}

// Event is a line of the timeline. Its text is MessageID with Args.
type Event struct {
	ID   int64
	N    int64 // the item it is about; 0 = the whole order
	Kind string
	Next string    // who has the next move after it; empty = unchanged
	Due  time.Time // until when
	Args map[string]string
	At   time.Time
}

// MessageID names the event for people.
func (e Event) MessageID() string { return "orders.event." + e.Kind }

// NextMessageID says who has the next move.
func (e Event) NextMessageID() string { return "orders.next." + e.Next }

// waiting is the order in which states of several items speak for the order:
// what somebody has to do first.
var waiting = []State{AwaitingPayment, NeedsIdentity, Undecided, Ready, Sent, Pending, Refused, Refunding, Registered, Refunded, Expired, Cancelled}

// Overall is the state of an order by its items: the one that somebody has to
// move first; Registered when all is over and at least one name came of it.
func Overall(items []Item) State {
	for _, s := range waiting {
		if slices.ContainsFunc(items, func(i Item) bool { return i.State == s }) {
			return s
		}
	}
	return Cancelled
}

// over reports that nothing comes of an item any more but its money.
func (i Item) over() bool {
	switch i.State {
	case Refused, Refunding, Refunded, Cancelled, Expired:
		return true
	}
	return false
}

// Partly reports whether an order is done and came to names and to refunds.
func (o Order) Partly() bool {
	return o.State == Registered && slices.ContainsFunc(o.Items, func(i Item) bool { return i.State != Registered })
}

// MayChooseHolder reports whether the holder may still be chosen: names are to be
// had, and none of them went on to its registry.
func (o Order) MayChooseHolder() bool {
	waits := false
	for _, i := range o.Items {
		switch {
		case i.over():
		case i.State == AwaitingPayment || i.State == NeedsIdentity:
			waits = true
		default:
			return false
		}
	}
	return waits
}

// Find gives an order with its timeline to its buyer, or to staff who may see
// orders of its house. Another's order is not found.
func Find(tx *db.Tx, who actor.Actor, ref string) (Order, error) {
	notFound := problem.New(problem.NotFound, "orders.not_found", "Ref", ref)
	o, err := load(tx, db.FoldRef(ref))
	if isNone(err) {
		return Order{}, notFound
	}
	if err != nil {
		return Order{}, err
	}
	mine := who.Account != 0 && o.Account == who.Account && o.House == who.House
	if !mine && !(who.Oversees(o.House) && who.May(actor.SeeOrders)) {
		return Order{}, notFound
	}
	o.Timeline, err = timeline(tx, o.Ref)
	return o, err
}

// List pages through the asker's own orders, newest first; before is the last
// ID of the page before, 0 for the first.
func List(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Order, error) {
	if who.Account == 0 {
		return nil, problem.New(problem.SignIn, "orders.sign_in")
	}
	return list(tx, who.House, who.Account, before, limit)
}

// ListAll pages through all orders of the house, for staff who may see them.
func ListAll(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Order, error) {
	if !who.May(actor.SeeOrders) {
		return nil, problem.New(problem.NotFound, "orders.not_found", "Ref", "")
	}
	return list(tx, who.House, 0, before, limit)
}

// own loads an order for its buyer to change.
func own(tx *db.Tx, who actor.Actor, ref string) (Order, error) {
	if who.Account == 0 {
		return Order{}, problem.New(problem.SignIn, "orders.sign_in")
	}
	o, err := load(tx, db.FoldRef(ref))
	if isNone(err) || (err == nil && (o.House != who.House || o.Account != who.Account)) {
		return Order{}, problem.New(problem.NotFound, "orders.not_found", "Ref", ref)
	}
	return o, err
}

// Attempts lists what was sent to the registry for an item, for staff.
func Attempts(tx *db.Tx, who actor.Actor, ref string, n int64) ([]registries.Attempt, error) {
	o, err := Find(tx, who, ref)
	if err != nil {
		return nil, err
	}
	return registries.Attempts(tx, o.House, Item{Order: o.Ref, N: n}.Key())
}
