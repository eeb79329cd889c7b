package epp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestASessionFromGreetingToLogout(t *testing.T) {
	r := newRegistry(t)
	var seen Command
	r.login = func(_ *Session, cmd Command) Answer { seen = cmd; return Answer{Response: Reply(Done, "")} }
	r.start(t)
	c := r.dial(t)
	if g := c.Greeting(); g.SvID != "Test registry" || time.Since(g.SvDate.Time) > 30*time.Second || g.DCP == nil {
		t.Errorf("greeting %+v", g)
	}
	if seen.Login.Pw != "secret-pw" || len(seen.Extensions) != 0 {
		t.Errorf("a short password goes into the core login: %+v", seen)
	}
	if contains(seen.Login.ExtURIs, "urn:example:other-1.0") || !contains(seen.Login.ExtURIs, NSChangePoll) || !contains(seen.Login.ExtURIs, NSUnhandled) {
		t.Errorf("login asks for %v", seen.Login.ExtURIs)
	}
	if err := c.Hello(t.Context()); err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(t.Context(), check("a.cn", "b.cn"))
	if err != nil {
		t.Fatal(err)
	}
	if d := Get[DomainChkData](resp.Data); d == nil || len(d.CD) != 2 || d.CD[1].Name != (Avail{true, "b.cn"}) {
		t.Errorf("check answered %+v", resp.Data)
	}
	if err := c.Logout(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.Do(t.Context(), check("a.cn")); !isUnsent(err) {
		t.Errorf("after logout: %v", err)
	}
	eventually(t, "the server forgets the session", func() bool { return len(r.Sessions()) == 0 })
}

func TestLongPasswordsTravelInTheLoginSecurityExtension(t *testing.T) {
	long := "a password of more than sixteen"
	for _, c := range []struct {
		name      string
		mode      LoginSecMode
		pw, newPW string
		core, sec LoginSec // only Pw and NewPW
		extension bool
	}{
		{"short", LoginSecLong, "short-pw", "", LoginSec{Pw: "short-pw"}, LoginSec{}, false},
		{"sixteen characters of two bytes each", LoginSecLong, strings.Repeat("é", 16), "", LoginSec{Pw: strings.Repeat("é", 16)}, LoginSec{}, false},
		{"long", LoginSecLong, long, "", LoginSec{Pw: LoginSecPassword}, LoginSec{Pw: long}, true},
		{"short to long", LoginSecLong, "short-pw", long, LoginSec{Pw: "short-pw", NewPW: LoginSecPassword}, LoginSec{NewPW: long}, true},
		{"long to short", LoginSecLong, long, "short-pw", LoginSec{Pw: LoginSecPassword, NewPW: "short-pw"}, LoginSec{Pw: long}, true},
		{"long where the registry knows no extension", LoginSecNever, long, "", LoginSec{Pw: long}, LoginSec{}, false},
		{"always", LoginSecAlways, "short-pw", "", LoginSec{Pw: LoginSecPassword}, LoginSec{Pw: "short-pw"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := &Client{acc: Account{Password: c.pw, NewPassword: c.newPW, LoginSec: c.mode}.withDefaults()}
			cmd := cl.login()
			if cmd.Login.Pw != c.core.Pw || cmd.Login.NewPW != c.core.NewPW {
				t.Errorf("core has %q %q", cmd.Login.Pw, cmd.Login.NewPW)
			}
			sec := Get[LoginSec](cmd.Extensions)
			if (sec != nil) != c.extension || contains(cmd.Login.ExtURIs, NSLoginSec) != c.extension {
				t.Fatalf("extension %v, asked for %v", sec, cmd.Login.ExtURIs)
			}
			if sec != nil && *sec != c.sec {
				t.Errorf("extension has %+v", *sec)
			}
		})
	}
}

func TestWhatAnAnswerDoesToTheConnection(t *testing.T) {
	reply := func(code Code) Answer { return Answer{Response: Reply(code, "")} }
	garbled := `<?xml version="1.0"?><epp xmlns="` + NSCore + `"><response><result code="1000"><msg>done</msg></result>` +
		`<resData><domain:creData></resData><trID><clTRID>T-1</clTRID><svTRID>S-1</svTRID></trID></response></epp>`
	for _, c := range []struct {
		name   string
		answer Answer
		class  Class
		alive  bool
	}{
		{"done", reply(Done), Completed, true},
		{"pending", reply(DonePending), Pending, true},
		{"refused", reply(PolicyViolation), Refused, true},
		{"exists", reply(ObjectExists), Ask, true},
		{"failed", reply(CommandFailed), Unknown, true},
		{"failed and closing", reply(FailedClosing), Unknown, false},
		{"authentication and closing", reply(AuthClosing), Suspended, false},
		{"session limit", reply(TooManySessions), Wait, false},
		{"a code nobody defined", reply(2999), Unknown, true},
		{"no answer in time", Answer{Response: Reply(Done, ""), Trouble: Trouble{Delay: time.Hour}}, Unknown, false},
		{"connection dropped", Answer{Trouble: Trouble{Drop: true}}, Unknown, false},
		{"frame cut", Answer{Response: Reply(Done, ""), Trouble: Trouble{Cut: true}}, Unknown, false},
		{"clTRID of another command", Answer{Response: Reply(Done, ""), Trouble: Trouble{ClTRID: "T-2"}}, Unknown, false},
		{"no clTRID", Answer{Trouble: Trouble{Raw: []byte(`<epp xmlns="` + NSCore + `"><response><result code="1000"><msg/></result><trID><svTRID>S-1</svTRID></trID></response></epp>`)}}, Unknown, false},
		{"a greeting in place of an answer", Answer{Trouble: Trouble{Raw: []byte(`<epp xmlns="` + NSCore + `"><greeting/></epp>`)}}, Unknown, false},
		{"invalid XML, result readable", Answer{Trouble: Trouble{Raw: []byte(garbled)}}, Completed, false},
		{"invalid XML, another's result", Answer{Trouble: Trouble{Raw: []byte(strings.Replace(garbled, "T-1", "T-9", 1))}}, Unknown, false},
		{"no XML at all", Answer{Trouble: Trouble{Raw: []byte("503 try later")}}, Unknown, false},
		{"a DOCTYPE", Answer{Trouble: Trouble{Raw: []byte(`<!DOCTYPE epp>` + garbled)}}, Unknown, false},
		{"slow but whole", Answer{Response: Reply(Done, ""), Trouble: Trouble{Trickle: time.Millisecond}}, Completed, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRegistry(t)
			r.act = func(*Session, Command) Answer { return c.answer }
			r.start(t)
			cl := r.dial(t, func(a *Account) {
				if c.answer.Trouble.Delay > 0 {
					a.CommandTimeout = 100 * time.Millisecond
				}
			})
			cmd := create("a.cn")
			cmd.ClTRID = "T-1"
			resp, err := cl.Do(t.Context(), cmd)
			if got := Outcome(Create, resp, err); got != c.class {
				t.Errorf("class %v, want %v (error %v)", got, c.class, err)
			}
			if cl.Alive() != c.alive {
				t.Errorf("alive %v, want %v", cl.Alive(), c.alive)
			}
			if strings.Contains(c.name, "readable") && (resp.Unreadable == nil || resp.SvTRID != "S-1" || len(resp.Raw) == 0) {
				t.Errorf("unreadable answer came as %+v", resp)
			}
		})
	}
}

func TestAMissingClTRIDIsTakenOnlyWhenTheAccountSaysSo(t *testing.T) {
	r := newRegistry(t)
	r.act = func(*Session, Command) Answer {
		return Answer{Trouble: Trouble{Raw: []byte(`<epp xmlns="` + NSCore + `"><response><result code="1000"><msg/></result><trID><svTRID>S-1</svTRID></trID></response></epp>`)}}
	}
	r.start(t)
	c := r.dial(t, func(a *Account) { a.AllowMissingClTRID = true })
	if _, err := c.Do(t.Context(), create("a.cn")); err != nil {
		t.Error(err)
	}
}

func TestARepeatedAnswerIsNeverTakenForTheNextOne(t *testing.T) {
	r := newRegistry(t)
	var n int
	r.act = func(_ *Session, cmd Command) Answer {
		n++
		if n == 1 {
			return Answer{Response: Reply(Done, "first"), Trouble: Trouble{Duplicate: true}}
		}
		return Answer{Response: Reply(PolicyViolation, "second")}
	}
	r.start(t)
	c := r.dial(t)
	if _, err := c.Do(t.Context(), create("a.cn")); err != nil {
		t.Fatal(err)
	}
	// The copy arrives before or after the next command is sent; either way it decides nothing.
	resp, err := c.Do(t.Context(), create("b.cn"))
	if class := Outcome(Create, resp, err); class != Unsent && class != Refused {
		t.Errorf("second command: %v (%v)", class, err)
	}
	if c.Alive() {
		t.Error("the connection is still in use")
	}
}

func TestACallerWhoGivesUpLeavesAnUnknownOutcome(t *testing.T) {
	r := newRegistry(t)
	got := make(chan bool)
	r.act = func(*Session, Command) Answer {
		close(got)
		return Answer{Response: Reply(Done, ""), Trouble: Trouble{Delay: time.Hour}}
	}
	r.start(t)
	c := r.dial(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-got; cancel() }()
	if _, err := c.Do(ctx, create("a.cn")); !isUnknown(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if c.Alive() {
		t.Error("the connection is still in use")
	}
	if _, err := c.Do(t.Context(), create("a.cn")); !isUnsent(err) {
		t.Errorf("dead connection answered %v", err)
	}
}

func TestWhatCannotBeSentIsNotSent(t *testing.T) {
	r := newRegistry(t)
	r.act = func(_ *Session, cmd Command) Answer { t.Errorf("received %+v", cmd); return Answer{} }
	r.start(t)
	c := r.dial(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, f := range map[string]func() error{
		"control character": func() error { _, err := c.Do(t.Context(), check("a\x01.cn")); return err },
		"broken UTF-8":      func() error { _, err := c.Do(t.Context(), check("a\xff.cn")); return err },
		"unregistered type": func() error { _, err := c.Do(t.Context(), Command{Object: &struct{ A int }{}}); return err },
		"nil object":        func() error { _, err := c.Do(t.Context(), Command{Object: (*DomainCheck)(nil)}); return err },
		"an answer":         func() error { _, err := c.Do(t.Context(), Command{Object: &DomainChkData{}}); return err },
		"transfer, no op":   func() error { _, err := c.Do(t.Context(), Command{Object: &DomainTransfer{Name: "a.cn"}}); return err },
		"short clTRID":      func() error { _, err := c.Do(t.Context(), Command{Object: &DomainCheck{}, ClTRID: "T"}); return err },
		"context at an end": func() error { _, err := c.Do(ended, check("a.cn")); return err },
		"nothing":           func() error { _, err := c.Do(t.Context(), Command{}); return err },
	} {
		if err := f(); !isUnsent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !c.Alive() {
		t.Error("the connection was thrown away for nothing")
	}
}

func TestAnIdleConnectionSeesItsEndBeforeACommandIsLost(t *testing.T) {
	r := newRegistry(t)
	r.start(t)
	c := r.dial(t)
	for _, s := range r.Sessions() {
		s.Close()
	}
	eventually(t, "the client sees the end", func() bool { return !c.Alive() })
	if _, err := c.Do(t.Context(), create("a.cn")); !isUnsent(err) {
		t.Errorf("got %v", err)
	}
}

func TestConnectingFailsClean(t *testing.T) {
	r := newRegistry(t)
	r.start(t)
	raw := func(send []byte) string {
		cert, _ := testCert(t)
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		all.Go(func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			c.Write(send)
			io.Copy(io.Discard, c)
		})
		t.Cleanup(func() { l.Close(); all.Wait() })
		return l.Addr().String()
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	greeting, _ := Marshal(testGreeting(time.Now()))
	// One known server counts the length without its own four bytes.
	short := append(binary.BigEndian.AppendUint32(nil, uint32(len(greeting))), greeting...)
	for _, c := range []struct {
		name   string
		change func(a *Account)
	}{
		{"nobody listens", func(a *Account) { a.Addr = closed.Addr().String() }},
		{"certificate of an unknown authority", func(a *Account) { a.TLS.RootCAs = x509.NewCertPool() }},
		{"certificate for another name", func(a *Account) { a.TLS.ServerName = "epp.example.cn" }},
		{"TLS 1.1", func(a *Account) { a.TLS.MinVersion, a.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }},
		{"no greeting", func(a *Account) { a.Addr = raw(nil); a.TLS = &tls.Config{InsecureSkipVerify: true} }},
		{"a length of 2 GB", func(a *Account) {
			a.Addr = raw([]byte{0x7f, 0xff, 0xff, 0xff, '<'})
			a.TLS = &tls.Config{InsecureSkipVerify: true}
		}},
		{"a length without the header", func(a *Account) { a.Addr = raw(short); a.TLS = &tls.Config{InsecureSkipVerify: true} }},
		{"an HTTP server", func(a *Account) {
			a.Addr = raw([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			a.TLS = &tls.Config{InsecureSkipVerify: true}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			acc := r.account()
			acc.ConnectTimeout = 300 * time.Millisecond
			c.change(&acc)
			cl, err := Dial(t.Context(), acc)
			if !isUnsent(err) {
				t.Errorf("got %v %v", cl, err)
			}
		})
	}
}

func TestTheServerAnswersWhatItCannotRead(t *testing.T) {
	r := newRegistry(t)
	r.start(t)
	conn, err := tls.Dial("tcp", r.addr, &tls.Config{RootCAs: r.pool, ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := ReadFrame(conn, 0); err != nil {
		t.Fatal(err)
	}
	ask := func(body string) (Response, error) {
		if err := WriteFrame(conn, []byte(`<epp xmlns="`+NSCore+`">`+body+`</epp>`)); err != nil {
			t.Fatal(err)
		}
		b, err := ReadFrame(conn, 0)
		if err != nil {
			return Response{}, err
		}
		return UnmarshalResponse(b)
	}
	for _, c := range []struct {
		body string
		code Code
		id   string
	}{
		{`<command><jump/><clTRID>ABC-1</clTRID></command>`, UnknownCommand, "ABC-1"},
		{`<command><check/><clTRID>ABC-2</clTRID></command>`, BadSyntax, "ABC-2"},
		{`<command><clTRID>ABC-3</clTRID></command>`, BadSyntax, "ABC-3"},
		{`<command><logout/><clTRID>A</clTRID></command>`, ValueSyntax, ""},
		{`<command><create><d:create xmlns:d="` + NSDomain + `"><d:period unit="y">two</d:period></d:create></create><clTRID>ABC-4</clTRID></command>`, ValueSyntax, "ABC-4"},
		{`<command><transfer op="steal"><d:transfer xmlns:d="` + NSDomain + `"/></transfer></command>`, BadSyntax, ""},
		{`<response/>`, BadSyntax, ""},
		{`<command><check><d:check xmlns:d="` + NSDomain + `"/></check></command>`, UseError, ""},
	} {
		got, err := ask(c.body)
		if err != nil || got.Code() != c.code || got.ClTRID != c.id {
			t.Errorf("%s: %d %q %v", c.body, got.Code(), got.ClTRID, err)
		}
	}
	if got, err := ask(`<command>`); err != nil || got.Code() != BadSyntax {
		t.Errorf("invalid XML: %+v %v", got, err)
	}
	if _, err := ReadFrame(conn, 0); err == nil {
		t.Error("invalid XML did not end the session")
	}
}
