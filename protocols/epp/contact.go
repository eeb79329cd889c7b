package epp

// The contact mapping, RFC 5733.

// ContactCheck asks whether ids are free (RFC 5733 section 3.1.1).
type ContactCheck struct {
	IDs []string `xml:"contact:id"`
}

// ContactCreate makes a contact (RFC 5733 section 3.2.1).
type ContactCreate struct {
	ID       string       `xml:"contact:id"`
	Postal   []PostalInfo `xml:"contact:postalInfo"` // one or two, "loc" (any script) and "int" (ASCII)
	Voice    *Phone       `xml:"contact:voice"`
	Fax      *Phone       `xml:"contact:fax"`
	Email    string       `xml:"contact:email"`
	AuthInfo AuthInfo     `xml:"contact:authInfo"`
	Disclose *Disclose    `xml:"contact:disclose"`
}

// ContactDelete removes a contact (RFC 5733 section 3.2.2).
type ContactDelete struct {
	ID string `xml:"contact:id"`
}

// ContactInfo asks for a contact (RFC 5733 section 3.1.2).
type ContactInfo struct {
	ID       string    `xml:"contact:id"`
	AuthInfo *AuthInfo `xml:"contact:authInfo"`
}

// ContactTransfer needs Command.Op.
type ContactTransfer struct {
	ID       string    `xml:"contact:id"`
	AuthInfo *AuthInfo `xml:"contact:authInfo"`
}

// ContactUpdate changes a contact (RFC 5733 section 3.2.5).
type ContactUpdate struct {
	ID  string           `xml:"contact:id"`
	Add *ContactStatuses `xml:"contact:add"`
	Rem *ContactStatuses `xml:"contact:rem"`
	Chg *ContactChange   `xml:"contact:chg"`
}

// ContactStatuses are those an update adds or removes.
type ContactStatuses struct {
	Statuses []Status `xml:"contact:status"`
}

// ContactChange: what is nil or empty stays as it is.
type ContactChange struct {
	Postal   []PostalChange `xml:"contact:postalInfo"`
	Voice    *Phone         `xml:"contact:voice"`
	Fax      *Phone         `xml:"contact:fax"`
	Email    string         `xml:"contact:email,omitempty"`
	AuthInfo *AuthInfo      `xml:"contact:authInfo"`
	Disclose *Disclose      `xml:"contact:disclose"`
}

// PostalInfo is name and address in one script (RFC 5733 section 2.3).
type PostalInfo struct {
	Type string  `xml:"type,attr"` // loc or int
	Name string  `xml:"contact:name"`
	Org  string  `xml:"contact:org,omitempty"`
	Addr Address `xml:"contact:addr"`
}

// PostalChange: a nil field stays; an empty Org takes the organisation away.
type PostalChange struct {
	Type string   `xml:"type,attr"`
	Name *string  `xml:"contact:name"`
	Org  *string  `xml:"contact:org"`
	Addr *Address `xml:"contact:addr"`
}

// Address is a postal address, up to three street lines (RFC 5733 section 2.4).
type Address struct {
	Street []string `xml:"contact:street"` // at most three
	City   string   `xml:"contact:city"`
	SP     string   `xml:"contact:sp,omitempty"`
	PC     string   `xml:"contact:pc,omitempty"`
	CC     string   `xml:"contact:cc"` // ISO 3166, two letters
}

// Phone is written "+86.13800000000", with an extension in X.
type Phone struct {
	X     string `xml:"x,attr,omitempty"`
	Value string `xml:",chardata"`
}

// Disclose asks for (Flag set) or against publication of the parts listed.
type Disclose struct {
	Flag  Flag         `xml:"flag,attr"`
	Name  []PostalType `xml:"contact:name"`
	Org   []PostalType `xml:"contact:org"`
	Addr  []PostalType `xml:"contact:addr"`
	Voice Present      `xml:"contact:voice"`
	Fax   Present      `xml:"contact:fax"`
	Email Present      `xml:"contact:email"`
}

// PostalType names one of the two scripts in a disclosure: "int" or "loc".
type PostalType struct {
	Type string `xml:"type,attr"`
}

// ContactChkData answers a ContactCheck.
type ContactChkData struct {
	CD []ContactChecked `xml:"contact:cd"`
}

// ContactChecked is the answer for one id.
type ContactChecked struct {
	ID     Avail `xml:"contact:id"`
	Reason *Text `xml:"contact:reason"` // at most 32 characters
}

// ContactCreData answers a ContactCreate.
type ContactCreData struct {
	ID     string `xml:"contact:id"`
	CrDate Time   `xml:"contact:crDate"`
}

// ContactInfData answers a ContactInfo.
type ContactInfData struct {
	ID       string       `xml:"contact:id"`
	ROID     string       `xml:"contact:roid"`
	Statuses []Status     `xml:"contact:status"`
	Postal   []PostalInfo `xml:"contact:postalInfo"`
	Voice    *Phone       `xml:"contact:voice"`
	Fax      *Phone       `xml:"contact:fax"`
	Email    string       `xml:"contact:email"`
	ClID     string       `xml:"contact:clID"`
	CrID     string       `xml:"contact:crID"`
	CrDate   Time         `xml:"contact:crDate"`
	UpID     string       `xml:"contact:upID,omitempty"`
	UpDate   *Time        `xml:"contact:upDate"`
	TrDate   *Time        `xml:"contact:trDate"`
	AuthInfo *AuthInfo    `xml:"contact:authInfo"`
	Disclose *Disclose    `xml:"contact:disclose"`
}

// Has says whether the object carries the status.
func (c *ContactInfData) Has(status string) bool { return hasStatus(c.Statuses, status) }

// ContactPanData tells how a pending act ended (RFC 5733 section 3.3).
type ContactPanData struct {
	ID     PendingResult `xml:"contact:id"`
	PaTRID TrID          `xml:"contact:paTRID"`
	PaDate Time          `xml:"contact:paDate"`
}

// ContactTrnData is the state of a transfer (RFC 5733 section 3.1.3).
type ContactTrnData struct {
	ID       string `xml:"contact:id"`
	TrStatus string `xml:"contact:trStatus"`
	ReID     string `xml:"contact:reID"`
	ReDate   Time   `xml:"contact:reDate"`
	AcID     string `xml:"contact:acID"`
	AcDate   Time   `xml:"contact:acDate"`
}
