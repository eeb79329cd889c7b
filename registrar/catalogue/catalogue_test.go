package catalogue

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

var wu = actor.Actor{House: 1, Account: 3, Person: 13, Name: "w***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}

const zhaopin = "xn--otu796d"

// seed opens the shipped endings with a permit for all of them.
func seed(t testing.TB, d *db.DB) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		p := permits.Permit{Holder: permits.Text{Zh: "示例域名有限公司"}, Number: "京D3-20990001",
			Issuer: permits.Text{Zh: "北京市通信管理局", En: "Beijing Communications Administration"},
			Issued: calendar.Date(2024, 1, 1), Expires: calendar.Date(2099, 12, 31)}
		for _, e := range Shipped() {
			p.Items = append(p.Items, permits.Item{Ending: e.ALabel})
			if _, err := permits.SaveListing(tx, wu, permits.Listing{Ending: e.ALabel, Mode: permits.AsRegistrar, Announced: calendar.Date(2018, 1, 29),
				RegistryPermit: "JX-1", RegistryPermitTo: calendar.Date(2099, 1, 1), Agreement: "A-1",
				AgreementFrom: calendar.Date(2024, 1, 1), AgreementTo: calendar.Date(2099, 1, 1)}, "as agreed"); err != nil {
				return err
			}
			if err := SaveEnding(tx, wu, e, "opening"); err != nil {
				return err
			}
			for _, r := range PriceList(e.ALabel, 12800, 13800, 80000, 13800, 600, 4500, 30000) {
				if _, err := SetPrice(tx, wu, r, "opening"); err != nil {
					return err
				}
			}
		}
		_, err := permits.SavePermit(tx, wu, p, false, "as issued")
		return err
	})
}

func onSale(t testing.TB, d *db.DB, house int64) (out []string) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) error {
		list, err := OnSale(tx, house)
		for _, o := range list {
			out = append(out, o.ULabel)
		}
		return err
	})
	return out
}

func quote(d *db.DB, house int64, ending string, s Service, years int64) (p Price, err error) {
	err = d.Read(context.Background(), func(tx *db.Tx) error { p, err = Quote(tx, house, ending, s, years); return err })
	return p, err
}

func TestTheListIsWhatPermitsAndPricesAllow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		if got := onSale(t, d, 1); len(got) != 0 {
			t.Fatalf("on sale before anything was recorded: %v", got)
		}
		seed(t, d)
		want := []string{"cn", "中国", "招聘", "公司", "网络", "网店", "com"}
		if got := onSale(t, d, 1); !slices.Equal(got, want) {
			t.Errorf("on sale: %v", got)
		}
		if got := onSale(t, d, 2); !slices.Equal(got, want) {
			t.Errorf("a reseller's house offers %v", got)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			e := Shipped()[3]
			e.Offered = false
			return SaveEnding(tx, wu, e, "not any more")
		})
		dbtest.Write(t, d, func(tx *db.Tx) error {
			l, _, err := permits.FindListing(tx, 1, zhaopin)
			if err != nil {
				return err
			}
			l.Agreement = ""
			_, err = permits.SaveListing(tx, wu, l, "ended")
			return err
		})
		if got := onSale(t, d, 1); !slices.Equal(got, []string{"cn", "中国", "网络", "网店", "com"}) {
			t.Errorf("on sale: %v", got)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			shown, err := Window(tx, 1)
			for _, s := range shown {
				if no := s.ALabel == zhaopin; no != (s.WhyNot != nil) || no && s.WhyNot.Code != permits.NoAgreement {
					t.Errorf("%s is shown with %v", s.ULabel, s.WhyNot)
				}
			}
			if len(shown) != 6 {
				t.Errorf("%d shown", len(shown))
			}
			return err
		})
		if _, err := quote(d, 1, zhaopin, permits.Create, 1); !problem.Is(err, permits.NoAgreement) {
			t.Errorf("quoted without an agreement: %v", err)
		}
		if _, err := quote(d, 1, "xn--55qx5d", permits.Create, 1); !problem.Is(err, "NOT_OFFERED") {
			t.Errorf("quoted what is not offered: %v", err)
		}
		if _, err := quote(d, 1, "xn--55qx5d", permits.Renew, 1); err != nil {
			t.Errorf("a holder cannot renew what is no longer sold: %v", err)
		}
		if _, err := quote(d, 1, "example", permits.Create, 1); !problem.Is(err, "catalogue.unknown_ending") {
			t.Error(err)
		}
	})
}

func TestTheShelfNoticesEveryEditAndTheEndOfAPermit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var s Shelf
		look := func(house int64) []Offer {
			t.Helper()
			offers, err := s.OnSale(context.Background(), d, house)
			if err != nil {
				t.Fatal(err)
			}
			return offers
		}
		if n := len(look(1)); n != 0 {
			t.Fatalf("%d on an empty shelf", n)
		}
		seed(t, d)
		if n := len(look(2)); n != 7 || len(look(1)) != 7 {
			t.Fatalf("%d on the shelf", n)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := SetPrice(tx, wu, PriceList("cn", 100, 100, 100, 100, 600, 1, 1)[0], "cheaper")
			return err
		})
		if got := look(2)[0].First(); got != ledger.CNY(100) {
			t.Errorf("the shelf shows %v", got)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			e := Shipped()[0]
			e.Offered = false
			return SaveEnding(tx, wu, e, "not any more")
		})
		if n := len(look(2)); n != 6 {
			t.Errorf("%d on the shelf", n)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { // as another process would, unseen by this one
			_, err := tx.Exec(`UPDATE catalogue_endings SET offered = TRUE, id = $1 WHERE ending = 'cn'`, tx.NewID())
			return err
		})
		clock.Advance(permits.Fresh)
		if n := len(look(2)); n != 7 {
			t.Errorf("%d on the shelf after another process's edit", n)
		}
		clock.Set(calendar.Date(2100, 1, 1).Start())
		if n := len(look(2)); n != 0 {
			t.Errorf("%d on sale after the permit", n)
		}
	})
}

func TestM02_AnEndingThatIsNotAnnouncedIsNotSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		change := func(announced calendar.Day, why string) {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				l, _, err := permits.FindListing(tx, 1, zhaopin)
				if err != nil {
					return err
				}
				l.Announced = announced
				_, err = permits.SaveListing(tx, wu, l, why)
				return err
			})
		}
		var before, after int64
		version := func(v *int64) {
			dbtest.Read(t, d, func(tx *db.Tx) error {
				l, _, err := permits.FindListing(tx, 1, zhaopin)
				*v = l.Version
				return err
			})
		}
		version(&before)
		if !slices.Contains(onSale(t, d, 1), "招聘") {
			t.Fatal("an announced ending is not on sale")
		}
		change(0, "taken off the announced list")
		version(&after)
		if slices.Contains(onSale(t, d, 1), "招聘") || after <= before {
			t.Errorf("still on sale, version %d after %d", after, before)
		}
		_, err := quote(d, 1, zhaopin, permits.Create, 1)
		if !problem.Is(err, permits.TLDNotAnnounced) {
			t.Errorf("quoted: %v", err)
		}
		duty.Prove(t, "M-02", fmt.Sprintf("on sale without .招聘: %v; the edit is version %d after %d", onSale(t, d, 1), after, before))
		duty.ProveRefusal(t, "M-02", fmt.Sprint("quoting the unlisted .招聘: ", err))
	})
}

func TestM42_AGapInTheListKeepsAnEndingOffTheShelf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := OnSale(tx, 1)
			for _, o := range list {
				gaps, err := Complete(tx, 1, o.ALabel)
				if len(gaps) != 0 || len(o.Rows) != len(permits.Services()) {
					t.Errorf("%s has gaps: %+v %v", o.ULabel, gaps, err)
				}
			}
			duty.Prove(t, "M-42", fmt.Sprintf("%d endings on sale, each with %d published prices and no gap", len(list), len(permits.Services())))
			return err
		})
		e := Shipped()[2]
		e.ALabel = "xn--3ds443g" // 在线, with one price alone
		dbtest.Write(t, d, func(tx *db.Tx) error {
			if err := SaveEnding(tx, wu, e, "new"); err != nil {
				return err
			}
			_, err := SetPrice(tx, wu, PriceList(e.ALabel, 100, 100, 100, 100, 600, 50, 50)[0], "new")
			return err
		})
		dbtest.Read(t, d, func(tx *db.Tx) error {
			gaps, err := Complete(tx, 1, e.ALabel)
			if len(gaps) != len(permits.Services())-1 {
				t.Errorf("%+v", gaps)
			}
			return err
		})
		if slices.Contains(onSale(t, d, 1), "在线") {
			t.Error("an ending with gaps is on sale")
		}
		_, refused := quote(d, 1, e.ALabel, permits.Create, 1)
		if !problem.Is(refused, "NOT_OFFERED") {
			t.Errorf("an ending with gaps was quoted: %v", refused)
		}
		duty.ProveRefusal(t, "M-42", fmt.Sprintf(".在线 with gaps is not among %v: %v", onSale(t, d, 1), refused))

		old, err := quote(d, 1, zhaopin, permits.Create, 1)
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Hour)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := SetPrice(tx, wu, PriceList(zhaopin, 9900, 13800, 80000, 13800, 600, 4500, 30000)[0], "spring")
			return err
		})
		fresh, err := quote(d, 1, zhaopin, permits.Create, 1)
		if err != nil || fresh.Total != ledger.CNY(9900) || fresh.Row == old.Row {
			t.Errorf("%+v %v", fresh, err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			again, err := QuoteRow(tx, 1, old.Row, 1)
			if again != old {
				t.Errorf("the old row now says %+v, said %+v", again, old)
			}
			rows, herr := History(tx, 1, zhaopin)
			if len(rows) != 8 || !rows[0].To.IsZero() {
				t.Errorf("%d rows of history", len(rows))
			}
			for _, r := range rows[1:] {
				if r.Service == permits.Create && !r.To.Equal(clock.Now()) {
					t.Errorf("the row before ends %v", r.To)
				}
			}
			if herr != nil {
				return herr
			}
			return err
		})
	})
}

func TestAPriceRowIsNeverChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := SetPrice(tx, wu, PriceList("cn", 1, 1, 1, 1, 600, 1, 1)[0], "cheaper")
			return err
		})
		for _, q := range []string{
			`UPDATE catalogue_prices SET first = 1`,
			`UPDATE catalogue_prices SET cost_first = 1`,
			`UPDATE catalogue_prices SET tax_rate_bp = 0`,
			`UPDATE catalogue_prices SET premium = TRUE`,
			`UPDATE catalogue_prices SET premium_bp = 5`,
			`UPDATE catalogue_prices SET valid_from = 1`,
			`UPDATE catalogue_prices SET valid_to = 5 WHERE valid_to <> 0`,
			`DELETE FROM catalogue_prices`,
		} {
			if err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(q); return err }); err == nil {
				t.Errorf("allowed: %s", q)
			}
		}
	})
}

func TestAHousesOwnPriceComesBeforeTheRoots(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		other := wu
		other.House = 2
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := SetPrice(tx, other, PriceList("cn", 9900, 9900, 9900, 9900, 600, 4500, 300)[0], "our price")
			return err
		})
		a, aerr := quote(d, 1, "cn", permits.Create, 1)
		b, berr := quote(d, 2, "cn", permits.Create, 1)
		r, rerr := quote(d, 2, "cn", permits.Renew, 1)
		if aerr != nil || berr != nil || rerr != nil || a.Total != ledger.CNY(12800) || b.Total != ledger.CNY(9900) || r.Total != ledger.CNY(13800) {
			t.Errorf("%v %v %v; %v %v %v", a.Total, b.Total, r.Total, aerr, berr, rerr)
		}
		if err := d.Read(context.Background(), func(tx *db.Tx) error { _, err := QuoteRow(tx, 1, b.Row, 1); return err }); !problem.Is(err, "problem.not_found") {
			t.Errorf("the root reads another house's row: %v", err)
		}
	})
}

func TestAQuoteCountsTheFirstYearAndEachFurtherOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		for _, c := range []struct {
			service     Service
			years       int64
			total, cost int64
			problem     string
		}{
			{permits.Create, 1, 12800, 4500, ""},
			{permits.Create, 2, 26600, 9000, ""},
			{permits.Create, 10, 12800 + 9*13800, 45000, ""},
			{permits.Create, 0, 0, 0, "YEARS"},
			{permits.Create, 11, 0, 0, "YEARS"},
			{permits.Renew, 3, 41400, 13500, ""},
			{permits.Restore, 1, 80000, 30000, ""},
			{permits.Restore, 2, 0, 0, "YEARS"},
			{permits.OwnerChange, 1, 0, 0, ""}, // free, and published as free
		} {
			p, err := quote(d, 1, zhaopin, c.service, c.years)
			if c.problem != "" {
				if !problem.Is(err, c.problem) {
					t.Errorf("%s %d: %v", c.service, c.years, err)
				}
				continue
			}
			if err != nil || p.Total != ledger.CNY(c.total) || p.Cost != ledger.CNY(c.cost) || p.Row == 0 || p.TaxRateBP != 600 {
				t.Errorf("%s %d: %+v %v", c.service, c.years, p, err)
			}
		}
	})
}

func TestNetAndTaxOfAnyRowAreItsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Row{First: ledger.CNY(rapid.Int64Range(0, 1e9).Draw(t, "first")), Next: ledger.CNY(rapid.Int64Range(0, 1e9).Draw(t, "next")),
			TaxRateBP: rapid.Int64Range(0, 10000).Draw(t, "rate"), CostFirst: ledger.CNY(1), CostNext: ledger.CNY(1)}
		years := rapid.Int64Range(1, 10).Draw(t, "years")
		p, err := r.Price(years)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := p.Net.Add(p.Tax)
		if err != nil || sum != p.Total || p.Total.Minor != r.First.Minor+(years-1)*r.Next.Minor || p.Tax.Minor < 0 {
			t.Fatalf("%+v", p)
		}
	})
}

func TestShippedEndingsAreWhatNamesReads(t *testing.T) {
	for _, e := range Shipped() {
		n, err := names.ParseEnding(e.ULabel)
		if err != nil || n.A() != e.ALabel || n.U() != e.ULabel {
			t.Errorf("%s: %v %v", e.ULabel, n, err)
		}
		if !locales.Has(e.ForID) {
			t.Errorf("%s: no text %s", e.ULabel, e.ForID)
		}
		p, err := e.Policy()
		if err != nil || p.Ending != e.ALabel {
			t.Errorf("%s: %+v %v", e.ULabel, p, err)
		}
	}
}

func TestEditsNeedTheRightAndAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		lin := actor.Actor{House: 1, Account: 7, Person: 17}
		for name, f := range map[string]func(tx *db.Tx) error{
			"a customer saves an ending": func(tx *db.Tx) error { return SaveEnding(tx, lin, Shipped()[0], "mine") },
			"a customer sets a price":    func(tx *db.Tx) error { _, err := SetPrice(tx, lin, Row{}, "mine"); return err },
			"no reason":                  func(tx *db.Tx) error { return SaveEnding(tx, wu, Shipped()[0], "") },
			"the ending is a U-label": func(tx *db.Tx) error {
				e := Shipped()[1]
				e.ALabel = "中国"
				return SaveEnding(tx, wu, e, "typed")
			},
			"eleven years": func(tx *db.Tx) error {
				e := Shipped()[1]
				e.MaxYears = 11
				return SaveEnding(tx, wu, e, "typed")
			},
			"a price below zero": func(tx *db.Tx) error {
				r := PriceList("cn", -1, 1, 1, 1, 600, 1, 1)[0]
				_, err := SetPrice(tx, wu, r, "typed")
				return err
			},
			"a mark-up below zero": func(tx *db.Tx) error {
				r := PriceList("cn", 1, 1, 1, 1, 600, 1, 1)[0]
				r.Premium = Markup{Sold: true, BP: -1}
				_, err := SetPrice(tx, wu, r, "typed")
				return err
			},
			"a mark-up by a slip of the hand": func(tx *db.Tx) error {
				r := PriceList("cn", 1, 1, 1, 1, 600, 1, 1)[0]
				r.Premium = Markup{Sold: true, BP: mostMarkup + 1}
				_, err := SetPrice(tx, wu, r, "typed")
				return err
			},
			"a rule for what no registry prices": func(tx *db.Tx) error {
				r := PriceList("cn", 1, 1, 1, 1, 600, 1, 1)[0]
				r.Service, r.Premium = permits.OwnerChange, Markup{Sold: true}
				_, err := SetPrice(tx, wu, r, "typed")
				return err
			},
			"a fee for leaving": func(tx *db.Tx) error {
				r := PriceList("cn", 1, 1, 1, 1, 600, 1, 1)[0]
				r.Service = "transfer_out"
				_, err := SetPrice(tx, wu, r, "typed")
				return err
			},
		} {
			if _, ok := problem.As(d.Write(context.Background(), f)); !ok {
				t.Errorf("allowed: %s", name)
			}
		}
	})
}
