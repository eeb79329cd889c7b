// Package complaints takes in what people complain about and keeps its state:
// anyone may file one, without an account, and gets a receipt number and a
// separate secret code; the page with its state opens only with both.
//
// File opens a task on the desk with a due time; Accept is the first reply,
// Answer the answer, Close the end. Each step is told to the complainant and
// recorded. Complaints about personal data and obstructed transfers go to
// compliance, not to the team complained about.
//
// Facts: none; desk and notices carry what follows.
package complaints

import (
	"slices"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
)

// Kind is what a complaint is about.
type Kind string

// The kinds (Order 43 Art. 35, 37 and 38; .招聘 rules Art. 27).
const (
	Service             Kind = "service"
	Billing             Kind = "billing"
	IdentityMisuse      Kind = "identity_misuse"
	FalseData           Kind = "false_data"
	ProhibitedContent   Kind = "prohibited_content"
	Fraud               Kind = "fraud"
	MaliciousPointing   Kind = "malicious_pointing"
	AgentConduct        Kind = "agent_conduct"
	TradeMark           Kind = "trade_mark"
	TransferObstruction Kind = "transfer_obstruction"
	PersonalData        Kind = "personal_data"
)

// Kinds lists them in the order of the form.
func Kinds() []Kind {
	return []Kind{Fraud, ProhibitedContent, MaliciousPointing, FalseData, IdentityMisuse, PersonalData, TransferObstruction,
		TradeMark, AgentConduct, Billing, Service}
}

// Known reports whether there is such a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// Urgent kinds are answered within hours: people are being harmed meanwhile.
func (k Kind) Urgent() bool { return k == Fraud || k == ProhibitedContent || k == MaliciousPointing }

// NeedsName reports whether the complaint must say which name it is about.
func (k Kind) NeedsName() bool {
	switch k {
	case Service, Billing, AgentConduct, PersonalData:
		return false
	}
	return true
}

// Right is what a member of staff needs to see and answer complaints of this
// kind.
func (k Kind) Right() actor.Right {
	if k == PersonalData || k == TransferObstruction {
		return actor.SeeGraveComplaints
	}
	return actor.SeeComplaints
}

// State is where a complaint stands.
//
//	Received (we reply first) -> Accepted (we answer) -> Answered (complainant may disagree) -> Closed
//	Received -> NotOurs: somebody else is competent, and the complainant was told who
type State string

// The states.
const (
	Received State = "received"
	Accepted State = "accepted"
	NotOurs  State = "not_ours"
	Answered State = "answered"
	Closed   State = "closed"
)

// The clauses by which answers are due, as calendar's values begin with them:
// pages say them in both languages.
const (
	ClauseAnswer = "Order 43 art. 35; telecom user complaint rules"
	ClauseUrgent = "practice; fraud, prohibited content, malicious pointing (Order 43 art. 37)"
)

// Complaint is one complaint with what happened to it.
type Complaint struct {
	ID         int64     `db:"id"`
	House      int64     `db:"house"`
	Receipt    string    `db:"receipt"`
	CodeHash   string    `db:"code_hash"`
	Kind       Kind      `db:"kind"`
	State      State     `db:"state"`
	Lang       string    `db:"lang"`
	Account    int64     `db:"account"`
	Person     int64     `db:"person"`
	Name       string    `db:"name"`
	Mail       string    `db:"mail"`
	Phone      string    `db:"phone"`
	About      string    `db:"about"`
	URL        string    `db:"url"`
	Text       string    `db:"text"`
	Filed      time.Time `db:"filed_at"`
	ReplyBy    time.Time `db:"reply_by"`
	AnswerBy   time.Time `db:"answer_by"`
	AnswerRule string    `db:"answer_rule"`
	Replied    time.Time `db:"replied_at"`
	Answered   time.Time `db:"answered_at"`
	Closed     time.Time `db:"closed_at"`

	Events []Event `db:"-"`
}

// Event is a step of a complaint.
type Event struct {
	ID       int64     `db:"id"`
	At       time.Time `db:"at"`
	From     State     `db:"from_state"`
	State    State     `db:"state"`
	Person   int64     `db:"person"`   // of the staff; 0 for the complainant
	Internal bool      `db:"internal"` // for the staff alone
	Text     string    `db:"text"`
}

// Late reports whether the answer is overdue.
func (c Complaint) Late(now time.Time) bool {
	switch c.State {
	case Received, Accepted:
		return !now.Before(c.AnswerBy) || c.State == Received && !now.Before(c.ReplyBy)
	}
	return false
}

func withEvents(tx *db.Tx, c Complaint, internal bool) (Complaint, error) {
	var err error
	c.Events, err = selectEvents(tx, c.House, c.ID, internal)
	return c, err
}
