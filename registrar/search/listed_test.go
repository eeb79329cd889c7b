package search

import (
	"context"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
)

// What a review opened for one applicant, their search shows as free; nobody
// else's does.
func TestANameAllowedToOneApplicantIsFoundFreeByThemAlone(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		_, err := screening.Add(tx, wu, screening.Entry{Pattern: "德国", Match: screening.Whole, Class: screening.Allowed, Account: lin.Account, Ending: zhaopin, Source: "review"}, "decided")
		return err
	})
	f := &Finder{DB: d, Checker: all(registries.Free)}
	for _, c := range []struct {
		who  actor.Actor
		want State
	}{{lin, Available}, {actor.Actor{House: 1, Account: 8}, Reserved}, {actor.Actor{House: 1}, Reserved}} {
		q, _, err := names.ParseQuery("德国.招聘")
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Run(context.Background(), c.who, q)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Wait()[0]; got.State != c.want || got.Listed != (c.want == Reserved) {
			t.Errorf("account %d sees %s as %s", c.who.Account, got.Name.U(), got.State)
		}
	}
}

// The class that a registry gives as its reason is shown in our words.
func TestAClassThatTheRegistryNamesIsShown(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	f := &Finder{DB: d, Checker: scripted(func(_ context.Context, _ string, list []names.Name) (map[string]registries.Availability, error) {
		out := map[string]registries.Availability{}
		for _, n := range list {
			out[n.A()] = registries.Availability{State: registries.NotSold, Reason: "R4: x", Listed: "R4"}
		}
		return out, nil
	})}
	if a := find(t, f, "人才网.招聘")["招聘"]; a.State != Reserved || a.NoteID != "screening.class.r4" {
		t.Errorf("%+v", a)
	}
}
