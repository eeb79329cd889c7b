package documents

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // what a sealed picture must turn out to be
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"yumen/db"
	"yumen/registrar/seal"
)

// KeyFile is the database of wrapped keys in a folder of documents.
func KeyFile(dir string) string { return filepath.Join(dir, "documents.db") }

// SealedFile is where the sealed bytes of a document lie in a folder of
// documents.
func SealedFile(dir, ref string) (string, error) { return (&Store{dir: dir}).path(ref) }

// EachSealed calls f for every sealed file of a folder, until it fails. A file
// never changes once it is there; one that was erased meanwhile is passed over
// by f with fs.ErrNotExist.
func EachSealed(dir string, f func(ref, path string) error) error {
	err := filepath.WalkDir(filepath.Join(dir, "sealed"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		ref, ok := strings.CutSuffix(e.Name(), ".sealed")
		if !ok || !refForm.MatchString(ref) {
			return nil // an upload in hand
		}
		if err := f(ref, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// WriteSealed puts sealed bytes into a folder of documents, flushed.
func WriteSealed(dir, ref string, sealed []byte) error {
	path, err := SealedFile(dir, ref)
	if err != nil {
		return err
	}
	return writeFile(path, sealed)
}

// Kept is what Survey found.
type Kept struct {
	Rows   int64    // documents that are not erased
	Opened int64    // of a sample, those whose picture came out whole
	Lost   []string // references whose key or bytes are not there
}

// Survey looks whether every document that is not erased has its key and its
// bytes, and opens a sample of them, the newest first. What is unsealed is
// looked at by nobody and dropped. have says whether the bytes of a reference
// are kept, where they are not all in the store's folder; nil looks there.
func Survey(ctx context.Context, d *db.DB, st *Store, sample int, have func(ref string) bool) (Kept, error) {
	var k Kept
	keys, err := st.wrapped(ctx)
	if err != nil {
		return k, err
	}
	if have == nil {
		have = func(ref string) bool {
			path, err := st.path(ref)
			if err == nil {
				_, err = os.Stat(path)
			}
			return err == nil
		}
	}
	for after := int64(math.MaxInt64); ; {
		var slice []Document
		if err := d.Read(ctx, func(tx *db.Tx) (err error) { slice, err = listKept(tx, after, 500); return err }); err != nil {
			return k, fmt.Errorf("documents: survey: %w", err)
		}
		if len(slice) == 0 {
			return k, nil
		}
		for _, doc := range slice {
			k.Rows++
			after = doc.ID
			if keys[doc.Ref] == "" || !have(doc.Ref) {
				k.Lost = append(k.Lost, doc.Ref)
				continue
			}
			if k.Opened >= int64(sample) {
				continue
			}
			picture, err := st.get(ctx, seal.Of(d), doc)
			if err == nil {
				_, _, err = image.DecodeConfig(bytes.NewReader(picture))
			}
			if err != nil {
				return k, fmt.Errorf("documents: survey: %s does not open: %w", doc.Ref, err)
			}
			k.Opened++
		}
	}
}

// WithoutKey lists the documents of a database file that are not erased there
// and have no key in a file of keys: erased between the two copies.
func WithoutKey(ctx context.Context, database, keyFile string) ([]string, error) {
	keys, err := keysOf(ctx, keyFile)
	if err != nil {
		return nil, err
	}
	refs, err := refsOf(ctx, database)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, ref := range refs {
		if keys[ref] == "" {
			out = append(out, ref)
		}
	}
	return out, nil
}

// Newest lists the references of the youngest documents of a database file
// that are not erased there.
func Newest(ctx context.Context, database string, n int) ([]string, error) {
	refs, err := refsOf(ctx, database)
	if err != nil {
		return nil, err
	}
	return refs[max(0, len(refs)-n):], nil
}

// Key is a wrapped key as the store keeps it.
type Key struct {
	Ref     string `json:"ref"`
	Wrapped string `json:"wrapped"`
	MadeAt  int64  `json:"made_at"` // milliseconds UTC
}

// Mark tells one wrapping of a key from another without showing it.
func (k Key) Mark() string {
	h := sha256.Sum256([]byte(k.Wrapped))
	return hex.EncodeToString(h[:8])
}

// KeysSince lists the keys made at or after an instant (milliseconds UTC), the
// oldest first: what a replica has not yet seen.
func (s *Store) KeysSince(ctx context.Context, from int64, limit int) ([]Key, error) {
	return keysSince(ctx, s.keys, from, limit)
}

// Dir is the store's folder.
func (s *Store) Dir() string { return s.dir }

// WriteKeys makes the key database of a folder from keys that were kept
// elsewhere.
func WriteKeys(ctx context.Context, dir string, keys []Key) error {
	s, err := OpenStore(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(insertKeys(ctx, s.keys, keys), s.Close())
}
