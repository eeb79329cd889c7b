package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	name "yumen/registrar/names"
	"yumen/registrar/orders"
)

// orderRate is how fast orders are acknowledged that are durable by then,
// against the same rows written by bare database/sql to the same disk.
func orderRate(ctx context.Context, b *bench) error {
	for i := len(b.cookies); i < b.orders; i++ {
		c, err := b.enter(ctx, buyer(i), buyerPassword)
		if err != nil {
			return err
		}
		b.cookies = append(b.cookies, c)
	}
	if err := b.stop(); err != nil {
		return err
	}
	rows, ref, label, err := b.rowsOfAnOrder(ctx)
	if err != nil {
		return err
	}
	other := filepath.Join(b.dir, "bare.db")
	if err := copyFile(filepath.Join(b.data(), "yumen.db"), other); err != nil {
		return err
	}
	w, err := newRewriter(other, rows, ref, label)
	if err != nil {
		return err
	}
	defer func() { _ = w.close() }()
	if err := b.place(ctx, w); err != nil {
		return fmt.Errorf("orders.Place: %w", err)
	}
	if _, err := b.start(ctx); err != nil {
		return err
	}
	return b.overHTTP(ctx, w)
}

// rowsOfAnOrder places one and sees what came into the database by it. The
// portal does not run.
func (b *bench) rowsOfAnOrder(ctx context.Context) (rows []added, ref, label string, err error) {
	d, err := b.storage(ctx)
	if err != nil {
		return nil, "", "", err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	who, err := b.buyers(ctx, d, 1)
	if err != nil {
		return nil, "", "", err
	}
	ask, err := b.prepare(ctx, d, who[0], "sample-order")
	if err != nil {
		return nil, "", "", err
	}
	path := filepath.Join(b.data(), "yumen.db")
	before, err := look(path)
	if err != nil {
		return nil, "", "", err
	}
	if ref, err = orders.Place(ctx, d, who[0], ask); err != nil {
		return nil, "", "", err
	}
	after, err := look(path)
	if err != nil {
		return nil, "", "", err
	}
	rows = after.since(before)
	slices.SortFunc(rows, func(x, y added) int { // as they were written: ids rise
		i, _ := x.values[0].(int64)
		j, _ := y.values[0].(int64)
		return int(min(1, max(-1, i-j)))
	})
	return rows, ref, "sample-order", nil
}

func (b *bench) buyers(ctx context.Context, d *db.DB, n int) ([]actor.Actor, error) {
	var out []actor.Actor
	err := d.Read(ctx, func(tx *db.Tx) error {
		for i := range n {
			p, err := accounts.PersonByMail(tx, actor.System(accounts.Root, "bench", "figures"), buyer(i))
			if err != nil {
				return err
			}
			out = append(out, actor.Actor{House: accounts.Root, Account: p.Account, Person: p.ID, Name: "b***@example.cn", IP: "127.0.0.1", Lang: "zh"})
		}
		return nil
	})
	return out, err
}

// prepare fills a cart, has it quoted and reads the texts: what an order needs.
func (b *bench) prepare(ctx context.Context, d *db.DB, who actor.Actor, label string) (orders.Ask, error) {
	n, _, err := name.Parse(label + ".com")
	if err != nil {
		return orders.Ask{}, err
	}
	if err := orders.AddToCart(ctx, d, who, n, 1); err != nil {
		return orders.Ask{}, err
	}
	q, err := orders.QuoteCart(ctx, d, who)
	if err != nil {
		return orders.Ask{}, err
	}
	ask := orders.Ask{Quote: q.Ref}
	return ask, d.Read(ctx, func(tx *db.Tx) error {
		need, err := orders.RequiredTexts(tx, who.House, q.Endings())
		for _, v := range need {
			ask.Accepted = append(ask.Accepted, v.ID)
		}
		return err
	})
}

// place measures the flow alone, one caller and many, against the bare rows.
func (b *bench) place(ctx context.Context, w *rewriter) (err error) {
	d, err := b.storage(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	who, err := b.buyers(ctx, d, b.orders)
	if err != nil {
		return err
	}
	burst, statements := 0, int64(0)
	flow := func(callers int) (float64, error) {
		burst++
		asks := make([]orders.Ask, len(who))
		var err error
		for i := range who {
			if asks[i], err = b.prepare(ctx, d, who[i], fmt.Sprintf("flow-%d-%d", burst, i)); err != nil {
				return 0, err
			}
		}
		before := d.Counts().Statements
		defer func() { statements = (d.Counts().Statements - before) / int64(len(who)) }()
		return perSecond(len(who), callers, func(i int) error {
			_, err := orders.Place(ctx, d, who[i], asks[i])
			return err
		})
	}
	if b.save != "" {
		end, err := b.profileHere("place")
		if err != nil {
			return err
		}
		for range 10 {
			if _, err := flow(1); err != nil {
				return err
			}
		}
		if err := end(); err != nil {
			return err
		}
	}
	var ones, manys, bares []float64
	for n := -1; n < b.rounds; n++ {
		bare, err := b.bareOrders(ctx, w)
		if err != nil {
			return err
		}
		single, err := flow(1)
		if err != nil {
			return err
		}
		crowd, err := flow(callers)
		if err != nil {
			return err
		}
		if n >= 0 {
			ones, manys, bares = append(ones, single/bare), append(manys, crowd/bare), append(bares, bare)
		}
	}
	here := fmt.Sprintf("%d statements and %d rows an order; bare database/sql %.0f orders/s", statements, len(w.rows), median(bares))
	b.report.add("orders", "orders.Place, one caller: rate, of bare rows", "x", ones, atLeast(0.5), here)
	b.report.add("orders", fmt.Sprintf("orders.Place, %d callers: rate, of bare rows", callers), "x", manys, atLeast(0.5), "")
	return nil
}

// callers is how many order at once.
const callers = 16

// bareOrders writes as many orders' rows as a burst has, one after the other,
// each durable.
func (b *bench) bareOrders(ctx context.Context, w *rewriter) (float64, error) {
	sets := make([][][]any, b.orders)
	for i := range sets {
		sets[i] = w.next()
	}
	return perSecond(len(sets), 1, func(i int) error { return w.write(ctx, sets[i]) })
}

// perSecond runs f for each of n with so many at once.
func perSecond(n, at int, f func(i int) error) (float64, error) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	errs := make([]error, at)
	began := time.Now()
	var wg sync.WaitGroup
	for k := range at {
		wg.Go(func() {
			for i := range next {
				if err := f(i); err != nil {
					errs[k] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(began).Seconds(), errors.Join(errs...)
}

var (
	quoteField  = regexp.MustCompile(`name="quote" value="([^"]+)"`)
	acceptField = regexp.MustCompile(`name="accept"[^>]* value="(\d+)"|value="(\d+)"[^>]* name="accept"`)
)

// overHTTP measures POST /orders, from the request on the wire to the answer,
// with session, checks and all.
func (b *bench) overHTTP(ctx context.Context, w *rewriter) error {
	var ratios, rates []float64
	for n := -1; n < b.rounds; n++ {
		requests := make([][]byte, b.orders)
		for i, cookie := range b.cookies {
			form, err := b.checkout(ctx, cookie, fmt.Sprintf("wire-%d-%d.com", n+1, i))
			if err != nil {
				return err
			}
			body := form.Encode()
			var r bytes.Buffer
			fmt.Fprintf(&r, "POST /orders HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"+
				"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", b.host(), cookie, len(body), body)
			requests[i] = r.Bytes()
		}
		lines := make(chan *line, callers)
		for range callers {
			l, err := dial(ctx, b.host())
			if err != nil {
				return err
			}
			defer l.close()
			lines <- l
		}
		rate, err := perSecond(b.orders, callers, func(i int) error {
			l := <-lines
			defer func() { lines <- l }()
			_, err := l.ask(requests[i], "HTTP/1.1 303")
			return err
		})
		if err != nil {
			return err
		}
		bare, err := b.bareOrders(ctx, w)
		if err != nil {
			return err
		}
		if n >= 0 {
			ratios, rates = append(ratios, rate/bare), append(rates, rate)
		}
	}
	b.report.add("orders", fmt.Sprintf("POST /orders, %d connections: rate, of bare rows", callers), "x", ratios, atLeast(0.5),
		fmt.Sprintf("%.0f orders/s over HTTP, the queue at work beside", median(rates)))
	return nil
}

// checkout fills a buyer's cart and gives the form that orders it.
func (b *bench) checkout(ctx context.Context, cookie, n string) (url.Values, error) {
	if _, err := b.post(ctx, "/cart", cookie, url.Values{"add": {n}, "years": {"1"}}); err != nil {
		return nil, err
	}
	page, _, err := b.fetch(ctx, "/checkout", cookie, "")
	if err != nil {
		return nil, err
	}
	quote := quoteField.FindSubmatch(page)
	if quote == nil {
		return nil, errors.New("the checkout page has no quote")
	}
	form := url.Values{"quote": {string(quote[1])}, "profile": {""}}
	for _, m := range acceptField.FindAllSubmatch(page, -1) {
		form.Add("accept", string(slices.Concat(m[1], m[2])))
	}
	if len(form["accept"]) == 0 {
		return nil, errors.New("the checkout page has no texts to accept")
	}
	return form, nil
}

// commits compares writers who meet with one who commits alone.
func commits(ctx context.Context, b *bench) error {
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(b.dir, "commits.db"), time.Now)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := prepareCommits(ctx, d); err != nil {
		return err
	}
	var ratios, alone, shared []float64
	for n := -1; n < b.rounds; n++ {
		single, err := perSecond(400, 1, func(int) error { return oneRow(ctx, d) })
		if err != nil {
			return err
		}
		middle := d.Counts()
		crowd, err := perSecond(4000, 64, func(int) error { return oneRow(ctx, d) })
		if err != nil {
			return err
		}
		after := d.Counts()
		if n >= 0 {
			ratios = append(ratios, crowd/single)
			alone = append(alone, single)
			shared = append(shared, float64(after.Writes-middle.Writes)/float64(after.Commits-middle.Commits))
		}
	}
	b.report.add("commits", "one row by 64 callers who share commits: rate, times one caller's", "x", ratios, atLeast(8),
		fmt.Sprintf("one caller %.0f durable commits/s; %.0f writes a commit", median(alone), median(shared)))
	return nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from) // #nosec G304 -- a path of the measurement's own folder
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to) // #nosec G304 -- a path of the measurement's own folder
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}
