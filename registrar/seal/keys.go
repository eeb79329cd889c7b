package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Keys are the key files of an installation:
//
//	seal-2026-03-1f2e.key   wraps secrets and data keys; one for each month
//	index.key               for Hash; one for ever
//	sign-2026-03-1f2e.key   signs the audit; the newest is in use
//	backup-2026-03-1f2e.key encrypts backups and replicas; the newest is in use
//
// Whoever loses the folder loses every sealed paper: it is copied to a safe
// place by hand, apart from the backups of the data.
type Keys struct {
	dir   string
	index []byte

	mu      sync.RWMutex // guards all below
	masters map[string][]byte
	active  string
	signers map[string]ed25519.PrivateKey
	signer  string
	copies  map[string][]byte // for backups
	copier  string            // the newest of them; empty in a folder made before there were any
}

const size = 32

// ErrNoKeys says that the folder holds no key files.
var ErrNoKeys = errors.New("seal: no key files")

// ErrIncomplete says that some of the key files are missing.
var ErrIncomplete = errors.New("seal: key files are missing")

// Create makes the folder (0700) and the first key files (0600). It refuses a
// folder that already holds keys: new ones would not open the old rows.
func Create(dir string, now time.Time) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("seal: make key folder: %w", err)
	}
	if old, _ := filepath.Glob(filepath.Join(dir, "*.key")); len(old) > 0 {
		return nil, fmt.Errorf("seal: %s already holds keys", dir)
	}
	id := newKeyID(now)
	for _, name := range []string{"index.key", "sign-" + id + ".key", "backup-" + id + ".key", "seal-" + id + ".key"} {
		if err := writeKey(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return Load(dir)
}

// Load reads the key files. ErrNoKeys tells an empty folder from a broken one.
// A file that others may read is refused, with the command that mends it.
func Load(dir string) (*Keys, error) {
	k := &Keys{dir: dir}
	if err := k.reload(); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *Keys) reload() error {
	entries, err := os.ReadDir(k.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w in %s", ErrNoKeys, k.dir)
	}
	if err != nil {
		return fmt.Errorf("seal: read key folder: %w", err)
	}
	masters, signers, copies := map[string][]byte{}, map[string]ed25519.PrivateKey{}, map[string][]byte{}
	var index []byte
	var active, signer, copier string
	for _, e := range entries { // ReadDir sorts, so the newest id comes last
		name, ok := strings.CutSuffix(e.Name(), ".key")
		if !ok {
			continue
		}
		key, err := readKey(filepath.Join(k.dir, e.Name()))
		if err != nil {
			return err
		}
		switch kind, id, _ := strings.Cut(name, "-"); kind {
		case "index":
			index = key
		case "seal":
			masters[id], active = key, max(active, id)
		case "sign":
			signers[id], signer = ed25519.NewKeyFromSeed(key), max(signer, id)
		case "backup":
			copies[id], copier = key, max(copier, id)
		default:
			return fmt.Errorf("seal: %s is no key file of ours", e.Name())
		}
	}
	if index == nil && len(masters) == 0 && len(signers) == 0 {
		return fmt.Errorf("%w in %s", ErrNoKeys, k.dir)
	}
	if index == nil || active == "" || signer == "" {
		return fmt.Errorf("%w: %s needs index.key, a seal-*.key and a sign-*.key\nhint: put back the copy of the key folder", ErrIncomplete, k.dir)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.masters, k.active, k.signers, k.signer, k.copies, k.copier = masters, active, signers, signer, copies, copier
	if k.index == nil {
		k.index = index
	}
	return nil
}

// Active is the id of the key that new secrets are sealed under.
func (k *Keys) Active() string { k.mu.RLock(); defer k.mu.RUnlock(); return k.active }

// Rotate makes the keys of the month of now, unless they are there, and uses
// them from here on; older ones still open. It returns the active id.
func (k *Keys) Rotate(now time.Time) (string, error) {
	month := now.UTC().Format("2006-01")
	if active := k.Active(); active >= month { // ids begin with their month
		return active, nil
	}
	id := newKeyID(now)
	for _, name := range []string{"sign-" + id + ".key", "backup-" + id + ".key", "seal-" + id + ".key"} {
		if err := writeKey(filepath.Join(k.dir, name)); err != nil {
			return "", err
		}
	}
	if err := k.reload(); err != nil {
		return "", err
	}
	return k.Active(), nil
}

// NeedBackupKey makes the first key for backups in a folder that is older than
// they are; otherwise it changes nothing.
func (k *Keys) NeedBackupKey(now time.Time) error {
	k.mu.RLock()
	have := k.copier != ""
	k.mu.RUnlock()
	if have {
		return nil
	}
	if err := writeKey(filepath.Join(k.dir, "backup-"+newKeyID(now)+".key")); err != nil {
		return err
	}
	return k.reload()
}

// Names lists the key files that rows depend on, in order, without their
// ending: a backup names them, so that a restore knows which it needs.
func (k *Keys) Names() []string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	var names []string
	for id := range k.masters {
		names = append(names, "seal-"+id)
	}
	for id := range k.signers {
		names = append(names, "sign-"+id)
	}
	slices.Sort(names)
	return names
}

// Destroy removes a seal key that is no longer active: everything sealed under
// it is unreadable from here on, in every backup too.
func (k *Keys) Destroy(id string) error {
	if id == k.Active() {
		return fmt.Errorf("seal: %s is the active key", id)
	}
	if err := os.Remove(filepath.Join(k.dir, "seal-"+filepath.Base(id)+".key")); err != nil {
		return fmt.Errorf("seal: destroy key: %w", err)
	}
	return k.reload()
}

// master finds a key; one that another process made meanwhile is read in.
func (k *Keys) master(id string) ([]byte, error) {
	k.mu.RLock()
	key, ok := k.masters[id]
	k.mu.RUnlock()
	if ok {
		return key, nil
	}
	if err := k.reload(); err != nil {
		return nil, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if key, ok = k.masters[id]; !ok {
		return nil, fmt.Errorf("%w: no key %s", ErrOpen, id)
	}
	return key, nil
}

// Apart refuses a key folder that lies inside the data folder, where every
// copy of the data would carry the keys along.
func Apart(keys, data string) error {
	k, err := filepath.Abs(keys)
	if err != nil {
		return err
	}
	d, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(d, k)
	if err == nil && (rel == "." || !strings.HasPrefix(rel, "..")) {
		return fmt.Errorf("seal: key folder %s lies inside the data folder %s; hint: name a folder beside it with --keys", k, d)
	}
	return nil
}

func newKeyID(now time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return now.UTC().Format("2006-01") + "-" + hex.EncodeToString(b[:])
}

func writeKey(path string) error {
	key := make([]byte, size)
	_, _ = rand.Read(key)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- inside the operator's folder of keys
	if err != nil {
		return fmt.Errorf("seal: write key: %w", err)
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("seal: write key: %w", err)
	}
	return nil
}

func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("seal: read key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("seal: others may read %s; hint: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path) // #nosec G304 -- inside the operator's folder of keys
	if err != nil {
		return nil, fmt.Errorf("seal: read key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != size {
		return nil, fmt.Errorf("seal: %s does not hold a key of %d bytes", path, size)
	}
	return key, nil
}
