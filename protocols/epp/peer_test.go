package epp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// registry is a server with just enough behaviour to be logged in to; what it does with other commands a test decides.
type registry struct {
	Server
	addr string
	pool *x509.CertPool

	// act answers everything but login and logout.
	act func(s *Session, cmd Command) Answer
	// login may refuse; nil accepts.
	login func(s *Session, cmd Command) Answer

	now, most atomic.Int64 // sessions logged in now, and the most at one time
	logins    atomic.Int64
	hellos    atomic.Int64
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	cert, pool := testCert(t)
	r := &registry{pool: pool}
	r.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	r.Greeting = func(s *Session) Greeting {
		r.hellos.Add(1)
		return testGreeting(time.Now())
	}
	r.Handle = func(_ context.Context, s *Session, cmd Command) Answer {
		switch {
		case cmd.Verb == Logout:
			return Answer{Response: Reply(Bye, "")}
		case cmd.Login != nil:
			if r.login != nil {
				if a := r.login(s, cmd); a.Response.Code() != Done {
					return a
				}
			}
			r.logins.Add(1)
			s.Data = "in"
			for n := r.now.Add(1); ; {
				m := r.most.Load()
				if n <= m || r.most.CompareAndSwap(m, n) {
					break
				}
			}
			return Answer{Response: Reply(Done, "")}
		case s.Data == nil:
			return Answer{Response: Reply(UseError, "")}
		case r.act != nil:
			return r.act(s, cmd)
		}
		return Answer{Response: available(cmd)}
	}
	r.Closed = func(s *Session) {
		if s.Data != nil {
			r.now.Add(-1)
		}
	}
	return r
}

// available answers a domain check; anything else is done.
func available(cmd Command) Response {
	c, ok := cmd.Object.(*DomainCheck)
	if !ok {
		return Reply(Done, "")
	}
	var d DomainChkData
	for _, n := range c.Names {
		d.CD = append(d.CD, DomainChecked{Name: Avail{true, n}})
	}
	return Reply(Done, "", &d)
}

func (r *registry) start(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := r.Serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { stop(); done.Wait() })
}

func (r *registry) account() Account {
	return Account{Addr: r.addr, TLS: &tls.Config{RootCAs: r.pool, ServerName: "localhost"}, ClID: "yumen", Password: "secret-pw",
		ConnectTimeout: 5 * time.Second, LoginTimeout: 5 * time.Second, CommandTimeout: 5 * time.Second}
}

func (r *registry) dial(t *testing.T, change ...func(*Account)) *Client {
	t.Helper()
	acc := r.account()
	for _, f := range change {
		f(&acc)
	}
	c, err := Dial(t.Context(), acc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func testGreeting(now time.Time) Greeting {
	return Greeting{SvID: "Test registry", SvDate: At(now), Versions: []string{"1.0"}, Langs: []string{"en", "zh"},
		ObjURIs: []string{NSDomain, NSContact, NSHost},
		ExtURIs: []string{NSSecDNS, NSRGP, NSFee, NSLoginSec, NSChangePoll, NSSecureAuth, NSUnhandled, "urn:example:other-1.0"}}
}

func testCert(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func check(names ...string) Command { return Command{Object: &DomainCheck{Names: names}} }

func create(name string) Command { return Command{Object: &DomainCreate{Name: name}} }

// eventually waits for something another goroutine does.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}

func isUnknown(err error) bool {
	var u *UnknownError
	return errors.As(err, &u)
}

func isUnsent(err error) bool {
	var u *UnsentError
	return errors.As(err, &u)
}
