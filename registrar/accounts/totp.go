package accounts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- RFC 6238: what authenticator programs compute; HMAC-SHA-1 is not broken by collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Time-based one-time passwords, RFC 6238 over RFC 4226: six digits, steps of
// 30 seconds, SHA-1, since no other choice works in every authenticator.
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	// totpDrift is how many steps a device's clock may be off (RFC 6238
	// section 5.2 advises one).
	totpDrift   = 1
	totpBytes   = 20 // RFC 4226 section 4, R6
	totpModulus = 1_000_000
)

func newTOTPSecret() []byte {
	b := make([]byte, totpBytes)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}

// totpText is the secret as a person types it: base32 in groups of four.
func totpText(secret []byte) string {
	s := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), " ")
}

// totpURL is what an authenticator opens: otpauth://totp/Issuer:mail?...
func totpURL(secret []byte, issuer, mail string) string {
	q := url.Values{
		"secret": {strings.ReplaceAll(totpText(secret), " ", "")},
		"issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {fmt.Sprint(totpDigits)}, "period": {"30"},
	}
	// Authenticators read %20, not +.
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(mail) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// totpCode is the code of one step (RFC 4226 section 5.3).
func totpCode(secret []byte, step int64) string {
	var msg [8]byte
	binary.BigEndian.PutUint64(msg[:], uint64(step)) // #nosec G115 -- half minutes since 1970
	mac := hmac.New(sha1.New, secret)
	mac.Write(msg[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%0*d", totpDigits, (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%totpModulus)
}

// totpFits finds the step a code belongs to. A step at or before last has been
// used already and does not fit again (RFC 6238 section 5.2).
func totpFits(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	code = digits(code)
	if len(code) != totpDigits {
		return 0, false
	}
	at := now.Unix() / int64(totpStep/time.Second)
	for s := at - totpDrift; s <= at+totpDrift; s++ {
		if s > last && subtle.ConstantTimeCompare([]byte(totpCode(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// digits keeps the figures of what was typed, full-width ones too.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, s)
}
