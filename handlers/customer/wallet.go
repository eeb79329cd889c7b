package customer

import (
	"net/http"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/ledger"
	"yumen/registrar/payments"
	"yumen/registrar/problem"
	view "yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
)

// currency is that of wallets.
const currency = "CNY"

// wallet shows what the account has with us.
func (p *Pages) wallet(w http.ResponseWriter, r *http.Request) error {
	return p.showWallet(w, r, http.StatusOK, "", nil)
}

func (p *Pages) showWallet(w http.ResponseWriter, r *http.Request, code int, amount string, why error) error {
	who := web.Actor(r)
	v := view.Wallet{Cashier: p.Cashier != nil, Amount: amount, Page: page(r), Errors: parts.FieldErrors(r.Context(), why)}
	if len(v.Errors) == 0 {
		v.Error = parts.Said(r.Context(), why)
	}
	var top payments.Payment
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		balance, err := ledger.Balance(tx, who.House, who.Account, currency)
		if err != nil {
			return err
		}
		if top, err = comingBack(tx, r); err != nil {
			return err
		}
		v.Balance = parts.Money{Minor: balance.Minor, Currency: currency}
		v.Lines, err = ledger.Statement(tx, who, before(r), perPage+1)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.Lines); n > perPage {
		v.Next = older("/wallet", n, v.Lines[perPage-1].ID)
		v.Lines = v.Lines[:perPage]
	}
	frame := web.Frame(r, locales.T(r.Context(), "wallet.title"))
	switch {
	case top.State == payments.Refused, top.State == payments.Expired:
		v.Declined = parts.Amount(top.Amount)
		if v.Amount == "" {
			v.Amount = top.Amount.Decimal()
		}
	case top.State == payments.Paid:
		frame.Flash = append(frame.Flash, layout.Flash{Kind: "ok", Title: locales.T(r.Context(), "wallet.arrived", "Amount", parts.Amount(top.Amount).Say(r.Context()))})
	case r.URL.Query().Has("returned"):
		frame.Flash = append(frame.Flash, returned(r, "wallet.returned"))
		if top.State == payments.Open {
			frame.Refresh = 5
		}
	}
	return web.Render(w, r, code, view.WalletPage(frame, v))
}

// comingBack is the top-up that the asker comes back from; zero when the number
// at the address is none of their own.
func comingBack(tx *db.Tx, r *http.Request) (payments.Payment, error) {
	number := r.URL.Query().Get("payment")
	if number == "" || !r.URL.Query().Has("returned") {
		return payments.Payment{}, nil
	}
	p, err := payments.Find(tx, web.Actor(r), number)
	if no, ok := problem.As(err); ok && no.Kind == problem.NotFound {
		return payments.Payment{}, nil
	}
	if err == nil && (p.Account != web.Actor(r).Account || p.Purpose != payments.ForTopUp) { // finance finds the payments of all
		p = payments.Payment{}
	}
	return p, err
}

// topUp leads to the cashier; its notice, not the return, fills the wallet.
func (p *Pages) topUp(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	amount := form.Text("amount")
	m, err := ledger.Parse(amount, currency)
	if err != nil {
		var bad problem.Form
		bad.Add("amount", "wallet.amount_bad")
		return p.showWallet(w, r, http.StatusUnprocessableEntity, amount, bad.Err())
	}
	if p.Cashier == nil {
		return problem.New(problem.Unavailable, "payments.no_cashier")
	}
	_, address, err := payments.Start(r.Context(), p.DB, p.Cashier, web.Actor(r), payments.Ask{
		Purpose: payments.ForTopUp, Amount: m, Subject: locales.T(r.Context(), "wallet.subject"), ReturnURL: web.Base(r) + "/wallet?returned=1",
	})
	if again(err) {
		return p.showWallet(w, r, status(err), amount, err)
	}
	if err != nil {
		return err
	}
	return web.Away(w, r, address)
}
