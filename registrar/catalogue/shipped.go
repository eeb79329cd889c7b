package catalogue

import (
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
)

// Shipped are the endings whose rules come with the program, each with the
// life cycle its registry publishes. They are data to start from: SaveEnding
// puts them on the house's list, Registry names the supplier to use.
//
// Sources: .招聘 registration rules arts. 27 to 31; CNNIC's rules for .cn and
// .中国; the gTLD registries' usual cycle.
func Shipped() []Ending {
	gtld := LifeCycle{Grace: 45, Redemption: 30, PendingDelete: 5}
	cnnic := LifeCycle{Grace: 30, Redemption: 15, PendingDelete: 0}
	list := []Ending{
		{ALabel: "cn", ULabel: "cn", Registry: "cnnic", Identity: VerifyFirst, ForID: "catalogue.for.cn", LifeCycle: cnnic},
		{ALabel: "xn--fiqs8s", ULabel: "中国", Registry: "cnnic", Identity: VerifyFirst, Bundles: true, ForID: "catalogue.for.zhongguo", LifeCycle: cnnic},
		{ALabel: "xn--otu796d", ULabel: "招聘", Registry: "zhaopin", Identity: PendingCreate, Bundles: true, CrossBorder: true,
			ForID: "catalogue.for.zhaopin", LifeCycle: LifeCycle{Grace: 45, Redemption: 30, PendingDelete: 5}},
		{ALabel: "xn--55qx5d", ULabel: "公司", Registry: "ngtld", Identity: HoldRelease, Bundles: true, ForID: "catalogue.for.gongsi", LifeCycle: gtld},
		{ALabel: "xn--io0a7i", ULabel: "网络", Registry: "ngtld", Identity: HoldRelease, Bundles: true, ForID: "catalogue.for.wangluo", LifeCycle: gtld},
		{ALabel: "xn--hxt814e", ULabel: "网店", Registry: "wangdian", Identity: NoIdentity, Bundles: true, ForID: "catalogue.for.wangdian", LifeCycle: gtld},
		{ALabel: "com", ULabel: "com", Registry: "verisign", Identity: NoIdentity, CrossBorder: true, ForID: "catalogue.for.com", LifeCycle: gtld},
	}
	for i := range list {
		e := &list[i]
		e.Position, e.Offered = int64(i+1), true
		e.RulesKind = "rules:" + e.ALabel
		e.MinYears, e.MaxYears = 1, 10
		e.IndexGroup = e.ALabel
	}
	return list
}

// PriceList makes the rows of a whole ending from the figures people publish,
// in minor units of CNY with the tax in them: the first year, renewal (which is
// also the price of each further year and of moving in), restore. Changing the
// holder, correcting data and certificates are free.
func PriceList(ending string, first, renew, restore, transferIn, taxRateBP, cost, restoreCost int64) []Row {
	row := func(s Service, first, next, costFirst, costNext int64) Row {
		return Row{Ending: ending, Service: s, First: ledger.CNY(first), Next: ledger.CNY(next), TaxRateBP: taxRateBP,
			CostFirst: ledger.CNY(costFirst), CostNext: ledger.CNY(costNext)}
	}
	return []Row{
		row(permits.Create, first, renew, cost, cost),
		row(permits.Renew, renew, renew, cost, cost),
		row(permits.TransferIn, transferIn, renew, cost, cost),
		row(permits.Restore, restore, 0, restoreCost, 0),
		row(permits.OwnerChange, 0, 0, 0, 0),
		row(permits.Amend, 0, 0, 0, 0),
		row(permits.Certificate, 0, 0, 0, 0),
	}
}
