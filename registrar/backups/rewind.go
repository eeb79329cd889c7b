package backups

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/benbjohnson/litestream"

	"yumen/db"
	"yumen/registrar/documents"
	"yumen/registrar/seal"
)

// Rewind brings a replica back into a new or empty folder: its newest state,
// or that of an instant (the machine's clock). Papers that were erased since
// stay erased; they are among Report.Papers.Lost.
func Rewind(ctx context.Context, from string, at time.Time, t Target) (r Report, err error) {
	defer func() { err = Known(err) }()
	begun := t.Now()
	dir, e, err := findEra(t.Keys, from, at)
	if err != nil {
		return r, err
	}
	if err := claim(t, e.Name); err != nil {
		return r, err
	}
	defer func() {
		if err != nil && !errors.Is(err, context.Canceled) {
			err = errors.Join(err, undo(t))
		}
	}()
	client := &sealedFiles{dir: filepath.Join(dir, "ltx"), era: e.Name, keys: t.Keys}
	rep := litestream.NewReplicaWithClient(nil, client)
	opt := litestream.NewRestoreOptions()
	opt.OutputPath, opt.Timestamp = t.Database, at
	if err := rep.Restore(ctx, opt); err != nil {
		if errors.Is(err, litestream.ErrTxNotAvailable) || errors.Is(err, litestream.ErrNoSnapshots) {
			return r, fault(NoBackup, "backups: %s does not reach back to %s: %w", e.Name, at.Format(time.RFC3339), err)
		}
		return r, fmt.Errorf("backups: bring %s back: %w", e.Name, err)
	}
	if at.IsZero() {
		if _, at, err = rep.TimeBounds(ctx); err != nil {
			return r, err
		}
	}
	if err := bringPapers(ctx, dir, e, t); err != nil {
		return r, err
	}
	shape, err := db.InspectSQLite(ctx, t.Database)
	if err != nil {
		return r, err
	}
	newest, err := db.NewestSchema()
	if err != nil {
		return r, err
	}
	if shape.Schema > newest {
		return r, fault(Newer, "backups: %s has schema %d; this program knows %d", e.Name, shape.Schema, newest)
	}
	r.Manifest = Manifest{Format: format, Name: e.Name, At: at.UTC(), Site: e.Site, Engine: db.SQLite, Data: shape, Keys: e.Keys}
	if err := r.verify(ctx, t, nil, true); err != nil {
		return r, err
	}
	r.Manifest.Papers = r.Papers.Rows - int64(len(r.Papers.Lost))
	r.Took = t.Now().Sub(begun)
	return r, errors.Join(os.Remove(filepath.Join(t.Data, marker)), syncDir(t.Data))
}

// findEra is the newest era that had begun at an instant.
func findEra(keys *seal.Keys, from string, at time.Time) (string, era, error) {
	all, err := filepath.Glob(filepath.Join(from, eraPrefix+"*"))
	if err != nil {
		return "", era{}, err
	}
	slices.Sort(all) // names begin with their instants
	for _, dir := range slices.Backward(all) {
		e, err := openEra(keys, dir)
		if err != nil {
			return "", era{}, err
		}
		if at.IsZero() || !e.Began.After(at) {
			return dir, e, nil
		}
	}
	return "", era{}, fault(NoBackup, "backups: the replica in %s does not reach back to %s", from, at.Format(time.RFC3339))
}

// bringPapers puts papers and their keys back, each compared with its sum.
func bringPapers(ctx context.Context, dir string, e era, t Target) error {
	pool, err := poolOf(filepath.Join(dir, poolDir))
	if err != nil {
		return err
	}
	r := &Replica{era: e.Name, keys: t.Keys}
	var keys []documents.Key
	have := map[string]bool{}
	err = filepath.WalkDir(filepath.Join(dir, "paper-keys"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || len(entry.Name()) < 9 || entry.Name()[0] == '.' {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		ref := entry.Name()[:9]
		k, err := readKey(t.Keys, path, r.keyLabel(ref))
		if err != nil {
			return fmt.Errorf("backups: key of paper %s: %w", ref, err)
		}
		p, ok := pool[k.Ref]
		if !ok {
			return fault(Half, "backups: paper %s is missing in the replica", k.Ref)
		}
		b, err := poolGet(filepath.Join(dir, poolDir), p.ref, p.sum, p.size)
		if err != nil {
			return err
		}
		if have[k.Ref] {
			return nil // wrapped anew a moment before the end; either opens it
		}
		have[k.Ref] = true
		keys = append(keys, k)
		return documents.WriteSealed(t.Papers, k.Ref, b)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return documents.WriteKeys(ctx, t.Papers, keys)
}

func readKey(keys *seal.Keys, path, label string) (k documents.Key, err error) {
	f, err := os.Open(path) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, err := keys.OpenStream(bufio.NewReader(f), purpose, label)
	if err != nil {
		return k, err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(text, &k)
}
