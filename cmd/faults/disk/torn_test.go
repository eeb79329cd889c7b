package disk

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/ledger"
	"yumen/registrar/seal"
	"yumen/registrar/seal/sealtest"
	"yumen/testkit"
)

var ctx = context.Background()

// fast is a folder for copies that need not survive: in memory where there is
// such a place, because an opened copy is flushed many times.
func fast(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "torn-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func openAt(t testing.TB, path string, keys *seal.Keys) *db.DB {
	t.Helper()
	d, err := db.Open(ctx, "sqlite:"+path, time.Now)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	seal.Attach(d, keys)
	return d
}

// trade is what one transaction does: money comes in, part of it is held for an
// order, work is queued, and who did it is recorded.
func trade(tx *db.Tx, i int) error {
	who := actor.System(1, "test", "a sale")
	if err := ledger.TopUp(tx, who, 1, 7, "bank", fmt.Sprint("payment-", i), ledger.CNY(1000)); err != nil {
		return err
	}
	if err := ledger.HoldFromWallet(tx, who, 1, 7, fmt.Sprint("order-", i), ledger.CNY(600)); err != nil {
		return err
	}
	if err := jobs.Enqueue(tx, "orders.fulfil", fmt.Sprint("order-", i), map[string]int{"i": i}, time.Time{}); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "orders.placed", Object: "order", Ref: fmt.Sprint("order-", i),
		Details: map[string]string{"filler": strings.Repeat("x", i*37%900)}})
}

// prints is what distinguishes the state after each transaction: rows of every
// table that a trade touches, and all money by its sums.
const prints = `SELECT (SELECT count(*) FROM jobs) || ' ' || (SELECT coalesce(max(id), 0) FROM jobs)
	|| ' ' || (SELECT count(*) FROM audit_events) || ' ' || (SELECT count(*) FROM ledger_entries) || ' ' || (SELECT count(*) FROM ledger_postings)
	|| ' ' || (SELECT coalesce(sum(amount), 0) FROM ledger_postings) || ' ' || (SELECT coalesce(sum(balance * (id % 1000003)), 0) FROM ledger_accounts)`

func printOf(t testing.TB, d *db.DB) string {
	t.Helper()
	var s string
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { s, err = db.Get[string](tx, prints); return err }); err != nil {
		t.Fatal(err)
	}
	return s
}

// book is a database with its log as a power cut would leave them, and what
// was acknowledged.
type book struct {
	file, log []byte
	parsed    Log
	states    []string // by the number of whole transactions; 0: before the first
	keys      *seal.Keys
}

// write makes n acknowledged transactions whose log was not folded into the
// file, the first of them over an older log, so that stale frames lie behind.
func write(t testing.TB, n int) book {
	t.Helper()
	path := filepath.Join(fast(t), "yumen.db")
	b := book{keys: sealtest.Keys(t)}
	d, err := db.Open(ctx, "sqlite:"+path+"?_pragma=wal_autocheckpoint(0)", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	seal.Attach(d, b.keys)
	if err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	// An older generation of the log, folded into the file: the next commit
	// begins at the front again and leaves the rest lying behind.
	for i := range 20 {
		if err := d.Write(ctx, func(tx *db.Tx) error { return trade(tx, 2_000_000+i) }); err != nil {
			t.Fatal(err)
		}
	}
	fold(t, path)
	if err := d.Write(ctx, func(tx *db.Tx) error { return jobs.SetCursor(tx, "first of the new log", "") }); err != nil {
		t.Fatal(err)
	}
	b.states = []string{"", printOf(t, d)}
	for i := range n {
		if err := d.Write(ctx, func(tx *db.Tx) error { return trade(tx, i) }); err != nil {
			t.Fatal(err)
		}
		b.states = append(b.states, printOf(t, d))
	}
	if b.file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if b.log, err = os.ReadFile(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if b.parsed, err = ReadLog(b.log); err != nil {
		t.Fatal(err)
	}
	if got := len(b.parsed.Commits()); got != n+1 {
		t.Fatalf("the log holds %d transactions, %d were acknowledged", got, n+1)
	}
	// The state without any log is that of the file alone.
	c := b.open(t, filepath.Join(fast(t), "yumen.db"), nil)
	b.states[0] = printOf(t, c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return b
}

// fold brings the log into the file and lets the next commit begin at its
// front, without shortening it.
func fold(t testing.TB, path string) {
	t.Helper()
	d, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var busy, pages, folded int
	if err := d.QueryRow("PRAGMA wal_checkpoint(RESTART)").Scan(&busy, &pages, &folded); err != nil || busy != 0 || folded == 0 {
		t.Fatalf("the log was not folded: busy %d, %d of %d pages, %v", busy, folded, pages, err)
	}
}

func (b book) open(t testing.TB, path string, log []byte) *db.DB {
	t.Helper()
	for _, f := range []struct {
		name string
		b    []byte
	}{{path, b.file}, {path + "-wal", log}} {
		if err := os.WriteFile(f.name, f.b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return openAt(t, path, b.keys)
}

// whole opens the file with a torn log and compares what a start finds with
// what stands acknowledged.
func (b book) whole(t testing.TB, path, how string, log []byte, transactions int, thorough bool) {
	t.Helper()
	d := b.open(t, path, log)
	defer func() {
		if err := d.Close(); err != nil {
			t.Errorf("%s: close: %v", how, err)
		}
	}()
	if got := printOf(t, d); got != b.states[transactions] {
		t.Errorf("%s: found %q, want the state after %d transactions: %q", how, got, transactions, b.states[transactions])
	}
	if !thorough {
		return
	}
	if bad, err := d.Check(ctx); err != nil || len(bad) > 0 {
		t.Errorf("%s: %v, %v", how, bad, err)
	}
	var wrong []ledger.Difference
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { wrong, err = ledger.CheckSums(tx); return err }); err != nil || len(wrong) > 0 {
		t.Errorf("%s: the books: %v, %v", how, wrong, err)
	}
	if err := d.Migrate(ctx); err != nil {
		t.Errorf("%s: migrate: %v", how, err)
	}
	if err := d.Write(ctx, func(tx *db.Tx) error { return trade(tx, 1_000_000) }); err != nil {
		t.Errorf("%s: it takes no further trade: %v", how, err)
	}
}

// tear leaves of a log its first n bytes and, for the length of three frames
// behind them, nothing, zeros or rubbish.
func tear(log []byte, n int64, kind int, rnd *rand.Rand) []byte {
	tail := make([]byte, 3*4120)
	switch kind {
	case 0:
		return log[:n:n]
	case 2:
		for i := range tail {
			tail[i] = byte(rnd.Uint32())
		}
	}
	return append(log[:n:n], tail...)
}

var tears = []string{"nothing", "zeros", "rubbish"}

// eachOf runs f over 0..n-1 on a few goroutines, each with a place of its own.
func eachOf(t testing.TB, n int, f func(path string, rnd *rand.Rand, i int)) {
	t.Helper()
	_, seed := testkit.Seed(t) // printed once for each book
	var wg sync.WaitGroup
	const hands = 2
	for hand := range hands {
		path := filepath.Join(fast(t), "yumen.db")
		wg.Go(func() {
			for i := hand; i < n; i += hands {
				f(path, rand.New(rand.NewPCG(seed, uint64(i))), i)
			}
		})
	}
	wg.Wait()
}

// cut is where a log ends, and what lies behind it.
type cut struct {
	at   int64
	kind int
	deep bool // look at everything there is
}

// cuts are the places where the log of a book is cut. A start believes whole
// frames only: what it finds depends on how many of them there are, not on
// where within one the log ends. So every frame's border is cut, every
// transaction's with nothing, zeros and rubbish behind it, and one place within
// each fourth frame; and in the last transaction every sector, and every byte of
// a frame's head, so that this reasoning is not taken on trust.
func (b book) cuts(rnd *rand.Rand) []cut {
	out := []cut{{0, 0, true}, {16, 0, true}, {logHeader, 1, true}}
	for i, f := range b.parsed.Frames {
		for kind := range tears {
			if f.Commit || kind == i%3 {
				out = append(out, cut{f.At + b.parsed.Size(), kind, f.Commit && kind == i%3})
			}
		}
		if i%4 == 0 {
			out = append(out, cut{f.At + 1 + rnd.Int64N(b.parsed.Size()-1), i % 3, false})
		}
	}
	ends := b.parsed.Commits()
	last := ends[len(ends)-2]
	for at := last; at < b.parsed.End(); at += Sector {
		out = append(out, cut{at, int(at/Sector) % 3, false})
	}
	for at := last; at < last+frameHeader+8; at++ {
		out = append(out, cut{at, int(at) % 3, false})
	}
	return out
}

// perBook is how many transactions share a log here: a start reads it whole.
const perBook = 40

func TestALogCutAnywhereLosesNothingAcknowledgedAndShowsNoHalf(t *testing.T) {
	t.Parallel()
	rnd, _ := testkit.Seed(t)
	began, frames, cut := time.Now(), 0, 0
	n := testkit.Size(t, 6, 200)
	for left := n; left > 0; left -= perBook {
		b := write(t, min(left, perBook))
		cuts := b.cuts(rnd)
		frames, cut = frames+len(b.parsed.Frames), cut+len(cuts)
		eachOf(t, len(cuts), func(path string, rnd *rand.Rand, i int) {
			c := cuts[i]
			b.whole(t, path, fmt.Sprintf("cut after %d bytes with %s behind", c.at, tears[c.kind]), tear(b.log, c.at, c.kind, rnd), b.parsed.Whole(c.at), c.deep)
		})
	}
	t.Logf("%d transactions in %d frames, cut in %d places, in %s", n, frames, cut, time.Since(began).Round(time.Millisecond))
}

// What was written and not yet flushed may reach the disk in any order: of the
// transaction at the end any sector may be missing though later ones are there.
func TestATransactionThatMissesASectorIsNotThereAtAll(t *testing.T) {
	t.Parallel()
	b := write(t, testkit.Size(t, 4, 40))
	ends := b.parsed.Commits()
	began, n := time.Now(), 0
	var mu sync.Mutex
	eachOf(t, len(ends)-1, func(path string, rnd *rand.Rand, i int) {
		from, to := ends[i], ends[i+1]
		sectors := int((to - from) / Sector)
		tries := []int{0, sectors - 1, rnd.IntN(sectors)}
		for _, s := range tries {
			log := bytes.Clone(b.log[:to])
			at := from + int64(s)*Sector
			lost := log[at:min(at+Sector, to)]
			if bytes.Equal(lost, make([]byte, len(lost))) {
				continue // zeros lost are zeros
			}
			clear(lost)
			b.whole(t, path, fmt.Sprintf("transaction %d without sector %d of %d", i+1, s, sectors), log, i+1, s == 0)
			mu.Lock()
			n++
			mu.Unlock()
		}
	})
	t.Logf("%d transactions with a sector missing in %s", n, time.Since(began).Round(time.Millisecond))
}

// A fold of the log into the file may be cut anywhere: as long as the log is
// whole, every page of the file that the log holds may be torn.
func TestAFoldOfTheLogThatWasCutLosesNothing(t *testing.T) {
	t.Parallel()
	b := write(t, testkit.Size(t, 5, 40))
	pages := map[uint32]bool{}
	for _, f := range b.parsed.Frames {
		pages[f.Number] = true
	}
	all := len(b.states) - 1
	eachOf(t, testkit.Size(t, 3, 40), func(path string, rnd *rand.Rand, i int) {
		c := b
		c.file = bytes.Clone(b.file)
		torn := 0
		for n := range pages {
			at := int64(n-1) * int64(b.parsed.Page)
			if n == 1 && i%2 == 0 || rnd.IntN(2) == 0 || at >= int64(len(c.file)) {
				continue
			}
			for k := at + Sector*rnd.Int64N(8); k < at+int64(b.parsed.Page); k++ {
				c.file[k] = byte(rnd.Uint32())
			}
			torn++
		}
		c.whole(t, path, fmt.Sprintf("a fold with %d of %d pages torn", torn, len(pages)), b.log, all, true)
	})
}

// The test would notice a loss: without the last frame of a transaction the
// state before it is found, and the comparison says so.
func TestTheTornLogTestCanFail(t *testing.T) {
	t.Parallel()
	b := write(t, 3)
	ends := b.parsed.Commits()
	path := filepath.Join(fast(t), "yumen.db")
	d := b.open(t, path, b.log[:ends[2]-b.parsed.Size()])
	defer d.Close()
	if got := printOf(t, d); got == b.states[3] || got != b.states[2] {
		t.Errorf("a transaction without its last frame shows %q", got)
	}
	seen := map[string]bool{}
	for _, s := range b.states[1:] {
		seen[s] = true
	}
	if len(seen) != len(b.states)-1 {
		t.Errorf("the states of %d transactions do not differ: %q", len(b.states)-1, b.states)
	}
}
