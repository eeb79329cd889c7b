package registries

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/seal"
)

// Kinds of messages. Everything else is UnknownKind: it is acknowledged all
// the same, because it would block the queue, and parked for staff.
const (
	DomainResult  = "domain.result"    // what was pending on a name was decided
	ContactResult = "contact.result"   // a contact was approved or refused
	DomainChanged = "domain.changed"   // somebody else changed a name of ours
	Materials     = "domain.materials" // the registry asks for papers
	TransferNews  = "domain.transfer"
	Notice        = "notice" // words for people
	UnknownKind   = "unknown"
)

// Mail is a message as it lies in a registry account's queue.
type Mail struct {
	ID       string // the registry's
	QueuedAt time.Time
	Kind     string
	Object   string // A-form of a name, or a contact's id
	Digest   Digest
	Raw      []byte // as it came; may hold personal data
}

// Digest is what a message says, without data of people.
type Digest struct {
	OK     bool      `json:"ok,omitempty"`      // result of what was pending
	ClTRID string    `json:"cl_trid,omitempty"` // of our command that it speaks of
	SvTRID string    `json:"sv_trid,omitempty"`
	Date   time.Time `json:"date,omitzero"`
	Op     string    `json:"op,omitempty"` // what was changed, transfer status
	Who    string    `json:"who,omitempty"`
	Words  string    `json:"words,omitempty"` // the registry's, for people
	Items  []string  `json:"items,omitempty"` // what it asks for
}

// Message is a stored message.
type Message struct {
	ID         int64     `db:"id"`
	House      int64     `db:"house"`
	Account    string    `db:"account"`
	RegistryID string    `db:"message"`
	Kind       string    `db:"kind"`
	Object     string    `db:"object"`
	DigestJSON string    `db:"digest"`
	RawSealed  string    `db:"raw_sealed"`
	State      string    `db:"state"`
	QueuedAt   time.Time `db:"queued_at"`
	StoredAt   time.Time `db:"stored_at"`
	AppliedAt  time.Time `db:"applied_at"`
	Note       string    `db:"note"`
}

// Digest is what the message says.
func (m Message) Digest() (d Digest, err error) {
	if m.DigestJSON != "" {
		err = json.Unmarshal([]byte(m.DigestJSON), &d)
	}
	return d, err
}

// rootHouse keeps the registry accounts: messages belong to it.
const rootHouse = 1

// SealPurpose is the purpose raw messages are sealed under.
const SealPurpose = "registries.message"

// perRun bounds one run of Poll for an account, so that a flooded queue does
// not starve the others; the job comes back at once for the rest.
const perRun = 200

// Poll reads the messages of every registry account: store, commit,
// acknowledge, next. Applying them is the work of who follows the fact
// registries.message. One runs at a time; dying anywhere repeats at most an
// acknowledgement.
func (s *Set) Poll(ctx context.Context, d *db.DB) error {
	var all error
	for _, a := range s.allAccounts() {
		if err := s.pollAccount(ctx, d, a); err != nil {
			all = errors.Join(all, fmt.Errorf("poll %s: %w", a.key, err))
		}
	}
	return all
}

func (s *Set) pollAccount(ctx context.Context, d *db.DB, a *account) error {
	last := ""
	for range perRun {
		mail, err := a.desk.Next(ctx)
		if err != nil || mail == nil {
			return err
		}
		if mail.ID == last {
			return fmt.Errorf("message %s is still there after it was taken", mail.ID)
		}
		last = mail.ID
		if err := d.Write(ctx, func(tx *db.Tx) error { return store(tx, a.key, *mail) }); err != nil {
			return err
		}
		if err := a.desk.Take(ctx, mail.ID); err != nil {
			return err
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return acknowledged(tx, a.key, mail.ID) }); err != nil {
			return err
		}
	}
	return nil
}

func store(tx *db.Tx, account string, mail Mail) error {
	digest, err := json.Marshal(mail.Digest)
	if err != nil {
		return err
	}
	m := Message{ID: tx.NewID(), House: rootHouse, Account: account, RegistryID: mail.ID, Kind: mail.Kind, Object: mail.Object,
		DigestJSON: string(digest), QueuedAt: mail.QueuedAt}
	if keys := seal.From(tx); keys != nil {
		if m.RawSealed, err = keys.Seal(SealPurpose, mail.Raw, account+"/"+mail.ID); err != nil {
			return err
		}
	}
	fresh, err := insertMessage(tx, m)
	if err != nil || !fresh {
		return err
	}
	return jobs.Emit(tx, "registries.message", strconv.FormatInt(m.ID, 10), nil)
}

// FindMessage gives a stored message by our id.
func FindMessage(tx *db.Tx, id int64) (Message, error) { return messageByID(tx, id) }

// Applied marks a message as done, in the transaction that drew its
// consequences. false: it was closed before.
func Applied(tx *db.Tx, id int64) (bool, error) { return closeMessage(tx, id, "applied", "") }

// Park puts a message aside for staff, with the reason.
func Park(tx *db.Tx, id int64, why string) (bool, error) { return closeMessage(tx, id, "parked", why) }

// Parked lists messages nobody could apply, newest first.
func Parked(tx *db.Tx, before int64, limit int) ([]Message, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return parkedMessages(tx, before, limit)
}

// MessagesAbout lists what registries told of an object, newest first.
func MessagesAbout(tx *db.Tx, object string, before int64, limit int) ([]Message, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return messagesOf(tx, object, before, limit)
}
