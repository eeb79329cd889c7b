package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
)

// After a restore a registry may have names that were made in the lost time. A
// registry that tells the registrant says whose they are. A thin one says only
// that they are ours: neither a refund nor a name may rest on that, and no
// command of ours can be proven there afterwards (docs/decisions/0012). So
// people decide for which order such a name is, if for any; the money stays
// held and nothing is sent meanwhile.

// Verdict is what a person says about an undecided item.
type Verdict string

// The verdicts; the acts of the approval that they may need.
const (
	GiveName  Verdict = "give" // the name is this order's
	GiveMoney Verdict = "back" // it is not: the money goes back in full
)

func (v Verdict) act() string { return "orders.undecided_" + string(v) }

// Doubt is what the registry said of a name that is ours there for nobody we
// know, and what people have said of it for one item.
type Doubt struct {
	Order     string    `db:"order_ref"`
	N         int64     `db:"n"`
	House     int64     `db:"house"`
	Registry  string    `db:"registry"`
	NameA     string    `db:"name_a"`
	Sponsor   string    `db:"sponsor"`
	ROID      string    `db:"roid"`
	Statuses  string    `db:"statuses"`
	CrDate    time.Time `db:"cr_date"` // the registry's
	ExDate    time.Time `db:"ex_date"`
	FoundAt   time.Time `db:"found_at"`
	Verdict   Verdict   `db:"verdict"` // empty: nobody has said anything
	Reason    string    `db:"reason"`
	Person    int64     `db:"person"`
	Decider   string    `db:"decider"`
	DecidedAt time.Time `db:"decided_at"`
	Approval  int64     `db:"approval"`   // the second person's word that is waited for
	CarriedAt time.Time `db:"carried_at"` // when the verdict was let go on
}

// Key is ORDER/ITEM.
func (d Doubt) Key() string { return Item{Order: d.Order, N: d.N}.Key() }

// Waits reports whether somebody has yet to say whose the name is.
func (d Doubt) Waits() bool { return d.Verdict == "" }

// undecided stops an item whose name is ours at the registry by no command that
// we know, and calls a person. Whoever waits for the same name asks in their
// turn, so that the person sees them all.
func (f Flows) undecided(tx *db.Tx, i *Item, a registries.Attempt, d registries.Domain) error {
	if _, err := registries.Settle(tx, a, registries.Unclear); err != nil {
		return err
	}
	if ok, err := setState(tx, i, Undecided, time.Time{}); err != nil || !ok {
		return err
	}
	if err := keepDoubt(tx, Doubt{Order: i.Order, N: i.N, House: i.House, Registry: i.Registry, NameA: i.NameA, Sponsor: d.Sponsor,
		ROID: d.ROID, Statuses: strings.Join(d.Statuses, " "), CrDate: d.CrDate, ExDate: d.ExDate}); err != nil {
		return err
	}
	if err := note(tx, *i, "undecided", NextRegistrar, time.Time{}, nil); err != nil {
		return err
	}
	if err := record(tx, system(*i, "made by no command that we know"), *i, "orders.undecided",
		map[string]string{"registry": i.Registry, "created": stamp(d.CrDate)}); err != nil {
		return err
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return err
	}
	if err := tell(tx, o, "orders.undecided", map[string]string{"Name": i.NameU}); err != nil {
		return err
	}
	if err := callForVerdict(tx, *i); err != nil {
		return err
	}
	return goOnForName(tx, *i)
}

// callForVerdict puts a name on the desk of whoever may move money by hand.
// The registry accounts are the registrar's own, whatever house sold the name.
func callForVerdict(tx *db.Tx, i Item) error {
	target, err := calendar.Policy(tx, "orders.undecided_target", "")
	if err != nil {
		return err
	}
	_, err = desk.Open(tx, desk.Task{House: actor.RootHouse, Kind: desk.OrderUndecided, Ref: i.NameA, Right: actor.RefundByHand,
		Summary: "orders.task.undecided", Args: map[string]string{"Name": i.NameU, "Registry": i.Registry}, Due: target.After(tx.Now)})
	return err
}

// mayDecide: the registrar's own people who may move money by hand.
func mayDecide(who actor.Actor) bool {
	return who.House == actor.RootHouse && who.May(actor.RefundByHand) && !who.IsSystem()
}

// Contender is an order that waits for an undecided name.
type Contender struct {
	Order Order
	Item  Item
	Doubt Doubt // zero for one that has not asked the registry yet
	// Asked is the second person's word that is waited for, or was last given.
	Asked desk.Approval
}

// Contest is a name of ours at a registry with all orders that wait for it.
type Contest struct {
	NameA, NameU, Registry string
	Contenders             []Contender // the earliest order first
	Task                   desk.Item   // zero when none is open
	People                 int64       // how many must agree
}

// Found is what the registry said last.
func (c Contest) Found() (d Doubt) {
	for _, x := range c.Contenders {
		if x.Doubt.FoundAt.After(d.FoundAt) {
			d = x.Doubt
		}
	}
	return d
}

// FindContest gives the orders that wait for a name of which nobody knows whose
// it is. Whoever may not decide does not find it.
func FindContest(tx *db.Tx, who actor.Actor, nameA string) (Contest, error) {
	gone := problem.New(problem.NotFound, "problem.not_found")
	if !mayDecide(who) {
		return Contest{}, gone
	}
	list, err := doubtsFor(tx, nameA)
	if err != nil {
		return Contest{}, err
	}
	if len(list) == 0 {
		return Contest{}, gone
	}
	c := Contest{NameA: nameA, NameU: nameA, Registry: list[0].Registry}
	people, err := calendar.Policy(tx, "orders.undecided_people", "")
	if err != nil {
		return c, err
	}
	c.People = people.Value
	items, err := contenders(tx, nameA)
	if err != nil {
		return c, err
	}
	for _, i := range items {
		x := Contender{}
		if x.Order, err = load(tx, i.Order); err != nil {
			return c, err
		}
		for _, it := range x.Order.Items {
			if it.N == i.N {
				x.Item = it
			}
		}
		c.NameU = x.Item.NameU
		if n := slices.IndexFunc(list, func(d Doubt) bool { return d.Key() == i.Key() }); n >= 0 {
			x.Doubt = list[n]
			if x.Doubt.Approval != 0 {
				if x.Asked, err = desk.FindApproval(tx, x.Doubt.Approval); err != nil {
					return c, err
				}
			}
		}
		c.Contenders = append(c.Contenders, x)
	}
	c.Task, err = desk.For(tx, who, desk.OrderUndecided, nameA)
	if p, none := problem.As(err); none && p.Kind == problem.NotFound {
		err = nil
	}
	return c, err
}

// Decide is a person's word on an undecided item: the name is this order's, or
// its money goes back. Where policy orders.undecided_people asks for two, the
// second one is asked first. The task must be the person's own, and they have
// proved themself a short while ago.
func Decide(ctx context.Context, d *db.DB, who actor.Actor, key string, v Verdict, reason string) error {
	if v != GiveName && v != GiveMoney {
		return fmt.Errorf("orders: no verdict %q", v)
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		i, row, err := waitingItem(tx, who, key)
		if err != nil {
			return err
		}
		if err := accounts.RequireStepUp(tx, who); err != nil {
			return err
		}
		if strings.TrimSpace(reason) == "" {
			return problem.New(problem.Invalid, "desk.reason_missing")
		}
		task, err := desk.For(tx, who, desk.OrderUndecided, i.NameA)
		if err != nil {
			return err
		}
		if !task.Mine(who) {
			return problem.New(problem.Conflict, "desk.claim_first")
		}
		if v == GiveName {
			if err := fitsTerm(tx, i, row); err != nil {
				return err
			}
		}
		row.Verdict, row.Reason, row.Person, row.Decider, row.DecidedAt = v, reason, who.Person, who.Name, tx.Now
		if err := record(tx, who, i, v.act(), map[string]string{"reason": reason}); err != nil {
			return err
		}
		people, err := calendar.Policy(tx, "orders.undecided_people", "")
		if err != nil {
			return err
		}
		if people.Value < 2 {
			return carryOut(tx, i, row)
		}
		if row.Approval, err = desk.Ask(tx, who, v.act(), key, reason); err != nil {
			return err
		}
		return setVerdict(tx, row)
	})
}

// waitingItem is an undecided item of which nobody has said anything yet, for
// somebody who may.
func waitingItem(tx *db.Tx, who actor.Actor, key string) (Item, Doubt, error) {
	gone := problem.New(problem.NotFound, "problem.not_found")
	if !mayDecide(who) {
		return Item{}, Doubt{}, gone
	}
	if _, _, err := splitKey(key); err != nil {
		return Item{}, Doubt{}, gone
	}
	i, err := lock(tx, key)
	if isNone(err) {
		return Item{}, Doubt{}, gone
	}
	if err != nil {
		return Item{}, Doubt{}, err
	}
	row, err := doubtOf(tx, i)
	if isNone(err) {
		return Item{}, Doubt{}, gone
	}
	if err != nil {
		return Item{}, Doubt{}, err
	}
	if i.State != Undecided || !row.Waits() {
		return Item{}, Doubt{}, problem.New(problem.Conflict, "orders.decided_already", "Name", i.NameU, "By", row.Decider)
	}
	return i, row, nil
}

// fitsTerm refuses to sell a name for more years than it has, and to give one
// name twice.
func fitsTerm(tx *db.Tx, i Item, row Doubt) error {
	if row.ExDate.Before(row.CrDate.AddDate(int(i.Years), 0, -1)) { // a day less: 29 February has no anniversary in most years
		return problem.New(problem.Refused, "orders.undecided_term", "Name", i.NameU, "Expires", stamp(row.ExDate), "Years", i.Years)
	}
	given, err := givenTo(tx, i.NameA)
	if err != nil {
		return err
	}
	for _, d := range given {
		if d.Key() != i.Key() {
			return problem.New(problem.Conflict, "orders.undecided_given", "Name", i.NameU, "Ref", d.Order)
		}
	}
	return nil
}

// SecondWord is the flow after a second person said yes or no; the job's key is
// the approval. One that is not about an undecided item is somebody else's.
func (f Flows) SecondWord(ctx context.Context, j jobs.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return fmt.Errorf("orders: approval %q: %w", j.Key, err)
	}
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		row, err := doubtByApproval(tx, id)
		if isNone(err) {
			return nil // nobody's here, or carried out already
		}
		if err != nil {
			return err
		}
		a, err := desk.FindApproval(tx, id)
		if err != nil {
			return err
		}
		i, err := lock(tx, row.Key())
		if err != nil || i.State != Undecided || !row.CarriedAt.IsZero() {
			return err
		}
		// The row says what was asked by whoever may; an approval that somebody
		// opened by hand for the same thing moves nothing, and makes nobody the
		// second person of their own verdict.
		alone := a.DecidedBy == row.Person
		switch {
		case a.State == desk.Approved && !alone && a.Act == row.Verdict.act() && a.Ref == row.Key():
			return carryOut(tx, i, row)
		case a.State == desk.Refused, a.State == desk.Approved && alone:
			row.Verdict, row.CarriedAt = "", time.Time{} // the matter is open again; the approval tells why
			return setVerdict(tx, row)
		}
		return nil
	})
}

// carryOut lets a verdict go on: the job asks the registry once more before
// anything moves.
func carryOut(tx *db.Tx, i Item, row Doubt) error {
	row.CarriedAt = tx.Now
	if err := setVerdict(tx, row); err != nil {
		return err
	}
	return goOn(tx, i)
}

// decidedByPerson is the step of an undecided item.
func (f Flows) decidedByPerson(tx *db.Tx, i Item) (talk, error, error) {
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return nil, nil, fmt.Errorf("orders: %s: %w", i.Key(), err)
	}
	// It was given to another order meanwhile.
	if r, held, err := registrations.Holding(tx, n); err != nil {
		return nil, nil, err
	} else if held && r.OrderItem != i.Key() {
		if err := f.refuse(tx, &i, Taken, ""); err != nil {
			return nil, nil, err
		}
		return nil, nil, f.contestOver(tx, i)
	}
	row, err := doubtOf(tx, i)
	if err != nil || row.CarriedAt.IsZero() {
		return nil, nil, err // a person has the next move
	}
	if row.Verdict == GiveMoney {
		if err := f.refuse(tx, &i, Taken, ""); err != nil {
			return nil, nil, err
		}
		return nil, nil, f.contestOver(tx, i)
	}
	return func(ctx context.Context) (error, error) {
		d, asked := f.Registries.Domain(ctx, i.Registry, i.NameA)
		if asked != nil && !errors.Is(asked, registries.ErrNotThere) {
			return nil, f.later(i, asked)
		}
		return nil, f.conclude(ctx, func(tx *db.Tx) error { return f.given(tx, i.Key(), d, asked) })
	}, nil, nil
}

// given applies what the registry says today of a name that people gave to an
// item.
func (f Flows) given(tx *db.Tx, key string, d registries.Domain, asked error) error {
	i, err := lock(tx, key)
	if err != nil || i.State != Undecided {
		return err
	}
	row, err := doubtOf(tx, i)
	if err != nil || row.CarriedAt.IsZero() || row.Verdict != GiveName {
		return err
	}
	switch {
	case errors.Is(asked, registries.ErrNotThere):
		// It was deleted there meanwhile: the order's own command may get it now.
		if ok, err := setState(tx, &i, Ready, time.Time{}); err != nil || !ok {
			return err
		}
		if err := note(tx, i, "not_done", NextRegistrar, time.Time{}, nil); err != nil {
			return err
		}
		if err := goOn(tx, i); err != nil {
			return err
		}
	case !d.Ours || d.NameA != i.NameA:
		if err := f.refuse(tx, &i, Taken, ""); err != nil {
			return err
		}
	case d.ExDate.Before(d.CrDate.AddDate(int(i.Years), 0, -1)):
		row.Verdict, row.CarriedAt, row.CrDate, row.ExDate, row.FoundAt = "", time.Time{}, d.CrDate, d.ExDate, tx.Now
		if err := keepDoubt(tx, row); err != nil {
			return err
		}
		return callForVerdict(tx, i)
	default:
		a, _, err := registries.LastOf(tx, key, registries.DomainCreate)
		if err != nil {
			return err
		}
		who := system(i, row.Reason)
		if err := record(tx, who, i, "orders.given", map[string]string{"by": row.Decider, "approval": strconv.FormatInt(row.Approval, 10)}); err != nil {
			return err
		}
		if err := f.registered(tx, &i, a, d); err != nil {
			return err
		}
	}
	return f.contestOver(tx, i)
}

// contestOver closes the task about a name once no item waits for a word on it.
// A name that nobody got is still ours and unpaid: that is told.
func (f Flows) contestOver(tx *db.Tx, i Item) error {
	list, err := contenders(tx, i.NameA)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.State == Undecided {
			return nil
		}
	}
	who := actor.System(actor.RootHouse, "orders", "all orders for it are decided")
	if err := desk.CloseFor(tx, who, desk.OrderUndecided, i.NameA, string(i.State)); err != nil || i.State == Ready {
		return err
	}
	return unowned(tx, i)
}

// unowned calls for a person when a name is ours at its registry and nobody's
// with us: somebody has to find its holder or delete it.
func unowned(tx *db.Tx, i Item) error {
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return err
	}
	if _, held, err := registrations.Holding(tx, n); err != nil || held {
		return err
	}
	if err := record(tx, system(i, "no order has it"), i, "orders.unowned", map[string]string{"registry": i.Registry}); err != nil {
		return err
	}
	return alarm(tx, i, "orders.unowned", actor.SeeJobs, "orders.task.unowned", nil)
}
