package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/seal"
)

// databases are those that can be paused apart from each other.
func (p *portal) databases() map[string]*db.DB {
	out := map[string]*db.DB{"main": p.db}
	if p.web != p.db {
		out["web"] = p.web
	}
	return out
}

// watchDisk logs the beginning and the end of each pause of writing, once.
func (p *portal) watchDisk() {
	for name, d := range p.databases() {
		var since time.Time // the watcher is never called twice at once
		d.Watch(func(h db.Health) {
			if h.Trouble == "" {
				p.log.Info("database: writing goes on", "database", name, "paused", time.Since(since).Round(time.Millisecond))
				return
			}
			since = h.Since
			p.log.Error("database: nothing can be written, pages can be read", "database", name, "trouble", string(h.Trouble), "cause", h.Cause, "hint", hintFor(h.Trouble))
		})
	}
}

// hintFor says what the operator does about a trouble.
func hintFor(t db.Trouble) string {
	switch t {
	case db.Full:
		return "make room on the disk of the data folder; it goes on by itself"
	case db.ReadOnly:
		return "make the data folder's file system (or the database server) writable; it goes on by itself"
	case db.IO:
		return "look into the kernel's log (dmesg) and check the disk; it goes on by itself when writes succeed again"
	case db.Corrupt:
		return "keep the file, restore the newest backup into an empty folder, then run `yumen verify`"
	case db.Away:
		return "start the database server, or correct --database; it goes on by itself"
	}
	return ""
}

// Exit codes, so that a service manager can tell what a restart may cure.
// Backups have those from 10 to 19; what is the same there has the same number.
const (
	exitFailed   = 1  // anything else
	exitKeys     = 10 // key files missing or incomplete
	exitFull     = 15 // no room for the data
	exitReadOnly = 20 // the data cannot be written
	exitIO       = 21 // the disk fails
	exitCorrupt  = 22 // the database is damaged
	exitAway     = 23 // the database server does not answer
	exitRefused  = 30 // yumen admin: what was asked cannot be done; nothing was changed
)

// verdict is the exit code for an error and a line of advice, which is empty
// where the error has one already.
func verdict(err error) (code int, hint string) {
	trouble := db.TroubleOf(err)
	var own interface{ ExitCode() int }
	switch {
	case errors.As(err, &own):
		return own.ExitCode(), ""
	case errors.Is(err, seal.ErrNoKeys), errors.Is(err, seal.ErrIncomplete):
		return exitKeys, ""
	case trouble == db.Full:
		code = exitFull
	case trouble == db.ReadOnly:
		code = exitReadOnly
	case trouble == db.IO:
		code = exitIO
	case trouble == db.Corrupt:
		code = exitCorrupt
	case trouble == db.Away:
		code = exitAway
	case errors.Is(err, fs.ErrPermission):
		return exitReadOnly, "give the folder to the user that runs yumen"
	default:
		return exitFailed, ""
	}
	hint = hintFor(trouble)
	if strings.Contains(err.Error(), "hint: ") {
		hint = ""
	}
	return code, strings.TrimSuffix(hint, "; it goes on by itself")
}

// writable makes sure before anything starts that the data folder takes a file
// of some size: what SQLite says of a read-only or full folder is riddles.
func writable(c *config) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	return db.Room(filepath.Join(c.Data, "start"))
}

// openWeb opens the file of web sessions. A damaged one is set aside: everybody
// signs in again, which is better than nobody.
func (p *portal) openWeb(ctx context.Context, path string) (*db.DB, error) {
	d, err := db.Open(ctx, "sqlite:"+path, time.Now)
	if err == nil {
		var bad []string
		if bad, err = d.Check(ctx); len(bad) == 0 && err == nil {
			return d, nil
		}
		err = errors.Join(err, d.Close())
	}
	if err != nil && db.TroubleOf(err) != db.Corrupt {
		return nil, err
	}
	p.log.Warn("web.db is damaged and was set aside; everybody signs in again", "kept", path+".damaged", "err", err)
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+end, path+end+".damaged"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return db.Open(ctx, "sqlite:"+path, time.Now)
}
