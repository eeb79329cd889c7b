package story

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- RFC 6238: what authenticator programs compute; HMAC-SHA-1 is not broken by collisions
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// totp reads a person's authenticator. A portal takes no code twice (RFC 6238
// section 5.2), so who asks again within the same half minute is shown the
// code of the next one: a portal allows for a clock that is off by one step.
func (r *runner) totp(secret string) error {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(secret, " ", "")))
	if err != nil {
		return fmt.Errorf("%q is not a secret in base32: %w", secret, err)
	}
	step := max(time.Now().Unix()/30, r.shown+1)
	r.shown, r.vars["totp"] = step, hotp(key, step)
	return nil
}

// hotp is the code of one step in six digits (RFC 4226 section 5.3).
func hotp(key []byte, step int64) string {
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes every write
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}
