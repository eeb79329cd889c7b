package permits

import (
	"context"
	"fmt"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

var (
	wu  = actor.Actor{House: 1, Account: 3, Person: 13, Name: "w***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	lin = actor.Actor{House: 1, Account: 7, Person: 17, Name: "l***@example.cn", Lang: "zh"}
)

const zhaopin = "xn--otu796d"

func good() Permit {
	return Permit{Holder: Text{"示例域名有限公司", "Example Domains Ltd"}, Number: "京D3-20990001",
		Issuer: Text{"北京市通信管理局", "Beijing Communications Administration"},
		Items:  []Item{{Ending: "cn"}, {Ending: zhaopin}, {Ending: "com", Services: []Service{Create, Renew}}},
		Issued: calendar.Date(2024, 1, 1), Expires: calendar.Date(2028, 12, 31)}
}

func listing(ending string) Listing {
	return Listing{Ending: ending, Mode: AsRegistrar, Announced: calendar.Date(2018, 1, 29), Registry: Text{"注册局", "Registry"},
		RegistryPermit: "JX-2020-01", RegistryPermitTo: calendar.Date(2027, 6, 30), Agreement: "A-1",
		AgreementFrom: calendar.Date(2024, 1, 1), AgreementTo: calendar.Date(2027, 12, 31)}
}

func imprint() Imprint {
	return Imprint{Company: Text{"示例域名有限公司", "Example Domains Ltd"}, Address: Text{"北京市海淀区示例路 1 号", "1 Example Road, Beijing"},
		Postcode: "100000", Hotline: "400-000-0000", Mail: "help@example.cn", ComplaintPhone: "400-000-0001", ComplaintMail: "jubao@example.cn",
		ComplaintAddress: Text{"北京市海淀区示例路 1 号 8 层", "8/F, 1 Example Road, Beijing"}, ICP: "京ICP备2099000001号-1", PublicSecurity: "京公网安备11010802099999号"}
}

func seed(t testing.TB, d *db.DB) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		if _, err := SavePermit(tx, wu, good(), false, "as issued"); err != nil {
			return err
		}
		for _, e := range []string{"cn", zhaopin, "com"} {
			if _, err := SaveListing(tx, wu, listing(e), "as agreed"); err != nil {
				return err
			}
		}
		_, err := SaveImprint(tx, wu, imprint(), "as filed")
		return err
	})
}

func code(t testing.TB, d *db.DB, house int64, ending string, s Service) string {
	t.Helper()
	var err error
	dbtest.Read(t, d, func(tx *db.Tx) error { err = MaySell(tx, house, ending, s); return nil })
	if err == nil {
		return ""
	}
	p, ok := problem.As(err)
	if !ok || p.Kind != problem.Refused {
		t.Fatal(err)
	}
	return p.Code
}

func edit(t testing.TB, d *db.DB, f func(tx *db.Tx) error) { t.Helper(); dbtest.Write(t, d, f) }

func saveListing(t testing.TB, d *db.DB, change func(*Listing)) {
	t.Helper()
	l := listing(zhaopin)
	change(&l)
	edit(t, d, func(tx *db.Tx) error { _, err := SaveListing(tx, wu, l, "a change"); return err })
}

func TestM06_WithoutAPermitNothingIsSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		if got := code(t, d, 1, zhaopin, Create); got != NoPermit {
			t.Fatalf("before any permit: %q", got)
		}
		seed(t, d)
		if got := code(t, d, 1, zhaopin, Create); got != "" {
			t.Fatalf("with everything in order: %q", got)
		}
		duty.Prove(t, "M-06", fmt.Sprintf("with permit %s .招聘 may be sold: %q", good().Number, code(t, d, 1, zhaopin, Create)))
		edit(t, d, func(tx *db.Tx) error { return WithdrawPermit(tx, wu, "revoked") })
		var seen []string
		for _, s := range []Service{Create, Renew, TransferIn, OwnerChange, Restore} {
			got := code(t, d, 1, zhaopin, s)
			if got != NoPermit {
				t.Errorf("%s without a permit: %q", s, got)
			}
			seen = append(seen, fmt.Sprint(s, " ", got))
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			n, err := Notice(tx, 1)
			if n.HasOwn || n.Valid {
				t.Error("the notice still shows a permit")
			}
			return err
		})
		duty.ProveRefusal(t, "M-06", fmt.Sprint("permit withdrawn: ", seen))
	})
}

func TestM22_TheDayAfterThePermitEndsSalesStop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		saveListing(t, d, func(l *Listing) {
			l.RegistryPermitTo, l.AgreementTo = calendar.Date(2099, 1, 1), calendar.Date(2099, 1, 1)
		})
		last := calendar.Date(2028, 12, 31)
		for _, c := range []struct {
			when string
			at   time.Time
			want string
		}{
			{"noon of its last day in Shanghai", last.Start().Add(12 * time.Hour), ""},
			{"the last second of its last day", last.End().Add(-time.Second), ""},
			{"the first instant after it", last.End(), PermitExpired},
			{"a month later", last.End().AddDate(0, 1, 0), PermitExpired},
		} {
			clock.Set(c.at)
			got := code(t, d, 1, zhaopin, Renew)
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.when, got, c.want)
			}
			if got != "" {
				duty.ProveRefusal(t, "M-22", c.when+": "+got)
			}
		}
		edit(t, d, func(tx *db.Tx) error {
			p := good()
			p.Expires = calendar.Date(2033, 12, 31)
			_, err := SavePermit(tx, wu, p, false, "extended by the authority")
			return err
		})
		if got := code(t, d, 1, zhaopin, Renew); got != "" {
			t.Errorf("after the extension: %q", got)
		}
		duty.Prove(t, "M-22", fmt.Sprintf("after an extension is recorded at %s renewal answers %q", clock.Now().Format(time.DateOnly), code(t, d, 1, zhaopin, Renew)))
	})
}

func TestM31_WithoutAnAgreementTheEndingIsNotSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		saveListing(t, d, func(l *Listing) { l.Agreement = "" })
		if got := code(t, d, 1, zhaopin, Create); got != NoAgreement {
			t.Errorf("none recorded: %q", got)
		}
		saveListing(t, d, func(l *Listing) { l.AgreementTo = calendar.DayOf(clock.Now()) })
		if got := code(t, d, 1, zhaopin, Create); got != "" {
			t.Errorf("on its last day: %q", got)
		}
		clock.Advance(24 * time.Hour)
		if got := code(t, d, 1, zhaopin, Create); got != NoAgreement {
			t.Errorf("the day after: %q", got)
		}
		if got := code(t, d, 1, "cn", Create); got != "" {
			t.Errorf("another ending: %q", got)
		}
		duty.Prove(t, "M-31", fmt.Sprintf(".cn, whose agreement stands, answers %q", code(t, d, 1, "cn", Create)))
		duty.ProveRefusal(t, "M-31", "the day after the agreement: "+code(t, d, 1, zhaopin, Create))
	})
}

func TestM32_OnlyPermittedItemsAreSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		if got := code(t, d, 1, "com", Renew); got != "" {
			t.Errorf("a permitted service: %q", got)
		}
		if got := code(t, d, 1, "com", TransferIn); got != ItemNotPermitted {
			t.Errorf("a service outside the items: %q", got)
		}
		edit(t, d, func(tx *db.Tx) error {
			p := good()
			p.Items = p.Items[:1]
			_, err := SavePermit(tx, wu, p, false, "items narrowed")
			return err
		})
		if got := code(t, d, 1, zhaopin, Create); got != ItemNotPermitted {
			t.Errorf("an ending outside the items: %q", got)
		}
		duty.Prove(t, "M-32", fmt.Sprintf(".cn, still among the items, answers %q", code(t, d, 1, "cn", Create)))
		duty.ProveRefusal(t, "M-32", ".招聘 removed from the items: "+code(t, d, 1, zhaopin, Create))
	})
}

func TestM33_NothingNewForARegistryWithoutAPermit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		for _, change := range []func(*Listing){
			func(l *Listing) { l.RegistryPermit = "" },
			func(l *Listing) { l.RegistryPermitTo = calendar.DayOf(clock.Now()) - 1 },
		} {
			saveListing(t, d, change)
			for s, want := range map[Service]string{Create: RegistryNotPermitted, TransferIn: RegistryNotPermitted, Renew: "", Restore: ""} {
				if got := code(t, d, 1, zhaopin, s); got != want {
					t.Errorf("%s: %q, want %q", s, got, want)
				}
			}
		}
		duty.Prove(t, "M-33", fmt.Sprintf("renewing an existing name answers %q, restoring it %q", code(t, d, 1, zhaopin, Renew), code(t, d, 1, zhaopin, Restore)))
		duty.ProveRefusal(t, "M-33", "registry permit expired: create "+code(t, d, 1, zhaopin, Create)+", transfer_in "+code(t, d, 1, zhaopin, TransferIn))
	})
}

func TestAnEndingThatIsNotAnnouncedOrIsBeingEndedTakesNothingNew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		today := calendar.DayOf(clock.Now())
		saveListing(t, d, func(l *Listing) { l.Announced = 0 })
		if got := code(t, d, 1, zhaopin, Create); got != TLDNotAnnounced {
			t.Errorf("not announced: %q", got)
		}
		saveListing(t, d, func(l *Listing) { l.ExitOn = today + 40 })
		for s, want := range map[Service]string{Create: ExitMode, TransferIn: ExitMode, OwnerChange: ExitMode, Renew: "", Restore: ""} {
			if got := code(t, d, 1, zhaopin, s); got != want {
				t.Errorf("%s while it is being ended: %q, want %q", s, got, want)
			}
		}
		clock.Advance(41 * 24 * time.Hour)
		if got := code(t, d, 1, zhaopin, Renew); got != ExitMode {
			t.Errorf("renew after the end: %q", got)
		}
	})
}

func TestAnAgentSellsUnderItsRegistrarsPermit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		l := listing(zhaopin)
		l.Mode = AsAgent
		err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := SaveListing(tx, wu, l, "we are agents"); return err })
		if p, ok := problem.As(err); !ok || len(p.Fields) != 3 {
			t.Fatalf("an agent without a registrar was recorded: %v", err)
		}
		l.Registrar, l.RegistrarPermit, l.RegistrarPermitTo = Text{"某注册商有限公司", "Some Registrar Ltd"}, "浙D3-20210002", calendar.Date(2026, 3, 2)
		edit(t, d, func(tx *db.Tx) error { _, err := SaveListing(tx, wu, l, "we are agents"); return err })
		if got := code(t, d, 1, zhaopin, Create); got != "" {
			t.Errorf("an agent with a registrar: %q", got)
		}
		named := func(want int) {
			t.Helper()
			dbtest.Read(t, d, func(tx *db.Tx) error {
				n, err := Notice(tx, 1)
				if len(n.Agencies) != want || want == 1 && n.Agencies[0].Registrar.Zh != "某注册商有限公司" {
					t.Errorf("%+v", n.Agencies)
				}
				return err
			})
		}
		named(1)
		l.RegistrarPermitTo--
		edit(t, d, func(tx *db.Tx) error { _, err := SaveListing(tx, wu, l, "it ended"); return err })
		if got := code(t, d, 1, zhaopin, Create); got != PermitExpired {
			t.Errorf("after the registrar's permit ended: %q", got)
		}
		named(0) // an ended link is dropped at once (Order 43 art. 22(2))
	})
}

func TestAHouseWithoutRecordsStandsUnderTheRoots(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		if got := code(t, d, 2, zhaopin, Create); got != "" {
			t.Errorf("a reseller's house: %q", got)
		}
		other := wu
		other.House = 2
		edit(t, d, func(tx *db.Tx) error { return WithdrawPermit(tx, other, "this house stops") })
		if a, b := code(t, d, 2, zhaopin, Create), code(t, d, 1, zhaopin, Create); a != NoPermit || b != "" {
			t.Errorf("house 2 %q, root %q", a, b)
		}
	})
}

func TestEditsNeedTheRightAReasonAndPlausibleNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		save := func(who actor.Actor, p Permit, free bool, why string) error {
			return d.Write(context.Background(), func(tx *db.Tx) error { _, err := SavePermit(tx, who, p, free, why); return err })
		}
		if err := save(lin, good(), false, "mine"); !problem.Is(err, "problem.not_found") {
			t.Errorf("a customer edited: %v", err)
		}
		if err := save(wu, good(), false, " "); !problem.Is(err, "problem.form") {
			t.Errorf("without a reason: %v", err)
		}
		for number, ok := range map[string]bool{"京D3-20990001": true, "粤D3.1-20240003": true, "D3-20990001": false, "京B2-20990001": false, "": false} {
			p := good()
			p.Number = number
			if err := save(wu, p, false, "as printed"); (err == nil) != ok {
				t.Errorf("%q: %v", number, err)
			}
		}
		p := good()
		p.Number = "特许 1 号"
		if err := save(wu, p, true, "the document says so"); err != nil {
			t.Errorf("a number as on the document: %v", err)
		}
		p.Expires = p.Issued - 1
		if err := save(wu, p, true, "reversed"); !problem.Is(err, "problem.form") {
			t.Errorf("ends before it begins: %v", err)
		}
		for name, change := range map[string]func(*Imprint){
			"no complaint phone":   func(i *Imprint) { i.ComplaintPhone = "" },
			"no complaint mail":    func(i *Imprint) { i.ComplaintMail = "" },
			"no complaint address": func(i *Imprint) { i.ComplaintAddress = Text{} },
			"a wrong ICP number":   func(i *Imprint) { i.ICP = "ICP 12345" },
		} {
			i := imprint()
			change(&i)
			err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := SaveImprint(tx, wu, i, "edit"); return err })
			if !problem.Is(err, "problem.form") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTheBoardNoticesEveryEditAndEveryMidnight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		var b Board
		look := func(house int64) PublicNotice {
			n, err := b.Notice(context.Background(), d, house)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := look(2); n.ICP != "京ICP备2099000001号-1" || !n.Valid || len(n.Listings) != 3 {
			t.Errorf("%+v", n)
		}
		edit(t, d, func(tx *db.Tx) error {
			i := imprint()
			i.ICP = "京ICP备2099000002号-1"
			_, err := SaveImprint(tx, wu, i, "a new filing")
			return err
		})
		if n := look(2); n.ICP != "京ICP备2099000002号-1" {
			t.Errorf("the board shows %s", n.ICP)
		}
		clock.Set(calendar.Date(2029, 1, 1).Start())
		if n := look(2); n.Valid {
			t.Error("the board shows an expired permit as valid")
		}
	})
}

func TestM80_APermitOlderThanTheOrderCountsFromItsFirstDay(t *testing.T) {
	for _, c := range []struct{ issued, want calendar.Day }{
		{calendar.Date(2015, 5, 5), calendar.Date(2022, 11, 1)},
		{calendar.Date(2017, 10, 31), calendar.Date(2022, 11, 1)},
		{calendar.Date(2017, 11, 1), calendar.Date(2022, 11, 1)},
		{calendar.Date(2024, 1, 1), calendar.Date(2029, 1, 1)},
		{calendar.Date(2024, 2, 29), calendar.Date(2029, 2, 28)}, // Civil Code art. 202,
	} {
		if got := DefaultExpiry(c.issued); got != c.want {
			t.Errorf("%s: %s, want %s", c.issued, got, c.want)
		}
	}
	duty.Prove(t, "M-80", "issued 2015-05-05: proposed expiry "+DefaultExpiry(calendar.Date(2015, 5, 5)).String())
}

func ExampleText_In() {
	t := Text{"北京", "Beijing"}
	fmt.Println(t.In("en"), t.In("zh"))
	// Output: Beijing 北京
}
