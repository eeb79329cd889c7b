package backups

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Runner makes and drills the backups of an installation and keeps their
// record.
type Runner struct {
	DB       *db.DB
	Database string           // the SQLite file; empty on PostgreSQL
	Data     string           // the data folder: drills happen in it, aside
	Papers   string           // the folder of documents
	Dir      string           // the folder of backups; empty: none is configured
	Site     string           // where Dir stands, as declared
	Machine  func() time.Time // the machine's clock, for how long things take
	Log      *slog.Logger
	Replica  func() (age time.Duration, on bool) // how far the replica is behind; nil: there is none
}

// Tasks at the desk; each closes itself when the matter is mended.
const (
	TaskBackup  = "backups.backup"
	TaskDrill   = "backups.drill"
	TaskReplica = "backups.replica"
)

// Due makes a backup when the newest good one is older than backups.interval.
func (r Runner) Due(ctx context.Context, _ jobs.Job) error {
	due, err := r.due(ctx, KindBackup, "backups.interval")
	if err != nil || !due {
		return err
	}
	_, err = r.Make(ctx, "backups.interval has passed")
	return r.quiet(err)
}

// DueDrill drills when the newest good drill is older than
// backups.drill_interval.
func (r Runner) DueDrill(ctx context.Context, _ jobs.Job) error {
	due, err := r.due(ctx, KindDrill, "backups.drill_interval")
	if err != nil || !due {
		return err
	}
	_, err = r.Drill(ctx, "backups.drill_interval has passed")
	return r.quiet(err)
}

// quiet keeps the queue from trying again at once what is on record, stands at
// the desk and is tried at the next look.
func (r Runner) quiet(err error) error {
	var k kept
	switch {
	case errors.As(err, &k):
		return nil
	case errors.Is(err, errBusy):
		return jobs.Again(r.DB.Now().Add(time.Minute), "another run is under way")
	}
	return err
}

// kept is an error that the record has.
type kept struct{ error }

func (k kept) Unwrap() error { return k.error }

func (r Runner) due(ctx context.Context, kind, policy string) (due bool, err error) {
	if r.Dir == "" {
		return false, nil
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		since, err := r.since(tx, kind)
		if err != nil {
			return err
		}
		every, err := calendar.Policy(tx, policy, "")
		due = err == nil && !tx.Now.Before(every.After(since))
		return err
	})
	return due, err
}

// since is the instant of the newest good run; before the first, that at which
// the installation began.
func (r Runner) since(tx *db.Tx, kind string) (time.Time, error) {
	run, ok, err := lastGood(tx, kind)
	if err != nil || ok {
		return run.BegunAt, err
	}
	return audit.Since(tx)
}

// Make makes a backup now, removes those past backups.keep and keeps the
// record.
func (r Runner) Make(ctx context.Context, why string) (Run, error) {
	run, begun := r.begin(KindBackup)
	m, err := r.make(ctx)
	run.Name, run.MadeAt, run.Bytes = m.Name, m.At, m.Size()
	run.Tables, run.Rows, run.Papers = int64(len(m.Data.Tables)), m.Rows(), m.Papers
	return r.end(ctx, run, begun, err, why, TaskBackup)
}

func (r Runner) make(ctx context.Context) (m Manifest, err error) {
	if r.Dir == "" {
		return m, errors.New("backups: no folder is configured\nhint: name one by --backup")
	}
	if err := Allowed(r.Dir, r.Site); err != nil {
		return m, err
	}
	release, err := hold(r.Dir)
	if err != nil {
		return m, Known(err)
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := leftovers(r.Dir, r.Data); err != nil { // the room that a killed run took is needed now
		return m, err
	}
	// Whatever was recorded before a backup stands in it numbered, chained and
	// signed: what a disaster leaves of the record can be proved. One that cannot
	// be written is in need of a backup all the more.
	if err := audit.Sequence(ctx, r.DB); db.TroubleOf(err) != "" {
		r.Log.Error("backups: the audit is copied as it stands", "err", err)
	} else if err != nil {
		return m, err
	}
	keys := seal.Of(r.DB)
	m, err = Make(ctx, Source{Engine: r.DB.Engine, Database: r.Database, Papers: r.Papers, Keys: keys, Site: r.Site, Now: r.DB.Now()}, r.Dir)
	if err != nil {
		return m, err
	}
	var keep calendar.Value
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) { keep, err = calendar.Policy(tx, "backups.keep", ""); return err }); err != nil {
		return m, err
	}
	// What cannot be removed today is tried again with the next backup; this
	// one is good.
	gone, err := Prune(ctx, keys, r.Dir, r.Data, r.DB.Now().Add(-keep.Duration()))
	if err != nil {
		r.Log.Error("backups: old ones not removed", "err", err)
	}
	if len(gone) > 0 {
		r.Log.Info("backups: removed after their term", "names", strings.Join(gone, " "))
	}
	return m, nil
}

// Drill brings the newest backup back aside, compares it and keeps the dated
// result.
func (r Runner) Drill(ctx context.Context, why string) (Run, error) {
	run, begun := r.begin(KindDrill)
	rep, err := r.drill(ctx)
	m := rep.Manifest
	run.Name, run.MadeAt, run.Bytes = m.Name, m.At, m.Size()
	run.Tables, run.Rows, run.Papers = int64(len(m.Data.Tables)), m.Rows(), m.Papers
	run.Opened, run.Chained = rep.Papers.Opened, rep.Audit.Checked
	return r.end(ctx, run, begun, err, why, TaskDrill)
}

func (r Runner) drill(ctx context.Context) (rep Report, err error) {
	if r.Dir == "" {
		return rep, errors.New("backups: no folder is configured\nhint: name one by --backup")
	}
	release, err := hold(r.Dir)
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, release()) }()
	s, err := Find(r.Dir, time.Time{})
	if err != nil {
		return rep, err
	}
	var sample calendar.Value
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) { sample, err = calendar.Policy(tx, "backups.drill_sample", ""); return err }); err != nil {
		return rep, err
	}
	return Drill(ctx, s, r.Data, seal.Of(r.DB), int(sample.Value), r.Machine)
}

func (r Runner) begin(kind string) (Run, time.Time) {
	return Run{ID: r.DB.NewID(), Kind: kind, BegunAt: r.DB.Now(), Site: r.Site}, r.Machine()
}

// end keeps what came of a run: the row, the audit, and the desk's task.
func (r Runner) end(ctx context.Context, run Run, begun time.Time, err error, why, task string) (Run, error) {
	if err != nil && (ctx.Err() != nil || errors.Is(err, errBusy)) {
		return run, err // the program ends, or another is at it: neither good nor bad
	}
	run.TookMS = r.Machine().Sub(begun).Milliseconds()
	if err != nil {
		run.Words, run.Fault = err.Error(), KindOf(err)
		if run.Fault == "" {
			run.Fault = "error"
		}
		r.Log.Error("backups: "+run.Kind+" failed", "fault", run.Fault, "err", err)
	}
	kerr := r.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return keep(tx, run, why, task) })
	if err != nil && kerr == nil {
		return run, kept{err}
	}
	return run, errors.Join(err, kerr)
}

func keep(tx *db.Tx, run Run, why, task string) error {
	if err := insert(tx, run); err != nil {
		return fmt.Errorf("backups: keep the record: %w", err)
	}
	who := actor.System(actor.RootHouse, "backups", why)
	act := map[string]string{KindBackup: "backups.made", KindDrill: "backups.drilled", KindRestore: "backups.restored"}[run.Kind]
	if !run.Good() {
		act = "backups." + run.Kind + "_failed"
	}
	details := map[string]string{"site": run.Site, "tables": fmt.Sprint(run.Tables), "rows": fmt.Sprint(run.Rows), "papers": fmt.Sprint(run.Papers)}
	if !run.Good() {
		details = map[string]string{"fault": run.Fault}
	}
	if err := audit.Record(tx, who, audit.Entry{Act: act, Object: "backup", Ref: run.Name, Details: details}); err != nil {
		return err
	}
	if task == "" {
		return nil
	}
	if run.Good() {
		return desk.CloseFor(tx, who, task, "1", "mended")
	}
	_, err := desk.Open(tx, desk.Task{House: actor.RootHouse, Kind: task, Ref: "1", Right: actor.SeeDuties,
		Summary: task + ".failed", Args: map[string]string{"Fault": run.Fault}, Due: tx.Now})
	return err
}

// Watch calls for staff when the newest good backup is older than
// backups.overdue, or the replica is further behind than
// backups.replica_overdue.
func (r Runner) Watch(ctx context.Context, _ jobs.Job) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		since, err := r.since(tx, KindBackup)
		if err != nil {
			return err
		}
		limit, err := calendar.Policy(tx, "backups.overdue", "")
		if err != nil {
			return err
		}
		if !tx.Now.Before(limit.After(since)) {
			summary := TaskBackup + ".overdue"
			if r.Dir == "" {
				summary = TaskBackup + ".none"
			}
			if _, err := desk.Open(tx, desk.Task{House: actor.RootHouse, Kind: TaskBackup, Ref: "1", Right: actor.SeeDuties, Summary: summary, Due: tx.Now}); err != nil {
				return err
			}
		}
		if r.Replica == nil {
			return nil
		}
		if limit, err = calendar.Policy(tx, "backups.replica_overdue", ""); err != nil {
			return err
		}
		if age, on := r.Replica(); on && age < limit.Duration() {
			return desk.CloseFor(tx, actor.System(actor.RootHouse, "backups", "the replica follows"), TaskReplica, "1", "mended")
		}
		_, err = desk.Open(tx, desk.Task{House: actor.RootHouse, Kind: TaskReplica, Ref: "1", Right: actor.SeeDuties, Summary: TaskReplica + ".behind", Due: tx.Now})
		return err
	})
}

// State is what the page of duties shows as live evidence.
type State struct {
	Backup, GoodBackup Run // the newest, and the newest good one; ID 0: none
	Drill, GoodDrill   Run
	Drills             []Run // the newest first
	Overdue            bool  // the newest good backup is older than backups.overdue
	Interval           calendar.Value
	DrillInterval      calendar.Value
}

// Evidence gives the state to those who see duties.
func Evidence(tx *db.Tx, who actor.Actor) (s State, err error) {
	if !who.May(actor.SeeDuties) || who.House != actor.RootHouse {
		return s, problem.New(problem.NotFound, "problem.not_found")
	}
	if s.Backup, _, err = last(tx, KindBackup); err != nil {
		return s, err
	}
	if s.GoodBackup, _, err = lastGood(tx, KindBackup); err != nil {
		return s, err
	}
	if s.GoodDrill, _, err = lastGood(tx, KindDrill); err != nil {
		return s, err
	}
	if s.Drills, err = list(tx, KindDrill, 5); err != nil {
		return s, err
	}
	if len(s.Drills) > 0 {
		s.Drill = s.Drills[0]
	}
	if s.Interval, err = calendar.Policy(tx, "backups.interval", ""); err != nil {
		return s, err
	}
	if s.DrillInterval, err = calendar.Policy(tx, "backups.drill_interval", ""); err != nil {
		return s, err
	}
	limit, err := calendar.Policy(tx, "backups.overdue", "")
	if err != nil {
		return s, err
	}
	since := s.GoodBackup.BegunAt
	if since.IsZero() {
		if since, err = audit.Since(tx); err != nil {
			return s, err
		}
	}
	s.Overdue = !tx.Now.Before(limit.After(since))
	return s, nil
}

// Restored keeps in restored data that they were, and from what.
func Restored(ctx context.Context, d *db.DB, rep Report, why string) error {
	m := rep.Manifest
	return d.Write(ctx, func(tx *db.Tx) error {
		return keep(tx, Run{ID: tx.NewID(), Kind: KindRestore, BegunAt: tx.Now, TookMS: rep.Took.Milliseconds(), Name: m.Name, MadeAt: m.At, Site: m.Site,
			Tables: int64(len(m.Data.Tables)), Rows: m.Rows(), Papers: m.Papers, Opened: rep.Papers.Opened, Chained: rep.Audit.Checked, Bytes: m.Size()}, why, "")
	})
}

// Ages is how old the newest good backup and drill are, and how far the
// replica is behind; what there is none of is left out.
func (r Runner) Ages(ctx context.Context) (map[string]time.Duration, error) {
	out := map[string]time.Duration{}
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		for _, kind := range []string{KindBackup, KindDrill} {
			run, ok, err := lastGood(tx, kind)
			if err != nil {
				return err
			}
			if ok {
				out[kind] = tx.Now.Sub(run.BegunAt)
			}
		}
		return nil
	})
	if r.Replica != nil {
		if age, on := r.Replica(); on {
			out["replica"] = age
		}
	}
	return out, err
}
