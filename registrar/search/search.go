// Package search answers which names are free, over all endings on sale.
//
// Run looks at what we know ourselves first (the ending's rules, permits, the
// reserved and prohibited lists, names held with us) and gives those rows at
// once; the rest is asked of the registries, all at the same time and each
// within its own deadline, and arrives as they answer. Silence is Unknown: a
// name is never called available without the registry's word.
//
// Read makes labels of what people type, Suggest thinks of others. Runs look
// through long lists while their owners do something else (see Runs).
//
// Nobody runs ahead of those who search: what they typed is written nowhere.
// Only a long list is kept, for a day, sealed under a key that is in its
// owner's address and nowhere else; no account, person or network stands
// beside it (Order 43 art. 26).
//
// Facts: none. Flows: (*Runs).Start, (*Runs).Again, Sweep.
package search

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/labels"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
)

// State is what is known of a name.
type State string

// The states of an answer. Waiting is only in Search.Rows, never in the stream.
const (
	Waiting    State = "waiting"     // the registry is being asked
	Available  State = "available"   // the registry says so, now
	Taken      State = "taken"       // registered, or a variant is
	Unknown    State = "unknown"     // the registry did not answer
	Reserved   State = "reserved"    // somebody may release it
	Prohibited State = "prohibited"  // nobody may have it
	Premium    State = "premium"     // free, at a price of the registry's own; Prices are ours by the published rule, none where there is no rule
	NotOffered State = "not_offered" // the ending, or this name of it, is not sold here
	Invalid    State = "invalid"     // the ending does not allow this label
)

// Answer is one row.
type Answer struct {
	Name     names.Name
	Ending   catalogue.Ending
	State    State
	Registry string // key of the supplier
	HeldHere bool   // taken, by a customer of ours
	Listed   bool   // a list of ours stands against it: an appeal or an application is possible
	Exact    bool   // it is what was typed, with its ending

	Prices Prices // ours, with the tax
	// Asked is what the registry asks of us for this name, when it said so and
	// it is not what it asks for every name (Premium), or not what our list was
	// made for (a note says so).
	Asked Prices

	// NoteID with NoteArgs says more in words: the rule of an ending, the class
	// of a list; empty when the state says it all.
	NoteID   string
	NoteArgs []any

	offer *catalogue.Offer // what our prices are made by; nil where nothing is on sale
}

// Prices are what a name costs: the first year, each further year, a restore,
// and three years together, as most people keep a name longer than one. A
// price nobody told is zero.
type Prices struct {
	First, Renewal, Restore, Three ledger.Money
	// Was is the normal first year where First is a promotional price, which ends
	// at Until; both are zero without one.
	Was   ledger.Money `json:",omitzero"`
	Until time.Time    `json:",omitzero"`
}

// Holding is how a name stands with us.
type Holding int

// A variant's own name is never told: it is its holder's.
const (
	NotHeld Holding = iota
	HeldItself
	HeldByVariant // reserved with a registered name
)

// Checker asks registries; registries.Set is one. CheckIdle is for long lists:
// whatever else is to be said to the registry goes first.
type Checker interface {
	Check(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error)
	CheckIdle(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error)
	NamesPerCheck(registry string) int
}

// Finder searches. Fill the fields once in cmd/yumen; it is safe for
// concurrent use.
type Finder struct {
	DB      *db.DB
	Checker Checker

	// Held reports whether a name or a variant is registered with us or on its
	// way: registrations knows, which stands below this package.
	Held func(tx *db.Tx, n names.Name) (Holding, error)

	// Budget is how long one search waits for all registries; zero is 5 s.
	Budget time.Duration
	// PerRegistry is how many checks may be under way at one registry from
	// searches; zero is 2. Who comes meanwhile goes into the next one.
	PerRegistry int

	mu    sync.Mutex
	lines map[string]*line
}

// Search is one search under way.
type Search struct {
	Queries []names.Query
	Rows    []Answer // for each query one for each ending, in order; the ending that was named first

	answers chan Answer
}

// Answers brings what the registries say, each Waiting row once, in the order
// of their answers; it is closed after the last one, at the latest when the
// budget is spent. Nobody has to read it.
func (s *Search) Answers() <-chan Answer { return s.answers }

// Wait collects the answers into Rows and returns when all are there: for
// pages without script.
func (s *Search) Wait() []Answer {
	for a := range s.answers {
		for i := range s.Rows {
			if s.Rows[i].Name == a.Name {
				s.Rows[i] = a
			}
		}
	}
	return s.Rows
}

// Waiting reports whether a registry is still to answer.
func (s *Search) Waiting() bool {
	return slices.ContainsFunc(s.Rows, func(a Answer) bool { return a.State == Waiting })
}

// Plan makes the rows without asking any registry: what a page with script
// shows at once. Rows that have to be asked are Waiting. A name that two
// queries lead to has one row.
func (f *Finder) Plan(ctx context.Context, who actor.Actor, queries ...names.Query) (*Search, error) {
	s := &Search{Queries: queries}
	for _, q := range queries {
		if q.Label.IsZero() {
			return nil, problem.New(problem.Invalid, "searching.empty")
		}
	}
	if len(queries) == 0 {
		return nil, problem.New(problem.Invalid, "searching.empty")
	}
	err := f.DB.Read(ctx, func(tx *db.Tx) error {
		s.Rows = nil
		seen := map[names.Name]bool{}
		for _, q := range queries {
			rows, err := f.rows(tx, who, q)
			if err != nil {
				return err
			}
			for _, a := range rows {
				if !seen[a.Name] {
					seen[a.Name] = true
					s.Rows = append(s.Rows, a)
				}
			}
		}
		return nil
	})
	return s, err
}

// Only leaves out what is under other endings than these, given as U-labels or
// A-labels with or without their dot; what was typed with its ending stays.
// Without any, everything stays. Before Ask, so that a registry nobody wants to
// hear of is not asked and not waited for.
func (s *Search) Only(endings []string) {
	if len(endings) > 0 {
		s.Rows = slices.DeleteFunc(s.Rows, func(a Answer) bool { return !a.Exact && !ticked(endings, a.Ending) })
	}
}

func ticked(endings []string, e catalogue.Ending) bool {
	return slices.ContainsFunc(endings, func(t string) bool {
		t = strings.TrimPrefix(t, ".")
		return t == e.ULabel || t == e.ALabel
	})
}

// Run is Plan and Ask.
func (f *Finder) Run(ctx context.Context, who actor.Actor, queries ...names.Query) (*Search, error) {
	s, err := f.Plan(ctx, who, queries...)
	if err != nil {
		return nil, err
	}
	f.Ask(ctx, who, s)
	return s, nil
}

// Ask asks the registries for the rows of a plan that wait, once. The context
// bounds it besides the budget: a browser that goes away stops the asking.
func (f *Finder) Ask(ctx context.Context, who actor.Actor, s *Search) {
	// Room for all, so that nobody who answers ever waits for a reader.
	s.answers = make(chan Answer, len(s.Rows))
	groups := map[string][]Answer{}
	for _, a := range s.Rows {
		if a.State == Waiting {
			groups[a.Registry] = append(groups[a.Registry], a)
		}
	}
	budget := f.Budget
	if budget == 0 {
		budget = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, budget)
	var asking sync.WaitGroup
	for registry, group := range groups {
		asking.Go(func() { f.ask(ctx, visitorOf(who), registry, group, s.answers) })
	}
	go func() {
		asking.Wait()
		cancel()
		close(s.answers)
	}()
}

// rows decides each ending by what we know ourselves.
func (f *Finder) rows(tx *db.Tx, who actor.Actor, q names.Query) ([]Answer, error) {
	offers, err := catalogue.OnSale(tx, who.House)
	if err != nil {
		return nil, err
	}
	var out []Answer
	if !q.Ending.IsZero() {
		named := func(o catalogue.Offer) bool { return o.ALabel == q.Ending.A() }
		if i := slices.IndexFunc(offers, named); i >= 0 {
			o := offers[i]
			offers = slices.Insert(slices.Delete(offers, i, i+1), 0, o)
		} else {
			a, err := notOnSale(tx, who.House, q)
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		}
	}
	for _, o := range offers {
		a, err := f.row(tx, who, q.Label, o)
		if err != nil {
			return nil, err
		}
		a.Exact = q.Ending.A() == o.ALabel
		if !a.Name.IsZero() {
			out = append(out, a)
		}
	}
	return out, nil
}

// notOnSale is the row of an ending that somebody asked for and that is not
// sold, with the reason.
func notOnSale(tx *db.Tx, house int64, q names.Query) (Answer, error) {
	n, _ := q.Name()
	a := Answer{Name: n, State: NotOffered, Exact: true, Ending: catalogue.Ending{ALabel: q.Ending.A(), ULabel: q.Ending.U()},
		NoteID: "catalogue.not_offered", NoteArgs: []any{"Ending", q.Ending.U()}}
	o, err := catalogue.Find(tx, house, q.Ending.A())
	if _, unknown := problem.As(err); unknown {
		a.NoteID, a.NoteArgs = "catalogue.unknown_ending", []any{"Ending", q.Ending.U()}
		return a, nil
	}
	if err != nil {
		return a, err
	}
	a.Ending = o.Ending
	if o.Offered {
		err := permits.MaySell(tx, house, o.ALabel, permits.Create)
		if p, refused := problem.As(err); refused {
			a.NoteID, a.NoteArgs = p.ID, p.Args
		} else if err != nil {
			return a, err
		}
	}
	return a, nil
}

func (f *Finder) row(tx *db.Tx, who actor.Actor, label names.Label, o catalogue.Offer) (Answer, error) {
	a := Answer{Ending: o.Ending, Registry: o.Registry, State: Waiting, offer: &o,
		Prices: Prices{First: o.First(), Renewal: o.Renewal(), Restore: o.RestoreFee(), Three: o.Three(), Was: o.Was(), Until: o.Until()}}
	ending, err := names.ParseEnding(o.ALabel)
	if err != nil {
		return a, err
	}
	if a.Name, err = label.In(ending); err != nil {
		return Answer{}, nil // the whole would be longer than a name can be
	}
	var no *names.Error
	if err := labels.Allowed(tx, a.Name); errors.As(err, &no) {
		a.State, a.NoteID = Invalid, no.MessageID()
		a.NoteArgs = no.Args()
		return a, nil
	} else if err != nil {
		return a, err
	}
	v, err := screening.Serve(tx, who.House, permits.Create, screening.Applicant{Account: who.Account}, a.Name)
	if _, refused := problem.As(err); err != nil && !refused {
		return a, err
	}
	switch v.State {
	case screening.Clear:
	case screening.NeedsReview: // the registry is asked; a person looks before it is sent
		a.NoteID = "searching.needs_review"
	default:
		a.State, a.NoteID, a.Listed = Reserved, v.MessageID(), true
		if v.State == screening.Prohibited {
			a.State = Prohibited
		}
		return a, nil
	}
	if f.Held == nil {
		return a, nil
	}
	held, err := f.Held(tx, a.Name)
	switch held {
	case HeldItself:
		a.State, a.HeldHere = Taken, true
	case HeldByVariant:
		a.State, a.HeldHere, a.NoteID = Reserved, true, "searching.variant_held"
	}
	return a, err
}

// ask asks one registry for its rows. Whatever happens, each row is answered.
func (f *Finder) ask(ctx context.Context, who visitor, registry string, group []Answer, out chan<- Answer) {
	rows := make(map[names.Name]Answer, len(group))
	list := make([]names.Name, len(group))
	for i, a := range group {
		rows[a.Name], list[i] = a, a.Name
	}
	said := f.line(registry).ask(ctx, who, quick, list)
	for len(rows) > 0 {
		select {
		case part := <-said:
			for _, h := range part {
				if a, ok := rows[h.name]; ok {
					delete(rows, h.name)
					out <- a.told(h)
				}
			}
		case <-ctx.Done(): // asked already, and the answer comes too late
			for _, a := range rows {
				out <- a.told(heard{silent: true})
			}
			return
		}
	}
}
