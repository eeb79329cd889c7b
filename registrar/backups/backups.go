// Package backups keeps copies of the data, brings them back, and proves by
// drills that they can be brought back (Order 43 art. 21; docs/reliability.md,
// R15 and F12).
//
// A folder of backups looks like this:
//
//	2026-11-22T093000.000Z-4f2a9c1e/   one backup; named by its instant
//	    data.sealed                    the main database, as of one moment
//	    paper-keys.sealed              the wrapped keys of identity papers
//	    papers.sealed                  the list of papers that belong to it, with checksums
//	    manifest.sealed                what there must be: written last, so that a half backup has none
//	papers/XX/REF-SHA256               sealed papers, shared by all backups: they never change
//
// Every file named sealed is encrypted under a backup key of the key folder
// (seal.SealStream); papers are encrypted anyway, each under a key of its own.
// Papers and their keys lie apart, and neither opens without the key folder,
// which is in no backup. Web sessions and drafts are not kept: after a restore
// people sign in again.
//
// Make writes and reads back, Restore brings into an empty folder, Drill does
// so aside and compares, Prune removes what is older than the promise to erase
// allows. Runner does them by schedule and keeps the record of each run, with
// its audit and the desk's task when one failed. Replica follows the database
// continuously (replica.go).
//
// On PostgreSQL the database's own tools copy the database; a backup then
// holds the papers and their keys, and says so.
//
// Jobs: backups.make, backups.drill, backups.watch (recurring).
package backups

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/seal"
)

// Source is what a backup is made of.
type Source struct {
	Engine   db.Engine
	Database string     // the SQLite file; empty on PostgreSQL
	Papers   string     // the folder of documents
	Keys     *seal.Keys // the key folder
	Site     string     // where the target stands, as the operator declares it (ISO 3166: CN, CN-BJ)
	Now      time.Time  // the instant that names the backup
}

// Fault is what went wrong, in the words of an operator: each has its own exit
// code and its own thing to do.
type Fault struct {
	Kind string
	err  error
}

// The kinds of faults.
const (
	KeysMissing = "keys_missing" // the key folder is empty or lacks a key the backup needs
	WrongKey    = "wrong_key"    // it holds keys, but not the one the backup is encrypted under
	Half        = "half"         // parts of the backup are missing or were cut off
	Tampered    = "tampered"     // it does not hold what its manifest says
	Newer       = "newer"        // made by a newer program
	Full        = "full"         // no room on the disk
	NotEmpty    = "not_empty"    // the folder to restore into holds something
	NoBackup    = "none"         // there is no backup at the place, or none that old
	Differs     = "differs"      // it was restored, and what came out does not fit
	Offshore    = "offshore"     // the target is not declared to stand in mainland China
)

var (
	exits = map[string]int{KeysMissing: 10, WrongKey: 11, Half: 12, Tampered: 13, Newer: 14, Full: 15, NotEmpty: 16, NoBackup: 17, Differs: 18, Offshore: 19}
	hints = map[string]string{
		KeysMissing: "put the copy of the key folder back first (--keys DIR): without it nothing opens",
		WrongKey:    "this backup belongs to another key folder: name it by --keys, or look for the copy made when the backup was",
		Half:        "take another backup: this one was interrupted, or its copy is not complete",
		Tampered:    "take another backup and keep this one for the security lead: it was altered after it was written, or the disk is failing",
		Newer:       "use a program at least as new as the one that made the backup",
		Full:        "make room; earlier backups are untouched",
		NotEmpty:    "name a new folder by --data; nothing was written",
		NoBackup:    "name the folder that yumen backup --to wrote, or the replica's",
		Differs:     "do not open this data to customers; take another backup and tell the security lead",
		Offshore:    "backups of registration data stay in mainland China (Order 43 arts. 12, 21): name such a place by --backup-site",
	}
)

func (f *Fault) Error() string { return f.err.Error() + "\nhint: " + hints[f.Kind] }

func (f *Fault) Unwrap() error { return f.err }

// ExitCode is the program's exit code for the fault: 10 keys missing, 11 wrong
// key, 12 half a backup, 13 tampered, 14 newer, 15 disk full, 16 target not
// empty, 17 no backup, 18 restored and different, 19 offshore.
func (f *Fault) ExitCode() int { return exits[f.Kind] }

// KindOf is the kind of fault in an error, or empty.
func KindOf(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	return ""
}

func fault(kind, format string, args ...any) error { return &Fault{kind, fmt.Errorf(format, args...)} }

// Known turns what the parts below say into a Fault; other errors pass.
func Known(err error) error {
	var f *Fault
	kind := ""
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, seal.ErrNoKeys), errors.Is(err, seal.ErrNoBackupKey), errors.Is(err, seal.ErrIncomplete):
		kind = KeysMissing
	case errors.Is(err, seal.ErrOtherKey):
		kind = WrongKey
	case errors.Is(err, seal.ErrCut):
		kind = Half
	case errors.Is(err, seal.ErrAltered):
		kind = Tampered
	case errors.Is(err, db.ErrDamaged):
		kind = Differs
	case db.TroubleOf(err) == db.Full:
		kind = Full
	default:
		return err
	}
	return &Fault{kind, err}
}

// InMainland reports whether a declared site is in mainland China: CN, or a
// province by its ISO 3166-2 code. Hong Kong, Macao and Taiwan have codes of
// the same form and are other jurisdictions for these duties.
func InMainland(site string) bool {
	site = strings.ToUpper(strings.TrimSpace(site))
	if site == "CN" {
		return true
	}
	return mainlandSite.MatchString(site) && !slices.Contains([]string{"CN-HK", "CN-MO", "CN-TW"}, site)
}

var mainlandSite = regexp.MustCompile(`^CN-[A-Z]{2}$`)

// Allowed refuses a target that registration data may not go to: a place that
// is not declared to be in mainland China, or a network address, whose place
// the program cannot know. A mounted folder is the operator's word.
func Allowed(target, site string) error {
	if strings.Contains(target, "://") {
		return fault(Offshore, "backups: %s is a network address, and nobody can say where it stands: only folders are accepted", target)
	}
	if !InMainland(site) {
		return fault(Offshore, "backups: %s is declared to stand in %q", target, site)
	}
	return nil
}

// Set is one whole backup in a folder of backups.
type Set struct {
	Name string
	Dir  string // its own folder
	Pool string // the papers beside it
	At   time.Time
}

const (
	// stampForm tells backups of one second apart: the newest name is the newest
	// backup.
	stampForm    = "2006-01-02T150405.000Z"
	manifestFile = "manifest.sealed"
	poolDir      = "papers"
	partPrefix   = ".part-"
)

var setName = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}T\d{6}\.\d{3}Z)-[0-9a-f]{8}$`)

func setAt(name string) (time.Time, bool) {
	m := setName.FindStringSubmatch(name)
	if m == nil {
		return time.Time{}, false
	}
	t, err := time.Parse(stampForm, m[1])
	return t, err == nil
}

// Sets lists the whole backups of a folder, the oldest first. Half ones, which
// a kill left behind, are passed over.
func Sets(dir string) ([]Set, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("backups: list %s: %w", dir, err)
	}
	var out []Set
	for _, e := range entries {
		at, ok := setAt(e.Name())
		if !ok || !e.IsDir() {
			continue
		}
		s := Set{e.Name(), filepath.Join(dir, e.Name()), filepath.Join(dir, poolDir), at}
		if _, err := os.Stat(filepath.Join(s.Dir, manifestFile)); err == nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// Find is the backup that a path names: a folder of backups (the newest, or
// the newest not younger than at), one backup's folder, or its manifest.
func Find(from string, at time.Time) (Set, error) {
	if filepath.Base(from) == manifestFile {
		from = filepath.Dir(from)
	}
	if abs, err := filepath.Abs(from); err == nil {
		from = abs
	}
	if t, ok := setAt(filepath.Base(from)); ok {
		s := Set{filepath.Base(from), from, filepath.Join(filepath.Dir(from), poolDir), t}
		if _, err := os.Stat(filepath.Join(from, manifestFile)); err != nil {
			return s, fault(Half, "backups: %s has no manifest: it was never finished", from)
		}
		return s, nil
	}
	sets, err := Sets(from)
	if err != nil {
		return Set{}, err
	}
	for _, s := range slices.Backward(sets) {
		if at.IsZero() || !s.At.After(at) {
			return s, nil
		}
	}
	if at.IsZero() {
		if parts, _ := filepath.Glob(filepath.Join(from, partPrefix+"*")); len(parts) > 0 || strings.HasPrefix(filepath.Base(from), partPrefix) {
			return Set{}, fault(Half, "backups: in %s there is only a backup that was never finished", from)
		}
		return Set{}, fault(NoBackup, "backups: there is no backup in %s", from)
	}
	return Set{}, fault(NoBackup, "backups: %s holds no backup as old as %s", from, at.Format(time.RFC3339))
}

// errBusy says that another run has the folder; it is no fault of the backup.
var errBusy = errors.New("backups: another run is under way")
