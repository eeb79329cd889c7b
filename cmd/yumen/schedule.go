package main

import (
	"context"
	"errors"
	"time"

	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/documents"
)

// schedule is every recurring job on one screen. Periods are of the turnable
// clock; a clock that slept catches up with one run.
func (p *portal) schedule(q *jobs.Queue) {
	for _, e := range []jobs.Every{
		{Name: "registries.poll", Period: p.cfg.Poll},                 // what registries have to tell
		{Name: "orders.sweep", Period: time.Minute},                   // deadlines of orders: payment, identity, papers, decision
		{Name: "payments.query_open", Period: 2 * time.Minute},        // a channel that keeps silent is asked
		{Name: "registrations.compare_due", Period: 10 * time.Minute}, // our names against each registry's word, when registrations.compare_interval has passed
		{Name: "audit.sequence", Period: 10 * time.Second},            // number, chain and sign what was recorded
		{Name: "identity.sweep", Period: time.Hour},                   // corrections that never came, papers that expired
		{Name: "backups.make", Period: 10 * time.Minute},              // a backup, when backups.interval has passed
		{Name: "backups.drill", Period: time.Hour},                    // a restore aside, when backups.drill_interval has passed
		{Name: "backups.watch", Period: 5 * time.Minute},              // alarm when the newest backup or the replica is too old
		{Name: "documents.sweep", Period: 24 * time.Hour},             // pictures nobody used
		{Name: "search.sweep", Period: time.Hour},                     // long lists whose day is over
		{Name: "sessions.sweep", Period: time.Hour},                   // sessions, codes and drafts whose time is over
		{Name: "keys.rotate", Period: 24 * time.Hour},                 // this month's keys, and the papers' keys wrapped under them
	} {
		q.Recur(e)
	}
}

// rotateKeys makes the keys of a new month. Key files are named by the clock the
// data go by.
func (p *portal) rotateKeys(ctx context.Context, _ jobs.Job) error {
	if _, err := p.keys.Rotate(p.clock.Now()); err != nil {
		return err
	}
	return documents.Rewrap(ctx, p.papers, p.keys)
}

func (p *portal) sweepSessions(ctx context.Context, _ jobs.Job) error {
	return errors.Join(accounts.Sweep(ctx, p.db), p.sessions.Sweep(ctx))
}
