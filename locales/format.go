package locales

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// shanghai is the time in which every date is shown and legal days are counted.
// China has kept +08:00 all year since 1991, so no zone file is needed.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

type currency struct {
	sign     string
	exponent int
}

var currencies = map[string]currency{
	"CNY": {"¥", 2}, "USD": {"US$", 2}, "HKD": {"HK$", 2}, "EUR": {"€", 2}, "GBP": {"£", 2}, "SGD": {"S$", 2}, "JPY": {"JP¥", 0},
}

// Money writes an amount of minor units (fen, cents) with its sign: ¥3,800 or
// ¥35.50. Whole amounts carry no decimals; the figures are the same in both
// languages. A currency we have no sign for is written by its code, with two
// decimals (ISO 4217).
func Money(ctx context.Context, minor int64, code string) string {
	c, ok := currencies[code]
	if !ok {
		c = currency{code + " ", 2}
	}
	minus := ""
	units := uint64(minor)
	if minor < 0 {
		minus = "-"
		units = uint64(-minor)
	}
	scale := uint64(1)
	for range c.exponent {
		scale *= 10
	}
	whole, rest := units/scale, units%scale
	text := minus + c.sign + group(whole)
	if rest != 0 {
		text += fmt.Sprintf(".%0*d", c.exponent, rest)
	}
	return text
}

// Decimal is Money for an amount kept as text: "CNY" and "75.00" are ¥75. What
// is no amount (one that is not shown) stands behind its currency as it is.
func Decimal(ctx context.Context, code, amount string) string {
	exponent := 2
	if c, ok := currencies[code]; ok {
		exponent = c.exponent
	}
	whole, rest, _ := strings.Cut(amount, ".")
	minor, err := strconv.ParseInt(whole+rest, 10, 64)
	if err != nil || len(rest) != exponent {
		return code + " " + amount
	}
	return Money(ctx, minor, code)
}

// Number writes a whole number with a comma between thousands.
func Number(_ context.Context, n int64) string {
	if n < 0 {
		return "-" + group(uint64(-n))
	}
	return group(uint64(n))
}

func group(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Date is the day in Shanghai, 2026-11-22; empty for the zero time.
func Date(_ context.Context, t time.Time) string { return format(t, time.DateOnly) }

// DateTime is the minute in Shanghai, 2026-11-22 10:42; empty for the zero time.
func DateTime(_ context.Context, t time.Time) string { return format(t, "2006-01-02 15:04") }

// DateTimeSec is the second in Shanghai, for histories and receipts.
func DateTimeSec(_ context.Context, t time.Time) string { return format(t, time.DateTime) }

// DateLong is the day written out, for letters and notices: 2026 年 11 月 22 日,
// 22 November 2026.
func DateLong(ctx context.Context, t time.Time) string {
	if Lang(ctx) == English {
		return format(t, "2 January 2006")
	}
	return format(t, "2006 年 1 月 2 日")
}

func format(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(shanghai).Format(layout)
}

// Machine is an instant for the datetime attribute of <time> (RFC 3339, with
// the offset of Shanghai).
func Machine(t time.Time) string { return format(t, time.RFC3339) }

// Span says how long something takes in its two largest units: 1 天 23 小时,
// 1 day 23 hours. Less than a minute is said in seconds; a negative span counts
// as none.
func Span(ctx context.Context, d time.Duration) string {
	if d < time.Minute {
		return T(ctx, "span.seconds", "Count", max(0, int(d/time.Second)))
	}
	days := int(d / (24 * time.Hour))
	hours := int(d / time.Hour % 24)
	minutes := int(d / time.Minute % 60)
	var parts []string
	if days > 0 {
		parts = append(parts, T(ctx, "span.days", "Count", days))
	}
	if hours > 0 {
		parts = append(parts, T(ctx, "span.hours", "Count", hours))
	}
	if days == 0 && minutes > 0 {
		parts = append(parts, T(ctx, "span.minutes", "Count", minutes))
	}
	return strings.Join(parts, " ")
}

// List joins words with the mark of the language: 、 or a comma.
func List(ctx context.Context, words []string) string {
	return strings.Join(words, Comma(ctx))
}

// Comma is the mark between the words of a list: 、 or a comma and a space.
func Comma(ctx context.Context) string {
	if Lang(ctx) == English {
		return ", "
	}
	return "、"
}

// colon leads from what happened to why, when there is a why.
func colon(ctx context.Context, words string) string {
	switch {
	case strings.TrimSpace(words) == "":
		return ""
	case Lang(ctx) == English:
		return ": " + words
	}
	return "：" + words
}
