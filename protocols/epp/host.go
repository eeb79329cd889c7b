package epp

// The host mapping, RFC 5732.

type HostCheck struct {
	Names []string `xml:"host:name"`
}

type HostCreate struct {
	Name  string `xml:"host:name"`
	Addrs []Addr `xml:"host:addr"`
}

type HostDelete struct {
	Name string `xml:"host:name"`
}

type HostInfo struct {
	Name string `xml:"host:name"`
}

type HostUpdate struct {
	Name string      `xml:"host:name"`
	Add  *HostAddRem `xml:"host:add"`
	Rem  *HostAddRem `xml:"host:rem"`
	Chg  *HostChange `xml:"host:chg"`
}

type HostAddRem struct {
	Addrs    []Addr   `xml:"host:addr"`
	Statuses []Status `xml:"host:status"`
}

// HostChange renames a host.
type HostChange struct {
	Name string `xml:"host:name"`
}

type HostChkData struct {
	CD []HostChecked `xml:"host:cd"`
}

type HostChecked struct {
	Name   Avail `xml:"host:name"`
	Reason *Text `xml:"host:reason"` // at most 32 characters
}

type HostCreData struct {
	Name   string `xml:"host:name"`
	CrDate Time   `xml:"host:crDate"`
}

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

type HostPanData struct {
	Name   PendingResult `xml:"host:name"`
	PaTRID TrID          `xml:"host:paTRID"`
	PaDate Time          `xml:"host:paDate"`
}
