package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	name "yumen/registrar/names"
	"yumen/registrar/registrations"
	"yumen/registrar/seal"
	"yumen/testkit/process"
)

// bench is a run: the portal and its sandbox in processes of their own, the
// comparison in another.
type bench struct {
	plan
	bin     string
	sandbox *process.Process
	portal  *process.Process
	fresh   time.Duration // start to ready with an empty folder
	account int64         // whose list is shown
	cookies []string      // of the buyers; the first is the list's account
	report  report
}

const (
	buyerPassword = "green table upstairs"
	castPassword  = "yumen-demo"
	holder        = "registrant@example.cn"
)

func buyer(i int) string { return fmt.Sprintf("buyer%03d@example.cn", i) }

func (b *bench) data() string { return filepath.Join(b.dir, "data") }

// open builds the portal, starts it in an empty folder, fills the database as
// the flows would, and starts it again.
func (b *bench) open(ctx context.Context) (err error) {
	if b.bin, err = process.Build(ctx, b.root, b.dir); err != nil {
		return err
	}
	if b.sandbox, err = process.Start(ctx, b.bin, "sandbox", "--data", filepath.Join(b.dir, "world")); err != nil {
		return err
	}
	if b.fresh, err = b.start(ctx); err != nil {
		return err
	}
	if err := b.stop(); err != nil {
		return err
	}
	if err := b.fill(ctx); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	_, err = b.start(ctx)
	return err
}

// start runs the portal and gives the time until it is ready.
func (b *bench) start(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	p, err := process.Start(ctx, b.bin, "serve", "--data", b.data(), "--sandbox", b.sandbox.Sandbox, "--limits", "off")
	if err != nil {
		return 0, err
	}
	b.portal = p
	for {
		resp, err := http.Get(p.Portal + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		if time.Since(began) > time.Minute {
			return 0, fmt.Errorf("not ready within a minute: %v\n%s", err, p.Log())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (b *bench) stop() error {
	if b.portal == nil {
		return nil
	}
	err := b.portal.Stop()
	b.portal = nil
	return err
}

func (b *bench) close() error {
	err := b.stop()
	if b.sandbox != nil {
		err = errors.Join(err, b.sandbox.Stop())
	}
	return err
}

// storage opens the portal's database in this process, as the portal does; it
// must not run meanwhile. Nothing follows from facts: the queue stays empty.
func (b *bench) storage(ctx context.Context) (*db.DB, error) {
	clock := calendar.NewClock(time.Now)
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(b.data(), "yumen.db"), clock.Now)
	if err != nil {
		return nil, err
	}
	keys, err := seal.Load(b.data() + "-keys")
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	seal.Attach(d, keys)
	jobs.Attach(d, nil)
	return d, clock.Load(ctx, d)
}

// fill makes names for the holder and accounts for the buyers.
func (b *bench) fill(ctx context.Context) error {
	d, err := b.storage(ctx)
	if err != nil {
		return err
	}
	who := actor.System(accounts.Root, "bench", "figures")
	err = d.Write(ctx, func(tx *db.Tx) error {
		p, err := accounts.PersonByMail(tx, who, holder)
		if err != nil {
			return err
		}
		b.account = p.Account
		for i := range b.names {
			n, _, err := name.Parse(fmt.Sprintf("figure-%03d.com", i))
			if err != nil {
				return err
			}
			if _, err := registrations.Record(tx, who, registrations.New{House: accounts.Root, Account: p.Account, Name: n, Registry: "verisign",
				OrderItem: fmt.Sprintf("B222-%04d/1", i), Approved: true, SubmittedAt: tx.Now, CrDate: tx.Now.AddDate(0, 0, -i),
				ExDate: tx.Now.AddDate(1, 0, -i), Statuses: []string{"ok"}}); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range b.orders {
		if err != nil {
			break
		}
		_, err = accounts.Open(ctx, d, who, accounts.PersonForm{Mail: buyer(i), Password: buyerPassword, Name: "买家"})
	}
	return errors.Join(err, d.Close())
}

// host is where the portal listens.
func (b *bench) host() string { return strings.TrimPrefix(b.portal.Portal, "http://") }

// browser is an HTTP client that follows no redirect and keeps no cookies.
var browser = &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// enter signs somebody in and gives the cookie.
func (b *bench) enter(ctx context.Context, mail, password string) (string, error) {
	resp, err := b.post(ctx, "/sign-in", "", url.Values{"mail": {mail}, "password": {password}})
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("%s could not sign in: %s", mail, resp.Status)
	}
	for _, c := range resp.Cookies() {
		if c.Name == "yumen" {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("%s got no cookie", mail)
}

func (b *bench) post(ctx context.Context, path, cookie string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.portal.Portal+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	resp, err := browser.Do(req)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return resp, err
}

// fetch gives a page's bytes as they are sent; coding is what the browser
// accepts, or empty.
func (b *bench) fetch(ctx context.Context, path, cookie, coding string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.portal.Portal+path, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
	if coding == "" {
		coding = "identity"
	}
	req.Header.Set("Accept-Encoding", coding)
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	resp, err := browser.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", path, resp.Status)
	}
	return text, resp.Header, err
}
