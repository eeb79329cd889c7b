package registries

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"yumen/db"
)

// Attempt states: Sent (the registry answers) -> Answered | InDoubt -> Settled.
// An answered attempt is settled in the transaction that draws the
// consequences; one in doubt after info has decided.
const (
	Sent     = "sent"
	Answered = "answered"
	InDoubt  = "unknown"
	Settled  = "settled"
)

// Operations that attempts are made for.
const (
	DomainCreate  = "domain.create"
	ContactCreate = "contact.create"
)

// Attempt is one command that changes something, written before it is sent.
type Attempt struct {
	ID         int64     `db:"id"`
	House      int64     `db:"house"`
	Registry   string    `db:"registry"`
	Operation  string    `db:"operation"`
	Object     string    `db:"object"`
	LockGroup  string    `db:"lock_group"`
	LockIndex  string    `db:"lock_index"`
	Subject    string    `db:"subject"`
	Try        int64     `db:"try"`
	ClTRID     string    `db:"cl_trid"`
	SvTRID     string    `db:"sv_trid"`
	Hash       string    `db:"command_hash"`
	State      string    `db:"state"`
	Outcome    Outcome   `db:"outcome"`
	Code       int64     `db:"code"`
	Words      string    `db:"words"`
	ResultJSON string    `db:"result"`
	SentAt     time.Time `db:"sent_at"`
	AnsweredAt time.Time `db:"answered_at"`
	SettledAt  time.Time `db:"settled_at"`
	Asks       int64     `db:"asks"`
	AskAt      time.Time `db:"ask_at"`
}

// Result is what the answer told of the object.
func (a Attempt) Result() (r Result, err error) {
	if a.ResultJSON == "" {
		return r, nil
	}
	err = json.Unmarshal([]byte(a.ResultJSON), &r)
	return r, err
}

// Answer is what is known of the attempt so far, as it was answered.
func (a Attempt) Answer() (Answer, error) {
	r, err := a.Result()
	return Answer{Outcome: a.Outcome, Code: int(a.Code), SvTRID: a.SvTRID, Words: a.Words, Result: r}, err
}

// Intent is what an attempt is about to do.
type Intent struct {
	House     int64
	Registry  string
	Operation string
	Object    string // A-form of the name, or the contact's id
	LockGroup string // with LockIndex: no second attempt for the same while one is open
	LockIndex string
	Subject   string // what it is for; attempts are found again by it
	Hash      string // SHA-256 of the command without secrets, from HashCommand
}

// ErrInFlight says that another attempt for the same name or contact is not
// settled yet.
var ErrInFlight = errors.New("registries: another attempt for it is not settled")

// Begin writes the attempt as sent. After the commit the command is sent under
// its transaction id, once. ErrInFlight when somebody else's attempt for the
// same thing is open.
func Begin(tx *db.Tx, in Intent) (Attempt, error) {
	n, err := tries(tx, in.Subject, in.Operation)
	if err != nil {
		return Attempt{}, err
	}
	id := tx.NewID()
	a := Attempt{ID: id, House: in.House, Registry: in.Registry, Operation: in.Operation, Object: in.Object,
		LockGroup: in.LockGroup, LockIndex: in.LockIndex, Subject: in.Subject, Try: n + 1,
		// Time-ordered and new for each attempt: registries refuse a transaction
		// id they have seen, and it is no idempotency key.
		ClTRID: fmt.Sprintf("YM-%d-%d", id, n+1), Hash: in.Hash, State: Sent, SentAt: tx.Now}
	ok, err := insertAttempt(tx, a)
	if err != nil {
		return Attempt{}, err
	}
	if !ok {
		return Attempt{}, ErrInFlight
	}
	return a, nil
}

// Record keeps what came of a sent attempt: answered when the outcome is
// certain, unknown when it is not. false: it was decided by somebody else
// meanwhile, and this answer changes nothing.
func Record(tx *db.Tx, a Attempt, ans Answer, nextAsk time.Time) (bool, error) {
	state := Answered
	switch ans.Outcome {
	case Unknown, Ask:
		state = InDoubt
	default:
		nextAsk = time.Time{}
	}
	result, err := json.Marshal(ans.Result)
	if err != nil {
		return false, err
	}
	return answer(tx, a.ID, state, ans, string(result), nextAsk)
}

// AskedInVain notes that info gave no finding and when it is asked next.
func AskedInVain(tx *db.Tx, a Attempt, next time.Time) error { return asked(tx, a.ID, next) }

// Settle closes an attempt with what finally became of it, in the transaction
// that draws the consequences. false: it was settled before.
func Settle(tx *db.Tx, a Attempt, final Outcome) (bool, error) { return settle(tx, a.ID, final) }

// Open is the attempt for a subject that is not settled yet, if there is one.
func Open(tx *db.Tx, subject, operation string) (Attempt, bool, error) {
	a, err := openAttempt(tx, subject, operation)
	if errors.Is(err, db.ErrNotFound) {
		return Attempt{}, false, nil
	}
	return a, err == nil, err
}

// FirstSent is when the first attempt for a subject was sent; zero when none
// was.
func FirstSent(tx *db.Tx, subject, operation string) (time.Time, error) {
	t, err := firstSent(tx, subject, operation)
	if errors.Is(err, db.ErrNotFound) {
		return time.Time{}, nil
	}
	return t, err
}

// MayHaveActed reports whether one of the commands that were sent for a subject
// may have done what it asked for though nobody said so: it had no answer, or
// one that could not be read. A command that was refused has done nothing.
func MayHaveActed(tx *db.Tx, house int64, subject, operation string) (bool, error) {
	list, err := listInDoubt(tx, house, subject, operation)
	if err != nil {
		return false, err
	}
	for _, a := range list {
		switch a.Outcome {
		case "", Unknown, NotDone, Done, Pending:
			return true, nil
		case Ask:
			if a.Code < 2000 { // RFC 5730 section 3: 1xxx is a yes
				return true, nil
			}
		}
	}
	return false, nil
}

// DidNothing reports whether every command that was sent for a subject is
// certain to have done nothing: it reached nobody, or was refused.
func DidNothing(tx *db.Tx, house int64, subject, operation string) (bool, error) {
	list, err := listInDoubt(tx, house, subject, operation)
	return err == nil && len(list) == 0, err
}

// Attempts lists all attempts for a subject, oldest first: for staff.
func Attempts(tx *db.Tx, house int64, subject string) ([]Attempt, error) {
	return listAttempts(tx, house, subject)
}

// ByTransaction finds the attempt a registry speaks of by our transaction id.
func ByTransaction(tx *db.Tx, clTRID string) (Attempt, bool, error) {
	a, err := attemptByTRID(tx, clTRID)
	if errors.Is(err, db.ErrNotFound) {
		return Attempt{}, false, nil
	}
	return a, err == nil, err
}

// LastOf is the newest attempt for a subject, settled or not.
func LastOf(tx *db.Tx, subject, operation string) (Attempt, bool, error) {
	a, err := lastAttempt(tx, "subject", subject, operation)
	if errors.Is(err, db.ErrNotFound) {
		return Attempt{}, false, nil
	}
	return a, err == nil, err
}

// LastFor is the newest attempt about an object: a registry speaks of a
// contact by its id alone.
func LastFor(tx *db.Tx, operation, object string) (Attempt, bool, error) {
	a, err := lastAttempt(tx, "object", object, operation)
	if errors.Is(err, db.ErrNotFound) {
		return Attempt{}, false, nil
	}
	return a, err == nil, err
}
