package registry

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"yumen/protocols/epp"
)

// hostStatuses are those a registrar may set on a host.
var hostStatuses = []string{"clientDeleteProhibited", "clientUpdateProhibited"}

func (w *work) hostCheck(c *epp.HostCheck) (epp.Response, error) {
	data := &epp.HostChkData{}
	for _, s := range c.Names {
		cd := epp.HostChecked{Name: epp.Avail{Avail: true, Value: s}}
		_, err := getHost(w.tx, strings.ToLower(s))
		switch {
		case !hostname(strings.ToLower(s)):
			cd.Name.Avail, cd.Reason = false, &epp.Text{Body: "not a valid host name"}
		case err == nil:
			cd.Name.Avail, cd.Reason = false, &epp.Text{Body: "in use"}
		case !errors.Is(err, errNone):
			return epp.Response{}, err
		}
		data.CD = append(data.CD, cd)
	}
	return done(data)
}

// parentOf finds the name that a host lies under. A host under one of our
// endings needs one, and only its registrar may make hosts under it; a host
// elsewhere has none.
func (w *work) parentOf(host string) (string, error) {
	labels := strings.Split(host, ".")
	for i := range Policies {
		suffix := "." + Policies[i].Ending
		if host == Policies[i].Ending || !strings.HasSuffix(host, suffix) {
			continue
		}
		full := labels[len(labels)-2] + suffix
		d, err := getDomain(w.tx, full)
		if errors.Is(err, errNone) {
			return "", refuse(epp.NoSuchObject, "no such name: %s", full)
		}
		if err != nil {
			return "", err
		}
		if d.ClID != w.who {
			return "", refuse(epp.NotAuthorised, "%s is another registrar's", full)
		}
		if s := d.prohibits("Update"); strings.HasPrefix(s, "server") || strings.HasPrefix(s, "pending") {
			return "", refuse(epp.StatusProhibits, "%s: %s", full, s)
		}
		return full, nil
	}
	return "", nil
}

func (w *work) hostCreate(c *epp.HostCreate) (epp.Response, error) {
	h := &Host{Name: strings.ToLower(c.Name), ROID: newROID(), ClID: w.who, CrID: w.who, CrDate: w.now}
	if !hostname(h.Name) {
		return epp.Response{}, refuse(epp.ValueSyntax, "not a valid host name")
	}
	if _, err := getHost(w.tx, h.Name); !errors.Is(err, errNone) {
		if err == nil {
			err = refuse(epp.ObjectExists, "")
		}
		return epp.Response{}, err
	}
	var err error
	if h.Parent, err = w.parentOf(h.Name); err != nil {
		return epp.Response{}, err
	}
	if err := h.addAddresses(c.Addrs); err != nil {
		return epp.Response{}, err
	}
	if x := ext[epp.CNNICHostCreate](w); x != nil {
		h.CNNIC = &x.CNNICHost
	}
	if err := putHost(w.tx, h); err != nil {
		return epp.Response{}, err
	}
	return done(&epp.HostCreData{Name: h.Name, CrDate: epp.At(w.now)})
}

// addAddresses: only a host under one of our endings has addresses here.
func (h *Host) addAddresses(list []epp.Addr) error {
	for _, a := range list {
		if h.Parent == "" {
			return refuse(epp.PolicyViolation, "a host elsewhere has no address here")
		}
		addr, err := address(a)
		if err != nil {
			return err
		}
		if slices.Contains(h.Addrs, addr) {
			return refuse(epp.OutOfRange, "%s is one of its addresses already", a.Value)
		}
		h.Addrs = append(h.Addrs, addr)
	}
	if len(h.Addrs) > 13 {
		return refuse(epp.PolicyViolation, "at most 13 addresses")
	}
	return nil
}

// address checks one and brings it into one form.
func address(a epp.Addr) (epp.Addr, error) {
	ip, err := netip.ParseAddr(a.Value)
	if err != nil || ip.Zone() != "" {
		return a, refuse(epp.ValueSyntax, "not an address: %s", a.Value)
	}
	kind := "v4"
	if ip.Is6() {
		kind = "v6"
	}
	if a.IP == "" {
		a.IP = "v4" // the schema's default
	}
	if a.IP != kind {
		return a, refuse(epp.ValueSyntax, "%s is %s", a.Value, kind)
	}
	if ip.IsUnspecified() || ip.IsMulticast() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return a, refuse(epp.PolicyViolation, "nobody can reach %s", a.Value)
	}
	return epp.Addr{IP: kind, Value: ip.String()}, nil
}

func (w *work) findHost(s string) (*Host, error) {
	h, err := getHost(w.tx, strings.ToLower(s))
	if errors.Is(err, errNone) {
		return nil, refuse(epp.NoSuchObject, "")
	}
	return h, err
}

func (w *work) ownHost(s string) (*Host, error) {
	h, err := w.findHost(s)
	if err == nil && h.ClID != w.who {
		return nil, refuse(epp.NotAuthorised, "another registrar's host")
	}
	return h, err
}

func (w *work) hostInfo(c *epp.HostInfo) (epp.Response, error) {
	h, err := w.findHost(c.Name)
	if err != nil {
		return epp.Response{}, err
	}
	list := slices.Sorted(slices.Values(h.Statuses))
	if len(list) == 0 {
		list = []string{"ok"}
	}
	user, err := linked(w.tx, "host", h.Name)
	if err != nil {
		return epp.Response{}, err
	}
	if user != "" {
		list = append(list, "linked")
	}
	data := &epp.HostInfData{Name: h.Name, ROID: h.ROID, Statuses: statuses(list), Addrs: h.Addrs, ClID: h.ClID, CrID: h.CrID,
		CrDate: epp.At(h.CrDate), UpID: h.UpID, UpDate: wireTime(h.UpDate)}
	if h.CNNIC != nil && h.ClID == w.who {
		return done(data, &epp.CNNICHostInfData{CNNICHost: *h.CNNIC})
	}
	return done(data)
}

func (w *work) hostUpdate(c *epp.HostUpdate) (epp.Response, error) {
	h, err := w.ownHost(c.Name)
	if err != nil {
		return epp.Response{}, err
	}
	plus, minus := c.Add, c.Rem
	unlock := minus != nil && slices.ContainsFunc(minus.Statuses, func(s epp.Status) bool { return s.S == "clientUpdateProhibited" })
	if has(h.Statuses, "serverUpdateProhibited") || has(h.Statuses, "clientUpdateProhibited") && !unlock {
		return epp.Response{}, refuse(epp.StatusProhibits, "")
	}
	if minus != nil {
		for _, a := range minus.Addrs {
			addr, err := address(a)
			if err != nil {
				return epp.Response{}, err
			}
			i := slices.Index(h.Addrs, addr)
			if i < 0 {
				return epp.Response{}, refuse(epp.OutOfRange, "%s is not one of its addresses", a.Value)
			}
			h.Addrs = slices.Delete(h.Addrs, i, i+1)
		}
	}
	if err := editStatuses(&h.Statuses, hostStatuses, hostFlags(plus), hostFlags(minus)); err != nil {
		return epp.Response{}, err
	}
	old := h.Name
	if c.Chg != nil {
		if err := w.rename(h, strings.ToLower(c.Chg.Name)); err != nil {
			return epp.Response{}, err
		}
	}
	if plus != nil {
		if err := h.addAddresses(plus.Addrs); err != nil {
			return epp.Response{}, err
		}
	}
	users, err := linkedDomains(w.tx, "host", old)
	if err != nil {
		return epp.Response{}, err
	}
	if h.Parent != "" && len(h.Addrs) == 0 && len(users) > 0 {
		return epp.Response{}, refuse(epp.PolicyViolation, "names are delegated to it, so it needs an address")
	}
	if x := ext[epp.CNNICHostUpdate](w); x != nil {
		if v := firstOf(x.Chg, x.Add); v != nil {
			h.CNNIC = v
		}
	}
	h.UpID, h.UpDate = w.who, w.now
	if h.Name != old {
		if err := dropHost(w.tx, old); err != nil {
			return epp.Response{}, err
		}
		for _, d := range users {
			d.Hosts[slices.Index(d.Hosts, old)] = h.Name
			if err := w.put(d); err != nil {
				return epp.Response{}, err
			}
		}
	}
	if err := putHost(w.tx, h); err != nil {
		return epp.Response{}, err
	}
	return done(nil)
}

func hostFlags(x *epp.HostAddRem) *epp.ContactStatuses {
	if x == nil {
		return nil
	}
	return &epp.ContactStatuses{Statuses: x.Statuses}
}

// rename moves a host to another name (RFC 5732 section 3.2.5).
func (w *work) rename(h *Host, to string) error {
	if !hostname(to) {
		return refuse(epp.ValueSyntax, "not a valid host name")
	}
	if _, err := getHost(w.tx, to); !errors.Is(err, errNone) {
		if err == nil {
			err = refuse(epp.ObjectExists, "%s", to)
		}
		return err
	}
	if h.Parent == "" {
		users, err := linkedDomains(w.tx, "host", h.Name)
		if err != nil {
			return err
		}
		for _, d := range users {
			if d.ClID != w.who {
				return refuse(epp.LinkProhibits, "%s uses it", d.Name)
			}
		}
	}
	parent, err := w.parentOf(to)
	if err != nil {
		return err
	}
	h.Name, h.Parent = to, parent
	if parent == "" {
		h.Addrs = nil
	}
	return nil
}

func (w *work) hostDelete(c *epp.HostDelete) (epp.Response, error) {
	h, err := w.ownHost(c.Name)
	if err != nil {
		return epp.Response{}, err
	}
	for _, s := range []string{"clientDeleteProhibited", "serverDeleteProhibited"} {
		if has(h.Statuses, s) {
			return epp.Response{}, refuse(epp.StatusProhibits, "%s", s)
		}
	}
	user, err := linked(w.tx, "host", h.Name)
	if err != nil {
		return epp.Response{}, err
	}
	if user != "" {
		return epp.Response{}, refuse(epp.LinkProhibits, "%s uses it", user)
	}
	if err := dropHost(w.tx, h.Name); err != nil {
		return epp.Response{}, err
	}
	return done(nil)
}
