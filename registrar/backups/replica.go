package backups

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/benbjohnson/litestream"

	"yumen/db"
	"yumen/registrar/documents"
	"yumen/registrar/seal"
)

// Replica follows the embedded database a second behind, into a folder on
// another disk:
//
//	era-2026-11-22T093000.000Z-4f2a9c1e/   since a data folder was new or restored
//	    era.sealed                         when it began, where it stands, which keys it needs
//	    ltx/LEVEL/                         transactions, compacted by and by (Litestream); a snapshot each day
//	    papers/XX/REF-SHA256               sealed papers
//	    paper-keys/XX/REF-SUM              their wrapped keys, one by one: an erased one goes from here too
//
// Everything is encrypted as backups are. Any instant of backups.replica_keep
// can be brought back; instants are the machine's.
type Replica struct {
	dir     string // of the era
	era     string
	keys    *seal.Keys
	papers  *documents.Store
	machine func() time.Time
	log     *slog.Logger
	db      *litestream.DB
	store   *litestream.Store
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	seen   int64 // of the papers' keys, milliseconds
	swept  time.Time
	mu     sync.Mutex
	synced time.Time
}

// Following says what a replica follows and where to.
type Following struct {
	Database string // the SQLite file
	Data     string // the data folder: it remembers its era
	Papers   *documents.Store
	Dir      string
	Site     string
	Keys     *seal.Keys
	Keep     time.Duration // backups.replica_keep
	Machine  func() time.Time
	Log      *slog.Logger
}

type era struct {
	Format int       `json:"format"`
	Name   string    `json:"name"`
	Began  time.Time `json:"began"`
	Site   string    `json:"site"`
	Keys   []string  `json:"keys"`
}

const (
	eraPrefix = "era-"
	eraFile   = "era.sealed"
	// beat is how often the whole way of a change, from the log to the folder,
	// is gone on purpose: the age of the replica is counted from the last time.
	beat = 5 * time.Second
	// sweepEvery is how often erased papers are looked for in the replica.
	sweepEvery = time.Hour
)

// Follow opens a replica and returns when it has everything up to now: only
// then may traffic begin, or a busy start would leave no replica at all
// (Litestream makes its tables in the first sync and gives up on a locked
// database).
func Follow(ctx context.Context, w Following) (r *Replica, err error) {
	defer func() { err = Known(err) }()
	if err := Allowed(w.Dir, w.Site); err != nil {
		return nil, err
	}
	if err := w.Keys.NeedBackupKey(w.Machine()); err != nil {
		return nil, err
	}
	name, err := eraOf(w)
	if err != nil {
		return nil, err
	}
	r = &Replica{dir: filepath.Join(w.Dir, eraPrefix+name), era: name, keys: w.Keys, papers: w.Papers, machine: w.Machine, log: w.Log}
	if err := forget(w, name); err != nil {
		return nil, err
	}
	r.db = litestream.NewDB(w.Database)
	client := &sealedFiles{dir: filepath.Join(r.dir, "ltx"), era: name, keys: w.Keys}
	r.db.Replica = litestream.NewReplicaWithClient(r.db, client)
	r.store = litestream.NewStore([]*litestream.DB{r.db}, litestream.DefaultCompactionLevels)
	r.store.SnapshotRetention = w.Keep
	r.db.SetLogger(w.Log.With("part", "litestream"))
	r.store.Logger = w.Log.With("part", "litestream")
	if err := r.store.Open(ctx); err != nil {
		return nil, fmt.Errorf("backups: open the replica: %w", err)
	}
	if err := r.first(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("backups: the replica's first sync: %w", err), r.store.Close(context.WithoutCancel(ctx)))
	}
	loop, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel = cancel
	r.wg.Go(func() { r.follow(loop) })
	return r, nil
}

func (r *Replica) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(beat):
		}
		if err := r.sync(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("backups: the replica does not follow", "err", err, "behind", r.behind())
		}
	}
}

// patience is how long the first sync tries to get between busy writers.
const patience = time.Minute

// first is the sync that makes Litestream's tables. It wants the writer's lock
// for them, and a busy writer gives it up for moments only.
func (r *Replica) first(ctx context.Context) error {
	for end := r.machine().Add(patience); ; {
		err := r.sync(ctx)
		if err == nil || !db.IsBusy(err) || r.machine().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// sync goes the whole way once: database, papers, keys.
func (r *Replica) sync(ctx context.Context) error {
	begun := r.machine()
	if err := r.db.SyncAndWait(ctx); err != nil {
		return err
	}
	if err := r.follows(ctx); err != nil {
		return err
	}
	if begun.Sub(r.swept) >= sweepEvery {
		if err := r.sweep(ctx); err != nil {
			return err
		}
		r.swept = begun
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.synced = begun
	return nil
}

// follows brings papers that are new into the replica.
func (r *Replica) follows(ctx context.Context) error {
	for {
		keys, err := r.papers.KeysSince(ctx, r.seen, 500)
		if err != nil {
			return err
		}
		fresh := 0
		for _, k := range keys {
			if _, err := os.Stat(r.keyPath(k)); err == nil {
				continue
			}
			if err := r.bringPaper(k); err != nil {
				return err
			}
			fresh++
		}
		// The instant of the last is asked for again: others may share it.
		if len(keys) > 0 {
			r.seen = keys[len(keys)-1].MadeAt
		}
		if len(keys) < 500 || fresh == 0 {
			return nil
		}
	}
}

func (r *Replica) bringPaper(k documents.Key) error {
	path, err := documents.SealedFile(r.papers.Dir(), k.Ref)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if errors.Is(err, fs.ErrNotExist) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	p, err := poolPut(filepath.Join(r.dir, poolDir), k.Ref, b)
	if err != nil {
		return err
	}
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	var sealed strings.Builder
	w, err := r.keys.SealStream(&sealed, purpose, r.keyLabel(k.Ref))
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	to := r.keyPath(k)
	return errors.Join(writeFile(to, []byte(sealed.String())), syncDir(filepath.Dir(p.path)), syncDir(filepath.Dir(to)))
}

func (r *Replica) keyLabel(ref string) string { return "replica/" + r.era + "/key/" + ref }

func (r *Replica) keyPath(k documents.Key) string {
	return filepath.Join(r.dir, "paper-keys", k.Ref[:2], k.Ref+"-"+k.Mark())
}

// sweep takes away the keys of papers that were erased, and those that were
// wrapped anew, which come again.
func (r *Replica) sweep(ctx context.Context) error {
	have := map[string]bool{}
	for from := int64(0); ; {
		keys, err := r.papers.KeysSince(ctx, from, 2000)
		if err != nil {
			return err
		}
		fresh := 0
		for _, k := range keys {
			name := filepath.Base(r.keyPath(k))
			if have[name] {
				continue
			}
			have[name] = true
			fresh++
			if _, err := os.Stat(r.keyPath(k)); errors.Is(err, fs.ErrNotExist) {
				if err := r.bringPaper(k); err != nil {
					return err
				}
			}
		}
		if len(keys) < 2000 || fresh == 0 {
			break
		}
		from = keys[len(keys)-1].MadeAt
	}
	root := filepath.Join(r.dir, "paper-keys")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || have[e.Name()] {
			return err
		}
		return os.Remove(path)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (r *Replica) behind() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.machine().Sub(r.synced)
}

// Age is how far the replica is behind at most.
func (r *Replica) Age() (time.Duration, bool) { return r.behind(), true }

// Close brings the last changes over and ends.
func (r *Replica) Close() error {
	r.cancel()
	r.wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(r.follows(ctx), r.store.Close(ctx))
}

// eraOf is the era of a data folder: the one it remembers, or a new one. A
// restored folder remembers none, so that two histories never mix.
func eraOf(w Following) (string, error) {
	memory := filepath.Join(w.Data, "replica-era")
	// #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if b, err := os.ReadFile(memory); err == nil {
		name := strings.TrimSpace(string(b))
		if _, err := os.Stat(filepath.Join(w.Dir, eraPrefix+name, eraFile)); err == nil && setName.MatchString(name) {
			return name, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var b [4]byte
	_, _ = rand.Read(b[:])
	now := w.Machine().UTC()
	e := era{format, now.Format(stampForm) + "-" + hex.EncodeToString(b[:]), now, w.Site, w.Keys.Names()}
	dir := filepath.Join(w.Dir, eraPrefix+e.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	text, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	if _, err := sealFile(Source{Keys: w.Keys}, filepath.Join(dir, eraFile), "era", strings.NewReader(string(text))); err != nil {
		return "", err
	}
	// What Litestream remembers of an earlier era beside the database would
	// leave the new one without a beginning.
	if err := os.RemoveAll(litestream.NewDB(w.Database).MetaPath()); err != nil {
		return "", err
	}
	return e.Name, errors.Join(syncDir(dir), syncDir(w.Dir), writeFile(memory, []byte(e.Name+"\n")), syncDir(w.Data))
}

// forget removes earlier eras in which nothing was written for as long as the
// replica is kept.
func forget(w Following, current string) error {
	all, err := filepath.Glob(filepath.Join(w.Dir, eraPrefix+"*"))
	if err != nil {
		return err
	}
	for _, dir := range all {
		if dir == filepath.Join(w.Dir, eraPrefix+current) {
			continue
		}
		newest := time.Time{}
		if err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
			return err
		}); err != nil {
			return err
		}
		if newest.Before(w.Machine().Add(-w.Keep)) {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// IsReplica reports whether a folder holds a replica.
func IsReplica(dir string) bool {
	all, err := filepath.Glob(filepath.Join(dir, eraPrefix+"*", eraFile))
	return err == nil && len(all) > 0
}

// openEra reads what an era says of itself.
func openEra(keys *seal.Keys, dir string) (e era, err error) {
	var text strings.Builder
	if _, err := openFile(keys, filepath.Join(dir, eraFile), "era", &text); err != nil {
		return e, fmt.Errorf("backups: read %s: %w", filepath.Base(dir), err)
	}
	if err := json.Unmarshal([]byte(text.String()), &e); err != nil {
		return e, fault(Tampered, "backups: what %s says of itself: %w", filepath.Base(dir), err)
	}
	if e.Format > format {
		return e, fault(Newer, "backups: %s has format %d; this program knows %d", filepath.Base(dir), e.Format, format)
	}
	return e, nil
}
