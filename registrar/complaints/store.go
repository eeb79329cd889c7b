package complaints

import (
	"fmt"

	"yumen/db"
	"yumen/registrar/problem"
)

const columns = `id, house, receipt, code_hash, kind, state, lang, account, person, name, mail, phone, about, url, text, filed_at, reply_by, answer_by,
	answer_rule, replied_at, answered_at, closed_at`

func insert(tx *db.Tx, c Complaint) error {
	_, err := tx.Exec(`INSERT INTO complaints (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
		$18, $19, $20, $21, $22)`, c.ID, c.House, c.Receipt, c.CodeHash, string(c.Kind), string(c.State), c.Lang, c.Account, c.Person, c.Name, c.Mail, c.Phone,
		c.About, c.URL, c.Text, c.Filed, c.ReplyBy, c.AnswerBy, c.AnswerRule, c.Replied, c.Answered, c.Closed)
	return err
}

func selectByReceipt(tx *db.Tx, house int64, receipt string) (Complaint, error) {
	return db.Get[Complaint](tx, `SELECT `+columns+` FROM complaints WHERE receipt = $1 AND house = $2`, receipt, house)
}

// selectByReceiptAnywhere is for the registrar's own staff, who oversee every house.
func selectByReceiptAnywhere(tx *db.Tx, receipt string) (Complaint, error) {
	return db.Get[Complaint](tx, `SELECT `+columns+` FROM complaints WHERE receipt = $1`, receipt)
}

func selectNewest(tx *db.Tx, house, before int64, limit int) ([]Complaint, error) {
	return db.All[Complaint](tx, `SELECT `+columns+` FROM complaints WHERE house = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, house, before, limit)
}

func selectNewestAnywhere(tx *db.Tx, before int64, limit int) ([]Complaint, error) {
	return db.All[Complaint](tx, `SELECT `+columns+` FROM complaints WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

func insertEvent(tx *db.Tx, house, complaint int64, e Event) error {
	_, err := tx.Exec(`INSERT INTO complaint_events (id, house, complaint, at, from_state, state, person, internal, text)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, tx.NewID(), house, complaint, tx.Now, string(e.From), string(e.State), e.Person, e.Internal, e.Text)
	return err
}

func selectEvents(tx *db.Tx, house, complaint int64, internal bool) ([]Event, error) {
	return db.All[Event](tx, `SELECT id, at, from_state, state, person, internal, text FROM complaint_events
		WHERE complaint = $1 AND house = $2 AND (NOT internal OR $3) ORDER BY id LIMIT 500`, complaint, house, internal)
}

// setState moves a complaint on, if it still stands where the caller saw it.
func setState(tx *db.Tx, c Complaint, to State) error {
	mark := map[State]string{Accepted: "replied_at", NotOurs: "answered_at", Answered: "answered_at", Closed: "closed_at"}[to]
	if mark == "" {
		return fmt.Errorf("complaints: nothing moves to %s", to)
	}
	n, err := tx.Exec(`UPDATE complaints SET state = $4, `+mark+` = $5 WHERE id = $1 AND house = $2 AND state = $3`, c.ID, c.House, string(c.State), string(to), tx.Now)
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "complaints.moved_meanwhile")
	}
	return err
}
