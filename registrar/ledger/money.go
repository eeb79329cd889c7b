package ledger

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// Money is an amount in minor units of one currency: {3500, "CNY"} is ¥35.00.
// The zero value has no currency and adds to anything. There are no floats.
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// What can go wrong in arithmetic. None of these is a person's fault; they
// surface in the log.
var (
	ErrCurrency = errors.New("ledger: two currencies in one sum")
	ErrOverflow = errors.New("ledger: amount out of range")
	ErrAmount   = errors.New("ledger: not an amount of money")
)

// exponents are the decimal digits of a currency's minor unit (ISO 4217).
var exponents = map[string]int{"CNY": 2, "USD": 2, "HKD": 2, "EUR": 2, "GBP": 2, "SGD": 2, "JPY": 0, "KRW": 0, "TWD": 2}

// CNY is an amount in fen.
func CNY(fen int64) Money { return Money{fen, "CNY"} }

// Exponent is the number of decimal digits of a currency, and whether the
// currency is known here.
func Exponent(currency string) (int, bool) { e, ok := exponents[currency]; return e, ok }

// Add is m + o.
func (m Money) Add(o Money) (Money, error) {
	c, err := common(m, o)
	if err != nil {
		return Money{}, err
	}
	s := m.Minor + o.Minor
	if (s > m.Minor) != (o.Minor > 0) && o.Minor != 0 {
		return Money{}, fmt.Errorf("%w: %d + %d", ErrOverflow, m.Minor, o.Minor)
	}
	return Money{s, c}, nil
}

// Sub is m - o.
func (m Money) Sub(o Money) (Money, error) {
	if o.Minor == math.MinInt64 {
		return Money{}, fmt.Errorf("%w: minus %d", ErrOverflow, o.Minor)
	}
	return m.Add(Money{-o.Minor, o.Currency})
}

// Mul is m times a count.
func (m Money) Mul(n int64) (Money, error) { return m.MulRat(n, 1) }

// MulRat is m * num / den, rounded once, half away from zero (四舍五入).
func (m Money) MulRat(num, den int64) (Money, error) {
	if den == 0 {
		return Money{}, fmt.Errorf("%w: divided by zero", ErrAmount)
	}
	p := new(big.Int).Mul(big.NewInt(m.Minor), big.NewInt(num))
	d := big.NewInt(den)
	if d.Sign() < 0 {
		p.Neg(p)
		d.Neg(d)
	}
	negative := p.Sign() < 0
	p.Abs(p)
	p.Lsh(p, 1).Add(p, d).Quo(p, d.Lsh(d, 1)) // (2p + d) / 2d
	if negative {
		p.Neg(p)
	}
	if !p.IsInt64() {
		return Money{}, fmt.Errorf("%w: %d * %d / %d", ErrOverflow, m.Minor, num, den)
	}
	return Money{p.Int64(), m.Currency}, nil
}

// TaxIncluded splits an amount that already contains tax at a rate in basis
// points (600 is 6 %): net + tax is exactly m.
func (m Money) TaxIncluded(rateBP int64) (net, tax Money, err error) {
	if rateBP < 0 {
		return Money{}, Money{}, fmt.Errorf("%w: tax rate %d", ErrAmount, rateBP)
	}
	if tax, err = m.MulRat(rateBP, 10000+rateBP); err != nil {
		return Money{}, Money{}, err
	}
	net, err = m.Sub(tax)
	return net, tax, err
}

// Neg is the amount the other way.
func (m Money) Neg() (Money, error) { return Money{0, m.Currency}.Sub(m) }

// IsZero reports whether the amount is nothing, in whatever currency.
func (m Money) IsZero() bool { return m.Minor == 0 }

// Positive reports whether there is something of it.
func (m Money) Positive() bool { return m.Minor > 0 }

// Equal reports the same amount in the same currency.
func (m Money) Equal(o Money) bool { return m == o }

// Decimal writes the amount with its currency's digits: "35.00", "-0.05".
func (m Money) Decimal() string {
	e, ok := exponents[m.Currency]
	if !ok {
		e = 2
	}
	if e == 0 {
		return strconv.FormatInt(m.Minor, 10)
	}
	digits := new(big.Int).Abs(big.NewInt(m.Minor)).String()
	for len(digits) <= e {
		digits = "0" + digits
	}
	sign := ""
	if m.Minor < 0 {
		sign = "-"
	}
	return sign + digits[:len(digits)-e] + "." + digits[len(digits)-e:]
}

// String is for logs: "CNY 35.00".
func (m Money) String() string { return m.Currency + " " + m.Decimal() }

// grouped is a whole part with commas where thousands end. A comma anywhere
// else may be somebody's decimal point: "100,00" is refused, not read as 10,000.
var grouped = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+$`)

// Parse reads "35", "35.5" or "1,234.50" as an amount of a currency, in full
// width too. More digits than the currency has are refused, not rounded.
func Parse(text, currency string) (Money, error) {
	e, ok := exponents[currency]
	if !ok {
		return Money{}, fmt.Errorf("%w: unknown currency %q", ErrAmount, currency)
	}
	// As a Chinese keyboard writes it: ９９．５０, and 。 for the point.
	s := strings.ReplaceAll(width.Fold.String(strings.TrimSpace(text)), "。", ".")
	s, negative := strings.CutPrefix(s, "-")
	whole, part, dotted := strings.Cut(s, ".")
	if grouped.MatchString(whole) {
		whole = strings.ReplaceAll(whole, ",", "")
	}
	if whole == "" || (dotted && part == "") || len(part) > e || strings.Trim(whole+part, "0123456789") != "" {
		return Money{}, fmt.Errorf("%w: %q", ErrAmount, text)
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", e-len(part)), 10, 64)
	if err != nil {
		return Money{}, fmt.Errorf("%w: %q", ErrOverflow, text)
	}
	if negative {
		n = -n
	}
	return Money{n, currency}, nil
}

func common(a, b Money) (string, error) {
	switch {
	case a.Currency == b.Currency, b == Money{}:
		return a.Currency, nil
	case a == Money{}:
		return b.Currency, nil
	}
	return "", fmt.Errorf("%w: %s and %s", ErrCurrency, a.Currency, b.Currency)
}
