package accounts

import (
	"context"
	"crypto/subtle"
	"strconv"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// A browser gets a mark when somebody signs in with it: a number of its own and
// a keyed hash that binds it to house and mail address. It opens nothing. It
// only has tries of its own, so that strangers who guess a password, or ask for
// codes, cannot lock out the person whose address they use (the device cookies
// of OWASP's "Slow Down Online Guessing Attacks").

// Mark is the mark for the browser of who is signed in.
func Mark(ctx context.Context, d *db.DB, who actor.Actor) (string, error) {
	if !who.SignedIn() {
		return "", problem.New(problem.SignIn, "problem.sign_in")
	}
	var p person
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = selectPerson(tx, who.House, who.Person)
		return notFound(err)
	})
	if err != nil {
		return "", err
	}
	if _, known := knownBrowser(d, who, p.MailKey); known {
		return who.Browser, nil
	}
	return newMark(d, p), nil
}

func newMark(d *db.DB, p person) string {
	number := newToken()
	return number + "." + markOf(d, p.House, p.MailKey, number)
}

func markOf(d *db.DB, house int64, mailKey, number string) string {
	return seal.Of(d).Hash(sealBrowser, strconv.FormatInt(house, 10)+" "+mailKey+" "+number)
}

// knownBrowser is the number of a browser that the owner of the address has
// signed in with before.
func knownBrowser(d *db.DB, who actor.Actor, mailKey string) (number string, known bool) {
	number, mark, ok := strings.Cut(who.Browser, ".")
	if !ok || number == "" {
		return "", false
	}
	want := markOf(d, who.House, mailKey, number)
	return number, subtle.ConstantTimeCompare([]byte(mark), []byte(want)) == 1
}
