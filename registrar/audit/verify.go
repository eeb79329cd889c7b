package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Report is what Verify found.
type Report struct {
	Checked int64  // events of the chain that were read
	Waiting bool   // some are recorded and not yet chained
	Broken  int64  // the first number that does not fit, 0 when all do
	Why     string // what does not fit there
}

// Whole reports whether the chain is unbroken.
func (r Report) Whole() bool { return r.Broken == 0 }

// Verify reads the chain from its beginning: every hash, every link, every
// signature. It reads in slices, so it may take as long as it needs.
func Verify(ctx context.Context, d *db.DB) (Report, error) {
	var r Report
	prev, seq, signedTo := "", int64(0), int64(0)
	keys := seal.Of(d)
	for {
		var slice []Event
		ends := map[int64]batch{}
		err := d.Read(ctx, func(tx *db.Tx) (err error) {
			if slice, err = findChain(tx, seq, batchSize); err != nil || len(slice) == 0 {
				return err
			}
			ends, err = findBatches(tx, slice[0].Seq, slice[len(slice)-1].Seq)
			return err
		})
		if err != nil {
			return r, fmt.Errorf("audit: verify: %w", err)
		}
		if len(slice) == 0 {
			break
		}
		for _, e := range slice {
			seq++
			switch {
			case e.Seq != seq:
				return broken(r, seq, "an event is missing"), nil
			case e.Prev != prev:
				return broken(r, seq, "it does not follow the one before"), nil
			case e.Hash != link(prev, e):
				return broken(r, seq, "it was altered"), nil
			}
			if b, ok := ends[seq]; ok {
				if b.Hash != e.Hash || b.First != signedTo+1 {
					return broken(r, seq, "its batch does not fit"), nil
				}
				if err := keys.Verify(b.KeyID, statement(b), b.Signature); err != nil {
					return broken(r, seq, err.Error()), nil
				}
				signedTo = seq
			}
			prev = e.Hash
			r.Checked++
		}
	}
	if signedTo != seq {
		return broken(r, signedTo+1, "nobody signed it"), nil
	}
	err := d.Read(ctx, func(tx *db.Tx) error {
		last, err := lastBatch(tx)
		if err == nil && last > seq { // the newest rows were cut off
			r = broken(r, seq+1, "an event is missing")
		}
		if err != nil {
			return err
		}
		w, err := findWaiting(tx, 1)
		r.Waiting = len(w) > 0
		return err
	})
	return r, err
}

func broken(r Report, at int64, why string) Report {
	r.Broken, r.Why = at, why
	return r
}

// Filter narrows a list; empty members do not.
type Filter struct {
	Object string // with Ref: everything done to one thing
	Ref    string
	Person int64 // everything one person did
	Before int64 // the last id of the page before; 0: newest
}

// List shows the audit to those who may read it, newest first: the houses the
// actor oversees, at most limit.
func List(tx *db.Tx, who actor.Actor, f Filter, limit int) ([]Event, error) {
	if !who.May(actor.SeeAudit) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	house := who.House
	if house == actor.RootHouse {
		house = 0 // the registrar's staff see all houses
	}
	return list(tx, house, f, limit)
}

// Own shows a person what was done by them or to their account, limited to
// acts that begin with prefix ("accounts." for the sign-in events), newest
// first.
func Own(tx *db.Tx, who actor.Actor, prefix string, before int64, limit int) ([]Event, error) {
	if !who.SignedIn() {
		return nil, problem.New(problem.SignIn, "problem.sign_in")
	}
	return listAccount(tx, who.House, who.Account, prefix, before, limit)
}

// Of gives the events of one thing, oldest first, without asking who may see
// them: for flows that show the history of something the actor already has.
func Of(tx *db.Tx, house int64, object, ref string, limit int) ([]Event, error) {
	return listObject(tx, house, object, ref, limit)
}

// Export writes the chained events as JSON lines, then those that wait for
// their number; the package comment names the fields.
func Export(ctx context.Context, d *db.DB, w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	write := func(list []Event) error {
		for _, e := range list {
			if err := out.Encode(line{
				Seq: e.Seq, ID: e.ID, At: e.At.Format(time.RFC3339Nano), House: e.House, Act: e.Act, Object: e.Object, Ref: e.Ref,
				Account: e.Account, Person: e.Person, Name: e.Name, IP: e.IP, Session: e.Session, Reason: e.Reason,
				Details: json.RawMessage(e.Details), Prev: e.Prev, Hash: e.Hash,
			}); err != nil {
				return fmt.Errorf("audit: export: %w", err)
			}
		}
		return nil
	}
	for seq, done := int64(0), false; !done; {
		var slice, waiting []Event
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			if slice, err = findChain(tx, seq, batchSize); err != nil || len(slice) > 0 {
				return err
			}
			// The end of the chain and what waits behind it are read as of one
			// instant: what is numbered in between would be in neither.
			waiting, err = waitingAll(tx)
			return err
		}); err != nil {
			return fmt.Errorf("audit: export: %w", err)
		}
		if err := write(slice); err != nil {
			return err
		}
		if done = len(slice) == 0; !done {
			seq = slice[len(slice)-1].Seq
			continue
		}
		if err := write(waiting); err != nil {
			return err
		}
	}
	return nil
}

// waitingAll are all events without a number: what some seconds bring.
func waitingAll(tx *db.Tx) (all []Event, err error) {
	for after := int64(0); ; {
		page, err := findWaitingAfter(tx, after, batchSize)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		after = page[len(page)-1].ID
	}
}

type line struct {
	Seq     int64           `json:"seq"`
	ID      int64           `json:"id"`
	At      string          `json:"at"`
	House   int64           `json:"house"`
	Act     string          `json:"act"`
	Object  string          `json:"object"`
	Ref     string          `json:"ref"`
	Account int64           `json:"account"`
	Person  int64           `json:"person"`
	Name    string          `json:"name"`
	IP      string          `json:"ip"`
	Session int64           `json:"session"`
	Reason  string          `json:"reason"`
	Details json.RawMessage `json:"details"`
	Prev    string          `json:"prev"`
	Hash    string          `json:"hash"`
}
