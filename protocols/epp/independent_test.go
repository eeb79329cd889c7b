package epp

import (
	"crypto/tls"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	domainr "github.com/domainr/epp"

	"yumen/testkit"
)

// withNames makes a registry that knows taken.cn, takes free.cn and quotes a fee when asked.
func withNames(t *testing.T) *registry {
	r := newRegistry(t)
	r.act = func(_ *Session, cmd Command) Answer {
		switch o := cmd.Object.(type) {
		case *DomainCheck:
			var d DomainChkData
			var fee FeeChkData
			for _, n := range o.Names {
				c := DomainChecked{Name: Avail{Flag(n == "free.cn"), n}}
				if n != "free.cn" {
					c.Reason = &Text{Body: "In use"}
				}
				d.CD = append(d.CD, c)
				fee.Currency = "CNY"
				fee.CD = append(fee.CD, FeeCD{ObjID: FeeObjID{Value: n}, Class: "standard"})
			}
			resp := Reply(Done, "", &d)
			if Get[FeeCheck](cmd.Extensions) != nil {
				resp.Extensions = []any{&fee}
			}
			return Answer{Response: resp}
		case *DomainInfo:
			if o.Name.Value != "taken.cn" {
				return Answer{Response: Reply(NoSuchObject, "")}
			}
			return Answer{Response: Reply(Done, "", &DomainInfData{Name: "taken.cn", ROID: "D1-TEST", Statuses: []Status{{S: "clientHold"}, {S: "inactive"}},
				Registrant: "lin-0001", ClID: "rival-1", CrID: "rival-1", CrDate: &day1, ExDate: &day2})}
		case *DomainCreate:
			if o.Name != "free.cn" || o.Period.Value != 2 || o.Registrant != "lin-0001" || len(o.Contacts) != 3 || o.NS.Hosts[0] != "ns1.example.com" {
				return Answer{Response: Reply(PolicyViolation, "")}
			}
			return Answer{Response: Reply(Done, "", &DomainCreData{"free.cn", day1, &day2})}
		}
		return Answer{Response: Reply(NoSuchCommand, "")}
	}
	r.Failed = func(_ *Session, err error) { t.Errorf("server: %v", err) }
	r.start(t)
	return r
}

func TestDomainrLogsInChecksAndAsks(t *testing.T) {
	r := withNames(t)
	conn, err := tls.Dial("tcp", r.addr, &tls.Config{RootCAs: r.pool, ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := domainr.NewTimeoutConn(conn, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if c.ServerName != "Test registry" {
		t.Errorf("greeting of %q", c.ServerName)
	}
	if res, err := c.Login("stranger", "stranger-pw", ""); err != nil || res.Code != 1000 {
		t.Fatal(res, err)
	}
	if err := c.Hello(); err != nil {
		t.Error(err)
	}
	got, err := c.CheckDomain("free.cn", "taken.cn")
	if err != nil || len(got.Checks) != 2 || !got.Checks[0].Available || got.Checks[1].Available || got.Checks[1].Reason != "In use" {
		t.Errorf("check: %+v %v", got, err)
	}
	info, err := c.DomainInfo("taken.cn", nil)
	if err != nil || info.Domain != "taken.cn" || info.ClID != "rival-1" || !info.ExDate.Equal(day2.Time) || len(info.Status) != 2 {
		t.Errorf("info: %+v %v", info, err)
	}
	if _, err := c.DomainInfo("none.cn", nil); err == nil || !strings.Contains(err.Error(), "2303") {
		t.Errorf("missing name: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestNetEPPLogsInChecksCreatesAndAsks(t *testing.T) {
	const install = "apt-get install libnet-epp-perl"
	perl := testkit.Need(t, "perl", install)
	if err := exec.Command(perl, "-MNet::EPP::Simple", "-e", "1").Run(); err != nil {
		testkit.Missing(t, "the Perl module Net::EPP", install)
	}
	r := withNames(t)
	host, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(perl, "testdata/session.pl", host, port).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := "greeting Test registry\nping 1\ncheck 1 0\ncreate 1 1000\ninfo taken.cn rival-1 lin-0001 2027-03-01T02:03:04.5Z clientHold,inactive\nmissing 0 2303\nlogout 1\n"
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}
