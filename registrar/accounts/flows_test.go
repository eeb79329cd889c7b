package accounts_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/notices"
	"yumen/registrar/problem"
)

var ctx = context.Background()

const lin = "lin@example.cn"

// world is a database with the root house and a post office.
type world struct {
	*testing.T
	d       *db.DB
	clock   *dbtest.Clock
	post    *accountstest.Post
	visitor actor.Actor
}

func each(t *testing.T, f func(w world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		visitor := accountstest.Root(t, d)
		f(world{t, d, clock, accountstest.Open(t, d), visitor})
	})
}

// open enters a person who is known already.
func (w world) open(mail, password string) accounts.Person {
	w.Helper()
	p, err := accounts.Open(ctx, w.d, actor.System(w.visitor.House, "test", "a person to begin with"), accounts.PersonForm{Mail: mail, Password: password, Lang: "zh"})
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// enter signs in and gives the actor of the session.
func (w world) enter(mail, password string) actor.Actor {
	w.Helper()
	b, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: mail, Password: password, Device: "Firefox · Linux"})
	if err != nil || b.Half {
		w.Fatalf("sign in: half %v, %v", b.Half, err)
	}
	return w.as(b.Token)
}

func (w world) reset(token, password string) error {
	_, err := accounts.Reset(ctx, w.d, w.visitor, token, password)
	return err
}

func (w world) as(token string) actor.Actor {
	w.Helper()
	who, err := accounts.ActorFor(ctx, w.d, w.visitor.House, token, "192.0.2.9")
	if err != nil {
		w.Fatal(err)
	}
	return who
}

func (w world) want(err error, id string) {
	w.Helper()
	p, ok := problem.As(err)
	if id == "" && err == nil {
		return
	}
	if !ok {
		w.Fatalf("got %v, want %s", err, id)
	}
	got := p.ID
	if len(p.Fields) > 0 {
		got = p.Fields[0].ID
	}
	if got != id {
		w.Fatalf("got %s, want %s", got, id)
	}
}

func (w world) acts() []string {
	w.Helper()
	var out []string
	dbtest.Read(w, w.d, func(tx *db.Tx) error {
		rows, err := audit.List(tx, actor.System(1, "test", ""), audit.Filter{}, 100)
		for _, r := range rows {
			out = append(out, r.Act)
		}
		return err
	})
	return out
}

func TestAVisitorOpensAnAccountWithTheMailedCode(t *testing.T) {
	each(t, func(w world) {
		pending, err := accounts.SignUp(ctx, w.d, w.visitor, w.signUp(lin, "green table upstairs"))
		if err != nil {
			w.Fatal(err)
		}
		code := w.post.Code(w, lin, "accounts.sign_up_code", 1)
		_, err = accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, other(code), "")
		w.want(err, "accounts.code_wrong")
		b, err := accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, code[:3]+" "+code[3:], "Firefox · Linux")
		if err != nil {
			w.Fatal(err)
		}
		who := w.as(b.Token)
		if who.Person == 0 || who.Account == 0 || who.House != accounts.Root || who.Name != "l***n@example.cn" || who.SteppedUp.IsZero() {
			w.Errorf("actor is %+v", who)
		}
		dbtest.Read(w, w.d, func(tx *db.Tx) error {
			c, err := accounts.Contact(tx, who.Account)
			if c.Email != lin || c.Lang != "zh" || c.Person != who.Person || c.House != accounts.Root {
				w.Errorf("contact is %+v", c)
			}
			return err
		})
		_, err = accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, code, "")
		w.want(err, "accounts.code_ended")
		if acts := w.acts(); !slices.Contains(acts, "accounts.opened") || !slices.Contains(acts, "accounts.signed_in") {
			w.Errorf("audit holds %v", acts)
		}
		w.enter(lin, "green table upstairs")
	})
}

func other(code string) string {
	if code == "111111" {
		return "222222"
	}
	return "111111"
}

func TestASecondSignUpLooksTheSameAndTellsOnlyTheAddress(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		known, err := accounts.SignUp(ctx, w.d, w.visitor, w.signUp("LIN@example.cn", "quite another one"))
		if err != nil {
			w.Fatal(err)
		}
		unknown, err := accounts.SignUp(ctx, w.d, w.visitor, w.signUp("mei@example.cn", "quite another one"))
		if err != nil {
			w.Fatal(err)
		}
		if len(known.Token) != len(unknown.Token) || known.Ends != unknown.Ends || known.Mail != "LIN@example.cn" {
			w.Errorf("answers differ: %+v, %+v", known, unknown)
		}
		w.post.Wait(w, "LIN@example.cn", "accounts.sign_up_again", 1)
		for _, l := range w.post.Letters("LIN@example.cn") {
			if strings.HasPrefix(l.Text, "accounts.sign_up_code") {
				w.Error("a code went to an address that has an account")
			}
		}
		for _, code := range []string{"000000", ""} {
			_, err = accounts.ConfirmSignUp(ctx, w.d, w.visitor, known.Token, code, "")
			w.want(err, "accounts.code_wrong")
		}
		w.enter(lin, "green table upstairs")
	})
}

func TestAMailedCodeEnds(t *testing.T) {
	each(t, func(w world) {
		pending, err := accounts.SignUp(ctx, w.d, w.visitor, w.signUp(lin, "green table upstairs"))
		if err != nil {
			w.Fatal(err)
		}
		code := w.post.Code(w, lin, "accounts.sign_up_code", 1)
		// ... by five wrong tries,
		for i := range 4 {
			_, err := accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, other(code), "")
			w.want(err, "accounts.code_wrong")
			if p, _ := problem.As(err); p.Fields[0].Args[1] != 4-i {
				w.Errorf("%d tries left are said to be %v", 4-i, p.Fields[0].Args)
			}
		}
		_, err = accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, other(code), "")
		w.want(err, "accounts.code_ended")
		_, err = accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, code, "")
		w.want(err, "accounts.code_ended")
		// ... by another one,
		if _, err := accounts.Again(ctx, w.d, w.visitor, pending.Token); err != nil {
			w.Fatal(err)
		}
		second := w.post.Code(w, lin, "accounts.sign_up_code", 2)
		if second != code {
			_, err = accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, code, "")
			w.want(err, "accounts.code_wrong")
		}
		// ... in another house,
		_, err = accounts.ConfirmSignUp(ctx, w.d, actor.Actor{House: 2, Lang: "zh"}, pending.Token, second, "")
		w.want(err, "accounts.code_ended")
		// ... and with time.
		w.clock.Advance(10 * time.Minute)
		_, err = accounts.ConfirmSignUp(ctx, w.d, w.visitor, pending.Token, second, "")
		w.want(err, "accounts.code_ended")
	})
}

func TestFormsOfSignUpAreChecked(t *testing.T) {
	each(t, func(w world) {
		for _, row := range []struct{ why, mail, password, want string }{
			{"no address", "lin", "green table upstairs", "accounts.mail_invalid"},
			{"short password", lin, "green", "accounts.password_short"},
			{"common password", lin, "password1", "accounts.password_common"},
		} {
			_, err := accounts.SignUp(ctx, w.d, w.visitor, w.signUp(row.mail, row.password))
			w.want(err, row.want)
		}
	})
}

func TestSignInSaysTheSameOfAWrongPasswordAndAnUnknownAddress(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		_, wrong := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: lin, Password: "green table downstairs"})
		_, unknown := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: "mei@example.cn", Password: "green table upstairs"})
		w.want(wrong, "accounts.sign_in_wrong")
		if wrong.Error() != unknown.Error() {
			w.Errorf("%v, %v", wrong, unknown)
		}
		if !slices.Contains(w.acts(), "accounts.sign_in_failed") {
			w.Error("the failed try left no trace")
		}
		if _, err := accounts.SignIn(ctx, w.d, actor.Actor{House: 2}, accounts.SignInForm{Mail: lin, Password: "green table upstairs"}); err == nil {
			w.Error("an account opened another house's door")
		}
	})
}

func TestTooManyTriesCloseTheDoorForAWhile(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		accounts.AttachLimits(w.d, accounts.Limits{SignIn: accounts.Limit{Count: 3, Window: 15 * time.Minute}, Codes: accounts.Limit{Count: 2, Window: time.Hour}, Tries: 5})
		for _, mail := range []string{lin, "nobody@example.cn"} {
			for range 3 {
				_, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: mail, Password: "not this one"})
				w.want(err, "accounts.sign_in_wrong")
			}
			_, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: mail, Password: "green table upstairs"})
			w.want(err, "accounts.too_many")
			if p, _ := problem.As(err); p.RetrySeconds != 900 || p.Kind != problem.TooMany {
				w.Errorf("%+v", p)
			}
		}
		w.clock.Advance(15 * time.Minute)
		w.enter(lin, "green table upstairs")
		for range 2 {
			if _, err := accounts.AskReset(ctx, w.d, w.visitor, lin); err != nil {
				w.Fatal(err)
			}
		}
		_, err := accounts.AskReset(ctx, w.d, w.visitor, lin)
		w.want(err, "accounts.too_many")
	})
}

func TestASessionEndsUnusedAndInAnyCase(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		b, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: lin, Password: "green table upstairs"})
		if err != nil {
			w.Fatal(err)
		}
		w.clock.Advance(7*24*time.Hour - time.Minute)
		if !w.as(b.Token).SignedIn() {
			w.Fatal("ended before its time")
		}
		w.clock.Advance(7*24*time.Hour - time.Minute)
		if !w.as(b.Token).SignedIn() {
			w.Fatal("use did not renew it")
		}
		w.clock.Advance(7 * 24 * time.Hour)
		if w.as(b.Token).SignedIn() {
			w.Error("went on unused for seven days")
		}
		again := w.enterToken(lin, "green table upstairs")
		for range 5 {
			w.clock.Advance(6 * 24 * time.Hour)
			w.as(again)
		}
		if w.as(again).SignedIn() {
			w.Error("went on for thirty days")
		}
		if err := accounts.Sweep(ctx, w.d); err != nil {
			w.Error(err)
		}
	})
}

func (w world) enterToken(mail, password string) string {
	w.Helper()
	b, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: mail, Password: password})
	if err != nil {
		w.Fatal(err)
	}
	return b.Token
}

func TestAPersonSeesAndEndsTheirSessions(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		w.open("mei@example.cn", "green table upstairs")
		phone, desktop := w.enterToken(lin, "green table upstairs"), w.enterToken(lin, "green table upstairs")
		mei := w.as(w.enterToken("mei@example.cn", "green table upstairs"))
		who := w.as(desktop)
		var list []accounts.Session
		dbtest.Read(w, w.d, func(tx *db.Tx) (err error) { list, err = accounts.Sessions(tx, who); return err })
		if len(list) != 2 || !list[0].Current || list[1].Current || list[1].ID != w.as(phone).Session {
			w.Fatalf("sessions are %+v", list)
		}
		w.want(accounts.Revoke(ctx, w.d, mei, list[1].ID), "problem.not_found")
		w.want(accounts.Revoke(ctx, w.d, who, list[1].ID), "")
		if w.as(phone).SignedIn() || !w.as(desktop).SignedIn() {
			w.Error("the wrong one ended")
		}
		w.want(accounts.SignOut(ctx, w.d, who), "")
		if w.as(desktop).SignedIn() {
			w.Error("signed out and still in")
		}
		if w.as("").SignedIn() || w.as("made up").SignedIn() {
			w.Error("a token nobody gave out opened a session")
		}
	})
}

func TestAForgottenPasswordIsReplaced(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		before := w.enterToken(lin, "green table upstairs")
		pending, err := accounts.AskReset(ctx, w.d, w.visitor, "LIN@example.cn")
		if err != nil {
			w.Fatal(err)
		}
		next, err := accounts.ConfirmReset(ctx, w.d, w.visitor, pending.Token, w.post.Code(w, lin, "accounts.reset_code", 1))
		if err != nil {
			w.Fatal(err)
		}
		w.want(w.reset(next.Token, "short"), "accounts.password_short")
		w.want(w.reset(next.Token, "red chair downstairs"), "")
		w.want(w.reset(next.Token, "blue lamp on the roof"), "accounts.reset_ended")
		w.want(w.reset(pending.Token, "blue lamp on the roof"), "accounts.reset_ended")
		if w.as(before).SignedIn() {
			w.Error("a session from before the reset goes on")
		}
		w.post.Wait(w, lin, "accounts.password_changed", 1)
		w.enter(lin, "red chair downstairs")

		nobody, err := accounts.AskReset(ctx, w.d, w.visitor, "nobody@example.cn")
		if err != nil || nobody.Mail != "nobody@example.cn" || nobody.Token == "" {
			w.Errorf("an unknown address was answered otherwise: %+v, %v", nobody, err)
		}
		_, err = accounts.ConfirmReset(ctx, w.d, w.visitor, nobody.Token, "123456")
		w.want(err, "accounts.code_wrong")
		if len(w.post.Letters("nobody@example.cn")) != 0 {
			w.Error("somebody without an account got a letter")
		}
	})
}

func TestAPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		elsewhere, who := w.enterToken(lin, "green table upstairs"), w.enter(lin, "green table upstairs")
		w.want(accounts.ChangePassword(ctx, w.d, who, "wrong", "red chair downstairs"), "accounts.password_wrong")
		w.want(accounts.ChangePassword(ctx, w.d, who, "green table upstairs", "green table upstairs"), "accounts.password_same")
		w.want(accounts.ChangePassword(ctx, w.d, w.visitor, "green table upstairs", "red chair downstairs"), "problem.sign_in")
		w.want(accounts.ChangePassword(ctx, w.d, who, "green table upstairs", "red chair downstairs"), "")
		if w.as(elsewhere).SignedIn() {
			w.Error("the other session goes on")
		}
		w.enter(lin, "red chair downstairs")
	})
}

func TestAMailAddressIsChangedByTheNewOnesCode(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		w.open("mei@example.cn", "green table upstairs")
		who := w.enter(lin, "green table upstairs")
		_, err := accounts.ChangeMail(ctx, w.d, who, lin)
		w.want(err, "accounts.mail_same")
		taken, err := accounts.ChangeMail(ctx, w.d, who, "mei@example.cn")
		w.want(err, "")
		w.post.Wait(w, "mei@example.cn", "accounts.change_mail_taken", 1)
		w.want(accounts.ConfirmMail(ctx, w.d, who, taken.Token, "123456"), "accounts.code_wrong")
		_, err = accounts.Again(ctx, w.d, who, taken.Token)
		w.want(err, "")
		dbtest.Read(w, w.d, func(tx *db.Tx) error { // nothing in the asker's own list tells them
			list, err := notices.List(tx, who, 0, 10)
			if len(list) != 0 {
				w.Errorf("the asker reads %+v", list)
			}
			return err
		})
		pending, err := accounts.ChangeMail(ctx, w.d, who, "new@example.cn")
		w.want(err, "")
		code := w.post.Code(w, "new@example.cn", "accounts.change_mail_code", 1)
		mei := w.enter("mei@example.cn", "green table upstairs")
		w.want(accounts.ConfirmMail(ctx, w.d, mei, pending.Token, code), "problem.not_found")
		w.want(accounts.ConfirmMail(ctx, w.d, who, pending.Token, code), "")
		w.post.Wait(w, lin, "accounts.mail_changed", 1)
		w.enter("new@example.cn", "green table upstairs")

		w.clock.Advance(time.Hour)
		_, err = accounts.ChangeMail(ctx, w.d, who, "other@example.cn")
		if p, ok := problem.As(err); !ok || p.Kind != problem.StepUp {
			w.Errorf("no step-up was asked for: %v", err)
		}
	})
}

func TestNobodyCallsThemselfSomethingElseInAnotherHouse(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		who := w.enter(lin, "green table upstairs")
		who.House = 2
		w.want(accounts.SetSettings(ctx, w.d, who, "x", "en"), "problem.not_found")
		who.House = accounts.Root
		w.want(accounts.SetSettings(ctx, w.d, who, "林夏", "en"), "")
		w.want(accounts.SetLang(ctx, w.d, who, "fr"), "accounts.lang_unknown")
		me, err := accounts.Me(ctx, w.d, who)
		if err != nil || me.Name != "林夏" || me.Lang != "en" {
			w.Errorf("%+v, %v", me, err)
		}
	})
}

func TestErrorsOfTheEngineAreNotProblems(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	visitor := accountstest.Root(t, d)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err := accounts.SignIn(gone, d, visitor, accounts.SignInForm{Mail: lin, Password: "green table upstairs"})
	if _, ok := problem.As(err); ok || err == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
