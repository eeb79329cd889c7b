package backups

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// The pool keeps every sealed paper once, under its reference and the sum of
// its octets, so that an hourly backup writes only what is new.

var poolName = regexp.MustCompile(`^([2-9A-Z]{4}-[2-9A-Z]{4})-([0-9a-f]{64})$`)

func poolOf(pool string) (map[string]paper, error) {
	out := map[string]paper{}
	err := filepath.WalkDir(pool, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		m := poolName.FindStringSubmatch(e.Name())
		if m == nil {
			return nil // left by a kill: Prune removes it
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		out[m[1]] = paper{m[1], m[2], path, info.Size()}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	return out, err
}

func poolPath(pool, ref, sum string) string { return filepath.Join(pool, ref[:2], ref+"-"+sum) }

// poolPut writes, flushes and then names the file. The caller flushes the
// folder.
func poolPut(pool, ref string, b []byte) (paper, error) {
	h := sha256.Sum256(b)
	p := paper{ref: ref, sum: hex.EncodeToString(h[:]), size: int64(len(b))}
	p.path = poolPath(pool, ref, p.sum)
	if err := writeFile(p.path, b); err != nil {
		return p, fmt.Errorf("backups: keep paper %s: %w", ref, err)
	}
	return p, nil
}

func writeFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), partPrefix)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

// poolGet reads a paper and compares it with its sum.
func poolGet(pool, ref, sum string, size int64) ([]byte, error) {
	b, err := os.ReadFile(poolPath(pool, ref, sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault(Half, "backups: paper %s is missing", ref)
	}
	if err != nil {
		return nil, err
	}
	if int64(len(b)) < size {
		return nil, fault(Half, "backups: paper %s was cut off", ref)
	}
	if h := sha256.Sum256(b); hex.EncodeToString(h[:]) != sum {
		return nil, fault(Tampered, "backups: paper %s is not what was kept", ref)
	}
	return b, nil
}
