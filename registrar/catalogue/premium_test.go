package catalogue

import (
	"testing"

	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

// A campaign's first year is not for names that the registry prices by itself.
func TestACampaignIsNotForPremiumNames(t *testing.T) {
	o := Offer{Ending: Ending{ALabel: "com", MinYears: 1, MaxYears: 10}, Rows: map[Service]Row{}}
	for i, r := range PriceList("com", 7500, 8500, 80000, 8500, 600, 5500, 40000) {
		r.ID, r.Premium = int64(i+1), Markup{Sold: r.Service == permits.Create || r.Service == permits.Renew, BP: 1000}
		o.Rows[r.Service] = r
	}
	o.Promo = o.Rows[permits.Create]
	o.Promo.ID, o.Promo.Campaign, o.Promo.Normal, o.Promo.First, o.Promo.Premium = 99, "C1", 1, ledger.CNY(6000), Markup{}
	for _, row := range []struct {
		asks  Asked
		row   int64
		total ledger.Money
	}{
		{Asked{}, 99, ledger.CNY(6000)},
		{Asked{Class: "standard", Fee: ledger.CNY(5500)}, 99, ledger.CNY(6000)},
		{Asked{Class: "premium", Premium: true, Fee: ledger.CNY(100000), Renew: ledger.CNY(100000)}, 1, ledger.CNY(110000)},
	} {
		if q, err := o.Asked(1, row.asks); err != nil || q.Row != row.row || q.Total != row.total {
			t.Errorf("%+v is sold for %s by row %d: %v", row.asks, q.Total, q.Row, err)
		}
	}
}

func TestPriceOfANameByItsRegistrysPrice(t *testing.T) {
	usd := func(minor int64) ledger.Money { return ledger.Money{Minor: minor, Currency: "USD"} }
	cny := ledger.CNY
	// The list: 75.00 the first year, 85.00 each further and a restore 800.00; the
	// registry takes 55.00 a year, 400.00 for a restore.
	offer := func(create, renew, restore Markup) Offer {
		o := Offer{Ending: Ending{ALabel: "com", MinYears: 1, MaxYears: 10}, Rows: map[Service]Row{}}
		for _, r := range PriceList("com", 7500, 8500, 80000, 8500, 600, 5500, 40000) {
			r.Premium = map[Service]Markup{permits.Create: create, permits.Renew: renew, permits.Restore: restore}[r.Service]
			o.Rows[r.Service] = r
		}
		return o
	}
	abroad := offer(Markup{}, Markup{}, Markup{}) // its registry takes 8.50 USD a year
	for s, r := range abroad.Rows {
		r.CostFirst, r.CostNext = usd(850), usd(850)
		abroad.Rows[s] = r
	}
	none, ten, odd := Markup{}, Markup{true, 1000}, Markup{true, 1234}
	premium := func(fee, renew, restore ledger.Money) Asked {
		return Asked{Class: "premium", Premium: true, Fee: fee, Renew: renew, Restore: restore}
	}
	standard := func(fee ledger.Money) Asked { return Asked{Class: "standard", Fee: fee} }
	for _, row := range []struct {
		what   string
		offer  Offer
		years  int64
		asks   Asked
		refuse string // the problem, and no price

		total, cost, renewal, restore ledger.Money
		renewalToo                    bool
		three                         ledger.Money
	}{
		{"what the registry said nothing of costs what the list says", offer(ten, ten, none), 2, Asked{}, "",
			cny(16000), cny(11000), cny(8500), cny(80000), false, cny(24500)},
		{"so does what it asks the usual for", offer(ten, ten, none), 1, standard(cny(5500)), "",
			cny(7500), cny(5500), cny(8500), cny(80000), false, cny(24500)},
		{"less for us is still the list's price", offer(ten, ten, none), 1, standard(cny(100)), "",
			cny(7500), cny(100), cny(8500), cny(80000), false, cny(24500)},
		{"for nothing we agree to what the list was made for, not to whatever it takes", offer(ten, ten, none), 1, standard(cny(0)), "",
			cny(7500), cny(5500), cny(8500), cny(80000), false, cny(24500)},
		{"more for us too, as far as the price brings it in", offer(ten, ten, none), 1, standard(cny(7075)), "",
			cny(7500), cny(7075), cny(8500), cny(80000), false, cny(24500)},
		{"and beyond that it is not sold", offer(ten, ten, none), 1, standard(cny(7076)), "PRICE_MOVED",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"in another currency than the list's nobody knows what the price brings in", offer(ten, ten, none), 1, standard(usd(99999)), "PRICE_MOVED",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"what we pay in another currency than we are paid in may be what the list was made for", abroad, 2, standard(usd(1700)), "",
			cny(16000), usd(1700), cny(8500), cny(80000), false, cny(24500)},
		{"or less", abroad, 1, standard(usd(100)), "",
			cny(7500), usd(100), cny(8500), cny(80000), false, cny(24500)},
		{"and not more", abroad, 1, standard(usd(851)), "PRICE_MOVED",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"in ours as far as the price brings it in", abroad, 1, standard(cny(7075)), "",
			cny(7500), cny(7075), cny(8500), cny(80000), false, cny(24500)},
		{"and no further", abroad, 1, standard(cny(7076)), "PRICE_MOVED",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"a premium name costs the registry's price and the mark-up", offer(ten, ten, none), 1, premium(cny(888800), cny(888800), cny(40000)), "",
			cny(977680), cny(888800), cny(977680), cny(80000), true, cny(2933040)},
		{"for several years what it asks for them together", offer(ten, ten, none), 3, premium(cny(2000000), cny(888800), cny(40000)), "",
			cny(2200000), cny(2000000), cny(977680), cny(80000), true, cny(4155360)},
		{"the mark-up is rounded once, half away from nothing", offer(odd, odd, none), 1, premium(cny(12501), cny(50), ledger.Money{}), "",
			cny(14044), cny(12501), cny(56), cny(80000), true, cny(14156)}, // 14043.62; 56.17; (125.01+1.00)*1.1234 = 141.5596
		{"a renewal as usual costs what the list says", offer(ten, ten, none), 1, premium(cny(888800), cny(5500), cny(40000)), "",
			cny(977680), cny(888800), cny(8500), cny(80000), false, cny(989780)},
		{"a restore follows a rule of its own", offer(ten, ten, odd), 1, premium(cny(888800), cny(888800), cny(50000)), "",
			cny(977680), cny(888800), cny(977680), cny(56170), true, cny(2933040)},
		{"unless the registry asks the usual for it", offer(ten, ten, odd), 1, premium(cny(888800), cny(888800), cny(40000)), "",
			cny(977680), cny(888800), cny(977680), cny(80000), true, cny(2933040)},
		{"a rule without mark-up is a rule", offer(Markup{Sold: true}, Markup{Sold: true}, none), 1, premium(cny(888800), cny(888800), cny(40000)), "",
			cny(888800), cny(888800), cny(888800), cny(80000), true, cny(2666400)},
		{"without a rule it is not sold", offer(none, none, none), 1, premium(cny(888800), cny(888800), cny(40000)), "PREMIUM_UNSOLD",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"nor without a rule for a renewal that is premium too", offer(ten, none, none), 1, premium(cny(888800), cny(888800), cny(40000)), "PREMIUM_UNSOLD",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"nor when the registry does not say what the renewal will be", offer(ten, ten, none), 1, premium(cny(888800), ledger.Money{}, cny(40000)), "PREMIUM_UNSOLD",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"nor when it says no price at all", offer(ten, ten, none), 1, premium(ledger.Money{}, ledger.Money{}, ledger.Money{}), "PREMIUM_UNSOLD",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"nor for more than anybody pays", offer(ten, ten, none), 1, premium(cny(1<<63-1), cny(888800), cny(40000)), "PREMIUM_UNSOLD",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"nor when its renewal is that", offer(ten, ten, none), 1, premium(cny(888800), cny(1<<63-1), cny(40000)), "PREMIUM_UNSOLD",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
		{"a restore that is that is not known", offer(ten, ten, odd), 1, premium(cny(888800), cny(888800), cny(1<<63-1)), "",
			cny(977680), cny(888800), cny(977680), ledger.Money{}, true, cny(2933040)},
		{"nor in a currency the list does not have", offer(ten, ten, none), 1, premium(usd(888800), usd(888800), usd(40000)), "PREMIUM_UNSOLD",
			cny(0), cny(0), cny(0), cny(0), false, cny(0)},
	} {
		q, err := row.offer.Asked(row.years, row.asks)
		if row.refuse != "" {
			if !problem.Is(err, row.refuse) {
				t.Errorf("%s: %+v, %v", row.what, q, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.what, err)
			continue
		}
		if q.Total != row.total || q.Cost != row.cost || q.Renewal != row.renewal || q.Restore != row.restore || q.PremiumRenewal != row.renewalToo {
			t.Errorf("%s: %+v", row.what, q)
		}
		if sum, err := q.Net.Add(q.Tax); err != nil || sum != q.Total {
			t.Errorf("%s: %s and %s are not %s", row.what, q.Net, q.Tax, q.Total)
		}
		if net, tax, err := q.Total.TaxIncluded(600); err != nil || net != q.Net || tax != q.Tax {
			t.Errorf("%s: the tax in %s is %s, not %s", row.what, q.Total, tax, q.Tax)
		}
		if three := row.offer.ThreeAsked(row.asks); three != row.three {
			t.Errorf("%s: three years are %s", row.what, three)
		}
	}
}
