package backups

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yumen/registrar/seal"
)

// Prune removes backups made before an instant, papers that no backup lists
// any more, and what kills left behind. The newest backup stays whatever its
// age: a bad backup is better than none. It returns the names of what went.
//
// The promise to erase a paper (docs/operations.md, section 4) rests on this: its key
// was destroyed in the data, and the last backup that holds it is gone after
// the term.
func Prune(ctx context.Context, keys *seal.Keys, dir, data string, before time.Time) (gone []string, err error) {
	sets, err := Sets(dir)
	if err != nil || len(sets) == 0 {
		return nil, err
	}
	for _, s := range sets[:len(sets)-1] {
		if !s.At.Before(before) {
			continue
		}
		// The manifest first: what is left of a removal that a kill cut short is
		// a half backup, not a wrong one.
		if err := errors.Join(os.Remove(filepath.Join(s.Dir, manifestFile)), syncDir(s.Dir), os.RemoveAll(s.Dir)); err != nil {
			return gone, err
		}
		gone = append(gone, s.Name)
	}
	if err := leftovers(dir, data); err != nil {
		return gone, err
	}
	if len(gone) == 0 {
		return gone, nil
	}
	// Papers go only when every backup that is left can be asked for its list.
	listed := map[string]bool{}
	if sets, err = Sets(dir); err != nil {
		return gone, err
	}
	for _, s := range sets {
		m, err := Read(keys, s)
		if err != nil {
			return gone, err
		}
		if err := eachPaper(ctx, keys, s, m, func(p paper) error {
			listed[p.ref+"-"+p.sum] = true
			return nil
		}); err != nil {
			return gone, err
		}
	}
	pool, err := poolOf(filepath.Join(dir, poolDir))
	if err != nil {
		return gone, err
	}
	for _, p := range pool {
		if !listed[p.ref+"-"+p.sum] {
			if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return gone, err
			}
		}
	}
	return gone, nil
}

// leftovers removes half backups, copies and half written papers. The caller
// sees to it that no run is under way.
func leftovers(dir, data string) error {
	var err error
	for _, pattern := range []string{filepath.Join(dir, partPrefix+"*"), filepath.Join(dir, poolDir, "*", partPrefix+"*"),
		filepath.Join(data, scratchPrefix+"*"), filepath.Join(data, drillPrefix+"*")} {
		paths, globErr := filepath.Glob(pattern)
		err = errors.Join(err, globErr)
		for _, p := range paths {
			err = errors.Join(err, os.RemoveAll(p))
		}
	}
	entries, readErr := os.ReadDir(dir)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	for _, e := range entries { // a removal that was cut short
		if _, ok := setAt(e.Name()); ok && e.IsDir() && !strings.HasPrefix(e.Name(), partPrefix) {
			if _, statErr := os.Stat(filepath.Join(dir, e.Name(), manifestFile)); errors.Is(statErr, fs.ErrNotExist) {
				err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
			}
		}
	}
	return err
}
