package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

var (
	qian = actor.Actor{House: 1, Account: 4, Person: 14, Name: "q***@example.cn", Roles: []actor.Role{actor.Finance}, Lang: "zh"}
	sun  = actor.Actor{House: 1, Account: 5, Person: 15, Name: "s***@example.cn", Roles: []actor.Role{actor.Admin}, Lang: "zh"}
	zhou = actor.Actor{House: 1, Account: 6, Person: 16, Name: "z***@example.cn", Roles: []actor.Role{actor.Support}, Lang: "zh"}
)

// autumn is a campaign of ten days from tomorrow on (the clock starts on 2 March
// 2026): .com for 99 yuan instead of 128.
func autumn() Pitch {
	return Pitch{TitleZh: "春季优惠", TitleEn: "Spring offer", TextZh: "首年优惠，续费照常。", TextEn: "A cheaper first year; renewal as usual.",
		From: calendar.Date(2026, 3, 3), To: calendar.Date(2026, 3, 12), Offers: []Promise{{Ending: "com", First: ledger.CNY(9900)}}}
}

func with(change func(*Pitch)) Pitch {
	p := autumn()
	change(&p)
	return p
}

func draft(t testing.TB, d *db.DB, who actor.Actor, p Pitch) (ref string) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) { ref, err = SaveCampaign(tx, who, "", 0, p, "the season"); return err })
	return ref
}

func publish(d *db.DB, who actor.Actor, ref string, s Sanction) error {
	return d.Write(context.Background(), func(tx *db.Tx) error { return PublishCampaign(tx, who, ref, s) })
}

func campaign(t testing.TB, d *db.DB, ref string) (c Campaign) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) (err error) { c, err = FindCampaign(tx, wu, ref); return err })
	return c
}

func visible(t testing.TB, d *db.DB, s *Shelf) (titles []string) {
	t.Helper()
	list, err := s.Running(context.Background(), d, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		titles = append(titles, c.Title("zh"))
	}
	return titles
}

func fieldsOf(err error) (out []string) {
	if p, ok := problem.As(err); ok {
		for _, f := range p.Fields {
			out = append(out, f.Field+"="+f.ID)
		}
	}
	return out
}

func TestM38_ACampaignIsPublishedByAnotherThanItsAuthor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		ok := Sanction{Version: 1, Reason: "read it"}
		ref := draft(t, d, qian, autumn())
		for _, c := range []struct {
			name string
			who  actor.Actor
			s    Sanction
			want string
		}{
			{"the author", qian, ok, "catalogue.own_campaign"},
			{"support", zhou, ok, "problem.not_found"},
			{"the program", actor.System(1, "test", "because"), ok, "problem.not_found"},
			{"somebody of another house", actor.Actor{House: 2, Person: 99, Roles: []actor.Role{actor.Admin}}, ok, "problem.not_found"},
			{"who read another version", sun, Sanction{Version: 2, Reason: "read it"}, "catalogue.campaign_moved"},
			{"without a reason", sun, Sanction{Version: 1, Reason: " "}, "problem.form"},
		} {
			if err := publish(d, c.who, ref, c.s); !problem.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		duty.ProveRefusal(t, "M-38", "the author's own campaign is not published: "+problem.New(problem.Refused, "catalogue.own_campaign").ID)

		// An edit makes its editor an author, and what was read is not what stands.
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := SaveCampaign(tx, sun, ref, 1, with(func(p *Pitch) { p.TextZh = "首年优惠价。" }), "shorter")
			return err
		})
		for _, c := range []struct {
			name string
			who  actor.Actor
			s    Sanction
			want string
		}{
			{"after an edit", wu, ok, "catalogue.campaign_moved"},
			{"the first author", qian, Sanction{Version: 2, Reason: "read it"}, "catalogue.own_campaign"},
			{"the editor", sun, Sanction{Version: 2, Reason: "read it"}, "catalogue.own_campaign"},
		} {
			if err := publish(d, c.who, ref, c.s); !problem.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		var shelf Shelf
		if got := visible(t, d, &shelf); got != nil {
			t.Errorf("an unpublished campaign is to be seen: %v", got)
		}
		if err := publish(d, wu, ref, Sanction{Version: 2, Reason: "read it"}); err != nil {
			t.Fatal(err)
		}
		if err := publish(d, wu, ref, Sanction{Version: 2, Reason: "again"}); !problem.Is(err, "catalogue.campaign_moved") {
			t.Errorf("published twice: %v", err)
		}
		if got := visible(t, d, &shelf); got != nil {
			t.Errorf("to be seen the day before: %v", got)
		}
		clock.Set(calendar.Date(2026, 3, 3).Start())
		if got := visible(t, d, &shelf); !slices.Equal(got, []string{"春季优惠"}) {
			t.Errorf("on its first day: %v", got)
		}
		clock.Set(calendar.Date(2026, 3, 12).End().Add(-time.Second))
		if got := visible(t, d, &shelf); !slices.Equal(got, []string{"春季优惠"}) {
			t.Errorf("on its last day: %v", got)
		}
		clock.Set(calendar.Date(2026, 3, 12).End())
		if got := visible(t, d, &shelf); got != nil {
			t.Errorf("the day after: %v", got)
		}
		var acts []string
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := audit.Of(tx, 1, "campaign", ref, 20)
			for _, e := range list {
				acts = append(acts, e.Act)
			}
			return err
		})
		slices.Sort(acts)
		if want := []string{"catalogue.campaign_published", "catalogue.campaign_saved", "catalogue.campaign_saved"}; !slices.Equal(acts, want) {
			t.Errorf("the audit has %v", acts)
		}
		duty.Prove(t, "M-38", fmt.Sprintf("written by %s and %s, published by %s, seen from its first to its last day; audit %v", qian.Name, sun.Name, wu.Name, acts))
	})
}

func TestM38_BannedPhrasesNeedCompliance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		ref := draft(t, d, qian, with(func(p *Pitch) {
			p.TextZh, p.TextEn = "最后机会！仅剩 3 个。", "Last   CHANCE: someone else is about to register it."
		}))
		err := publish(d, sun, ref, Sanction{Version: 1, Reason: "the boss wants it"})
		if !problem.Is(err, "BANNED_PHRASES") {
			t.Fatalf("an administrator publishes it: %v", err)
		}
		duty.ProveRefusal(t, "M-38", "text with banned phrases is not published without compliance: "+err.Error())
		if err := publish(d, wu, ref, Sanction{Version: 1}); len(fieldsOf(err)) != 1 {
			t.Errorf("compliance without a reason: %v", err)
		}
		if err := publish(d, wu, ref, Sanction{Version: 1, Reason: "quoted as a warning"}); err != nil {
			t.Fatal(err)
		}
		c := campaign(t, d, ref)
		if want := []string{"最后机会", "仅剩", "last chance", "someone else is about to register"}; !slices.Equal(c.Matched, want) || c.Decision != "quoted as a warning" {
			t.Errorf("kept with it: %q, %q", c.Matched, c.Decision)
		}
		// Compliance is no second person either where they wrote it.
		own := draft(t, d, wu, with(func(p *Pitch) { p.TextZh, p.Offers = "手慢无", nil }))
		if err := publish(d, wu, own, Sanction{Version: 1, Reason: "mine"}); !problem.Is(err, "SAME_PERSON") {
			t.Errorf("compliance publishes what it wrote: %v", err)
		}
		duty.Prove(t, "M-38", fmt.Sprintf("compliance published it with a reason; the phrases %q stand beside it", c.Matched))
	})
}

func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestAPromotionalPriceIsJudgedBeforeItIsPromised(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			e := Shipped()[5]
			e.Offered = false
			return SaveEnding(tx, wu, e, "not any more")
		})
		offer := func(list ...Promise) func(*Pitch) { return func(p *Pitch) { p.Offers = list } }
		one := func(ending string, fen int64) Promise { return Promise{Ending: ending, First: ledger.CNY(fen)} }
		for _, c := range []struct {
			name   string
			change func(*Pitch)
			want   string
		}{
			{"for nothing", offer(one("com", 0)), "first-com=catalogue.promise_form"},
			{"less than nothing", offer(one("com", -100)), "first-com=catalogue.promise_form"},
			{"another currency", offer(Promise{Ending: "com", First: ledger.Money{Minor: 900, Currency: "USD"}}), "first-com=catalogue.promise_form"},
			{"the normal price", offer(one("com", 12800)), "first-com=catalogue.promise_dearer"},
			{"dearer", offer(one("com", 12900)), "first-com=catalogue.promise_dearer"},
			{"below cost, not known", offer(one("com", 4000)), "loss=catalogue.promise_loss"},
			{"the cost, the tax is not ours", offer(one("com", 4500)), "loss=catalogue.promise_loss"},
			{"not on sale", offer(one("xn--hxt814e", 9900)), "first-xn--hxt814e=catalogue.not_offered"},
			{"not in the catalogue", offer(one("org", 9900)), "first-org=catalogue.unknown_ending"},
			{"one ending twice", offer(one("com", 9900), one("com", 9800)), "first-com=catalogue.promise_twice"},
			{"the end before the beginning", func(p *Pitch) { p.To = p.From - 1 }, "to=catalogue.days_order"},
			{"over already", func(p *Pitch) { p.From, p.To = calendar.Date(2026, 2, 1), calendar.Date(2026, 3, 1) }, "to=catalogue.days_past"},
			{"for ever", func(p *Pitch) { p.To = p.From + 366 }, "to=catalogue.days_many"},
			{"without days", func(p *Pitch) { p.From, p.To = 0, 0 }, "from=catalogue.day_form"},
			{"in one language", func(p *Pitch) { p.TextEn = " " }, "text_en=catalogue.field_needed"},
			{"a title as long as a text", func(p *Pitch) { p.TitleZh = strings.Repeat("长", 61) }, "title_zh=catalogue.too_long"},
		} {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				_, err := SaveCampaign(tx, qian, "", 0, with(c.change), "the season")
				return err
			})
			if got := fieldsOf(err); !slices.Equal(got, []string{c.want}) {
				t.Errorf("%s: %v (%v), want %s", c.name, got, err, c.want)
			}
		}
		// Below cost with open eyes: the author's, then the second person's.
		ref := draft(t, d, qian, with(func(p *Pitch) { p.Offers, p.Knowing = []Promise{one("com", 4000)}, true }))
		if err := publish(d, wu, ref, Sanction{Version: 1, Reason: "fine"}); !slices.Equal(fieldsOf(err), []string{"loss=catalogue.promise_loss"}) {
			t.Errorf("published below cost without knowing: %v", err)
		}
		if err := publish(d, wu, ref, Sanction{Version: 1, Reason: "to be known", Loss: true}); err != nil {
			t.Fatal(err)
		}
		// One ending has one promotion at a time.
		clash := with(func(p *Pitch) { p.From, p.To = calendar.Date(2026, 3, 12), calendar.Date(2026, 3, 20) })
		err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := SaveCampaign(tx, qian, "", 0, clash, "more"); return err })
		if got := fieldsOf(err); !slices.Equal(got, []string{"first-com=catalogue.promotion_overlaps"}) {
			t.Errorf("overlapping days: %v", err)
		}
		clash.From++
		next := draft(t, d, qian, clash) // the day after is free
		// The normal price stands while something is compared with it.
		raise := func() error {
			return d.Write(context.Background(), func(tx *db.Tx) error {
				_, err := SetPrice(tx, wu, PriceList("com", 15000, 13800, 80000, 13800, 600, 4500, 30000)[0], "dearer")
				return err
			})
		}
		if err := raise(); !problem.Is(err, "catalogue.price_promised") {
			t.Errorf("the price beside the promise changed: %v", err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return StopCampaign(tx, qian, ref, "the budget is spent") })
		if err := raise(); err != nil {
			t.Errorf("stopped, and the price stays: %v", err)
		}
		if err := publish(d, wu, next, Sanction{Version: 1, Reason: "fine"}); !problem.Is(err, "catalogue.promise_moved") {
			t.Errorf("the normal price has moved since it was drafted: %v", err)
		}
		clock.Set(calendar.Date(2026, 4, 1).Start())
		if err := publish(d, wu, next, Sanction{Version: 1, Reason: "late"}); !slices.Contains(fieldsOf(err), "to=catalogue.days_past") {
			t.Errorf("published when it was over: %v", err)
		}
	})
}

func TestAPromotionalPriceHoldsForItsDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		ref := draft(t, d, qian, autumn())
		if err := publish(d, wu, ref, Sanction{Version: 1, Reason: "fine"}); err != nil {
			t.Fatal(err)
		}
		var shelf Shelf
		at := func(when time.Time, want int64) (row int64) {
			t.Helper()
			clock.Set(when)
			for _, c := range []struct{ years, total int64 }{{1, want}, {3, want + 2*13800}} {
				p, err := quote(d, 1, "com", permits.Create, c.years)
				if err != nil || p.Total != ledger.CNY(c.total) {
					t.Errorf("%s: %d years for %v (%v), want %d", when, c.years, p.Total, err, c.total)
				}
				row = p.Row
			}
			if p, err := quote(d, 1, "com", permits.Renew, 1); err != nil || p.Total != ledger.CNY(13800) {
				t.Errorf("%s: renewal for %v (%v)", when, p.Total, err)
			}
			list, err := shelf.OnSale(context.Background(), d, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list {
				if o.ALabel != "com" {
					if o.First() != ledger.CNY(12800) || o.Was().Currency != "" {
						t.Errorf("%s has %v and %v", o.ULabel, o.First(), o.Was())
					}
					continue
				}
				if promo := want != 12800; o.First() != ledger.CNY(want) || promo != (o.Was() == ledger.CNY(12800)) || promo == o.Until().IsZero() || o.Three() != ledger.CNY(want+2*13800) {
					t.Errorf("%s: listed with %v, normally %v, until %s, three years %v", when, o.First(), o.Was(), o.Until(), o.Three())
				}
			}
			return row
		}
		normal := at(calendar.Date(2026, 3, 3).Start().Add(-time.Millisecond), 12800)
		promo := at(calendar.Date(2026, 3, 3).Start(), 9900)
		if normal == promo {
			t.Error("both prices are of one row")
		}
		honoured := func(row int64) (err error) {
			return d.Read(context.Background(), func(tx *db.Tx) error { return Honoured(tx, 1, row) })
		}
		if err := cmpErr(honoured(normal), honoured(promo)); err != nil {
			t.Error(err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := History(tx, 1, "com")
			i := slices.IndexFunc(list, func(r Row) bool { return r.ID == promo })
			if i < 0 || list[i].Campaign != ref || list[i].Normal != normal || list[i].LastDay() != calendar.Date(2026, 3, 12) {
				t.Errorf("the history of prices has no row %d of %s: %+v", promo, ref, list)
			}
			return err
		})
		at(calendar.Date(2026, 3, 12).End().Add(-time.Millisecond), 9900)
		dbtest.Write(t, d, func(tx *db.Tx) error { return StopCampaign(tx, sun, ref, "a mistake in the text") })
		at(clock.Now(), 12800)
		if err := honoured(promo); !problem.Is(err, "catalogue.offer_ended") {
			t.Errorf("a price of a stopped offer: %v", err)
		}
		if p, err := quoteRow(d, promo); err != nil || p.Total != ledger.CNY(9900) {
			t.Errorf("what was ordered by it cannot be read any more: %v %v", p.Total, err)
		}
		for _, change := range []string{`UPDATE catalogue_promotions SET first = 1`, `DELETE FROM catalogue_promotions`, `UPDATE catalogue_promotions SET valid_to = valid_to + 1`} {
			if err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(change); return err }); err == nil {
				t.Errorf("%s: done", change)
			}
		}
		if got := visible(t, d, &shelf); got != nil {
			t.Errorf("stopped, and to be seen: %v", got)
		}
		for _, err := range []error{
			d.Write(context.Background(), func(tx *db.Tx) error { return StopCampaign(tx, sun, ref, "again") }),
			d.Write(context.Background(), func(tx *db.Tx) error { return DropCampaign(tx, sun, ref, 1, "again") }),
		} {
			if !problem.Is(err, "catalogue.campaign_moved") {
				t.Errorf("ended twice: %v", err)
			}
		}
	})
}

func quoteRow(d *db.DB, row int64) (p Price, err error) {
	err = d.Read(context.Background(), func(tx *db.Tx) error { p, err = QuoteRow(tx, 1, row, 1); return err })
	return p, err
}

// Whoever is first wins: one word on a campaign, one promotion of an ending.
func TestTwoPublishAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		race := func(acts ...func() error) (done int) {
			errs := make([]error, len(acts))
			var all sync.WaitGroup
			for i, act := range acts {
				all.Go(func() { errs[i] = act() })
			}
			all.Wait()
			for _, err := range errs {
				if err == nil {
					done++
				} else if _, said := problem.As(err); !said {
					t.Error(err)
				}
			}
			return done
		}
		ok := Sanction{Version: 1, Reason: "fine"}
		for round := range 8 {
			p := with(func(p *Pitch) { p.From += calendar.Day(20 * round); p.To += calendar.Day(20 * round) })
			a, b := draft(t, d, qian, p), draft(t, d, qian, p)
			if n := race(func() error { return publish(d, wu, a, ok) }, func() error { return publish(d, sun, a, ok) }, func() error { return publish(d, wu, b, ok) }); n != 1 {
				t.Errorf("round %d: %d of three published promotions of one ending in the same days", round, n)
			}
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			rows, err := promotionsBetween(tx, 1, "com", clock.Now(), time.Time{})
			if len(rows) != 8 {
				t.Errorf("%d promotional rows", len(rows))
			}
			return err
		})
	})
}

func TestAHouseWithItsOwnPriceIsNotInTheParentsCampaign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		theirs := actor.Actor{House: 2, Person: 77, Roles: []actor.Role{actor.Compliance}}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := SetPrice(tx, theirs, PriceList("com", 15000, 16000, 80000, 16000, 600, 4500, 30000)[0], "ours")
			return err
		})
		ref := draft(t, d, qian, with(func(p *Pitch) { p.Offers = append(p.Offers, Promise{Ending: "cn", First: ledger.CNY(8800)}) }))
		if err := publish(d, wu, ref, Sanction{Version: 1, Reason: "fine"}); err != nil {
			t.Fatal(err)
		}
		clock.Set(calendar.Date(2026, 3, 3).Start())
		for _, c := range []struct {
			house  int64
			ending string
			want   int64
		}{{1, "com", 9900}, {2, "com", 15000}, {1, "cn", 8800}, {2, "cn", 8800}} {
			if p, err := quote(d, c.house, c.ending, permits.Create, 1); err != nil || p.Total != ledger.CNY(c.want) {
				t.Errorf("house %d sells .%s for %v (%v), want %d", c.house, c.ending, p.Total, err, c.want)
			}
		}
		if err := d.Read(context.Background(), func(tx *db.Tx) error { _, err := FindCampaign(tx, theirs, ref); return err }); !problem.Is(err, "problem.not_found") {
			t.Errorf("another house finds the campaign: %v", err)
		}
	})
}
