package web

import (
	"net/http"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// SignedIn sends visitors to sign in first, and back.
func SignedIn(next http.Handler) http.Handler {
	return guarded(next, func(r *http.Request) error {
		if !Actor(r).SignedIn() {
			return problem.New(problem.SignIn, "problem.sign_in")
		}
		return nil
	})
}

// Staff lets people of the desk in. To others the pages do not exist.
func Staff(next http.Handler) http.Handler { return May(actor.SeeDesk)(next) }

// May lets people with a right in. To others the pages do not exist; visitors
// are asked to sign in.
func May(right actor.Right) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return guarded(next, func(r *http.Request) error {
			who := Actor(r)
			if !who.SignedIn() {
				return problem.New(problem.SignIn, "problem.sign_in")
			}
			if !who.May(right) {
				return problem.New(problem.NotFound, "problem.not_found")
			}
			return nil
		})
	}
}

// SteppedUp wants password or second factor given a short while ago: for
// dangerous acts. The flow itself asks too; here it is asked before a page.
func SteppedUp(next http.Handler) http.Handler {
	return guarded(next, func(r *http.Request) error {
		return of(r).site.c.DB.Read(r.Context(), func(tx *db.Tx) error { return accounts.RequireStepUp(tx, Actor(r)) })
	})
}

func guarded(next http.Handler, check func(r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := check(r); err != nil {
			of(r).site.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
