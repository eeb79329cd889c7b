package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yumen/cmd/faults/rig"
)

// books are what every side says once nothing moves any more.
type books struct {
	Items    []rig.Item
	Ledger   []rig.Posting
	Names    []rig.Name
	Domains  []rig.Domain
	Payments []rig.Payment
	Messages []rig.Message
	Jobs     []rig.Jobs
	Charged  map[string]int64 // what the registry took from us, by operation
	Prices   map[string]int64 // of a create, by ending
	Us       string           // who we are at the registry
	Stuck    string           // what did not come to its end in time
}

// read asks every side.
func (m *mall) read(ctx context.Context) (b books, err error) {
	var at struct {
		EPP struct {
			Registrar string `json:"registrar"`
		} `json:"epp"`
		Registries []struct {
			Ending string           `json:"ending"`
			Prices map[string]int64 `json:"prices"`
		} `json:"registries"`
	}
	var accounts []struct {
		ID      string           `json:"id"`
		Charges map[string]int64 `json:"charges"`
	}
	for _, ask := range []func() error{
		func() error { b.Items, err = m.rig.Orders(ctx); return err },
		func() error { b.Ledger, err = m.rig.Ledger(ctx); return err },
		func() error { b.Names, err = m.rig.Names(ctx); return err },
		func() error { b.Domains, err = m.rig.Domains(ctx); return err },
		func() error { b.Payments, err = m.rig.Payments(ctx); return err },
		func() error { b.Jobs, err = m.rig.Jobs(ctx); return err },
		func() error { return m.rig.Ask(ctx, "/connect", &at) },
		func() error { return m.rig.Ask(ctx, "/state/registrars", &accounts) },
		func() error { return m.rig.Ask(ctx, "/state/poll", &b.Messages) },
	} {
		if err := ask(); err != nil {
			return b, err
		}
	}
	b.Us, b.Prices, b.Charged = at.EPP.Registrar, map[string]int64{}, map[string]int64{}
	for _, r := range at.Registries {
		b.Prices[r.Ending] = r.Prices["create"]
	}
	for _, a := range accounts {
		if a.ID == b.Us {
			b.Charged = a.Charges
		}
	}
	return b, nil
}

// untrouble ends what the harness itself keeps open: applications it would
// have decided, and the registry that waits for it.
func (m *mall) untrouble(ctx context.Context) error {
	if m.flow != "refund" {
		return nil
	}
	domains, err := m.rig.Domains(ctx)
	if err != nil {
		return err
	}
	for i, d := range domains {
		if slices.Contains(d.Statuses, "pendingCreate") {
			if err := m.rig.Decide(ctx, d.Name, i%2 == 0); err != nil && !rig.Refused(err) {
				return err
			}
		}
	}
	return nil
}

// quiet waits until every paid item has come to its end, every message was
// fetched and every notice of the bank was taken; what still moves after that
// time is stuck.
func (m *mall) quiet(ctx context.Context) string {
	end := time.Now().Add(m.within)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		what, err := m.moving(ctx)
		if err == nil && what == "" {
			return ""
		}
		if time.Now().After(end) {
			if err != nil {
				what = err.Error()
			}
			return what
		}
		if err := m.untrouble(ctx); err != nil && !rig.Lost(err) {
			return err.Error()
		}
		select {
		case <-ctx.Done():
			return ctx.Err().Error()
		case <-time.After(pause):
		}
	}
}

// moving names one thing that has not come to its end; "" when none.
func (m *mall) moving(ctx context.Context) (string, error) {
	// Cheap looks first: the export is a process of its own.
	var payments []rig.Payment
	var messages []rig.Message
	if err := errors.Join(m.rig.Ask(ctx, "/state/payments", &payments), m.rig.Ask(ctx, "/state/poll", &messages)); err != nil {
		return "", err
	}
	for _, p := range payments {
		for _, n := range p.Notices {
			if n.DeliveredAt == nil {
				return fmt.Sprintf("notice %s of payment %s was not taken after %d attempts", n.ID, p.OrderNo, n.Attempts), nil
			}
		}
	}
	for _, msg := range messages {
		if msg.AckedAt == nil && msg.Registrar != "rival" {
			return fmt.Sprintf("message %d was not fetched", msg.ID), nil
		}
	}
	jobs, err := m.rig.Jobs(ctx)
	if err != nil {
		return "", err
	}
	for _, j := range jobs {
		if !slices.Contains(recurring, j.Kind) && j.State != "dead" && j.Kind != "notices.send" {
			return fmt.Sprintf("%d jobs %s are %s", j.N, j.Kind, j.State), nil
		}
	}
	items, err := m.rig.Orders(ctx)
	if err != nil {
		return "", err
	}
	for _, i := range items {
		if !i.Final() && i.State != "awaiting_payment" {
			return fmt.Sprintf("%s (%s) is %s", i.Key(), i.Name, i.State), nil
		}
	}
	return "", nil
}

// recurring are the kinds of jobs that always come back (cmd/yumen/schedule.go).
var recurring = []string{"registries.poll", "orders.sweep", "payments.query_open", "registrations.compare_due", "audit.sequence", "identity.sweep", "backups.make",
	"backups.drill", "backups.watch", "documents.sweep", "search.sweep", "sessions.sweep", "keys.rotate"}

// reconciled lets the reader that shares no code with this harness count too,
// once the letters are out and the registry's word on each name is in.
func (m *mall) reconciled(ctx context.Context) (found []string, err error) {
	for end, pause := time.Now().Add(2*m.within), 20*time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		jobs, err := m.rig.Jobs(ctx)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(jobs, func(j rig.Jobs) bool { return !slices.Contains(recurring, j.Kind) && j.State != "dead" }) {
			break
		}
		if time.Now().After(end) {
			return []string{fmt.Sprintf("stuck: %v", jobs)}, nil
		}
		if err := pass(ctx, pause); err != nil {
			return nil, err
		}
	}
	out, equal, err := m.rig.Reconcile(ctx)
	if err != nil || equal {
		return nil, err
	}
	return []string{"reconcile: " + strings.TrimSpace(string(out))}, nil
}

// tools runs what an operator would run after a crash.
func (m *mall) tools(ctx context.Context) []string {
	var found []string
	if _, err := m.rig.Tool(ctx, "verify"); err != nil {
		found = append(found, err.Error())
	}
	return found
}

// orderOf is the order that a payment's number belongs to: a further payment
// of an order adds -2, -3.
func orderOf(number string) string {
	if parts := strings.Split(number, "-"); len(parts) > 2 {
		return strings.Join(parts[:2], "-")
	}
	return number
}
