package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/backups"
	"yumen/registrar/calendar"
	"yumen/registrar/seal"
)

// postgresHint is what an operator of PostgreSQL does for the database itself.
const postgresHint = `the database is PostgreSQL: its own tools copy it (pg_basebackup with WAL archiving, or pgBackRest), and this backup holds the papers and their keys
hint: restore the database to an instant not before that of the papers' backup, for example pgbackrest restore --type=time --target=...`

func papersOf(c *config) string { return filepath.Join(c.Data, "documents") }

// sqliteFile is the database's file; empty on PostgreSQL.
func sqliteFile(c *config) string {
	file, ok := strings.CutPrefix(c.Database, "sqlite:")
	if !ok {
		return ""
	}
	file, _, _ = strings.Cut(file, "?") // the driver's options
	return file
}

func runner(c *config, d *db.DB, log *slog.Logger) backups.Runner {
	return backups.Runner{DB: d, Database: sqliteFile(c), Data: c.Data, Papers: papersOf(c), Dir: c.backups(), Site: c.Site,
		Machine: time.Now, Log: log.With("part", "backups")}
}

// makeBackup writes a backup beside a running portal or without one. It never
// changes the schema: a backup before an update is one of the old data.
func makeBackup(ctx context.Context, c *config, _ []string, _ io.Reader, out io.Writer) (err error) {
	if c.To == "" {
		c.To = c.backups()
	}
	if c.To == "" {
		return errors.New("backup to where? --to FOLDER, or --backup FOLDER")
	}
	if err := backups.Unfinished(c.Data); err != nil {
		return err
	}
	keys, err := seal.Load(c.Keys)
	if err != nil {
		return backups.Known(err)
	}
	clock := calendar.NewClock(time.Now)
	d, err := openOld(ctx, c, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	seal.Attach(d, keys)
	if d.Engine == db.Postgres {
		fmt.Fprintln(out, postgresHint)
	}
	r := runner(c, d, slog.Default())
	r.Dir = c.To
	newest, err := db.NewestSchema()
	if err != nil {
		return err
	}
	if at, err := d.Schema(ctx); err != nil {
		return err
	} else if at != newest {
		m, err := backups.Make(ctx, backups.Source{Engine: d.Engine, Database: r.Database, Papers: r.Papers, Keys: keys, Site: c.Site, Now: clock.Now()}, c.To)
		if err == nil {
			fmt.Fprintf(out, "backup %s: %d tables, %d rows, %d papers\nnot on record: the schema is %d, this program's is %d\n",
				m.Name, len(m.Data.Tables), m.Rows(), m.Papers, at, newest)
		}
		return err
	}
	run, err := r.Make(ctx, "yumen backup")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "backup %s: %d tables, %d rows, %d papers, %d bytes, read back in full, in %s at %s\n",
		run.Name, run.Tables, run.Rows, run.Papers, run.Bytes, c.To, c.Site)
	if !c.Drill {
		return nil
	}
	if run, err = r.Drill(ctx, "yumen backup --drill"); err != nil {
		return err
	}
	fmt.Fprintf(out, "drill: restored aside in %s; %d tables, %d rows and %d papers compared, %d papers opened, %d audit events verified\n",
		run.Took(), run.Tables, run.Rows, run.Papers, run.Opened, run.Chained)
	return nil
}

// openOld opens the database as it is: nothing is migrated, nothing made.
func openOld(ctx context.Context, c *config, clock *calendar.Clock) (*db.DB, error) {
	if file := sqliteFile(c); file != "" {
		if err := db.Exists(file); err != nil {
			return nil, fmt.Errorf("%w\nhint: name the data by --data", err)
		}
	}
	d, err := db.Open(ctx, c.Database, clock.Now)
	if err != nil {
		return nil, err
	}
	if err := clock.Load(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// restoreBackup brings a backup back into a new folder, reads all of it, and
// keeps in the restored data that it was.
func restoreBackup(ctx context.Context, c *config, _ []string, _ io.Reader, out io.Writer) error {
	if c.From == "" {
		return errors.New("restore from where? --from FOLDER, and --data for a new folder")
	}
	var at time.Time
	if c.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return fmt.Errorf("--at %q is no instant such as 2026-11-22T09:30:00+08:00", c.At)
		}
	}
	keys, err := seal.Load(c.Keys)
	if err != nil {
		return backups.Known(err)
	}
	rep, err := bringBack(ctx, c.From, at, backups.Target{Data: c.Data, Database: sqliteFile(c), Papers: papersOf(c), Keys: keys, Now: time.Now, Sample: 100})
	if err != nil {
		return err
	}
	m := rep.Manifest
	fmt.Fprintf(out, "restored %s of %s into %s in %s\n", m.Name, m.At.In(calendar.Shanghai).Format("2006-01-02 15:04:05 -07:00"), c.Data, rep.Took.Round(time.Millisecond))
	fmt.Fprintf(out, "database: %d tables, %d rows, as in the manifest; audit: %d events chained and signed; books: every set sums to zero\n", len(m.Data.Tables), m.Rows(), rep.Audit.Checked)
	fmt.Fprintf(out, "papers: %d with their sums, %d opened\n", m.Papers, rep.Papers.Opened)
	if n := len(rep.Papers.Lost); n > 0 {
		fmt.Fprintf(out, "%d papers were erased since and stay erased\n", n)
	}
	if m.Engine == db.Postgres {
		fmt.Fprintln(out, postgresHint)
		return nil
	}
	d, _, err := storage(ctx, c)
	if err != nil {
		return err
	}
	if err := errors.Join(backups.Restored(ctx, d, rep, "yumen restore"), d.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, "next: what was done after %s is not in this data. Compare with the registry and the bank before customers come back (docs/operations.md, section 4)\n",
		m.At.In(calendar.Shanghai).Format("15:04:05"))
	return nil
}

func bringBack(ctx context.Context, from string, at time.Time, t backups.Target) (backups.Report, error) {
	if backups.IsReplica(from) {
		return backups.Rewind(ctx, from, at, t)
	}
	s, err := backups.Find(from, at)
	if err != nil {
		return backups.Report{}, err
	}
	return backups.Restore(ctx, s, t)
}

// openReplica follows the database before any traffic begins.
func (p *portal) openReplica(ctx context.Context) error {
	if p.cfg.Replica == "" {
		return nil
	}
	file := sqliteFile(p.cfg)
	if file == "" {
		return errors.New("--replica follows the embedded database; PostgreSQL has replication of its own (a synchronous standby, WAL archiving)")
	}
	var keep calendar.Value
	if err := p.db.Read(ctx, func(tx *db.Tx) (err error) { keep, err = calendar.Policy(tx, "backups.replica_keep", ""); return err }); err != nil {
		return err
	}
	r, err := backups.Follow(ctx, backups.Following{Database: file, Data: p.cfg.Data, Papers: p.papers, Dir: p.cfg.Replica, Site: p.cfg.Site,
		Keys: p.keys, Keep: keep.Duration(), Machine: time.Now, Log: p.log.With("part", "replica")})
	if err != nil {
		return err
	}
	p.onEnd(r.Close)
	p.backups.Replica = r.Age
	return nil
}
