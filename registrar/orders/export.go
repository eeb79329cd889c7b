package orders

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"yumen/db"
	"yumen/registrar/registries"
)

type exported struct {
	Order          string            `json:"order"`
	Item           int64             `json:"item"`
	House          int64             `json:"house"`
	Account        int64             `json:"account"`
	Service        string            `json:"service"`
	Name           string            `json:"name"`
	ULabel         string            `json:"u_label"`
	Ending         string            `json:"ending"`
	Registry       string            `json:"registry"`
	Years          int64             `json:"years"`
	PriceRow       int64             `json:"price_row"`
	Net            int64             `json:"net"`
	Tax            int64             `json:"tax"`
	TaxRateBP      int64             `json:"tax_rate_bp"`
	Total          int64             `json:"total"`
	Currency       string            `json:"currency"`
	Cost           int64             `json:"cost"`
	CostCurrency   string            `json:"cost_currency"`
	Profile        string            `json:"profile"`
	ProfileVersion int64             `json:"profile_version"`
	State          State             `json:"state"`
	Reason         Reason            `json:"reason"`
	RegistryWords  string            `json:"registry_words"`
	PaidBy         string            `json:"paid_by"`
	ToWallet       bool              `json:"to_wallet"`
	Refund         int64             `json:"refund"`
	PlacedAt       string            `json:"placed_at"`
	PaidAt         string            `json:"paid_at"`
	SubmittedAt    string            `json:"submitted_at"`
	StateSince     string            `json:"state_since"`
	Attempts       []exportedAttempt `json:"attempts"`
	IndexGroup     string            `json:"index_group"`
	IndexLabel     string            `json:"index_label"`
	OrderTotal     int64             `json:"order_total"`
	OrderItems     int64             `json:"order_items"`
	PayUntil       string            `json:"pay_until"`
	DueAt          string            `json:"due_at"`
	ClosedAt       string            `json:"closed_at"`
	PriceClass     string            `json:"price_class"`
	AskedAt        string            `json:"asked_at"`
}

type exportedAttempt struct {
	ClTRID  string             `json:"cl_trid"`
	SvTRID  string             `json:"sv_trid"`
	State   string             `json:"state"`
	Outcome registries.Outcome `json:"outcome"`
	Code    int64              `json:"code"`
	SentAt  string             `json:"sent_at"`

	Operation string `json:"operation"`
	Object    string `json:"object"`
	Registry  string `json:"registry"`
}

// Export writes every item of every order as a JSON line, oldest first, a page
// at a time.
func Export(ctx context.Context, d *db.DB, w io.Writer) error {
	enc := json.NewEncoder(w)
	for after := int64(0); ; {
		var page []exported
		err := d.Read(ctx, func(tx *db.Tx) (err error) {
			page, after, err = exportPage(tx, after)
			return err
		})
		if err != nil {
			return err
		}
		for _, x := range page {
			if err := enc.Encode(x); err != nil {
				return err
			}
		}
		if len(page) < exportSize {
			return nil
		}
	}
}

const exportSize = 500

func exportPage(tx *db.Tx, after int64) ([]exported, int64, error) {
	rows, err := exportItems(tx, after, exportSize)
	if err != nil {
		return nil, after, err
	}
	page := make([]exported, 0, len(rows))
	for _, r := range rows {
		after = r.ID
		i := r.item()
		o, err := load(tx, i.Order)
		if err != nil {
			return nil, after, err
		}
		attempts, err := registries.Attempts(tx, i.House, i.Key())
		if err != nil {
			return nil, after, err
		}
		x := exported{Order: i.Order, Item: i.N, House: i.House, Account: i.Account, Service: i.Service, Name: i.NameA,
			ULabel: i.NameU, Ending: i.Ending, Registry: i.Registry, Years: i.Years, PriceRow: i.PriceRow, Net: i.Net.Minor,
			Tax: i.Tax.Minor, TaxRateBP: i.TaxRateBP, Total: i.Total.Minor, Currency: i.Total.Currency, Cost: i.Cost.Minor,
			CostCurrency: i.Cost.Currency, Profile: o.Profile, ProfileVersion: i.ProfileVersion, State: i.State, Reason: i.Reason,
			RegistryWords: i.Words, PaidBy: o.PaidBy, ToWallet: o.ToWallet, Refund: i.Refund.Minor, PlacedAt: utc(o.PlacedAt),
			PaidAt: utc(o.PaidAt), SubmittedAt: utc(i.SubmittedAt), StateSince: utc(i.Since), Attempts: []exportedAttempt{},
			IndexGroup: i.group, IndexLabel: i.index, OrderTotal: o.Total.Minor, OrderItems: int64(len(o.Items)),
			PayUntil: utc(o.PayUntil), DueAt: utc(i.Due), ClosedAt: utc(o.ClosedAt),
			PriceClass: i.PriceClass, AskedAt: utc(i.AskedAt)}
		for _, a := range attempts {
			x.Attempts = append(x.Attempts, exportedAttempt{ClTRID: a.ClTRID, SvTRID: a.SvTRID, State: a.State, Outcome: a.Outcome,
				Code: a.Code, SentAt: utc(a.SentAt), Operation: a.Operation, Object: a.Object, Registry: a.Registry})
		}
		page = append(page, x)
	}
	return page, after, nil
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano) // to the millisecond: who paid first is to be seen
}
