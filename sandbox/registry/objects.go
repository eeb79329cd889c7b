package registry

import (
	"slices"
	"time"

	"yumen/protocols/epp"
)

// States of a name. pending -> registered (or gone); registered -> redemption
// -> pendingDelete -> gone; redemption -> restoring -> registered.
const (
	statePending       = "pending"
	stateRegistered    = "registered"
	stateRedemption    = "redemption"
	stateRestoring     = "restoring"
	statePendingDelete = "pending_delete"
)

// Domain is a name as the registry keeps it.
type Domain struct {
	Name, ULabel, Ending, Index string
	ROID                        string
	State                       string
	Registrant                  string
	Contacts                    []epp.DomainContact
	Hosts                       []string
	DS                          []epp.DSData
	ClID, CrID, UpID            string
	CrDate                      time.Time
	UpDate, ExDate, TrDate      time.Time // zero: none
	AuthInfo                    string
	Statuses                    []string // all but ok and inactive
	Reasons                     map[string]string
	Graces                      []Grace
	Bundle                      []string
	CNNIC                       *epp.CNNICDomain
	Fee                         int64    // what the create cost
	Applied                     epp.TrID // the create's transaction ids

	// While a create is pending.
	Years       int
	MaterialsAt time.Time // zero: not yet

	// While serverHold waits for the registry's own check.
	HeldAt time.Time

	DeletedAt time.Time // when the registrar deleted it
	Until     time.Time // end of redemption, pending restore or pending delete
	Transfer  *Transfer // the last one asked for
}

// Grace is an RGP period during which an act can be undone for its price.
type Grace struct {
	Status string
	Until  time.Time
	Fee    int64
	Years  int
}

// Transfer is a request to change the registrar.
type Transfer struct {
	Status       string // pending, clientApproved, ...
	ReID, AcID   string
	ReDate       time.Time
	AcDate       time.Time // while pending: when the registry answers itself
	Years        int
	Fee          int64
	ClTRID, SvID string
}

// Contact is a person or organisation as the registry keeps it.
type Contact struct {
	ID, ROID         string
	Postal           []epp.PostalInfo
	Voice, Fax       *epp.Phone
	Email            string
	AuthInfo         string
	Disclose         *epp.Disclose
	ClID, CrID, UpID string
	CrDate           time.Time
	UpDate           time.Time
	Statuses         []string
	CNNIC            *epp.CNNICContact

	// The registry's own check of complete CNNIC data.
	Approved bool
	Reason   string
	ReviewAt time.Time // zero: by hand, or nothing to review
	Applied  epp.TrID
}

// Host is a name server as the registry keeps it.
type Host struct {
	Name, ROID       string
	Parent           string // our name it lies under; "" when it lies elsewhere
	Addrs            []epp.Addr
	ClID, CrID, UpID string
	CrDate, UpDate   time.Time
	Statuses         []string
	CNNIC            *epp.CNNICHost
}

// Message is one in a registrar's queue.
type Message struct {
	ID        int64
	Registrar string
	Kind      string // create, transfer, contact, change, ask, rgp
	Name      string
	Text      string
	QueuedAt  time.Time
	AckedAt   time.Time

	Pan        *epp.DomainPanData  `json:",omitempty"`
	ContactPan *epp.ContactPanData `json:",omitempty"`
	Trn        *epp.DomainTrnData  `json:",omitempty"`
	Inf        *epp.DomainInfData  `json:",omitempty"`
	Change     *epp.ChangeData     `json:",omitempty"`
	RGP        *epp.RGPInfData     `json:",omitempty"`
}

func has(list []string, s string) bool { return slices.Contains(list, s) }

func add(list *[]string, s ...string) {
	for _, x := range s {
		if !has(*list, x) {
			*list = append(*list, x)
		}
	}
}

func remove(list *[]string, s ...string) {
	*list = slices.DeleteFunc(*list, func(x string) bool { return has(s, x) })
}

// prohibits gives the status that forbids an act to the registrar; "" when
// none does. What the registrar set itself forbids too, until it is taken away.
func (d *Domain) prohibits(act string) string {
	for _, s := range d.Statuses {
		if s == "server"+act+"Prohibited" || s == "client"+act+"Prohibited" {
			return s
		}
	}
	for _, s := range []string{"pendingCreate", "pendingDelete", "pendingTransfer"} {
		if has(d.Statuses, s) {
			return s
		}
	}
	return ""
}

// shown are the statuses of an answer: ok and inactive are worked out.
func (d *Domain) shown() []string {
	list := slices.Sorted(slices.Values(d.Statuses))
	if len(d.Hosts) == 0 && !has(list, "pendingCreate") {
		list = append(list, "inactive")
	}
	if len(list) == 0 {
		return []string{"ok"}
	}
	return list
}

// rgp are the grace period statuses of an answer.
func (d *Domain) rgp() []string {
	switch d.State {
	case stateRedemption:
		return []string{"redemptionPeriod"}
	case stateRestoring:
		return []string{"pendingRestore"}
	case statePendingDelete:
		return []string{"pendingDelete"}
	}
	var list []string
	for _, g := range d.Graces {
		add(&list, g.Status)
	}
	return list
}

// contactIDs are all contacts it is linked to.
func (d *Domain) contactIDs() []string {
	var ids []string
	if d.Registrant != "" {
		ids = append(ids, d.Registrant)
	}
	for _, c := range d.Contacts {
		add(&ids, c.ID)
	}
	return ids
}

func statuses(list []string) []epp.Status {
	out := make([]epp.Status, len(list))
	for i, s := range list {
		out[i] = epp.Status{S: s}
	}
	return out
}

func wireTime(t time.Time) *epp.Time {
	if t.IsZero() {
		return nil
	}
	return new(epp.At(t))
}

// addYears adds whole years; 29 February becomes the 28th where there is none.
func addYears(t time.Time, n int) time.Time {
	u := t.AddDate(n, 0, 0)
	if u.Day() != t.Day() {
		u = u.AddDate(0, 0, -u.Day())
	}
	return u
}
