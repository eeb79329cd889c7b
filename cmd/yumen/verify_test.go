package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yumen/registrar/audit"
)

func TestVerifyFailsOnWhatSomebodyChangedBehindThePortalsBack(t *testing.T) {
	for _, c := range []struct {
		name, tamper, want string
	}{
		{"nothing touched", ``, ""},
		{"an event rewritten", `DROP TRIGGER audit_events_stay; UPDATE audit_events SET reason = 'another' WHERE seq = 4`, "audit is broken at number 4"},
		{"a balance out of nothing", `INSERT INTO ledger_accounts (id, house, name, kind, currency, balance, opened_at)
			VALUES (7, 1, 'wallet:7', 'wallet', 'CNY', 100, 1)`, "the ledger has"},
		{"a reference that leads nowhere", `DELETE FROM houses WHERE id = 1`, "database file has"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, home := context.Background(), t.TempDir()
			cfg := defaults()
			cfg.Data, cfg.Keys = filepath.Join(home, "data"), filepath.Join(home, "keys")
			file := filepath.Join(cfg.Data, "yumen.db")
			cfg.Database = "sqlite:" + file
			if err := seed(ctx, cfg, nil, nil, io.Discard); err != nil {
				t.Fatal(err)
			}
			d, _, err := storage(ctx, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(audit.Sequence(ctx, d), d.Close()); err != nil {
				t.Fatal(err)
			}
			// With the file in hand: no triggers of ours, no foreign keys.
			raw, err := sql.Open("sqlite", file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := raw.Exec(c.tamper); err != nil {
				t.Fatal(err)
			}
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}
			err = verify(ctx, cfg, nil, nil, io.Discard)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("verify says %v, want %q", err, c.want)
			}
		})
	}
}

func TestVerifyFailsOnATornPage(t *testing.T) {
	ctx, home := context.Background(), t.TempDir()
	cfg := defaults()
	cfg.Data, cfg.Keys = filepath.Join(home, "data"), filepath.Join(home, "keys")
	file := filepath.Join(cfg.Data, "yumen.db")
	cfg.Database = "sqlite:" + file
	if err := seed(ctx, cfg, nil, nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	// A page that nothing lies on may hold anything: none is left.
	raw, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(`VACUUM`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	// Pages of trees are torn. The rest of a long text lies on pages without a
	// form of their own, and nothing in the file tells one text from another.
	trees := []byte{2, 5, 10, 13} // SQLite's file format, section 1.6
	found := 0
	for n := 2; n < len(whole)/page; n += len(whole) / page / 12 { // page 1 is the file's head
		for !slices.Contains(trees, whole[n*page]) {
			n++
		}
		torn := append([]byte{}, whole...)
		copy(torn[n*page:(n+1)*page], make([]byte, page))
		if err := os.WriteFile(file, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := verify(ctx, cfg, nil, nil, io.Discard); err == nil {
			t.Errorf("page %d is empty, and verify is content", n)
		}
		found++
	}
	if found < 5 {
		t.Errorf("only %d pages were torn", found)
	}
}
