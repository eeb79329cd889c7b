package db

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

// idEpoch is subtracted from Unix milliseconds so that ids stay in 63 bits
// until the year 2159: 42 bits of time, 21 bits of order.
const idEpoch = 1577836800000 // 2020-01-01T00:00:00Z

type idMaker struct {
	mu   sync.Mutex
	last int64
}

func newIDMaker() *idMaker { return &idMaker{} }

// next is the greater of "now with random low bits" and "one more than the
// last", so that ids rise within a process and hardly ever meet across two.
func (m *idMaker) next(now time.Time) int64 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24
	id := (now.UnixMilli()-idEpoch)<<21 | int64(binary.BigEndian.Uint32(b[:])&0x0FFFFF)
	m.mu.Lock()
	defer m.mu.Unlock()
	if id <= m.last {
		id = m.last + 1
	}
	m.last = id
	return id
}

// refAlphabet leaves out 0 O 1 I L U, which people misread or mistype.
const refAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewRef makes a short reference people can read aloud, such as Y7K2-9QDM:
// 30^8 possibilities, so a unique column decides the rare collision.
func NewRef() string { return randomText(8, 4) }

// NewCode makes a secret people copy by hand: 16 characters in groups of
// four, about 78 bits.
func NewCode() string { return randomText(16, 4) }

func randomText(n, group int) string {
	var sb strings.Builder
	for i := 0; i < n; {
		var b [1]byte
		_, _ = rand.Read(b[:])
		if int(b[0]) >= 240 { // 240 = 8*30: drop the tail so that each letter is equally likely
			continue
		}
		if i > 0 && i%group == 0 {
			sb.WriteByte('-')
		}
		sb.WriteByte(refAlphabet[int(b[0])%30])
		i++
	}
	return sb.String()
}

// FoldRef undoes how people type a reference: case, spaces, missing hyphens.
func FoldRef(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '　' {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(s)))
	var sb strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			sb.WriteByte('-')
		}
		sb.WriteRune(r)
	}
	return sb.String()
}
