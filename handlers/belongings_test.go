package handlers_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/registrar/identity"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/screening"
	"yumen/registrar/search"
	"yumen/registrar/texts"
)

// things are what somebody has, and what the paths of the routes are filled with.
type things struct {
	path   map[string]string // by route's beginning and parameter
	form   url.Values        // fields that point at them
	secret []string          // words that nobody else may read
	marks  []string          // what a row of the database about them has in it
}

// belongings gives lin one of everything.
func (w *world) belongings(lin actor.Actor) things {
	w.t.Helper()
	w.top(lin, 100_000)
	review, paper := w.profile(lin)
	draft, draftPaper := w.draft(lin)
	w.record(lin, "rencai.com")
	unpaid := w.order(lin, draft, "unpaid-of-lin.com")
	paid := w.order(lin, review, "paid-of-lin.cn")
	must(w.t, orders.PayFromWallet(ctx, w.d, lin, paid))
	back := w.order(lin, draft, "back-of-lin.com")
	w.byBank(lin, back)
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error {
		return payments.Return(tx, actor.System(accounts.Root, "test", "set up"), back, false, "refused by the registry")
	})
	refund := w.goingBack(lin, back)[0].Number
	w.asksBank(back, refund, "refused")
	quote := w.fill(lin, "quoted-of-lin.com") // last: an order empties the cart
	receipt, err := complaints.File(ctx, w.d, lin, complaints.Form{Kind: complaints.Service, Name: "陈先生", Mail: "chen@example.com", About: "bad.com", URL: "https://bad.example/", Text: "这个域名冒充我们的银行收取密码。", Consent: true})
	must(w.t, err)
	compliance := actor.Actor{House: 1, Account: 880, Person: 881, Name: "x***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	var task desk.Item
	var approval int64
	var campaign string
	var name screening.Review
	dbtest.Write(w.t, w.d, func(tx *db.Tx) (err error) {
		if task, err = desk.For(tx, actor.Actor{House: 1, Person: 9, Roles: []actor.Role{actor.Reviewer}}, identity.TaskKind, review); err != nil {
			return err
		}
		// The registry has a name of lin's, and nobody knows for whom.
		if _, err = tx.Exec(`INSERT INTO order_doubts (order_ref, n, house, registry, name_a, sponsor, cr_date, ex_date, found_at)
			VALUES ($1, 1, 1, 'cnnic', 'paid-of-lin.cn', 'yumen', $2, $3, $2)`, paid, tx.Now, tx.Now.AddDate(1, 0, 0)); err != nil {
			return err
		}
		if name, err = screening.OpenReview(tx, lin, screening.Ask{Kind: screening.Other, Name: names.MustParse("asked-of-lin.com"), Statement: "mine"}); err != nil {
			return err
		}
		if campaign, err = catalogue.SaveCampaign(tx, compliance, "", 0, catalogue.Pitch{TitleZh: "题", TitleEn: "T", TextZh: "文", TextEn: "W",
			From: calendar.DayOf(tx.Now), To: calendar.DayOf(tx.Now)}, "for the test"); err != nil {
			return err
		}
		approval, err = desk.Ask(tx, compliance, "permits.withdrawn", "permit", "for the test")
		return err
	})
	job := w.deadJob()
	n := strconv.FormatInt
	marks := []string{n(lin.Account, 10), n(lin.Person, 10), unpaid, paid, back, refund, review, draft, quote.Ref, receipt.Number, name.Ref, n(task.ID, 10), n(approval, 10), n(job, 10)}
	return things{
		path: map[string]string{
			"/orders/{ref}": unpaid, "/names/{name}": "rencai.com", "/profiles/{ref}": draft, "/documents/{ref}": paper, "/reviews/{ref}": name.Ref,
			"/staff/orders/{ref}": unpaid, "/staff/refunds/{number}": refund, "/staff/reviews/{ref}": review, "/staff/documents/{doc}": paper, "/staff/names/papers/{doc}": paper, "/staff/complaints/{receipt}": receipt.Number,
			"/staff/desk/{id}": n(task.ID, 10), "/staff/approvals/{id}": n(approval, 10), "/staff/jobs/{id}": n(job, 10), "/staff/registries/{key}": "thin",
			"/staff/undecided/{name}": "paid-of-lin.cn", "/staff/blocks/{ref}": "Y7K2-9QDM", "/staff/comparisons/{name}": "rencai.com",
			"/staff/permits/endings/{ending}": "com", "/staff/campaigns/{ref}": campaign, "/staff/names/reviews/{ref}": name.Ref, "/staff/names/rules/{ending}": "com", "/complaints/{receipt}": receipt.Number, "/endings/{tld}": "com", "/search/lists/{token}": w.list(), "/texts/{kind}": texts.Agreement, "/help/{slug}": "refunds",
		},
		form: url.Values{"profile": {draft}, "document": {draftPaper}, "quote": {quote.Ref}, "session": {"1"}, "holder": {"person"}, "name": {"盗"}, "number": {"11010519491231002X"},
			"receipt": {receipt.Number}, "code": {"000000"}, "consent": {"1"}, "kind": {texts.Sensitive}, "by": {"wallet"}, "to": {"wallet"}, "do": {"approve"}, "reason": {"x"}, "text": {"x"}, "note": {"x"},
			"outcome": {"x"}, "doc": {paper}, "approval": {"x"}, "act": {"permits.withdrawn"}, "ref": {"permit"}},
		secret: []string{unpaid, paid, back, refund, review, draft, "rencai.com", "of-lin", "王小明", "11010519491231002X", "13800138000", "wang@example.cn"},
		marks:  marks,
	}
}

// list is a long list that somebody looks through.
func (w *world) list() (token string) {
	w.t.Helper()
	entries, err := search.ParseList([]byte("anybodys-wish.com"), nil)
	must(w.t, err)
	token, err = w.runs.Start(ctx, actor.Actor{House: accounts.Root}, entries)
	must(w.t, err)
	return token
}

// deadJob leaves work that gave up.
func (w *world) deadJob() (id int64) {
	w.t.Helper()
	q := jobs.New(w.d, slog.New(slog.DiscardHandler))
	q.Poll = 5 * time.Millisecond
	q.Handle("test.broken", jobs.Options{Tries: 1}, func(context.Context, jobs.Job) error { return errors.New("no") })
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "test.broken", "k", nil, tx.Now) })
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = q.Run(run) }()
	defer func() { stop(); <-done }()
	for end := time.Now().Add(20 * time.Second); id == 0; {
		if time.Now().After(end) {
			w.t.Fatal("the job did not give up")
		}
		dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
			list, err := jobs.Dead(tx, 0, 1)
			if len(list) == 1 {
				id = list[0].ID
			}
			return err
		})
	}
	return id
}

// fillIn makes a path of a route's pattern.
func (th things) fillIn(t *testing.T, route string) string {
	t.Helper()
	for _, prefix := range slices.Backward(slices.SortedFunc(maps.Keys(th.path), func(a, b string) int { return len(a) - len(b) })) {
		if strings.HasPrefix(route, prefix) {
			at := strings.Index(prefix, "{")
			return prefix[:at] + th.path[prefix] + route[len(prefix):]
		}
	}
	if strings.Contains(route, "{") {
		t.Fatalf("%s: nothing of lin's is known for it", route)
	}
	return route
}
