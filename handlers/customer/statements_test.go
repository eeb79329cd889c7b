package customer_test

import (
	"fmt"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/registrations"
)

// What a page may ask of the database, session, sign-in and cart count of the
// frame included. Whoever needs a statement more writes it here and says why.
func TestAPageAsksNoMoreThanItsStatements(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s := open(t, d)
	who := s.account("lin@example.cn", "en")
	s.top(who, 100_000)
	for i := range 3 { // of each row a statement would show
		n := fmt.Sprintf("figure-%d.com", i+1)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := registrations.Record(tx, actor.System(who.House, "test", "set up"), registrations.New{House: who.House, Account: who.Account,
				Name: names.MustParse(n), Registry: "thin", OrderItem: n + "/1", Approved: true, SubmittedAt: tx.Now, CrDate: tx.Now, ExDate: tx.Now.AddDate(1, 0, 0), Statuses: []string{"ok"}})
			return err
		})
	}
	b := s.enter("lin@example.cn", "en")
	b.Post("/cart", "add", "figure-9.com", "years", "1")
	for _, row := range []struct {
		page string
		most int64
	}{
		{"/names", 4}, // session, sign-in, list, cart
		// Session, sign-in; the name, its members, history, restrictions; the lists, by their version; ending, prices, campaign; cart.
		{"/names/figure-1.com", 11},
		{"/orders", 4},
		{"/notices", 4},
		{"/profiles", 5},
		{"/wallet", 6},
		{"/cart", 28},     // one of them: what the endings allow, once for all lines; three: the campaign of an ending, each time its prices are read
		{"/checkout", 34}, // two of them: what the endings allow, for the cart and for the proof they ask for
	} {
		for range 2 { // what is remembered from the first does not count
			b.Visit(row.page).Is(row.page, 200)
		}
		n := int64(1 << 62)
		for range 5 { // the queue asks beside; the least of some is the page's own
			before := d.Counts().Statements
			b.Visit(row.page)
			n = min(n, d.Counts().Statements-before)
		}
		if n > row.most {
			t.Errorf("%s asks %d statements, at most %d", row.page, n, row.most)
		}
	}
}
