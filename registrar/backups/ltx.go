package backups

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/superfly/ltx"

	"yumen/registrar/seal"
)

// sealedFiles keeps a replica's transaction files in a folder, each encrypted
// under a backup key and tied to its era, level and place: Litestream itself
// does not encrypt. It is a litestream.ReplicaClient.
type sealedFiles struct {
	dir, era string
	keys     *seal.Keys
}

const ltxEnding = ".sealed"

func (c *sealedFiles) Type() string { return "sealed" }

func (c *sealedFiles) SetLogger(*slog.Logger) {}

func (c *sealedFiles) Init(context.Context) error { return os.MkdirAll(c.dir, 0o700) }

func (c *sealedFiles) folder(level int) string { return filepath.Join(c.dir, strconv.Itoa(level)) }

func (c *sealedFiles) path(level int, from, to ltx.TXID) string {
	return filepath.Join(c.folder(level), ltx.FormatFilename(from, to)+ltxEnding)
}

func (c *sealedFiles) label(level int, from, to ltx.TXID) string {
	return fmt.Sprintf("replica/%s/%d/%s", c.era, level, ltx.FormatFilename(from, to))
}

// LTXFiles lists the files of a level from a transaction on. The time of a
// file is that of its last transaction; with useMetadata it is read from
// within, because a copied folder forgets it.
func (c *sealedFiles) LTXFiles(_ context.Context, level int, seek ltx.TXID, useMetadata bool) (ltx.FileIterator, error) {
	entries, err := os.ReadDir(c.folder(level))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []*ltx.FileInfo
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ltxEnding)
		if !ok {
			continue
		}
		from, to, err := ltx.ParseFilename(name)
		if err != nil || from < seek {
			continue
		}
		info, err := c.info(level, from, to, useMetadata)
		if errors.Is(err, fs.ErrNotExist) {
			continue // compacted meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b *ltx.FileInfo) int {
		return cmp.Or(cmp.Compare(a.MinTXID, b.MinTXID), cmp.Compare(a.MaxTXID, b.MaxTXID))
	})
	return ltx.NewFileInfoSliceIterator(out), nil
}

func (c *sealedFiles) info(level int, from, to ltx.TXID, within bool) (*ltx.FileInfo, error) {
	f, err := os.Open(c.path(level, from, to))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := seal.StreamWhole(f, st.Size()); err != nil {
		return nil, fmt.Errorf("replica: %s: %w", f.Name(), err)
	}
	id, err := seal.StreamKey(f)
	if err != nil {
		return nil, fmt.Errorf("replica: %s: %w", f.Name(), err)
	}
	info := &ltx.FileInfo{Level: level, MinTXID: from, MaxTXID: to, Size: seal.StreamSize(st.Size(), id), CreatedAt: st.ModTime().UTC()}
	if !within {
		return info, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r, err := c.keys.OpenStream(f, purpose, c.label(level, from, to))
	if err != nil {
		return nil, fmt.Errorf("replica: %s: %w", f.Name(), err)
	}
	head, _, err := ltx.PeekHeader(r)
	if err != nil {
		return nil, fmt.Errorf("replica: %s: %w", f.Name(), err)
	}
	info.CreatedAt = time.UnixMilli(head.Timestamp).UTC()
	return info, nil
}

// both reads from a stream and closes its file.
type both struct {
	io.Reader
	io.Closer
}

// OpenLTXFile reads a file, or the part of it that Litestream wants.
func (c *sealedFiles) OpenLTXFile(_ context.Context, level int, from, to ltx.TXID, offset, size int64) (io.ReadCloser, error) {
	f, err := os.Open(c.path(level, from, to))
	if err != nil {
		return nil, err
	}
	r, err := c.keys.OpenStreamAt(f, purpose, c.label(level, from, to), offset, size)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("replica: %s: %w", f.Name(), err), f.Close())
	}
	return both{r, f}, nil
}

// WriteLTXFile encrypts, flushes and then names a file.
func (c *sealedFiles) WriteLTXFile(_ context.Context, level int, from, to ltx.TXID, r io.Reader) (info *ltx.FileInfo, err error) {
	var peeked bytes.Buffer
	head, _, err := ltx.PeekHeader(io.TeeReader(r, &peeked))
	if err != nil {
		return nil, fmt.Errorf("replica: read the head of a transaction file: %w", err)
	}
	at := time.UnixMilli(head.Timestamp).UTC()
	path := c.path(level, from, to)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), partPrefix)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w, err := c.keys.SealStream(f, purpose, c.label(level, from, to))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	n, err := io.Copy(w, io.MultiReader(&peeked, r))
	if err := errors.Join(err, w.Close(), f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := errors.Join(os.Chtimes(f.Name(), at, at), os.Rename(f.Name(), path), syncDir(filepath.Dir(path))); err != nil {
		return nil, err
	}
	return &ltx.FileInfo{Level: level, MinTXID: from, MaxTXID: to, Size: n, CreatedAt: at}, nil
}

// DeleteLTXFiles removes files whose term is over.
func (c *sealedFiles) DeleteLTXFiles(_ context.Context, files []*ltx.FileInfo) error {
	for _, f := range files {
		if err := os.Remove(c.path(f.Level, f.MinTXID, f.MaxTXID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// DeleteAll removes every transaction file of the era.
func (c *sealedFiles) DeleteAll(context.Context) error { return os.RemoveAll(c.dir) }

var _ litestream.ReplicaClient = (*sealedFiles)(nil)
