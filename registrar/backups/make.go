package backups

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/documents"
)

// Manifest is what a backup must hold.
type Manifest struct {
	Format  int          `json:"format"` // of this list: 1
	Name    string       `json:"name"`
	At      time.Time    `json:"at"`
	Site    string       `json:"site"`
	Engine  db.Engine    `json:"engine"`
	Data    db.Shape     `json:"data"`  // schema and rows of each table; empty on PostgreSQL
	Paper   db.Shape     `json:"paper"` // of the database of wrapped keys
	Keys    []string     `json:"keys"`  // key files that rows of it depend on
	Files   []FileRecord `json:"files"`
	Papers  int64        `json:"papers"` // sealed papers
	Bytes   int64        `json:"bytes"`  // of the papers
	Without []string     `json:"without_key,omitempty"`
}

// FileRecord is one encrypted file of a backup.
type FileRecord struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // as it lies there
	Plain  int64  `json:"plain"`  // what is in it
	SHA256 string `json:"sha256"` // of what is in it
}

// Rows is how many rows the backup's tables have together.
func (m Manifest) Rows() int64 {
	var n int64
	for _, c := range m.Data.Tables {
		n += c
	}
	return n
}

// Size is how many octets the backup's own files have; papers are shared and
// counted in Bytes.
func (m Manifest) Size() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// The files of a backup and the purposes they are encrypted for.
const (
	format        = 1
	dataFile      = "data.sealed"
	paperKeysFile = "paper-keys.sealed"
	papersFile    = "papers.sealed"
	purpose       = "backups"
)

// Make copies the source into a new backup under dir and reads it back. It
// runs beside readers and writers. Nothing is there under the backup's name
// before all of it is on the disk; what a kill leaves is passed over by all
// and removed by Prune.
//
// The database comes first, then the keys of the papers, then the papers: a
// paper that came in between belongs to nobody and is swept, one that was
// erased in between is named in the manifest.
func Make(ctx context.Context, src Source, dir string) (m Manifest, err error) {
	defer func() { err = Known(err) }()
	if err := Allowed(dir, src.Site); err != nil {
		return m, err
	}
	if err := src.Keys.NeedBackupKey(src.Now); err != nil {
		return m, err
	}
	var b [4]byte
	_, _ = rand.Read(b[:])
	m = Manifest{Format: format, Name: src.Now.UTC().Format(stampForm) + "-" + hex.EncodeToString(b[:]), At: src.Now.UTC(), Site: src.Site,
		Engine: src.Engine, Keys: src.Keys.Names()}
	part := filepath.Join(dir, partPrefix+m.Name)
	if err := os.MkdirAll(part, 0o700); err != nil {
		return m, fmt.Errorf("backups: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part)) // a full disk gets its room back
		}
	}()
	// Plain copies lie beside the data they are of, never at the target.
	scratch, err := os.MkdirTemp(filepath.Dir(src.Papers), scratchPrefix)
	if err != nil {
		return m, fmt.Errorf("backups: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()

	data, keys := filepath.Join(scratch, "data"), filepath.Join(scratch, "keys")
	if src.Engine == db.SQLite {
		if m.Data, err = copyDatabase(ctx, src.Database, data); err != nil {
			return m, err
		}
	}
	if err := paperless(ctx, src, data); err != nil {
		return m, err
	}
	if m.Paper, err = copyDatabase(ctx, documents.KeyFile(src.Papers), keys); err != nil {
		return m, err
	}
	if src.Engine == db.SQLite {
		if m.Without, err = documents.WithoutKey(ctx, data, keys); err != nil {
			return m, err
		}
		if err := m.add(ctx, src, part, dataFile, data); err != nil {
			return m, err
		}
	}
	if err := m.add(ctx, src, part, paperKeysFile, keys); err != nil {
		return m, err
	}
	list := filepath.Join(scratch, "papers")
	if m.Papers, m.Bytes, err = copyPapers(ctx, src.Papers, filepath.Join(dir, poolDir), list); err != nil {
		return m, err
	}
	if err := m.add(ctx, src, part, papersFile, list); err != nil {
		return m, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	if _, err := sealFile(src, filepath.Join(part, manifestFile), "manifest", strings.NewReader(string(text))); err != nil {
		return m, err
	}
	if err := errors.Join(syncDir(part), os.Rename(part, filepath.Join(dir, m.Name)), syncDir(dir)); err != nil {
		return m, fmt.Errorf("backups: %w", err)
	}
	// A backup counts when it was read.
	if _, err := Check(ctx, src.Keys, Set{m.Name, filepath.Join(dir, m.Name), filepath.Join(dir, poolDir), m.At}); err != nil {
		return m, fmt.Errorf("backups: what was written does not read: %w", err)
	}
	return m, nil
}

// paperless makes the empty store of papers for data that never served. Where
// the database knows papers, their keys are lost, which no backup may hide.
func paperless(ctx context.Context, src Source, data string) error {
	if _, err := os.Stat(documents.KeyFile(src.Papers)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if src.Engine == db.SQLite {
		if refs, err := documents.Newest(ctx, data, 1); err != nil || len(refs) > 0 {
			return errors.Join(err, fmt.Errorf("backups: the database knows papers, and %s with their keys is gone\nhint: bring it back from the newest backup before anything else", documents.KeyFile(src.Papers)))
		}
	}
	st, err := documents.OpenStore(ctx, src.Papers)
	if err != nil {
		return err
	}
	return st.Close()
}

const scratchPrefix = ".backup-"

func copyDatabase(ctx context.Context, from, to string) (db.Shape, error) {
	if err := db.CopySQLite(ctx, from, to); err != nil {
		return db.Shape{}, err
	}
	s, err := db.InspectSQLite(ctx, to)
	if err != nil {
		return s, fmt.Errorf("backups: the copy of %s: %w", from, err)
	}
	return s, nil
}

func (m *Manifest) add(ctx context.Context, src Source, part, name, from string) (err error) {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	f, err := os.Open(from) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, err := sealFile(src, filepath.Join(part, name), m.Name+"/"+name, following{ctx, f})
	if err != nil {
		return fmt.Errorf("backups: write %s: %w", name, err)
	}
	r.Name = name
	m.Files = append(m.Files, r)
	return nil
}

// sealFile compresses, encrypts and flushes what from gives.
func sealFile(src Source, path, label string, from io.Reader) (r FileRecord, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := src.Keys.SealStream(f, purpose, label)
	if err != nil {
		return r, err
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return r, err
	}
	sum := sha256.New()
	if r.Plain, err = io.Copy(io.MultiWriter(z, sum), from); err != nil {
		return r, err
	}
	if err := errors.Join(z.Close(), w.Close(), f.Sync()); err != nil {
		return r, err
	}
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	r.Size, r.SHA256 = info.Size(), hexSum(sum)
	return r, nil
}

// following is a reader that ends with its context: a stop of the program does
// not wait for gigabytes.
type following struct {
	ctx context.Context
	r   io.Reader
}

func (f following) Read(p []byte) (int, error) {
	if err := context.Cause(f.ctx); err != nil {
		return 0, err
	}
	return f.r.Read(p)
}

// copyPapers brings the papers that the pool does not have yet into it and
// writes the list of all: reference, checksum, size.
func copyPapers(ctx context.Context, papers, pool, list string) (n, size int64, err error) {
	have, err := poolOf(pool)
	if err != nil {
		return 0, 0, err
	}
	f, err := os.OpenFile(list, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	touched := map[string]bool{}
	err = documents.EachSealed(papers, func(ref, path string) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		p, ok := have[ref]
		if !ok {
			b, err := os.ReadFile(path) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
			if err != nil {
				return err
			}
			if p, err = poolPut(pool, ref, b); err != nil {
				return err
			}
			touched[filepath.Dir(p.path)] = true
		}
		n, size = n+1, size+p.size
		_, err := fmt.Fprintf(w, "%s %s %d\n", ref, p.sum, p.size)
		return err
	})
	for dir := range touched {
		err = errors.Join(err, syncDir(dir))
	}
	return n, size, errors.Join(err, w.Flush())
}

// paper is a sealed paper in the pool.
type paper struct {
	ref, sum, path string
	size           int64
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func syncDir(dir string) error {
	d, err := os.Open(dir) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
