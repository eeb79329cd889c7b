package handlers_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/testkit/duty"
)

// campaign publishes one that runs today and for nine days more: .com for 60
// yuan, which is 75 normally.
func (w *world) campaign() (ref string) {
	w.t.Helper()
	author := w.account(accounts.Root, "author@example.cn", "zh", actor.Finance)
	other := w.account(accounts.Root, "other@example.cn", "zh", actor.Admin)
	dbtest.Write(w.t, w.d, func(tx *db.Tx) (err error) {
		today := calendar.DayOf(tx.Now)
		if ref, err = catalogue.SaveCampaign(tx, author, "", 0, catalogue.Pitch{TitleZh: "春季优惠", TitleEn: "Spring offer", TextZh: ".com 首年更省，续费照常。", TextEn: "A cheaper first year of .com; renewal as usual.",
			From: today, To: today + 9, Offers: []catalogue.Promise{{Ending: "com", First: ledger.CNY(6000)}}}, "the season"); err != nil {
			return err
		}
		return catalogue.PublishCampaign(tx, other, ref, catalogue.Sanction{Version: 1, Reason: "read it"})
	})
	return ref
}

var offerShown = regexp.MustCompile(`(?s)<small class="offer">.*?</small>|<section class="wrap campaigns".*?</section>`)

// TestM38_AnOfferIsShownWithItsLastDayAndNothingCountsDown: wherever the
// promotional price stands, the normal price, the last day and the renewal stand
// beside it, as text that an hour later is the same.
func TestM38_AnOfferIsShownWithItsLastDayAndNothingCountsDown(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := open(t)
			ref := w.campaign()
			last := (calendar.DayOf(w.d.Now()) + 9).String()
			words := map[string][]string{"zh": {"原价", "优惠价至 " + last + "（含当日）"}, "en": {"Normally", "Offer price through " + last}}[lang]
			title := map[string]string{"zh": "春季优惠", "en": "Spring offer"}[lang]
			pages := []string{"/", "/prices", "/endings/com", "/endings", "/search?q=offered-name.com"}
			b := w.Person(t, lang)
			for _, path := range pages {
				b.Visit(path).See(append([]string{"¥60", "¥75"}, words...)...)
			}
			b.Visit("/").See(title)
			b.Post("/cart", "add", "offered-name.com", "years", "1").Visit("/cart").See(append([]string{"¥60", "¥75", "offered-name.com"}, words...)...)

			look := func() map[string][]string {
				out := map[string][]string{}
				for _, path := range pages {
					html, _ := w.fetch(t, path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang="+lang)
					out[path] = offerShown.FindAllString(html, -1)
				}
				return out
			}
			early := look()
			w.clock.Advance(61 * time.Minute)
			for path, now := range look() {
				if len(now) == 0 || !slices.Equal(now, early[path]) {
					t.Errorf("%s an hour later: %q, it was %q", path, now, early[path])
				}
				for _, one := range now {
					if !strings.Contains(one, last) {
						t.Errorf("%s: %s has no last day", path, one)
					}
				}
			}
			duty.Prove(t, "M-38", fmt.Sprintf("%s: %d pages and the cart show the stored end %s beside the normal price; an hour later they say the same", lang, len(pages), last))

			// The machines' list has the row of the campaign behind the normal one.
			rows := table(t, first(w.fetch(t, "/prices.csv")))
			i := slices.IndexFunc(rows, func(r map[string]string) bool { return r["campaign"] == ref })
			if i < 1 || rows[i]["first"] != "60.00" || rows[i]["to"] == "" || rows[i-1]["first"] != "75.00" || rows[i-1]["service"] != "create" || rows[i-1]["a_label"] != "com" {
				t.Errorf("prices.csv: row %d of %v", i, rows)
			}
			var all struct{ Prices []map[string]any }
			must(t, json.Unmarshal([]byte(first(w.fetch(t, "/prices.json"))), &all))
			if i >= len(all.Prices) || all.Prices[i]["campaign"] != ref || all.Prices[i]["to"] != rows[i]["to"] {
				t.Errorf("prices.json: %v", all.Prices)
			}

			// The day after its last nothing of it is left, without anybody's doing.
			w.clock.Set((calendar.DayOf(w.d.Now()) + 10).Start().Add(time.Second))
			for path, now := range look() {
				if len(now) != 0 {
					t.Errorf("%s when it is over: %q", path, now)
				}
			}
			w.Person(t, lang).Visit("/").Miss(title)
		})
	}
}

var ticking = regexp.MustCompile(`(?i)countdown|count-down|role="timer"|data-(?:deadline|ends|expires|left)|setInterval|setTimeout|requestAnimationFrame|倒计时`)

// TestM38_NoPageHasATimer reads what the pages are made of.
func TestM38_NoPageHasATimer(t *testing.T) {
	n := 0
	for _, root := range []string{"../views/public", "../views/customer", "../views/parts", "../views/layout", "../views/mail", "../views/print", "../static/js", "../static/css"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !slices.Contains([]string{".templ", ".js", ".css"}, filepath.Ext(path)) {
				return err
			}
			text, err := os.ReadFile(path)
			n++
			if hit := ticking.Find(text); hit != nil {
				t.Errorf("%s has %q", path, hit)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if n < 20 {
		t.Fatalf("only %d files were read", n)
	}
	for _, s := range []string{`<span role="timer">`, `<b data-ends="1">`, `setInterval(tick, 1000)`, "倒计时 03:00"} {
		if !ticking.MatchString(s) {
			t.Errorf("%s would pass", s)
		}
	}
	duty.Prove(t, "M-38", fmt.Sprintf("%d templates, scripts and style sheets without a timer", n))
}
