package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yumen/registrar/accounts"
)

func TestOnlyAddressesOfThisSiteAreFollowed(t *testing.T) {
	for _, row := range []struct{ given, want string }{
		{"/names", "/names"},
		{"/names/例子.中国", "/names/例子.中国"},
		{"/search?q=a&page=2", "/search?q=a&page=2"},
		{"", "/"},
		{"names", "/"},
		{"//evil.example/", "/"},
		{`/\evil.example/`, "/"},
		{"https://evil.example/", "/"},
		{"javascript:alert(1)", "/"},
		{"/a\r\nSet-Cookie: x=y", "/"},
		{"/a b", "/"},
		{"/%zz", "/"},
		{"/" + strings.Repeat("a", 3000), "/"},
		{"/ok#part", "/ok#part"},
		{"/\xff", "/"},
	} {
		if got := Local(row.given); got != row.want {
			t.Errorf("%q: got %q, want %q", row.given, got, row.want)
		}
	}
}

func TestABrowsersLanguages(t *testing.T) {
	for header, want := range map[string]string{
		"zh-CN,zh;q=0.9":          "zh",
		"en-US,en;q=0.9":          "en",
		"zh-TW":                   "zh",
		"zh-Hant-HK,en;q=0.5":     "zh",
		"de,en;q=0.7,zh;q=0.6":    "en",
		"de,zh;q=0.7,en;q=0.6":    "zh",
		"en;q=0.1,zh;q=0.9":       "zh",
		"en;q=0,zh;q=0.1":         "zh",
		"de":                      "",
		"":                        "",
		"*":                       "",
		"\x00":                    "",
		strings.Repeat("x,", 900): "",
	} {
		if got := prefers(header); got != want {
			t.Errorf("%.40q: got %q, want %q", header, got, want)
		}
	}
}

func TestLongNumbersStayOutOfTheLog(t *testing.T) {
	for path, want := range map[string]string{
		"/profiles/11010519491231002X": "/profiles/•",
		"/names/13800138000.cn":        "/names/•.cn",
		"/orders/Y7K2-9QDM":            "/orders/Y7K2-9QDM",
		"/names/12345.cn":              "/names/12345.cn",
		"/search/lists/abcdefghijklmnopqrstuvwxyz234567/stream": "/search/lists/•/stream",
	} {
		if got := maskPath(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestASessionSurvivesItsCodec(t *testing.T) {
	at := time.Date(2026, 3, 2, 2, 0, 0, int(5*time.Millisecond), time.UTC)
	b, err := codec{}.Encode(at, map[string]any{keyToken: "t", keyVisitor: "v", "unknown": 5, keyHalf: 7})
	if err != nil {
		t.Fatal(err)
	}
	deadline, values, err := codec{}.Decode(b)
	if err != nil || !deadline.Equal(at) || len(values) != 2 || values[keyToken] != "t" || values[keyVisitor] != "v" {
		t.Errorf("%v, %v, %v", deadline, values, err)
	}
	if _, _, err := (codec{}).Decode([]byte("no json")); err == nil {
		t.Error("rubbish was read")
	}
	if _, values, err := (codec{}).Decode([]byte(`{"deadline":1,"gone":"x"}`)); err != nil || len(values) != 0 {
		t.Errorf("a field of yesterday: %v, %v", values, err)
	}
}

func key(house int64, c Class, ip string) bucketKey {
	return bucketKey{house: house, class: c, net: accounts.Network(ip)}
}

func TestABucketEmptiesAndFillsEvenly(t *testing.T) {
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	b := newBuckets(Config{Now: func() time.Time { return now }, Rates: map[Class]Rate{Enter: {3, time.Minute}}})
	lin := key(1, Enter, "192.0.2.1")
	for range 3 {
		if wait := b.take(lin); wait != 0 {
			t.Fatalf("refused after %s", wait)
		}
	}
	if wait := b.take(lin); wait != 20*time.Second {
		t.Errorf("waits %s", wait)
	}
	for _, other := range []bucketKey{key(1, Enter, "192.0.2.2"), key(2, Enter, "192.0.2.1"), key(1, Search, "192.0.2.1"), {house: 1, class: Enter, account: 7}} {
		if wait := b.take(other); wait != 0 {
			t.Errorf("%+v waits %s for another's tries", other, wait)
		}
	}
	now = now.Add(20 * time.Second)
	if b.take(lin) != 0 || b.take(lin) == 0 {
		t.Error("one came back in twenty seconds, no more and no less")
	}
	now = now.Add(time.Hour)
	for range 3 {
		if b.take(lin) != 0 {
			t.Error("an hour did not fill it")
		}
	}
	if b.take(lin) == 0 {
		t.Error("an hour overfilled it")
	}
}

func TestAFloodOfAddressesDoesNotFillTheMemory(t *testing.T) {
	now := time.Now()
	b := newBuckets(Config{Now: func() time.Time { return now }})
	for i := range maxBuckets + 5 {
		b.take(bucketKey{house: int64(i), class: Enter})
	}
	if len(b.by) > maxBuckets {
		t.Errorf("%d buckets", len(b.by))
	}
}

func TestWhatIsTypedIsTidied(t *testing.T) {
	body := "name=+%E6%9E%97%00%0D%0A%E5%A4%8F+&text=a%0D%0Ab%07&n=12&n=x&n=7&tick=1&off=0&bad=%FF&password=+p%0A"
	r := httptest.NewRequest(http.MethodPost, "/x?name=query", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := Read(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Text("name"); got != "林夏" {
		t.Errorf("name %q", got)
	}
	if got := f.Area("text"); got != "a\nb" {
		t.Errorf("text %q", got)
	}
	if n, ok := f.Number("n"); n != 12 || !ok {
		t.Errorf("n %d", n)
	}
	if list := f.Numbers("n"); len(list) != 2 || list[1] != 7 {
		t.Errorf("numbers %v", list)
	}
	if !f.Ticked("tick") || f.Ticked("off") || f.Ticked("none") {
		t.Error("ticks are misread")
	}
	if f.Get("bad") != "\uFFFD" || f.Text("bad") != "" {
		t.Errorf("broken text %q", f.Get("bad"))
	}
	if f.Secret("password") != " p\n" {
		t.Errorf("a password was changed to %q", f.Secret("password"))
	}
}

func TestBrokenFormsAreToldAndNotFaults(t *testing.T) {
	for _, row := range []struct{ kind, body string }{
		{"application/x-www-form-urlencoded", "a=%zz"},
		{"application/x-www-form-urlencoded", "a=1;b=2"},
		{"multipart/form-data", "x"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhalf"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(row.body))
		r.Header.Set("Content-Type", row.kind)
		_, err := Read(r)
		if err == nil || !strings.Contains(err.Error(), "web.form_broken") {
			t.Errorf("%s %q: %v", row.kind, row.body, err)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(strings.Repeat("a=1&", 10)+strings.Repeat("b", 101)+"="+strings.Repeat("x", maxValue+1)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := Read(r); err == nil || !strings.Contains(err.Error(), "web.form_too_large") {
		t.Errorf("a huge field: %v", err)
	}
}
