package search

import (
	"context"
	"slices"
	"sync"
	"time"

	"yumen/db"
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

// askAll asks one registry for its names, command by command.
func (r *Runs) askAll(run *Run, registry string, list []names.Name) {
	at := map[names.Name]int{}
	for i, row := range run.Rows() {
		if !row.Settled() && row.Registry == registry {
			at[row.Name] = i
		}
	}
	failures := 0
	for part := range slices.Chunk(list, max(1, r.Finder.Checker.NamesPerCheck(registry))) {
		left := part
		for len(left) > 0 && run.ctx.Err() == nil && failures < r.tries() {
			before := len(left)
			left = r.askSome(run, registry, left, at)
			if len(left) < before {
				failures = 0
			}
			if len(left) > 0 {
				failures++
				if failures < r.tries() {
					rest(run.ctx, r.pause()<<(failures-1))
				}
			}
		}
		if run.ctx.Err() != nil {
			return // what has no answer is asked when the run goes on
		}
		if len(left) > 0 {
			run.mu.Lock()
			for _, n := range left {
				run.answer(at[n], heard{name: n, silent: true})
			}
			run.tell()
			run.mu.Unlock()
		}
	}
}

// askSome asks about names and gives those that stayed without an answer.
func (r *Runs) askSome(run *Run, registry string, list []names.Name, at map[names.Name]int) (left []names.Name) {
	ctx, cancel := context.WithCancel(run.ctx)
	defer cancel()
	said := r.Finder.line(registry).ask(ctx, long, list)
	for range list {
		select {
		case h := <-said:
			if h.silent {
				left = append(left, h.name)
				continue
			}
			run.mu.Lock()
			run.answer(at[h.name], h)
			run.tell()
			run.mu.Unlock()
		case <-run.ctx.Done():
			return nil
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
