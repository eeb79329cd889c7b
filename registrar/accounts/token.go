package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// newToken is a secret that a browser carries: 256 random bits.
func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashToken is what is stored of it. A plain hash is enough, since nobody can
// try 2^256 tokens; a stolen database opens no session.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// newMailCode is six figures, each value equally likely.
func newMailCode() string {
	for {
		var b [4]byte
		_, _ = rand.Read(b[:])
		n := binary.BigEndian.Uint32(b[:])
		if n < 4_294_000_000 { // the largest multiple of a million below 2^32
			return fmt.Sprintf("%06d", n%1_000_000)
		}
	}
}

// NewVisitor makes the opaque token by which a visitor's cart is found again
// before anybody signed in.
func NewVisitor() string { return newToken() }
