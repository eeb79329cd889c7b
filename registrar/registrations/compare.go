package registrations

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
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
)

// CompareJob is the kind of the job that walks the names of a house at a
// registry, which is its lane; its key is HOUSE/REGISTRY.
const CompareJob = "registrations.compare"

// Kinds of the desk tasks of the daily comparison. Of the first the ref is a
// name's A-form, of the second HOUSE/REGISTRY.
const (
	TaskDiffers = "registrations.differs"
	TaskOverdue = "registrations.overdue"
)

// Run is one walk over the names of a house at a registry, each asked about and
// compared with what we have.
type Run struct {
	ID        int64     `db:"id"`
	House     int64     `db:"house"`
	Registry  string    `db:"registry"`
	BegunAt   time.Time `db:"begun_at"`
	EndedAt   time.Time `db:"ended_at"` // zero: under way
	Position  string    `db:"position"` // the last name that was compared
	Asked     int64     `db:"asked"`
	Agreed    int64     `db:"agreed"`     // names of which both say the same
	TakenOver int64     `db:"taken_over"` // differences that were the registry's to say
	ForPeople int64     `db:"for_people"` // differences that a person decides
	Silent    int64     `db:"silent"`     // questions without an answer, put again
}

// Difference is what the registry and we said differently of a name. Its kinds
// are those of cmd/reconcile.
type Difference struct {
	ID       int64     `db:"id"`
	Run      int64     `db:"run"`
	House    int64     `db:"house"`
	Registry string    `db:"registry"`
	NameA    string    `db:"name_a"`
	Kind     string    `db:"kind"`
	Ours     string    `db:"ours"`
	Theirs   string    `db:"theirs"`
	Outcome  string    `db:"outcome"` // TakenOver, ForPerson
	FoundAt  time.Time `db:"found_at"`
}

// What becomes of a difference.
const (
	TakenOver = "taken_over" // the registry decides it; ours was changed
	ForPerson = "person"     // nothing was changed; a task stands on the desk
)

// compareAtOnce is how many names one run of the job asks about: a slice, so
// that a shutdown waits for little.
const compareAtOnce = 25

func runKey(house int64, registry string) string {
	return strconv.FormatInt(house, 10) + "/" + registry
}

// CompareDue begins the walks that are due, lets those go on that were cut off,
// and calls for a person when the last result is too old.
func (f Flows) CompareDue(ctx context.Context, _ jobs.Job) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		every, err := calendar.Policy(tx, "registrations.compare_interval", "")
		if err != nil {
			return err
		}
		old, err := calendar.Policy(tx, "registrations.compare_overdue", "")
		if err != nil {
			return err
		}
		known := f.Registries.Keys()
		for at := (place{}); ; {
			var more bool
			if at, more, err = nextPlace(tx, at); err != nil || !more {
				return err
			}
			if !slices.Contains(known, at.Registry) {
				continue // not connected: the desk of the registries says so
			}
			if err := dueAt(tx, at, every, old); err != nil {
				return err
			}
		}
	})
}

// dueAt looks after the walk of one house at one registry.
func dueAt(tx *db.Tx, at place, every, old calendar.Value) error {
	open, under, err := openRun(tx, at)
	if err != nil {
		return err
	}
	last, ever, err := lastRun(tx, at)
	if err != nil {
		return err
	}
	if !under && (!ever || !tx.Now.Before(every.After(last.BegunAt))) {
		open = Run{ID: tx.NewID(), House: at.House, Registry: at.Registry, BegunAt: tx.Now}
		if under, err = beginRun(tx, open); err != nil {
			return err
		}
	}
	if !under {
		return nil
	}
	if err := jobs.Enqueue(tx, jobs.InLane(CompareJob, at.Registry), runKey(at.House, at.Registry), nil, tx.Now); err != nil {
		return err
	}
	// A clock that slept finds an old result and a walk that has just begun:
	// that is no alarm, unless it does not come to its end.
	since := open.BegunAt
	if ever {
		since = last.EndedAt
	}
	if tx.Now.Before(old.After(since)) || tx.Now.Before(open.BegunAt.Add(time.Hour)) {
		return nil
	}
	_, err = desk.Open(tx, desk.Task{House: at.House, Kind: TaskOverdue, Ref: runKey(at.House, at.Registry), Right: actor.SeeJobs,
		Summary: "registrations.task.overdue", Args: map[string]string{"Registry": at.Registry, "Hours": strconv.FormatInt(old.Value, 10)},
		Due: tx.Now})
	return err
}

// Compare asks the registry about the next names of a walk and compares each
// with what we have. It is the least urgent of all that is asked there. Each
// name is one write together with the walk's position: whatever dies, the next
// run goes on behind the last name that was compared, and none counts twice.
func (f Flows) Compare(ctx context.Context, j jobs.Job) error {
	number, registry, _ := strings.Cut(j.Key, "/")
	house, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return fmt.Errorf("registrations: %q is not HOUSE/REGISTRY", j.Key)
	}
	at := place{house, registry}
	for range compareAtOnce {
		var run Run
		var under, more bool
		var r Registration
		if err := f.DB.Read(ctx, func(tx *db.Tx) (err error) {
			if run, under, err = openRun(tx, at); err != nil || !under {
				return err
			}
			r, more, err = nextName(tx, at, run.Position)
			return err
		}); err != nil || !under {
			return err
		}
		if !more {
			return f.DB.Write(ctx, func(tx *db.Tx) error { return over(tx, run) })
		}
		d, asked := f.Registries.DomainIdle(ctx, registry, r.NameA)
		if registries.Silent(asked) {
			if err := f.DB.Write(ctx, func(tx *db.Tx) error { return wasSilent(tx, run) }); err != nil {
				return err
			}
			return jobs.Rest(fmt.Errorf("compare %s with %s: %w", r.NameA, registry, asked))
		}
		if asked != nil && !errors.Is(asked, registries.ErrNotThere) {
			return fmt.Errorf("compare %s with %s: %w", r.NameA, registry, asked)
		}
		if err := f.DB.Write(ctx, func(tx *db.Tx) error { return compared(tx, run, r, d, asked) }); err != nil {
			return err
		}
	}
	return jobs.Again(f.DB.Now(), "more names to compare")
}

// over ends a walk and its alarm.
func over(tx *db.Tx, run Run) error {
	ok, err := endRun(tx, run)
	if err != nil || !ok {
		return err
	}
	who := actor.System(run.House, "registrations", "the walk came to its end")
	return desk.CloseFor(tx, who, TaskOverdue, runKey(run.House, run.Registry), "ended")
}

// compared applies what the registry said of one name of a walk.
func compared(tx *db.Tx, run Run, r Registration, d registries.Domain, asked error) error {
	list, err := differences(tx, r, d, asked)
	if err != nil {
		return err
	}
	taken, people := 0, 0
	for _, x := range list {
		if x.Outcome == ForPerson {
			people++
		} else {
			taken++
		}
	}
	// The position moves once: a second worker with the same name in hand changes
	// nothing.
	if ok, err := advance(tx, run, r.NameA, taken, people); err != nil || !ok {
		return err
	}
	now, err := live(tx, r.NameA)
	if isNone(err) || (err == nil && (now.ID != r.ID || now.State != Registered)) {
		return nil // it moved on while the registry was asked
	}
	if err != nil {
		return err
	}
	if !now.AskedAt.Equal(r.AskedAt) {
		return nil // somebody took over a newer word meanwhile; tomorrow compares again
	}
	who := actor.System(r.House, "registrations", "the daily comparison with the registry")
	for _, x := range list {
		x.Run, x.House, x.Registry, x.NameA = run.ID, run.House, run.Registry, r.NameA
		if err := keepDifference(tx, x); err != nil {
			return err
		}
		if x.Outcome != ForPerson {
			continue
		}
		if _, err := desk.Open(tx, desk.Task{House: r.House, Kind: TaskDiffers, Ref: r.NameA, Right: actor.SeeJobs, Summary: "registrations.task." + x.Kind,
			Args: map[string]string{"Name": r.NameU, "Registry": r.Registry}, Due: tx.Now.Add(24 * time.Hour)}); err != nil {
			return err
		}
	}
	if people == 0 {
		if err := desk.CloseFor(tx, who, TaskDiffers, r.NameA, "agrees"); err != nil {
			return err
		}
	}
	if asked != nil || !d.Ours {
		return nil
	}
	if taken > 0 {
		var kinds []string
		for _, x := range list {
			if x.Outcome == TakenOver {
				kinds = append(kinds, x.Kind)
			}
		}
		if err := audit.Record(tx, who, audit.Entry{Act: "registrations.taken_over", Object: "name", Ref: r.NameA, House: r.House, Account: r.Account,
			Details: map[string]string{"differences": strings.Join(kinds, " "), "registry": r.Registry}}); err != nil {
			return err
		}
	}
	// What a person decides stays as it is with us until they have.
	for _, x := range list {
		switch {
		case x.Outcome == TakenOver:
		case x.Kind == "registrant_differs":
			d.Registrant = r.Registrant
		case x.Kind == "roid_differs":
			return nil // another object: none of its dates is this one's
		}
	}
	return TakeOver(tx, who, now, d)
}

// differences compares a name of ours with what the registry says.
func differences(tx *db.Tx, r Registration, d registries.Domain, asked error) ([]Difference, error) {
	switch {
	case asked != nil:
		return []Difference{{Kind: "missing_at_registry", Ours: string(r.State), Outcome: ForPerson}}, nil
	case !d.Ours:
		return []Difference{{Kind: "with_other_registrar", Ours: string(r.State), Theirs: d.Sponsor, Outcome: ForPerson}}, nil
	}
	var out []Difference
	differ := func(kind, ours, theirs, outcome string) {
		if ours != theirs {
			out = append(out, Difference{Kind: kind, Ours: ours, Theirs: theirs, Outcome: outcome})
		}
	}
	if r.ROID != "" { // else this is the first time that the registry is asked
		differ("roid_differs", r.ROID, d.ROID, ForPerson)
		differ("update_differs", second(r.UpDate), second(d.UpDate), TakenOver)
	}
	if d.Registrant != "" {
		differ("registrant_differs", r.Registrant, d.Registrant, ForPerson)
	}
	differ("expiry_differs", second(r.ExDate), second(d.ExDate), TakenOver)
	differ("creation_differs", second(r.CrDate), second(d.CrDate), TakenOver)
	if r.ROID != "" {
		differ("statuses_differ", r.StatusText, joined(d.Statuses), TakenOver)
		differ("rgp_differs", r.RGPText, joined(d.RGP), TakenOver)
		differ("nameservers_differ", joined(r.Nameservers()), joined(d.Nameservers), TakenOver)
	}
	have, err := members(tx, r.ID)
	if err != nil {
		return nil, err
	}
	var ours []string
	for _, m := range have {
		ours = append(ours, m.NameA)
	}
	if missing := slices.DeleteFunc(slices.Clone(d.Bundle), func(a string) bool { return slices.Contains(ours, a) }); len(missing) > 0 {
		differ("members_differ", joined(ours), joined(d.Bundle), TakenOver)
	}
	return out, nil
}

// second is an instant as registries tell it.
func second(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// Comparison is the state of the walks on the staff page.
type Comparison struct {
	Places []PlaceState
	Recent []Difference // newest first
	Open   map[string]bool
	Old    calendar.Value // after how long a result is too old
}

// PlaceState is a house at a registry.
type PlaceState struct {
	House    int64
	Registry string
	Last     Run // zero: none came to its end yet
	Now      Run // zero: none is under way
	Overdue  bool
}

// Comparisons shows staff how the daily comparison stands, in all houses: the
// registry accounts are the registrar's own.
func Comparisons(tx *db.Tx, who actor.Actor, limit int) (c Comparison, err error) {
	if !who.May(actor.SeeJobs) || who.House != actor.RootHouse {
		return c, problem.New(problem.NotFound, "problem.not_found")
	}
	if c.Old, err = calendar.Policy(tx, "registrations.compare_overdue", ""); err != nil {
		return c, err
	}
	for at := (place{}); ; {
		var more bool
		if at, more, err = nextPlace(tx, at); err != nil {
			return c, err
		}
		if !more {
			break
		}
		p := PlaceState{House: at.House, Registry: at.Registry}
		if p.Last, _, err = lastRun(tx, at); err != nil {
			return c, err
		}
		if p.Now, _, err = openRun(tx, at); err != nil {
			return c, err
		}
		since := p.Last.EndedAt
		if since.IsZero() {
			since = p.Now.BegunAt
		}
		p.Overdue = !since.IsZero() && !tx.Now.Before(c.Old.After(since))
		c.Places = append(c.Places, p)
	}
	if c.Recent, err = recentDifferences(tx, limit); err != nil {
		return c, err
	}
	// Of the differences that were left to people, the names whose task is open.
	c.Open = map[string]bool{}
	tasks, err := desk.Queue(tx, who, TaskDiffers, desk.Item{}, limit)
	for _, t := range tasks {
		c.Open[t.Ref] = true
	}
	return c, err
}

// AcceptRegistry is a person's word that the registry is right about a name on
// which it and we differ: the name is asked about again and what is said is
// taken over, the end of the name with us included.
func AcceptRegistry(ctx context.Context, d *db.DB, who actor.Actor, nameA, reason string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if !who.May(actor.ReviveJobs) || who.House != actor.RootHouse {
			return problem.New(problem.NotFound, "problem.not_found")
		}
		task, err := desk.For(tx, who, TaskDiffers, nameA)
		if err != nil {
			return err
		}
		if strings.TrimSpace(reason) == "" {
			return problem.New(problem.Invalid, "desk.reason_missing")
		}
		if err := audit.Record(tx, who, audit.Entry{Act: "registrations.accepted", Object: "name", Ref: nameA, House: task.House, Reason: reason}); err != nil {
			return err
		}
		if err := Ask(tx, nameA); err != nil {
			return err
		}
		return desk.CloseFor(tx, who, TaskDiffers, nameA, "accepted")
	})
}
