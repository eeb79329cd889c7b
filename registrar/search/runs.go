package search

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// Row is one entry of a run.
type Row struct {
	Line     int        `json:"line"`
	Typed    string     `json:"typed"`
	Name     names.Name `json:"name"`
	State    State      `json:"state"` // Unreadable for what is no name
	NoteID   string     `json:"note,omitempty"`
	NoteArgs []any      `json:"args,omitempty"`
	Listed   bool       `json:"listed,omitempty"`
	Registry string     `json:"registry,omitempty"`
	Prices   Prices     `json:"prices"`
	Asked    Prices     `json:"asked"`

	offer *catalogue.Offer // see Answer; kept in memory only, a run that goes on decides anew
}

// Unreadable is the state of an entry that is no name.
const Unreadable State = "unreadable"

// Settled reports whether nothing is to come for the row.
func (r Row) Settled() bool { return r.State != Waiting }

// Buyable reports whether the name can be put into a cart.
func (r Row) Buyable() bool { return buyable(r.State, r.Prices) }

// Runs looks through long lists. Each registry is asked by itself and without
// hurry, so that one that is slow or dead keeps back nothing but its own names,
// and a list of thousands does not delay anybody's single search. A run goes on
// when its owner leaves, and after the program has been started anew as soon as
// they come back. Fill DB and Finder once; it is safe for concurrent use.
type Runs struct {
	DB     *db.DB
	Finder *Finder
	Log    *slog.Logger // faults, never names; nil is silent

	// Save is how often a run that goes on is kept; zero is 5 s.
	Save time.Duration
	// Pause is how long a registry rests that left a question unanswered; zero is
	// 2 s. After Tries questions in a row (zero: 3) the rest of its names is
	// Unknown and can be asked about again.
	Pause time.Duration
	Tries int

	mu     sync.Mutex
	live   map[string]*Run
	closed bool
	ends   sync.WaitGroup
}

// Bounds of the runs that one process is at work on: all, and one visitor's. A
// run of 3,000 names takes some 2 MB.
const (
	mostLive = 128
	mostEach = 8
)

// mostWatch is how many may follow one run at a time: the windows of its owner,
// and those whom they gave its address.
const mostWatch = 8

// hold is for how long a process that keeps a run is known to be at work on it.
const hold = time.Minute

// Run is one list being looked through, or one that was.
type Run struct {
	Expires time.Time // then it is erased

	house   int64
	visitor visitor // whose turns it has in the lines; not kept
	token   string
	id      string
	ctx     context.Context // ends with the work
	stop    context.CancelFunc

	mu      sync.Mutex
	rows    []Row
	left    int // rows without an answer
	changed chan struct{}
	working bool
	watched int
}

// Start takes a list up and gives its token: whoever has that can see it, and
// nobody else. Nothing says who it was.
func (r *Runs) Start(ctx context.Context, who actor.Actor, list []Entry) (token string, err error) {
	rows := make([]Row, len(list))
	for i, e := range list {
		rows[i] = Row{Line: e.Line, Typed: e.Typed, Name: e.Name, State: Waiting}
		if e.Wrong != nil {
			rows[i].State, rows[i].NoteID, rows[i].NoteArgs = Unreadable, e.Wrong.ID, e.Wrong.Args
		}
	}
	token = newToken()
	run, err := newRun(token, who, rows)
	if err != nil {
		return "", err
	}
	sealed, err := sealRows(token, who.House, rows)
	if err != nil {
		return "", err
	}
	if err := r.room(run); err != nil {
		return "", err
	}
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		life, err := calendar.Policy(tx, "search.run_life", "")
		if err != nil {
			return err
		}
		run.Expires = life.After(tx.Now)
		return insertRun(tx, runRow{run.id, who.House, sealed, tx.Now.Add(hold), run.Expires})
	})
	if err != nil {
		return "", err
	}
	r.begin(run)
	return token, nil
}

func newRun(token string, who actor.Actor, rows []Row) (*Run, error) {
	id, err := idOf(token, who.House)
	if err != nil {
		return nil, err
	}
	run := &Run{house: who.House, visitor: visitorOf(who), token: token, id: id, rows: rows, changed: make(chan struct{})}
	for _, row := range rows {
		if !row.Settled() {
			run.left++
		}
	}
	run.ctx, run.stop = context.WithCancel(context.Background())
	return run, nil
}

// room refuses a run more than can be worked on, of all visitors or of this one:
// nobody takes the places of the others.
func (r *Runs) room(run *Run) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := 0
	for _, other := range r.live {
		if other.visitor == run.visitor {
			own++
		}
	}
	if len(r.live) >= mostLive || own >= mostEach || r.closed {
		return problem.New(problem.TooMany, "searching.too_many_lists").WithRetry(60)
	}
	return nil
}

// begin sets to work, unless the work is done or somebody here is at it.
func (r *Runs) begin(run *Run) *Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	if other := r.live[run.id]; other != nil {
		return other
	}
	if r.closed || run.left == 0 {
		return run
	}
	if r.live == nil {
		r.live = map[string]*Run{}
	}
	r.live[run.id], run.working = run, true
	r.ends.Go(func() { r.work(run) })
	return run
}

// Open finds a run by its token; NotFound when it is not there, or of another
// house. One that stood still because its process ended goes on.
func (r *Runs) Open(ctx context.Context, who actor.Actor, token string) (*Run, error) {
	lost := problem.New(problem.NotFound, "searching.list_gone")
	id, err := idOf(token, who.House)
	if err != nil {
		return nil, lost
	}
	r.mu.Lock()
	run := r.live[id]
	r.mu.Unlock()
	if run != nil {
		return run, nil
	}
	var row runRow
	held := false
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		row, err = findRun(tx, who.House, id)
		if err == nil && !tx.Now.Before(row.ExpiresAt) {
			return db.ErrNotFound
		}
		held = tx.Now.Before(row.HeldUntil)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil, lost
	}
	if err != nil {
		return nil, err
	}
	rows, err := openRows(token, who.House, row.Sealed)
	if err != nil {
		return nil, lost // of another version, or damaged: nobody can read it
	}
	if run, err = newRun(token, who, rows); err != nil {
		return nil, err
	}
	run.Expires = row.ExpiresAt
	if run.left == 0 || held || r.room(run) != nil {
		return run, nil
	}
	return r.resume(ctx, run)
}

// resume takes a run up that nobody is at work on.
func (r *Runs) resume(ctx context.Context, run *Run) (*Run, error) {
	ours := false
	err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		ours, err = holdRun(tx, run.id, tx.Now.Add(hold))
		return err
	})
	if db.TroubleOf(err) != "" || err == nil && !ours {
		return run, nil // it can be looked at as it stands
	}
	if err != nil {
		return nil, err
	}
	return r.begin(run), nil
}

// Again asks once more about what registries left unanswered.
func (r *Runs) Again(ctx context.Context, who actor.Actor, token string) error {
	run, err := r.Open(ctx, who, token)
	if err != nil {
		return err
	}
	run.mu.Lock()
	if run.working {
		run.mu.Unlock()
		return problem.New(problem.Conflict, "searching.list_working")
	}
	for i := range run.rows {
		if row := &run.rows[i]; row.State == Unknown {
			row.State, row.NoteID, row.NoteArgs = Waiting, "", nil
			run.left++
		}
	}
	left := run.left
	run.mu.Unlock()
	if left == 0 {
		return nil
	}
	if err := r.room(run); err != nil {
		return err
	}
	_, err = r.resume(ctx, run)
	return err
}

// Forget erases a run at once.
func (r *Runs) Forget(ctx context.Context, who actor.Actor, token string) error {
	run, err := r.Open(ctx, who, token)
	if err != nil {
		return err
	}
	run.stop()
	return r.DB.Write(ctx, func(tx *db.Tx) error { return eraseRun(tx, who.House, run.id) })
}

// Sweep erases runs whose time is over.
func Sweep(ctx context.Context, d *db.DB) error { return d.Write(ctx, eraseExpired) }

// Close stops the work and keeps how far it has come.
func (r *Runs) Close() error {
	r.mu.Lock()
	r.closed = true
	for _, run := range r.live {
		run.stop()
	}
	r.mu.Unlock()
	r.ends.Wait()
	return nil
}

// Rows is how the run stands: a copy.
func (run *Run) Rows() []Row {
	run.mu.Lock()
	defer run.mu.Unlock()
	return slices.Clone(run.rows)
}

// Progress is how many entries are settled, of how many, and whether work is
// under way. changed is closed at the next change.
func (run *Run) Progress() (settled, all int, working bool, changed <-chan struct{}) {
	run.mu.Lock()
	defer run.mu.Unlock()
	return len(run.rows) - run.left, len(run.rows), run.working, run.changed
}

// Watch takes one of the places of those who follow the run as it goes on, until
// leave; TooMany when all are taken.
func (run *Run) Watch() (leave func(), err error) {
	run.mu.Lock()
	defer run.mu.Unlock()
	if run.watched >= mostWatch {
		return nil, problem.New(problem.TooMany, "searching.too_many_watch", "Most", mostWatch).WithRetry(30)
	}
	run.watched++
	return func() {
		run.mu.Lock()
		defer run.mu.Unlock()
		run.watched--
	}, nil
}

// tell lets those who watch look again. The caller holds mu.
func (run *Run) tell() {
	close(run.changed)
	run.changed = make(chan struct{})
}

// offersOf are what a house sells, by ending.
func offersOf(tx *db.Tx, house int64) (map[string]catalogue.Offer, error) {
	offers, err := catalogue.OnSale(tx, house)
	out := make(map[string]catalogue.Offer, len(offers))
	for _, o := range offers {
		out[o.ALabel] = o
	}
	return out, err
}
