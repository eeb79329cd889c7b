package screening

import (
	"fmt"
	"slices"

	"yumen/db"
	"yumen/registrar/names"
	"yumen/registrar/permits"
)

// What is done for a name without a price of its own; the rest are
// permits.Services.
const (
	DNSHosting permits.Service = "dns_hosting" // answering for its zone
	Redirect   permits.Service = "redirect"    // leading its visitors elsewhere
	Parking    permits.Service = "parking"     // a page of ours under it
	Privacy    permits.Service = "privacy"     // keeping its holder out of the directory
)

// Services are all that can be done for a name. Leaving is none: a name may
// always be deleted or moved to another registrar.
func Services() []permits.Service {
	return append(permits.Services(), DNSHosting, Redirect, Parking, Privacy)
}

// Serve is the gate before every service to a name, and the only one: flows ask
// it before they quote, take money, send, or do anything for a name. A
// prohibited name is refused with its class as the code, whichever the service
// (Order 43 art. 28(2)). Names that are reserved or want papers of an authority
// cannot be registered; whoever holds one is served. A verdict of NeedsReview
// is no refusal: a person looks before it is sent.
//
// The problem's id begins with "screening.refused."; pages put the way to
// appeal beside it. The verdict comes with a refusal too.
func Serve(tx *db.Tx, house int64, s permits.Service, a Applicant, n names.Name) (Verdict, error) {
	if !slices.Contains(Services(), s) {
		return Verdict{}, fmt.Errorf("screening: %q is no service", s)
	}
	v, err := CheckFor(tx, house, a, n)
	if err != nil {
		return v, err
	}
	if v.State == Prohibited || s == permits.Create && v.State != NeedsReview {
		return v, v.Err(n)
	}
	return v, nil
}
