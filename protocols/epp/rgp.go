package epp

// The grace period extension, RFC 3915.

// RGPUpdate goes with a DomainUpdate whose Chg is empty.
type RGPUpdate struct {
	Restore RGPRestore `xml:"rgp:restore"`
}

// RGPRestore: Op is request, or report with a Report.
type RGPRestore struct {
	Op     string     `xml:"op,attr"`
	Report *RGPReport `xml:"rgp:report"`
}

// RGPReport is the restore report. Two statements are asked for by most registries.
type RGPReport struct {
	PreData    Text   `xml:"rgp:preData"`
	PostData   Text   `xml:"rgp:postData"`
	DelTime    Time   `xml:"rgp:delTime"`
	ResTime    Time   `xml:"rgp:resTime"`
	ResReason  Text   `xml:"rgp:resReason"`
	Statements []Text `xml:"rgp:statement"`
	Other      *Text  `xml:"rgp:other"`
}

// RGPInfData lists addPeriod, autoRenewPeriod, renewPeriod, transferPeriod, redemptionPeriod, pendingRestore, pendingDelete.
type RGPInfData struct{ RGPStatuses }

// RGPUpData comes with the answer to a restore (RFC 3915 section 4.2.5).
type RGPUpData struct{ RGPStatuses }

// RGPStatuses are the grace periods a name is in (RFC 3915 section 3.1).
type RGPStatuses struct {
	Statuses []Status `xml:"rgp:rgpStatus"`
}

// Has says whether the grace period status is set.
func (r RGPStatuses) Has(status string) bool { return hasStatus(r.Statuses, status) }
