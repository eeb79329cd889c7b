package orders

import (
	"context"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/names"
	"yumen/registrar/screening"
)

// screened asks the lists once more before a name is sent: they may have
// changed since it was ordered. wait says that a person has to look first; the
// look is asked for here.
func screened(tx *db.Tx, i Item, n names.Name) (wait, refused bool, err error) {
	v, err := screening.CheckFor(tx, i.House, i.Account, n)
	if err != nil || v.Clear() {
		return false, false, err
	}
	if v.State != screening.NeedsReview {
		return false, true, nil
	}
	r, asked, err := screening.ForItem(tx, i.House, i.Key(), screening.Near)
	if err != nil {
		return false, false, err
	}
	if !asked {
		row, err := orderByRef(tx, i.Order)
		if err != nil {
			return false, false, err
		}
		if r, err = screening.OpenReview(tx, system(i, "close to a prohibited name"), screening.Ask{Kind: screening.Near, Name: n,
			Item: i.Key(), Account: i.Account, Person: row.Person}); err != nil {
			return false, false, err
		}
	}
	switch r.State {
	case screening.Refused:
		return false, true, nil
	case screening.Approved:
		return false, false, nil // by the person who looked, though the lists have changed since
	}
	return true, false, noteOnce(tx, i, "name_review", NextRegistrar, r.Due, nil)
}

// refusedFor is the reviewer's reason, for the buyer; empty where a list alone
// decided.
func refusedFor(tx *db.Tx, i Item) (string, error) {
	r, ok, err := screening.ForItem(tx, i.House, i.Key(), screening.Near)
	if err != nil || !ok || r.State != screening.Refused {
		return "", err
	}
	return r.Reason, nil
}

// NameDecided is the flow after a name review was decided; the job's key is its
// reference. The order that waits for it goes on, or is refunded.
func (f Flows) NameDecided(ctx context.Context, j jobs.Job) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		key, err := screening.ReviewItem(tx, j.Key)
		if err != nil || key == "" {
			return err
		}
		i, err := lock(tx, key)
		if err != nil || i.State != Ready {
			return err
		}
		if r, ok, err := screening.ForItem(tx, i.House, key, screening.Near); err != nil {
			return err
		} else if ok && r.State == screening.Approved {
			if err := note(tx, i, "name_approved", NextRegistrar, time.Time{}, nil); err != nil {
				return err
			}
		}
		return goOn(tx, i)
	})
}
