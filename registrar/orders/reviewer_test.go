package orders_test

import (
	"yumen/registrar/actor"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
)

var reviewer = actor.Actor{House: 1, Account: 990, Person: 991, Name: "r***@example.cn", Roles: []actor.Role{actor.Reviewer}, Lang: "zh"}

// look opens the papers of a profile for the reviewer.
func (w *world) look(profile string) {
	w.t.Helper()
	for _, doc := range w.papers[profile] {
		_, err := documents.Open(ctx, w.d, w.store, reviewer, doc, "comparing", false)
		must(w.t, err)
	}
}

func (w *world) approve(profile string) {
	w.t.Helper()
	must(w.t, identity.Claim(ctx, w.d, reviewer, profile))
	w.look(profile)
	must(w.t, identity.Approve(ctx, w.d, reviewer, profile, "looked at the papers"))
}
