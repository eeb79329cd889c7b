package backups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/documents"
	"yumen/registrar/ledger"
	"yumen/registrar/seal"
)

// Target is where a backup is brought back to.
type Target struct {
	Data     string // the folder, new or empty
	Database string // the SQLite file to be, inside or outside of Data
	Papers   string // the folder of documents to be
	Keys     *seal.Keys
	Now      func() time.Time // the machine's clock
	Sample   int              // papers to open; all are compared with their sums
	partial  bool             // only the papers of the sample are written
}

// Report is what a restore found.
type Report struct {
	Manifest Manifest
	Audit    audit.Report
	Papers   documents.Kept
	Took     time.Duration
}

// marker stands in a folder while a restore fills it. It holds the name of the
// backup and where the database goes.
const marker = "RESTORE-UNFINISHED"

// Unfinished refuses a data folder in which a restore was interrupted.
func Unfinished(data string) error {
	if _, err := os.Stat(filepath.Join(data, marker)); err != nil {
		return nil //nolint:nilerr // no marker, no restore under way
	}
	return fault(Half, "backups: a restore into %s was interrupted: run yumen restore again with the same --data", data)
}

// Restore brings a backup into a new or empty folder and reads it: integrity
// and rows of the databases, sums of the papers, a sample of them opened, the
// chain of the audit, the books. A folder in which an earlier restore was
// interrupted is emptied and filled again; until the end nothing opens it.
func Restore(ctx context.Context, s Set, t Target) (r Report, err error) {
	defer func() { err = Known(err) }()
	begun := t.Now()
	if r.Manifest, err = Read(t.Keys, s); err != nil {
		return r, err
	}
	m := r.Manifest
	if err := claim(t, m.Name); err != nil {
		return r, err
	}
	defer func() {
		if err != nil && !errors.Is(err, context.Canceled) {
			err = errors.Join(err, undo(t)) // the room on the disk, and no half data
		}
	}()
	for _, f := range m.Files {
		to := map[string]string{dataFile: t.Database, paperKeysFile: documents.KeyFile(t.Papers)}[f.Name]
		if to == "" {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return r, err
		}
		if err := bring(t.Keys, s, m, f, to); err != nil {
			return r, err
		}
	}
	kept := map[string]bool{}
	var wanted []string
	if t.partial && m.Engine == db.SQLite {
		if wanted, err = documents.Newest(ctx, t.Database, t.Sample); err != nil {
			return r, err
		}
	}
	err = eachPaper(ctx, t.Keys, s, m, func(p paper) error {
		b, err := poolGet(s.Pool, p.ref, p.sum, p.size)
		if err != nil {
			return err
		}
		kept[p.ref] = true
		if t.partial && !slices.Contains(wanted, p.ref) {
			return nil
		}
		return documents.WriteSealed(t.Papers, p.ref, b)
	})
	if err != nil {
		return r, err
	}
	if err := r.read(ctx, t, func(ref string) bool { return kept[ref] }); err != nil {
		return r, err
	}
	r.Took = t.Now().Sub(begun)
	return r, errors.Join(os.Remove(filepath.Join(t.Data, marker)), syncDir(t.Data))
}

// claim takes an empty folder, or one that a restore left half filled.
func claim(t Target, name string) error {
	entries, err := os.ReadDir(t.Data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	half := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == marker })
	if len(entries) > 0 && !half {
		return fault(NotEmpty, "backups: %s is not empty: it holds %s", t.Data, entries[0].Name())
	}
	own := half && wrote(t)
	if _, err := os.Stat(t.Database); err == nil && t.Database != "" && !own {
		return fault(NotEmpty, "backups: %s is there already", t.Database)
	}
	if half {
		left := t
		if !own {
			left.Database = ""
		}
		if err := undo(left); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(t.Data, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(t.Data, marker), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	database, err := filepath.Abs(t.Database)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.WriteString(name + "\n" + database + "\n")
	return errors.Join(err, f.Sync(), f.Close(), syncDir(t.Data))
}

// wrote reports whether the database is the one that the restore before had
// begun to write: what else lies there is not its own to remove. A marker that
// names none speaks of the folder alone.
func wrote(t Target) bool {
	database, err := filepath.Abs(t.Database)
	if err != nil {
		return false
	}
	text, err := os.ReadFile(filepath.Join(t.Data, marker))
	if err != nil {
		return false
	}
	_, written, _ := strings.Cut(string(text), "\n")
	if written = strings.TrimSuffix(written, "\n"); written != "" {
		return written == database
	}
	data, err := filepath.Abs(t.Data)
	return err == nil && strings.HasPrefix(database, data+string(filepath.Separator))
}

// undo removes what a restore wrote, the marker last.
func undo(t Target) error {
	var err error
	if t.Database != "" {
		for _, end := range []string{"", "-wal", "-shm", "-journal"} {
			if e := os.Remove(t.Database + end); e != nil && !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}
	err = errors.Join(err, os.RemoveAll(t.Papers))
	if err == nil {
		if e := os.Remove(filepath.Join(t.Data, marker)); !errors.Is(e, fs.ErrNotExist) {
			err = e
		}
	}
	return err
}

func bring(keys *seal.Keys, s Set, m Manifest, f FileRecord, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return err
	}
	err = unpack(keys, s, m, f, out)
	return errors.Join(err, out.Sync(), out.Close(), syncDir(filepath.Dir(to)))
}

// read compares what came out with the manifest and with itself.
func (r *Report) read(ctx context.Context, t Target, have func(ref string) bool) (err error) {
	m := r.Manifest
	if err := sameShape(ctx, documents.KeyFile(t.Papers), m.Paper); err != nil {
		return err
	}
	if m.Engine != db.SQLite {
		return nil // the database comes back by its own tools
	}
	if err := sameShape(ctx, t.Database, m.Data); err != nil {
		return err
	}
	return r.verify(ctx, t, have, false)
}

// verify opens what was restored as the portal does and reads it. lost: papers
// may have been erased since.
func (r *Report) verify(ctx context.Context, t Target, have func(ref string) bool, lost bool) (err error) {
	clock := calendar.NewClock(t.Now)
	d, err := db.Open(ctx, "sqlite:"+t.Database, clock.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := errors.Join(d.Migrate(ctx), clock.Load(ctx, d)); err != nil {
		return err
	}
	seal.Attach(d, t.Keys)
	if r.Audit, err = audit.Verify(ctx, d); err != nil {
		return err
	}
	if !r.Audit.Whole() {
		return fault(Differs, "backups: the audit breaks at %d: %s", r.Audit.Broken, r.Audit.Why)
	}
	var wrong []ledger.Difference
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { wrong, err = ledger.CheckSums(tx); return err }); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fault(Differs, "backups: the books do not add up: %s", wrong[0])
	}
	st, err := documents.OpenStore(ctx, t.Papers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if r.Papers, err = documents.Survey(ctx, d, st, t.Sample, have); err != nil {
		return &Fault{Differs, err}
	}
	for _, ref := range r.Papers.Lost {
		if !lost && !slices.Contains(r.Manifest.Without, ref) {
			return fault(Differs, "backups: paper %s has no key or no bytes", ref)
		}
	}
	return nil
}

func sameShape(ctx context.Context, path string, want db.Shape) error {
	got, err := db.InspectSQLite(ctx, path)
	if err != nil {
		return err
	}
	if got.Schema != want.Schema || !maps.Equal(got.Tables, want.Tables) {
		return fault(Differs, "backups: %s came back different: %s", filepath.Base(path), difference(got, want))
	}
	return nil
}

func difference(got, want db.Shape) string {
	var out []string
	if got.Schema != want.Schema {
		out = append(out, fmt.Sprintf("schema %d for %d", got.Schema, want.Schema))
	}
	for _, name := range slices.Sorted(maps.Keys(want.Tables)) {
		if got.Tables[name] != want.Tables[name] {
			out = append(out, fmt.Sprintf("%s has %d rows of %d", name, got.Tables[name], want.Tables[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got.Tables)) {
		if _, ok := want.Tables[name]; !ok {
			out = append(out, name+" is not in the manifest")
		}
	}
	return strings.Join(out, ", ")
}
