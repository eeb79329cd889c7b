package registries

import (
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// Line is the state of the sessions to a registry, counted since this process
// began.
type Line struct {
	Sessions, Busy, Waiting    int
	Commands, Refused, Unknown int64
	Logins                     int64
	Oldest                     time.Duration // age of the oldest session
	Stopped                    string        // why the registry does not let us in; empty when it does
}

// liner is a supplier with sessions.
type liner interface{ Line() Line }

// Line tells how the sessions of the account are.
func (e *eppSupplier) Line() Line {
	h := e.pool.Health()
	l := Line{Sessions: h.Open, Busy: h.InUse, Waiting: h.Waiting, Commands: h.Commands, Refused: h.Refused, Unknown: h.Unknown, Logins: h.Logins, Oldest: h.Oldest}
	if h.Stopped != nil {
		l.Stopped = h.Stopped.Error()
	}
	return l
}

// BoardRow is one registry on the board.
type BoardRow struct {
	Health
	Line
}

// Board is what staff see of all registries.
type Board struct {
	Rows   []BoardRow
	Open   []Attempt // without a certain outcome, oldest first
	Parked []Message // nobody could apply, newest first
}

// Board shows staff how the registries are. It belongs to the installation, so
// that only the registrar's own people see it.
func (s *Set) Board(tx *db.Tx, who actor.Actor, limit int) (Board, error) {
	var b Board
	if !who.May(actor.SeeJobs) || who.House != actor.RootHouse {
		return b, problem.New(problem.NotFound, "problem.not_found")
	}
	health, err := s.Health(tx)
	if err != nil {
		return b, err
	}
	for _, h := range health {
		row := BoardRow{Health: h}
		if r, err := s.registry(h.Registry); err == nil {
			if l, ok := r.supplier.(liner); ok {
				row.Line = l.Line()
			}
		}
		b.Rows = append(b.Rows, row)
	}
	if b.Open, err = listOpenAttempts(tx, limit); err != nil {
		return b, err
	}
	b.Parked, err = Parked(tx, 0, limit)
	return b, err
}
