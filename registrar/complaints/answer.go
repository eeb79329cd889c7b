package complaints

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/desk"
	"yumen/registrar/notices"
	"yumen/registrar/problem"
)

// List shows the staff the complaints they oversee, the newest first, as far as
// their rights go. before is the last id seen, 0 to begin.
func List(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Complaint, error) {
	if !who.May(actor.SeeComplaints) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	if before == 0 {
		before = 1<<63 - 1
	}
	var rows []Complaint
	var err error
	if who.House == actor.RootHouse {
		rows, err = selectNewestAnywhere(tx, before, limit)
	} else {
		rows, err = selectNewest(tx, who.House, before, limit)
	}
	if err != nil {
		return nil, err
	}
	kept := rows[:0]
	for _, c := range rows {
		if who.May(c.Kind.Right()) {
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// Find shows the staff one complaint with everything written about it.
func Find(tx *db.Tx, who actor.Actor, receipt string) (Complaint, error) {
	c, err := selectByReceiptAnywhere(tx, db.FoldRef(receipt))
	if errors.Is(err, db.ErrNotFound) || err == nil && !(who.May(c.Kind.Right()) && who.Oversees(c.House)) {
		return Complaint{}, problem.New(problem.NotFound, "problem.not_found")
	}
	if err != nil {
		return Complaint{}, err
	}
	return withEvents(tx, c, true)
}

// Accept is the first reply: the complaint is ours and will be answered.
func Accept(ctx context.Context, d *db.DB, who actor.Actor, receipt, text string) error {
	return move(ctx, d, who, receipt, text, Accepted, Received)
}

// Disclaim says that somebody else is competent, and who.
func Disclaim(ctx context.Context, d *db.DB, who actor.Actor, receipt, text string) error {
	return move(ctx, d, who, receipt, text, NotOurs, Received, Accepted)
}

// Answer gives the complainant the answer. It may be the first reply too.
func Answer(ctx context.Context, d *db.DB, who actor.Actor, receipt, text string) error {
	return move(ctx, d, who, receipt, text, Answered, Received, Accepted)
}

// Close ends an answered complaint.
func Close(ctx context.Context, d *db.DB, who actor.Actor, receipt, text string) error {
	return move(ctx, d, who, receipt, text, Closed, Answered, NotOurs)
}

// Note keeps a remark for the staff alone.
func Note(ctx context.Context, d *db.DB, who actor.Actor, receipt, text string) error {
	text, err := written(text)
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		c, err := Find(tx, who, receipt)
		if err != nil {
			return err
		}
		if !who.May(actor.AnswerComplaints) {
			return problem.New(problem.NotFound, "problem.not_found")
		}
		if err := insertEvent(tx, c.House, c.ID, Event{From: c.State, State: c.State, Person: who.Person, Internal: true, Text: text}); err != nil {
			return err
		}
		return record(tx, who, c, "complaints.noted")
	})
}

func move(ctx context.Context, d *db.DB, who actor.Actor, receipt, text string, to State, from ...State) error {
	text, err := written(text)
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		c, err := Find(tx, who, receipt)
		if err != nil {
			return err
		}
		if !who.May(actor.AnswerComplaints) {
			return problem.New(problem.NotFound, "problem.not_found")
		}
		if !slices.Contains(from, c.State) {
			return problem.New(problem.Conflict, "complaints.moved_meanwhile")
		}
		if err := setState(tx, c, to); err != nil {
			return err
		}
		if err := insertEvent(tx, c.House, c.ID, Event{From: c.State, State: to, Person: who.Person, Text: text}); err != nil {
			return err
		}
		if err := task(tx, who, c, to); err != nil {
			return err
		}
		if c.Mail != "" {
			// The text itself is read on the page, which wants receipt and code.
			if _, err := notices.Owe(tx, notices.Owed{House: c.House, Account: c.Account, Person: c.Person, To: c.Mail, Lang: c.Lang,
				Message: "complaints." + string(to), Args: map[string]string{"Receipt": c.Receipt}, Ref: c.Receipt}); err != nil {
				return err
			}
		}
		return record(tx, who, c, "complaints."+string(to))
	})
}

// task keeps the desk in step: after the first reply the work waits for the
// answer, with whoever replied; after the answer there is none.
func task(tx *db.Tx, who actor.Actor, c Complaint, to State) error {
	if err := desk.CloseFor(tx, who, TaskKind, c.Receipt, string(to)); err != nil || to != Accepted {
		return err
	}
	id, err := openTask(tx, c, c.AnswerBy)
	if err != nil || who.IsSystem() {
		return err
	}
	return desk.Claim(tx, who, id)
}

func written(text string) (string, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	var f problem.Form
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		f.Add("text", "complaints.answer_missing")
	case n > MaxText:
		f.Add("text", "complaints.too_long", "Max", MaxText, "Have", n)
	}
	return text, f.Err()
}

func record(tx *db.Tx, who actor.Actor, c Complaint, act string) error {
	return audit.Record(tx, who, audit.Entry{Act: act, Object: "complaint", Ref: c.Receipt, Account: c.Account, Reason: who.Why})
}
