package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// books is all that was read, joined by what belongs together. A line is
// dropped once what is compared of it is noted.
type books struct {
	o        options
	now      time.Time
	us       string // our id at the registry
	merchant string // our id at the cashier; empty: unknown

	orders   map[string]*order // by reference
	byName   map[string][]*item
	entries  map[int64]*entry
	entryIDs []int64
	keys     map[string]int64 // house and key of an entry -> entry
	accounts map[string]*account
	posting  int64 // the last posting's id
	sums     map[string]int64
	sales    map[string][]*sale // by order, service and name
	funds    map[string]*fund   // what came by a cashier, by our number of the payment
	refunds  map[string]*refund // by our number of the refund
	names    map[string][]*name
	rows     map[string]*name // by ORDER/ITEM
	live     map[string]string
	domains  map[string]*domain
	payments map[string]*payment // at the cashier, by our number
	unread   map[string]bool     // names of which the registry's messages wait
	acts     map[string][]act    // audit, by object and reference
	chain    struct {
		seq  int64
		hash string
	}
	letters   map[string][]letter // by order
	houseList []int64
	atBank    map[string]bool // orders of which the bank or finance decides a refund
	count     counts

	found []difference
	seen  map[string]bool
}

type counts struct {
	Orders, Items, Entries, Sales, Names, Domains, Payments, Audit, Notices int64
}

func newBooks(o options) *books {
	return &books{o: o, now: time.Now(), us: "yumen", orders: map[string]*order{}, byName: map[string][]*item{}, entries: map[int64]*entry{},
		keys: map[string]int64{}, accounts: map[string]*account{}, sums: map[string]int64{}, sales: map[string][]*sale{},
		funds: map[string]*fund{}, refunds: map[string]*refund{}, names: map[string][]*name{}, rows: map[string]*name{},
		live: map[string]string{}, domains: map[string]*domain{}, payments: map[string]*payment{}, unread: map[string]bool{},
		acts: map[string][]act{}, letters: map[string][]letter{}, seen: map[string]bool{}}
}

// order is what was bought in one go.
type order struct {
	ref            string
	house, account int64
	items          []*item
	total, count   int64
	currency       string
	profile        string
	paidBy         string
	toWallet       bool
	placed, paid   time.Time
	payUntil       time.Time

	held  map[string]int64 // what the ledger holds for it, by source
	in    int64            // what came in
	out   int64            // what went back, all ways
	paidW bool             // something came from the wallet
	paidC bool             // something came by a cashier

	moneyAt time.Time // when money of it last moved
}

// holding is all that is held for the order.
func (o *order) holding() (sum int64) {
	for _, n := range o.held {
		sum += n
	}
	return sum
}

// item is one name of an order.
type item struct {
	order *order
	exportedItem
	placed, paid, submitted, since, due time.Time
}

// key is how attempts, audit and names call the item.
func (i *item) key() string { return fmt.Sprintf("%s/%d", i.Order, i.N) }

// exportedItem is a line of yumen export orders.
type exportedItem struct {
	Order          string    `json:"order"`
	N              int64     `json:"item"`
	House          int64     `json:"house"`
	Account        int64     `json:"account"`
	Service        string    `json:"service"`
	Name           string    `json:"name"`
	ULabel         string    `json:"u_label"`
	Ending         string    `json:"ending"`
	Registry       string    `json:"registry"`
	Years          int64     `json:"years"`
	PriceRow       int64     `json:"price_row"`
	Net            int64     `json:"net"`
	Tax            int64     `json:"tax"`
	TaxRateBP      int64     `json:"tax_rate_bp"`
	Total          int64     `json:"total"`
	Currency       string    `json:"currency"`
	Cost           int64     `json:"cost"`
	CostCurrency   string    `json:"cost_currency"`
	Profile        string    `json:"profile"`
	ProfileVersion int64     `json:"profile_version"`
	State          string    `json:"state"`
	Reason         string    `json:"reason"`
	PaidBy         string    `json:"paid_by"`
	ToWallet       bool      `json:"to_wallet"`
	Refund         int64     `json:"refund"`
	PlacedAt       string    `json:"placed_at"`
	PaidAt         string    `json:"paid_at"`
	SubmittedAt    string    `json:"submitted_at"`
	StateSince     string    `json:"state_since"`
	Attempts       []attempt `json:"attempts"`
	IndexGroup     string    `json:"index_group"`
	IndexLabel     string    `json:"index_label"`
	OrderTotal     int64     `json:"order_total"`
	OrderItems     int64     `json:"order_items"`
	PayUntil       string    `json:"pay_until"`
	DueAt          string    `json:"due_at"`
	ClosedAt       string    `json:"closed_at"`
}

type attempt struct {
	ClTRID    string `json:"cl_trid"`
	State     string `json:"state"`
	Outcome   string `json:"outcome"`
	SentAt    string `json:"sent_at"`
	Operation string `json:"operation"`
	Object    string `json:"object"`
}

// instant reads a time of an export; empty is none.
func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}

func instants(from ...any) error {
	for i := 0; i < len(from); i += 2 {
		t, err := instant(from[i].(string))
		if err != nil {
			return err
		}
		*from[i+1].(*time.Time) = t
	}
	return nil
}

func (b *books) takeOrder(line []byte) error {
	i := &item{}
	if err := json.Unmarshal(line, &i.exportedItem); err != nil {
		return err
	}
	var payUntil time.Time
	if err := instants(i.PlacedAt, &i.placed, i.PaidAt, &i.paid, i.SubmittedAt, &i.submitted, i.StateSince, &i.since, i.DueAt, &i.due,
		i.PayUntil, &payUntil); err != nil {
		return err
	}
	if i.Order == "" || i.N == 0 {
		return fmt.Errorf("names no order and item")
	}
	b.count.Items++
	o := b.orders[i.Order]
	if o == nil {
		b.count.Orders++
		o = &order{ref: i.Order, house: i.House, account: i.Account, total: i.OrderTotal, count: i.OrderItems, currency: i.Currency,
			profile: i.Profile, paidBy: i.PaidBy, toWallet: i.ToWallet, placed: i.placed, paid: i.paid, payUntil: payUntil, held: map[string]int64{}}
		b.orders[i.Order] = o
	}
	for _, other := range o.items {
		if other.N == i.N {
			b.differ("order_line_twice", i.key(), "orders", i.State, "orders", other.State)
			return nil
		}
	}
	if i.House != o.house || i.Account != o.account || i.OrderTotal != o.total || i.OrderItems != o.count || i.Currency != o.currency ||
		i.Profile != o.profile || i.PaidBy != o.paidBy || i.ToWallet != o.toWallet || !i.placed.Equal(o.placed) || !i.paid.Equal(o.paid) ||
		!payUntil.Equal(o.payUntil) {
		b.differ("order_lines_differ", i.key(), "orders", "another buyer, total, holder or payment", "orders", "the other lines of the order")
	}
	i.order = o
	o.items = append(o.items, i)
	b.byName[i.Name] = append(b.byName[i.Name], i)
	return nil
}

// name is a line of yumen export names.
type name struct {
	Name           string   `json:"name"`
	ULabel         string   `json:"u_label"`
	Ending         string   `json:"ending"`
	IndexGroup     string   `json:"index_group"`
	IndexLabel     string   `json:"index_label"`
	Members        []string `json:"members"`
	House          int64    `json:"house"`
	Account        int64    `json:"account"`
	Registry       string   `json:"registry"`
	ROID           string   `json:"roid"`
	OrderItem      string   `json:"order_item"`
	Profile        string   `json:"profile"`
	ProfileVersion int64    `json:"profile_version"`
	Registrant     string   `json:"registrant"`
	State          string   `json:"state"`
	Statuses       []string `json:"statuses"`
	RGP            []string `json:"rgp"`
	Nameservers    []string `json:"nameservers"`
	SubmittedAt    string   `json:"submitted_at"`
	CrDate         string   `json:"cr_date"`
	UpDate         string   `json:"up_date"`
	ExDate         string   `json:"ex_date"`
	RecordedAt     string   `json:"recorded_at"`
	GoneAt         string   `json:"gone_at"`
}

// gone reports that the name is over with us.
func (n *name) gone() bool { return n.State == "gone" }

func (b *books) takeName(line []byte) error {
	n := &name{}
	if err := json.Unmarshal(line, n); err != nil {
		return err
	}
	if n.Name == "" {
		return fmt.Errorf("names no name")
	}
	b.count.Names++
	for _, text := range []string{n.SubmittedAt, n.CrDate, n.UpDate, n.ExDate, n.RecordedAt, n.GoneAt} {
		if _, err := instant(text); err != nil {
			return err
		}
	}
	if other := b.rows[n.OrderItem]; other != nil {
		b.differ("two_names_one_order", n.Name, "names", n.OrderItem, "names", other.Name+" too")
	} else {
		b.rows[n.OrderItem] = n
	}
	if !n.gone() {
		index := n.IndexGroup + " " + n.IndexLabel
		if other := b.live[index]; other != "" {
			b.differ("name_twice", n.Name, "names", n.OrderItem, "names", other)
		} else {
			b.live[index] = n.OrderItem
		}
	}
	b.names[n.Name] = append(b.names[n.Name], n)
	return nil
}

// liveName is the name we have under way or registered, if there is one.
func (b *books) liveName(a string) *name {
	for _, n := range b.names[a] {
		if !n.gone() {
			return n
		}
	}
	return nil
}

// domain is a name as the registry has it.
type domain struct {
	Name       string   `json:"name"`
	ROID       string   `json:"roid"`
	ClID       string   `json:"clID"`
	CrDate     string   `json:"crDate"`
	UpDate     string   `json:"upDate"`
	ExDate     string   `json:"exDate"`
	Statuses   []string `json:"statuses"`
	RGP        []string `json:"rgp"`
	Registrant string   `json:"registrant"`
	Hosts      []string `json:"hosts"`
	Bundle     []string `json:"bundle"`
	State      string   `json:"state"`
	CrTRID     *string  `json:"crTRID"` // nil: the registry does not tell
	Fee        *int64   `json:"fee"`
}

func (b *books) takeDomain(d domain) {
	b.count.Domains++
	if b.domains[d.Name] != nil {
		b.differ("domain_twice", d.Name, "registry", d.ROID, "registry", b.domains[d.Name].ROID)
		return
	}
	b.domains[d.Name] = &d
}

func (b *books) takeMessage(m struct {
	Registrar string  `json:"registrar"`
	Name      string  `json:"name"`
	AckedAt   *string `json:"acked_at"`
}) {
	if m.AckedAt == nil && m.Name != "" && m.Registrar == b.us {
		b.unread[m.Name] = true
	}
}

// payment is what the cashier has under a number of ours.
type payment struct {
	ID       string       `json:"payment_id"`
	Merchant string       `json:"merchant_id"`
	Number   string       `json:"order_no"`
	Amount   int64        `json:"amount"`
	Currency string       `json:"currency"`
	Status   string       `json:"status"`
	ClosedAt *time.Time   `json:"closed_at"`
	Refunds  []bankRefund `json:"refunds"`
}

type bankRefund struct {
	Number    string     `json:"refund_no"`
	PaymentID string     `json:"payment_id"`
	Amount    int64      `json:"amount"`
	Currency  string     `json:"currency"`
	Status    string     `json:"status"`
	By        string     `json:"by"`
	CreatedAt time.Time  `json:"created_at"`
	ClosedAt  *time.Time `json:"closed_at"`
}

func (b *books) takePayment(p payment) {
	b.count.Payments++
	if other := b.payments[p.Number]; other != nil {
		b.differ("payment_line_twice", p.Number, "cashier", p.ID, "cashier", other.ID)
		return
	}
	b.payments[p.Number] = &p
}

// late reports that something which began at since should be over: its own
// limit has passed, or nothing may be on its way any more.
func (b *books) late(since time.Time, limit time.Duration) bool {
	return b.o.settled || b.now.After(since.Add(limit))
}

// sameSecond compares two instants as exports write them: to the second.
func sameSecond(a, c string) bool {
	x, errx := instant(a)
	y, erry := instant(c)
	return errx == nil && erry == nil && x.Truncate(time.Second).Equal(y.Truncate(time.Second))
}

// base is the order that a payment's number belongs to: numbers of later
// payments of one order end in -2, -3.
func base(number string) string {
	if parts := strings.Split(number, "-"); len(parts) == 3 {
		return parts[0] + "-" + parts[1]
	}
	return number
}
