package accountstest

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/binary"
	"fmt"
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
