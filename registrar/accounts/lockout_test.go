package accounts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

func TestASubscriberIsAnAddressOrASixtyFour(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "2001:db8::7": "2001:db8::/64", "": "invalid Prefix", "x": "invalid Prefix",
		"::ffff:192.0.2.7": "192.0.2.7/32", // else all of IPv4 would be one subscriber
	} {
		if got := accounts.Network(ip).String(); got != want {
			t.Errorf("%q: got %s, want %s", ip, got, want)
		}
	}
}

// tight are the limits of these tests: each try costs a password hash.
var tight = accounts.Limits{
	SignIn: accounts.Limit{Count: 3, Window: 15 * time.Minute}, SignInAll: accounts.Limit{Count: 7, Window: time.Hour},
	Codes: accounts.Limit{Count: 2, Window: time.Hour}, CodesAll: accounts.Limit{Count: 5, Window: time.Hour}, Tries: 5,
}

// eachTight is each with these limits.
func eachTight(t *testing.T, f func(w world)) {
	each(t, func(w world) {
		accounts.AttachLimits(w.d, tight)
		f(w)
	})
}

// try signs in, or tries to, from a network and with a browser's mark.
func (w world) try(ip, mark, mail, password string) (accounts.Begun, error) {
	return accounts.SignIn(ctx, w.d, actor.Actor{House: accounts.Root, IP: ip, Lang: "zh", Browser: mark}, accounts.SignInForm{Mail: mail, Password: password})
}

// mark is what a browser carries after a person signed in with it.
func (w world) mark(mail, password string) string {
	w.Helper()
	m, err := accounts.Mark(ctx, w.d, w.enter(mail, password))
	w.want(err, "")
	return m
}

// exhaust guesses from so many networks until no stranger may go on.
func (w world) exhaust(mail string) {
	w.Helper()
	l := tight
	for i := range l.SignInAll.Count/l.SignIn.Count + 1 {
		for range l.SignIn.Count {
			if _, err := w.try(fmt.Sprintf("203.0.113.%d", i), "", mail, "not this one"); problem.Is(err, "accounts.too_many") {
				break
			}
		}
	}
}

func TestAStrangersGuessesLockOutTheStranger(t *testing.T) {
	eachTight(t, func(w world) {
		const right = "green table upstairs"
		w.open(lin, right)
		for range tight.SignIn.Count {
			_, err := w.try("203.0.113.9", "", lin, "not this one")
			w.want(err, "accounts.sign_in_wrong")
		}
		_, err := w.try("203.0.113.9", "", lin, right)
		w.want(err, "accounts.too_many")
		if p, _ := problem.As(err); p.RetrySeconds != 900 {
			w.Errorf("waits %d s", p.RetrySeconds)
		}
		// Lin sits elsewhere and was never seen before.
		_, err = w.try("192.0.2.20", "", lin, right)
		w.want(err, "")
		// That Lin came in gives the stranger nothing back.
		_, err = w.try("203.0.113.9", "", lin, right)
		w.want(err, "accounts.too_many")
	})
}

func TestAllStrangersTogetherAreBoundedAndAKnownBrowserIsNot(t *testing.T) {
	eachTight(t, func(w world) {
		const right = "green table upstairs"
		w.open(lin, right)
		w.open("mei@example.cn", right)
		mark := w.mark(lin, right)
		w.exhaust(lin)
		_, err := w.try("192.0.2.20", "", lin, right)
		w.want(err, "accounts.too_many")
		if p, _ := problem.As(err); p.RetrySeconds > 3600 {
			w.Errorf("waits %d s", p.RetrySeconds)
		}
		for name, m := range map[string]string{
			"another person's": w.mark("mei@example.cn", right), "none of ours": strings.Repeat("a", 43) + "." + strings.Repeat("b", 64),
			"half": strings.SplitN(mark, ".", 2)[0] + ".", "of another number": "x" + mark,
		} {
			_, err = w.try("192.0.2.20", m, lin, right)
			if !problem.Is(err, "accounts.too_many") {
				w.Errorf("the mark that is %s opens the door: %v", name, err)
			}
		}
		// The browser Lin has signed in with before enters from the attacker's own network too.
		_, err = w.try("203.0.113.1", mark, lin, right)
		w.want(err, "")
		// It has tries of its own, and no more.
		for range tight.SignIn.Count {
			_, err = w.try("192.0.2.20", mark, lin, "not this one")
			w.want(err, "accounts.sign_in_wrong")
		}
		_, err = w.try("192.0.2.20", mark, lin, right)
		w.want(err, "accounts.too_many")
		w.clock.Advance(time.Hour)
		_, err = w.try("192.0.2.20", "", lin, right)
		w.want(err, "")
	})
}

func TestAnAddressNobodyHasIsBoundedTheSame(t *testing.T) {
	eachTight(t, func(w world) {
		w.open(lin, "green table upstairs")
		for _, mail := range []string{lin, "nobody@example.cn"} {
			w.exhaust(mail)
			_, err := w.try("192.0.2.20", "", mail, "green table upstairs")
			w.want(err, "accounts.too_many")
		}
	})
}

func TestWhoReadsTheMailIsNotLockedOut(t *testing.T) {
	eachTight(t, func(w world) {
		const now = "red chair downstairs"
		w.open(lin, "green table upstairs")
		w.exhaust(lin)
		me := actor.Actor{House: accounts.Root, IP: "192.0.2.20", Lang: "zh"}
		pending, err := accounts.AskReset(ctx, w.d, me, lin)
		w.want(err, "")
		next, err := accounts.ConfirmReset(ctx, w.d, me, pending.Token, w.post.Code(w, lin, "accounts.reset_code", 1))
		w.want(err, "")
		mark, err := accounts.Reset(ctx, w.d, me, next.Token, now)
		w.want(err, "")
		w.exhaust(lin)
		_, err = w.try("192.0.2.20", "", lin, now)
		w.want(err, "accounts.too_many")
		_, err = w.try("192.0.2.20", mark, lin, now)
		w.want(err, "")
	})
}

func TestAStrangerWhoAsksForCodesLeavesTheOwnerTheirs(t *testing.T) {
	eachTight(t, func(w world) {
		w.open(lin, "green table upstairs")
		mark := w.mark(lin, "green table upstairs")
		ask := func(ip, mark string) error {
			_, err := accounts.AskReset(ctx, w.d, actor.Actor{House: accounts.Root, IP: ip, Lang: "zh", Browser: mark}, lin)
			return err
		}
		for range tight.Codes.Count {
			w.want(ask("203.0.113.9", ""), "")
		}
		w.want(ask("203.0.113.9", ""), "accounts.too_many")
		w.want(ask("192.0.2.20", ""), "")
		for i := range tight.CodesAll.Count {
			_ = ask(fmt.Sprintf("198.51.100.%d", i), "") // the letters to one address are bounded
		}
		w.want(ask("192.0.2.20", ""), "accounts.too_many")
		w.want(ask("192.0.2.20", mark), "")
	})
}

func TestWrongSecondFactorsCountApartFromPasswords(t *testing.T) {
	eachTight(t, func(w world) {
		_, _, codes := w.withFactor()
		half := w.enterToken(lin, "green table upstairs")
		for i := range tight.SignIn.Count {
			who := actor.Actor{House: accounts.Root, IP: fmt.Sprintf("203.0.113.%d", i)} // from everywhere
			_, err := accounts.SecondFactor(ctx, w.d, who, half, "000000")
			w.want(err, "accounts.factor_wrong")
		}
		again := w.enterToken(lin, "green table upstairs") // a new half is no new beginning
		_, err := accounts.SecondFactor(ctx, w.d, w.visitor, again, codes[0])
		w.want(err, "accounts.too_many")
	})
}
