package accounts

import (
	"encoding/base64"
	"testing"
)

func TestTokensAreOf256BitsThatNobodyGuesses(t *testing.T) {
	const draws = 400
	var ones [256]int
	seen := map[string]bool{}
	for range draws {
		token := newToken()
		b, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(b) != 32 || seen[token] {
			t.Fatalf("%q: %d octets, seen %v, %v", token, len(b), seen[token], err)
		}
		seen[token] = true
		for i := range ones {
			ones[i] += int(b[i/8]>>(i%8)) & 1
		}
	}
	for i, n := range ones { // ten deviations off the middle: less than once in 10^20 runs
		if n < draws/2-100 || n > draws/2+100 {
			t.Errorf("bit %d is set in %d of %d tokens", i, n, draws)
		}
	}
}

func TestAMailedCodeIsAnyOfAMillion(t *testing.T) {
	const draws = 4000
	var figures [6][10]int
	seen := map[string]bool{}
	for range draws {
		code := newMailCode()
		if len(code) != 6 {
			t.Fatalf("%q", code)
		}
		seen[code] = true
		for i, r := range code {
			figures[i][r-'0']++
		}
	}
	// Eight repeats are expected; sixty would be a smaller choice than a million.
	if len(seen) < draws-60 {
		t.Errorf("%d of %d codes differ", len(seen), draws)
	}
	for i, row := range figures {
		for f, n := range row {
			if n < draws/10-190 || n > draws/10+190 { // ten deviations
				t.Errorf("figure %d at place %d: %d times in %d", f, i, n, draws)
			}
		}
	}
}
