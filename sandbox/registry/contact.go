package registry

import (
	"errors"
	"net/mail"
	"regexp"
	"slices"
	"time"

	"golang.org/x/text/language"

	"yumen/protocols/epp"
)

var (
	contactID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,15}$`)
	phone     = regexp.MustCompile(`^\+[0-9]{1,3}\.[0-9]{1,14}$`)
)

// contactStatuses are those a registrar may set on a contact.
var contactStatuses = []string{"clientDeleteProhibited", "clientTransferProhibited", "clientUpdateProhibited"}

func (w *work) contactCheck(c *epp.ContactCheck) (epp.Response, error) {
	data := &epp.ContactChkData{}
	for _, id := range c.IDs {
		cd := epp.ContactChecked{ID: epp.Avail{Avail: true, Value: id}}
		_, err := getContact(w.tx, id)
		switch {
		case !contactID.MatchString(id):
			cd.ID.Avail, cd.Reason = false, &epp.Text{Body: "not a valid id"}
		case err == nil:
			cd.ID.Avail, cd.Reason = false, &epp.Text{Body: "in use"}
		case !errors.Is(err, errNone):
			return epp.Response{}, err
		}
		data.CD = append(data.CD, cd)
	}
	return done(data)
}

func (w *work) contactCreate(c *epp.ContactCreate) (epp.Response, error) {
	if !contactID.MatchString(c.ID) {
		return epp.Response{}, refuse(epp.ValueSyntax, "id")
	}
	if _, err := getContact(w.tx, c.ID); !errors.Is(err, errNone) {
		if err == nil {
			err = refuse(epp.ObjectExists, "")
		}
		return epp.Response{}, err
	}
	k := &Contact{ID: c.ID, ROID: newROID(), Postal: c.Postal, Voice: c.Voice, Fax: c.Fax, Email: c.Email,
		AuthInfo: c.AuthInfo.Pw, Disclose: c.Disclose, ClID: w.who, CrID: w.who, CrDate: w.now, Applied: w.trid}
	if x := ext[epp.CNNICContactCreate](w); x != nil {
		k.CNNIC = &x.CNNICContact
	}
	if err := k.check(); err != nil {
		return epp.Response{}, err
	}
	waits := k.submit(w)
	if err := putContact(w.tx, k); err != nil {
		return epp.Response{}, err
	}
	resp := epp.Reply(epp.Done, "", &epp.ContactCreData{ID: k.ID, CrDate: epp.At(w.now)})
	if waits {
		resp.Results[0] = epp.Result{Code: epp.DonePending}
	}
	return resp, nil
}

// submit lets the registry look at complete CNNIC data: at once, later or by hand.
func (k *Contact) submit(w *work) (waits bool) {
	k.Approved, k.Reason, k.ReviewAt = false, "", time.Time{}
	remove(&k.Statuses, "pendingCreate", "pendingUpdate")
	if k.CNNIC == nil {
		return false
	}
	d, err := time.ParseDuration(w.rules.ContactReview)
	if err == nil && d == 0 {
		k.Approved = true
		return false
	}
	add(&k.Statuses, "pendingCreate")
	if err == nil {
		k.ReviewAt = w.now.Add(d)
	}
	return true
}

// decide ends the registry's look at a contact and tells its registrar.
func (w *work) decide(k *Contact, ok bool, reason string) error {
	k.Approved, k.Reason, k.ReviewAt = ok, "", time.Time{}
	text := "Contact approved"
	if !ok {
		k.Reason, text = reason, "Contact refused: "+reason
	}
	remove(&k.Statuses, "pendingCreate")
	if err := putContact(w.tx, k); err != nil {
		return err
	}
	return w.tell(&Message{Registrar: k.ClID, Kind: "contact", Text: text, ContactPan: &epp.ContactPanData{
		ID: epp.PendingResult{OK: epp.Flag(ok), Value: k.ID}, PaTRID: k.Applied, PaDate: epp.At(w.now)}}, nil, nil)
}

// check holds the data against RFC 5733 and, with CNNIC's extension, its rules.
func (k *Contact) check() error {
	if len(k.Postal) == 0 || len(k.Postal) > 2 {
		return refuse(epp.MissingParameter, "one or two postalInfo")
	}
	kinds := []string{}
	for _, p := range k.Postal {
		if p.Type != "int" && p.Type != "loc" || has(kinds, p.Type) {
			return refuse(epp.ValueSyntax, "postalInfo is int and loc, each once")
		}
		kinds = append(kinds, p.Type)
		switch {
		case p.Name == "":
			return refuse(epp.MissingParameter, "name")
		case p.Addr.City == "":
			return refuse(epp.MissingParameter, "city")
		case p.Addr.CC == "":
			return refuse(epp.MissingParameter, "cc")
		case !country(p.Addr.CC):
			return refuse(epp.ValueSyntax, "cc is no country: %s", p.Addr.CC)
		case len(p.Addr.Street) > 3:
			return refuse(epp.ValueSyntax, "at most three lines of street")
		case p.Type == "int" && !ascii(append(slices.Clone(p.Addr.Street), p.Name, p.Org, p.Addr.City, p.Addr.SP, p.Addr.PC)):
			return refuse(epp.ValueSyntax, "int is ASCII only")
		}
	}
	if k.Email == "" {
		return refuse(epp.MissingParameter, "email")
	}
	if a, err := mail.ParseAddress(k.Email); err != nil || a.Address != k.Email {
		return refuse(epp.ValueSyntax, "email")
	}
	for _, v := range []*epp.Phone{k.Voice, k.Fax} {
		if v != nil && v.Value != "" && !phone.MatchString(v.Value) {
			return refuse(epp.ValueSyntax, "a phone number is +86.1065539999")
		}
	}
	if k.CNNIC != nil {
		return k.checkCNNIC(kinds)
	}
	return nil
}

func country(cc string) bool {
	r, err := language.ParseRegion(cc)
	return err == nil && len(cc) == 2 && r.IsCountry() && r.String() == cc
}

func ascii(list []string) bool {
	for _, s := range list {
		for _, c := range []byte(s) {
			if c >= 0x80 {
				return false
			}
		}
	}
	return true
}

func (w *work) ownContact(id string) (*Contact, error) {
	k, err := getContact(w.tx, id)
	if errors.Is(err, errNone) {
		return nil, refuse(epp.NoSuchObject, "")
	}
	if err == nil && k.ClID != w.who {
		return nil, refuse(epp.NotAuthorised, "another registrar's contact")
	}
	return k, err
}

func (w *work) contactInfo(c *epp.ContactInfo) (epp.Response, error) {
	k, err := w.ownContact(c.ID)
	if err != nil {
		return epp.Response{}, err
	}
	list, err := w.contactStatuses(k)
	if err != nil {
		return epp.Response{}, err
	}
	data := &epp.ContactInfData{ID: k.ID, ROID: k.ROID, Statuses: statuses(list), Postal: k.Postal, Voice: k.Voice, Fax: k.Fax, Email: k.Email,
		ClID: k.ClID, CrID: k.CrID, CrDate: epp.At(k.CrDate), UpID: k.UpID, UpDate: wireTime(k.UpDate), Disclose: k.Disclose}
	if k.CNNIC != nil {
		return done(data, &epp.CNNICContactInfData{CNNICContact: *k.CNNIC})
	}
	return done(data)
}

// contactStatuses adds linked and ok, which are worked out.
func (w *work) contactStatuses(k *Contact) ([]string, error) {
	list := slices.Sorted(slices.Values(k.Statuses))
	if len(list) == 0 {
		list = []string{"ok"}
	}
	user, err := linked(w.tx, "contact", k.ID)
	if user != "" {
		list = append(list, "linked")
	}
	return list, err
}

func (w *work) contactUpdate(c *epp.ContactUpdate) (epp.Response, error) {
	k, err := w.ownContact(c.ID)
	if err != nil {
		return epp.Response{}, err
	}
	unlock := c.Rem != nil && slices.ContainsFunc(c.Rem.Statuses, func(s epp.Status) bool { return s.S == "clientUpdateProhibited" })
	for _, s := range []string{"serverUpdateProhibited", "pendingCreate", "clientUpdateProhibited"} {
		if has(k.Statuses, s) && !(s == "clientUpdateProhibited" && unlock && c.Chg == nil) {
			return epp.Response{}, refuse(epp.StatusProhibits, "%s", s)
		}
	}
	if err := editStatuses(&k.Statuses, contactStatuses, c.Add, c.Rem); err != nil {
		return epp.Response{}, err
	}
	waits := false
	if c.Chg != nil {
		k.change(c.Chg)
	}
	if x := ext[epp.CNNICContactUpdate](w); x != nil {
		k.changeCNNIC(x)
	}
	if err := k.check(); err != nil {
		return epp.Response{}, err
	}
	if ext[epp.CNNICContactUpdate](w) != nil || c.Chg != nil && len(c.Chg.Postal) > 0 && k.CNNIC != nil {
		k.Applied = w.trid
		waits = k.submit(w)
	}
	k.UpID, k.UpDate = w.who, w.now
	if err := putContact(w.tx, k); err != nil {
		return epp.Response{}, err
	}
	if waits {
		return epp.Reply(epp.DonePending, ""), nil
	}
	return done(nil)
}

func editStatuses(list *[]string, allowed []string, plus, minus *epp.ContactStatuses) error {
	if minus != nil {
		for _, s := range minus.Statuses {
			if !has(allowed, s.S) {
				return refuse(epp.PolicyViolation, "%s is not the registrar's to take away", s.S)
			}
			if !has(*list, s.S) {
				return refuse(epp.OutOfRange, "%s is not set", s.S)
			}
			remove(list, s.S)
		}
	}
	if plus != nil {
		for _, s := range plus.Statuses {
			if !has(allowed, s.S) {
				return refuse(epp.PolicyViolation, "%s is not the registrar's to set", s.S)
			}
			if has(*list, s.S) {
				return refuse(epp.OutOfRange, "%s is set already", s.S)
			}
			add(list, s.S)
		}
	}
	return nil
}

func (k *Contact) change(c *epp.ContactChange) {
	for _, p := range c.Postal {
		i := slices.IndexFunc(k.Postal, func(q epp.PostalInfo) bool { return q.Type == p.Type })
		if i < 0 {
			k.Postal = append(k.Postal, epp.PostalInfo{Type: p.Type})
			i = len(k.Postal) - 1
		}
		if p.Name != nil {
			k.Postal[i].Name = *p.Name
		}
		if p.Org != nil {
			k.Postal[i].Org = *p.Org
		}
		if p.Addr != nil {
			k.Postal[i].Addr = *p.Addr
		}
	}
	if c.Voice != nil {
		k.Voice = c.Voice
	}
	if c.Fax != nil {
		k.Fax = c.Fax
	}
	if c.Email != "" {
		k.Email = c.Email
	}
	if c.AuthInfo != nil {
		k.AuthInfo = c.AuthInfo.Pw
	}
	if c.Disclose != nil {
		k.Disclose = c.Disclose
	}
}

func (w *work) contactDelete(c *epp.ContactDelete) (epp.Response, error) {
	k, err := w.ownContact(c.ID)
	if err != nil {
		return epp.Response{}, err
	}
	for _, s := range []string{"clientDeleteProhibited", "serverDeleteProhibited", "pendingCreate"} {
		if has(k.Statuses, s) {
			return epp.Response{}, refuse(epp.StatusProhibits, "%s", s)
		}
	}
	user, err := linked(w.tx, "contact", k.ID)
	if err != nil {
		return epp.Response{}, err
	}
	if user != "" {
		return epp.Response{}, refuse(epp.LinkProhibits, "%s uses it", user)
	}
	if err := dropContact(w.tx, k.ID); err != nil {
		return epp.Response{}, err
	}
	return done(nil)
}
