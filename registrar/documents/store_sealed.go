package documents

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"yumen/db"
	"yumen/registrar/seal"
)

// orphanAge is how old a key without a row must be before the sweep removes
// it: an upload in hand is far younger.
const orphanAge = 24 * time.Hour

// Store keeps what must not lie in the main database: sealed bytes in a folder,
// wrapped keys in a database file of their own. Backups of that file are kept
// for a short time only, so that an erased document is gone from them too.
type Store struct {
	dir   string
	keys  *sql.DB
	slots chan struct{} // pictures being taken apart at once
}

// OpenStore opens the folder, making it when it is new.
func OpenStore(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "sealed"), 0o700); err != nil {
		return nil, fmt.Errorf("documents: make folder: %w", err)
	}
	// secure_delete overwrites what is deleted; FULL because a document whose
	// key is lost is lost.
	k, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "documents.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)"+
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)")
	if err != nil {
		return nil, fmt.Errorf("documents: open key database: %w", err)
	}
	k.SetMaxOpenConns(1)
	if _, err := k.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS document_keys (
		ref     TEXT   PRIMARY KEY,   -- the document's reference
		wrapped TEXT   NOT NULL,      -- its data key, wrapped by a key file
		made_at BIGINT NOT NULL
	)`); err != nil {
		return nil, errors.Join(fmt.Errorf("documents: open key database: %w", err), k.Close())
	}
	return &Store{dir: dir, keys: k, slots: make(chan struct{}, max(1, runtime.NumCPU()/2))}, nil
}

// Close closes the key database.
func (s *Store) Close() error { return s.keys.Close() }

// enter waits for a slot: pictures are large when taken apart.
func (s *Store) enter(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) leave() { <-s.slots }

var refForm = regexp.MustCompile(`^[2-9A-Z]{4}-[2-9A-Z]{4}$`)

// path spreads the files over folders. Only a reference of ours becomes a name.
func (s *Store) path(ref string) (string, error) {
	if !refForm.MatchString(ref) {
		return "", fmt.Errorf("documents: %q is no reference", ref)
	}
	return filepath.Join(s.dir, "sealed", ref[:2], ref+".sealed"), nil
}

func wrapContext(d Document) string { return "document " + d.Ref }

// sealContext binds the bytes to document, account and kind: a file put in
// another's place does not open.
func sealContext(d Document) string {
	return fmt.Sprintf("document %s house %d account %d kind %s v1", d.Ref, d.House, d.Account, d.Kind)
}

func (s *Store) put(ctx context.Context, keys *seal.Keys, d Document, picture []byte, now time.Time) error {
	key, wrapped, err := keys.NewDataKey(wrapContext(d))
	if err != nil {
		return err
	}
	sealed, err := key.Seal(picture, sealContext(d))
	if err != nil {
		return err
	}
	path, err := s.path(d.Ref)
	if err != nil {
		return err
	}
	if err := writeFile(path, sealed); err != nil {
		return fmt.Errorf("documents: store %s: %w", d.Ref, err)
	}
	if _, err := s.keys.ExecContext(ctx, `INSERT INTO document_keys (ref, wrapped, made_at) VALUES ($1, $2, $3)`, d.Ref, wrapped, db.Millis(now)); err != nil {
		return fmt.Errorf("documents: store key of %s: %w", d.Ref, err)
	}
	return nil
}

func (s *Store) get(ctx context.Context, keys *seal.Keys, d Document) ([]byte, error) {
	var wrapped string
	if err := s.keys.QueryRowContext(ctx, `SELECT wrapped FROM document_keys WHERE ref = $1`, d.Ref).Scan(&wrapped); err != nil {
		return nil, fmt.Errorf("key of %s: %w", d.Ref, err)
	}
	key, err := keys.Unwrap(wrapped, wrapContext(d))
	if err != nil {
		return nil, err
	}
	path, err := s.path(d.Ref)
	if err != nil {
		return nil, err
	}
	sealed, err := os.ReadFile(path) // #nosec G304 -- inside the store's folder; the name is made of our own number
	if err != nil {
		return nil, err
	}
	return key.Open(sealed, sealContext(d))
}

// erase destroys the wrapped key, then the file. The checkpoint empties the
// write-ahead log, which would otherwise still hold the key.
func (s *Store) erase(ctx context.Context, d Document) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := s.keys.ExecContext(ctx, `DELETE FROM document_keys WHERE ref = $1`, d.Ref); err != nil {
		return fmt.Errorf("documents: erase key of %s: %w", d.Ref, err)
	}
	if err := s.forget(ctx); err != nil && !errors.Is(err, errRead) { // the sweep empties the log then
		return fmt.Errorf("documents: erase key of %s: %w", d.Ref, err)
	}
	path, err := s.path(d.Ref)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("documents: erase %s: %w", d.Ref, err)
	}
	return nil
}

// errRead says that somebody, such as a backup, is reading the key database, so
// that its log cannot be emptied now.
var errRead = errors.New("documents: the key database is being read")

// forget empties the log of the key database, where what was deleted still
// stands.
func (s *Store) forget(ctx context.Context) error {
	var busy, frames, moved int64
	if err := s.keys.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errRead
	}
	return nil
}

// keyed lists the references of all keys made before an instant.
func (s *Store) keyed(ctx context.Context, before time.Time) ([]string, error) {
	rows, err := s.keys.QueryContext(ctx, `SELECT ref FROM document_keys WHERE made_at < $1`, db.Millis(before))
	if err != nil {
		return nil, fmt.Errorf("documents: list keys: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return nil, err
		}
		out = append(out, ref)
	}
	return out, rows.Err()
}

func (s *Store) rewrap(ctx context.Context, keys *seal.Keys) error {
	refs, err := s.keyed(ctx, time.UnixMilli(1<<62))
	if err != nil {
		return err
	}
	for _, ref := range refs {
		var old string
		if err := s.keys.QueryRowContext(ctx, `SELECT wrapped FROM document_keys WHERE ref = $1`, ref).Scan(&old); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			return err
		}
		fresh, err := keys.Rewrap(old, wrapContext(Document{Ref: ref}))
		if err != nil {
			return fmt.Errorf("documents: rewrap %s: %w", ref, err)
		}
		if fresh == old {
			continue
		}
		if _, err := s.keys.ExecContext(ctx, `UPDATE document_keys SET wrapped = $1 WHERE ref = $2 AND wrapped = $3`, fresh, ref, old); err != nil {
			return fmt.Errorf("documents: rewrap %s: %w", ref, err)
		}
	}
	return nil
}

// writeFile writes, flushes and then names the file, so that a name always
// stands for whole bytes.
func writeFile(path string, b []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	d, err := os.Open(dir) // #nosec G304 -- inside the store's folder; the name is made of our own number
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
