package registry

import (
	"time"

	"yumen/protocols/epp"
)

func (w *work) domainTransfer(c *epp.DomainTransfer, op epp.Op) (epp.Response, error) {
	d, p, err := w.find(c.Name)
	if err != nil {
		return epp.Response{}, err
	}
	t := d.Transfer
	switch op {
	case epp.OpQuery:
		if t == nil {
			return epp.Response{}, refuse(epp.NoTransferPending, "")
		}
		knows := c.AuthInfo != nil && c.AuthInfo.Pw != "" && c.AuthInfo.Pw == d.AuthInfo
		if w.who != t.ReID && w.who != t.AcID && !knows {
			return epp.Response{}, refuse(epp.NotAuthorised, "not a party to it")
		}
		return done(d.trnData())
	case epp.OpRequest:
		return w.requestTransfer(d, p, c)
	}
	if t == nil || t.Status != "pending" {
		return epp.Response{}, refuse(epp.NoTransferPending, "")
	}
	party, outcome := t.AcID, "clientApproved"
	switch op {
	case epp.OpReject:
		outcome = "clientRejected"
	case epp.OpCancel:
		party, outcome = t.ReID, "clientCancelled"
	}
	if w.who != party {
		return epp.Response{}, refuse(epp.NotAuthorised, "not yours to decide")
	}
	if err := w.endTransfer(d, outcome); err != nil {
		return epp.Response{}, err
	}
	return done(d.trnData(), d.with(nil, func(b bundleData) any { return &bundleTrnData{b} })...)
}

func (d *Domain) trnData() *epp.DomainTrnData {
	t := d.Transfer
	x := &epp.DomainTrnData{Name: d.Name, TrStatus: t.Status, ReID: t.ReID, ReDate: epp.At(t.ReDate), AcID: t.AcID, AcDate: epp.At(t.AcDate)}
	switch t.Status {
	case "pending":
		x.ExDate = wireTime(d.after(t))
	case "clientApproved", "serverApproved":
		x.ExDate = wireTime(d.ExDate)
	}
	return x
}

// after is the expiry a transfer leads to: never beyond ten years.
func (d *Domain) after(t *Transfer) time.Time {
	until := addYears(d.ExDate, t.Years)
	if latest := addYears(t.AcDate, maxYears); until.After(latest) {
		return latest
	}
	return until
}

func (w *work) requestTransfer(d *Domain, p *Policy, c *epp.DomainTransfer) (epp.Response, error) {
	if d.ClID == w.who {
		return epp.Response{}, refuse(epp.NotTransferable, "it is yours already")
	}
	if d.Transfer != nil && d.Transfer.Status == "pending" {
		return epp.Response{}, refuse(epp.TransferPending, "")
	}
	if s := d.prohibits("Transfer"); s != "" {
		return epp.Response{}, refuse(epp.StatusProhibits, "%s", s)
	}
	if c.AuthInfo == nil || c.AuthInfo.Pw == "" || d.AuthInfo == "" || c.AuthInfo.Pw != d.AuthInfo {
		return epp.Response{}, refuse(epp.WrongAuthInfo, "")
	}
	if free := d.CrDate.Add(day(p.TransferLock)); w.now.Before(free) {
		return epp.Response{}, refuse(epp.NotTransferable, "not before %s", free.UTC().Format(time.DateOnly))
	}
	years, err := inYears(c.Period)
	if err != nil {
		return epp.Response{}, err
	}
	if years != 1 {
		return epp.Response{}, refuse(epp.OutOfRange, "a transfer adds one year")
	}
	n, err := parseName(d.Name)
	if err != nil {
		return epp.Response{}, err
	}
	price, class := w.price(n, "transfer")
	carried := ext[epp.FeeTransfer](w)
	if err := agree(transform(carried), price, class); err != nil {
		return epp.Response{}, err
	}
	if err := w.charge("transfer", d.Name, price); err != nil {
		return epp.Response{}, err
	}
	wait := time.Duration(w.rules.TransferAuto)
	if wait == 0 {
		wait = day(p.TransferAnswer)
	}
	d.Transfer = &Transfer{Status: "pending", ReID: w.who, AcID: d.ClID, ReDate: w.now, AcDate: w.now.Add(wait), Years: years,
		Fee: price, ClTRID: w.trid.ClTRID, SvID: w.trid.SvTRID}
	add(&d.Statuses, "pendingTransfer")
	if err := w.put(d); err != nil {
		return epp.Response{}, err
	}
	if err := w.tell(&Message{Registrar: d.ClID, Kind: "transfer", Text: "Transfer requested", Trn: d.trnData()}, nil, nil); err != nil {
		return epp.Response{}, err
	}
	resp := epp.Reply(epp.DonePending, "", d.trnData())
	resp.Extensions = d.with(nil, func(b bundleData) any { return &bundleTrnData{b} })
	if carried != nil {
		taken, err := w.taken(price)
		if err != nil {
			return epp.Response{}, err
		}
		resp.Extensions = append(resp.Extensions, &epp.FeeTrnData{FeeResult: taken})
	}
	return resp, nil
}

// endTransfer concludes a pending transfer and tells both sides.
func (w *work) endTransfer(d *Domain, outcome string) error {
	t, p := d.Transfer, policyFor(d.Ending)
	t.Status, t.AcDate = outcome, w.now
	remove(&d.Statuses, "pendingTransfer")
	texts := map[string]string{"clientApproved": "Transfer approved", "serverApproved": "Transfer approved by the registry",
		"clientRejected": "Transfer rejected", "clientCancelled": "Transfer cancelled"}
	tell := []string{t.ReID, t.AcID}
	if outcome == "clientApproved" || outcome == "serverApproved" {
		d.ExDate = d.after(t)
		d.ClID, d.UpID, d.UpDate, d.TrDate = t.ReID, t.ReID, w.now, w.now
		// The old authorisation ends with the move. The contacts stay linked
		// until the new registrar puts its own in their place.
		d.AuthInfo = ""
		for _, s := range clientStatuses {
			remove(&d.Statuses, s)
		}
		d.Graces = []Grace{{Status: "transferPeriod", Until: w.now.Add(day(p.Transfer)), Fee: t.Fee, Years: t.Years}}
		hosts, err := hostsUnder(w.tx, d.Name)
		if err != nil {
			return err
		}
		for _, h := range hosts {
			h.ClID = t.ReID
			if err := putHost(w.tx, h); err != nil {
				return err
			}
		}
	} else if _, err := take(w.tx, t.ReID, "transfer", d.Name, -t.Fee, w.now); err != nil {
		return err
	}
	if err := w.put(d); err != nil {
		return err
	}
	for _, id := range tell {
		if id == w.who {
			continue // it knows by the answer
		}
		if err := w.tell(&Message{Registrar: id, Kind: "transfer", Text: texts[outcome], Trn: d.trnData()}, nil, nil); err != nil {
			return err
		}
	}
	return nil
}
