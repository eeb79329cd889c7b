package orders

import (
	"context"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/screening"
)

// screened asks the lists once more before a name is sent: they may have
// changed since it was ordered. wait says that a person has to look first; the
// look is asked for here. no is why the name is not sent at all.
func screened(tx *db.Tx, i Item, n names.Name) (wait bool, no Reason, err error) {
	if wait, no, err = proven(tx, i); err != nil || wait || no != "" {
		return wait, no, err
	}
	v, err := serve(tx, i.House, i.Account, i.ProfileVersion, n)
	if _, refused := problem.As(err); refused {
		return false, NameRefused, nil
	}
	if err != nil || v.Clear() {
		return false, "", err
	}
	r, asked, err := screening.ForItem(tx, i.House, i.Key(), screening.Near)
	if err != nil {
		return false, "", err
	}
	if !asked {
		row, err := orderByRef(tx, i.Order)
		if err != nil {
			return false, "", err
		}
		if r, err = screening.OpenReview(tx, system(i, "close to a prohibited name"), screening.Ask{Kind: screening.Near, Name: n,
			Item: i.Key(), Account: i.Account, Person: row.Person}); err != nil {
			return false, "", err
		}
	}
	switch r.State {
	case screening.Refused:
		return false, NameRefused, nil
	case screening.Approved:
		return false, "", nil // by the person who looked, though the lists have changed since
	}
	return true, "", noteOnce(tx, i, "name_review", NextRegistrar, r.Due, nil)
}

// proven says how far the proof of relevance of an item is, where its ending
// asked for one when it was ordered.
func proven(tx *db.Tx, i Item) (wait bool, no Reason, err error) {
	r, asked, err := screening.ForItem(tx, i.House, i.Key(), screening.Relevance)
	switch {
	case err != nil || !asked || r.State == screening.Approved:
		return false, "", err
	case r.State == screening.Refused:
		return false, NotRelevant, nil
	}
	return true, "", noteOnce(tx, i, "relevance_review", NextRegistrar, r.Due, nil)
}

// NeedsBasis says whether an order for these names has to say what they have to
// do with the buyer (.招聘 rules arts. 15(1), 16).
func NeedsBasis(tx *db.Tx, q Quote) (bool, error) {
	for _, l := range q.Lines {
		r, err := labels.Of(tx, l.Name.Ending())
		if err != nil || r.Relevance {
			return r.Relevance, err
		}
	}
	return false, nil
}

// relevant puts the proof of an item before a reviewer, where its ending asks
// for one. Without basis and evidence nothing is ordered.
func relevant(tx *db.Tx, who actor.Actor, n names.Name, item string, ask Ask) error {
	r, err := labels.Of(tx, n.Ending())
	if err != nil || !r.Relevance {
		return err
	}
	_, err = screening.OpenReview(tx, who, screening.Ask{Kind: screening.Relevance, Name: n, Item: item, Basis: ask.Basis, Evidence: ask.Evidence})
	return err
}

// reviewed are the kinds of review whose decision is a reason.
var reviewed = map[Reason]screening.Kind{NameRefused: screening.Near, NotRelevant: screening.Relevance}

// listed says whether the name of an item may not be registered any more,
// whoever would hold it.
func listed(tx *db.Tx, i Item) (bool, error) {
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return false, err
	}
	_, err = serve(tx, i.House, i.Account, 0, n)
	if _, refused := problem.As(err); refused {
		return true, nil
	}
	return false, err
}

// refusedFor is the reviewer's reason, for the buyer; where a list alone
// decided, the class of a prohibited name, and empty for others.
func refusedFor(tx *db.Tx, i Item, kind screening.Kind) (string, error) {
	r, ok, err := screening.ForItem(tx, i.House, i.Key(), kind)
	if err != nil || ok && r.State == screening.Refused {
		return r.Reason, err
	}
	if kind != screening.Near {
		return "", nil
	}
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return "", err
	}
	v, err := judged(tx, i.House, i.Account, i.ProfileVersion, n)
	if err != nil || v.State != screening.Prohibited {
		return "", err
	}
	return string(v.Class), nil
}

// NameDecided is the flow after a name review was decided; the job's key is its
// reference. The order that waits for it goes on, or is refunded; one that is not
// paid yet cannot be paid any more.
func (f Flows) NameDecided(ctx context.Context, j jobs.Job) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		key, err := screening.ReviewItem(tx, j.Key)
		if err != nil || key == "" {
			return err
		}
		i, err := lock(tx, key)
		if err != nil {
			return err
		}
		passed, err := screening.Passed(tx, j.Key)
		if err != nil {
			return err
		}
		switch {
		case i.State == Ready && passed:
			if err := note(tx, i, "name_approved", NextRegistrar, time.Time{}, nil); err != nil {
				return err
			}
			return goOn(tx, i)
		case i.State == Ready, i.State == NeedsIdentity && !passed:
			return goOn(tx, i)
		case i.State == AwaitingPayment && !passed:
			return tellUnproven(tx, i, j.Key)
		}
		return nil
	})
}

// unproven reports whether a reviewer found the proof of relevance wanting, and
// why.
func unproven(tx *db.Tx, i Item) (why string, no bool, err error) {
	r, asked, err := screening.ForItem(tx, i.House, i.Key(), screening.Relevance)
	return r.Reason, asked && r.State == screening.Refused, err
}

// tellUnproven is the letter before anything was paid.
func tellUnproven(tx *db.Tx, i Item, review string) error {
	why, no, err := unproven(tx, i)
	if err != nil || !no {
		return err
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return err
	}
	return tell(tx, o, "screening.refused", map[string]string{"Ref": review, "Name": i.NameU, "Reason": why})
}
