package db

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var back = context.Background()

// shelf is a database with one table, whose rows may name another at the commit.
func shelf(t testing.TB) *DB {
	t.Helper()
	d, err := Open(back, "sqlite:"+filepath.Join(t.TempDir(), "shelf.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.Write(back, func(tx *Tx) error {
		if _, err := tx.Exec(`CREATE TABLE shelf (id BIGINT PRIMARY KEY, beside BIGINT REFERENCES shelf (id) DEFERRABLE INITIALLY DEFERRED)`); err != nil {
			return err
		}
		_, err := tx.Exec(`CREATE TABLE counted (n BIGINT NOT NULL)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return d
}

func put(tx *Tx, id int64) error {
	_, err := tx.Exec(`INSERT INTO shelf (id, beside) VALUES ($1, NULL)`, id)
	return err
}

func ids(t testing.TB, d *DB) []int64 {
	t.Helper()
	var out []int64
	if err := d.Read(back, func(tx *Tx) (err error) {
		out, err = All[int64](tx, `SELECT id FROM shelf ORDER BY id LIMIT 100000`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// together runs the parts in one group: the first holds the turn until all
// others wait for it. It gives each one's error.
func together(t testing.TB, d *DB, parts ...func(tx *Tx) error) []error {
	t.Helper()
	d.one.longest = time.Hour
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	begun, go1 := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(begun); <-go1 })
	wg.Go(func() {
		errs[0] = d.Write(back, func(tx *Tx) error { once(); return parts[0](tx) })
	})
	<-begun
	for i := 1; i < len(parts); i++ {
		wg.Go(func() { errs[i] = d.Write(back, parts[i]) })
		for d.one.waiting.Load() < int32(i) { // so that they come in their order
			runtime.Gosched()
		}
	}
	close(go1)
	wg.Wait()
	return errs
}

func TestWhoMeetsSharesACommitAndNobodyElsesFate(t *testing.T) {
	refused := errors.New("refused")
	no := func(tx *Tx) error { return errors.Join(put(tx, 99), refused) }
	yes := func(id int64) func(tx *Tx) error { return func(tx *Tx) error { return put(tx, id) } }
	dangling := func(tx *Tx) error { // its neighbour never comes: the commit refuses it
		_, err := tx.Exec(`INSERT INTO shelf (id, beside) VALUES (98, 97)`)
		return err
	}
	gone := func(tx *Tx) error { // what a full disk does, without the disk: the transaction is away
		if err := put(tx, 96); err != nil {
			return err
		}
		_, err := tx.Exec(`ROLLBACK`)
		return err
	}
	for _, c := range []struct {
		name    string
		parts   []func(tx *Tx) error
		kept    []int64
		wrong   []int // whose callers are told of an error
		commits int64
	}{
		{"all of them at once", []func(tx *Tx) error{yes(1), yes(2), yes(3)}, []int64{1, 2, 3}, nil, 1},
		{"one in the middle refuses", []func(tx *Tx) error{yes(1), no, yes(3)}, []int64{1, 3}, []int{1}, 1},
		{"the first refuses", []func(tx *Tx) error{no, yes(2), yes(3)}, []int64{2, 3}, []int{0}, 1},
		{"the last refuses", []func(tx *Tx) error{yes(1), yes(2), no}, []int64{1, 2}, []int{2}, 1},
		{"all refuse", []func(tx *Tx) error{no, no}, nil, []int{0, 1}, 0},
		{"a duplicate of a neighbour's row", []func(tx *Tx) error{yes(1), yes(1), yes(2)}, []int64{1, 2}, []int{1}, 1},
		{"the commit refuses one", []func(tx *Tx) error{yes(1), dangling, yes(3)}, []int64{1, 3}, []int{1}, 2},
		{"one loses the transaction", []func(tx *Tx) error{yes(1), gone, yes(3)}, []int64{1, 3}, []int{1}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := shelf(t)
			before := d.Counts().Commits
			var wrong []int
			for i, err := range together(t, d, c.parts...) {
				if err != nil {
					wrong = append(wrong, i)
				}
			}
			if got := ids(t, d); !slices.Equal(got, c.kept) {
				t.Errorf("rows %v, want %v", got, c.kept)
			}
			if !slices.Equal(wrong, c.wrong) {
				t.Errorf("told of errors: %v, want %v", wrong, c.wrong)
			}
			if got := d.Counts().Commits - before; got != c.commits {
				t.Errorf("%d commits, want %d", got, c.commits)
			}
		})
	}
}

func TestNobodyIsAnsweredBeforeTheCommonCommit(t *testing.T) {
	d := shelf(t)
	d.one.longest = time.Hour
	answered := make(chan error, 2)
	inFirst, release := make(chan struct{}), make(chan struct{})
	go func() {
		answered <- d.Write(back, func(tx *Tx) error { close(inFirst); <-release; return put(tx, 1) })
	}()
	<-inFirst
	inSecond, finish := make(chan struct{}), make(chan struct{})
	go func() {
		answered <- d.Write(back, func(tx *Tx) error { close(inSecond); <-finish; return put(tx, 2) })
	}()
	for d.one.waiting.Load() == 0 {
		runtime.Gosched()
	}
	close(release)
	<-inSecond // the first part is over, its commit is not
	select {
	case err := <-answered:
		t.Fatalf("answered %v before anything was durable", err)
	default:
	}
	if got := ids(t, d); len(got) != 0 {
		t.Fatalf("others see %v of a transaction that is open", got)
	}
	close(finish)
	for range 2 {
		if err := <-answered; err != nil {
			t.Error(err)
		}
	}
	if got := ids(t, d); len(got) != 2 {
		t.Errorf("rows %v", got)
	}
}

func TestEachPartHasItsOwnInstantAndIsToldOfItsOwnCommitOnly(t *testing.T) {
	d := shelf(t)
	var mu sync.Mutex
	now := time.UnixMilli(1_700_000_000_000)
	d.clock = func() time.Time { mu.Lock(); defer mu.Unlock(); now = now.Add(time.Second); return now }
	var seen []time.Time
	var ran []int
	part := func(i int, err error) func(tx *Tx) error {
		return func(tx *Tx) error {
			seen = append(seen, tx.Now)
			tx.AfterCommit(func() { mu.Lock(); defer mu.Unlock(); ran = append(ran, i) })
			return errors.Join(put(tx, int64(i)), err)
		}
	}
	together(t, d, part(1, nil), part(2, errors.New("no")), part(3, nil))
	if len(seen) != 3 || !seen[0].Before(seen[1]) || !seen[1].Before(seen[2]) {
		t.Errorf("instants %v", seen)
	}
	slices.Sort(ran)
	if !slices.Equal(ran, []int{1, 3}) {
		t.Errorf("after-commit ran for %v", ran)
	}
}

func TestAPanicUndoesItsOwnPartOnly(t *testing.T) {
	d := shelf(t)
	fell := func(tx *Tx) error {
		if err := put(tx, 9); err != nil {
			return err
		}
		panic("fell")
	}
	caught := func(part func(tx *Tx) error) func(tx *Tx) error { return part }
	for _, parts := range [][]func(tx *Tx) error{
		{func(tx *Tx) error { return put(tx, 1) }, caught(fell), func(tx *Tx) error { return put(tx, 2) }},
		{caught(fell), func(tx *Tx) error { return put(tx, 3) }},
	} {
		d.one.longest = time.Hour
		var wg sync.WaitGroup
		hold := make(chan struct{})
		begun := make(chan struct{})
		wg.Go(func() { _ = d.Write(back, func(tx *Tx) error { close(begun); <-hold; return nil }) })
		<-begun
		for i, p := range parts {
			wg.Go(func() {
				defer func() { _ = recover() }()
				if err := d.Write(back, p); err != nil {
					t.Error(err)
				}
			})
			for d.one.waiting.Load() < int32(i+1) {
				runtime.Gosched()
			}
		}
		close(hold)
		wg.Wait()
	}
	if got := ids(t, d); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("rows %v", got)
	}
	if err := d.Write(back, func(tx *Tx) error { return put(tx, 4) }); err != nil {
		t.Errorf("the turn was lost: %v", err)
	}
}

func TestWhoGivesUpWaitingLeavesNoCommitUndone(t *testing.T) {
	d := shelf(t)
	d.one.longest = time.Hour
	ctx, cancel := context.WithCancel(back)
	begun, release := make(chan struct{}), make(chan struct{})
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		first <- d.Write(back, func(tx *Tx) error { close(begun); <-release; return put(tx, 1) })
	}()
	<-begun
	go func() { second <- d.Write(ctx, func(tx *Tx) error { return put(tx, 2) }) }()
	for d.one.waiting.Load() == 0 {
		runtime.Gosched()
	}
	cancel() // the first counts on the second to commit, and the second goes away
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("gave up with %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if got := ids(t, d); !slices.Equal(got, []int64{1}) {
		t.Errorf("rows %v", got)
	}
}

func TestAStatementAfterTheContextEndedIsRefusedAndThePartUndone(t *testing.T) {
	d := shelf(t)
	ctx, cancel := context.WithCancel(back)
	err := d.Write(ctx, func(tx *Tx) error {
		if err := put(tx, 1); err != nil {
			return err
		}
		cancel()
		return put(tx, 2)
	})
	if !errors.Is(err, context.Canceled) || len(ids(t, d)) != 0 {
		t.Errorf("%v, rows %v", err, ids(t, d))
	}
}

// What was acknowledged is there once, what was refused is not, whatever the
// neighbours did.
func TestAnyCompanyOfWritersKeepsItsWord(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := shelf(t)
		d.one.parts = rapid.IntRange(1, 8).Draw(rt, "parts")
		d.one.longest = rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Hour}).Draw(rt, "longest")
		kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"ok", "ok", "ok", "error", "panic", "cancel", "dangling", "rollback", "nested", "same"}), 1, 24).Draw(rt, "kinds")
		seed := rapid.Uint64().Draw(rt, "seed")
		chance := rand.New(rand.NewPCG(seed, 1))
		var mu sync.Mutex
		kept := map[int64]bool{}
		var wg sync.WaitGroup
		for i, kind := range kinds {
			id, give := int64(i+1), chance.IntN(3) == 0
			wg.Go(func() {
				err := errors.New("panicked")
				func() {
					defer func() { _ = recover() }()
					if give {
						runtime.Gosched()
					}
					err = act(d, kind, id)
				}()
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					kept[id] = true
				}
			})
		}
		wg.Wait()
		for i, kind := range kinds {
			if kind == "ok" && !kept[int64(i+1)] {
				rt.Fatalf("%d was innocent and refused; %v", i+1, kinds)
			}
		}
		want := slices.Sorted(maps.Keys(kept))
		got := ids(t, d)
		if slices.Contains(got, 1000) { // every "same" wants this row; one has it
			got = got[:len(got)-1]
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("%v: acknowledged %v, rows %v", kinds, want, got)
		}
		var n int64
		if err := d.Read(back, func(tx *Tx) (err error) {
			n, err = Get[int64](tx, `SELECT count(*) FROM counted`)
			return err
		}); err != nil || n != int64(len(want)) {
			rt.Fatalf("%d counted, %d acknowledged, %v", n, len(want), err)
		}
	})
}

func act(d *DB, kind string, id int64) error {
	ctx, cancel := context.WithCancel(back)
	defer cancel()
	return d.Write(ctx, func(tx *Tx) error {
		if err := put(tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO counted (n) VALUES ($1)`, id); err != nil {
			return err
		}
		switch kind {
		case "error":
			return errors.New("no")
		case "panic":
			panic("no")
		case "cancel":
			cancel()
			return put(tx, id+500)
		case "dangling":
			_, err := tx.Exec(`UPDATE shelf SET beside = 7777 WHERE id = $1`, id)
			return err
		case "rollback":
			_, err := tx.Exec(`ROLLBACK`)
			return err
		case "nested":
			if err := tx.Savepoint(func() error { return errors.Join(put(tx, id+500), errors.New("no")) }); err == nil {
				return errors.New("the savepoint's error was lost")
			}
		case "same":
			return put(tx, 1000)
		}
		return nil
	})
}

func TestMoreTextsThanALaneKeepsAreStillRight(t *testing.T) {
	d := shelf(t)
	for i := range int64(2 * maxCompiled) {
		if err := d.Write(back, func(tx *Tx) error {
			_, err := tx.Exec(fmt.Sprintf(`INSERT INTO shelf (id, beside) VALUES (%d, NULL)`, i+1))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(ids(t, d)); got != 2*maxCompiled || len(d.one.lane.compiled) > maxCompiled {
		t.Errorf("%d rows, %d texts kept", got, len(d.one.lane.compiled))
	}
}

func TestAClosedDatabaseSaysSo(t *testing.T) {
	d, err := Open(back, "sqlite:"+filepath.Join(t.TempDir(), "closed.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	look := func(tx *Tx) error { _, err := Get[int64](tx, `SELECT 1`); return err }
	if err := errors.Join(d.Read(back, look), d.Write(back, look), d.Close()); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"read": d.Read(back, look), "write": d.Write(back, look), "ping": d.Ping(back)} {
		if err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
