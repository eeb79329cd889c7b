package registry

import (
	"fmt"
	"strconv"
	"strings"

	"yumen/protocols/epp"
)

// decimal writes fen as the fee extension wants it.
func decimal(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}

// fen reads a fee's decimal text, without floats.
func fen(s string) (int64, error) {
	whole, part, _ := strings.Cut(strings.TrimSpace(s), ".")
	if whole == "" {
		return 0, fmt.Errorf("no amount")
	}
	if len(part) > 2 {
		if strings.Trim(part[2:], "0") != "" {
			return 0, fmt.Errorf("more than two decimals")
		}
		part = part[:2]
	}
	return strconv.ParseInt(whole+part+strings.Repeat("0", 2-len(part)), 10, 64)
}

// quoteFees answers a fee check (RFC 8748 section 5.1.1). Without a currency
// the account's is meant.
func (w *work) quoteFees(ask *epp.FeeCheck, names []string) (*epp.FeeChkData, error) {
	if ask.Currency != "" && ask.Currency != Currency {
		return nil, refuse(epp.OutOfRange, "the account is in %s", Currency)
	}
	data := &epp.FeeChkData{Currency: Currency}
	for _, s := range names {
		cd := epp.FeeCD{ObjID: epp.FeeObjID{Value: s}}
		n, err := parseName(s)
		if err != nil {
			cd.Avail, cd.Reason = new(epp.Flag(false)), &epp.Text{Body: short(err.Error())}
			data.CD = append(data.CD, cd)
			continue
		}
		if _, cd.Class = w.price(n, "create"); cd.Class == "" {
			cd.Class = "standard"
		}
		for _, c := range ask.Commands {
			cd.Commands = append(cd.Commands, w.quoteFee(n, c))
		}
		data.CD = append(data.CD, cd)
	}
	return data, nil
}

func (w *work) quoteFee(n name, c epp.FeeCommand) epp.FeeQuoted {
	q := epp.FeeQuoted{Name: c.Name, Period: c.Period}
	years := 1
	switch c.Name {
	case "create", "renew", "transfer":
		if c.Period != nil {
			y, err := inYears(c.Period)
			if err != nil {
				q.Reason = &epp.Text{Body: "1 to 10 years"}
				return q
			}
			years = y
		} else {
			q.Period = epp.Years(1)
		}
	case "restore":
		q.Period = nil
	case "delete", "update":
		q.Period = nil
		q.Fees, q.Standard = []epp.Fee{{Value: "0.00"}}, true
		return q
	default:
		q.Reason = &epp.Text{Body: "no such command"}
		return q
	}
	price, class := w.price(n, c.Name)
	q.Standard = class == ""
	fee := epp.Fee{Value: decimal(price * int64(years))}
	if c.Name == "create" {
		fee.Refundable, fee.GracePeriod = new(epp.Flag(true)), fmt.Sprintf("P%dD", n.policy.Add)
	}
	q.Fees = []epp.Fee{fee}
	return q
}

// agree compares the price a command carries with ours. A premium price must
// be carried; another may be.
func agree(carried *epp.FeeTransform, price int64, class string) error {
	if carried == nil {
		if class != "" {
			return refuse(epp.MissingParameter, "a %s name needs its fee: %s %s", class, Currency, decimal(price))
		}
		return nil
	}
	if carried.Currency != "" && carried.Currency != Currency {
		return refuse(epp.OutOfRange, "the account is in %s", Currency)
	}
	var sum int64
	for _, f := range carried.Fees {
		v, err := fen(f.Value)
		if err != nil || v < 0 {
			return refuse(epp.ValueSyntax, "fee is not an amount")
		}
		sum += v
	}
	if sum != price {
		return refuse(epp.OutOfRange, "the price is %s %s", Currency, decimal(price))
	}
	return nil
}

// charge takes the price of a command from the registrar's account.
func (w *work) charge(what, full string, price int64) error {
	ok, err := take(w.tx, w.who, what, full, price, w.now)
	if err != nil {
		return err
	}
	if !ok {
		return refuse(epp.NoCredit, "")
	}
	return nil
}

// taken says what a command cost, to those who sent a fee with it.
func (w *work) taken(price int64) (epp.FeeResult, error) {
	account, err := getRegistrar(w.tx, w.who)
	if err != nil {
		return epp.FeeResult{}, err
	}
	return epp.FeeResult{Currency: Currency, Fees: []epp.Fee{{Value: decimal(price)}}, Balance: decimal(account.Balance)}, nil
}

// inYears reads a period; nil is one year.
func inYears(p *epp.Period) (int, error) {
	if p == nil {
		return 1, nil
	}
	n := p.Value
	if p.Unit == "m" {
		if n%12 != 0 {
			return 0, refuse(epp.OutOfRange, "whole years only")
		}
		n /= 12
	}
	if n < 1 || n > maxYears {
		return 0, refuse(epp.OutOfRange, "1 to %d years", maxYears)
	}
	return n, nil
}
