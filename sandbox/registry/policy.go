package registry

import (
	"strings"
	"time"

	"golang.org/x/net/idna"

	"yumen/sandbox/answer"
)

// Ways a registry treats identity.
const (
	None        = "none"         // it does not ask
	VerifyFirst = "verify_first" // create is refused until the registrant contact is approved
	Hold        = "hold"         // create is done, serverHold stays until the registry is content
)

// Policy is one registry's rules. Periods are in days of 24 hours, prices in
// fen for a year (restore: for one restore).
type Policy struct {
	Name    string
	Ending  string // A-label
	ULabel  string
	Pending bool // create answers 1001 and is decided later

	// With Pending: days until an application without papers is refused, days
	// from the papers until one without a decision is, and how long a name is
	// closed after the first.
	Materials, Decision int
	ReopensAfter        time.Duration

	Verification string // None, VerifyFirst or Hold: the default of the setting
	CNNIC        bool   // contacts and names carry CNNIC's extension
	Bundle       bool   // simplified and traditional forms go with a name
	MinASCII     int    // shortest label without Han characters
	Roles        []string

	Add, AutoRenew, Renew, Transfer int
	Redemption, PendingDelete       int
	RestoreReport                   int
	TransferLock, TransferAnswer    int

	Prices   Prices
	Premium  map[string]int64 // U-label -> price of a year
	Reserved []string         // labels that cannot be registered
}

// Prices are what the registry takes of a registrar.
type Prices struct {
	Create   int64 `json:"create"`
	Renew    int64 `json:"renew"`
	Transfer int64 `json:"transfer"`
	Restore  int64 `json:"restore"`
}

// Currency of every account here.
const Currency = "CNY"

const maxYears = 10

var (
	fourRoles = []string{"registrant", "admin", "tech", "billing"}
	oneRole   = []string{"registrant"}
	kept      = []string{"nic", "whois", "rdap", "gov", "政府", "国家", "测试"}
)

// Policies is the book of rules, one row for each ending.
var Policies = []Policy{
	{
		Name: "zhaopin", Ending: "xn--otu796d", ULabel: "招聘", Pending: true,
		Materials: 5, Decision: 10, ReopensAfter: 24 * time.Hour,
		Verification: None, Bundle: true, MinASCII: 3, Roles: fourRoles,
		Add: 5, AutoRenew: 45, Renew: 5, Transfer: 5, Redemption: 30, PendingDelete: 5,
		RestoreReport: 7, TransferLock: 60, TransferAnswer: 5,
		Prices: Prices{4500, 4500, 4500, 30000}, Reserved: kept,
	},
	{
		Name: "cnnic", Ending: "cn", ULabel: "cn",
		Verification: VerifyFirst, CNNIC: true, MinASCII: 1, Roles: fourRoles,
		Add: 5, AutoRenew: 30, Renew: 5, Transfer: 5, Redemption: 15, PendingDelete: 0,
		RestoreReport: 7, TransferLock: 60, TransferAnswer: 5,
		Prices: Prices{2500, 2500, 2500, 25000}, Reserved: kept,
	},
	{
		Name: "cnnic", Ending: "xn--fiqs8s", ULabel: "中国",
		Verification: VerifyFirst, CNNIC: true, Bundle: true, MinASCII: 1, Roles: fourRoles,
		Add: 5, AutoRenew: 30, Renew: 5, Transfer: 5, Redemption: 15, PendingDelete: 0,
		RestoreReport: 7, TransferLock: 60, TransferAnswer: 5,
		Prices: Prices{15000, 15000, 15000, 25000}, Reserved: kept,
	},
	{
		Name: "codes", Ending: "xn--55qx5d", ULabel: "公司",
		Verification: Hold, Bundle: true, MinASCII: 1, Roles: oneRole,
		Add: 5, AutoRenew: 45, Renew: 5, Transfer: 5, Redemption: 30, PendingDelete: 5,
		RestoreReport: 7, TransferLock: 60, TransferAnswer: 5,
		Prices: Prices{12000, 12000, 12000, 40000}, Reserved: kept,
	},
	{
		Name: "codes", Ending: "xn--io0a7i", ULabel: "网络",
		Verification: Hold, Bundle: true, MinASCII: 1, Roles: oneRole,
		Add: 5, AutoRenew: 45, Renew: 5, Transfer: 5, Redemption: 30, PendingDelete: 5,
		RestoreReport: 7, TransferLock: 60, TransferAnswer: 5,
		Prices: Prices{12000, 12000, 12000, 40000}, Reserved: kept,
	},
	{
		Name: "thin", Ending: "com", ULabel: "com",
		Verification: None, MinASCII: 2,
		Add: 5, AutoRenew: 45, Renew: 5, Transfer: 5, Redemption: 30, PendingDelete: 5,
		RestoreReport: 7, TransferLock: 60, TransferAnswer: 5,
		Prices:  Prices{5500, 5500, 5500, 40000},
		Premium: map[string]int64{"gold": 888800, "premium": 1280000, "tea": 660000, "黄金": 2880000},
	},
	{
		Name: "thin", Ending: "xn--hxt814e", ULabel: "网店",
		Verification: None, Bundle: true, MinASCII: 2,
		Add: 5, AutoRenew: 45, Renew: 5, Transfer: 5, Redemption: 30, PendingDelete: 5,
		RestoreReport: 7, TransferLock: 60, TransferAnswer: 5,
		Prices:  Prices{7800, 7800, 7800, 40000},
		Premium: map[string]int64{"gold": 188800, "旗舰": 388800, "黄金": 588800}, Reserved: kept,
	},
}

func day(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// policyFor finds the rules of an ending, written as A-label or U-label; nil
// when nobody here runs it.
func policyFor(ending string) *Policy {
	ending = strings.ToLower(strings.TrimPrefix(ending, "."))
	for i := range Policies {
		if p := &Policies[i]; p.Ending == ending || p.ULabel == ending {
			return p
		}
	}
	if a, err := idna.ToASCII(ending); err == nil && a != ending {
		return policyFor(a)
	}
	return nil
}

// EndingOf finds the A-label of an ending that a person wrote; "" stays "".
func EndingOf(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if p := policyFor(s); p != nil {
		return p.Ending, nil
	}
	return "", answer.NotFound("no such ending: %s", s)
}

// of is the price of an operation; 0 for one that has none.
func (p Prices) of(operation string) int64 {
	switch operation {
	case "create":
		return p.Create
	case "renew":
		return p.Renew
	case "transfer":
		return p.Transfer
	case "restore":
		return p.Restore
	}
	return 0
}
