package orders

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
)

func isNone(err error) bool { return errors.Is(err, db.ErrNotFound) }

type orderRow struct {
	ID       int64     `db:"id"`
	Ref      string    `db:"ref"`
	House    int64     `db:"house"`
	Account  int64     `db:"account"`
	Person   int64     `db:"person"`
	State    string    `db:"state"`
	Quote    string    `db:"quote"`
	Total    int64     `db:"total"`
	Currency string    `db:"currency"`
	Profile  string    `db:"profile"`
	ToWallet bool      `db:"to_wallet"`
	PaidBy   string    `db:"paid_by"`
	PlacedAt time.Time `db:"placed_at"`
	PayUntil time.Time `db:"pay_until"`
	PaidAt   time.Time `db:"paid_at"`
	ClosedAt time.Time `db:"closed_at"`
}

const orderColumns = `id, ref, house, account, person, state, quote, total, currency, profile, to_wallet, paid_by, placed_at,
	pay_until, paid_at, closed_at`

func (r orderRow) order(items []Item) Order {
	return Order{ID: r.ID, Ref: r.Ref, House: r.House, Account: r.Account, State: Overall(items),
		Total: ledger.Money{Minor: r.Total, Currency: r.Currency}, Profile: r.Profile, ToWallet: r.ToWallet, PaidBy: r.PaidBy,
		PlacedAt: r.PlacedAt, PayUntil: r.PayUntil, PaidAt: r.PaidAt, ClosedAt: r.ClosedAt, Items: items}
}

type itemRow struct {
	ID             int64     `db:"id"`
	Order          string    `db:"order_ref"`
	N              int64     `db:"n"`
	House          int64     `db:"house"`
	Account        int64     `db:"account"`
	Service        string    `db:"service"`
	NameA          string    `db:"name_a"`
	NameU          string    `db:"name_u"`
	Ending         string    `db:"ending"`
	Group          string    `db:"ending_group"`
	Index          string    `db:"index_label"`
	Registry       string    `db:"registry"`
	Years          int64     `db:"years"`
	PriceRow       int64     `db:"price_row"`
	Net            int64     `db:"net"`
	Tax            int64     `db:"tax"`
	TaxRateBP      int64     `db:"tax_rate_bp"`
	Total          int64     `db:"total"`
	Currency       string    `db:"currency"`
	Cost           int64     `db:"cost"`
	CostCurrency   string    `db:"cost_currency"`
	ProfileVersion int64     `db:"profile_version"`
	State          string    `db:"state"`
	Since          time.Time `db:"state_since"`
	Reason         string    `db:"reason"`
	Words          string    `db:"words"`
	Due            time.Time `db:"due_at"`
	SubmittedAt    time.Time `db:"submitted_at"`
	Refund         int64     `db:"refund"`
	PriceClass     string    `db:"price_class"`
	AskedAt        time.Time `db:"asked_at"`
}

const itemColumns = `id, order_ref, n, house, account, service, name_a, name_u, ending, ending_group, index_label, registry, years,
	price_row, net, tax, tax_rate_bp, total, currency, cost, cost_currency, profile_version, state, state_since, reason, words,
	due_at, submitted_at, refund, price_class, asked_at`

func (r itemRow) item() Item {
	m := func(minor int64) ledger.Money { return ledger.Money{Minor: minor, Currency: r.Currency} }
	return Item{Order: r.Order, N: r.N, House: r.House, Account: r.Account, Service: r.Service, NameA: r.NameA, NameU: r.NameU,
		Ending: r.Ending, Registry: r.Registry, Years: r.Years, PriceRow: r.PriceRow, Net: m(r.Net), Tax: m(r.Tax),
		TaxRateBP: r.TaxRateBP, Total: m(r.Total), Cost: ledger.Money{Minor: r.Cost, Currency: r.CostCurrency},
		ProfileVersion: r.ProfileVersion, State: State(r.State), Since: r.Since, Reason: Reason(r.Reason), Words: r.Words,
		Due: r.Due, SubmittedAt: r.SubmittedAt, Refund: m(r.Refund),
		PriceClass: r.PriceClass, AskedAt: r.AskedAt, id: r.ID, group: r.Group, index: r.Index}
}

func insertOrder(tx *db.Tx, o orderRow) error {
	_, err := tx.Exec(`INSERT INTO orders (`+orderColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		o.ID, o.Ref, o.House, o.Account, o.Person, o.State, o.Quote, o.Total, o.Currency, o.Profile, o.ToWallet, o.PaidBy,
		o.PlacedAt, o.PayUntil, o.PaidAt, o.ClosedAt)
	return err
}

// insertItem is false when the account has an open item for the name already.
func insertItem(tx *db.Tx, i Item) (bool, error) {
	n, err := tx.Exec(`INSERT INTO order_items (`+itemColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
			'', '', 0, 0, 0, $25, $26)
		ON CONFLICT DO NOTHING`,
		i.id, i.Order, i.N, i.House, i.Account, i.Service, i.NameA, i.NameU, i.Ending, i.group, i.index, i.Registry, i.Years,
		i.PriceRow, i.Net.Minor, i.Tax.Minor, i.TaxRateBP, i.Total.Minor, i.Total.Currency, i.Cost.Minor, i.Cost.Currency,
		i.ProfileVersion, string(i.State), tx.Now, i.PriceClass, i.AskedAt)
	return n == 1, err
}

func orderByRef(tx *db.Tx, ref string) (orderRow, error) {
	return db.Get[orderRow](tx, `SELECT `+orderColumns+` FROM orders WHERE ref = $1`+tx.ForUpdate(), ref)
}

// load reads an order with its items. Refs are unique over all houses; who may
// see it is decided by the caller.
func load(tx *db.Tx, ref string) (Order, error) {
	row, err := db.Get[orderRow](tx, `SELECT `+orderColumns+` FROM orders WHERE ref = $1`, ref)
	if err != nil {
		return Order{}, err
	}
	items, err := itemsOf(tx, ref)
	return row.order(items), err
}

func itemsOf(tx *db.Tx, ref string) ([]Item, error) {
	rows, err := db.All[itemRow](tx, `SELECT `+itemColumns+` FROM order_items WHERE order_ref = $1 ORDER BY n LIMIT 200`, ref)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(rows))
	for i, r := range rows {
		out[i] = r.item()
	}
	return out, nil
}

// list pages through orders of a house, of one account or (0) of all.
func list(tx *db.Tx, house, account, before int64, limit int) ([]Order, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	query, args := `SELECT `+orderColumns+` FROM orders WHERE house = $1 AND id < $2`, []any{house, before, limit}
	if account != 0 {
		query += ` AND account = $4`
		args = append(args, account)
	}
	rows, err := db.All[orderRow](tx, query+` ORDER BY id DESC LIMIT $3`, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	marks, refs := make([]string, len(rows)), make([]any, len(rows))
	for i, r := range rows {
		marks[i], refs[i] = "$"+strconv.Itoa(i+1), r.Ref
	}
	items, err := db.All[itemRow](tx, `SELECT `+itemColumns+` FROM order_items
		WHERE order_ref IN (`+strings.Join(marks, ", ")+`) ORDER BY order_ref, n`, refs...)
	if err != nil {
		return nil, err
	}
	byRef := map[string][]Item{}
	for _, i := range items {
		byRef[i.Order] = append(byRef[i.Order], i.item())
	}
	out := make([]Order, len(rows))
	for i, r := range rows {
		out[i] = r.order(byRef[r.Ref])
	}
	return out, nil
}

// lock reads one item for a flow that is about to move it.
func lock(tx *db.Tx, key string) (Item, error) {
	ref, n, err := splitKey(key)
	if err != nil {
		return Item{}, err
	}
	row, err := db.Get[itemRow](tx, `SELECT `+itemColumns+` FROM order_items WHERE order_ref = $1 AND n = $2`+tx.ForUpdate(), ref, n)
	return row.item(), err
}

// setState moves an item from one state to the next, compare-and-set. false:
// somebody was first.
func setState(tx *db.Tx, i *Item, to State, due time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE order_items SET state = $1, state_since = $2, due_at = $3 WHERE id = $4 AND state = $5`,
		string(to), tx.Now, due, i.id, string(i.State))
	if err == nil && n == 1 {
		i.State, i.Since, i.Due = to, tx.Now, due
	}
	return n == 1, err
}

func setOrder(tx *db.Tx, ref, from, to string) (bool, error) {
	n, err := tx.Exec(`UPDATE orders SET state = $1 WHERE ref = $2 AND state = $3`, to, ref, from)
	return n == 1, err
}

func setPaid(tx *db.Tx, ref, by string) error {
	_, err := tx.Exec(`UPDATE orders SET paid_by = $1, paid_at = $2 WHERE ref = $3`, by, tx.Now, ref)
	return err
}

func setClosed(tx *db.Tx, ref string) error {
	_, err := tx.Exec(`UPDATE orders SET closed_at = $1 WHERE ref = $2 AND closed_at = 0`, tx.Now, ref)
	return err
}

func setProfile(tx *db.Tx, ref, profile string) error {
	_, err := tx.Exec(`UPDATE orders SET profile = $1 WHERE ref = $2`, profile, ref)
	return err
}

func setToWallet(tx *db.Tx, ref string, to bool) error {
	_, err := tx.Exec(`UPDATE orders SET to_wallet = $1 WHERE ref = $2`, to, ref)
	return err
}

func setVersion(tx *db.Tx, i *Item, version int64) error {
	_, err := tx.Exec(`UPDATE order_items SET profile_version = $1 WHERE id = $2`, version, i.id)
	i.ProfileVersion = version
	return err
}

func setSubmitted(tx *db.Tx, i *Item, at time.Time) error {
	_, err := tx.Exec(`UPDATE order_items SET submitted_at = $1 WHERE id = $2`, at, i.id)
	i.SubmittedAt = at
	return err
}

// setPrice writes an item's price by what its registry asks now, and what that
// changes of its order.
func setPrice(tx *db.Tx, i *Item, p catalogue.Price, class string, at time.Time) error {
	if _, err := tx.Exec(`UPDATE order_items SET net = $1, tax = $2, total = $3, cost = $4, cost_currency = $5, price_class = $6, asked_at = $7,
		price_row = $8 WHERE id = $9`, p.Net.Minor, p.Tax.Minor, p.Total.Minor, p.Cost.Minor, p.Cost.Currency, class, at, p.Row, i.id); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE orders SET total = total + $1 WHERE ref = $2`, p.Total.Minor-i.Total.Minor, i.Order); err != nil {
		return err
	}
	i.Net, i.Tax, i.Total, i.Cost, i.PriceClass, i.AskedAt, i.PriceRow = p.Net, p.Tax, p.Total, p.Cost, class, at, p.Row
	return nil
}

func setDue(tx *db.Tx, i *Item, due time.Time) error {
	_, err := tx.Exec(`UPDATE order_items SET due_at = $1 WHERE id = $2 AND state = $3`, due, i.id, string(i.State))
	i.Due = due
	return err
}

func setReason(tx *db.Tx, i *Item, reason Reason, words string, refund int64) error {
	_, err := tx.Exec(`UPDATE order_items SET reason = $1, words = $2, refund = $3 WHERE id = $4`, string(reason), words, refund, i.id)
	i.Reason, i.Words, i.Refund.Minor = reason, words, refund
	return err
}

// pointers list items by a condition of this file's making: just what names
// them and whose queue they wait in.
func pointers(tx *db.Tx, where string, args ...any) ([]Item, error) {
	type row struct {
		Order    string `db:"order_ref"`
		N        int64  `db:"n"`
		Registry string `db:"registry"`
	}
	rows, err := db.All[row](tx, `SELECT i.order_ref, i.n, i.registry FROM order_items i `+where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(rows))
	for i, r := range rows {
		out[i] = Item{Order: r.Order, N: r.N, Registry: r.Registry}
	}
	return out, nil
}

// dueItems are those whose state ends by itself now.
func dueItems(tx *db.Tx, state State, limit int) ([]Item, error) {
	return pointers(tx, `WHERE i.state = $1 AND i.due_at <> 0 AND i.due_at <= $2 ORDER BY i.due_at, i.id LIMIT $3`, string(state), tx.Now, limit)
}

// itemsForProfile are the paid items that wait for a profile.
func itemsForProfile(tx *db.Tx, profile string, limit int) ([]Item, error) {
	return pointers(tx, `JOIN orders o ON o.ref = i.order_ref
		WHERE o.profile = $1 AND o.profile <> '' AND o.state = 'paid' AND i.state = 'needs_identity' ORDER BY i.id LIMIT $2`, profile, limit)
}

// itemsForContact are the items that wait for a holder to be known at a registry.
func itemsForContact(tx *db.Tx, version int64, registry string, limit int) ([]Item, error) {
	return pointers(tx, `WHERE i.profile_version = $1 AND i.registry = $2 AND i.state = 'ready' ORDER BY i.id LIMIT $3`, version, registry, limit)
}

// openItemForName is the item for a name that the registry has in hand.
func openItemForName(tx *db.Tx, nameA string) (Item, error) {
	list, err := pointers(tx, `WHERE i.name_a = $1 AND i.state IN ('sent', 'pending') ORDER BY i.id LIMIT 1`, nameA)
	if err != nil {
		return Item{}, err
	}
	if len(list) == 0 {
		return Item{}, db.ErrNotFound
	}
	return list[0], nil
}

// waitingForName are the items for a name whose turn has not come, and those
// that a person has to decide about.
func waitingForName(tx *db.Tx, nameA string, limit int) ([]Item, error) {
	return pointers(tx, `WHERE i.name_a = $1 AND i.state IN ('ready', 'undecided') ORDER BY i.id LIMIT $2`, nameA, limit)
}

func unpaid(tx *db.Tx, limit int) ([]string, error) {
	return db.All[string](tx, `SELECT ref FROM orders WHERE state = 'awaiting_payment' AND pay_until <= $1 ORDER BY pay_until, id LIMIT $2`, tx.Now, limit)
}

// happened adds a line to the timeline.
func happened(tx *db.Tx, house int64, ref string, e Event) error {
	text := ""
	if len(e.Args) > 0 {
		b, err := json.Marshal(e.Args)
		if err != nil {
			return err
		}
		text = string(b)
	}
	_, err := tx.Exec(`INSERT INTO order_events (id, order_ref, n, house, kind, next, due_at, args, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, tx.NewID(), ref, e.N, house, e.Kind, e.Next, e.Due, text, tx.Now)
	return err
}

type eventRow struct {
	ID   int64     `db:"id"`
	N    int64     `db:"n"`
	Kind string    `db:"kind"`
	Next string    `db:"next"`
	Due  time.Time `db:"due_at"`
	Args string    `db:"args"`
	At   time.Time `db:"at"`
}

func timeline(tx *db.Tx, ref string) ([]Event, error) {
	rows, err := db.All[eventRow](tx, `SELECT id, n, kind, next, due_at, args, at FROM order_events
		WHERE order_ref = $1 ORDER BY id DESC LIMIT 500`, ref)
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{ID: r.ID, N: r.N, Kind: r.Kind, Next: r.Next, Due: r.Due, Args: map[string]string{}, At: r.At}
		if r.Args != "" {
			if err := json.Unmarshal([]byte(r.Args), &out[i].Args); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// lastEvent is the kind of the newest line about an item, so that waiting
// twice for the same thing is told once.
func lastEvent(tx *db.Tx, ref string, n int64) (string, error) {
	kind, err := db.Get[string](tx, `SELECT kind FROM order_events WHERE order_ref = $1 AND n = $2 ORDER BY id DESC LIMIT 1`, ref, n)
	if isNone(err) {
		return "", nil
	}
	return kind, err
}

func exportItems(tx *db.Tx, after int64, limit int) ([]itemRow, error) {
	return db.All[itemRow](tx, `SELECT `+itemColumns+` FROM order_items WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}
