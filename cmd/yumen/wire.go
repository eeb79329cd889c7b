package main

import (
	"context"
	"fmt"

	"yumen/jobs"
	"yumen/registrar/audit"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
	"yumen/registrar/search"
)

// follows says which flows follow which fact: the one place to look for "what
// happens when". A fact that is not listed here cannot be emitted.
var follows = jobs.Wiring{
	// money
	"payments.credited":     {"orders.credited"},
	"payments.returned":     {"orders.returned"},
	"payments.topped_up":    nil, // the wallet shows it
	"payments.charged_back": nil, // finance's desk shows it
	"payments.refund_moved": {"orders.refund_moved"},

	// who the holder is
	"identity.submitted": {identity.CheckJob, "orders.identity_changed"},
	"identity.approved":  {"orders.identity_changed"},
	"identity.rejected":  {"orders.identity_changed"},
	"identity.consented": {"orders.identity_changed"},
	"identity.ready":     {"orders.identity_ready"},

	// whether a name may be had at all
	"screening.decided": {"orders.name_decided"},

	// a name on its way
	"orders.placed":     nil,
	"orders.ready":      {orders.FulfilJob},
	"orders.registered": nil,
	"orders.refused":    nil,

	// what the registry told us
	"registries.message": {"orders.apply_message"},

	// what a second person said
	"desk.decided": {"orders.second_word"},
}

// wire puts the queue together: each kind of work is one line that calls a
// flow. Every flow may run twice.
func (p *portal) wire() error {
	jobs.Attach(p.db, follows)
	registries.Attach(p.db, p.registries)
	q := jobs.New(p.db, p.log.With("part", "jobs"))
	q.Poll, q.Lease, q.Backoff = p.cfg.Look, p.cfg.Lease, jobs.Doubling(p.cfg.Backoff)
	p.queue = q

	o := orders.Flows{DB: p.db, Registries: p.registries}
	money := payments.Flows{DB: p.db, Cashier: p.cashier}
	names := registrations.Flows{DB: p.db, Registries: p.registries}
	who := identity.Checker{DB: p.db, Verifier: p.verifier}
	many := jobs.Options{Workers: 4}
	one := jobs.Options{Workers: 1}
	each := many // registry by itself
	each.Lanes = p.registries.Keys()
	slow := one // one question at a time to each registry
	slow.Lanes = each.Lanes

	q.Handle("orders.credited", many, o.Credited)
	q.Handle("orders.returned", many, o.Returned)
	q.Handle("orders.refund_moved", many, o.RefundMoved)
	q.Handle("orders.identity_changed", one, o.IdentityChanged)
	q.Handle("orders.identity_ready", one, o.IdentityReady)
	q.Handle("orders.name_decided", one, o.NameDecided)
	q.Handle(orders.FulfilJob, each, o.Fulfil)
	q.Handle("orders.apply_message", one, o.ApplyMessage)
	q.Handle("orders.second_word", one, o.SecondWord)
	q.Handle("orders.sweep", one, o.Sweep)
	q.Handle(payments.JobRefund, many, money.Refund)
	q.Handle("payments.query_open", one, money.QueryOpen)
	q.Handle("registries.poll", one, p.poll)
	q.Handle(registrations.RefreshJob, each, names.Refresh)
	q.Handle(registrations.CompareJob, slow, names.Compare)
	q.Handle("registrations.compare_due", one, names.CompareDue)
	q.Handle(identity.CheckJob, many, who.Check)
	q.Handle("identity.sweep", one, func(ctx context.Context, _ jobs.Job) error { return identity.Sweep(ctx, p.db) })
	q.Handle("documents.sweep", one, func(ctx context.Context, _ jobs.Job) error { return documents.SweepUnused(ctx, p.db, p.papers) })
	q.Handle(notices.SendJob, many, p.sender.Send)
	q.Handle("backups.make", one, p.backups.Due)
	q.Handle("backups.drill", one, p.backups.DueDrill)
	q.Handle("backups.watch", one, p.backups.Watch)
	q.Handle("audit.sequence", one, func(ctx context.Context, _ jobs.Job) error { return audit.Sequence(ctx, p.db) })
	q.Handle("search.sweep", one, func(ctx context.Context, _ jobs.Job) error { return search.Sweep(ctx, p.db) })
	q.Handle("sessions.sweep", one, p.sweepSessions)
	q.Handle("keys.rotate", one, p.rotateKeys)
	p.schedule(q)

	for fact, flows := range follows {
		for _, f := range flows {
			if !q.Handles(f) {
				return fmt.Errorf("wire.go: %s is followed by %s, which nobody handles", fact, f)
			}
		}
	}
	return nil
}

func (p *portal) poll(ctx context.Context, _ jobs.Job) error {
	err := p.registries.Poll(ctx, p.db)
	if registries.Silent(err) {
		return jobs.Rest(err)
	}
	return err
}
