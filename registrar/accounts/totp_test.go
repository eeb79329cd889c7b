package accounts

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"
)

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// The secret and the last six of the eight digits of RFC 6238 appendix B.
var rfcSecret = []byte("12345678901234567890")

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	for _, row := range []struct {
		at   int64
		want string
	}{
		{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
	} {
		if got := totpCode(rfcSecret, row.at/30); got != row.want {
			t.Errorf("at %d: got %s, want %s", row.at, got, row.want)
		}
	}
}

func TestACodeFitsAStepEitherSideAndOnlyOnce(t *testing.T) {
	now := time.Unix(1234567890, 0)
	step := now.Unix() / 30
	for _, row := range []struct {
		why  string
		code string
		last int64
		want int64
	}{
		{"this step", totpCode(rfcSecret, step), 0, step},
		{"one step slow", totpCode(rfcSecret, step-1), 0, step - 1},
		{"one step fast", totpCode(rfcSecret, step+1), 0, step + 1},
		{"two steps slow", totpCode(rfcSecret, step-2), 0, 0},
		{"two steps fast", totpCode(rfcSecret, step+2), 0, 0},
		{"used already", totpCode(rfcSecret, step), step, 0},
		{"older than the last used", totpCode(rfcSecret, step-1), step, 0},
		{"newer than the last used", totpCode(rfcSecret, step+1), step, step + 1},
		{"with a space", totpCode(rfcSecret, step)[:3] + " " + totpCode(rfcSecret, step)[3:], 0, step},
		{"five figures", totpCode(rfcSecret, step)[:5], 0, 0},
		{"nothing", "", 0, 0},
	} {
		got, ok := totpFits(rfcSecret, row.code, now, row.last)
		if got != row.want || ok != (row.want != 0) {
			t.Errorf("%s: got %d, %v, want %d", row.why, got, ok, row.want)
		}
	}
	full := strings.Map(func(r rune) rune { return r - '0' + '０' }, totpCode(rfcSecret, step))
	if _, ok := totpFits(rfcSecret, full, now, 0); !ok {
		t.Error("full-width figures do not fit")
	}
}

func TestAnAuthenticatorReadsTheSecretOutOfTheAddress(t *testing.T) {
	u, err := url.Parse(totpURL(rfcSecret, "Yumen 域门", "lin+a@example.cn"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Yumen 域门:lin+a@example.cn" {
		t.Errorf("address is %s", u)
	}
	q := u.Query()
	if q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || q.Get("issuer") != "Yumen 域门" || q.Get("digits") != "6" || q.Get("period") != "30" {
		t.Errorf("query is %v", q)
	}
	if strings.Contains(u.RawQuery, "+") {
		t.Errorf("authenticators would show a plus: %s", u.RawQuery)
	}
	if got := totpText(rfcSecret); got != "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ" {
		t.Errorf("text is %s", got)
	}
}

func TestMailAddresses(t *testing.T) {
	for _, row := range []struct {
		typed, shown, key string
		ok                bool
	}{
		{" Lin.Xia@Example.CN ", "Lin.Xia@Example.CN", "lin.xia@example.cn", true},
		{"lin@例子.中国", "lin@例子.中国", "lin@xn--fsqu00a.xn--fiqs8s", true},
		{"lin＠example.cn", "lin@example.cn", "lin@example.cn", true},
		{"lin+shop@example.cn", "lin+shop@example.cn", "lin+shop@example.cn", true},
		{"lin@localhost", "", "", false},
		{"lin", "", "", false},
		{"@example.cn", "", "", false},
		{"lin@example.cn\r\nBcc: mei@example.cn", "", "", false},
		{"Lin <lin@example.cn>", "", "", false},
		{"lin@example.cn,mei@example.cn", "", "", false},
		{strings.Repeat("a", 65) + "@example.cn", "", "", false},
		{"lin@exa mple.cn", "", "", false},
		{"lin@-bad-.cn", "", "", false},
		{"", "", "", false},
	} {
		shown, key, ok := readMail(row.typed)
		if ok != row.ok || ok && (shown != row.shown || key != row.key) {
			t.Errorf("%q: got %q, %q, %v", row.typed, shown, key, ok)
		}
	}
}

func TestAMaskedAddressCannotBeWrittenTo(t *testing.T) {
	for typed, want := range map[string]string{"registrant@example.cn": "r***t@example.cn", "ab@x.cn": "a***@x.cn", "a@x.cn": "a***@x.cn", "": "***", "@x": "***"} {
		if got := MaskMail(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestADeviceIsSaidInWords(t *testing.T) {
	for ua, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0":        "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50 Safari/604.1": "WeChat · iPhone",
		"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0":                                                       "Firefox · Linux",
		"": "",
	} {
		if got := Device(ua); got != want {
			t.Errorf("%q: got %q, want %q", ua, got, want)
		}
	}
}

func TestHostsAreFolded(t *testing.T) {
	for typed, want := range map[string]string{
		"Localhost:8080": "localhost", "127.0.0.1:8080": "127.0.0.1", "[::1]:8080": "::1", "Shop.Example.CN.": "shop.example.cn",
		"商店.example.cn": "xn--czrs0t.example.cn", "a b": "", "": "", "x/y": "", "localhost:http": "", "localhost:80@evil.example": "", "localhost:123456": "",
	} {
		if got := FoldHost(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
