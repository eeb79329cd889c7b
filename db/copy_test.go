package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yumen/db"
)

func TestACopyIsOneMomentOfABusyDatabase(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	d, err := db.Open(ctx, "sqlite:"+path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	exec := func(q string, args ...any) error {
		return d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(q, args...); return err })
	}
	if err := errors.Join(exec(`CREATE TABLE a (id BIGINT PRIMARY KEY)`), exec(`CREATE TABLE b (id BIGINT PRIMARY KEY)`)); err != nil {
		t.Fatal(err)
	}
	// Each write adds a row to both tables: a copy between the two would show.
	stop, wrote := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	var once sync.Once
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := d.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`INSERT INTO a (id) VALUES ($1)`, i)
				if err == nil {
					_, err = tx.Exec(`INSERT INTO b (id) VALUES ($1)`, i)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
			once.Do(func() { close(wrote) })
		}
	})
	<-wrote
	last := int64(0)
	for i := range 10 {
		to := filepath.Join(dir, "copy"+string(rune('0'+i)))
		if err := db.CopySQLite(ctx, path, to); err != nil {
			t.Fatal(err)
		}
		s, err := db.InspectSQLite(ctx, to)
		if err != nil {
			t.Fatal(err)
		}
		if s.Tables["a"] != s.Tables["b"] || s.Tables["a"] < last || s.Tables["a"] == 0 {
			t.Errorf("copy %d: %v after %d rows", i, s.Tables, last)
		}
		last = s.Tables["a"]
		if err := db.CopySQLite(ctx, path, to); err == nil {
			t.Error("a copy was written over another")
		}
	}
	close(stop)
	wg.Wait()
}

func TestADamagedFileIsNotCountedAsADatabase(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	d, err := db.Open(ctx, "sqlite:"+path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Migrate(ctx), d.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := db.InspectSQLite(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	newest, err := db.NewestSchema()
	if err != nil || s.Schema != newest || newest < 20 {
		t.Errorf("schema %d, the newest is %d, %v", s.Schema, newest, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(b); i += 512 {
		b[i] ^= 0xff
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := db.InspectSQLite(ctx, path); !errors.Is(err, db.ErrDamaged) {
		t.Errorf("a damaged file: %v", err)
	}
	if _, err := db.InspectSQLite(ctx, filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
