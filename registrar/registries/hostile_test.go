package registries_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/registrar/names"
	"yumen/registrar/registries"
)

// liar is a registry that answers what the test wants it to.
func liar(t *testing.T, answer func(cmd epp.Command) epp.Response) *registries.Set {
	t.Helper()
	codec, err := registries.Codec()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	server := &epp.Server{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		Greeting: func(*epp.Session) epp.Greeting {
			return epp.Greeting{SvID: "liar", SvDate: epp.At(time.Now()), Versions: []string{"1.0"}, Langs: []string{"en"},
				ObjURIs: []string{epp.NSDomain, epp.NSContact}}
		},
		Handle: func(_ context.Context, _ *epp.Session, cmd epp.Command) epp.Answer {
			switch {
			case cmd.Login != nil:
				return epp.Answer{Response: epp.Reply(epp.Done, "")}
			case cmd.Verb == epp.Logout:
				return epp.Answer{Response: epp.Reply(epp.Bye, "")}
			}
			return epp.Answer{Response: answer(cmd)}
		}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := server.Serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { stop(); done.Wait() })
	pool := epp.NewPool(epp.PoolSettings{PerMinute: -1, RetryFirst: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond,
		Account: epp.Account{Addr: l.Addr().String(), TLS: &tls.Config{RootCAs: roots, ServerName: "localhost"}, ClID: "yumen",
			Password: "secret-pw", Codec: codec, CommandTimeout: 5 * time.Second}})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := pool.Close(ctx); err != nil {
			t.Errorf("close the pool: %v", err)
		}
	})
	set := registries.NewSet()
	settings, _ := registries.Known("thin", "Yumen")
	set.AddEPP(registries.Registry{Key: "thin", Account: "liar", Settings: settings}, pool, "yumen")
	return set
}

func TestAnAnswerAboutAnotherNameIsNoAnswer(t *testing.T) {
	ctx := context.Background()
	now := epp.At(time.Now())
	later := epp.At(time.Now().AddDate(1, 0, 0))
	set := liar(t, func(cmd epp.Command) epp.Response {
		switch cmd.Object.(type) {
		case *epp.DomainInfo:
			return epp.Reply(epp.Done, "", &epp.DomainInfData{Name: "other.com", ROID: "D1-X", ClID: "yumen", CrDate: &now, ExDate: &later})
		case *epp.ContactInfo:
			return epp.Reply(epp.Done, "", &epp.ContactInfData{ID: "OTHER", ROID: "C1-X", Email: "a@example.cn", ClID: "yumen", CrID: "yumen", CrDate: now,
				Postal: []epp.PostalInfo{{Type: "loc", Name: "x", Addr: epp.Address{City: "x", CC: "CN"}}}})
		case *epp.DomainCreate:
			return epp.Reply(epp.Done, "", &epp.DomainCreData{Name: "other.com", CrDate: now, ExDate: &later})
		}
		return epp.Reply(epp.Code(2306), strings.Repeat("no ", 100_000))
	})
	d, err := set.Domain(ctx, "thin", "mine.com")
	claim := registries.Claim{NameA: "mine.com", FirstSent: time.Now().Add(-time.Minute), Skew: time.Minute}
	if got := registries.Decide(claim, d, err); got != registries.Unknown || errors.Is(err, registries.ErrNotThere) {
		t.Errorf("an info about another name decides %s (%+v, %v)", got, d, err)
	}
	c, err := set.Contact(ctx, "thin", "MINE")
	if got := registries.DecideContact(c, err); got != registries.Unknown {
		t.Errorf("an info about another contact decides %s (%+v, %v)", got, c, err)
	}
	a := registries.Attempt{ID: 1, Registry: "thin", ClTRID: "YM-test-1"}
	ans := set.CreateDomain(ctx, a, registries.NewDomain{Name: names.MustParse("mine.com"), Years: 1})
	if ans.Outcome == registries.Done && !ans.Result.Unreadable {
		t.Errorf("a create answered about another name is believed: %+v", ans)
	}
	long := set.CreateContact(ctx, registries.Attempt{ID: 2, Registry: "thin", ClTRID: "YM-test-2"}, person("MINE"))
	if long.Outcome == registries.Done || len(long.Words) > 4000 {
		t.Errorf("%s, %d bytes of a registry's words are kept", long.Outcome, len(long.Words))
	}
}
