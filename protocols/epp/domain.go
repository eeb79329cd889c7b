package epp

// The domain mapping, RFC 5731.

// DomainCheck asks whether names are free (RFC 5731 section 3.1.1).
type DomainCheck struct {
	Names []string `xml:"domain:name"`
}

// DomainCreate registers a name (RFC 5731 section 3.2.1).
type DomainCreate struct {
	Name       string          `xml:"domain:name"`
	Period     *Period         `xml:"domain:period"`
	NS         *DomainNS       `xml:"domain:ns"`
	Registrant string          `xml:"domain:registrant,omitempty"`
	Contacts   []DomainContact `xml:"domain:contact"`
	AuthInfo   AuthInfo        `xml:"domain:authInfo"`
}

// DomainDelete removes a name (RFC 5731 section 3.2.2).
type DomainDelete struct {
	Name string `xml:"domain:name"`
}

// DomainInfo asks for a name (RFC 5731 section 3.1.2).
type DomainInfo struct {
	Name     DomainInfoName `xml:"domain:name"`
	AuthInfo *AuthInfo      `xml:"domain:authInfo"`
}

// DomainInfoName says with Hosts which hosts to list: all (when empty), del, none or sub.
type DomainInfoName struct {
	Hosts string `xml:"hosts,attr,omitempty"`
	Value string `xml:",chardata"`
}

// DomainRenew names the expiry date it starts from, so that a repeated renew is refused instead of adding years.
type DomainRenew struct {
	Name       string  `xml:"domain:name"`
	CurExpDate Date    `xml:"domain:curExpDate"`
	Period     *Period `xml:"domain:period"`
}

// DomainTransfer needs Command.Op.
type DomainTransfer struct {
	Name     string    `xml:"domain:name"`
	Period   *Period   `xml:"domain:period"`
	AuthInfo *AuthInfo `xml:"domain:authInfo"`
}

// DomainUpdate changes a name (RFC 5731 section 3.2.5).
type DomainUpdate struct {
	Name string        `xml:"domain:name"`
	Add  *DomainAddRem `xml:"domain:add"`
	Rem  *DomainAddRem `xml:"domain:rem"`
	Chg  *DomainChange `xml:"domain:chg"`
}

// DomainAddRem is what an update adds or removes.
type DomainAddRem struct {
	NS       *DomainNS       `xml:"domain:ns"`
	Contacts []DomainContact `xml:"domain:contact"`
	Statuses []Status        `xml:"domain:status"`
}

// DomainChange: a nil field stays as it is; an empty Registrant takes the registrant away.
type DomainChange struct {
	Registrant *string   `xml:"domain:registrant"`
	AuthInfo   *AuthInfo `xml:"domain:authInfo"`
}

// DomainNS lists name servers either as objects or as attributes; which, the registry decides.
type DomainNS struct {
	Hosts []string     `xml:"domain:hostObj"`
	Attrs []DomainHost `xml:"domain:hostAttr"`
}

// DomainHost is a name server given with its addresses rather than as an object (RFC 5731 section 1.1).
type DomainHost struct {
	Name  string `xml:"domain:hostName"`
	Addrs []Addr `xml:"domain:hostAddr"`
}

// DomainContact has the type admin, tech or billing.
type DomainContact struct {
	Type string `xml:"type,attr,omitempty"`
	ID   string `xml:",chardata"`
}

// DomainChkData answers a DomainCheck.
type DomainChkData struct {
	CD []DomainChecked `xml:"domain:cd"`
}

// DomainChecked is the answer for one name.
type DomainChecked struct {
	Name   Avail `xml:"domain:name"`
	Reason *Text `xml:"domain:reason"` // at most 32 characters
}

// DomainCreData answers a DomainCreate.
type DomainCreData struct {
	Name   string `xml:"domain:name"`
	CrDate Time   `xml:"domain:crDate"`
	ExDate *Time  `xml:"domain:exDate"`
}

// DomainInfData answers a DomainInfo.
type DomainInfData struct {
	Name       string          `xml:"domain:name"`
	ROID       string          `xml:"domain:roid"`
	Statuses   []Status        `xml:"domain:status"`
	Registrant string          `xml:"domain:registrant,omitempty"`
	Contacts   []DomainContact `xml:"domain:contact"`
	NS         *DomainNS       `xml:"domain:ns"`
	Hosts      []string        `xml:"domain:host"`
	ClID       string          `xml:"domain:clID"`
	CrID       string          `xml:"domain:crID,omitempty"`
	CrDate     *Time           `xml:"domain:crDate"`
	UpID       string          `xml:"domain:upID,omitempty"`
	UpDate     *Time           `xml:"domain:upDate"`
	ExDate     *Time           `xml:"domain:exDate"`
	TrDate     *Time           `xml:"domain:trDate"`
	AuthInfo   *AuthInfo       `xml:"domain:authInfo"`
}

// Has says whether the object carries the status.
func (d *DomainInfData) Has(status string) bool { return hasStatus(d.Statuses, status) }

// DomainPanData tells how a pending act ended (RFC 5731 section 3.3).
type DomainPanData struct {
	Name   PendingResult `xml:"domain:name"`
	PaTRID TrID          `xml:"domain:paTRID"`
	PaDate Time          `xml:"domain:paDate"`
}

// DomainRenData answers a renew (RFC 5731 section 3.2.3).
type DomainRenData struct {
	Name   string `xml:"domain:name"`
	ExDate *Time  `xml:"domain:exDate"`
}

// DomainTrnData: TrStatus is pending, clientApproved, clientRejected, clientCancelled, serverApproved or serverCancelled.
type DomainTrnData struct {
	Name     string `xml:"domain:name"`
	TrStatus string `xml:"domain:trStatus"`
	ReID     string `xml:"domain:reID"`
	ReDate   Time   `xml:"domain:reDate"`
	AcID     string `xml:"domain:acID"`
	AcDate   Time   `xml:"domain:acDate"`
	ExDate   *Time  `xml:"domain:exDate"`
}

func hasStatus(list []Status, s string) bool {
	for _, st := range list {
		if st.S == s {
			return true
		}
	}
	return false
}
