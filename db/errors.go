package db

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// IsUnique reports whether err is a refused duplicate: the insert decided, and
// somebody else was first.
func IsUnique(err error) bool { return is(err, "23505", 1555, 2067) }

// IsCheck reports whether err is a refused CHECK or trigger.
func IsCheck(err error) bool { return is(err, "23514", 275, 1811) || is(err, "P0001") }

// IsBusy reports that another connection to the SQLite file holds the lock that
// was asked for.
func IsBusy(err error) bool {
	var s *sqlite.Error
	return errors.As(err, &s) && s.Code()&0xff == 5
}

func retryable(err error) bool {
	return is(err, "40001", 5, 517, 261) || is(err, "40P01") // SQLite: busy, busy_snapshot, busy_recovery
}

// undoes reports an SQLite error after which the engine may have undone the
// whole transaction by itself: no memory, interrupt, I/O, full, busy
// (sqlite.org/lang_transaction.html, section 2.3). Read-only is with them: what
// cannot be written must not go on as if it had been.
func undoes(err error) bool {
	var s *sqlite.Error
	if !errors.As(err, &s) {
		return false
	}
	switch s.Code() & 0xff {
	case 5, 7, 8, 9, 10, 11, 13:
		return true
	}
	return false
}

func is(err error, state string, codes ...int) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code == state
	}
	var s *sqlite.Error
	if errors.As(err, &s) {
		for _, c := range codes {
			if s.Code() == c {
				return true
			}
		}
	}
	return false
}
