package blocks

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

var (
	ctx = context.Background()
	sun = actor.Actor{House: 1, Account: 10, Person: 11, Name: "s***@example.cn", Roles: []actor.Role{actor.Admin}, Lang: "zh", IP: "198.51.100.9"}
	own = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("203.0.113.7/32")}
)

func add(t testing.TB, d *db.DB, who actor.Actor, ask Ask) (b Block, err error) {
	t.Helper()
	if ask.Cause == "" {
		ask.Cause = Flood
	}
	if ask.Reason == "" {
		ask.Reason = "40 searches a second"
	}
	if ask.Days == 0 {
		ask.Days = 7
	}
	ask.Own = own
	err = d.Write(ctx, func(tx *db.Tx) (err error) { b, err = Add(tx, who, ask); return err })
	return b, err
}

func out(t testing.TB, d *db.DB, house int64, ip string, account int64) bool {
	t.Helper()
	_, is, err := Against(ctx, d, house, ip, account)
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// prepared is a house with people.
func prepared(t testing.TB, d *db.DB) {
	t.Helper()
	_, err := accounts.EnsureRoot(ctx, d, accounts.HouseForm{NameZh: "域门", NameEn: "Yumen", Hosts: []string{"localhost"}})
	must(t, err)
}

func TestANetworkIsKeptOutForItsTimeAndNoLonger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		for _, c := range []struct {
			network string
			in, not []string
		}{
			{"192.0.2.0/24", []string{"192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7"}, []string{"192.0.3.0", "2001:db8::1", "", "x"}},
			{"192.0.4.9", []string{"192.0.4.9"}, []string{"192.0.4.8"}},
			{"2001:db8:7::/48", []string{"2001:db8:7::1", "2001:db8:7:ffff::1"}, []string{"2001:db8:8::1"}},
			{"::ffff:192.0.6.0/120", []string{"192.0.6.77"}, []string{"192.0.7.1"}},
			// One address of IPv6 is no more than its network: whoever has one has all
			// of them, and rates know them so too. A single one takes its length.
			{"2001:db8:9::7", []string{"2001:db8:9::7", "2001:db8:9:0:a:b:c:d"}, []string{"2001:db8:9:1::7"}},
			{"2001:db8:a::7/128", []string{"2001:db8:a::7"}, []string{"2001:db8:a::8"}},
			{"10.9.8.7/16", []string{"10.9.255.1"}, []string{"10.8.8.7"}}, // its host bits do not matter
		} {
			b, err := add(t, d, sun, Ask{Network: c.network})
			must(t, err)
			for _, ip := range c.in {
				if !out(t, d, 1, ip, 0) {
					t.Errorf("%s lets %s in", c.network, ip)
				}
			}
			for _, ip := range c.not {
				if out(t, d, 1, ip, 0) {
					t.Errorf("%s keeps %q out", c.network, ip)
				}
			}
			if !out(t, d, 2, c.in[0], 0) {
				t.Errorf("%s comes in by another house", c.in[0])
			}
			must(t, d.Write(ctx, func(tx *db.Tx) error { return End(tx, sun, strings.ToLower(b.Ref), "they called") }))
			if out(t, d, 1, c.in[0], 0) {
				t.Errorf("%s is kept out after the end", c.in[0])
			}
			if err := d.Write(ctx, func(tx *db.Tx) error { return End(tx, sun, b.Ref, "again") }); !problem.Is(err, "blocks.over_already") {
				t.Errorf("ended twice: %v", err)
			}
		}
		_, err := add(t, d, sun, Ask{Network: "192.0.2.0/24", Days: 1})
		must(t, err)
		if _, err := add(t, d, sun, Ask{Network: "192.0.2.99/24"}); !problem.Is(err, "blocks.stands_already") {
			t.Errorf("twice: %v", err)
		}
		clock.Advance(24*time.Hour - time.Second)
		if !out(t, d, 1, "192.0.2.1", 0) {
			t.Error("over before its time")
		}
		clock.Advance(time.Second)
		if out(t, d, 1, "192.0.2.1", 0) {
			t.Error("goes on after its time")
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := List(tx, sun, 0, 50)
			if len(list) != 8 || list[0].Stands(tx.Now) || list[1].EndedReason != "they called" || list[1].EndedBy != sun.Name {
				t.Errorf("%+v", list)
			}
			older, err2 := List(tx, sun, list[3].ID, 50)
			if err2 != nil || len(older) != 4 {
				t.Errorf("%d older, %v", len(older), err2)
			}
			return err
		})
		if b, _, _ := Against(ctx, d, 1, "192.0.2.1", 0); b.Ref != "" {
			t.Error("a block that is over is told")
		}
	})
}

// An edit by another process is seen when what is in memory is no longer fresh.
func TestABlockByAnotherProcessCountsWithinSeconds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		if out(t, d, 1, "192.0.2.1", 0) {
			t.Fatal("blocked from the beginning")
		}
		b, err := add(t, d, sun, Ask{Network: "192.0.2.0/24"})
		must(t, err)
		wallsOf(d).edits.Add(-1) // this process knows nothing of it
		if out(t, d, 1, "192.0.2.1", 0) {
			t.Error("the test shows nothing: the database was asked")
		}
		clock.Advance(Fresh)
		if !out(t, d, 1, "192.0.2.1", 0) {
			t.Error("not seen")
		}
		must(t, d.Write(ctx, func(tx *db.Tx) error { return End(tx, sun, b.Ref, "they called") }))
		wallsOf(d).edits.Add(-1)
		clock.Advance(Fresh)
		if out(t, d, 1, "192.0.2.1", 0) {
			t.Error("its end is not seen")
		}
	})
}

func TestNobodyIsLockedOutByAccident(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	prepared(t, d)
	open := func(mail string, roles ...actor.Role) accounts.Person {
		t.Helper()
		p, err := accounts.Open(ctx, d, actor.System(1, "test", "set up"), accounts.PersonForm{Mail: mail, Password: "green table upstairs", Name: "Lin"})
		must(t, err)
		for _, r := range roles {
			must(t, accounts.Appoint(ctx, d, actor.System(1, "test", "set up"), p.Ref, r, "test"))
		}
		return p
	}
	lin := open("lin@example.cn")
	open("wu@example.cn", actor.Compliance)
	me := open("sun@example.cn", actor.Admin)
	self := sun
	self.Account, self.Person = me.Account, me.ID
	for _, c := range []struct {
		ask   Ask
		field string
		id    string
		sure  bool // goes through when one is sure
	}{
		{Ask{}, "network", "blocks.one_of", false},
		{Ask{Network: "192.0.2.1", Mail: "lin@example.cn"}, "network", "blocks.one_of", false},
		{Ask{Network: "192.0.2"}, "network", "blocks.network_form", false},
		{Ask{Network: "fe80::1%eth0"}, "network", "blocks.network_form", false},
		{Ask{Network: "::ffff:0:0/90"}, "network", "blocks.network_form", false},
		{Ask{Network: "0.0.0.0/0"}, "network", "blocks.too_wide", false},
		{Ask{Network: "::/0"}, "network", "blocks.too_wide", false},
		{Ask{Network: "198.51.100.0/24"}, "sure", "blocks.own_address", true},
		{Ask{Network: "::ffff:198.51.100.9"}, "sure", "blocks.own_address", true},
		{Ask{Network: "127.0.0.1"}, "sure", "blocks.own_network", true},
		{Ask{Network: "203.0.112.0/21"}, "sure", "blocks.own_network", true},
		{Ask{Network: "11.0.0.0/12"}, "sure", "blocks.wide", true},
		{Ask{Network: "2001:db8::/28"}, "sure", "blocks.wide", true},
		{Ask{Mail: "nobody@example.cn"}, "mail", "blocks.unknown_mail", false},
		{Ask{Mail: "sun@example.cn"}, "mail", "blocks.yourself", false},
		{Ask{Mail: "wu@example.cn"}, "sure", "blocks.is_staff", true},
		{Ask{Network: "192.0.2.1", Cause: "dislike"}, "cause", "blocks.choose_cause", false},
		{Ask{Network: "192.0.2.1", Days: 366}, "days", "blocks.days", false},
		{Ask{Network: "192.0.2.1", Days: -1}, "days", "blocks.days", false},
		{Ask{Network: "192.0.2.1", Reason: strings.Repeat("长", 401)}, "reason", "blocks.reason_long", false},
		{Ask{Network: "192.0.2.1", Reason: " "}, "reason", "blocks.reason_needed", false},
	} {
		_, err := add(t, d, self, c.ask)
		p, ok := problem.As(err)
		if !ok || len(p.Fields) == 0 || p.Fields[0].Field != c.field || p.Fields[0].ID != c.id {
			t.Errorf("%+v: %v, want %s at %s", c.ask, err, c.id, c.field)
		}
		c.ask.Sure = true
		if _, err := add(t, d, self, c.ask); (err == nil) != c.sure {
			t.Errorf("%+v, and sure: %v", c.ask, err)
		}
	}

	// An account, wherever it comes from; others of its house are not touched.
	_, err := add(t, d, self, Ask{Mail: " LIN@example.cn "})
	must(t, err)
	if !out(t, d, 1, "192.0.2.200", lin.Account) || out(t, d, 1, "192.0.2.200", lin.Account+1) || out(t, d, 1, "192.0.2.200", 0) {
		t.Error("the account alone is kept out")
	}

	for _, who := range []actor.Actor{{House: 1, Account: 5, Person: 6}, {House: 1, Account: 5, Person: 6, Roles: []actor.Role{actor.Support, actor.Reviewer, actor.Finance, actor.Reseller}}, {}} {
		if _, err := add(t, d, who, Ask{Network: "192.0.2.1"}); !problem.Is(err, "problem.not_found") {
			t.Errorf("%v blocks: %v", who.Roles, err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if _, err := List(tx, who, 0, 9); !problem.Is(err, "problem.not_found") {
				t.Errorf("%v reads addresses: %v", who.Roles, err)
			}
			return nil
		})
	}
	// Another house's staff neither sees nor lifts it.
	ref := ""
	theirs := actor.Actor{House: 2, Account: 30, Person: 31, Roles: []actor.Role{actor.Admin}}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		mine, err := List(tx, self, 0, 1)
		must(t, err)
		if list, err := List(tx, theirs, 0, 9); err != nil || len(list) != 0 {
			t.Errorf("another house reads %d, %v", len(list), err)
		}
		ref = mine[0].Ref
		events, err := audit.List(tx, self, audit.Filter{}, 50)
		must(t, err)
		seen := 0
		for _, e := range events {
			if e.Object != "block" {
				continue
			}
			if seen++; e.Act != "blocks.opened" || e.Reason == "" || strings.Contains(e.Details, "198.51.100") || strings.Contains(e.Details, "lin@") {
				t.Errorf("%+v", e)
			}
		}
		if seen != 8 { // seven times sure, and lin
			t.Errorf("%d events", seen)
		}
		return nil
	})
	if err := d.Write(ctx, func(tx *db.Tx) error { return End(tx, theirs, ref, "x") }); !problem.Is(err, "problem.not_found") {
		t.Errorf("another house lifts: %v", err)
	}
}

func TestAnAddressIsMasked(t *testing.T) {
	for in, want := range map[string]string{"192.0.2.7/32": "192.0.0.0/16•", "10.0.0.0/8": "10.0.0.0/8•", "2001:db8:7:8::/64": "2001:db8::/32•"} {
		if got := Masked(netip.MustParsePrefix(in)); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	if Masked(netip.Prefix{}) != "•" {
		t.Error("nothing")
	}
}
