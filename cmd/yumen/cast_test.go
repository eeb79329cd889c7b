package main

import (
	"context"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/permits"
	"yumen/registrar/seal"
	box "yumen/sandbox/registry"
)

// TestEachHouseOffersItsOwnPeople: a login that a sign-in page offers opens the
// house it stands in.
func TestEachHouseOffersItsOwnPeople(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	keys, err := seal.Create(t.TempDir(), clock.Now())
	must(t, err)
	seal.Attach(d, keys)
	ctx := context.Background()
	must(t, settle(ctx, d))
	third, err := accounts.CreateHouse(ctx, d, actor.System(accounts.Root, "test", "another agent"), accounts.HouseForm{
		NameZh: "第三家", NameEn: "Third", Hosts: []string{"third.localhost"}, AgencyZh: agencyZh, AgencyEn: agencyEn})
	must(t, err)
	logins, err := castLogins(ctx, d)
	must(t, err)
	dbtest.Read(t, d, func(tx *db.Tx) error {
		houses, err := accounts.Houses(tx)
		for _, h := range houses {
			offered := logins(h.ID, "en")
			if (len(offered) == 0) != (h.ID == third.ID) {
				t.Errorf("%s offers %d people", h.NameEn, len(offered))
			}
			for _, l := range offered {
				if _, err := accounts.PersonByMail(tx, actor.System(h.ID, "test", "look"), l.Mail); err != nil {
					t.Errorf("%s offers %s: %v", h.NameEn, l.Mail, err)
				}
			}
		}
		return err
	})
}

// TestTheBoxSellsNothingBelowCost: every ending, service and period that either
// house of the demonstration has on sale brings in what the sandbox's registry
// takes, and the cast knows what that is.
func TestTheBoxSellsNothingBelowCost(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	keys, err := seal.Create(t.TempDir(), clock.Now())
	must(t, err)
	seal.Attach(d, keys)
	must(t, settle(context.Background(), d))
	theirs := map[string]box.Prices{}
	for _, p := range box.Policies {
		theirs[p.Ending] = p.Prices
	}
	priced := 0
	dbtest.Read(t, d, func(tx *db.Tx) error {
		houses, err := accounts.Houses(tx)
		must(t, err)
		for _, h := range houses {
			onSale, err := catalogue.OnSale(tx, h.ID)
			must(t, err)
			if len(onSale) != len(box.Policies) {
				t.Errorf("%s sells %d endings of %d", h.NameEn, len(onSale), len(box.Policies))
			}
			for _, o := range onSale {
				p := theirs[o.ALabel]
				year := map[catalogue.Service]int64{permits.Create: p.Create, permits.Renew: p.Renew, permits.TransferIn: p.Transfer, permits.Restore: p.Restore}
				for s, takes := range year {
					last := int64(1)
					if s == permits.Create || s == permits.Renew {
						last = o.MaxYears
					}
					for years := int64(1); years <= last; years++ {
						q, err := catalogue.Quote(tx, h.ID, o.ALabel, s, years)
						must(t, err)
						if q.Cost.Minor != takes*years {
							t.Errorf("%s, .%s, %s, %d years: the cast believes the registry takes %s, it takes %d", h.NameEn, o.ULabel, s, years, q.Cost, takes*years)
						}
						if q.Net.Minor < takes*years {
							t.Errorf("%s, .%s, %s, %d years: brings in %s without tax, the registry takes %d", h.NameEn, o.ULabel, s, years, q.Net, takes*years)
						}
						priced++
					}
				}
			}
			short, err := catalogue.Losses(tx, h.ID)
			must(t, err)
			if len(short) != 0 {
				t.Errorf("%s: staff are warned of %+v", h.NameEn, short)
			}
		}
		return nil
	})
	if want := 2 * len(box.Policies) * 22; priced != want {
		t.Errorf("%d prices compared, not %d", priced, want)
	}
}
