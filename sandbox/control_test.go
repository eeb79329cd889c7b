package sandbox_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/protocols/epp"
	"yumen/sandbox"
)

type reading struct {
	OffsetMS int64     `json:"offset_ms"`
	Seq      int64     `json:"seq"`
	Now      time.Time `json:"now"`
	Portal   string    `json:"portal"`
}

func TestTheClockIsTurnedForwardToldAndNeverGoesBack(t *testing.T) {
	b := open(t)
	var r reading
	b.post(http.StatusOK, "/clock", `{"advance":"720h"}`, &r)
	if r.Portal != "away" || r.OffsetMS != (720*time.Hour).Milliseconds() || r.Seq != 2 {
		t.Errorf("without a portal the clock answers %+v", r)
	}

	// A portal hangs on the clock, stores what it hears and says so.
	heard := make(chan reading, 1)
	go func() {
		var r reading
		b.get("/clock?after=2", &r)
		heard <- r
		b.post(http.StatusOK, "/clock/ack", fmt.Sprintf(`{"seq":%d}`, r.Seq), nil)
		close(heard)
	}()
	to := r.Now.Add(48 * time.Hour).Truncate(time.Second)
	b.eventually("the portal hangs on the clock", func() bool { return b.world.Clock.Waiting() == 1 })
	b.post(http.StatusOK, "/clock", fmt.Sprintf(`{"to":%q}`, to.Format(time.RFC3339)), &r)
	if r.Portal != "acknowledged" || r.Seq != 3 {
		t.Errorf("with a portal the clock answers %+v", r)
	}
	if h := <-heard; h.Seq != 3 || h.OffsetMS != r.OffsetMS {
		t.Errorf("the portal hears %+v, the script %+v", h, r)
	}
	if d := r.Now.Sub(to); d < 0 || d > time.Minute {
		t.Errorf("turned to %s it shows %s", to, r.Now)
	}
	b.post(http.StatusConflict, "/clock", `{"to":"2020-01-01T00:00:00Z"}`, nil)
	b.post(http.StatusBadRequest, "/clock", `{"advance":"1h","to":"2030-01-01T00:00:00Z"}`, nil)
	b.post(http.StatusBadRequest, "/clock", `{"advance":"-1h"}`, nil)
	b.post(http.StatusConflict, "/clock/ack", `{"seq":9}`, nil)

	<-heard // its answer has come back
	b.restart()
	if b.to.Clock.OffsetMS != r.OffsetMS || b.to.Clock.Seq != 3 {
		t.Errorf("after a restart the clock shows %+v", b.to.Clock)
	}
}

func TestConnectTellsAPortalAllItNeeds(t *testing.T) {
	b := open(t)
	first := b.to
	if first.EPP.Address == "" || !strings.Contains(first.EPP.CAPEM, "BEGIN CERTIFICATE") || strings.Contains(first.EPP.CAPEM, "KEY") ||
		first.EPP.Registrar != "yumen" || len(first.EPP.Password) != 16 || first.SMTP.Address == "" || first.Verifier.Secret == "" ||
		first.Cashier.MerchantID == "" || len(first.Cashier.Keys) != 1 || first.Control.URL == "" {
		t.Errorf("something is missing in %+v", first)
	}
	var endings []string
	for _, r := range first.Registries {
		endings = append(endings, r.ULabel+"="+r.Policy)
	}
	if got := strings.Join(endings, " "); got != "招聘=zhaopin cn=cnnic 中国=cnnic 公司=codes 网络=codes com=thin 网店=thin" {
		t.Errorf("the endings are %s", got)
	}
	b.restart()
	b.to.EPP.Address, b.to.SMTP.Address = first.EPP.Address, first.SMTP.Address
	if b.to.EPP != first.EPP || b.to.Verifier.Secret != first.Verifier.Secret {
		t.Error("after a restart the secrets are others")
	}
}

func TestLettersAreKeptAndRead(t *testing.T) {
	b := open(t)
	letter := strings.ReplaceAll(`From: Yumen <no-reply@yumen.example>
To: wang@example.cn
Subject: =?utf-8?B?5oKo55qE6aqM6K+B56CB?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b1

--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

5oKo55qE6aqM6K+B56CB5pivIDQ4MjkxMO+8jOiuouWNlSAxMjM0NTY3OOOAgmh0dHA6Ly8xMjcu
MC4wLjE6ODA4MC92ZXJpZnk/Yz0xMjM0NTYK
--b1
Content-Type: text/html; charset=gb18030
Content-Transfer-Encoding: quoted-printable

<p>=C4=E3=BA=C3</p>
--b1--
`, "\n", "\r\n")
	b.must(smtp.SendMail(b.to.SMTP.Address, nil, "no-reply@yumen.example", []string{"wang@example.cn", "Li@Example.cn"}, []byte(letter)))
	var list []struct {
		ID      int64    `json:"id"`
		To      []string `json:"to"`
		Subject string   `json:"subject"`
		Text    string   `json:"text"`
		HTML    string   `json:"html"`
		Codes   []string `json:"codes"`
		Links   []string `json:"links"`
	}
	b.get("/state/mail?to=li@example.cn&wait=5s", &list)
	if len(list) != 1 {
		t.Fatalf("%d letters", len(list))
	}
	l := list[0]
	if l.Subject != "您的验证码" || !strings.HasPrefix(l.Text, "您的验证码是 482910，") || strings.TrimSpace(l.HTML) != "<p>你好</p>" ||
		!slices.Equal(l.Codes, []string{"482910"}) || !slices.Equal(l.Links, []string{"http://127.0.0.1:8080/verify?c=123456"}) || len(l.To) != 2 {
		t.Errorf("the letter is %+v", l)
	}
	b.get(fmt.Sprintf("/state/mail?after=%d", l.ID), &list)
	if len(list) != 0 {
		t.Errorf("%d letters after the last", len(list))
	}
	b.restart()
	b.get("/state/mail", &list)
	if len(list) != 1 {
		t.Errorf("%d letters after a restart", len(list))
	}
	for _, page := range []string{"/mail", "/mail?to=wang@example.cn", "/mail/1"} {
		if !strings.Contains(b.page(page), "您的验证码") {
			t.Errorf("%s does not show the letter", page)
		}
	}
}

func (b *box) page(path string) string {
	b.Helper()
	resp, err := http.Get(b.world.Control + path)
	b.must(err)
	defer resp.Body.Close()
	var buf bytes.Buffer
	_, err = buf.ReadFrom(resp.Body)
	b.must(err)
	if resp.StatusCode != http.StatusOK {
		b.Fatalf("%s answered %d", path, resp.StatusCode)
	}
	return buf.String()
}

func (b *box) verify(want int, method, path, body string) (v struct {
	Ref    string `json:"ref"`
	Answer string `json:"answer"`
	Reason string `json:"reason"`
}) {
	b.Helper()
	req, err := http.NewRequest(method, b.to.Verifier.BaseURL+path, strings.NewReader(body))
	b.must(err)
	req.Header.Set("Authorization", "Bearer "+b.to.Verifier.Secret)
	b.send(want, req, &v)
	return v
}

func TestTheVerifierAnswersAsItIsTold(t *testing.T) {
	b := open(t)
	ask := func(reference, name string) string {
		return fmt.Sprintf(`{"reference":%q,"kind":"person","name":%q,"document_type":"id_card","document_number":"11010119900307123X"}`, reference, name)
	}
	first := b.verify(http.StatusOK, "POST", "/verify", ask("r-1", "王小明"))
	if first.Answer != "match" {
		t.Errorf("by default it answers %s", first.Answer)
	}
	if again := b.verify(http.StatusOK, "POST", "/verify", ask("r-1", "王小明")); again.Ref != first.Ref {
		t.Error("one reference, two refs")
	}
	b.verify(http.StatusConflict, "POST", "/verify", ask("r-1", "李明"))

	b.post(http.StatusOK, "/verifier/names", `{"name":"李明","answer":"mismatch","reason":"no such person"}`, nil)
	if v := b.verify(http.StatusOK, "POST", "/verify", ask("r-2", "李明")); v.Answer != "mismatch" || v.Reason != "no such person" {
		t.Errorf("for this name it answers %+v", v)
	}
	b.post(http.StatusOK, "/verifier/r-3", `{"answer":"pending"}`, nil)
	v := b.verify(http.StatusAccepted, "POST", "/verify", ask("r-3", "王小明"))
	b.verify(http.StatusAccepted, "GET", "/verify/"+v.Ref, "")
	b.post(http.StatusOK, "/verifier/"+v.Ref, `{"answer":"match"}`, nil)
	b.verify(http.StatusOK, "GET", "/verify/"+v.Ref, "")

	b.post(http.StatusOK, "/verifier/default", `{"answer":"unavailable"}`, nil)
	b.verify(http.StatusServiceUnavailable, "POST", "/verify", ask("r-4", "王小明"))
	b.post(http.StatusOK, "/verifier/default", `{"answer":"match"}`, nil)
	if v := b.verify(http.StatusOK, "POST", "/verify", ask("r-4", "王小明")); v.Answer != "match" {
		t.Errorf("asked again it answers %s", v.Answer)
	}
	b.post(http.StatusBadRequest, "/verifier/default", `{"answer":"perhaps"}`, nil)

	req, err := http.NewRequest("POST", b.to.Verifier.BaseURL+"/verify", strings.NewReader(ask("r-5", "王小明")))
	b.must(err)
	b.send(http.StatusUnauthorized, req, nil)

	all := b.page("/state/verifications")
	if strings.Contains(all, "19900307") {
		t.Error("the log keeps document numbers")
	}
}

func TestSettingsChangeOnlyWhatIsSentAndSurvive(t *testing.T) {
	b := open(t)
	type settings struct {
		Registry struct {
			MaxSessions   int    `json:"max_sessions"`
			ContactReview string `json:"contact_review"`
			Endings       map[string]struct {
				AutoApprove  string `json:"auto_approve"`
				Materials    bool   `json:"materials"`
				Verification string `json:"verification"`
			} `json:"endings"`
		} `json:"registry"`
		Cashier struct {
			Refunds string `json:"refunds"`
		} `json:"cashier"`
	}
	var s settings
	b.post(http.StatusOK, "/settings", `{"ending":"招聘","auto_approve":"20s","max_sessions":3,"refunds":"pending"}`, nil)
	b.restart()
	b.get("/settings", &s)
	if z := s.Registry.Endings["xn--otu796d"]; z.AutoApprove != "20s" || !z.Materials {
		t.Errorf(".招聘 is set to %+v", z)
	}
	if c := s.Registry.Endings["cn"]; c.AutoApprove != "0s" || c.Verification != "verify_first" {
		t.Errorf(".cn is set to %+v", c)
	}
	if s.Registry.MaxSessions != 3 || s.Registry.ContactReview != "0s" || s.Cashier.Refunds != "pending" {
		t.Errorf("the rest is %+v", s)
	}
	for _, bad := range []string{`{"max_sessions":0}`, `{"verification":"maybe"}`, `{"refunds":"never"}`, `{"contact_review":"soon"}`, `{"unknown":1}`, `{"auto_approve":"-1s"}`} {
		b.post(http.StatusBadRequest, "/settings", bad, nil)
	}
	b.post(http.StatusNotFound, "/settings", `{"ending":"example","auto_approve":"1s"}`, nil)
	b.post(http.StatusNotFound, "/settings", `{"registrar":"nobody","balance":1}`, nil)
}

func TestAnotherSitesPageCannotTurnTheWorld(t *testing.T) {
	b := open(t)
	req, err := http.NewRequest("POST", b.world.Control+"/clock", strings.NewReader(`{"advance":"1h"}`))
	b.must(err)
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	b.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("it answered %d", resp.StatusCode)
	}
}

// A page's name may be made to lead to this machine after the page was loaded:
// to the browser the world is then the page's own site.
func TestANameThatIsNotOursLeadsNowhere(t *testing.T) {
	b := open(t)
	for host, want := range map[string]int{"evil.example": 421, "evil.example:7780": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421,
		"127.0.0.1:7780": 200, "[::1]:7780": 200, "localhost": 200, "yumen.localhost:7780": 200, "sandbox:7780": 200} {
		req, _ := http.NewRequest(http.MethodGet, b.world.Control+"/connect", nil)
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want || want != 200 && bytes.Contains(text, []byte("api_secret")) {
			t.Errorf("%s is answered %d, want %d", host, resp.StatusCode, want)
		}
	}
}

func TestTheControlPageTurnsTheWorldByPlainForms(t *testing.T) {
	b := open(t)
	m := b.merchant()
	p := b.invoice(m, "A", 6800)
	b.verify(http.StatusOK, "POST", "/verify", `{"reference":"r","kind":"person","name":"王小明","document_type":"id_card","document_number":"1"}`)
	b.post(http.StatusOK, "/rival/register", `{"name":"茶.网店"}`, nil)
	press := func(path string, fields url.Values, want string) {
		t.Helper()
		resp, err := http.PostForm(b.world.Control+path, fields)
		b.must(err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		b.must(err)
		if !strings.Contains(string(body), want) {
			t.Errorf("%s %v does not lead to %q", path, fields, want)
		}
	}
	press("/do/clock", url.Values{"days": {"30"}}, "+30 天")
	press("/do/registry", url.Values{"name": {"茶.网店"}, "verb": {"hold"}, "reason": {"court"}}, "serverHold")
	press("/do/registry", url.Values{"name": {"茶.网店"}, "verb": {"approve"}}, "未完成")
	press("/do/cashier", url.Values{"payment": {p.ID}, "verb": {"pay"}}, "<td>paid</td>")
	press("/do/verifier", url.Values{"ref": {"r"}, "answer": {"mismatch"}}, "<td>mismatch</td>")
	press("/do/verifier", url.Values{"answer": {"pending"}}, "已完成")
	press("/do/rival", url.Values{"name": {"tea-house.com"}, "verb": {"register"}}, "tea-house.com")
	press("/do/trouble", url.Values{"ending": {"com"}, "kind": {"cut"}, "rate": {"0.5"}, "verb": {"set"}}, "cut 0.5")
	press("/do/trouble", url.Values{"verb": {"heal"}}, "已完成")
	press("/do/settings", url.Values{"auto_approve": {"20s"}}, "已完成")
	if strings.Contains(b.page("/"), "<script") {
		t.Error("the page needs a script")
	}
}

func TestAnApplicationIsApprovedByItselfWhenToldSo(t *testing.T) {
	b := &box{T: t, conf: sandbox.Config{Dir: t.TempDir(), AutoApprove: 50 * time.Millisecond}}
	b.start()
	defer b.world.Close()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(b.to.EPP.CAPEM))
	c, err := epp.Dial(t.Context(), epp.Account{Addr: b.to.EPP.Address, TLS: &tls.Config{RootCAs: roots, ServerName: b.to.EPP.ServerName},
		ClID: b.to.EPP.Registrar, Password: b.to.EPP.Password})
	b.must(err)
	defer c.Close()
	_, err = c.Login(t.Context())
	b.must(err)
	_, err = c.Do(t.Context(), epp.Command{Object: &epp.ContactCreate{ID: "WANG-1", Email: "wang@example.cn", Postal: []epp.PostalInfo{
		{Type: "loc", Name: "王小明", Addr: epp.Address{City: "北京", CC: "CN"}}}}})
	b.must(err)
	create := &epp.DomainCreate{Name: "xn--1lq90i.xn--otu796d", Registrant: "WANG-1"}
	for _, role := range []string{"admin", "tech", "billing"} {
		create.Contacts = append(create.Contacts, epp.DomainContact{Type: role, ID: "WANG-1"})
	}
	resp, err := c.Do(t.Context(), epp.Command{Object: create})
	b.must(err)
	if resp.Code() != epp.DonePending {
		t.Fatalf("the create answered %d", resp.Code())
	}
	b.eventually("the approval", func() bool {
		resp, err = c.Do(t.Context(), epp.Command{Poll: &epp.PollRequest{Op: "req"}})
		b.must(err)
		return resp.Code() == epp.AckToDequeue
	})
	if pan := epp.Get[epp.DomainPanData](resp.Data); pan == nil || !pan.Name.OK {
		t.Errorf("the message is %+v", resp)
	}
	var d struct {
		State  string    `json:"state"`
		ExDate time.Time `json:"exDate"`
	}
	b.get("/state/domains/北京.招聘", &d)
	if d.State != "registered" || d.ExDate.IsZero() {
		t.Errorf("control sees %+v", d)
	}
}
