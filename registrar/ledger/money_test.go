package ledger

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

var anyAmount = rapid.OneOf(rapid.Int64Range(-1_000_000, 1_000_000), rapid.Int64())

func TestAddingAndTakingAwayAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := CNY(anyAmount.Draw(t, "a")), CNY(anyAmount.Draw(t, "b"))
		exact := new(big.Int).Add(big.NewInt(a.Minor), big.NewInt(b.Minor))
		s, err := a.Add(b)
		if exact.IsInt64() != (err == nil) {
			t.Fatalf("%v + %v: exact %v, error %v", a, b, exact, err)
		}
		if err != nil {
			if !errors.Is(err, ErrOverflow) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		if s.Minor != exact.Int64() {
			t.Fatalf("%v + %v = %v", a, b, s)
		}
		if b.Minor == math.MinInt64 {
			return
		}
		back, err := s.Sub(b)
		if err != nil || back != a {
			t.Fatalf("%v - %v = %v, %v", s, b, back, err)
		}
	})
}

func TestARatioIsRoundedOnceHalfAwayFromZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := CNY(anyAmount.Draw(t, "m"))
		num, den := rapid.Int64().Draw(t, "num"), rapid.Int64().Filter(func(n int64) bool { return n != 0 }).Draw(t, "den")
		got, err := m.MulRat(num, den)
		exact := new(big.Rat).Mul(big.NewRat(m.Minor, 1), new(big.Rat).SetFrac(big.NewInt(num), big.NewInt(den)))
		if err != nil {
			limit := new(big.Rat).SetInt64(math.MaxInt64)
			if new(big.Rat).Abs(exact).Cmp(limit) < 0 {
				t.Fatalf("%v refused: %v", exact, err)
			}
			return
		}
		off := new(big.Rat).Sub(new(big.Rat).SetInt64(got.Minor), exact)
		half := big.NewRat(1, 2)
		if new(big.Rat).Abs(off).Cmp(half) > 0 {
			t.Fatalf("%v became %d", exact, got.Minor)
		}
		if new(big.Rat).Abs(off).Cmp(half) == 0 && off.Sign() != exact.Sign() {
			t.Fatalf("the half %v became %d, towards zero", exact, got.Minor)
		}
	})
}

func TestNetAndTaxAreExactlyTheAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := CNY(rapid.Int64Range(0, 1<<50).Draw(t, "m"))
		bp := rapid.Int64Range(0, 10000).Draw(t, "rate")
		net, tax, err := m.TaxIncluded(bp)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := net.Add(tax)
		if err != nil || sum != m || net.Minor < 0 || tax.Minor < 0 {
			t.Fatalf("%v at %d: %v + %v, %v", m, bp, net, tax, err)
		}
	})
	net, tax, err := CNY(3500).TaxIncluded(600)
	if err != nil || net != CNY(3302) || tax != CNY(198) {
		t.Errorf("¥35 at 6 %%: %v + %v, %v", net, tax, err)
	}
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Money{rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Draw(t, "m"), rapid.SampledFrom([]string{"CNY", "JPY", "USD"}).Draw(t, "currency")}
		got, err := Parse(m.Decimal(), m.Currency)
		if err != nil || got != m {
			t.Fatalf("%q read as %v, %v", m.Decimal(), got, err)
		}
	})
}

func TestAmountsPeopleType(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		want           int64
		ok             bool
	}{
		{"35", "CNY", 3500, true},
		{"35.5", "CNY", 3550, true},
		{"1,234.50", "CNY", 123450, true},
		{"-0.05", "CNY", -5, true},
		{"２００．５０", "CNY", 20050, true}, // as a Chinese keyboard writes it
		{"１，２３４。５", "CNY", 123450, true},
		{"二百", "CNY", 0, false},
		{"100", "JPY", 100, true},
		{"35.005", "CNY", 0, false}, // not rounded behind anyone's back
		{"1.5", "JPY", 0, false},
		{"1,234,567.8", "CNY", 123456780, true},
		{"100,00", "CNY", 0, false}, // somebody's hundred
		{"1,23", "CNY", 0, false},
		{"1,,234", "CNY", 0, false},
		{",234", "CNY", 0, false},
		{"1.234,50", "CNY", 0, false},
		{"35.", "CNY", 0, false},
		{".5", "CNY", 0, false},
		{"", "CNY", 0, false},
		{"+3", "CNY", 0, false},
		{"1e3", "CNY", 0, false},
		{"35", "XXX", 0, false},
		{"99999999999999999999", "CNY", 0, false},
	} {
		got, err := Parse(c.text, c.currency)
		if (err == nil) != c.ok || got.Minor != c.want {
			t.Errorf("%q %s: %v, %v", c.text, c.currency, got, err)
		}
	}
}

func TestTwoCurrenciesDoNotAdd(t *testing.T) {
	if _, err := CNY(1).Add(Money{1, "USD"}); !errors.Is(err, ErrCurrency) {
		t.Error(err)
	}
	if s, err := (Money{}).Add(CNY(5)); err != nil || s != CNY(5) {
		t.Error(s, err)
	}
}
