package search

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/names"
)

// work looks through a run: first by what we know ourselves, then each registry
// by itself. It keeps the run from time to time and in the end.
func (r *Runs) work(run *Run) {
	defer r.end(run)
	keeping, stop := context.WithCancel(run.ctx)
	var kept sync.WaitGroup
	kept.Go(func() { r.keepOn(keeping, run) })
	defer func() { stop(); kept.Wait() }()

	groups, err := r.decide(run)
	if err != nil {
		r.fault("a list could not be looked through", err)
		return
	}
	var asking sync.WaitGroup
	for registry, list := range groups {
		asking.Go(func() { r.askAll(run, registry, list) })
	}
	asking.Wait()
}

// end keeps the run as it stands and lets it go.
func (r *Runs) end(run *Run) {
	r.keep(run, true)
	run.stop()
	r.mu.Lock()
	delete(r.live, run.id)
	r.mu.Unlock()
	run.mu.Lock()
	run.working = false
	run.tell()
	run.mu.Unlock()
}

// rowsAtOnce is how many rows one read transaction decides.
const rowsAtOnce = 100

// decide settles what needs no registry and gives the names of each.
func (r *Runs) decide(run *Run) (map[string][]names.Name, error) {
	groups := map[string][]names.Name{}
	rows := run.Rows()
	for from := 0; from < len(rows) && run.ctx.Err() == nil; from += rowsAtOnce {
		part := rows[from:min(from+rowsAtOnce, len(rows))]
		var decided []Answer
		err := r.DB.Read(run.ctx, func(tx *db.Tx) error {
			decided = make([]Answer, len(part))
			offers, err := offersOf(tx, run.house)
			if err != nil {
				return err
			}
			for i, row := range part {
				if row.Settled() {
					continue
				}
				if o, ok := offers[row.Name.EndingA()]; ok {
					decided[i], err = r.Finder.row(tx, actor.Actor{House: run.house}, row.Name.Label(), o)
				} else {
					decided[i], err = notOnSale(tx, run.house, names.Query{Label: row.Name.Label(), Ending: row.Name.Ending()})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		run.mu.Lock()
		for i, a := range decided {
			if !part[i].Settled() {
				run.set(from+i, a)
				if a.State == Waiting {
					groups[a.Registry] = append(groups[a.Registry], a.Name)
				}
			}
		}
		run.tell()
		run.mu.Unlock()
	}
	return groups, nil
}

// set lays an answer down in its row. The caller holds mu.
func (run *Run) set(i int, a Answer) {
	row := &run.rows[i]
	if row.Settled() {
		return
	}
	row.State, row.NoteID, row.NoteArgs, row.Listed = a.State, a.NoteID, a.NoteArgs, a.Listed
	row.Registry, row.Prices, row.Asked = a.Registry, a.Prices, a.Asked
	if a.State == Waiting {
		row.cost = a.cost
	} else {
		run.left--
	}
}

// inLine is how many commands of one list stand in a registry's queue: one that
// is asked and one behind it, so that the list is there when its turn comes.
const inLine = 2

// askAll asks one registry for its names, command by command.
func (r *Runs) askAll(run *Run, registry string, list []names.Name) {
	at := map[names.Name]int{}
	for i, row := range run.Rows() {
		if !row.Settled() && row.Registry == registry {
			at[row.Name] = i
		}
	}
	parts := make(chan []names.Name)
	var silent atomic.Int64 // questions in a row without any answer
	var asking sync.WaitGroup
	for range inLine {
		asking.Go(func() {
			for part := range parts {
				r.askPart(run, registry, part, at, &silent)
			}
		})
	}
	for part := range slices.Chunk(list, max(1, r.Finder.Checker.NamesPerCheck(registry))) {
		parts <- part
	}
	close(parts)
	asking.Wait()
}

// askPart asks until each name of the part has its answer, or the registry has
// kept silent too often. What has no answer when the run stops is asked when it
// goes on.
func (r *Runs) askPart(run *Run, registry string, part []names.Name, at map[names.Name]int, silent *atomic.Int64) {
	left := part
	for n := 0; len(left) > 0 && run.ctx.Err() == nil && n < r.tries() && silent.Load() < int64(r.tries()); n++ {
		before := len(left)
		if left = r.askSome(run, registry, left, at); len(left) < before {
			silent.Store(0)
		} else if silent.Add(1) < int64(r.tries()) {
			rest(run.ctx, r.pause()<<n)
		}
	}
	if len(left) == 0 || run.ctx.Err() != nil {
		return
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	for _, n := range left {
		run.answer(at[n], heard{name: n, silent: true})
	}
	run.tell()
}

// askSome asks about names and gives those that stayed without an answer.
func (r *Runs) askSome(run *Run, registry string, list []names.Name, at map[names.Name]int) (left []names.Name) {
	ctx, cancel := context.WithCancel(run.ctx)
	defer cancel()
	said := r.Finder.line(registry).ask(ctx, long, list)
	hear := func(h heard) {
		if h.silent {
			left = append(left, h.name)
			return
		}
		run.mu.Lock()
		defer run.mu.Unlock()
		run.answer(at[h.name], h)
		run.tell()
	}
	for range list {
		select {
		case h := <-said:
			hear(h)
		case <-run.ctx.Done():
			for { // what has been answered meanwhile is kept
				select {
				case h := <-said:
					hear(h)
				default:
					return nil
				}
			}
		}
	}
	return left
}

// answer lays down what a registry said. The caller holds mu.
func (run *Run) answer(i int, h heard) {
	row := run.rows[i]
	run.set(i, Answer{Name: row.Name, State: row.State, NoteID: row.NoteID, NoteArgs: row.NoteArgs, Registry: row.Registry,
		Prices: row.Prices, cost: row.cost}.told(h))
}

// keepOn keeps the run while the work goes on.
func (r *Runs) keepOn(ctx context.Context, run *Run) {
	every := r.Save
	if every == 0 {
		every = 5 * time.Second
	}
	for {
		rest(ctx, every)
		if ctx.Err() != nil {
			return
		}
		r.keep(run, false)
	}
}

// keep writes how far the run has come; last says that the work ends.
func (r *Runs) keep(run *Run, last bool) {
	sealed, err := sealRows(run.token, run.house, run.Rows())
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err = r.DB.Write(ctx, func(tx *db.Tx) error {
			until := tx.Now.Add(hold)
			if last {
				until = tx.Now
			}
			there, err := saveRun(tx, run.id, sealed, until)
			if err == nil && !there {
				run.stop() // its owner had it forgotten, here or at another process
			}
			return err
		})
	}
	if err != nil {
		r.fault("a list could not be kept", err)
	}
}

func (r *Runs) fault(what string, err error) {
	if r.Log != nil {
		r.Log.Warn(what, "err", err)
	}
}

func (r *Runs) tries() int {
	if r.Tries > 0 {
		return r.Tries
	}
	return 3
}

func (r *Runs) pause() time.Duration {
	if r.Pause > 0 {
		return r.Pause
	}
	return 2 * time.Second
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
