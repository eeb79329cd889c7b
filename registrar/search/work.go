package search

import (
	"context"
	"sync"
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
		row.offer = a.offer
	} else {
		run.left--
	}
}

// askAll asks one registry for its names. The whole list stands in line, so that
// it is there whenever its turn comes; a question without any answer takes it
// out for a rest. What has no answer when the run stops is asked when it goes on.
func (r *Runs) askAll(run *Run, registry string, list []names.Name) {
	q := inquiry{r: r, run: run, registry: registry, at: map[names.Name]int{}, missed: map[names.Name]int{}}
	for i, row := range run.Rows() {
		if !row.Settled() && row.Registry == registry {
			q.at[row.Name] = i
		}
	}
	left := list
	for len(left) > 0 && run.ctx.Err() == nil && q.silent < r.tries() {
		if q.silent > 0 {
			rest(run.ctx, r.pause()<<(q.silent-1))
		}
		left = q.ask(left)
	}
	if run.ctx.Err() == nil {
		q.giveUp(left)
	}
}

// inquiry is what one list has asked of one registry.
type inquiry struct {
	r        *Runs
	run      *Run
	registry string
	at       map[names.Name]int // rows
	missed   map[names.Name]int // how often a name was left without an answer
	silent   int                // questions in a row without any answer
}

// ask asks about names and gives those that are to be asked about again.
func (q *inquiry) ask(list []names.Name) (again []names.Name) {
	ctx, leave := context.WithCancel(q.run.ctx)
	defer leave()
	said := q.r.Finder.line(q.registry).ask(ctx, q.run.visitor, long, list)
	for n := 0; n < len(list); {
		select {
		case part := <-said:
			n += len(part)
			again = append(again, q.hear(part)...)
			if q.silent > 0 {
				leave()
			}
		case <-q.run.ctx.Done():
			for { // what has been answered meanwhile is kept
				select {
				case part := <-said:
					q.hear(part)
				default:
					return nil
				}
			}
		}
	}
	return again
}

// hear lays down what came of one question and gives what is to be asked again.
func (q *inquiry) hear(part []heard) (again []names.Name) {
	var lost []names.Name
	asked, dead := part[0].asked, part[0].err != nil
	q.run.mu.Lock()
	for _, h := range part {
		if !h.silent {
			q.run.answer(q.at[h.name], h)
			dead = false
			continue
		}
		if asked {
			q.missed[h.name]++
		}
		if q.missed[h.name] < q.r.tries() {
			again = append(again, h.name)
		} else {
			lost = append(lost, h.name)
		}
	}
	q.run.tell()
	q.run.mu.Unlock()
	switch {
	case asked && dead:
		q.silent++
	case asked:
		q.silent = 0
	}
	q.giveUp(lost)
	return again
}

// giveUp settles names as unknown.
func (q *inquiry) giveUp(list []names.Name) {
	if len(list) == 0 {
		return
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	for _, n := range list {
		q.run.answer(q.at[n], heard{name: n, silent: true})
	}
	q.run.tell()
}

// answer lays down what a registry said. The caller holds mu.
func (run *Run) answer(i int, h heard) {
	row := run.rows[i]
	run.set(i, Answer{Name: row.Name, State: row.State, NoteID: row.NoteID, NoteArgs: row.NoteArgs, Registry: row.Registry,
		Prices: row.Prices, offer: row.offer}.told(h))
}

// keepOn keeps the run while the work goes on.
func (r *Runs) keepOn(ctx context.Context, run *Run) {
	every := r.Save
	if every == 0 {
		every = 5 * time.Second
	}
	for {
		r.mu.Lock()
		many := time.Duration(1 + len(r.live)/32) // sealing costs the same, however many lists there are
		r.mu.Unlock()
		rest(ctx, min(every*many, hold/2))
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
