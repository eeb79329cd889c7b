package accounts

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"yumen/registrar/problem"
)

// readMail takes an address as typed apart. shown is what letters go to; key
// is what is unique within a house: lower case, the domain as A-labels.
func readMail(typed string) (shown, key string, ok bool) {
	shown = strings.TrimSpace(norm.NFKC.String(typed))
	if shown == "" || len(shown) > 254 || !utf8.ValidString(shown) || strings.ContainsAny(shown, " \t\r\n<>\"(),;:\\") {
		return "", "", false
	}
	a, err := mail.ParseAddress(shown)
	if err != nil || a.Address != shown {
		return "", "", false
	}
	at := strings.LastIndexByte(shown, '@')
	local, domain := shown[:at], shown[at+1:]
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(ascii, ".") || len(local) > 64 {
		return "", "", false
	}
	return shown, strings.ToLower(local) + "@" + ascii, true
}

func checkMail(f *problem.Form, field, typed string) (shown, key string) {
	shown, key, ok := readMail(typed)
	if !ok {
		f.Add(field, "accounts.mail_invalid")
	}
	return shown, key
}

// MaskMail hides most of an address for logs, the audit and pages that anyone
// may see: r***t@example.cn.
func MaskMail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "***"
	}
	local := []rune(address[:at])
	switch {
	case len(local) <= 2:
		return string(local[:1]) + "***" + address[at:]
	default:
		return string(local[:1]) + "***" + string(local[len(local)-1:]) + address[at:]
	}
}
