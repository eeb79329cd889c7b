package accounts_test

import (
	"slices"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
)

func operator(why string) actor.Actor { return actor.System(accounts.Root, "admin root", why) }

func TestALostSecondFactorIsTakenAwayWithAllThatHungOnIt(t *testing.T) {
	each(t, func(w world) {
		who, _, codes := w.withFactor()
		me, err := accounts.Me(ctx, w.d, who)
		if err != nil {
			w.Fatal(err)
		}
		w.open("wu@example.cn", "green table upstairs")
		customer := w.enter("wu@example.cn", "green table upstairs")
		customer.Why = "please"
		w.want(accounts.ResetFactor(ctx, w.d, customer, me.Ref), "problem.not_found")
		w.want(accounts.ResetFactor(ctx, w.d, operator(" "), me.Ref), "accounts.reason_missing")
		elsewhere := actor.System(2, "admin root", "wrong house")
		w.want(accounts.ResetFactor(ctx, w.d, elsewhere, me.Ref), "problem.not_found")
		w.want(accounts.ResetFactor(ctx, w.d, operator("lost the telephone, came in person"), me.Ref), "")
		w.want(accounts.ResetFactor(ctx, w.d, operator("again"), me.Ref), "accounts.factor_not_there")
		var left []accounts.Session
		dbtest.Read(w, w.d, func(tx *db.Tx) (err error) {
			left, err = accounts.SessionsOf(tx, operator("look"), me.Ref)
			return err
		})
		if len(left) != 0 {
			w.Errorf("sessions go on: %+v", left)
		}
		again := w.enter(lin, "green table upstairs") // by the password alone
		me, err = accounts.Me(ctx, w.d, again)
		if err != nil || me.TOTP || me.CodesLeft != 0 {
			w.Errorf("%+v, %v; there were %d codes", me, err, len(codes))
		}
		if !slices.Contains(w.acts(), "accounts.factor_reset") {
			w.Errorf("the audit has %v", w.acts())
		}
	})
}

func TestAHouseKeepsAHostAndTheRegistrarsStaysOpen(t *testing.T) {
	each(t, func(w world) {
		who := operator("as agreed")
		hosts := func(house int64) (list []string, open bool) {
			w.Helper()
			dbtest.Read(w, w.d, func(tx *db.Tx) error {
				h, err := accounts.HouseByID(tx, house)
				list, open = h.Hosts, h.Open
				return err
			})
			return list, open
		}
		first, _ := hosts(accounts.Root)
		w.want(accounts.AddHost(ctx, w.d, who, "New.Example.CN."), "")
		for _, h := range first {
			w.want(accounts.DropHost(ctx, w.d, who, h), "")
		}
		if list, _ := hosts(accounts.Root); len(list) != 1 || list[0] != "new.example.cn" {
			w.Errorf("hosts are %v", list)
		}
		w.want(accounts.DropHost(ctx, w.d, who, "new.example.cn"), "accounts.last_host")
		w.want(accounts.DropHost(ctx, w.d, who, "never.example.cn"), "problem.not_found")
		w.want(accounts.AddHost(ctx, w.d, who, "no host"), "accounts.house_host")
		w.want(accounts.SetOpen(ctx, w.d, who, false), "accounts.root_open")
		agent, err := accounts.CreateHouse(ctx, w.d, who, accounts.HouseForm{NameZh: "代理", NameEn: "Agent", AgencyZh: "代理", AgencyEn: "agent", Hosts: []string{"agent.example.cn"}})
		if err != nil {
			w.Fatal(err)
		}
		in := actor.System(agent.ID, "admin root", "the contract ended")
		w.want(accounts.AddHost(ctx, w.d, in, "new.example.cn"), "accounts.host_taken")
		if _, err := accounts.HouseOf(ctx, w.d, "agent.example.cn"); err != nil {
			w.Fatal(err)
		}
		w.want(accounts.SetOpen(ctx, w.d, in, false), "")
		if _, err := accounts.HouseOf(ctx, w.d, "agent.example.cn"); err == nil {
			w.Error("a closed house is answered from memory")
		}
		w.want(accounts.SetOpen(ctx, w.d, in, true), "")
		if _, open := hosts(agent.ID); !open {
			w.Error("it did not open again")
		}
	})
}
