package registry

import (
	"errors"
	"slices"
	"strings"

	"yumen/protocols/epp"
)

const mostNames = 50 // in one check

func (w *work) domainCheck(c *epp.DomainCheck) (epp.Response, error) {
	if len(c.Names) > mostNames {
		return epp.Response{}, refuse(epp.PolicyViolation, "at most %d names a check", mostNames)
	}
	data := &epp.DomainChkData{}
	for _, s := range c.Names {
		reason, err := w.unavailable(s)
		if err != nil {
			return epp.Response{}, err
		}
		cd := epp.DomainChecked{Name: epp.Avail{Avail: reason == "", Value: s}}
		if reason != "" {
			cd.Reason = &epp.Text{Body: short(reason)}
		}
		data.CD = append(data.CD, cd)
	}
	var more []any
	if ask := ext[epp.FeeCheck](w); ask != nil {
		fees, err := w.quoteFees(ask, c.Names)
		if err != nil {
			return epp.Response{}, err
		}
		more = append(more, fees)
	}
	if ask := ext[launchCheck](w); ask != nil {
		none, err := claims(ask, c.Names)
		if err != nil {
			return epp.Response{}, err
		}
		more = append(more, none)
	}
	return done(data, more...)
}

// unavailable says why a name cannot be registered; "" when it can.
func (w *work) unavailable(s string) (string, error) {
	n, err := parseName(s)
	if err != nil {
		return err.Error(), nil
	}
	d, err := domainByIndex(w.tx, n.policy.Ending, n.index)
	switch {
	case errors.Is(err, errNone):
	case err != nil:
		return "", err
	case d.Name == n.full:
		return "in use", nil
	default:
		return "in use as a variant", nil
	}
	if slices.Contains(n.policy.Reserved, n.uLabel) {
		return "reserved", nil
	}
	return reservedFor(w.tx, n.full, w.now)
}

func (w *work) domainCreate(c *epp.DomainCreate) (epp.Response, error) {
	n, err := parseName(c.Name)
	if errors.Is(err, errNoEnding) {
		return epp.Response{}, refuse(epp.PolicyViolation, "%v", err)
	}
	if err != nil {
		return epp.Response{}, refuse(epp.ValueSyntax, "%v", err)
	}
	years, err := inYears(c.Period)
	if err != nil {
		return epp.Response{}, err
	}
	reason, err := w.unavailable(c.Name)
	switch {
	case err != nil:
		return epp.Response{}, err
	case strings.HasPrefix(reason, "in use"):
		return epp.Response{}, refuse(epp.ObjectExists, "%s", reason)
	case reason != "":
		return epp.Response{}, refuse(epp.PolicyViolation, "%s", reason)
	}
	p, set := n.policy, w.rules.Endings[n.policy.Ending]
	d := &Domain{Name: n.full, ULabel: n.U(), Ending: p.Ending, Index: n.index, ROID: newROID(), State: stateRegistered,
		ClID: w.who, CrID: w.who, CrDate: w.now, Bundle: n.bundle, Years: years, Applied: w.trid,
		Registrant: c.Registrant, Contacts: c.Contacts, AuthInfo: c.AuthInfo.Pw, Reasons: map[string]string{}}
	if err := w.checkAuthInfo(d.AuthInfo); err != nil {
		return epp.Response{}, err
	}
	if err := w.checkContacts(d, p, nil); err != nil {
		return epp.Response{}, err
	}
	if set.Verification == VerifyFirst {
		if err := w.checkApproved(d.Registrant); err != nil {
			return epp.Response{}, err
		}
	}
	if err := w.setHosts(d, c.NS); err != nil {
		return epp.Response{}, err
	}
	if sec := ext[epp.SecDNSCreate](w); sec != nil {
		if d.DS, err = checkDS(sec.SecDNSKeys); err != nil {
			return epp.Response{}, err
		}
	}
	if x := ext[epp.CNNICDomainCreate](w); x != nil {
		if d.CNNIC, err = checkCNNICDomain(&x.CNNICDomain, p); err != nil {
			return epp.Response{}, err
		}
	}
	if x := ext[bundleCreate](w); x != nil && x.RDN != nil && strings.ToLower(x.RDN.Name) != n.full {
		return epp.Response{}, refuse(epp.OutOfRange, "the bundle is of another name")
	}
	if x := ext[launchCreate](w); x != nil && x.Phase != "open" {
		return epp.Response{}, refuse(epp.PolicyViolation, "the phase is open")
	}
	price, class := w.price(n, "create")
	price *= int64(years)
	carried := ext[epp.FeeCreate](w)
	if err := agree(transform(carried), price, class); err != nil {
		return epp.Response{}, err
	}
	if err := w.charge("create", d.Name, price); err != nil {
		return epp.Response{}, err
	}
	d.Fee = price

	resp := epp.Reply(epp.Done, "")
	data := &epp.DomainCreData{Name: d.Name, CrDate: epp.At(w.now)}
	if p.Pending {
		resp = epp.Reply(epp.DonePending, "")
		d.State = statePending
		d.Statuses = []string{"pendingCreate"}
		if set.Materials {
			d.MaterialsAt = w.now
		}
	} else {
		d.ExDate = addYears(w.now, years)
		data.ExDate = wireTime(d.ExDate)
		d.Graces = []Grace{{Status: "addPeriod", Until: w.now.Add(day(p.Add)), Fee: price, Years: years}}
		if set.Verification == Hold {
			d.Statuses = []string{"serverHold"}
			d.Reasons["serverHold"] = "identity not yet verified"
			d.HeldAt = w.now
		}
	}
	if err := w.put(d); err != nil {
		return epp.Response{}, err
	}
	resp.Data = []any{data}
	resp.Extensions = d.with(nil, func(b bundleData) any { return &bundleCreData{b} })
	if carried != nil {
		taken, err := w.taken(price)
		if err != nil {
			return epp.Response{}, err
		}
		resp.Extensions = append(resp.Extensions, &epp.FeeCreData{FeeResult: taken})
	}
	return resp, nil
}

// transform is what the fee extensions of all commands have in common.
func transform(x any) *epp.FeeTransform {
	switch x := x.(type) {
	case *epp.FeeCreate:
		if x != nil {
			return &x.FeeTransform
		}
	case *epp.FeeRenew:
		if x != nil {
			return &x.FeeTransform
		}
	case *epp.FeeTransfer:
		if x != nil {
			return &x.FeeTransform
		}
	case *epp.FeeUpdate:
		if x != nil {
			return &x.FeeTransform
		}
	}
	return nil
}

// find finds a name for a command; 2303 when there is none.
func (w *work) find(s string) (*Domain, *Policy, error) {
	n, err := parseName(s)
	if err != nil {
		return nil, nil, refuse(epp.NoSuchObject, "")
	}
	d, err := domainByIndex(w.tx, n.policy.Ending, n.index)
	if errors.Is(err, errNone) {
		return nil, nil, refuse(epp.NoSuchObject, "")
	}
	if err != nil {
		return nil, nil, err
	}
	// Any member of a bundle leads to it; other forms that it excludes do not.
	if d.Name != n.full && !slices.Contains(d.Bundle, n.full) {
		return nil, nil, refuse(epp.NoSuchObject, "")
	}
	return d, n.policy, nil
}

// own is find for the registrar's own names; 2201 for another's.
func (w *work) own(s string) (*Domain, *Policy, error) {
	d, p, err := w.find(s)
	if err == nil && d.ClID != w.who {
		return nil, nil, refuse(epp.NotAuthorised, "another registrar's name")
	}
	return d, p, err
}

func (w *work) domainInfo(c *epp.DomainInfo) (epp.Response, error) {
	d, _, err := w.find(c.Name.Value)
	if err != nil {
		return epp.Response{}, err
	}
	if c.AuthInfo != nil && c.AuthInfo.Pw != "" && (d.AuthInfo == "" || c.AuthInfo.Pw != d.AuthInfo) {
		return epp.Response{}, refuse(epp.WrongAuthInfo, "")
	}
	data := w.infData(d)
	if d.ClID != w.who && (c.AuthInfo == nil || c.AuthInfo.Pw == "") {
		// Others see that it is taken and by whom, and no more.
		data = &epp.DomainInfData{Name: d.Name, ROID: d.ROID, ClID: d.ClID, Statuses: data.Statuses, CrDate: data.CrDate, ExDate: data.ExDate}
		return done(data)
	}
	switch c.Name.Hosts {
	case "", "all":
	case "del":
		data.Hosts = nil
	case "sub":
		data.NS = nil
	case "none":
		data.NS, data.Hosts = nil, nil
	default:
		return epp.Response{}, refuse(epp.BadSyntax, "hosts is all, del, sub or none")
	}
	var more []any
	if x := rgpData(d); x != nil {
		more = append(more, x)
	}
	if len(d.DS) > 0 {
		more = append(more, &epp.SecDNSInfData{SecDNSKeys: epp.SecDNSKeys{DS: d.DS}})
	}
	if d.CNNIC != nil {
		more = append(more, &epp.CNNICDomainInfData{CNNICDomain: *d.CNNIC})
	}
	return done(data, d.with(more, func(b bundleData) any { return &bundleInfData{b} })...)
}

// infData shows a name as its registrar sees it. The authorisation is never
// shown (RFC 9154).
func (w *work) infData(d *Domain) *epp.DomainInfData {
	x := &epp.DomainInfData{Name: d.Name, ROID: d.ROID, Statuses: statuses(d.shown()), Registrant: d.Registrant, Contacts: d.Contacts,
		ClID: d.ClID, CrID: d.CrID, CrDate: wireTime(d.CrDate), UpID: d.UpID, UpDate: wireTime(d.UpDate),
		ExDate: wireTime(d.ExDate), TrDate: wireTime(d.TrDate)}
	if len(d.Hosts) > 0 {
		x.NS = &epp.DomainNS{Hosts: d.Hosts}
	}
	under, err := hostsUnder(w.tx, d.Name)
	if err == nil {
		for _, h := range under {
			x.Hosts = append(x.Hosts, h.Name)
		}
	}
	return x
}
