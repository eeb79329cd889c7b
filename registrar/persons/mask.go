package persons

import (
	"strings"
	"unicode"
)

// Mask hides the middle of a document's number and keeps its length:
// 1101**********0005. Of short numbers less is kept, so that at least half is
// always hidden.
func Mask(number string) string {
	all := []rune(number)
	keep := min(4, len(all)/4)
	for i := keep; i < len(all)-keep; i++ {
		all[i] = '*'
	}
	return string(all)
}

// MaskName keeps the first character of a Chinese name (张*) and the first
// letter of each word of another.
func MaskName(name string) string {
	first := true
	han := hasHan(name)
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			first = !han
			return r
		}
		if first {
			first = false
			return r
		}
		return '*'
	}, strings.TrimSpace(name))
}

// MaskMobile hides the middle of a phone number: 138****0000 for one of the
// mainland, +852****4567 for others.
func MaskMobile(number string) string {
	p, r := ParsePhone(number)
	switch {
	case r.Verdict != OK:
		return Mask(number)
	case p.Mobile:
		return p.Number[:3] + "****" + p.Number[7:]
	case len(p.Number) >= 8:
		return "+" + p.Country + strings.Repeat("*", len(p.Number)-4) + p.Number[len(p.Number)-4:]
	}
	return "+" + p.Country + strings.Repeat("*", len(p.Number))
}

// MaskEmail keeps the first character of the mailbox and its domain:
// l***@example.cn. The number of stars tells nothing of the length.
func MaskEmail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return Mask(address)
	}
	first, _ := firstRune(address)
	return string(first) + "***" + address[at:]
}
