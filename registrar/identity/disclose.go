package identity

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/texts"
)

// Disclosure is that personal data of a version were given to somebody. The
// register is written before they leave (Order 43 art. 32, PIPL 23).
type Disclosure struct {
	Version   int64     `db:"version"`
	House     int64     `db:"house"`
	Recipient string    `db:"recipient"` // key of the supplier, or VerifierRecipient
	Basis     string    `db:"basis"`     // kinds of the consents that stood, divided by spaces
	Fields    string    `db:"fields"`    // words, divided by spaces
	At        time.Time `db:"at"`
}

// VerifierRecipient stands for the verification service in the register.
const VerifierRecipient = "verifier"

const (
	registryFields = "name address phone mail document_kind document_number"
	verifierFields = "name document_kind document_number"
)

// Disclosures shows an account to whom a profile's data were given, newest
// first.
func Disclosures(tx *db.Tx, who actor.Actor, ref string) ([]Disclosure, error) {
	v, err := newest(tx, db.FoldRef(ref))
	if err != nil {
		return nil, err
	}
	if !owns(who, v) {
		return nil, errGone
	}
	return listDisclosures(tx, v.Profile)
}

// disclose writes the register.
func disclose(tx *db.Tx, v Version, recipient, fields string) error {
	accepted, err := texts.Acceptances(tx, v.Account, v.Ref)
	if err != nil {
		return err
	}
	var basis []string
	for _, a := range accepted {
		if a.WithdrawnAt.IsZero() && !slices.Contains(basis, a.Kind) {
			basis = append(basis, a.Kind)
		}
	}
	if err := insertDisclosure(tx, Disclosure{Version: v.ID, House: v.House, Recipient: recipient, Basis: strings.Join(basis, " "), Fields: fields}); err != nil {
		return fmt.Errorf("identity: register disclosure of version %d to %s: %w", v.ID, recipient, err)
	}
	return nil
}
