package registries

import (
	"strings"

	"yumen/protocols/epp"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
)

// quoted is the answer about a name with what the registry asks for it
// (RFC 8748 section 5.1.1). A command without an amount stays without one: no
// price is ever made up.
func (a Availability) quoted(currency string, cd epp.FeeCD) Availability {
	a.Class = cd.Class
	for _, c := range cd.Commands {
		sum, ok := sumOf(currency, c)
		if !ok {
			continue
		}
		switch c.Name {
		case "create":
			a.Fee, a.Money = sum.Decimal(), currency
		case "renew":
			a.Renew = sum.Decimal()
		case "restore":
			a.Restore = sum.Decimal()
		}
	}
	return a
}

// sumOf adds up what a command costs: a registry may split its price, and give
// some of it back. A fee below nothing, or more given back than it costs, is no
// price.
func sumOf(currency string, c epp.FeeQuoted) (sum ledger.Money, ok bool) {
	if len(c.Fees) == 0 {
		return sum, false
	}
	add := func(text string, take bool) bool {
		m, err := ledger.Parse(text, currency)
		if err != nil || m.Minor < 0 {
			return false
		}
		if take {
			m, err = m.Neg()
		}
		if err == nil {
			sum, err = sum.Add(m)
		}
		return err == nil
	}
	for _, f := range c.Fees {
		if !add(f.Value, false) {
			return sum, false
		}
	}
	for _, f := range c.Credits { // negative on the wire, RFC 8748 section 3.4.2
		if !add(strings.TrimPrefix(strings.TrimSpace(f.Value), "-"), true) {
			return sum, false
		}
	}
	return sum, sum.Minor >= 0
}

// Asks is what the registry asks of us for the name, for the catalogue. What is
// not an amount in a currency we know is left out: better no price than a wrong
// one.
func (a Availability) Asks() catalogue.Asked {
	read := func(text string) ledger.Money {
		m, err := ledger.Parse(text, a.Money)
		if err != nil {
			return ledger.Money{}
		}
		return m
	}
	return catalogue.Asked{Class: a.Class, Premium: !a.Standard(), Fee: read(a.Fee), Renew: read(a.Renew), Restore: read(a.Restore)}
}

// Standard reports whether the name costs what every name of the ending costs.
func (a Availability) Standard() bool { return a.Class == "" || a.Class == "standard" }
