package registry_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/testkit"
)

// valid holds frames against the published schemas and the reconstructed ones of CNNIC.
func valid(t testing.TB, xmllint string, frames [][]byte) {
	t.Helper()
	dir := t.TempDir()
	public, err := filepath.Abs("../../../shared/data/epp-xsd/all.xsd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(public); err != nil {
		testkit.Missing(t, "the folder of EPP schemas", "put the schemas of the IANA registry of EPP extensions into ../shared/data/epp-xsd")
	}
	schema := fmt.Sprintf(`<schema xmlns="http://www.w3.org/2001/XMLSchema"><include schemaLocation="%s"/>`, public)
	for _, kind := range []string{"contact", "domain", "host"} {
		own, err := filepath.Abs("../../protocols/epp/testdata/cnnic-" + kind + "-1.0.xsd")
		if err != nil {
			t.Fatal(err)
		}
		schema += fmt.Sprintf(`<import namespace="urn:ietf:params:xml:ns:cnnic-%s-1.0" schemaLocation="%s"/>`, kind, own)
	}
	if err := os.WriteFile(filepath.Join(dir, "all.xsd"), []byte(schema+`</schema>`), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--nonet", "--noout", "--schema", filepath.Join(dir, "all.xsd")}
	for i, f := range frames {
		path := filepath.Join(dir, fmt.Sprintf("%03d.xml", i))
		if err := os.WriteFile(path, f, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.Command(xmllint, args...).CombinedOutput()
	if n := strings.Count(string(out), " validates\n"); err != nil || n != len(frames) {
		t.Errorf("%d of %d frames are valid: %v", n, len(frames), err)
		for line := range strings.Lines(string(out)) {
			if !strings.HasSuffix(line, " validates\n") {
				t.Log(strings.TrimSpace(line))
			}
		}
	}
}

func TestEveryAnswerFollowsTheSchemas(t *testing.T) {
	xmllint := testkit.Need(t, "xmllint", "apt-get install -y libxml2-utils")
	w := open(t)
	conn, err := tls.Dial("tcp", w.account("yumen").Addr, w.tls())
	w.must(err)
	greeting, err := epp.ReadFrame(conn, 0)
	w.must(err)
	w.must(conn.Close())
	frames := [][]byte{greeting}
	w.heard = func(raw []byte) { frames = append(frames, raw) }

	y, rival := w.login("yumen"), w.login("rival")
	const n = "xn--xhq89j.xn--hxt814e" // 华东.网店
	y.do(epp.Done, person("WANG-1"), papers())
	y.do(epp.Done, person("WANG-2"))
	y.do(epp.Done, &epp.ContactInfo{ID: "WANG-1"})
	y.do(epp.Done, &epp.ContactCheck{IDs: []string{"WANG-1", "FREE-1"}})
	y.do(epp.Done, &epp.DomainCheck{Names: []string{n, "tea-house.com", "旗舰.com"}},
		&epp.FeeCheck{Commands: []epp.FeeCommand{{Name: "create"}, {Name: "renew"}, {Name: "transfer"}, {Name: "restore"}, {Name: "delete"}, {Name: "custom"}}})
	c := order(n, "WANG-1")
	c.AuthInfo.Pw = "aB3$efgh-12345678901"
	y.do(epp.Done, c, &epp.FeeCreate{FeeTransform: epp.FeeTransform{Currency: "CNY", Fees: []epp.Fee{{Value: "78.00"}}}},
		&epp.SecDNSCreate{SecDNSKeys: epp.SecDNSKeys{DS: []epp.DSData{{KeyTag: 1, Alg: 13, DigestType: 2, Digest: strings.Repeat("ab", 32)}}}})
	y.do(epp.Done, &epp.HostCreate{Name: "ns1." + n, Addrs: []epp.Addr{{IP: "v6", Value: "2001:db8::1"}}})
	y.do(epp.Done, &epp.HostCheck{Names: []string{"ns1." + n, "ns2.example.net", "?"}})
	y.do(epp.Done, &epp.DomainUpdate{Name: n, Add: &epp.DomainAddRem{NS: &epp.DomainNS{Hosts: []string{"ns1." + n}}}})
	y.do(epp.Done, &epp.HostInfo{Name: "ns1." + n})
	y.info(n)
	rival.info(n)
	y.do(epp.ObjectExists, order(n, "WANG-1"))
	y.do(epp.Done, order("example.cn", "WANG-1"), &epp.CNNICDomainCreate{CNNICDomain: epp.CNNICDomain{Type: "I", Purveyor: "yumen"}})
	y.info("example.cn")
	for _, form := range []string{aLabel(t, "华东.中国"), aLabel(t, "臺东.中国")} { // the second is neither simplified nor traditional
		y.do(epp.Done, order(form, "WANG-1"))
		y.do(epp.Done, &epp.DomainRenew{Name: form, CurExpDate: epp.DateOf(y.info(form).ExDate.Time)})
	}
	y.do(epp.PolicyViolation, order("example-2.cn", "WANG-2"))
	y.do(epp.DonePending, order(beijing, "WANG-1"))
	w.post(http.StatusOK, "/registry/"+beijing+"/ask", `{"reason":"the copy of the licence is not readable at all","items":["a better copy"]}`)
	w.post(http.StatusOK, "/registry/"+beijing+"/approve", "")
	w.post(http.StatusOK, "/registry/"+n+"/hold", `{"reason":"court"}`)
	w.post(http.StatusOK, "/registry/"+n+"/release", "")
	w.turn(60)
	ask := &epp.DomainTransfer{Name: n, AuthInfo: &epp.AuthInfo{Pw: c.AuthInfo.Pw}}
	rival.transfer(epp.DonePending, epp.OpRequest, ask)
	rival.transfer(epp.Done, epp.OpQuery, ask)
	y.transfer(epp.Done, epp.OpReject, ask)
	y.do(epp.Done, &epp.DomainRenew{Name: n, CurExpDate: epp.DateOf(y.info(n).ExDate.Time)}, &epp.FeeRenew{FeeTransform: epp.FeeTransform{Fees: []epp.Fee{{Value: "78.00"}}}})
	w.turn(400)
	y.do(epp.DonePending, &epp.DomainDelete{Name: n})
	y.do(epp.Done, &epp.DomainUpdate{Name: n}, &epp.RGPUpdate{Restore: epp.RGPRestore{Op: "request"}})
	y.info(n)
	w.turn(100)
	rival.drain()
	if got := len(y.drain()); got < 9 {
		t.Errorf("only %d kinds of messages were seen", got)
	}
	y.send(epp.Command{Poll: &epp.PollRequest{Op: "ack", MsgID: "77777"}})
	y.send(epp.Command{Verb: epp.Logout})

	a := w.account("stranger")
	a.ExtURIs = []string{epp.NSLaunch}
	launch, err := epp.Dial(t.Context(), a)
	w.must(err)
	defer launch.Close()
	_, err = launch.Login(t.Context())
	w.must(err)
	claims, err := epp.ParseRaw(`<l:check xmlns:l="urn:ietf:params:xml:ns:launch-1.0" type="claims"><l:phase>claims</l:phase></l:check>`)
	w.must(err)
	if raw := string((&registrar{w, launch}).do(epp.Done, &epp.DomainCheck{Names: []string{"tea-house.com"}}, claims).Raw); !strings.Contains(raw, `exists="0">tea-house.com`) {
		t.Errorf("a check of claims answers %s", raw)
	}
	t.Logf("%d answers", len(frames))
	valid(t, xmllint, frames)
}

func TestWhatAClientDidNotAnnounceIsPutAside(t *testing.T) {
	w := open(t)
	a := w.account("yumen")
	a.ObjURIs, a.ExtURIs = []string{epp.NSDomain}, []string{epp.NSUnhandled}
	c, err := epp.Dial(t.Context(), a)
	w.must(err)
	defer c.Close()
	_, err = c.Login(t.Context())
	w.must(err)
	y := &registrar{w, c}
	y.do(epp.Done, order("tea-house.com", ""))
	resp := y.do(epp.Done, &epp.DomainInfo{Name: epp.DomainInfoName{Value: "tea-house.com"}})
	if len(resp.Extensions) != 0 || len(resp.Results[0].ExtValues) != 1 ||
		resp.Results[0].ExtValues[0].Reason.Body != epp.NSRGP+" not in login services" {
		t.Errorf("the answer is %+v", resp)
	}
	y.do(epp.NoSuchExtension, &epp.DomainCheck{Names: []string{"tea-house.com"}}, &epp.FeeCheck{Commands: []epp.FeeCommand{{Name: "create"}}})
}

func TestTheGreetingIsOfNow(t *testing.T) {
	w := open(t)
	w.turn(30)
	g := w.login("yumen").c.Greeting()
	if d := w.clock.Now().Sub(g.SvDate.Time); d < -time.Second || d > 30*time.Second {
		t.Errorf("its date is %s off", d)
	}
	for _, want := range []string{epp.NSSecDNS, epp.NSRGP, epp.NSFee, epp.NSLaunch, epp.NSLoginSec, epp.NSChangePoll, epp.NSSecureAuth, epp.NSUnhandled} {
		if !strings.Contains(strings.Join(g.ExtURIs, " "), want) {
			t.Errorf("it does not announce %s", want)
		}
	}
}
