package notices

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// List shows a person the notices owed to their account, newest first; before
// is the last id of the page before, 0 for the first page.
func List(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Notice, error) {
	if !who.SignedIn() || who.Account == 0 {
		return nil, problem.New(problem.SignIn, "problem.sign_in")
	}
	return listAccount(tx, who.House, who.Account, before, limit)
}

// Find shows a person one notice of theirs.
func Find(tx *db.Tx, who actor.Actor, id int64) (Notice, error) {
	n, err := find(tx, id)
	if err != nil {
		return Notice{}, err
	}
	if n.House != who.House || n.Account == 0 || n.Account != who.Account {
		return Notice{}, errGone
	}
	return n, nil
}

// About gives the notices that concern one thing, oldest first, without asking
// who may see them: for flows and pages that already have the thing.
func About(tx *db.Tx, house int64, ref string, limit int) ([]Notice, error) {
	return listRef(tx, house, ref, limit)
}

// Export writes all notices as JSON lines, oldest first, without secrets and
// with masked addresses; the package comment names the fields.
func Export(ctx context.Context, d *db.DB, w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for after := int64(0); ; {
		var slice []Notice
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			slice, err = listAll(tx, after, 500)
			return err
		}); err != nil {
			return fmt.Errorf("notices: export: %w", err)
		}
		if len(slice) == 0 {
			return nil
		}
		for _, n := range slice {
			l := line{
				ID: n.ID, House: n.House, Account: n.Account, Person: n.Person, Channel: n.Channel, To: Mask(n.To), Lang: n.Lang,
				Message: n.Message, Args: n.Args(), Ref: n.Ref, State: n.State, OwedAt: n.OwedAt.Format(time.RFC3339Nano),
				Proof: n.Proof, Attempts: n.Attempts,
			}
			if !n.SentAt.IsZero() {
				l.SentAt = n.SentAt.Format(time.RFC3339Nano)
			}
			if err := out.Encode(l); err != nil {
				return fmt.Errorf("notices: export: %w", err)
			}
			after = n.ID
		}
	}
}

type line struct {
	ID       int64             `json:"id"`
	House    int64             `json:"house"`
	Account  int64             `json:"account"`
	Person   int64             `json:"person"`
	Channel  string            `json:"channel"`
	To       string            `json:"to"`
	Lang     string            `json:"lang"`
	Message  string            `json:"message"`
	Args     map[string]string `json:"args"`
	Ref      string            `json:"ref"`
	State    State             `json:"state"`
	OwedAt   string            `json:"owed_at"`
	SentAt   string            `json:"sent_at"`
	Proof    string            `json:"proof"`
	Attempts int64             `json:"attempts"`
}

// Mask shortens a mail address so that it can be recognised and not used:
// l***@example.cn.
func Mask(address string) string {
	name, domain, ok := strings.Cut(address, "@")
	if !ok || name == "" {
		return "***"
	}
	return string([]rune(name)[:1]) + "***@" + domain
}
