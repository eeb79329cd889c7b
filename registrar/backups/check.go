package backups

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"yumen/db"
	"yumen/registrar/seal"
)

// Read opens a backup's manifest and refuses what this program cannot bring
// back: a newer schema, keys that the folder does not hold.
func Read(keys *seal.Keys, s Set) (m Manifest, err error) {
	defer func() { err = Known(err) }()
	var text strings.Builder
	if _, err := openFile(keys, filepath.Join(s.Dir, manifestFile), "manifest", &text); err != nil {
		return m, fmt.Errorf("backups: read the manifest of %s: %w", s.Name, err)
	}
	if err := json.Unmarshal([]byte(text.String()), &m); err != nil {
		return m, fault(Tampered, "backups: the manifest of %s: %w", s.Name, err)
	}
	newest, err := db.NewestSchema()
	if err != nil {
		return m, err
	}
	if m.Format > format || m.Data.Schema > newest {
		return m, fault(Newer, "backups: %s has schema %d and format %d; this program knows %d and %d", m.Name, m.Data.Schema, m.Format, newest, format)
	}
	if m.Name != s.Name {
		return m, fault(Tampered, "backups: the folder %s holds the manifest of %s", s.Name, m.Name)
	}
	have := map[string]bool{}
	for _, id := range keys.Names() {
		have[id] = true
	}
	for _, id := range m.Keys {
		if !have[id] {
			return m, fault(KeysMissing, "backups: %s was made with key %s, which the key folder does not hold", m.Name, id)
		}
	}
	return m, nil
}

// Check reads a backup from end to end without bringing it back: every file
// opens and is what the manifest says, every paper is there with its size. The
// octets of papers are compared when they are restored, by the drill too.
func Check(ctx context.Context, keys *seal.Keys, s Set) (m Manifest, err error) {
	defer func() { err = Known(err) }()
	if m, err = Read(keys, s); err != nil {
		return m, err
	}
	for _, f := range m.Files {
		if err := context.Cause(ctx); err != nil {
			return m, err
		}
		if f.Name == papersFile {
			continue
		}
		if err := unpack(keys, s, m, f, io.Discard); err != nil {
			return m, err
		}
	}
	return m, eachPaper(ctx, keys, s, m, func(p paper) error {
		info, err := os.Stat(poolPath(s.Pool, p.ref, p.sum))
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < p.size {
			return fault(Half, "backups: paper %s is missing or cut off", p.ref)
		}
		return err
	})
}

// unpack decrypts one file of a backup into w and compares it with the
// manifest.
func unpack(keys *seal.Keys, s Set, m Manifest, f FileRecord, w io.Writer) error {
	path := filepath.Join(s.Dir, f.Name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fault(Half, "backups: %s lacks %s", s.Name, f.Name)
	}
	if err != nil {
		return err
	}
	if info.Size() < f.Size {
		return fault(Half, "backups: %s of %s was cut off: %d octets of %d", f.Name, s.Name, info.Size(), f.Size)
	}
	got, err := openFile(keys, path, m.Name+"/"+f.Name, w)
	if errors.Is(err, seal.ErrOtherKey) && keyOf(path) == keyOf(filepath.Join(s.Dir, manifestFile)) {
		return fault(Tampered, "backups: the head of %s of %s was altered: the manifest opens under the same key", f.Name, s.Name)
	}
	if err != nil {
		return fmt.Errorf("backups: read %s of %s: %w", f.Name, s.Name, err)
	}
	if got != f.SHA256 {
		return fault(Tampered, "backups: %s of %s is not what the manifest says", f.Name, s.Name)
	}
	return nil
}

// keyOf is the key that a file says it is encrypted under.
func keyOf(path string) string {
	f, err := os.Open(path) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return ""
	}
	defer f.Close()
	id, err := seal.StreamKey(f)
	if err != nil {
		return ""
	}
	return id
}

// openFile decrypts and decompresses a file into w and gives the sum of what
// was in it.
func openFile(keys *seal.Keys, path, label string, w io.Writer) (sum string, err error) {
	f, err := os.Open(path) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, err := keys.OpenStream(bufio.NewReaderSize(f, seal.Piece), purpose, label)
	if err != nil {
		return "", err
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	// #nosec G110 -- every octet was sealed by us; another's does not open
	if _, err := io.Copy(io.MultiWriter(w, h), z); err != nil {
		return "", err
	}
	// The stream's own end is checked as well: what follows the last of the
	// compressed octets must be the end mark.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return "", err
	}
	return hexSum(h), nil
}

// eachPaper calls f for every paper of a backup.
func eachPaper(ctx context.Context, keys *seal.Keys, s Set, m Manifest, f func(p paper) error) error {
	for _, file := range m.Files {
		if file.Name != papersFile {
			continue
		}
		var list strings.Builder
		if err := unpack(keys, s, m, file, &list); err != nil {
			return err
		}
		n := int64(0)
		for line := range strings.Lines(list.String()) {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			var p paper
			if _, err := fmt.Sscanf(line, "%s %s %d", &p.ref, &p.sum, &p.size); err != nil {
				return fault(Tampered, "backups: the list of papers of %s: %w", s.Name, err)
			}
			if !poolName.MatchString(p.ref + "-" + p.sum) {
				return fault(Tampered, "backups: the list of papers of %s names %q", s.Name, p.ref)
			}
			if err := f(p); err != nil {
				return err
			}
			n++
		}
		if n != m.Papers {
			return fault(Tampered, "backups: %s lists %d papers of %d", s.Name, n, m.Papers)
		}
		return nil
	}
	return fault(Tampered, "backups: %s has no list of papers", s.Name)
}
