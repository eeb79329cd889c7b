package identity

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/registrar/texts"
)

// ContactState is what a registry thinks of a version's contact.
//
//	ContactNone -> ContactSent (registry) -> ContactPending (registry) -> ContactApproved | ContactRejected
type ContactState string

// The states.
const (
	ContactNone     ContactState = "none"
	ContactSent     ContactState = "sent"     // the command is under way or its answer unknown
	ContactPending  ContactState = "pending"  // the registry is looking
	ContactApproved ContactState = "approved" // may be used as registrant
	ContactRejected ContactState = "rejected"
)

// RegistryContact is a version as one registry knows it.
type RegistryContact struct {
	Version   int64        `db:"version"`
	Registry  string       `db:"registry"` // key of the supplier
	House     int64        `db:"house"`
	ContactID string       `db:"contact"`
	State     ContactState `db:"state"`
	Reason    string       `db:"reason"` // the registry's words
	Since     time.Time    `db:"since"`
}

// ForRegistry opens what a registry needs to know of a holder. It holds
// personal data: call it inside the flow that sends, keep the result nowhere.
// The caller sets the contact's ID.
func ForRegistry(tx *db.Tx, versionID int64) (registries.Contact, error) {
	v, err := findVersion(tx, versionID)
	if err != nil {
		return registries.Contact{}, err
	}
	d, err := open(tx, v)
	if err != nil {
		return registries.Contact{}, err
	}
	c := registries.Contact{
		Organisation: v.Holder == persons.Organisation,
		Name:         d.Name, NameLatin: d.NameLatin, StreetLatin: lines(d.StreetLatin), CityLatin: d.CityLatin, ProvinceLat: d.ProvinceLatin,
		City: d.City, PostCode: d.Postcode, Country: d.Country, Phone: wirePhone(d.Phone), Mobile: wirePhone(d.Phone), Email: d.Email,
		DocumentKind: string(v.Document), DocumentNo: d.Number, Street: lines(d.Street),
	}
	if d.Country == "CN" {
		var district string
		c.Province, c.City, district = place(d.Division)
		c.Street = lines(district + d.Street)
	}
	if c.Organisation {
		// Z-24: the registering person is the contact's name, the organisation
		// its org.
		c.Org, c.OrgLatin = d.Name, d.NameLatin
		c.Name, c.NameLatin = d.AgentName, latin(d.AgentName, true)
		c.Mobile = wirePhone(d.AgentPhone)
	}
	return c, nil
}

// Domicile is the country of a holder's address, alpha-2.
func Domicile(tx *db.Tx, versionID int64) (string, error) {
	v, err := findVersion(tx, versionID)
	if err != nil {
		return "", err
	}
	d, err := open(tx, v)
	return d.Country, err
}

// MayDisclose is nil when a version may be given to the registry of an ending:
// the holder consented to sensitive data, to this recipient and, where the
// recipient is abroad, to that (PIPL 23, 29, 39). Otherwise a problem with the
// code NO_CONSENT.
func MayDisclose(tx *db.Tx, versionID int64, ending string) error {
	v, err := findVersion(tx, versionID)
	if err != nil {
		return err
	}
	wanted, err := Wanted(tx, v.House, []string{ending})
	if err != nil {
		return err
	}
	given, err := consents(tx, v.Account, v.Ref, []string{ending})
	if err != nil {
		return err
	}
	if !given[texts.Sensitive] {
		return problem.New(problem.Refused, "identity.no_consent").WithCode("NO_CONSENT")
	}
	recipient := false
	for _, w := range wanted {
		if !given[w.Kind] {
			return problem.New(problem.Refused, "identity.no_consent").WithCode("NO_CONSENT")
		}
		recipient = recipient || w.Kind == texts.ToRegistry(ending)
	}
	if !recipient {
		return fmt.Errorf("identity: no consent text for the registry of %s is published", ending)
	}
	return nil
}

// Contact is what a registry knows of a version; ContactNone when nothing.
func Contact(tx *db.Tx, versionID int64, registry string) (RegistryContact, error) {
	c, err := findContact(tx, versionID, registry)
	if errors.Is(err, db.ErrNotFound) {
		return RegistryContact{Version: versionID, Registry: registry, State: ContactNone}, nil
	}
	return c, err
}

// SetContact records how far a registry has come with a version, in the
// registry's words where it gave some. Once it decided, the fact
// identity.ready tells whoever waits; saying the same twice tells it once. Say
// ContactSent before the command leaves: it also goes into the register of
// disclosures.
func SetContact(tx *db.Tx, who actor.Actor, versionID int64, registry, contactID string, s ContactState, reason string) error {
	v, err := findVersion(tx, versionID)
	if err != nil {
		return err
	}
	before, err := Contact(tx, versionID, registry)
	if err != nil {
		return err
	}
	if before.State == s && before.ContactID == contactID {
		return nil
	}
	if err := upsertContact(tx, RegistryContact{Version: versionID, Registry: registry, House: v.House, ContactID: contactID, State: s, Reason: reason, Since: tx.Now}); err != nil {
		return fmt.Errorf("identity: contact of version %d at %s: %w", versionID, registry, err)
	}
	if s == ContactSent { // said before the command leaves
		if err := disclose(tx, v, registry, registryFields); err != nil {
			return err
		}
	}
	if err := audit.Record(tx, who, audit.Entry{
		Act: "identity.contact_" + string(s), Object: "profile", Ref: v.Ref, House: v.House, Account: v.Account, Reason: reason,
		Details: map[string]string{"registry": registry, "contact": contactID},
	}); err != nil {
		return err
	}
	if s != ContactApproved && s != ContactRejected {
		return nil
	}
	return jobs.Emit(tx, "identity.ready", fmt.Sprintf("%d/%s", versionID, registry), nil)
}

// ContactByID finds the version a registry's contact stands for: poll messages
// name the contact.
func ContactByID(tx *db.Tx, registry, contactID string) (RegistryContact, error) {
	c, err := findContactByID(tx, registry, contactID)
	if errors.Is(err, db.ErrNotFound) {
		return c, errGone
	}
	return c, err
}

// Contacts lists what all registries know of a version.
func Contacts(tx *db.Tx, versionID int64) ([]RegistryContact, error) {
	return listContacts(tx, versionID)
}

// wirePhone is a stored number as EPP carries it, without its extension.
func wirePhone(stored string) string {
	p, r := persons.ParsePhone(stored)
	if r.Verdict == persons.Refuse {
		return ""
	}
	return p.EPP()
}

// lines breaks an address into at most three lines of at most 255 characters
// (RFC 5733 2.4).
func lines(s string) []string {
	var out []string
	for all := []rune(strings.TrimSpace(s)); len(all) > 0 && len(out) < 3; {
		n := min(len(all), 255)
		out = append(out, string(all[:n]))
		all = all[n:]
	}
	return out
}
