package db

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// Trouble is what keeps a database, or a folder of files, from being written:
// a fault of the machine below us, not of the request.
type Trouble string

// The troubles. After Full and ReadOnly it is certain that nothing was kept;
// after the others a commit may have been kept although it failed.
const (
	Full     Trouble = "full"      // no room: disk, quota or tablespace
	ReadOnly Trouble = "read_only" // a read-only mount, query_only, a standby server
	IO       Trouble = "io"        // a read, write or flush that the disk did not do
	Corrupt  Trouble = "corrupt"   // the file is damaged; nothing is written until a person looked
	Away     Trouble = "away"      // the database server does not answer
)

// TroubleOf is the trouble behind an error of either engine or of a file, and
// empty for every other error.
func TroubleOf(err error) Trouble {
	if err == nil {
		return ""
	}
	var f *fault
	if errors.As(err, &f) {
		return f.trouble
	}
	if t := engineTrouble(err); t != "" {
		return t
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return Full
	case errors.Is(err, syscall.EROFS):
		return ReadOnly
	case errors.Is(err, syscall.EIO):
		return IO
	}
	return ""
}

// sqliteTrouble reads a result code (sqlite.org/rescode.html); its low byte is
// the class.
func sqliteTrouble(code int) Trouble {
	switch code & 0xff {
	case 13: // SQLITE_FULL
		return Full
	case 8: // SQLITE_READONLY
		return ReadOnly
	case 10, 14: // SQLITE_IOERR, SQLITE_CANTOPEN
		return IO
	case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
		return Corrupt
	}
	return ""
}

// postgresTrouble reads an SQLSTATE (PostgreSQL manual, appendix A).
func postgresTrouble(state string) Trouble {
	switch {
	case state == "53100": // disk_full
		return Full
	case state == "25006": // read_only_sql_transaction
		return ReadOnly
	case state == "XX001", state == "XX002": // data_corrupted, index_corrupted
		return Corrupt
	case strings.HasPrefix(state, "58"): // system_error, io_error
		return IO
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "57P"): // connection, shutdown, starting up
		return Away
	}
	return ""
}

// fault is an engine's error with its trouble, made where the engine answered:
// further up a lost connection could be anybody's.
type fault struct {
	trouble Trouble
	refused bool // not tried, because writing is paused
	err     error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// judge marks what the engine answered. Other errors pass as they are.
func (d *DB) judge(err error) error {
	if err == nil {
		return nil
	}
	var f *fault
	if errors.As(err, &f) {
		return err
	}
	t := engineTrouble(err)
	// A caller who went away broke their own connection, not the server's.
	gone := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if t == "" && d.Engine == Postgres && !gone && lost(err) {
		t = Away
	}
	if t == "" {
		return err
	}
	return &fault{trouble: t, err: err}
}

func engineTrouble(err error) Trouble {
	var s *sqlite.Error
	if errors.As(err, &s) {
		return sqliteTrouble(s.Code())
	}
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return postgresTrouble(p.Code)
	}
	return ""
}

// lost reports a connection to the server that was refused or broke.
func lost(err error) bool {
	var c *pgconn.ConnectError
	var o *net.OpError
	return errors.As(err, &c) || errors.As(err, &o) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// Refused reports whether err says that a Write was not even tried, because
// writing is paused. The pause itself was told to whoever watches (Watch).
func Refused(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.refused
}
