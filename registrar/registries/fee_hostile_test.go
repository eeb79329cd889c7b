package registries

import (
	"testing"

	"yumen/protocols/epp"
)

// What a registry asks for a name is shown as its price. What is no price, or
// one that nobody can pay, is left out: nothing is made up of it.
func TestAnAbsurdFeeIsNoPrice(t *testing.T) {
	for _, c := range []struct {
		name, currency string
		fees, credits  []string
		want           string
	}{
		{"a fee", "CNY", []string{"8888.00"}, nil, "8888.00"},
		{"in two parts", "CNY", []string{"8000.00", "888"}, nil, "8888.00"},
		{"with a sale", "CNY", []string{"100.00"}, []string{"-8.00"}, "92.00"},
		{"a sale without its sign", "CNY", []string{"100.00"}, []string{"8.00"}, "92.00"},
		{"given away", "CNY", []string{"8.00"}, []string{"-8.00"}, "0.00"},
		{"a negative fee", "CNY", []string{"-5.00"}, nil, ""},
		{"a sale of more than it costs", "CNY", []string{"5.00"}, []string{"-8.00"}, ""},
		{"two signs", "CNY", []string{"5.00"}, []string{"--2.00"}, ""},
		{"two signs before a fee", "CNY", []string{"--5.00"}, nil, ""},
		{"an exponent", "CNY", []string{"1e30"}, nil, ""},
		{"no number", "CNY", []string{"NaN"}, nil, ""},
		{"endless", "CNY", []string{"Infinity"}, nil, ""},
		{"more than there is", "CNY", []string{"92233720368547758.07", "0.01"}, nil, ""},
		{"digits without end", "CNY", []string{"99999999999999999999.00"}, nil, ""},
		{"a tenth of a fen", "CNY", []string{"1.001"}, nil, ""},
		{"money of nobody", "XXX", []string{"5.00"}, nil, ""},
		{"no money", "", []string{"5.00"}, nil, ""},
		{"nothing", "CNY", nil, []string{"-8.00"}, ""},
	} {
		q := epp.FeeQuoted{Name: "create"}
		for _, f := range c.fees {
			q.Fees = append(q.Fees, epp.Fee{Value: f})
		}
		for _, f := range c.credits {
			q.Credits = append(q.Credits, epp.Credit{Value: f})
		}
		a := Availability{State: Free}.quoted(c.currency, epp.FeeCD{Class: "premium", Commands: []epp.FeeQuoted{q}})
		if a.Fee != c.want || a.Class != "premium" || (a.Money != "") != (c.want != "") {
			t.Errorf("%s: %q in %q of class %q, want %q", c.name, a.Fee, a.Money, a.Class, c.want)
		}
	}
}
