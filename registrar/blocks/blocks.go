// Package blocks keeps out who hinders the service (Order 43 art. 8): networks
// and accounts, each for a time and a reason, entered and ended by people with
// the right to, and kept for ever.
//
// Against is asked for every request and costs a look into memory; a block by
// this process counts at once, one by another within Fresh. What stays open to
// the blocked (complaints, public notices) is the web's matter: see
// handlers/web.
//
// Addresses are personal data: only those with the right see them, and logs and
// the audit have them Masked.
//
// Facts: none.
package blocks

import (
	"errors"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

// Kind is what is kept out.
type Kind string

// The kinds.
const (
	Network Kind = "network"
	Account Kind = "account"
)

// Cause is what the blocked are told: why, in general.
type Cause string

// Causes lists them, the most frequent first.
func Causes() []Cause { return []Cause{Flood, Harvest, Attack, Spam} }

// The causes.
const (
	Flood   Cause = "flood"   // more requests than the service bears
	Harvest Cause = "harvest" // names or particulars collected by machine
	Attack  Cause = "attack"  // passwords tried, holes looked for
	Spam    Cause = "spam"    // forms misused
)

// Block is one of them.
type Block struct {
	ID      int64
	Ref     string
	House   int64
	Kind    Kind
	Network netip.Prefix
	Account int64
	Label   string // of an account: its masked mail address
	Cause   Cause
	Reason  string
	Since   time.Time
	Until   time.Time
	By      string

	EndedAt     time.Time // by a person, before its time; zero: not
	EndedBy     string
	EndedReason string
}

// Stands reports whether it counts at a moment.
func (b Block) Stands(now time.Time) bool { return b.EndedAt.IsZero() && now.Before(b.Until) }

// Bounds of a block.
const (
	MostDays    = 365
	mostReason  = 400
	leastBits4  = 8       // a wider network would be a part of the Internet
	leastBits6  = 16      // likewise
	carefully4  = 16      // a wider one is thousands of households
	carefully6  = 32      // a wider one is a provider
	mostAtOnce  = 100_000 // kept in memory
	dayOfBlocks = 24 * time.Hour
)

// Ask is what somebody wants kept out: a network or address, or an account by
// its mail address, for so many days.
type Ask struct {
	Network string
	Mail    string
	Cause   Cause
	Reason  string
	Days    int64
	// Sure says that the asker was warned: the network holds their own address,
	// one of Own, or very many people; the account is of staff.
	Sure bool
	Own  []netip.Prefix // where the house itself comes from: proxies, monitoring, loopback
}

// Add blocks from now on. What would lock out the asker, the house or very many
// is refused with a problem of the field "sure" until it is asked for with Sure.
func Add(tx *db.Tx, who actor.Actor, ask Ask) (Block, error) {
	if !who.May(actor.BlockAbuse) {
		return Block{}, problem.New(problem.NotFound, "problem.not_found")
	}
	b := Block{ID: tx.NewID(), Ref: db.NewRef(), House: who.House, Cause: ask.Cause, Reason: strings.TrimSpace(ask.Reason), Since: tx.Now,
		Until: tx.Now.Add(time.Duration(ask.Days) * dayOfBlocks), By: who.Name}
	var f problem.Form
	warn := ""
	network, mail := strings.TrimSpace(ask.Network), strings.TrimSpace(ask.Mail)
	switch {
	case (network == "") == (mail == ""):
		f.Add("network", "blocks.one_of")
	case network != "":
		b.Kind = Network
		warn = readNetwork(&f, &b, network, who, ask.Own)
	default:
		b.Kind = Account
		p, err := accounts.PersonByMail(tx, actor.System(who.House, "blocks", "look for the account"), mail)
		if _, unknown := problem.As(err); unknown {
			f.Add("mail", "blocks.unknown_mail")
			break
		} else if err != nil {
			return Block{}, err
		}
		b.Account, b.Label = p.Account, accounts.MaskMail(p.Mail)
		if p.Account == who.Account {
			f.Add("mail", "blocks.yourself")
		} else if len(p.Roles) > 0 {
			warn = "blocks.is_staff"
		}
	}
	known := false
	for _, c := range Causes() {
		known = known || c == ask.Cause
	}
	if !known {
		f.Add("cause", "blocks.choose_cause")
	}
	checkReason(&f, b.Reason)
	if ask.Days < 1 || ask.Days > MostDays {
		f.Add("days", "blocks.days", "Most", MostDays)
	}
	if warn != "" && !ask.Sure {
		f.Add("sure", warn)
	}
	if err := f.Err(); err != nil {
		return Block{}, err
	}
	if twice, err := standsAlready(tx, b); err != nil {
		return Block{}, err
	} else if twice {
		return Block{}, problem.New(problem.Conflict, "blocks.stands_already")
	}
	if err := insert(tx, b, who.Person); err != nil {
		return Block{}, err
	}
	return b, audit.Record(tx, who, audit.Entry{Act: "blocks.opened", Object: "block", Ref: b.Ref, Reason: b.Reason, Details: b.details()})
}

// readNetwork takes CIDR, or one address for what rates take for one visitor; warn says who else would be hit.
func readNetwork(f *problem.Form, b *Block, text string, who actor.Actor, own []netip.Prefix) (warn string) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, aerr := netip.ParseAddr(text)
		if aerr != nil || a.Zone() != "" {
			f.Add("network", "blocks.network_form")
			return ""
		}
		p = accounts.Network(text) // of IPv6 the /64: there the next address is its holder's too
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			f.Add("network", "blocks.network_form")
			return ""
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	b.Network = p.Masked()
	least, careful := leastBits4, carefully4
	if p.Addr().Is6() {
		least, careful = leastBits6, carefully6
	}
	if p.Bits() < least {
		f.Add("network", "blocks.too_wide", "Least", least)
		return ""
	}
	if mine, err := netip.ParseAddr(who.IP); err == nil && b.Network.Contains(mine.Unmap()) {
		return "blocks.own_address"
	}
	for _, o := range own {
		if b.Network.Overlaps(o.Masked()) {
			return "blocks.own_network"
		}
	}
	if p.Bits() < careful {
		return "blocks.wide"
	}
	return ""
}

func checkReason(f *problem.Form, reason string) {
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		f.Add("reason", "blocks.reason_needed")
	case n > mostReason:
		f.Add("reason", "blocks.reason_long", "Most", mostReason)
	}
}

// details are what the audit says of it: no whole address.
func (b Block) details() map[string]string {
	out := map[string]string{"kind": string(b.Kind), "cause": string(b.Cause), "until": b.Until.UTC().Format(time.RFC3339)}
	if b.Kind == Network {
		out["network"] = Masked(b.Network)
	} else {
		out["account"] = b.Label
	}
	return out
}

// End lifts a block before its time.
func End(tx *db.Tx, who actor.Actor, ref, why string) error {
	if !who.May(actor.BlockAbuse) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	why = strings.TrimSpace(why)
	var f problem.Form
	checkReason(&f, why)
	if err := f.Err(); err != nil {
		return err
	}
	b, err := find(tx, who.House, db.FoldRef(ref))
	if errors.Is(err, db.ErrNotFound) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if err != nil {
		return err
	}
	if !b.Stands(tx.Now) {
		return problem.New(problem.Conflict, "blocks.over_already", "Ref", b.Ref)
	}
	if ok, err := end(tx, b, who.Name, why); err != nil {
		return err
	} else if !ok {
		return problem.New(problem.Conflict, "blocks.over_already", "Ref", b.Ref)
	}
	return audit.Record(tx, who, audit.Entry{Act: "blocks.ended", Object: "block", Ref: b.Ref, Reason: why, Details: b.details()})
}

// List shows a house's blocks, standing or past, newest first; before is the ID
// after which an older part begins, 0 the start.
func List(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Block, error) {
	if !who.May(actor.BlockAbuse) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	return list(tx, who.House, before, limit)
}

// Masked is a network for logs and the audit: half of it at most.
func Masked(p netip.Prefix) string {
	switch {
	case !p.IsValid():
		return "•"
	case p.Addr().Is4():
		half, _ := p.Addr().Prefix(min(p.Bits(), 16)) // 16 bits fit any address
		return half.String() + "•"
	}
	half, _ := p.Addr().Prefix(min(p.Bits(), 32)) // likewise
	return half.String() + "•"
}
