package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/labels"
	"yumen/registrar/names"
)

// What scripts are told is what the pages show, also where the registrar keeps
// a registry's own table.
func TestYumenNamesAnswersByTheRulesOfTheInstallation(t *testing.T) {
	ctx, home := context.Background(), t.TempDir()
	cfg := defaults()
	cfg.Data, cfg.Keys = filepath.Join(home, "data"), filepath.Join(home, "keys")
	cfg.Database = "sqlite:" + filepath.Join(cfg.Data, "yumen.db")
	ask := func() []string {
		t.Helper()
		var out bytes.Buffer
		if err := answerNames(ctx, cfg, nil, strings.NewReader("人才\t招聘\n招聘网\t招聘\nab\t招聘\n招聘网\tcn\n招聘网\n"), &out); err != nil {
			t.Fatal(err)
		}
		var said []string
		for line := range strings.Lines(out.String()) {
			_, reason, _ := strings.Cut(line, `"reason":"`)
			reason, _, _ = strings.Cut(reason, `"`)
			said = append(said, reason)
		}
		return said
	}
	want := func(list ...string) {
		t.Helper()
		if got := ask(); strings.Join(got, ",") != strings.Join(list, ",") {
			t.Errorf("%q, want %q", got, list)
		}
	}
	want("", "", "too-short", "", "")
	if _, err := os.Stat(home + "/data"); err == nil {
		t.Error("a question made a database")
	}

	d, _, err := storage(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	e := names.MustParse("人才.招聘").Ending()
	who := actor.Actor{House: actor.RootHouse, Account: 3, Person: 13, Name: "w***@example.cn", Roles: []actor.Role{actor.Compliance}}
	if err := d.Write(ctx, func(tx *db.Tx) error {
		draft, err := labels.Save(tx, who, labels.Ask{Ending: e, Policy: e.Policy(), Table: strings.NewReader("# Version: 7\nU+4EBA;;\nU+624D;;\n"), TableName: "t.txt"}, "the registry's table")
		if err != nil {
			return err
		}
		return labels.PutInForce(tx, who, draft.ID, "checked")
	}); err != nil {
		t.Fatal(err)
	}
	want("", "not-in-table U+62DB", "too-short", "", "") // the portal has the database open
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	want("", "not-in-table U+62DB", "too-short", "", "")
}
