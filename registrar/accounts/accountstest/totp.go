package accountstest

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- RFC 6238: what authenticator programs compute; HMAC-SHA-1 is not broken by collisions
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TOTP is the code an authenticator shows in a 30-second step since 1970: its
// own few lines, so that a mistake in the portal's is not repeated here.
func TOTP(secret []byte, step int64) string {
	h := hmac.New(sha1.New, secret)
	if err := binary.Write(h, binary.BigEndian, step); err != nil {
		panic(err) // a hash takes everything
	}
	s := h.Sum(nil)
	o := s[19] & 15
	n := (int(s[o])&127)<<24 | int(s[o+1])<<16 | int(s[o+2])<<8 | int(s[o+3])
	return fmt.Sprintf("%06d", n%1000000)
}

var (
	groups = regexp.MustCompile(`\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}\b`)
	codes  = regexp.MustCompile(`\b[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}\b`)
	refs   = regexp.MustCompile(`\b[2-9A-Z]{4}-[2-9A-Z]{4}\b`)
)

// SecretIn reads the secret of an authenticator off a page.
func SecretIn(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(find(t, groups, text), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// CodeIn reads the first long code (recovery, complaint) off a page.
func CodeIn(t testing.TB, text string) string { t.Helper(); return find(t, codes, text) }

// RefIn reads a short reference off a page or an address.
func RefIn(t testing.TB, text string) string { t.Helper(); return find(t, refs, text) }

func find(t testing.TB, what *regexp.Regexp, text string) string {
	t.Helper()
	s := what.FindString(text)
	if s == "" {
		t.Fatalf("%s is not in %s", what, text)
	}
	return s
}
