package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"yumen/protocols/epp"
)

// event is something that happens to a name by itself.
type event struct {
	Name string
	At   time.Time
}

// next is what happens to the name first; an empty Name when nothing ever does.
func (w *work) next(d *Domain) event {
	var first event
	due := func(what string, at time.Time) {
		if first.Name == "" || at.Before(first.At) {
			first = event{what, at}
		}
	}
	p, set := policyFor(d.Ending), w.rules.Endings[d.Ending]
	auto := time.Duration(set.AutoApprove)
	switch d.State {
	case statePending:
		switch {
		case d.MaterialsAt.IsZero():
			due("no_materials", d.CrDate.Add(day(p.Materials)))
		case auto > 0:
			due("approve", d.MaterialsAt.Add(auto))
			fallthrough
		default:
			due("no_decision", d.MaterialsAt.Add(day(p.Decision)))
		}
		return first
	case stateRegistered:
		due("expire", d.ExDate)
		for _, g := range d.Graces {
			due("grace", g.Until)
		}
		if !d.HeldAt.IsZero() && auto > 0 {
			due("release_hold", d.HeldAt.Add(auto))
		}
		if t := d.Transfer; t != nil && t.Status == "pending" {
			due("transfer", t.AcDate)
		}
	case stateRedemption:
		due("redemption_end", d.Until)
	case stateRestoring:
		due("report_missing", d.Until)
	case statePendingDelete:
		due("drop", d.Until)
	}
	return first
}

// put stores the name with the time at which something happens to it next.
func (w *work) put(d *Domain) error { return putDomain(w.tx, d, w.next(d).At) }

// Settle lets happen all that has fallen due, in order, each dated as it fell due.
func (r *Registry) Settle(ctx context.Context) error {
	now := r.clock.Now()
	for more := true; more; {
		err := r.file.Write(ctx, func(tx *sql.Tx) error {
			// Some at a time, so that commands find their turn in between.
			for range 200 {
				d, err := nextDue(tx, now)
				if errors.Is(err, errNone) {
					more = false
					return r.review(tx, now)
				}
				if err != nil {
					return err
				}
				w := &work{r: r, tx: tx, trid: epp.TrID{SvTRID: newSvTRID()}, rules: r.Settings()}
				e := w.next(d)
				w.now = e.At
				if e.Name == "" || e.At.UnixMilli() > now.UnixMilli() {
					err = w.put(d) // the rules have changed since it was stored
				} else {
					err = w.happen(d, e.Name)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", d.Name, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// happen carries out one event at w.now.
func (w *work) happen(d *Domain, what string) error {
	p := policyFor(d.Ending)
	switch what {
	case "approve":
		return w.approve(d)
	case "no_materials":
		for _, full := range append([]string{d.Name}, d.Bundle...) {
			if err := reserve(w.tx, full, "closed for 24 hours", w.now.Add(p.ReopensAfter)); err != nil {
				return err
			}
		}
		return w.reject(d, fmt.Sprintf("no materials within %d days", p.Materials))
	case "no_decision":
		return w.reject(d, fmt.Sprintf("no decision within %d days", p.Decision))
	case "release_hold":
		return w.release(d, "identity verified")
	case "expire":
		return w.autoRenew(d, p)
	case "grace":
		for i, g := range d.Graces {
			if !g.Until.After(w.now) {
				d.Graces = append(d.Graces[:i:i], d.Graces[i+1:]...)
				break
			}
		}
		return w.put(d)
	case "transfer":
		return w.endTransfer(d, "serverApproved")
	case "redemption_end":
		if p.PendingDelete == 0 {
			return w.drop(d, "autoPurge", "redemption is over")
		}
		d.State, d.Until = statePendingDelete, w.now.Add(day(p.PendingDelete))
		if err := w.put(d); err != nil {
			return err
		}
		return w.tell(&Message{Registrar: d.ClID, Kind: "rgp", Text: "Redemption is over", RGP: rgpData(d)}, d, nil)
	case "report_missing":
		// RFC 3915 section 2: without a report the name falls back.
		d.State, d.Until = stateRedemption, d.DeletedAt.Add(day(p.Redemption))
		if !d.Until.After(w.now) {
			d.Until = w.now.Add(time.Millisecond)
		}
		if err := w.put(d); err != nil {
			return err
		}
		return w.tell(&Message{Registrar: d.ClID, Kind: "rgp", Text: "No restore report came", RGP: rgpData(d)}, d, nil)
	case "drop":
		return w.drop(d, "autoPurge", "pending delete is over")
	}
	return fmt.Errorf("nothing known happens to it: %q", what)
}

// approve turns a pending create into a registered name; its years begin now.
func (w *work) approve(d *Domain) error {
	p := policyFor(d.Ending)
	d.State, d.CrDate, d.ExDate = stateRegistered, w.now, addYears(w.now, d.Years)
	remove(&d.Statuses, "pendingCreate")
	d.Graces = append(d.Graces, Grace{Status: "addPeriod", Until: w.now.Add(day(p.Add)), Fee: d.Fee, Years: d.Years})
	if err := w.put(d); err != nil {
		return err
	}
	return w.tell(&Message{Registrar: d.ClID, Kind: "create", Text: "Registered", Pan: w.pan(d, true)}, d, nil)
}

// reject ends a pending create: the name is gone, the price comes back.
func (w *work) reject(d *Domain, reason string) error {
	if _, err := take(w.tx, d.ClID, "create", d.Name, -d.Fee, w.now); err != nil {
		return err
	}
	if err := dropDomain(w.tx, d.Name); err != nil {
		return err
	}
	return w.tell(&Message{Registrar: d.ClID, Kind: "create", Text: "Registration refused: " + reason, Pan: w.pan(d, false)}, nil, nil)
}

func (w *work) pan(d *Domain, ok bool) *epp.DomainPanData {
	return &epp.DomainPanData{Name: epp.PendingResult{OK: epp.Flag(ok), Value: d.Name}, PaTRID: d.Applied, PaDate: epp.At(w.now)}
}

// release takes away serverHold.
func (w *work) release(d *Domain, reason string) error {
	remove(&d.Statuses, "serverHold")
	delete(d.Reasons, "serverHold")
	d.HeldAt = time.Time{}
	if err := w.put(d); err != nil {
		return err
	}
	return w.changed(d, "update", "Hold released: "+reason, reason)
}

// autoRenew adds a year at expiry; the registrar can still delete within the
// grace period and has the price back.
func (w *work) autoRenew(d *Domain, p *Policy) error {
	n, err := parseName(d.Name)
	if err != nil {
		return err
	}
	fee, _ := w.price(n, "renew")
	// The registry renews on credit, so an empty account does not end a name.
	if ok, err := take(w.tx, d.ClID, "autorenew", d.Name, fee, w.now); err != nil {
		return err
	} else if !ok {
		fee = 0
	}
	d.ExDate = addYears(d.ExDate, 1)
	d.Graces = append(d.Graces, Grace{Status: "autoRenewPeriod", Until: w.now.Add(day(p.AutoRenew)), Fee: fee, Years: 1})
	if err := w.put(d); err != nil {
		return err
	}
	return w.changed(d, "autoRenew", "Renewed by the registry at expiry", "expired")
}

// drop ends a name: it is free again, and the hosts under it are gone.
func (w *work) drop(d *Domain, operation, reason string) error {
	hosts, err := hostsUnder(w.tx, d.Name)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		users, err := linkedDomains(w.tx, "host", h.Name)
		if err != nil {
			return err
		}
		for _, u := range users {
			if u.Name == d.Name {
				continue
			}
			remove(&u.Hosts, h.Name)
			if err := w.put(u); err != nil {
				return err
			}
		}
		if err := dropHost(w.tx, h.Name); err != nil {
			return err
		}
	}
	if err := dropDomain(w.tx, d.Name); err != nil {
		return err
	}
	return w.changed(d, operation, "Deleted: "+reason, reason)
}

// changed tells the registrar that the registry itself changed a name (RFC 8590).
func (w *work) changed(d *Domain, operation, text, reason string) error {
	return w.tell(&Message{Registrar: d.ClID, Kind: "change", Text: text}, d, w.change(operation, "", reason))
}

func (w *work) change(operation, custom, reason string) *epp.ChangeData {
	c := &epp.ChangeData{State: "after", Operation: epp.ChangeOperation{Value: operation}, Date: epp.At(w.now),
		SvTRID: w.trid.SvTRID, Who: "registry", Reason: &epp.Text{Body: short(reason)}}
	if operation == "update" || operation == "custom" {
		c.Operation.Op = custom
	}
	return c
}

// tell queues a message. With a domain it shows how the name is now.
func (w *work) tell(m *Message, d *Domain, change *epp.ChangeData) error {
	m.QueuedAt, m.Change = w.now, change
	switch {
	case m.Pan != nil:
		m.Name = m.Pan.Name.Value
	case m.Trn != nil:
		m.Name = m.Trn.Name
	case m.ContactPan != nil:
		m.Name = m.ContactPan.ID.Value
	case d != nil:
		m.Name, m.Inf = d.Name, w.infData(d)
	}
	return putMessage(w.tx, m)
}

func rgpData(d *Domain) *epp.RGPInfData {
	list := d.rgp()
	if len(list) == 0 {
		return nil
	}
	return &epp.RGPInfData{RGPStatuses: epp.RGPStatuses{Statuses: statuses(list)}}
}

// short cuts a reason to the 32 characters that schemas allow.
func short(s string) string {
	if r := []rune(s); len(r) > 32 {
		return string(r[:32])
	}
	return s
}
