package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/audit"
	"yumen/registrar/backups"
	"yumen/registrar/calendar"
	"yumen/registrar/labels"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/persons"
	"yumen/registrar/registrations"
	"yumen/registrar/seal"
)

// storage opens database and keys for a tool: the clock stands as the portal
// left it.
func storage(ctx context.Context, c *config) (*db.DB, *calendar.Clock, error) {
	if err := backups.Unfinished(c.Data); err != nil {
		return nil, nil, err
	}
	clock := calendar.NewClock(time.Now)
	d, err := db.Open(ctx, c.Database, clock.Now)
	if err != nil {
		return nil, nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	if err := clock.Load(ctx, d); err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	keys, err := keyFiles(ctx, c, d, clock.Now())
	if err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	seal.Attach(d, keys)
	return d, clock, nil
}

// keyFiles loads the key files, and makes them beside an empty database only:
// new keys for old data would open nothing that was ever sealed.
func keyFiles(ctx context.Context, c *config, d *db.DB, now time.Time) (*seal.Keys, error) {
	keys, err := seal.Load(c.Keys)
	if !errors.Is(err, seal.ErrNoKeys) {
		return keys, err
	}
	var houses []accounts.House
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { houses, err = accounts.Houses(tx); return err }); err != nil {
		return nil, err
	}
	if len(houses) > 0 {
		return nil, fmt.Errorf("%w in %s, and the database holds data sealed with some: identity papers, second factors and codes would be lost\nhint: put the key files back, or name their folder by --keys", seal.ErrNoKeys, c.Keys)
	}
	return seal.Create(c.Keys, now)
}

func migrate(ctx context.Context, c *config, _ []string, _ io.Reader, out io.Writer) error {
	d, _, err := storage(ctx, c)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "the schema is the newest")
	return d.Close()
}

func seed(ctx context.Context, c *config, _ []string, _ io.Reader, out io.Writer) error {
	if c.Sandbox == "off" {
		return errors.New("the cast lives in the sandbox only; --sandbox is off")
	}
	d, _, err := storage(ctx, c)
	if err != nil {
		return err
	}
	err = settle(ctx, d)
	if err == nil {
		printCast(out, "", "")
	}
	return errors.Join(err, d.Close())
}

// export writes what an independent reconciler or an accountant reads; the
// fields are documented at each Export.
func export(ctx context.Context, c *config, args []string, _ io.Reader, out io.Writer) error {
	kinds := map[string]func(context.Context, *db.DB, io.Writer) error{
		"orders": orders.Export, "ledger": ledger.Export, "names": registrations.Export, "audit": audit.Export, "notices": notices.Export,
	}
	if len(args) != 1 || kinds[args[0]] == nil {
		return errors.New("export what? orders, ledger, names, audit or notices")
	}
	d, _, err := storage(ctx, c)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	err = kinds[args[0]](ctx, d, w)
	return errors.Join(err, w.Flush(), d.Close())
}

// verify reads the audit from its first row and the books from their first
// posting, asks the engine about its file, and fails when anything does not
// fit: after a crash, after a restore, at night.
func verify(ctx context.Context, c *config, _ []string, _ io.Reader, out io.Writer) error {
	d, _, err := storage(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(verified(ctx, d, out), d.Close())
}

func verified(ctx context.Context, d *db.DB, out io.Writer) error {
	broken, err := d.Check(ctx)
	if err != nil {
		return err
	}
	for _, b := range broken {
		fmt.Fprintf(out, "file: %s\n", b)
	}
	if len(broken) > 0 { // what stands in such a file says nothing
		return fmt.Errorf("the database file has %d faults: %w", len(broken), db.ErrDamaged)
	}
	report, err := audit.Verify(ctx, d)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "audit: %+v\n", report)
	var wrong []ledger.Difference
	if err := d.Read(ctx, func(tx *db.Tx) error { wrong, err = ledger.CheckSums(tx); return err }); err != nil {
		return err
	}
	for _, w := range wrong {
		fmt.Fprintf(out, "ledger: %+v\n", w)
	}
	var bad []error
	if !report.Whole() {
		bad = append(bad, fmt.Errorf("the audit is broken at number %d: %s", report.Broken, report.Why))
	}
	if len(wrong) > 0 {
		bad = append(bad, fmt.Errorf("the ledger has %d differences", len(wrong)))
	}
	if len(bad) == 0 {
		fmt.Fprintln(out, "ledger: every set sums to zero, every balance is the sum of its postings")
		fmt.Fprintln(out, "file: whole")
	}
	return errors.Join(bad...)
}

// answerNames judges labels by the rules of this installation where it has a
// database, as its pages do; by what comes with the program where there is
// none. The rules are those of the moment it begins.
func answerNames(ctx context.Context, c *config, _ []string, in io.Reader, out io.Writer) error {
	rules, err := labelRules(ctx, c)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 0, 1<<16), 1<<20)
	for sc.Scan() {
		label, ending, _ := strings.Cut(sc.Text(), "\t")
		if err := enc.Encode(names.AnswerLine(label, ending, func(n names.Name) error { return rules.Of(n.Ending()).Allow(n) })); err != nil {
			return err
		}
	}
	return sc.Err()
}

// labelSchema is the migration from which on a database has rules of labels.
const labelSchema = 30

// labelRules reads the rules that are in force; none where there is no database
// or an older one. It makes no file and migrates nothing.
func labelRules(ctx context.Context, c *config) (b labels.Book, err error) {
	if path, file := strings.CutPrefix(c.Database, "sqlite:"); file && db.Exists(path) != nil {
		return b, nil
	}
	d, err := db.Open(ctx, c.Database, time.Now)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if n, err := d.Schema(ctx); err != nil || n < labelSchema {
		return b, err
	}
	err = d.Read(ctx, func(tx *db.Tx) error { b, err = labels.Rulebook(tx); return err })
	return b, err
}

// answerChecks prints one JSON object for each value.
func answerChecks(_ context.Context, _ *config, args []string, _ io.Reader, out io.Writer) error {
	if len(args) < 2 {
		return errors.New("check what? a kind and its values")
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, v := range args[1:] {
		a := persons.AnswerCheck(persons.Kind(args[0]), v, persons.Context{Today: calendar.DayOf(time.Now())})
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	return nil
}
