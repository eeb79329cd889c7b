package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/backups"
	"yumen/testkit/duty"
)

// kept is a portal with a folder of backups beside its data.
func kept(p *portal) { p.cfg.Backup = p.cfg.Data + "-backups" }

// advance turns the sandbox's clock.
func (o *open) advance(hours int) {
	o.t.Helper()
	resp, err := http.Post(o.world.Control.URL+"/clock", "application/json", strings.NewReader(fmt.Sprintf(`{"advance":"%dh"}`, hours)))
	must(o.t, err)
	must(o.t, resp.Body.Close())
}

// evidence waits until the record of backups is as wanted.
func (o *open) evidence(what string, want func(s backups.State) bool) (s backups.State) {
	o.t.Helper()
	staff := actor.Actor{House: actor.RootHouse, Person: 1, Roles: []actor.Role{actor.Compliance}}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		must(o.t, o.db.Read(context.Background(), func(tx *db.Tx) (err error) { s, err = backups.Evidence(tx, staff); return err }))
		if want(s) {
			return s
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("%s did not happen: %+v", what, s)
		}
	}
}

func TestM26_BackupsAndDrillsRunBySchedule(t *testing.T) {
	o := raiseWith(t, kept)

	// An hour after the installation begins there is a backup, after a week a
	// drill, and the page of duties shows both with what was compared.
	o.advance(2)
	s := o.evidence("a backup", func(s backups.State) bool { return s.GoodBackup.ID != 0 })
	if s.GoodBackup.Tables < 30 || s.GoodBackup.Rows < 100 || s.GoodBackup.Site != "CN" {
		t.Errorf("%+v", s.GoodBackup)
	}
	duty.Prove(t, "M-26", fmt.Sprintf("backup %s by schedule: %d tables, %d rows, read back in full", s.GoodBackup.Name, s.GoodBackup.Tables, s.GoodBackup.Rows))
	o.advance(8 * 24)
	s = o.evidence("a drill", func(s backups.State) bool { return s.GoodDrill.ID != 0 })
	if s.GoodDrill.Tables != s.GoodBackup.Tables || s.GoodDrill.Rows < 100 || s.GoodDrill.Chained < 10 {
		t.Errorf("%+v", s.GoodDrill)
	}
	staff := o.signedIn("compliance@example.cn")
	for lang, say := range map[string][]string{
		"zh": {"备份与恢复演练", s.GoodDrill.Name, "校验值一致", "账目平衡"},
		"en": {"Backups and restore drills", s.GoodDrill.Name, "tables with", "the books balance"},
	} {
		staff.visit("/staff/duties?lang=" + lang).must(say...)
		duty.Prove(t, "M-26", fmt.Sprintf("/staff/duties in %s: drill of %s, %d tables, %d rows, %d audit events compared", lang, s.GoodDrill.Name, s.GoodDrill.Tables, s.GoodDrill.Rows, s.GoodDrill.Chained))
	}

	// A target outside of the mainland, or one whose place nobody can know.
	for _, bad := range [][]string{{"--backup-site", "US"}, {"--backup-site", "CN-HK"}, {"--backup", "s3://bucket.example/yumen"}, {"--replica", "sftp://backup.example/yumen"}} {
		_, _, err := parse("yumen serve", append(bad, "--data", filepath.Join(t.TempDir(), "data")), func(string) (string, bool) { return "", false }, &bytes.Buffer{})
		if backups.KindOf(err) != backups.Offshore {
			t.Errorf("%v: %v", bad, err)
		}
		duty.ProveRefusal(t, "M-26", fmt.Sprintf("serve %s refused: %s", strings.Join(bad, " "), backups.KindOf(err)))
	}
}

func TestM26_AFailedBackupAndAnOldOneStandOnTheDesk(t *testing.T) {
	o := raiseWith(t, kept)
	// The place of backups is none: its name is that of a file.
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	r := o.backups
	r.Dir, r.Log = filepath.Join(file, "backups"), slog.New(slog.DiscardHandler)
	if run, err := r.Make(context.Background(), "test"); err == nil || run.Good() {
		t.Fatalf("a backup into nowhere: %+v", run)
	}
	s := o.evidence("a failed backup on record", func(s backups.State) bool { return s.Backup.ID != 0 && !s.Backup.Good() })
	for _, mail := range []string{"compliance@example.cn", "admin@example.cn"} {
		staff := o.signedIn(mail)
		staff.visit("/staff/desk?lang=zh").must("最近一次备份失败")
		staff.visit("/staff/desk?lang=en").must("The last backup failed")
	}
	duty.Prove(t, "M-26", fmt.Sprintf("a backup that failed (%s) stands on the desk of compliance and of administrators", s.Backup.Fault))

	// A good one takes the task away.
	if _, err := o.backups.Make(context.Background(), "test"); err != nil {
		t.Fatal(err)
	}
	if staff := o.signedIn("compliance@example.cn").visit("/staff/desk?lang=en"); len(staff.lacks("The last backup failed")) == 0 {
		t.Error("the task is still there after a good backup")
	}

	// Without a place for backups the set interval passes: an alarm.
	off := raise(t)
	off.advance(3)
	late := off.evidence("the alarm", func(s backups.State) bool { return s.Overdue })
	staff := off.signedIn("compliance@example.cn")
	for deadline := time.Now().Add(2 * time.Minute); len(staff.visit("/staff/desk?lang=en").lacks("No place for backups is set")) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no task calls for a backup")
		}
	}
	duty.Prove(t, "M-26", fmt.Sprintf("no backup within the set interval (overdue: %v): a task calls for one", late.Overdue))
}
