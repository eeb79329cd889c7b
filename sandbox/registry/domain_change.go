package registry

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"yumen/protocols/epp"
)

// clientStatuses are those a registrar may set on a name.
var clientStatuses = []string{"clientDeleteProhibited", "clientHold", "clientRenewProhibited", "clientTransferProhibited", "clientUpdateProhibited"}

func (w *work) domainUpdate(c *epp.DomainUpdate) (epp.Response, error) {
	d, p, err := w.own(c.Name)
	if err != nil {
		return epp.Response{}, err
	}
	if restore := ext[epp.RGPUpdate](w); restore != nil {
		return w.domainRestore(d, p, restore.Restore)
	}
	before := d.contactIDs()
	// An update that only takes away the lock passes the lock (RFC 5731 section 3.2.5).
	if s := d.prohibits("Update"); s != "" && !(s == "clientUpdateProhibited" && onlyUnlocks(c)) {
		return epp.Response{}, refuse(epp.StatusProhibits, "%s", s)
	}
	if c.Rem != nil {
		if err := d.leave(c.Rem); err != nil {
			return epp.Response{}, err
		}
	}
	if c.Add != nil {
		if err := w.join(d, c.Add); err != nil {
			return epp.Response{}, err
		}
	}
	if c.Chg != nil {
		if c.Chg.Registrant != nil {
			d.Registrant = *c.Chg.Registrant
			if err := w.mayHold(d, p); err != nil {
				return epp.Response{}, err
			}
		}
		if a := c.Chg.AuthInfo; a != nil {
			if err := w.checkAuthInfo(a.Pw); err != nil {
				return epp.Response{}, err
			}
			d.AuthInfo = a.Pw
		}
	}
	if err := w.checkContacts(d, p, before); err != nil {
		return epp.Response{}, err
	}
	if sec := ext[epp.SecDNSUpdate](w); sec != nil {
		if err := d.sign(sec); err != nil {
			return epp.Response{}, err
		}
	}
	if x := ext[epp.CNNICDomainUpdate](w); x != nil {
		if d.CNNIC, err = checkCNNICDomain(firstOf(x.Chg, x.Add), p); err != nil {
			return epp.Response{}, err
		}
	}
	if x := ext[epp.FeeUpdate](w); x != nil {
		if err := agree(transform(x), 0, ""); err != nil {
			return epp.Response{}, err
		}
	}
	d.UpID, d.UpDate = w.who, w.now
	if err := w.put(d); err != nil {
		return epp.Response{}, err
	}
	return done(nil, d.with(nil, func(b bundleData) any { return &bundleUpData{b} })...)
}

func firstOf[T any](list ...*T) *T {
	for _, x := range list {
		if x != nil {
			return x
		}
	}
	return nil
}

func onlyUnlocks(c *epp.DomainUpdate) bool {
	return c.Add == nil && c.Chg == nil && c.Rem != nil && c.Rem.NS == nil && len(c.Rem.Contacts) == 0 &&
		slices.ContainsFunc(c.Rem.Statuses, func(s epp.Status) bool { return s.S == "clientUpdateProhibited" })
}

func (w *work) mayHold(d *Domain, p *Policy) error {
	if w.rules.Endings[p.Ending].Verification == VerifyFirst {
		return w.checkApproved(d.Registrant)
	}
	return nil
}

// leave takes away hosts, contacts and statuses.
func (d *Domain) leave(x *epp.DomainAddRem) error {
	for _, h := range hostNames(x.NS) {
		if !has(d.Hosts, h) {
			return refuse(epp.OutOfRange, "%s is not one of its hosts", h)
		}
		remove(&d.Hosts, h)
	}
	for _, c := range x.Contacts {
		i := slices.Index(d.Contacts, c)
		if i < 0 {
			return refuse(epp.OutOfRange, "%s is not its %s contact", c.ID, c.Type)
		}
		d.Contacts = slices.Delete(d.Contacts, i, i+1)
	}
	for _, s := range x.Statuses {
		if !has(clientStatuses, s.S) {
			return refuse(epp.PolicyViolation, "%s is not the registrar's to take away", s.S)
		}
		if !has(d.Statuses, s.S) {
			return refuse(epp.OutOfRange, "%s is not set", s.S)
		}
		remove(&d.Statuses, s.S)
	}
	return nil
}

// join adds hosts, contacts and statuses.
func (w *work) join(d *Domain, x *epp.DomainAddRem) error {
	if err := w.setHosts(d, x.NS); err != nil {
		return err
	}
	for _, c := range x.Contacts {
		if slices.Contains(d.Contacts, c) {
			return refuse(epp.OutOfRange, "%s is its %s contact already", c.ID, c.Type)
		}
		d.Contacts = append(d.Contacts, c)
	}
	for _, s := range x.Statuses {
		if !has(clientStatuses, s.S) {
			return refuse(epp.PolicyViolation, "%s is not the registrar's to set", s.S)
		}
		if has(d.Statuses, s.S) {
			return refuse(epp.OutOfRange, "%s is set already", s.S)
		}
		add(&d.Statuses, s.S)
	}
	return nil
}

func hostNames(ns *epp.DomainNS) []string {
	if ns == nil {
		return nil
	}
	var list []string
	for _, h := range ns.Hosts {
		list = append(list, strings.ToLower(h))
	}
	return list
}

const mostHosts = 13

// setHosts delegates to more hosts. They are objects here, and one that lies
// under one of our endings needs an address.
func (w *work) setHosts(d *Domain, ns *epp.DomainNS) error {
	if ns != nil && len(ns.Attrs) > 0 {
		return refuse(epp.PolicyViolation, "hosts are objects at this registry")
	}
	for _, h := range hostNames(ns) {
		host, err := getHost(w.tx, h)
		if errors.Is(err, errNone) {
			return refuse(epp.NoSuchObject, "no such host: %s", h)
		}
		if err != nil {
			return err
		}
		if host.Parent != "" && len(host.Addrs) == 0 {
			return refuse(epp.PolicyViolation, "%s has no address", h)
		}
		if has(d.Hosts, h) {
			return refuse(epp.OutOfRange, "%s is one of its hosts already", h)
		}
		d.Hosts = append(d.Hosts, h)
	}
	if len(d.Hosts) > mostHosts {
		return refuse(epp.PolicyViolation, "at most %d hosts", mostHosts)
	}
	return nil
}

// checkContacts: all exist, are the registrar's own, and no role is missing.
// Those it had before, in had, may be another's: a transfer leaves them.
func (w *work) checkContacts(d *Domain, p *Policy, had []string) error {
	roles := map[string]int{}
	if d.Registrant != "" {
		roles["registrant"] = 1
	}
	for _, c := range d.Contacts {
		if c.Type != "admin" && c.Type != "tech" && c.Type != "billing" {
			return refuse(epp.BadSyntax, "contact type %q", c.Type)
		}
		roles[c.Type]++
	}
	for _, r := range p.Roles {
		if roles[r] == 0 {
			return refuse(epp.MissingParameter, "%s contact", r)
		}
	}
	for _, id := range d.contactIDs() {
		if has(had, id) {
			continue
		}
		c, err := getContact(w.tx, id)
		if errors.Is(err, errNone) {
			return refuse(epp.NoSuchObject, "no such contact: %s", id)
		}
		if err != nil {
			return err
		}
		if c.ClID != w.who {
			return refuse(epp.NotAuthorised, "another registrar's contact: %s", id)
		}
	}
	return nil
}

// checkApproved refuses a registrant whose papers the registry has not approved.
func (w *work) checkApproved(id string) error {
	c, err := getContact(w.tx, id)
	if err != nil {
		return refuse(epp.NoSuchObject, "no such contact: %s", id)
	}
	switch {
	case c.Approved:
		return nil
	case c.CNNIC == nil:
		return refuse(epp.PolicyViolation, "the registrant has no identity data")
	case c.Reason != "":
		return refuse(epp.PolicyViolation, "the registrant was refused: %s", c.Reason)
	}
	return refuse(epp.PolicyViolation, "the registrant is not yet approved")
}

var strong = []*regexp.Regexp{regexp.MustCompile(`[a-z]`), regexp.MustCompile(`[A-Z]`), regexp.MustCompile(`[0-9]`), regexp.MustCompile(`[^a-zA-Z0-9]`)}

// checkAuthInfo: empty while no move is wanted, else hard to guess (RFC 9154).
func (w *work) checkAuthInfo(pw string) error {
	if pw == "" {
		return nil
	}
	kinds := 0
	for _, re := range strong {
		if re.MatchString(pw) {
			kinds++
		}
	}
	if len(pw) < 12 || kinds < 3 {
		return refuse(epp.PolicyViolation, "the authorisation is too easy to guess")
	}
	return nil
}

func (w *work) domainRenew(c *epp.DomainRenew) (epp.Response, error) {
	d, p, err := w.own(c.Name)
	if err != nil {
		return epp.Response{}, err
	}
	if s := d.prohibits("Renew"); s != "" {
		return epp.Response{}, refuse(epp.StatusProhibits, "%s", s)
	}
	years, err := inYears(c.Period)
	if err != nil {
		return epp.Response{}, err
	}
	from, err := c.CurExpDate.Time()
	if err != nil {
		return epp.Response{}, refuse(epp.ValueSyntax, "curExpDate")
	}
	if epp.DateOf(d.ExDate) != epp.DateOf(from) {
		return epp.Response{}, refuse(epp.OutOfRange, "it expires on %s", epp.DateOf(d.ExDate))
	}
	until := addYears(d.ExDate, years)
	if until.After(addYears(w.now, maxYears)) {
		return epp.Response{}, refuse(epp.NotRenewable, "at most %d years ahead", maxYears)
	}
	n, err := parseName(d.Name)
	if err != nil {
		return epp.Response{}, err
	}
	price, class := w.price(n, "renew")
	price *= int64(years)
	carried := ext[epp.FeeRenew](w)
	if err := agree(transform(carried), price, class); err != nil {
		return epp.Response{}, err
	}
	if err := w.charge("renew", d.Name, price); err != nil {
		return epp.Response{}, err
	}
	d.ExDate, d.UpID, d.UpDate = until, w.who, w.now
	d.Graces = append(d.Graces, Grace{Status: "renewPeriod", Until: w.now.Add(day(p.Renew)), Fee: price, Years: years})
	if err := w.put(d); err != nil {
		return epp.Response{}, err
	}
	var more []any
	if carried != nil {
		taken, err := w.taken(price)
		if err != nil {
			return epp.Response{}, err
		}
		more = append(more, &epp.FeeRenData{FeeResult: taken})
	}
	return done(&epp.DomainRenData{Name: d.Name, ExDate: wireTime(until)}, d.with(more, func(b bundleData) any { return &bundleRenData{b} })...)
}

func (w *work) domainDelete(c *epp.DomainDelete) (epp.Response, error) {
	d, p, err := w.own(c.Name)
	if err != nil {
		return epp.Response{}, err
	}
	if s := d.prohibits("Delete"); s != "" {
		return epp.Response{}, refuse(epp.StatusProhibits, "%s", s)
	}
	under, err := hostsUnder(w.tx, d.Name)
	if err != nil {
		return epp.Response{}, err
	}
	for _, h := range under {
		users, err := linkedDomains(w.tx, "host", h.Name)
		if err != nil {
			return epp.Response{}, err
		}
		for _, u := range users {
			if u.Name != d.Name {
				return epp.Response{}, refuse(epp.LinkProhibits, "%s serves %s", h.Name, u.Name)
			}
		}
	}
	// What was paid within a grace period comes back, and its years go.
	fresh, back := false, int64(0)
	for _, g := range d.Graces {
		fresh = fresh || g.Status == "addPeriod"
		back += g.Fee
		d.ExDate = addYears(d.ExDate, -g.Years)
	}
	if _, err := take(w.tx, w.who, "credit", d.Name, -back, w.now); err != nil {
		return epp.Response{}, err
	}
	bundle := d.with(nil, func(b bundleData) any { return &bundleDelData{b} })
	if fresh {
		for _, h := range under {
			if err := dropHost(w.tx, h.Name); err != nil {
				return epp.Response{}, err
			}
		}
		if err := dropDomain(w.tx, d.Name); err != nil {
			return epp.Response{}, err
		}
		return done(nil, bundle...)
	}
	d.State, d.DeletedAt, d.Until, d.Graces = stateRedemption, w.now, w.now.Add(day(p.Redemption)), nil
	add(&d.Statuses, "pendingDelete")
	d.UpID, d.UpDate = w.who, w.now
	if err := w.put(d); err != nil {
		return epp.Response{}, err
	}
	resp := epp.Reply(epp.DonePending, "")
	resp.Extensions = bundle
	return resp, nil
}

// domainRestore brings back a name in redemption: request, then report (RFC 3915).
func (w *work) domainRestore(d *Domain, p *Policy, x epp.RGPRestore) (epp.Response, error) {
	switch {
	case x.Op == "request" && d.State == stateRedemption:
		if w.rules.Endings[p.Ending].Verification == VerifyFirst {
			if err := w.checkApproved(d.Registrant); err != nil {
				return epp.Response{}, err
			}
		}
		n, err := parseName(d.Name)
		if err != nil {
			return epp.Response{}, err
		}
		price, _ := w.price(n, "restore")
		carried := ext[epp.FeeUpdate](w)
		if err := agree(transform(carried), price, ""); err != nil {
			return epp.Response{}, err
		}
		if err := w.charge("restore", d.Name, price); err != nil {
			return epp.Response{}, err
		}
		d.State, d.Until = stateRestoring, w.now.Add(day(p.RestoreReport))
		if err := w.put(d); err != nil {
			return epp.Response{}, err
		}
		more := []any{&epp.RGPUpData{RGPStatuses: rgpData(d).RGPStatuses}}
		if carried != nil {
			taken, err := w.taken(price)
			if err != nil {
				return epp.Response{}, err
			}
			more = append(more, &epp.FeeUpdData{FeeResult: taken})
		}
		return done(nil, more...)
	case x.Op == "report" && d.State == stateRestoring:
		if r := x.Report; r == nil || len(r.Statements) < 2 || r.PreData.Body == "" || r.ResReason.Body == "" {
			return epp.Response{}, refuse(epp.MissingParameter, "a report needs data, times, reason and two statements")
		}
		remove(&d.Statuses, "pendingDelete")
		d.State, d.Until, d.DeletedAt = stateRegistered, time.Time{}, time.Time{}
		if !d.ExDate.After(w.now) {
			if err := w.renewRestored(d, p); err != nil {
				return epp.Response{}, err
			}
		}
		if err := w.put(d); err != nil {
			return epp.Response{}, err
		}
		return done(nil)
	}
	return epp.Response{}, refuse(epp.StatusProhibits, "restore %s does not fit %s", x.Op, d.State)
}

// renewRestored adds the years that a name has lain dead, so that it lives again.
func (w *work) renewRestored(d *Domain, p *Policy) error {
	n, err := parseName(d.Name)
	if err != nil {
		return err
	}
	price, _ := w.price(n, "renew")
	for !d.ExDate.After(w.now) {
		if err := w.charge("renew", d.Name, price); err != nil {
			return err
		}
		d.ExDate = addYears(d.ExDate, 1)
	}
	return nil
}
