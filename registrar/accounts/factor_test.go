package accounts_test

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// device is the person's authenticator.
type device struct{ secret []byte }

func newDevice(t *testing.T, e accounts.Enrolment) device {
	t.Helper()
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil || strings.ReplaceAll(e.Secret, " ", "") != u.Query().Get("secret") {
		t.Fatalf("text and address differ: %+v, %v", e, err)
	}
	return device{secret}
}

// code is that of a step from now; an authenticator runs on real time.
func (v device) code(step int64) string {
	return accountstest.TOTP(v.secret, time.Now().Unix()/30+step)
}

func (w world) withFactor() (actor.Actor, device, []string) {
	w.Helper()
	w.open(lin, "green table upstairs")
	who := w.enter(lin, "green table upstairs")
	e, err := accounts.Enrol(ctx, w.d, who)
	if err != nil {
		w.Fatal(err)
	}
	v := newDevice(w.T, e)
	codes, err := accounts.ConfirmFactor(ctx, w.d, who, v.code(0))
	if err != nil {
		w.Fatal(err)
	}
	return who, v, codes
}

func TestASecondFactorIsAskedForOnceItWasConfirmed(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		who := w.enter(lin, "green table upstairs")
		first, err := accounts.Enrol(ctx, w.d, who)
		if err != nil {
			w.Fatal(err)
		}
		again, err := accounts.Enrol(ctx, w.d, who)
		if err != nil || again != first {
			w.Errorf("loading the page again made another secret: %v", err)
		}
		w.enter(lin, "green table upstairs") // not yet confirmed, not yet asked for
		elsewhere := w.enterToken(lin, "green table upstairs")
		v := newDevice(w.T, first)
		_, err = accounts.ConfirmFactor(ctx, w.d, who, "000000x")
		w.want(err, "accounts.totp_wrong")
		codes, err := accounts.ConfirmFactor(ctx, w.d, who, v.code(0))
		if err != nil || len(codes) != 10 {
			w.Fatalf("%d codes, %v", len(codes), err)
		}
		if w.as(elsewhere).SignedIn() {
			w.Error("a session without the factor goes on elsewhere")
		}
		w.post.Wait(w, lin, "accounts.factor_added", 1)

		half, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: lin, Password: "green table upstairs"})
		if err != nil || !half.Half {
			w.Fatalf("%+v, %v", half, err)
		}
		if w.as(half.Token).SignedIn() {
			w.Error("half a sign-in opened the door")
		}
		_, err = accounts.SecondFactor(ctx, w.d, w.visitor, half.Token, v.code(0))
		w.want(err, "accounts.factor_wrong") // the enrolment used that step up
		b, err := accounts.SecondFactor(ctx, w.d, w.visitor, half.Token, v.code(1))
		if err != nil {
			w.Fatal(err)
		}
		if !w.as(b.Token).SignedIn() || w.as(half.Token).SignedIn() {
			w.Error("the whole sign-in did not take the place of the half one")
		}
		_, err = accounts.SecondFactor(ctx, w.d, w.visitor, half.Token, codes[0])
		w.want(err, "accounts.half_ended")
		_, err = accounts.Enrol(ctx, w.d, w.as(b.Token))
		w.want(err, "accounts.factor_there")
	})
}

func TestARecoveryCodeIsGoodOnce(t *testing.T) {
	each(t, func(w world) {
		_, _, codes := w.withFactor()
		for i, want := range []string{"", "accounts.factor_wrong"} {
			half, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: lin, Password: "green table upstairs"})
			if err != nil {
				w.Fatal(err)
			}
			b, err := accounts.SecondFactor(ctx, w.d, w.visitor, half.Token, strings.ToLower(strings.ReplaceAll(codes[3], "-", " ")))
			w.want(err, want)
			if i == 0 {
				me, err := accounts.Me(ctx, w.d, w.as(b.Token))
				if err != nil || me.CodesLeft != 9 || !me.TOTP {
					w.Errorf("%+v, %v", me, err)
				}
			}
		}
	})
}

func TestAResetLeavesTheSecondFactorInForce(t *testing.T) {
	each(t, func(w world) {
		_, v, _ := w.withFactor()
		pending, err := accounts.AskReset(ctx, w.d, w.visitor, lin)
		w.want(err, "")
		next, err := accounts.ConfirmReset(ctx, w.d, w.visitor, pending.Token, w.post.Code(w, lin, "accounts.reset_code", 1))
		w.want(err, "")
		w.want(w.reset(next.Token, "red chair downstairs"), "")
		half, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: lin, Password: "red chair downstairs"})
		w.want(err, "")
		if w.as(half.Token).SignedIn() {
			w.Fatal("who reads the mail is in without the second factor")
		}
		whole, err := accounts.SecondFactor(ctx, w.d, w.visitor, half.Token, v.code(1))
		w.want(err, "")
		if !w.as(whole.Token).SignedIn() {
			w.Error("the owner is not in")
		}
	})
}

func TestHalfASignInEnds(t *testing.T) {
	each(t, func(w world) {
		_, v, _ := w.withFactor()
		half := w.enterToken(lin, "green table upstairs")
		w.clock.Advance(10 * time.Minute)
		_, err := accounts.SecondFactor(ctx, w.d, w.visitor, half, v.code(1))
		w.want(err, "accounts.half_ended")
	})
}

func TestGuessingTheFactorClosesTheDoor(t *testing.T) {
	each(t, func(w world) {
		_, _, codes := w.withFactor()
		accounts.AttachLimits(w.d, accounts.Limits{SignIn: accounts.Limit{Count: 3, Window: 15 * time.Minute}, Codes: accounts.DefaultLimits.Codes, Tries: 5})
		half := w.enterToken(lin, "green table upstairs")
		for range 3 {
			_, err := accounts.SecondFactor(ctx, w.d, w.visitor, half, "12345")
			w.want(err, "accounts.factor_wrong")
		}
		_, err := accounts.SecondFactor(ctx, w.d, w.visitor, half, codes[0])
		w.want(err, "accounts.too_many")
	})
}

func TestDangerousActsWantToBeProvenAnew(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		token := w.enterToken(lin, "green table upstairs")
		w.clock.Advance(15*time.Minute - time.Millisecond)
		require := func(who actor.Actor) (err error) {
			dbtest.Read(w, w.d, func(tx *db.Tx) error { err = accounts.RequireStepUp(tx, who); return nil })
			return err
		}
		w.want(require(w.as(token)), "")
		w.clock.Advance(time.Millisecond)
		err := require(w.as(token))
		if p, ok := problem.As(err); !ok || p.Kind != problem.StepUp {
			w.Fatalf("got %v", err)
		}
		if p, ok := problem.As(require(w.visitor)); !ok || p.Kind != problem.SignIn {
			w.Error("a visitor was asked for a password")
		}
		w.want(require(actor.System(1, "test", "")), "")
		w.want(accounts.StepUp(ctx, w.d, w.as(token), "wrong", ""), "accounts.password_wrong")
		w.want(accounts.StepUp(ctx, w.d, w.as(token), "green table upstairs", ""), "")
		w.want(require(w.as(token)), "")

		e, err := accounts.Enrol(ctx, w.d, w.as(token))
		if err != nil {
			w.Fatal(err)
		}
		v := newDevice(w.T, e)
		if _, err := accounts.ConfirmFactor(ctx, w.d, w.as(token), v.code(-1)); err != nil {
			w.Fatal(err)
		}
		// With a second factor the password alone does not do.
		w.want(accounts.StepUp(ctx, w.d, w.as(token), "green table upstairs", ""), "accounts.factor_wrong")
		w.want(accounts.StepUp(ctx, w.d, w.as(token), "", v.code(0)), "")
		codes, err := accounts.NewRecoveryCodes(ctx, w.d, w.as(token))
		if err != nil || len(codes) != 10 {
			w.Fatal(err)
		}
		w.want(accounts.DropFactor(ctx, w.d, w.as(token)), "")
		w.want(accounts.DropFactor(ctx, w.d, w.as(token)), "accounts.factor_not_there")
		w.post.Wait(w, lin, "accounts.factor_dropped", 1)
		w.enter(lin, "green table upstairs")
	})
}

func TestRolesAreGivenWithAReasonAndNeverToOneself(t *testing.T) {
	each(t, func(w world) {
		boss, li := w.open("boss@example.cn", "green table upstairs"), w.open(lin, "green table upstairs")
		system := actor.System(accounts.Root, "test", "the first administrator")
		w.want(accounts.Appoint(ctx, w.d, system, boss.Ref, actor.Admin, "the first administrator"), "")
		who := w.enter("boss@example.cn", "green table upstairs")
		if !who.May(actor.ManagePeople) {
			w.Fatalf("%+v", who)
		}
		w.want(accounts.Appoint(ctx, w.d, who, boss.Ref, actor.Finance, "so as to pay myself"), "accounts.not_yourself")
		w.want(accounts.Appoint(ctx, w.d, who, li.Ref, actor.Reviewer, " "), "accounts.reason_missing")
		w.want(accounts.Appoint(ctx, w.d, who, li.Ref, "king", "why not"), "accounts.role_unknown")
		w.want(accounts.Appoint(ctx, w.d, who, "0000-0000", actor.Reviewer, "joins the team"), "problem.not_found")
		w.want(accounts.Appoint(ctx, w.d, who, li.Ref, actor.Reviewer, "joins the team"), "")
		w.want(accounts.Appoint(ctx, w.d, who, li.Ref, actor.Reviewer, "joins the team"), "")
		token := w.enterToken(lin, "green table upstairs")
		if a := w.as(token); !a.May(actor.ReviewIdentity) || a.May(actor.ManagePeople) {
			w.Errorf("%+v", a)
		}
		w.want(accounts.Appoint(ctx, w.d, w.as(token), boss.Ref, actor.Support, "x"), "problem.not_found")
		w.want(accounts.Dismiss(ctx, w.d, who, li.Ref, actor.Reviewer, "leaves the team"), "")
		if w.as(token).SignedIn() {
			w.Error("the session under the role goes on")
		}
		if w.enter(lin, "green table upstairs").Staff() {
			w.Error("still of the staff")
		}
		dbtest.Read(w, w.d, func(tx *db.Tx) error {
			list, err := accounts.People(tx, who, 0, 10)
			if len(list) != 2 {
				w.Errorf("%+v", list)
			}
			found, ferr := accounts.PersonByMail(tx, who, "LIN@example.cn")
			if found.Ref != li.Ref || ferr != nil {
				w.Errorf("%+v, %v", found, ferr)
			}
			_, refused := accounts.People(tx, w.visitor, 0, 10)
			w.want(refused, "problem.not_found")
			return err
		})
		w.clock.Advance(time.Hour)
		err := accounts.Appoint(ctx, w.d, who, li.Ref, actor.Reviewer, "joins again")
		if p, ok := problem.As(err); !ok || p.Kind != problem.StepUp {
			w.Errorf("no step-up was asked for: %v", err)
		}
	})
}

func TestTheHostDecidesTheHouse(t *testing.T) {
	each(t, func(w world) {
		system := actor.System(accounts.Root, "test", "a reseller signed")
		form := accounts.HouseForm{NameZh: "云上店", NameEn: "Cloud Shop", AgencyZh: "域门的代理", AgencyEn: "Agent of Yumen", Lang: "en", Hosts: []string{"Shop.localhost", "商店.localhost"}}
		shop, err := accounts.CreateHouse(ctx, w.d, system, form)
		if err != nil {
			w.Fatal(err)
		}
		for host, want := range map[string]int64{"localhost:8080": 1, "127.0.0.1": 1, "SHOP.localhost:8080": shop.ID, "xn--czrs0t.localhost": shop.ID} {
			h, err := accounts.HouseOf(ctx, w.d, host)
			if err != nil || h.ID != want {
				w.Errorf("%s leads to %d, %v; want %d", host, h.ID, err, want)
			}
		}
		if shop.Hosts[0] != "shop.localhost" || shop.Name("zh") != "云上店" || shop.Agency("en") != "Agent of Yumen" || shop.Parent != accounts.Root {
			w.Errorf("%+v", shop)
		}
		_, err = accounts.HouseOf(ctx, w.d, "elsewhere.example")
		w.want(err, "problem.not_found")
		form.NameEn = "Another"
		_, err = accounts.CreateHouse(ctx, w.d, system, form)
		w.want(err, "accounts.host_taken")
		form.AgencyZh = ""
		_, err = accounts.CreateHouse(ctx, w.d, system, form)
		w.want(err, "accounts.house_agency")
		_, err = accounts.CreateHouse(ctx, w.d, w.visitor, form)
		w.want(err, "problem.not_found")
		if _, err := accounts.EnsureRoot(ctx, w.d, accounts.HouseForm{NameZh: "域门", NameEn: "Yumen", Hosts: []string{"localhost", "yumen.example.cn"}}); err != nil {
			w.Fatal(err)
		}
		if h, err := accounts.HouseOf(ctx, w.d, "yumen.example.cn"); err != nil || h.ID != accounts.Root || len(h.Hosts) != 3 {
			w.Errorf("%+v, %v", h, err)
		}
		// The same address is another person in another house.
		w.open(lin, "green table upstairs")
		w.visitor.House = shop.ID
		w.open(lin, "red chair downstairs")
		w.enter(lin, "red chair downstairs")
		_, err = accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: lin, Password: "green table upstairs"})
		w.want(err, "accounts.sign_in_wrong")
	})
}
