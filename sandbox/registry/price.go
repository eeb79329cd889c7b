package registry

import (
	"context"
	"strings"

	"yumen/sandbox/answer"
)

// Changed are prices that the registry has set anew while it runs, in fen for a
// year (restore: for one).
type Changed struct {
	Class  string `json:"class"` // premium; empty is standard
	Prices `json:"prices"`
}

// PriceChange is what POST /registry/price carries. Prices that are not given
// stay as they are; a name that becomes standard has its ending's.
type PriceChange struct {
	Name   string `json:"name"`  // a name, or an ending with its dot
	Class  string `json:"class"` // premium or standard; empty leaves it
	Create *int64 `json:"create,omitempty"`
	Renew  *int64 `json:"renew,omitempty"`
}

// ChangePrice sets what a name costs from now on, or every standard name of an
// ending.
func (r *Registry) ChangePrice(ctx context.Context, c PriceChange) error {
	if c.Class != "" && c.Class != "premium" && c.Class != "standard" {
		return answer.Bad("class is premium or standard")
	}
	set := r.Settings()
	if set.Prices == nil {
		set.Prices = map[string]Changed{}
	}
	var key string
	var was Changed
	if ending, ok := strings.CutPrefix(c.Name, "."); ok {
		p := policyFor(ending)
		switch {
		case p == nil:
			return answer.NotFound("no such ending: %s", ending)
		case c.Class == "premium":
			return answer.Bad("an ending is standard")
		}
		key = p.Ending
		if was, ok = set.Prices[key]; !ok {
			was = Changed{Prices: p.Prices}
		}
	} else {
		n, err := parseName(aLabel(c.Name))
		if err != nil {
			return answer.Bad("%s: %v", c.Name, err)
		}
		key = n.full
		was = set.Prices.now(n)
		if c.Class == "standard" {
			was = Changed{Prices: set.Prices.standard(n)}
		} else if c.Class == "premium" {
			was.Class = c.Class
		}
	}
	for to, price := range map[*int64]*int64{&was.Create: c.Create, &was.Renew: c.Renew} {
		if price == nil {
			continue
		}
		if *price < 0 {
			return answer.Bad("a price is not below nothing")
		}
		*to = *price
	}
	set.Prices[key] = was
	return r.Set(ctx, set)
}

// PriceBook is what the registry has set anew.
type PriceBook map[string]Changed

// standard are the prices of the ending's usual names.
func (b PriceBook) standard(n name) Prices {
	if c, ok := b[n.policy.Ending]; ok {
		return c.Prices
	}
	return n.policy.Prices
}

// now are the prices of a name.
func (b PriceBook) now(n name) Changed {
	if c, ok := b[n.full]; ok {
		return c
	}
	c := Changed{Prices: b.standard(n)}
	if premium, ok := n.policy.Premium[n.uLabel]; ok {
		c.Class, c.Create, c.Renew, c.Transfer = "premium", premium, premium, premium
	}
	return c
}

// price of one year of the name's operation, and its class ("" is standard). A
// restore costs what it costs for every name.
func (w *work) price(n name, operation string) (fen int64, class string) {
	c := w.rules.Prices.now(n)
	if operation == "restore" {
		return c.Restore, ""
	}
	return c.of(operation), c.Class
}
