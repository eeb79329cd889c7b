package orders

import (
	"context"
	"strconv"
	"strings"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/identity"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
)

// holder fixes the profile version an item is registered with, once the
// order's profile has an approved one that may be told to the registry. What
// it returns is what is missing: "profile", "approval", "consent", or nothing.
func holder(tx *db.Tx, o Order, i *Item) (missing string, err error) {
	if o.Profile == "" {
		return "profile", nil
	}
	v, err := identity.Current(tx, system(*i, "an order waits for its holder"), o.Profile)
	if err != nil {
		return "", err
	}
	if v.State != identity.Approved {
		return "approval", nil
	}
	// What a registry refused it refuses again: only a later version goes on.
	c, err := identity.Contact(tx, v.ID, i.Registry)
	if err != nil {
		return "", err
	}
	if c.State == identity.ContactRejected {
		return "approval", nil
	}
	if err := identity.MayDisclose(tx, v.ID, i.Ending); err != nil {
		if _, refused := problem.As(err); refused {
			return "consent", nil
		}
		return "", err
	}
	return "", setVersion(tx, i, v.ID)
}

// needIdentity lets an item wait for an approved holder, for as long as policy
// says; then its money goes back.
func needIdentity(tx *db.Tx, o Order, i *Item, kind string, args map[string]string) error {
	limit, err := calendar.Policy(tx, "orders.identity_wait", i.Ending)
	if err != nil {
		return err
	}
	due := limit.After(tx.Now)
	ok, err := setState(tx, i, NeedsIdentity, due)
	if err != nil || !ok {
		return err
	}
	if err := note(tx, *i, kind, NextBuyer, due, args); err != nil {
		return err
	}
	return tell(tx, o, "orders.needs_identity", map[string]string{"Name": i.NameU, "Until": stamp(due)})
}

// IdentityChanged is the flow after something was decided about the profile
// that is the job's key: items that wait for it go on, or their page says what
// is still missing.
func (f Flows) IdentityChanged(ctx context.Context, j jobs.Job) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := itemsForProfile(tx, j.Key, 1000)
		if err != nil {
			return err
		}
		for _, i := range list {
			if err := reconsider(tx, i.Key()); err != nil {
				return err
			}
		}
		return nil
	})
}

// reconsider looks again whether an item that waits for its holder may go on.
func reconsider(tx *db.Tx, key string) error {
	i, err := lock(tx, key)
	if err != nil || i.State != NeedsIdentity {
		return err
	}
	if no, err := listed(tx, i); err != nil {
		return err
	} else if no {
		return goOn(tx, i) // to be refused, whoever would hold it
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return err
	}
	missing, err := holder(tx, o, &i)
	if err != nil {
		return err
	}
	switch missing {
	case "":
		if err := note(tx, i, "identity_approved", NextRegistrar, i.Due, nil); err != nil {
			return err
		}
		return ready(tx, &i)
	case "consent":
		return noteOnce(tx, i, "no_consent", NextBuyer, i.Due, nil)
	}
	return nil
}

// IdentityReady is the flow after a registry accepted or refused a holder; the
// job's key is VERSION/REGISTRY.
func (f Flows) IdentityReady(ctx context.Context, j jobs.Job) error {
	text, registry, _ := strings.Cut(j.Key, "/")
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	return f.DB.Write(ctx, func(tx *db.Tx) error { return wake(tx, version, registry) })
}

// wake lets Fulfil look again at the items that wait for a holder to be known.
func wake(tx *db.Tx, version int64, registry string) error {
	list, err := itemsForContact(tx, version, registry, 1000)
	if err != nil {
		return err
	}
	for _, i := range list {
		if err := goOn(tx, i); err != nil {
			return err
		}
	}
	return nil
}

// fits says whether a profile can hold a name: the ending takes holders of its
// kind, the law of their domicile does not prohibit the name, the consents its
// registry needs are there (a draft gives them when it is submitted), and the
// registry has a word for its document.
func fits(tx *db.Tx, who actor.Actor, v identity.Version, n names.Name) error {
	offer, err := catalogue.Find(tx, who.House, n.EndingA())
	if err != nil {
		return err
	}
	if ok, err := eligible(tx, v, n); err != nil {
		return err
	} else if !ok {
		return problem.New(problem.Refused, "orders.persons_not_eligible", "Ending", offer.ULabel).WithCode("NOT_ELIGIBLE")
	}
	if said, err := prohibitedThere(tx, who, v, n); err != nil {
		return err
	} else if said.Class != "" {
		return problem.New(problem.Refused, "orders.prohibited_there", "Name", n.U(), "Class", string(said.Class)).WithCode(string(said.Class))
	}
	if !v.Open() {
		if err := identity.MayDisclose(tx, v.ID, n.EndingA()); err != nil {
			if _, refused := problem.As(err); refused {
				return problem.New(problem.Refused, "orders.no_consent", "Ending", offer.ULabel).WithCode("NO_CONSENT")
			}
			return err
		}
	}
	set, err := registries.From(tx)
	if err != nil {
		return err
	}
	if _, ok := set.DocumentCode(offer.Registry, string(v.Document)); !ok {
		return problem.New(problem.Refused, "orders.document_unsupported", "Ending", offer.ULabel)
	}
	return nil
}

// prohibitedThere is what the law of a holder's domicile says against a name
// that another holder may have; zero when nothing. What stands against it for
// everybody is told where it is ordered, and ends a paid order where it is sent.
func prohibitedThere(tx *db.Tx, who actor.Actor, v identity.Version, n names.Name) (screening.Verdict, error) {
	said, err := judged(tx, who.House, who.Account, v.ID, n)
	if err != nil || said.State != screening.Prohibited {
		return screening.Verdict{}, err
	}
	anybody, err := judged(tx, who.House, who.Account, 0, n)
	if err != nil || anybody.State == screening.Prohibited {
		return screening.Verdict{}, err
	}
	return said, nil
}

// eligible says whether the ending takes holders of this kind (.招聘 rules
// art. 16).
func eligible(tx *db.Tx, v identity.Version, n names.Name) (bool, error) {
	if v.Holder != persons.Person {
		return true, nil
	}
	r, err := labels.Of(tx, n.Ending())
	return r.Persons != labels.PersonsMayNot, err
}

// stillEligible is eligible for the holder that an item was made ready with.
func stillEligible(tx *db.Tx, i Item, n names.Name) (bool, error) {
	v, err := identity.ByID(tx, i.House, i.ProfileVersion)
	if err != nil {
		return false, err
	}
	return eligible(tx, v, n)
}

// serve asks the gate whether a name may be registered for the holder of a
// profile version; 0 where none is chosen yet.
func serve(tx *db.Tx, house, account, version int64, n names.Name) (screening.Verdict, error) {
	a := screening.Applicant{Account: account}
	if version != 0 {
		var err error
		if a.Domicile, err = identity.Domicile(tx, version); err != nil {
			return screening.Verdict{}, err
		}
	}
	return screening.Serve(tx, house, permits.Create, a, n)
}

// judged is what the gate says, a refusal included.
func judged(tx *db.Tx, house, account, version int64, n names.Name) (screening.Verdict, error) {
	v, err := serve(tx, house, account, version, n)
	if _, refused := problem.As(err); refused {
		err = nil
	}
	return v, err
}
