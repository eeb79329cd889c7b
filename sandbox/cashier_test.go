package sandbox_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

type payment struct {
	ID       string `json:"payment_id"`
	OrderNo  string `json:"order_no"`
	Status   string `json:"status"`
	Amount   int64  `json:"amount"`
	Refunded int64  `json:"refunded"`
	PayURL   string `json:"pay_url"`
	Refunds  []refund
	Notices  []struct {
		ID         string `json:"notice_id"`
		Attempts   int    `json:"attempts"`
		LastAnswer string `json:"last_answer"`
	}
}

type refund struct {
	ID       string `json:"refund_id"`
	RefundNo string `json:"refund_no"`
	Amount   int64  `json:"amount"`
	Status   string `json:"status"`
}

type notice struct {
	NoticeID   string    `json:"notice_id"`
	Kind       string    `json:"kind"`
	PaymentID  string    `json:"payment_id"`
	MerchantID string    `json:"merchant_id"`
	OrderNo    string    `json:"order_no"`
	RefundNo   string    `json:"refund_no"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	Status     string    `json:"status"`
	Time       time.Time `json:"time"`
}

// merchant takes callbacks as doc.go says a portal should.
type merchant struct {
	*httptest.Server
	mu      sync.Mutex
	box     *box
	fails   int // answers 500 so many times
	good    []notice
	refused []string
}

func (b *box) merchant() *merchant {
	m := &merchant{box: b}
	m.Server = httptest.NewServer(m)
	b.Cleanup(m.Close)
	return m
}

func (m *merchant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if m.fails > 0 {
		m.fails--
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	if why := m.judge(r.Header, body); why != "" {
		m.refused = append(m.refused, why)
		http.Error(w, why, http.StatusUnauthorized)
		return
	}
	var n notice
	if err := json.Unmarshal(body, &n); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.good = append(m.good, n)
}

func (m *merchant) judge(h http.Header, body []byte) string {
	id := h.Get("Bank-Key-Id")
	for _, k := range m.box.to.Cashier.Keys {
		if k.ID != id {
			continue
		}
		pub, _ := base64.StdEncoding.DecodeString(k.PublicKey)
		sig, _ := base64.StdEncoding.DecodeString(h.Get("Bank-Signature"))
		stamp := h.Get("Bank-Timestamp")
		if !ed25519.Verify(pub, []byte(stamp+"\n"+id+"\n"+string(body)), sig) {
			return "signature"
		}
		if at, _ := strconv.ParseInt(stamp, 10, 64); m.box.world.Clock.Now().Sub(time.Unix(at, 0)) > 15*time.Minute {
			return "old"
		}
		return ""
	}
	return "key"
}

func (m *merchant) notices() []notice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.good)
}

func (b *box) invoice(m *merchant, orderNo string, amount int64) payment {
	b.Helper()
	var p payment
	b.bank(http.StatusCreated, "POST", "/payments", fmt.Sprintf(
		`{"order_no":%q,"amount":%d,"currency":"CNY","subject":"北京.招聘 1 年","notify_url":"%s/notify","return_url":"http://127.0.0.1:1/orders/%s?x=1"}`,
		orderNo, amount, m.URL, orderNo), &p)
	return p
}

func TestABuyerPaysOnThePlainPageAndTheMerchantIsTold(t *testing.T) {
	b := open(t)
	m := b.merchant()
	m.fails = 2 // the bank comes again
	b.post(http.StatusOK, "/settings", `{"callback_first":"10ms"}`, nil)
	p := b.invoice(m, "Y7K2-9QDM", 6800)

	resp, err := http.Get(p.PayURL)
	b.must(err)
	page, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	for _, want := range []string{"CNY 68.00", "支付 Pay", "拒绝 Refuse", "Y7K2-9QDM", "北京.招聘 1 年"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(string(page), "<script") {
		t.Error("the page needs a script")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err = client.PostForm(p.PayURL, url.Values{"answer": {"pay"}})
	b.must(err)
	resp.Body.Close()
	want := "http://127.0.0.1:1/orders/Y7K2-9QDM?order_no=Y7K2-9QDM&payment_id=" + p.ID + "&x=1"
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != want {
		t.Errorf("the page leads by %d to %s, want %s", resp.StatusCode, resp.Header.Get("Location"), want)
	}
	b.eventually("the callback", func() bool { return len(m.notices()) == 1 })
	n := m.notices()[0]
	if n.Kind != "payment" || n.Status != "paid" || n.PaymentID != p.ID || n.OrderNo != "Y7K2-9QDM" || n.Amount != 6800 || n.Currency != "CNY" || n.MerchantID != "m-1001" {
		t.Errorf("the callback is %+v", n)
	}
	var found payment
	b.bank(http.StatusOK, "GET", "/payments?order_no=Y7K2-9QDM", "", &found)
	if found.ID != p.ID || found.Status != "paid" {
		t.Errorf("asked, the bank says %+v", found)
	}
	b.eventually("three attempts", func() bool {
		var all []payment
		b.get("/state/payments", &all)
		return all[0].Notices[0].Attempts == 3
	})
}

func TestTheBankRefusesWhatIsNotSignedByTheMerchant(t *testing.T) {
	b := open(t)
	now := time.Now()
	for name, spoil := range map[string]func(*http.Request){
		"no signature":       func(r *http.Request) { r.Header.Del("Bank-Signature") },
		"another merchant":   func(r *http.Request) { r.Header.Set("Bank-Merchant", "m-2") },
		"another path":       func(r *http.Request) { r.URL.RawQuery = "order_no=2" },
		"another time":       func(r *http.Request) { r.Header.Set("Bank-Timestamp", strconv.FormatInt(now.Unix()+1, 10)) },
		"an old one":         func(r *http.Request) { b.sign(r, "", now.Add(-16*time.Minute)) },
		"one of the future":  func(r *http.Request) { b.sign(r, "", now.Add(16*time.Minute)) },
		"a broken signature": func(r *http.Request) { r.Header.Set("Bank-Signature", "00") },
	} {
		req, err := http.NewRequest("GET", b.to.Cashier.BaseURL+"/payments?order_no=1", nil)
		b.must(err)
		b.sign(req, "", now)
		spoil(req)
		t.Log(name)
		b.send(http.StatusUnauthorized, req, nil)
	}
}

func TestAnOrderNumberIsOnePayment(t *testing.T) {
	b := open(t)
	m := b.merchant()
	p := b.invoice(m, "A", 100)
	var again payment
	ask := `{"order_no":"A","amount":%d,"currency":"CNY","notify_url":"` + m.URL + `"}`
	b.bank(http.StatusOK, "POST", "/payments", fmt.Sprintf(ask, 100), &again)
	if again.ID != p.ID {
		t.Errorf("a second payment %s for one order", again.ID)
	}
	b.bank(http.StatusConflict, "POST", "/payments", fmt.Sprintf(ask, 101), nil)
	b.bank(http.StatusBadRequest, "POST", "/payments", `{"order_no":"B","amount":1,"currency":"CNY","notify_url":"x"}`, nil)
	b.bank(http.StatusOK, "POST", "/payments/A/close", "", &again)
	if again.Status != "closed" {
		t.Errorf("closed, it is %s", again.Status)
	}
	// Late money.
	b.post(http.StatusOK, "/cashier/A/pay", "", &again)
	b.eventually("the late notice", func() bool { return len(m.notices()) == 1 })
	b.bank(http.StatusConflict, "POST", "/payments/A/close", "", nil)
}

func TestARefundNumberIsOneRefund(t *testing.T) {
	b := open(t)
	m := b.merchant()
	p := b.invoice(m, "A", 1000)
	path := "/payments/" + p.ID + "/refunds"
	b.bank(http.StatusUnprocessableEntity, "POST", path, `{"refund_no":"R-1","amount":600}`, nil)
	b.post(http.StatusOK, "/cashier/A/pay", "", nil)
	var first, again refund
	b.bank(http.StatusCreated, "POST", path, `{"refund_no":"R-1","amount":600,"reason":"taken"}`, &first)
	b.bank(http.StatusOK, "POST", path, `{"refund_no":"R-1","amount":600}`, &again)
	if first.ID != again.ID || first.Status != "done" {
		t.Errorf("first %+v, then %+v", first, again)
	}
	b.bank(http.StatusConflict, "POST", path, `{"refund_no":"R-1","amount":500}`, nil)
	b.bank(http.StatusUnprocessableEntity, "POST", path, `{"refund_no":"R-2","amount":401}`, nil)
	b.post(http.StatusOK, "/settings", `{"refunds":"pending"}`, nil)
	b.bank(http.StatusCreated, "POST", path, `{"refund_no":"R-2","amount":400}`, &again)
	if again.Status != "pending" {
		t.Errorf("the second is %s", again.Status)
	}
	b.post(http.StatusOK, "/cashier/refunds/R-2/refuse", "", &again)
	b.bank(http.StatusOK, "GET", "/refunds/R-2", "", &again)
	if again.Status != "refused" {
		t.Errorf("refused, it is %s", again.Status)
	}
	b.post(http.StatusOK, "/cashier/A/refund", `{}`, &p)
	if p.Refunded != 1000 {
		t.Errorf("after the chargeback %d are back, want 1000", p.Refunded)
	}
	b.eventually("four notices", func() bool { return len(m.notices()) == 4 })
	var kinds []string
	for _, n := range m.notices() {
		kinds = append(kinds, n.Kind+" "+n.Status)
	}
	slices.Sort(kinds)
	if got := strings.Join(kinds, ", "); got != "chargeback done, payment paid, refund done, refund refused" {
		t.Errorf("the merchant is told %s", got)
	}
}

func TestTheBankRepeatsItselfAndIsForged(t *testing.T) {
	b := open(t)
	m := b.merchant()
	p := b.invoice(m, "A", 1000)
	b.post(http.StatusConflict, "/cashier/A/repeat", `{"times":3}`, nil)
	b.post(http.StatusOK, "/cashier/"+p.ID+"/pay", "", nil)
	b.eventually("the callback", func() bool { return len(m.notices()) == 1 })
	b.post(http.StatusOK, "/cashier/A/repeat", `{"times":3}`, nil)
	got := m.notices()
	if len(got) != 4 || got[3].NoticeID != got[0].NoticeID {
		t.Errorf("repeated three times, the merchant has %d notices", len(got))
	}
	for what, status := range map[string]int{"signature": 401, "key": 401, "old": 401, "amount": 200, "currency": 200, "merchant": 200, "order": 200} {
		var said struct {
			HTTPStatus int    `json:"http_status"`
			Body       string `json:"body"`
		}
		b.post(http.StatusOK, "/cashier/A/forge", fmt.Sprintf(`{"what":%q}`, what), &said)
		if said.HTTPStatus != status || status == 401 && said.Body != what {
			t.Errorf("forged by %s, the merchant answers %d %s", what, said.HTTPStatus, said.Body)
		}
	}
	b.post(http.StatusBadRequest, "/cashier/A/forge", `{"what":"else"}`, nil)
	for _, n := range m.notices()[4:] {
		if n.Amount == 1000 && n.Currency == "CNY" && n.MerchantID == "m-1001" && n.OrderNo == "A" {
			t.Error("a forged notice tells the truth")
		}
	}
}

func TestAPaymentExpiresByTheClockAndANoticeOutlivesARestart(t *testing.T) {
	b := open(t)
	m := b.merchant()
	m.fails = 1 << 20
	b.invoice(m, "A", 1000)
	b.post(http.StatusOK, "/clock", `{"advance":"3h"}`, nil)
	var all []payment
	b.get("/state/payments?order_no=A", &all)
	if all[0].Status != "expired" {
		t.Fatalf("after three hours it is %s", all[0].Status)
	}
	b.eventually("a first attempt", func() bool {
		b.get("/state/payments?order_no=A", &all)
		return all[0].Notices[0].Attempts > 0
	})
	before := b.to
	b.restart()
	if b.to.Cashier.APISecret != before.Cashier.APISecret || b.to.Cashier.Keys[0] != before.Cashier.Keys[0] {
		t.Error("after a restart the bank has other secrets")
	}
	m.mu.Lock()
	m.fails = 0
	m.mu.Unlock()
	b.eventually("the notice", func() bool { return len(m.notices()) == 1 })
	if n := m.notices()[0]; n.Status != "expired" {
		t.Errorf("the notice is %+v", n)
	}
}

func TestTwentyRefundsOfOneNumberAreOne(t *testing.T) {
	b := open(t)
	m := b.merchant()
	p := b.invoice(m, "A", 1000)
	b.post(http.StatusOK, "/cashier/A/pay", "", nil)
	var wg sync.WaitGroup
	made := make(chan int, 20)
	for range 20 {
		wg.Go(func() {
			const body = `{"refund_no":"R-1","amount":600}`
			req, err := http.NewRequest("POST", b.to.Cashier.BaseURL+"/payments/"+p.ID+"/refunds", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			b.sign(req, body, time.Now())
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			made <- resp.StatusCode
		})
	}
	wg.Wait()
	close(made)
	first := 0
	for status := range made {
		switch status {
		case http.StatusCreated:
			first++
		case http.StatusOK:
		default:
			t.Errorf("one answered %d", status)
		}
	}
	b.bank(http.StatusOK, "GET", "/payments/"+p.ID, "", &p)
	if first != 1 || p.Refunded != 600 {
		t.Errorf("%d were the first, %d are back", first, p.Refunded)
	}
}
