package accounts_test

import (
	"slices"
	"testing"

	"yumen/registrar/accounts"
)

func TestAResetTellsNobodyHowAnAddressIsWrittenWithUs(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		for _, typed := range []string{"LIN@Example.cn", "NOBODY@Example.cn"} {
			pending, err := accounts.AskReset(ctx, w.d, w.visitor, typed)
			w.want(err, "")
			for _, again := range []bool{false, true} {
				if again {
					_, err = accounts.Again(ctx, w.d, w.visitor, pending.Token)
					w.want(err, "")
				}
				shown, err := accounts.Waiting(ctx, w.d, w.visitor, pending.Token)
				w.want(err, "")
				if shown.Mail != typed {
					t.Errorf("asked for %s, the page of the code says %s", typed, shown.Mail)
				}
			}
		}
		w.post.Code(w, lin, "accounts.reset_code", 2) // both letters went to the address as we know it
	})
}

func TestAFailedSignInLeavesTheSameTraceForAnUnknownAddress(t *testing.T) {
	each(t, func(w world) {
		w.open(lin, "green table upstairs")
		failed := func(mail string) int {
			before := len(w.acts())
			_, err := accounts.SignIn(ctx, w.d, w.visitor, accounts.SignInForm{Mail: mail, Password: "green table downstairs"})
			w.want(err, "accounts.sign_in_wrong")
			return len(w.acts()) - before
		}
		if known, unknown := failed(lin), failed("mei@example.cn"); known != 1 || unknown != 1 {
			t.Errorf("%d rows for a known address, %d for an unknown one: the commits can be told apart by a clock", known, unknown)
		}
		before := len(w.acts())
		w.enter(lin, "green table upstairs")
		if now := w.acts(); len(now) != before+1 || !slices.Contains(now, "accounts.signed_in") || !slices.Contains(now, "accounts.sign_in_failed") {
			t.Errorf("the audit holds %v", now)
		}
	})
}

func TestACodeMailedBeforeAChangeOpensNothingAfterIt(t *testing.T) {
	each(t, func(w world) {
		const old, now = "green table upstairs", "red chair downstairs"
		w.open(lin, old)
		ask := func(nth int) (accounts.Pending, string) {
			p, err := accounts.AskReset(ctx, w.d, w.visitor, lin)
			w.want(err, "")
			return p, w.post.Code(w, lin, "accounts.reset_code", nth)
		}
		first, firstCode := ask(1)
		second, secondCode := ask(2)
		third, thirdCode := ask(3)
		ready, err := accounts.ConfirmReset(ctx, w.d, w.visitor, third.Token, thirdCode)
		w.want(err, "")
		next, err := accounts.ConfirmReset(ctx, w.d, w.visitor, first.Token, firstCode)
		w.want(err, "")
		w.want(w.reset(next.Token, now), "")

		// Who reads the mailbox along has nothing left in hand.
		_, err = accounts.ConfirmReset(ctx, w.d, w.visitor, second.Token, secondCode)
		w.want(err, "accounts.code_ended")
		w.want(w.reset(ready.Token, "blue lamp on the roof"), "accounts.reset_ended")
		_, err = accounts.Again(ctx, w.d, w.visitor, second.Token)
		w.want(err, "problem.not_found")

		// Nor has who lost the mailbox when its owner moves to another.
		fourth, fourthCode := ask(4)
		who := w.enter(lin, now)
		change, err := accounts.ChangeMail(ctx, w.d, who, "new@example.cn")
		w.want(err, "")
		w.want(accounts.ConfirmMail(ctx, w.d, who, change.Token, w.post.Code(w, "new@example.cn", "accounts.change_mail_code", 1)), "")
		_, err = accounts.ConfirmReset(ctx, w.d, w.visitor, fourth.Token, fourthCode)
		w.want(err, "accounts.code_ended")
	})
}
