// Package notices keeps what we owe people in writing.
//
// A flow calls Owe in its own transaction: a dated row with a message id and
// its arguments, never text, and a job that sends it. Sender.Send turns the
// row into a letter in the person's language and hands it to the mail server;
// the server's answer and the time stay in the row as proof. A notice is a row
// before it is a mail, so a mail server that is down loses nothing.
//
// Secret arguments (codes) are sealed, erased once delivered or given up, and
// never shown or exported.
//
// Jobs: notices.send (key: the notice's id).
//
// Exported fields (yumen export notices), one JSON object a line, oldest
// first: id, house, account, person, channel, to (masked), lang, message,
// args, ref, state, owed_at, sent_at, proof, attempts.
package notices

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/seal"
)

// State is where a notice stands.
//
//	Waiting (we send) -> Sent (nobody) | Failed (staff: another channel)
type State string

// The states.
const (
	Waiting State = "owed"
	Sent    State = "sent"
	Failed  State = "failed" // the mail server refused it for good
)

// SendJob is the kind of the job that sends a notice.
const SendJob = "notices.send"

// Owed is what a flow tells of a notice.
type Owed struct {
	House   int64
	Account int64             // 0 when it goes to somebody without an account
	Person  int64             // 0 when it is the account's, not one person's
	To      string            // mail address
	Lang    string            // "zh" or "en"
	Message string            // message id without "mail." and ".subject": "orders.registered"
	Args    map[string]string // placeholders of subject and body; no secrets, no document numbers
	Secret  map[string]string // placeholders that must not be kept: codes
	Ref     string            // what it is about, as people know it
}

// Notice is an owed piece of writing.
type Notice struct {
	ID       int64     `db:"id"`
	House    int64     `db:"house"`
	Account  int64     `db:"account"`
	Person   int64     `db:"person"`
	Channel  string    `db:"channel"`
	To       string    `db:"to_address"`
	Lang     string    `db:"lang"`
	Message  string    `db:"message"`
	ArgsJSON string    `db:"args"`
	Sealed   string    `db:"secret"` // empty when there never was one, or once it is erased
	Ref      string    `db:"ref"`
	State    State     `db:"state"`
	OwedAt   time.Time `db:"owed_at"`
	SentAt   time.Time `db:"sent_at"`
	Proof    string    `db:"proof"` // the mail server's answer
	Attempts int64     `db:"attempts"`
	LastErr  string    `db:"last_error"`
}

// Args are the arguments of the message; a secret stands in for as "••••".
func (n Notice) Args() map[string]string {
	m := map[string]string{}
	_ = json.Unmarshal([]byte(n.ArgsJSON), &m) // written by Owe
	return m
}

// Hidden is what stands in place of a secret argument.
const Hidden = "••••"

const secretPurpose = "notices.secret"

// Owe records that a person is owed a message and queues its sending, in the
// transaction of the cause. It returns the notice's id.
func Owe(tx *db.Tx, o Owed) (int64, error) {
	if o.To == "" || o.Message == "" || o.House == 0 {
		return 0, fmt.Errorf("notices: %q of house %d owes an address and a message", o.Message, o.House)
	}
	if o.Lang != "en" {
		o.Lang = "zh"
	}
	n := Notice{
		ID: tx.NewID(), House: o.House, Account: o.Account, Person: o.Person, Channel: "mail", To: o.To, Lang: o.Lang,
		Message: o.Message, Ref: o.Ref, State: Waiting, OwedAt: tx.Now,
	}
	shown := map[string]string{}
	for k, v := range o.Args {
		shown[k] = v
	}
	for k := range o.Secret {
		shown[k] = Hidden // what a page shows, and what is left after delivery
	}
	args, err := json.Marshal(shown)
	if err != nil {
		return 0, fmt.Errorf("notices: %s: %w", o.Message, err)
	}
	n.ArgsJSON = string(args)
	if len(o.Secret) > 0 {
		plain, err := json.Marshal(o.Secret)
		if err != nil {
			return 0, fmt.Errorf("notices: %s: %w", o.Message, err)
		}
		if n.Sealed, err = seal.From(tx).Seal(secretPurpose, plain, strconv.FormatInt(n.ID, 10)); err != nil {
			return 0, fmt.Errorf("notices: %s: %w", o.Message, err)
		}
	}
	if err := insert(tx, n); err != nil {
		return 0, fmt.Errorf("notices: owe %s: %w", o.Message, err)
	}
	return n.ID, jobs.Enqueue(tx, SendJob, strconv.FormatInt(n.ID, 10), nil, time.Time{})
}
