// Package audit keeps who did what, when and why. Rows are only ever added.
//
// A flow calls Record in its own transaction; the row is not yet numbered, so
// writers never queue on a chain. Sequence, run by the schedule, numbers the
// rows, chains each to the one before by SHA-256 and signs the end of every
// batch (Ed25519, key in the key folder). Verify reads the whole chain again.
//
// Details name things by reference and never hold a document number, a name of
// a holder, an address or a code.
//
// Exported fields (yumen export audit), one JSON object a line, in the order
// of the chain: seq, id, at (RFC 3339 UTC), house, act, object, ref, account,
// person, name, ip, session, reason, details, prev, hash. Events that the
// sequencer has not numbered yet come last, with seq 0 and no hash. hash is the
// SHA-256, in hex, of these fields one after the other, each written as its
// length in bytes, ":", itself, ",": prev, seq, id, house, at in milliseconds
// since 1970, act, object, ref, account, person, name, ip, session, reason,
// details as exported.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
)

// Entry is what a flow tells of an act.
type Entry struct {
	Act     string            // area.verb in the past: orders.placed
	Object  string            // what kind of thing it was done to: order, profile, permit
	Ref     string            // which one, as people know it
	House   int64             // the house of the thing; 0: the actor's own
	Account int64             // the account of the thing; 0: the actor's own
	Reason  string            // why; empty: the actor's Why
	Details map[string]string // what else explains it; no personal data
}

// Event is a recorded act.
type Event struct {
	ID      int64     `db:"id"`
	Seq     int64     `db:"seq"` // 0 until the sequencer came by
	House   int64     `db:"house"`
	At      time.Time `db:"at"`
	Act     string    `db:"act"`
	Object  string    `db:"object"`
	Ref     string    `db:"ref"`
	Account int64     `db:"account"` // whose thing it was
	Person  int64     `db:"person"`  // who did it; 0 for the system and visitors
	Name    string    `db:"name"`    // how the actor is called: masked mail, or system:part
	IP      string    `db:"ip"`
	Session int64     `db:"session"`
	Reason  string    `db:"reason"`
	Details string    `db:"details"` // JSON object of strings
	Prev    string    `db:"prev"`
	Hash    string    `db:"hash"`
}

// Detail is one detail of an event, or empty.
func (e Event) Detail(key string) string {
	var m map[string]string
	if json.Unmarshal([]byte(e.Details), &m) != nil {
		return ""
	}
	return m[key]
}

// Record writes an act in the transaction that does it: they stand or fall
// together.
func Record(tx *db.Tx, who actor.Actor, e Entry) error {
	if e.Act == "" || e.Object == "" {
		return fmt.Errorf("audit: an entry needs act and object: %+v", e)
	}
	details := []byte("{}")
	if len(e.Details) > 0 {
		var err error
		if details, err = json.Marshal(e.Details); err != nil { // keys come out sorted
			return fmt.Errorf("audit %s: %w", e.Act, err)
		}
	}
	ev := Event{
		ID: tx.NewID(), House: e.House, At: tx.Now, Act: e.Act, Object: e.Object, Ref: e.Ref, Account: e.Account,
		Person: who.Person, Name: who.Name, IP: who.IP, Session: who.Session, Reason: e.Reason, Details: string(details),
	}
	if ev.House == 0 {
		ev.House = who.House
	}
	if ev.Account == 0 {
		ev.Account = who.Account
	}
	if ev.Reason == "" {
		ev.Reason = who.Why
	}
	if err := insert(tx, ev); err != nil {
		return fmt.Errorf("audit %s: %w", e.Act, err)
	}
	return nil
}

// Since is when this installation's record begins; zero when it is empty.
func Since(tx *db.Tx) (time.Time, error) { return first(tx) }

// link is the hash of an event that follows prev. Every field is counted by
// its length, so that no two events have the same text.
func link(prev string, e Event) string {
	h := sha256.New()
	for _, f := range []string{
		prev, strconv.FormatInt(e.Seq, 10), strconv.FormatInt(e.ID, 10), strconv.FormatInt(e.House, 10),
		strconv.FormatInt(db.Millis(e.At), 10), e.Act, e.Object, e.Ref, strconv.FormatInt(e.Account, 10),
		strconv.FormatInt(e.Person, 10), e.Name, e.IP, strconv.FormatInt(e.Session, 10), e.Reason, e.Details,
	} {
		fmt.Fprintf(h, "%d:%s,", len(f), f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// statement is what is signed at the end of a batch.
func statement(b batch) []byte {
	return []byte(strings.Join([]string{"yumen audit", strconv.FormatInt(b.First, 10), strconv.FormatInt(b.Last, 10), b.Hash}, " "))
}
