// Package actor says who is asking: person, house, rights and language, as a
// value that every flow takes as an argument. There is no current user hidden
// in a context.
package actor

import (
	"slices"
	"time"
)

// RootHouse is the registrar's own house. Its staff review, answer and pay for
// the customers of every house, because the duties are the registrar's.
const RootHouse int64 = 1

// Role is what a person was appointed to. A customer has none.
type Role string

// The roles that exist; a person may have several.
const (
	Reseller   Role = "reseller"   // runs a house of their own
	Reviewer   Role = "reviewer"   // reviews identity
	Support    Role = "support"    // sees the queues of complaints and questions, never identity papers
	Compliance Role = "compliance" // permits, duties, measures; may read papers with a reason
	Finance    Role = "finance"    // money: refunds by hand, payments that do not match
	Admin      Role = "admin"      // people and settings of the house
)

// Right is what a flow asks for; roles carry rights, code never asks for roles.
type Right string

// The rights, and in the table below who has them.
const (
	SeeDesk          Right = "desk.see"
	ReviewIdentity   Right = "identity.review"
	OpenDocuments    Right = "documents.open"
	SeeComplaints    Right = "complaints.see"
	AnswerComplaints Right = "complaints.answer"
	// SeeGraveComplaints: about personal data and obstructed transfers, which
	// the team complained about must not judge.
	SeeGraveComplaints Right = "complaints.see_grave"
	SeeDuties          Right = "duties.see"
	EditPermits        Right = "permits.edit"
	EditCampaigns      Right = "campaigns.edit" // to publish one with banned phrases takes ApproveSecond too
	SeeMoney           Right = "money.see"
	RefundByHand       Right = "money.refund"
	SeeJobs            Right = "jobs.see"
	ReviveJobs         Right = "jobs.revive"
	SeeOrders          Right = "orders.see_all"
	SeeAudit           Right = "audit.see"
	ApproveSecond      Right = "approvals.second"
	ManagePeople       Right = "people.manage"
	// BlockAbuse: keep networks and accounts out, and see which. Those who have
	// it read addresses in the audit already.
	BlockAbuse Right = "abuse.block"
)

var rights = map[Role][]Right{
	Reviewer:   {SeeDesk, ReviewIdentity, OpenDocuments},
	Support:    {SeeDesk, SeeComplaints, AnswerComplaints, SeeOrders},
	Compliance: {SeeDesk, SeeComplaints, AnswerComplaints, SeeGraveComplaints, SeeDuties, EditPermits, EditCampaigns, OpenDocuments, SeeAudit, ApproveSecond, SeeOrders, SeeJobs, BlockAbuse},
	Finance:    {SeeDesk, SeeMoney, RefundByHand, SeeOrders, EditCampaigns},
	Admin:      {SeeDesk, SeeDuties, SeeJobs, ReviveJobs, SeeAudit, ManagePeople, EditPermits, EditCampaigns, SeeOrders, BlockAbuse},
}

// Actor is who asks. The zero value may do nothing anywhere.
type Actor struct {
	House   int64  // the house whose host name the request came to
	Account int64  // the customer account; 0 for visitors and the system
	Person  int64  // the person signed in; 0 for visitors and the system
	Name    string // how audit rows call them: the masked mail address, or the system's part
	Roles   []Role
	Lang    string // "zh" or "en"
	IP      string // as seen through trusted proxies; empty for the system
	Session int64  // the sign-in session; 0 when there is none
	Visitor string // the opaque token of a visitor's cart; empty when there is none
	Browser string // the mark accounts gave a browser at an earlier sign-in; empty when there is none

	// SteppedUp is when the person last gave password or TOTP in this session.
	SteppedUp time.Time
	// Why is the reason the system or a member of staff acts for; it goes to
	// the audit.
	Why string

	system bool
}

// System is the program acting by itself in a house: a job, a schedule, a
// callback. part names it in the audit, why is the cause.
func System(house int64, part, why string) Actor {
	return Actor{House: house, Name: "system:" + part, Why: why, Lang: "zh", system: true}
}

// IsSystem reports whether the program acts by itself.
func (a Actor) IsSystem() bool { return a.system }

// SignedIn reports whether a person is known.
func (a Actor) SignedIn() bool { return a.Person != 0 }

// Staff reports whether the person has any right at the desk.
func (a Actor) Staff() bool { return a.May(SeeDesk) }

// Oversees reports whether the actor may look at work of a house: its own, or
// any house for the registrar's staff. It asks for no right; May does.
func (a Actor) Oversees(house int64) bool {
	return house != 0 && (a.House == house || (a.House == RootHouse && (a.system || a.Staff())))
}

// May reports whether the actor has a right. The system has all of them: what
// it may do is decided by which flow the wiring lets it run.
func (a Actor) May(r Right) bool {
	if a.system {
		return true
	}
	if a.Person == 0 {
		return false
	}
	for _, role := range a.Roles {
		if slices.Contains(rights[role], r) {
			return true
		}
	}
	return false
}

// Rights lists what the actor may do, without repetition: for queries that
// select what somebody may see.
func (a Actor) Rights() []Right {
	var out []Right
	for _, role := range a.Roles {
		for _, r := range rights[role] {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}
