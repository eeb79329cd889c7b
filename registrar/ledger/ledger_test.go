package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

const (
	house = int64(1)
	lin   = int64(7)
)

var bank = actor.System(house, "test", "a test")

func line(name string, fen int64) SaleLine {
	net, tax, err := CNY(fen).TaxIncluded(600)
	if err != nil {
		panic(err)
	}
	return SaleLine{Name: name, Service: "create", Years: 1, PriceRow: 11, Net: net, Tax: tax, TaxRateBP: 600, Cost: CNY(fen / 2)}
}

func sound(t testing.TB, d *db.DB) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) error {
		diff, err := CheckSums(tx)
		for _, x := range diff {
			t.Error(x)
		}
		return err
	})
}

func balance(t testing.TB, d *db.DB) (m Money) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) (err error) { m, err = Balance(tx, house, lin, "CNY"); return err })
	return m
}

func held(t testing.TB, d *db.DB, ref string) (m Money) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) (err error) { m, err = Held(tx, house, ref); return err })
	return m
}

func TestMoneyGoesFromWalletToRevenueOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		for range 2 { // each act twice: the second changes nothing
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return errors.Join(TopUp(tx, bank, house, lin, "bank", "P-1", CNY(10000)))
			})
			dbtest.Write(t, d, func(tx *db.Tx) error { return HoldFromWallet(tx, bank, house, lin, "AAAA", CNY(7000)) })
		}
		if b, h := balance(t, d), held(t, d, "AAAA"); b != CNY(3000) || h != CNY(7000) {
			t.Fatalf("wallet %v, held %v", b, h)
		}
		for range 2 {
			dbtest.Write(t, d, func(tx *db.Tx) error { return Settle(tx, bank, "AAAA", line("a.cn", 3500)) })
			dbtest.Write(t, d, func(tx *db.Tx) error { return ReleaseToWallet(tx, bank, "AAAA", "b.cn", CNY(3500)) })
		}
		if b, h := balance(t, d), held(t, d, "AAAA"); b != CNY(6500) || h.Minor != 0 {
			t.Fatalf("wallet %v, held %v", b, h)
		}
		sound(t, d)

		lines := 0
		dbtest.Read(t, d, func(tx *db.Tx) error {
			st, err := Statement(tx, actor.Actor{House: house, Account: lin, Person: 1}, 0, 10)
			lines = len(st)
			if lines == 3 && (st[0].Kind != KindRelease || st[0].After != CNY(6500) || st[2].Kind != KindTopUp) {
				t.Errorf("statement %+v", st)
			}
			other, oerr := Statement(tx, actor.Actor{House: 2, Account: lin, Person: 1}, 0, 10)
			if len(other) != 0 {
				t.Error("another house sees the wallet")
			}
			return errors.Join(err, oerr)
		})
		if lines != 3 {
			t.Errorf("%d lines in the statement", lines)
		}
	})
}

func TestAWalletDoesNotHoldMoreThanItHas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return TopUp(tx, bank, house, lin, "bank", "P-1", CNY(3000)) })
		err := d.Write(context.Background(), func(tx *db.Tx) error { return HoldFromWallet(tx, bank, house, lin, "AAAA", CNY(3500)) })
		p, ok := problem.As(err)
		if !ok || p.ID != "ledger.not_enough" || fmt.Sprint(p.Args) != "[Gap 5.00 Currency CNY]" {
			t.Fatalf("%v, %+v", err, p)
		}
		if b := balance(t, d); b != CNY(3000) {
			t.Errorf("wallet %v", b)
		}
		sound(t, d)
	})
}

func TestChannelMoneyGoesBackWhereItCameFrom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return TopUp(tx, bank, house, lin, "bank", "P-0", CNY(1000)) })
		dbtest.Write(t, d, func(tx *db.Tx) error { return HoldFromWallet(tx, bank, house, lin, "AAAA", CNY(1000)) })
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return HoldFromChannel(tx, bank, house, lin, "AAAA", "bank", "P-1", CNY(3500))
		})
		var parts []Part
		dbtest.Read(t, d, func(tx *db.Tx) (err error) { parts, err = HeldParts(tx, house, "AAAA"); return err })
		if len(parts) != 2 || !parts[0].FromWallet() || parts[1].Source != "P-1" || parts[1].Money != CNY(3500) {
			t.Fatalf("%+v", parts)
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error {
			return ReleaseToChannel(tx, bank, "AAAA", "P-1", "R-1", CNY(3501))
		}); !errors.Is(err, ErrGone) {
			t.Errorf("more than was paid went back: %v", err)
		}
		for range 2 {
			dbtest.Write(t, d, func(tx *db.Tx) error { return ReleaseToChannel(tx, bank, "AAAA", "P-1", "R-1", CNY(3500)) })
		}
		if h := held(t, d, "AAAA"); h != CNY(1000) {
			t.Errorf("held %v", h)
		}
		for range 2 {
			dbtest.Write(t, d, func(tx *db.Tx) error { return RefundDone(tx, bank, lin, "bank", "R-1", CNY(3500)) })
			// Too late: it is done, so it is not kept as well.
			dbtest.Write(t, d, func(tx *db.Tx) error { return RefundKept(tx, bank, lin, "R-1", CNY(3500)) })
		}
		if b := balance(t, d); b.Minor != 0 {
			t.Errorf("wallet %v", b)
		}
		sound(t, d)
	})
}

func TestAChargebackShowsOnTheBalance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return Chargeback(tx, bank, lin, "bank", "cb_1", CNY(500)) })
		if b := balance(t, d); b != CNY(-500) {
			t.Errorf("wallet %v", b)
		}
		sound(t, d)
	})
}

func TestBothEnginesRefuseToChangeTheBooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return TopUp(tx, bank, house, lin, "bank", "P-1", CNY(10000)) })
		dbtest.Write(t, d, func(tx *db.Tx) error { return HoldFromWallet(tx, bank, house, lin, "AAAA", CNY(3500)) })
		dbtest.Write(t, d, func(tx *db.Tx) error { return Settle(tx, bank, "AAAA", line("a.cn", 3500)) })
		for _, q := range []string{
			`UPDATE ledger_postings SET amount = amount + 1`,
			`DELETE FROM ledger_postings`,
			`UPDATE ledger_entries SET reason = 'nothing happened'`,
			`DELETE FROM ledger_entries`,
			`UPDATE ledger_sales SET tax = 0`,
			`DELETE FROM ledger_sales`,
			`DELETE FROM ledger_accounts`,
			`UPDATE ledger_accounts SET owner = 8`,
			// an entry whose postings do not sum to zero
			`INSERT INTO ledger_entries (id, house, kind, ref, key, actor, posted_at) VALUES (1, 1, 'top_up', '', 'x', 'x', 1)`,
			// one more posting for an entry that is closed
			`INSERT INTO ledger_postings (id, house, entry, account, currency, amount, balance_after, posted_at)
			 SELECT 2, house, id, (SELECT min(id) FROM ledger_accounts), 'CNY', 5, 5, 1 FROM ledger_entries LIMIT 1`,
			// postings that never get an entry: refused at commit
			`INSERT INTO ledger_postings (id, house, entry, account, currency, amount, balance_after, posted_at)
			 SELECT 3, 1, 99, min(id), 'CNY', 5, 5, 1 FROM ledger_accounts`,
			// a posting in another currency or house than its account
			`INSERT INTO ledger_postings (id, house, entry, account, currency, amount, balance_after, posted_at)
			 SELECT 4, 1, 98, min(id), 'USD', 5, 5, 1 FROM ledger_accounts`,
			`UPDATE ledger_accounts SET balance = -1 WHERE kind = 'held'`,
		} {
			err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(q); return err })
			if err == nil {
				t.Errorf("allowed: %s", q)
			}
		}
		unbalanced := d.Write(context.Background(), func(tx *db.Tx) error {
			a, err := open(tx, walletOf(house, lin, "CNY"))
			if err != nil {
				return err
			}
			b, err := open(tx, houseOf(house, "revenue", accountRevenue, "CNY"))
			if err != nil {
				return err
			}
			return post(tx, bank, entry{house: house, kind: KindSettle, key: "odd"}, move{a, -100}, move{b, 101})
		})
		if unbalanced == nil {
			t.Error("an entry that does not sum to zero was taken")
		}
		sound(t, d)
	})
}

func TestTheSumCheckNamesATamperedBalance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return TopUp(tx, bank, house, lin, "bank", "P-1", CNY(10000)) })
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE ledger_accounts SET balance = balance + 1 WHERE kind = 'wallet'`)
			return err
		})
		dbtest.Read(t, d, func(tx *db.Tx) error {
			diff, err := CheckSums(tx)
			if len(diff) != 2 || diff[0].Subject != "wallet:7" || diff[0].Want != 10000 || diff[0].Have != 10001 || diff[1].What != "house" {
				t.Errorf("%+v", diff)
			}
			return err
		})
	})
}

func TestBuyersAtOnceDoNotSpendTheSameMoney(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return TopUp(tx, bank, house, lin, "bank", "P-1", CNY(5000)) })
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for i := range 20 {
			wg.Go(func() {
				err := d.Write(context.Background(), func(tx *db.Tx) error {
					return HoldFromWallet(tx, bank, house, lin, fmt.Sprintf("ORDER-%02d", i), CNY(1000))
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case !problem.Is(err, "ledger.not_enough"):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if b := balance(t, d); won != 5 || b.Minor != 0 {
			t.Errorf("%d holds, %v left", won, b)
		}
		sound(t, d)
	})
}

// TestTheBooksAgreeAfterAnything runs random acts, some of them twice and some
// that must be refused, against a model that counts on its fingers.
func TestTheBooksAgreeAfterAnything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			who := actor.System(int64(run), "test", "a test") // a house for each run
			var wallet, revenue int64
			heldWallet, heldChannel := map[string]int64{}, map[string]int64{}
			refs := []string{"AAAA", "BBBB"}
			n := 0
			act := func(f func(tx *db.Tx) error) error { return d.Write(context.Background(), f) }
			rt.Repeat(map[string]func(*rapid.T){
				"top up": func(rt *rapid.T) {
					m := rapid.Int64Range(1, 5000).Draw(rt, "m")
					n++
					for range rapid.IntRange(1, 2).Draw(rt, "times") {
						if err := act(func(tx *db.Tx) error { return TopUp(tx, who, who.House, lin, "bank", fmt.Sprint("T", n), CNY(m)) }); err != nil {
							rt.Fatal(err)
						}
					}
					wallet += m
				},
				"hold from wallet": func(rt *rapid.T) {
					ref := rapid.SampledFrom(refs).Draw(rt, "ref")
					m := rapid.Int64Range(1, 5000).Draw(rt, "m")
					_, before := heldWallet[ref]
					err := act(func(tx *db.Tx) error { return HoldFromWallet(tx, who, who.House, lin, ref, CNY(m)) })
					switch {
					case before: // once per order: nothing happens
						if (err == nil) != (heldWallet[ref] >= m) || err != nil && !errors.Is(err, ErrGone) {
							rt.Fatalf("held %d before, %d again: %v", heldWallet[ref], m, err)
						}
					case m > wallet:
						if !problem.Is(err, "NOT_ENOUGH") {
							rt.Fatalf("hold %d of %d: %v", m, wallet, err)
						}
					case err != nil:
						rt.Fatal(err)
					default:
						wallet -= m
						heldWallet[ref] = m
					}
				},
				"hold from channel": func(rt *rapid.T) {
					ref := rapid.SampledFrom(refs).Draw(rt, "ref")
					m := rapid.Int64Range(1, 5000).Draw(rt, "m")
					if err := act(func(tx *db.Tx) error {
						return HoldFromChannel(tx, who, who.House, lin, ref, "bank", "P"+ref, CNY(m))
					}); err != nil {
						rt.Fatal(err)
					}
					if _, before := heldChannel[ref]; !before {
						heldChannel[ref] = m
					}
				},
				"settle": func(rt *rapid.T) {
					ref := rapid.SampledFrom(refs).Draw(rt, "ref")
					m := rapid.Int64Range(1, 5000).Draw(rt, "m")
					n++
					err := act(func(tx *db.Tx) error { return Settle(tx, who, ref, line(fmt.Sprint("n", n, ".cn"), m)) })
					if m > heldWallet[ref]+heldChannel[ref] {
						if !errors.Is(err, ErrGone) {
							rt.Fatalf("settled %d: %v", m, err)
						}
						return
					}
					if err != nil {
						rt.Fatal(err)
					}
					revenue += m
					w := min(m, heldWallet[ref])
					if w > 0 {
						heldWallet[ref] -= w
					}
					if m > w {
						heldChannel[ref] -= m - w
					}
				},
				"refund to channel": func(rt *rapid.T) {
					ref := rapid.SampledFrom(refs).Draw(rt, "ref")
					m := rapid.Int64Range(1, 5000).Draw(rt, "m")
					n++
					err := act(func(tx *db.Tx) error {
						no := fmt.Sprint("R", n)
						if err := ReleaseToChannel(tx, who, ref, "P"+ref, no, CNY(m)); err != nil {
							return err
						}
						if n%2 == 0 {
							return RefundKept(tx, who, lin, no, CNY(m))
						}
						return RefundDone(tx, who, lin, "bank", no, CNY(m))
					})
					if m > heldChannel[ref] {
						if !errors.Is(err, ErrGone) {
							rt.Fatalf("refunded %d: %v", m, err)
						}
						return
					}
					if err != nil {
						rt.Fatal(err)
					}
					heldChannel[ref] -= m
					if n%2 == 0 {
						wallet += m
					}
				},
				"": func(rt *rapid.T) {
					if err := d.Read(context.Background(), func(tx *db.Tx) error {
						b, err := Balance(tx, who.House, lin, "CNY")
						if err != nil {
							return err
						}
						if b.Minor != wallet {
							return fmt.Errorf("wallet %d, want %d", b.Minor, wallet)
						}
						for _, ref := range refs {
							h, err := Held(tx, who.House, ref)
							if err != nil {
								return err
							}
							if h.Minor != heldWallet[ref]+heldChannel[ref] {
								return fmt.Errorf("held for %s %d, want %d + %d", ref, h.Minor, heldWallet[ref], heldChannel[ref])
							}
						}
						earned, err := db.Get[int64](tx, `SELECT CAST(COALESCE(sum(balance), 0) AS BIGINT) FROM ledger_accounts
							WHERE house = $1 AND kind IN ('revenue', 'tax')`, who.House)
						if earned != revenue {
							return fmt.Errorf("earned %d, want %d", earned, revenue)
						}
						return err
					}); err != nil {
						rt.Fatal(err)
					}
				},
			})
		})
		sound(t, d)
	})
}

func TestTheExportBalancesOnItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return HoldFromChannel(tx, bank, house, lin, "AAAA", "bank", "P-1", CNY(3500))
		})
		dbtest.Write(t, d, func(tx *db.Tx) error { return Settle(tx, bank, "AAAA", line("a.cn", 3500)) })
		var buf bytes.Buffer
		if err := Export(context.Background(), d, &buf); err != nil {
			t.Fatal(err)
		}
		sums, sales := map[float64]float64{}, 0
		dec := json.NewDecoder(&buf)
		for dec.More() {
			var l map[string]any
			if err := dec.Decode(&l); err != nil {
				t.Fatal(err)
			}
			if l["type"] == "sale" {
				sales++
				if l["net"].(float64)+l["tax"].(float64) != 3500 || l["name"] != "a.cn" {
					t.Errorf("%v", l)
				}
				continue
			}
			sums[l["entry"].(float64)] += l["amount"].(float64)
		}
		for e, s := range sums {
			if s != 0 {
				t.Errorf("entry %v sums to %v", e, s)
			}
		}
		if len(sums) != 2 || sales != 1 {
			t.Errorf("%d entries, %d sales", len(sums), sales)
		}
	})
}
