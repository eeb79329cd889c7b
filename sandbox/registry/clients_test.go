package registry_test

import (
	"crypto/tls"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	other "github.com/domainr/epp"

	"yumen/protocols/epp"
	"yumen/testkit"
)

func TestDebiansPerlClientRegistersAName(t *testing.T) {
	perl := testkit.Need(t, "perl", "apt-get install -y libnet-epp-perl")
	if exec.Command(perl, "-MNet::EPP::Simple", "-e", "1").Run() != nil {
		testkit.Missing(t, "Net::EPP", "apt-get install -y libnet-epp-perl")
	}
	w := open(t)
	a := w.account("stranger")
	host, port, err := net.SplitHostPort(a.Addr)
	w.must(err)
	out, err := exec.CommandContext(t.Context(), perl, "testdata/stranger.pl", host, port, a.Password).CombinedOutput()
	want := `check 1000
contact create 1000
create 1000
host create 1000
update 1000
info 1000
tea-shop.com stranger STR-1 STR-1 ns1.tea-shop.com
create again 2302
application 1001
hello
logout
`
	if err != nil || string(out) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}

func TestAnotherGoClientLogsInChecksAndInfos(t *testing.T) {
	w := open(t)
	w.login("rival").do(epp.Done, order("tea-house.com", ""))
	a := w.account("stranger")
	conn, err := tls.Dial("tcp", a.Addr, w.tls())
	w.must(err)
	c, err := other.NewTimeoutConn(conn, 20*time.Second)
	w.must(err)
	r, err := c.Login(a.ClID, a.Password, "")
	if err != nil || r.Code != 1000 {
		t.Fatalf("login: %v %v", r, err)
	}
	// It sends no clTRID and asks for fees without a currency.
	check, err := c.CheckDomain("tea-house.com", "tea-shop.com")
	w.must(err)
	var said []string
	for _, x := range check.Checks {
		said = append(said, map[bool]string{true: "free ", false: "taken "}[x.Available]+x.Domain)
	}
	if got := strings.Join(said, ", "); got != "taken tea-house.com, free tea-shop.com" {
		t.Errorf("check says %s", got)
	}
	info, err := c.DomainInfo("tea-house.com", nil)
	w.must(err)
	if info.ClID != "rival" || info.ExDate.IsZero() {
		t.Errorf("info says %+v", info)
	}
	w.must(c.Close())
}
