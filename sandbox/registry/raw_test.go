package registry_test

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"yumen/protocols/epp"
)

// wire is a connection on which a test writes what it likes.
type wire struct {
	*world
	conn *tls.Conn
}

func (w *world) wire() *wire {
	w.Helper()
	conn, err := tls.Dial("tcp", w.account("stranger").Addr, w.tls())
	w.must(err)
	w.Cleanup(func() { conn.Close() })
	w.must(conn.SetDeadline(time.Now().Add(20 * time.Second)))
	x := &wire{w, conn}
	x.read()
	return x
}

func (x *wire) read() string {
	x.Helper()
	b, err := epp.ReadFrame(x.conn, 0)
	x.must(err)
	return string(b)
}

func (x *wire) say(body string) string {
	x.Helper()
	x.must(epp.WriteFrame(x.conn, []byte(`<?xml version="1.0" encoding="UTF-8"?><epp xmlns="urn:ietf:params:xml:ns:epp-1.0">`+body+`</epp>`)))
	return x.read()
}

func (x *wire) login() {
	x.Helper()
	a := x.account("stranger")
	said := x.say(fmt.Sprintf(`<command><login><clID>%s</clID><pw>%s</pw><options><version>1.0</version><lang>en</lang></options>
		<svcs><objURI>%s</objURI></svcs></login></command>`, a.ClID, a.Password, epp.NSDomain))
	if !strings.Contains(said, `code="1000"`) {
		x.Fatalf("login answers %s", said)
	}
}

func TestATransactionIDIsEchoedAndNoneIsMadeUp(t *testing.T) {
	w := open(t)
	x := w.wire()
	x.login()
	const check = `<command><check><d:check xmlns:d="urn:ietf:params:xml:ns:domain-1.0"><d:name>tea-house.com</d:name></d:check></check>%s</command>`
	if said := x.say(fmt.Sprintf(check, "")); !strings.Contains(said, `avail="1"`) || strings.Contains(said, "<clTRID>") || !strings.Contains(said, "<svTRID>") {
		t.Errorf("without an id it answers %s", said)
	}
	for range 2 { // an id may come twice
		if said := x.say(fmt.Sprintf(check, "<clTRID>ABC-1</clTRID>")); !strings.Contains(said, `avail="1"`) || !strings.Contains(said, "<clTRID>ABC-1</clTRID>") {
			t.Errorf("with an id it answers %s", said)
		}
	}
	if said := x.say("<hello/>"); !strings.Contains(said, "<greeting>") {
		t.Errorf("hello answers %s", said)
	}
	for body, code := range map[string]string{
		`<command><dance/></command>`:                              "2000",
		`<command><check/></command>`:                              "2001",
		`<command><check><x xmlns="urn:y"/></check></command>`:     "2001",
		`<command><check><check xmlns="urn:y"/></check></command>`: "2307",
		`<command><poll op="dance"/></command>`:                    "2001",
	} {
		if said := x.say(body); !strings.Contains(said, `code="`+code+`"`) {
			t.Errorf("%s answers %s, want %s", body, said, code)
		}
	}
	if said := x.say("<command><logout/></command>"); !strings.Contains(said, `code="1500"`) {
		t.Errorf("logout answers %s", said)
	}
	if _, err := epp.ReadFrame(x.conn, 0); err != io.EOF {
		t.Errorf("after logout comes %v", err)
	}
}

func TestWhatIsNoFrameEndsTheConnection(t *testing.T) {
	w := open(t)
	header := func(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
	doctype := `<!DOCTYPE epp [<!ENTITY x "y">]><epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><hello/></epp>`
	for name, bytes := range map[string][]byte{
		"a frame of four bytes":  header(4),
		"a frame of two MiB":     header(2 << 20),
		"a frame with a doctype": append(header(uint32(4+len(doctype))), doctype...),
		"HTTP":                   []byte("GET / HTTP/1.1\r\n\r\n"),
	} {
		x := w.wire()
		_, err := x.conn.Write(bytes)
		w.must(err)
		rest, _ := io.ReadAll(x.conn) // until the registry closes, or the deadline
		if len(rest) > 0 && !strings.Contains(string(rest), `code="2001"`) {
			t.Errorf("%s is answered by %s", name, rest)
		}
	}
	// The registry goes on.
	w.login("yumen").do(epp.Done, &epp.DomainCheck{Names: []string{"tea-house.com"}})
}

func TestOldTLSIsRefusedAndOtherNamesAreNotOurs(t *testing.T) {
	w := open(t)
	addr := w.account("stranger").Addr
	old := w.tls()
	old.MinVersion, old.MaxVersion = tls.VersionTLS11, tls.VersionTLS11
	if _, err := tls.Dial("tcp", addr, old); err == nil {
		t.Error("TLS 1.1 is taken")
	}
	other := w.tls()
	other.ServerName = "registry.example"
	if _, err := tls.Dial("tcp", addr, other); err == nil {
		t.Error("the certificate is good for another name")
	}
	if _, err := tls.Dial("tcp", addr, &tls.Config{ServerName: "localhost"}); err == nil {
		t.Error("the certificate needs no pinned CA")
	}
}

func TestTheTraceKeepsNoSecret(t *testing.T) {
	w := open(t)
	y := w.login("yumen")
	y.do(epp.Done, person("WANG-1"), papers())
	c := order("tea-house.com", "WANG-1")
	c.AuthInfo.Pw = "aB3$efgh-12345678901"
	y.do(epp.Done, c)
	y.do(epp.Done, &epp.ContactInfo{ID: "WANG-1"})
	password := w.account("yumen").Password
	frames := 0
	for _, s := range w.reg.Sessions() {
		for _, f := range s.Frames {
			frames++
			for _, secret := range []string{password, "aB3$efgh", "11010119900307123X", "13800000000", "王小明", "wang@example.cn"} {
				if strings.Contains(f, secret) {
					t.Errorf("%q stands in %s", secret, f)
				}
			}
		}
	}
	if frames < 8 {
		t.Errorf("only %d frames were kept", frames)
	}
}
