package orders

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/desk"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
)

// answered applies what came of a create, in the write that records it. An
// attempt that somebody decided meanwhile is left alone. said is what the
// registry asks for the name now, where it may have refused for the price.
func (f Flows) answered(tx *db.Tx, key string, a registries.Attempt, ans registries.Answer, said *catalogue.Asked) (later, err error) {
	set, err := f.Registries.Settings(a.Registry)
	if err != nil {
		return nil, err
	}
	if err := f.Registries.Saw(tx, a.Registry, ans); err != nil {
		return nil, err
	}
	// A refusal that comes after an attempt in doubt may be that attempt's doing;
	// and a yes we cannot read is asked again.
	doubtful := (ans.Outcome == registries.Refused || ans.Outcome == registries.Fault) && a.Try > 1
	unread := ans.Outcome == registries.Done && (ans.Result.Unreadable || ans.Result.ExDate.IsZero())
	if doubtful || unread {
		ans.Outcome = registries.Ask
	}
	askAt := tx.Now.Add(set.AskWait(0))
	if ans.Outcome == registries.Ask {
		askAt = tx.Now // the registry has answered: there is nothing to wait for
	}
	fresh, err := registries.Record(tx, a, ans, askAt)
	if err != nil || !fresh {
		return nil, err
	}
	i, err := lock(tx, key)
	if err != nil {
		return nil, err
	}
	if i.State != Sent {
		return nil, fmt.Errorf("orders: %s is %s while its attempt %s was answered", key, i.State, a.ClTRID)
	}
	if moved(i, a, ans.Outcome, said) {
		return nil, f.dearer(tx, &i, a, ans.Outcome, *said)
	}
	switch ans.Outcome {
	case registries.Done:
		if err := registries.Funded(tx, a.Registry); err != nil {
			return nil, err
		}
		return nil, f.registered(tx, &i, a, registries.Domain{NameA: i.NameA, CrDate: ans.Result.CrDate, ExDate: ans.Result.ExDate,
			Bundle: ans.Result.Bundle})
	case registries.Pending:
		return nil, f.pending(tx, &i, a, ans.Result.CrDate, ans.Result.Bundle)
	case registries.Refused:
		if _, err := registries.Settle(tx, a, registries.Refused); err != nil {
			return nil, err
		}
		if err := goOnForName(tx, i); err != nil {
			return nil, err
		}
		return nil, f.refuse(tx, &i, RegistrySaid, ans.Words)
	case registries.Fault:
		if _, err := registries.Settle(tx, a, registries.Fault); err != nil {
			return nil, err
		}
		return nil, f.fault(tx, &i, int64(ans.Code), ans.Words)
	case registries.Unknown:
		return jobs.Doubt(askAt, "no answer from the registry"), noteOnce(tx, i, "unknown", NextRegistrar, time.Time{}, nil)
	case registries.Ask:
		return nil, nil
	}
	if later, err = f.rest(tx, i, a, ans, set); err != nil {
		return nil, err
	}
	if _, err := setState(tx, &i, Ready, time.Time{}); err != nil {
		return nil, err
	}
	return later, goOnForName(tx, i)
}

// fault refuses an item because of our command, our settings or a changed
// price, and calls staff.
func (f Flows) fault(tx *db.Tx, i *Item, code int64, words string) error {
	if err := alarm(tx, *i, "orders.fault", actor.SeeJobs, "orders.task.fault", map[string]string{"Code": strconv.FormatInt(code, 10)}); err != nil {
		return err
	}
	return f.refuse(tx, i, OurFault, words)
}

var errAway = errors.New("the registry cannot be reached")

// rest settles an attempt that reached nobody, or that the registry will not
// take now. The registry's whole lane rests with it, each item in its place.
func (f Flows) rest(tx *db.Tx, i Item, a registries.Attempt, ans registries.Answer, set registries.Settings) (later, err error) {
	if _, err := registries.Settle(tx, a, ans.Outcome); err != nil {
		return nil, err
	}
	again := tx.Now.Add(set.NoFundsRetry)
	switch ans.Outcome {
	case registries.NoFunds:
		err = stop(tx, i, registries.QueueNoFunds, registries.TaskNoFunds, actor.SeeMoney, "orders.task.no_funds", again)
	case registries.Suspended:
		err = stop(tx, i, registries.QueueSuspended, registries.TaskSuspended, actor.SeeJobs, "orders.task.suspended", time.Time{})
	default:
		return jobs.Rest(errAway), noteStill(tx, i, "registry_away", NextRegistrar)
	}
	if err != nil {
		return nil, err
	}
	return jobs.RestUntil(again, "the registry's queue is stopped"), noteStill(tx, i, "registrar_delay", NextRegistrar)
}

// stop rests a registry's queue and calls for whoever can open it.
func stop(tx *db.Tx, i Item, state, kind string, right actor.Right, summary string, retryAt time.Time) error {
	if err := registries.StopQueue(tx, i.Registry, state, "the registry answered so for "+i.Key(), retryAt); err != nil {
		return err
	}
	_, err := desk.Open(tx, desk.Task{House: i.House, Kind: kind, Ref: i.Registry, Right: right, Summary: summary,
		Args: map[string]string{"Registry": i.Registry}, Due: tx.Now.Add(time.Hour)})
	return err
}

// registered is the one place where a name becomes the buyer's and the money
// ours: both in one write.
func (f Flows) registered(tx *db.Tx, i *Item, a registries.Attempt, d registries.Domain) error {
	// Two of our buyers never hold one name: who is recorded keeps it.
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return fmt.Errorf("orders: %s: %w", i.Key(), err)
	}
	if other, held, err := registrations.Holding(tx, n); err != nil {
		return err
	} else if held && other.OrderItem != i.Key() {
		if _, err := registries.Settle(tx, a, registries.Refused); err != nil {
			return err
		}
		return f.refuse(tx, i, takenAs(*i, other.NameA), "")
	}
	if _, err := registries.Settle(tx, a, registries.Done); err != nil {
		return err
	}
	if d.ExDate.IsZero() {
		return fmt.Errorf("orders: %s registered without an expiry date", i.Key())
	}
	was := i.State
	if ok, err := setState(tx, i, Registered, time.Time{}); err != nil || !ok {
		return err
	}
	who := system(*i, "registered by the registry")
	r, held, err := registrations.ByItem(tx, i.House, i.Key())
	if err != nil {
		return err
	}
	switch {
	case was == Pending && held:
		err = registrations.Confirm(tx, who, r, d)
	default:
		_, err = f.recordName(tx, who, *i, d, false, d.CrDate)
	}
	if err != nil {
		return err
	}
	if err := settleMoney(tx, who, *i); err != nil {
		return err
	}
	if err := certain(tx, who, *i, "registered"); err != nil {
		return err
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return err
	}
	if err := note(tx, *i, "registered", NextNobody, time.Time{}, map[string]string{"Expires": stamp(d.ExDate)}); err != nil {
		return err
	}
	if err := record(tx, who, *i, "orders.registered", map[string]string{"total": i.Total.String(), "cl_trid": a.ClTRID}); err != nil {
		return err
	}
	if err := tell(tx, o, "orders.registered", map[string]string{"Name": i.NameU, "NameA": i.NameA, "Expires": stamp(d.ExDate)}); err != nil {
		return err
	}
	if err := jobs.Emit(tx, "orders.registered", i.Key(), nil); err != nil {
		return err
	}
	if err := goOnForName(tx, *i); err != nil {
		return err
	}
	// The answer to a create does not carry the statuses and the bundle.
	if err := registrations.Ask(tx, i.NameA); err != nil {
		return err
	}
	return closeOrder(tx, i.Order)
}

// certain closes what staff were asked about an item whose end is known now.
func certain(tx *db.Tx, who actor.Actor, i Item, outcome string) error {
	for _, kind := range []string{"orders.unknown", "orders.pending_late"} {
		if err := desk.CloseFor(tx, who, kind, i.Key(), outcome); err != nil {
			return err
		}
	}
	return screening.Withdraw(tx, who, i.Key())
}

func settleMoney(tx *db.Tx, who actor.Actor, i Item) error {
	if !i.Total.Positive() {
		return nil
	}
	return ledger.Settle(tx, who, i.Order, ledger.SaleLine{Name: i.NameA, Service: i.Service, Years: i.Years, PriceRow: i.PriceRow,
		Net: i.Net, Tax: i.Tax, TaxRateBP: i.TaxRateBP, Cost: i.Cost})
}

// recordName writes the name of an item as the registry has taken it.
func (f Flows) recordName(tx *db.Tx, who actor.Actor, i Item, d registries.Domain, pending bool, submitted time.Time) (registrations.Registration, error) {
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return registrations.Registration{}, err
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return registrations.Registration{}, err
	}
	approved, err := identity.IsApproved(tx, i.ProfileVersion)
	if err != nil {
		return registrations.Registration{}, err
	}
	contact, err := contactID(tx, i)
	if err != nil {
		return registrations.Registration{}, err
	}
	return registrations.Record(tx, who, registrations.New{House: i.House, Account: i.Account, Name: n, Registry: i.Registry,
		OrderItem: i.Key(), Profile: o.Profile, ProfileVersion: i.ProfileVersion, Registrant: contact, Approved: approved,
		Pending: pending, SubmittedAt: submitted, CrDate: d.CrDate, ExDate: d.ExDate, Statuses: d.Statuses, Bundle: d.Bundle})
}

// pending waits for the registry's decision; the money stays held.
func (f Flows) pending(tx *db.Tx, i *Item, a registries.Attempt, submitted time.Time, bundle []string) error {
	if _, err := registries.Settle(tx, a, registries.Pending); err != nil {
		return err
	}
	if submitted.IsZero() {
		submitted = tx.Now
	}
	due, err := calendar.Policy(tx, "orders.pending_materials", i.Ending)
	if err != nil {
		return err
	}
	if ok, err := setState(tx, i, Pending, due.After(submitted)); err != nil || !ok {
		return err
	}
	if err := setSubmitted(tx, i, submitted); err != nil {
		return err
	}
	who := system(*i, "accepted by the registry, pending")
	if _, err := f.recordName(tx, who, *i, registries.Domain{Bundle: bundle}, true, submitted); err != nil {
		return err
	}
	if err := goOnForName(tx, *i); err != nil {
		return err
	}
	args := map[string]string{"Submitted": stamp(submitted)}
	if err := note(tx, *i, "pending", NextRegistry, i.Due, args); err != nil {
		return err
	}
	if err := record(tx, who, *i, "orders.pending", map[string]string{"cl_trid": a.ClTRID}); err != nil {
		return err
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return err
	}
	args["Name"] = i.NameU
	return tell(tx, o, "orders.pending", args)
}

// closeOrder notes when the last item of an order came to its end.
func closeOrder(tx *db.Tx, ref string) error {
	items, err := itemsOf(tx, ref)
	if err != nil {
		return err
	}
	for _, i := range items {
		if !i.State.Final() {
			return nil
		}
	}
	if _, err := setOrder(tx, ref, "paid", "closed"); err != nil {
		return err
	}
	return setClosed(tx, ref)
}
