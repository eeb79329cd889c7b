package handlers_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web/webtest"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/names"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/permits"
)

// till are the words of paying and ordering.
var till = map[string]map[string]string{
	"zh": {"wallet": "用钱包付款", "cashier": "去收银台付款", "paid": "已经付过款，没有再次扣款", "over": "不再收款，没有扣款", "place": "提交订单", "accept": "我已阅读并同意",
		"changed": "购物车在报价之后有变化，没有下单", "ended": "报价已过期或价格有变，没有下单也没有收费", "permit": "没有扣款", "cart": "购物车是空的", "unfinished": "尚未办完，不能重复申请"},
	"en": {"wallet": "Pay from the wallet", "cashier": "Pay at the cashier", "paid": "is paid already; nothing was charged again", "over": "takes no payment; nothing was charged", "place": "Place order", "accept": "I have read and accept: ",
		"changed": "The cart has changed since the quote. Nothing was ordered", "ended": "The quote has ended or a price has changed. Nothing was ordered or charged", "permit": "Nothing was charged", "cart": "The cart is empty", "unfinished": "cannot be applied for twice"},
}

// find is an order as its buyer sees it.
func (w *world) find(who actor.Actor, ref string) (o orders.Order) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) (err error) {
		o, err = orders.Find(tx, who, ref)
		return err
	})
	return o
}

// ordered are somebody's orders, the newest first.
func (w *world) ordered(who actor.Actor) (list []orders.Order) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) (err error) {
		list, err = orders.List(tx, who, 0, 50)
		return err
	})
	return list
}

// asked are the payments that were opened at the cashier for an order.
func (w *world) asked(who actor.Actor, ref string) (list []payments.Payment) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) (err error) {
		list, err = payments.Of(tx, who.House, ref)
		return err
	})
	return list
}

// toldOf is how often a person was written to about something.
func (w *world) toldOf(who actor.Actor, ref, message string) (n int) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		list, err := notices.About(tx, who.House, ref, 50)
		for _, one := range list {
			if one.Message == message {
				n++
			}
		}
		return err
	})
	return n
}

// withdraw ends the permit of the root house.
func (w *world) withdraw() {
	w.t.Helper()
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error {
		return permits.WithdrawPermit(tx, actor.System(accounts.Root, "test", "set up"), "it was withdrawn")
	})
}

// press is one answer to a form sent while others are.
type press struct {
	code int
	body string
	err  error
}

func (w *world) press(v visitor, path, lang string, form url.Values) press {
	req, err := http.NewRequest(http.MethodPost, w.URL.String()+path, strings.NewReader(form.Encode()))
	if err != nil {
		return press{err: err}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", lang)
	resp, err := v.client.Do(req)
	if err != nil {
		return press{err: err}
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	return press{resp.StatusCode, string(b), errors.Join(err, resp.Body.Close())}
}

// TestADoubleClickOnPayPaysOnce: the same button several times at the same
// moment; one press pays, the others are told that it is paid.
func TestADoubleClickOnPayPaysOnce(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := open(t)
			lin := w.lin(lang)
			w.top(lin, 1_000_000)
			profile, _ := w.profile(lin)
			v := w.signed(visitor{name: "lin"}, "lin@example.cn")
			for i := range 10 {
				ref := w.order(lin, profile, fmt.Sprintf("double-%d.com", i))
				total, before := w.find(lin, ref).Total.Minor, w.balance(lin)
				clicks := 2 + i%3
				start, answers := make(chan struct{}), make(chan press, clicks)
				for range clicks {
					go func() {
						<-start
						answers <- w.press(v, "/orders/"+ref+"/pay", lang, url.Values{"by": {"wallet"}})
					}()
				}
				close(start)
				paid := 0
				for range clicks {
					a := <-answers
					switch {
					case a.err != nil:
						t.Errorf("no answer: %v", a.err)
					case a.code == http.StatusSeeOther:
						paid++
					case a.code != http.StatusConflict || !strings.Contains(a.body, till[lang]["paid"]):
						t.Errorf("the other press is answered %d and not told", a.code)
					}
				}
				if paid != 1 {
					t.Errorf("%d presses of %d paid", paid, clicks)
				}
				if held, took := w.heldFor(lin, ref), before-w.balance(lin); held != total || took != total {
					t.Errorf("of %d fen %d are held, %d were taken", total, held, took)
				}
				if o := w.find(lin, ref); o.State != orders.NeedsIdentity || o.PaidBy != "wallet" {
					t.Errorf("the order is %s, paid by %q", o.State, o.PaidBy)
				}
				if n := w.toldOf(lin, ref, "orders.paid"); n != 1 {
					t.Errorf("%d letters say that it is paid", n)
				}
			}
			w.balanced()
		})
	}
}

// TestPayingForWhatIsPaidOrOverTakesNothing: the page before the payment comes
// back by the browser's button, or lay open in another tab.
func TestPayingForWhatIsPaidOrOverTakesNothing(t *testing.T) {
	for _, row := range []struct {
		name   string
		press  string
		before func(w *world, who actor.Actor, ref string)
		status int
		says   string
	}{
		{"paid, and the wallet again", "wallet", func(w *world, who actor.Actor, ref string) { must(w.t, orders.PayFromWallet(ctx, w.d, who, ref)) }, 409, "paid"},
		{"paid, and the cashier then", "cashier", func(w *world, who actor.Actor, ref string) { must(w.t, orders.PayFromWallet(ctx, w.d, who, ref)) }, 409, "paid"},
		{"cancelled, and the wallet then", "wallet", func(w *world, who actor.Actor, ref string) { must(w.t, orders.Cancel(ctx, w.d, who, ref)) }, 409, "over"},
		{"cancelled, and the cashier then", "cashier", func(w *world, who actor.Actor, ref string) { must(w.t, orders.Cancel(ctx, w.d, who, ref)) }, 409, "over"},
		{"too late, and the wallet then", "wallet", func(w *world, _ actor.Actor, _ string) { w.pass("orders.payment_window") }, 409, "over"},
		{"too late, and the cashier then", "cashier", func(w *world, _ actor.Actor, _ string) { w.pass("orders.payment_window") }, 409, "over"},
		{"the permit ended, and the wallet then", "wallet", func(w *world, _ actor.Actor, _ string) { w.withdraw() }, 403, "permit"},
		{"the permit ended, and the cashier then", "cashier", func(w *world, _ actor.Actor, _ string) { w.withdraw() }, 403, "permit"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, lang := range []string{"zh", "en"} {
				w := open(t)
				lin := w.lin(lang)
				w.top(lin, 50_000)
				profile, _ := w.profile(lin)
				ref := w.order(lin, profile, "once-only.com")
				b := w.enter("lin@example.cn", lang).Visit("/orders/" + ref)
				row.before(w, lin, ref)
				had, held := w.balance(lin), w.heldFor(lin, ref)
				for range 2 {
					b.Post("/orders/"+ref+"/pay", "by", row.press).Is("/orders/"+ref+"/pay", row.status).See(till[lang][row.says], ref)
				}
				if got := w.balance(lin); got != had || w.heldFor(lin, ref) != held {
					t.Errorf("%s: %d fen became %d, held %d became %d", lang, had, got, held, w.heldFor(lin, ref))
				}
				if list := w.asked(lin, ref); len(list) != 0 {
					t.Errorf("%s: %d payments were opened", lang, len(list))
				}
				b.Visit("/orders/"+ref).Is("/orders/"+ref, http.StatusOK)
				w.balanced()
			}
		})
	}
}

// TestTheBackButtonAfterPayingTellsAndTakesNothing presses the very button of
// the page that the browser still has.
func TestTheBackButtonAfterPayingTellsAndTakesNothing(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		w := open(t)
		lin := w.lin(lang)
		w.top(lin, 50_000)
		profile, _ := w.profile(lin)
		ref := w.order(lin, profile, "back-again.com")
		b := w.enter("lin@example.cn", lang).Visit("/orders/" + ref)
		old := b.Page
		b.Press(till[lang]["wallet"], "").Is("/orders/"+ref, http.StatusOK).Miss(till[lang]["wallet"], till[lang]["cashier"])
		had := w.balance(lin)
		for _, button := range []string{"wallet", "cashier"} {
			b.Page = old
			b.Press(till[lang][button], "").Is("/orders/"+ref+"/pay", http.StatusConflict).See(till[lang]["paid"]).Miss(till[lang]["wallet"], till[lang]["cashier"])
		}
		if got := w.balance(lin); got != had || len(w.asked(lin, ref)) != 0 {
			t.Errorf("%s: %d fen became %d", lang, had, got)
		}
	}
}

// pass lets a term go by.
func (w *world) pass(policy string) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		term, err := calendar.Policy(tx, policy, "")
		if err == nil {
			w.clock.Set(term.After(tx.Now))
		}
		return err
	})
}

// tickTexts ticks what an order of these endings asks to accept.
func (w *world) tickTexts(b *webtest.Person, who actor.Actor, lang string, endings ...string) {
	w.t.Helper()
	var titles []string
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		list, err := orders.RequiredTexts(tx, who.House, endings)
		for _, v := range list {
			titles = append(titles, v.Title(lang))
		}
		return err
	})
	for _, title := range titles {
		b.Tick(till[lang]["accept"] + title)
	}
}

// TestAnOrderHoldsWhatItsCheckoutShowed: between the page and the press of its
// button something changes. Either the order is what the page showed, to the
// fen, or there is none and the person is told and asked again.
func TestAnOrderHoldsWhatItsCheckoutShowed(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(w *world, who actor.Actor)
		status int    // of the answer; 200 is an order
		says   string // in the language of the page
		names  string // on the page that asks again, or in the order
		total  int64  // of the order: this one's, or the one made when the button is pressed again; 0: none
	}{
		{"nothing", func(*world, actor.Actor) {}, 200, "", "shown.com", 7500},
		{"another tab put a name in", func(w *world, who actor.Actor) { w.fill(who, "unseen.com") }, 409, "changed", "shown.com unseen.com", 15000},
		{"another tab took the name out", func(w *world, who actor.Actor) { w.take(who, "shown.com") }, 409, "changed", "", 0},
		{"another tab changed it for one of the same price", func(w *world, who actor.Actor) { w.take(who, "shown.com"); w.fill(who, "unseen.com") }, 409, "changed", "unseen.com", 7500},
		{"another tab made it two years", func(w *world, who actor.Actor) {
			must(w.t, orders.AddToCart(ctx, w.d, who, names.MustParse("shown.com"), 2))
		}, 409, "changed", "shown.com", 15000},
		{"another tab put a name in and took it out", func(w *world, who actor.Actor) { w.fill(who, "unseen.com"); w.take(who, "unseen.com") }, 200, "", "shown.com", 7500},
		{"the price rose", func(w *world, who actor.Actor) { w.reprice(9900) }, 200, "", "shown.com", 7500},
		{"the price fell", func(w *world, who actor.Actor) { w.reprice(100) }, 200, "", "shown.com", 7500},
		{"the quote ended", func(w *world, who actor.Actor) { w.pass("catalogue.quote_life") }, 409, "ended", "shown.com", 7500},
		{"the price rose and the quote ended", func(w *world, who actor.Actor) { w.reprice(9900); w.pass("catalogue.quote_life") }, 409, "ended", "shown.com", 9900},
		{"the price rose and another tab put a name in", func(w *world, who actor.Actor) { w.reprice(9900); w.fill(who, "unseen.com") }, 409, "changed", "shown.com unseen.com", 19800},
		{"the permit ended", func(w *world, who actor.Actor) { w.withdraw() }, 403, "permit", "shown.com", 0},
		{"the permit ended and the quote too", func(w *world, who actor.Actor) { w.withdraw(); w.pass("catalogue.quote_life") }, 409, "ended", "shown.com", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, lang := range []string{"zh", "en"} {
				w := open(t)
				lin := w.lin(lang)
				w.top(lin, 100_000)
				w.profile(lin)
				must(t, orders.AddToCart(ctx, w.d, lin, names.MustParse("shown.com"), 1))
				b := w.enter("lin@example.cn", lang).Visit("/checkout").See("shown.com", "75")
				w.tickTexts(b, lin, lang, "com")
				row.change(w, lin)
				b.Press(till[lang]["place"], "")
				if row.status != http.StatusOK {
					b.Is("/orders", row.status).See(till[lang][row.says]).See(strings.Fields(row.names)...)
					if list := w.ordered(lin); len(list) != 0 {
						t.Fatalf("%s: refused, and ordered: %+v", lang, list)
					}
					if row.total == 0 {
						if row.names == "" {
							b.See(till[lang]["cart"])
						}
						continue
					}
					b.Press(till[lang]["place"], "") // what was ticked is ticked still
				}
				list := w.ordered(lin)
				if len(list) != 1 {
					t.Fatalf("%s: %d orders at %s:\n%s", lang, len(list), b.Page.URL, b.Page.Text())
				}
				o := w.find(lin, list[0].Ref)
				var got []string
				for _, i := range o.Items {
					got = append(got, i.NameU)
				}
				if o.Total.Minor != row.total || strings.Join(got, " ") != row.names {
					t.Errorf("%s: ordered %v for %d fen", lang, got, o.Total.Minor)
				}
				b.Is("/orders/"+o.Ref, http.StatusOK).See(strings.Fields(row.names)...)
				if w.balance(lin) != 100_000 {
					t.Errorf("%s: ordering took money", lang)
				}
			}
		})
	}
}

// TestACheckoutSaysAllThatIsInItsWay: the texts, the consents of each holder
// and a cart or quote that is no longer what the page showed, in one answer.
func TestACheckoutSaysAllThatIsInItsWay(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		for _, row := range []struct {
			name   string
			change func(w *world, who actor.Actor)
			holder bool // a profile is chosen, and its consents are missing
			texts  bool // the texts are accepted
			says   []string
		}{
			{"consent, texts and the cart", func(w *world, who actor.Actor) { w.fill(who, "unseen.com") }, true, false, []string{"changed", "accept", "consent"}},
			{"consent and the quote's time", func(w *world, who actor.Actor) { w.pass("catalogue.quote_life") }, true, true, []string{"ended", "consent"}},
			{"texts and the cart", func(w *world, who actor.Actor) { w.fill(who, "unseen.com") }, false, false, []string{"changed", "accept"}},
			{"texts alone", func(*world, actor.Actor) {}, false, false, []string{"accept"}},
		} {
			t.Run(lang+" "+row.name, func(t *testing.T) {
				w := open(t)
				lin := w.lin(lang)
				if row.holder {
					w.draft(lin)
				}
				must(t, orders.AddToCart(ctx, w.d, lin, names.MustParse("shown.com"), 1))
				b := w.enter("lin@example.cn", lang).Visit("/checkout")
				if row.texts {
					w.tickTexts(b, lin, lang, "com")
				}
				row.change(w, lin)
				b.Press(till[lang]["place"], "").Is("/orders", http.StatusUnprocessableEntity)
				for _, key := range []string{"changed", "ended", "accept", "consent"} {
					words := till[lang][key]
					switch key {
					case "accept":
						words = locales.T(locales.WithLang(ctx, lang), "checkout.accept_this")
					case "consent":
						words = locales.T(locales.WithLang(ctx, lang), "checkout.consent_missing")
					}
					if slices.Contains(row.says, key) {
						b.See(words)
					} else {
						b.Miss(words)
					}
				}
				if list := w.ordered(lin); len(list) != 0 {
					t.Errorf("refused, and ordered: %+v", list)
				}
			})
		}
	}
}

// take takes a name out of somebody's cart, as another tab does.
func (w *world) take(who actor.Actor, name string) {
	w.t.Helper()
	must(w.t, orders.RemoveFromCart(ctx, w.d, who, names.MustParse(name)))
}

// reprice gives .com another price.
func (w *world) reprice(fen int64) {
	w.t.Helper()
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error { return w.price(tx, accounts.Root, "com", fen) })
}

// TestTheSameCheckoutInTwoTabsIsOneOrder: the second tab is told, and its cart
// is empty.
func TestTheSameCheckoutInTwoTabsIsOneOrder(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		w := open(t)
		lin := w.lin(lang)
		w.profile(lin)
		must(t, orders.AddToCart(ctx, w.d, lin, names.MustParse("one-tab.com"), 1))
		b := w.enter("lin@example.cn", lang).Visit("/checkout")
		w.tickTexts(b, lin, lang, "com")
		second := b.Page
		b.Press(till[lang]["place"], "").Is("/orders/"+w.ordered(lin)[0].Ref, http.StatusOK)
		b.Page = second
		b.Press(till[lang]["place"], "").Is("/orders", http.StatusConflict).See(till[lang]["changed"], till[lang]["cart"])
		// The name again, though its order waits for money: told at the order.
		must(t, orders.AddToCart(ctx, w.d, lin, names.MustParse("one-tab.com"), 1))
		b.Visit("/checkout")
		w.tickTexts(b, lin, lang, "com")
		b.Press(till[lang]["place"], "").Is("/orders", http.StatusConflict).See(till[lang]["unfinished"])
		if n := len(w.ordered(lin)); n != 1 {
			t.Errorf("%s: %d orders", lang, n)
		}
	}
}

// TestTheCheckoutKeepsItsHolderWhenTheLanguageChanges: the page of one holder
// has an address of its own, which the links of the masthead keep.
func TestTheCheckoutKeepsItsHolderWhenTheLanguageChanges(t *testing.T) {
	w := open(t)
	lin := w.lin("zh")
	w.profile(lin)
	second, _ := w.draft(lin)
	w.fill(lin, "in-between.com")
	b := w.enter("lin@example.cn", "zh").Visit("/checkout?profile=" + second)
	for _, press := range []string{"EN", "中文"} {
		lang := map[string]string{"EN": "en", "中文": "zh"}[press]
		b.Press(press, "").Is("/checkout", http.StatusOK).See("in-between.com")
		if got, err := b.Page.Value(locales.T(locales.WithLang(ctx, lang), "checkout.profile")); err != nil || got != second {
			t.Errorf("after %s the holder is %q: %v", press, got, err)
		}
	}
}

// TestTheLanguageLinksOfARefusalLeadToAPage: also when the form was sent again
// from the page that refused it.
func TestTheLanguageLinksOfARefusalLeadToAPage(t *testing.T) {
	w := open(t)
	lin := w.lin("zh")
	w.top(lin, 50_000)
	profile, _ := w.profile(lin)
	ref := w.order(lin, profile, "again-and-again.com")
	must(t, orders.PayFromWallet(ctx, w.d, lin, ref))
	for again := range 3 {
		b := w.enter("lin@example.cn", "zh").Visit("/orders/" + ref)
		for range again + 1 {
			b.Post("/orders/"+ref+"/pay", "by", "wallet").Is("/orders/"+ref+"/pay", http.StatusConflict)
		}
		b.Press("EN", "").Is("/orders/"+ref, http.StatusOK).Press("中文", "").Is("/orders/"+ref, http.StatusOK)
	}
}
