package epp

// The host mapping, RFC 5732.

// HostCheck asks whether hosts exist (RFC 5732 section 3.1.1).
type HostCheck struct {
	Names []string `xml:"host:name"`
}

// HostCreate makes a host (RFC 5732 section 3.2.1).
type HostCreate struct {
	Name  string `xml:"host:name"`
	Addrs []Addr `xml:"host:addr"`
}

// HostDelete removes a host (RFC 5732 section 3.2.2).
type HostDelete struct {
	Name string `xml:"host:name"`
}

// HostInfo asks for a host (RFC 5732 section 3.1.2).
type HostInfo struct {
	Name string `xml:"host:name"`
}

// HostUpdate changes a host (RFC 5732 section 3.2.5).
type HostUpdate struct {
	Name string      `xml:"host:name"`
	Add  *HostAddRem `xml:"host:add"`
	Rem  *HostAddRem `xml:"host:rem"`
	Chg  *HostChange `xml:"host:chg"`
}

// HostAddRem is what an update adds or removes.
type HostAddRem struct {
	Addrs    []Addr   `xml:"host:addr"`
	Statuses []Status `xml:"host:status"`
}

// HostChange renames a host.
type HostChange struct {
	Name string `xml:"host:name"`
}

// HostChkData answers a HostCheck.
type HostChkData struct {
	CD []HostChecked `xml:"host:cd"`
}

// HostChecked is the answer for one host.
type HostChecked struct {
	Name   Avail `xml:"host:name"`
	Reason *Text `xml:"host:reason"` // at most 32 characters
}

// HostCreData answers a HostCreate.
type HostCreData struct {
	Name   string `xml:"host:name"`
	CrDate Time   `xml:"host:crDate"`
}

// HostInfData answers a HostInfo.
type HostInfData struct {
	Name     string   `xml:"host:name"`
	ROID     string   `xml:"host:roid"`
	Statuses []Status `xml:"host:status"`
	Addrs    []Addr   `xml:"host:addr"`
	ClID     string   `xml:"host:clID"`
	CrID     string   `xml:"host:crID"`
	CrDate   Time     `xml:"host:crDate"`
	UpID     string   `xml:"host:upID,omitempty"`
	UpDate   *Time    `xml:"host:upDate"`
	TrDate   *Time    `xml:"host:trDate"`
}

// Has says whether the object carries the status.
func (h *HostInfData) Has(status string) bool { return hasStatus(h.Statuses, status) }

// HostPanData tells how a pending act ended (RFC 5732 section 3.3).
type HostPanData struct {
	Name   PendingResult `xml:"host:name"`
	PaTRID TrID          `xml:"host:paTRID"`
	PaDate Time          `xml:"host:paDate"`
}
