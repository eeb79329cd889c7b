// Package accountstest gives tests a root house and a post office: a real mail
// server that the notices of a database are sent to.
package accountstest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"yumen/db"
	"yumen/jobs"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/notices"
	"yumen/registrar/seal/sealtest"
	"yumen/registrar/texts"
)

// Root opens the registrar's own house on localhost and 127.0.0.1, publishes
// its texts and gives the database its keys. The actor is a visitor there.
func Root(t testing.TB, d *db.DB) actor.Actor {
	t.Helper()
	sealtest.Attach(t, d)
	_, err := accounts.EnsureRoot(context.Background(), d, accounts.HouseForm{NameZh: "域门", NameEn: "Yumen", Hosts: []string{"localhost", "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		return texts.Seed(tx, accounts.Root, texts.Facts{RegistrarZh: "域门网络（北京）有限公司", RegistrarEn: "Yumen Network (Beijing) Co., Ltd.", Permit: "京-20260001",
			ContactZh: "privacy@yumen.example.cn", ContactEn: "privacy@yumen.example.cn"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return actor.Actor{House: accounts.Root, IP: "192.0.2.7", Lang: "zh"}
}

// Agreed are the versions that a sign-up in a house agrees to.
func Agreed(t testing.TB, d *db.DB, house int64) []int64 {
	t.Helper()
	var ids []int64
	for _, v := range inForce(t, d, house) {
		ids = append(ids, v.ID)
	}
	return ids
}

// Titles are what those texts are called.
func Titles(t testing.TB, d *db.DB, house int64, lang string) []string {
	t.Helper()
	var titles []string
	for _, v := range inForce(t, d, house) {
		titles = append(titles, v.Title(lang))
	}
	return titles
}

func inForce(t testing.TB, d *db.DB, house int64) []texts.Version {
	t.Helper()
	var out []texts.Version
	err := d.Read(context.Background(), func(tx *db.Tx) error {
		out = nil
		for _, kind := range accounts.SignUpTexts() {
			v, err := texts.Current(tx, house, kind)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Letter is one that arrived.
type Letter struct {
	To, Subject, Text string
}

// Post is a mail server and the sender that works towards it.
type Post struct {
	mu      sync.Mutex
	letters []Letter
}

// Open starts the server and sends whatever the database owes, until the test
// ends. Letters are rendered as plain texts of locales.
func Open(t testing.TB, d *db.DB) *Post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Post{}
	srv := smtp.NewServer(p)
	srv.Domain = "localhost"
	go srv.Serve(l) //nolint:errcheck // ends with Close
	s := &notices.Sender{DB: d, SMTP: notices.SMTP{Addr: l.Addr().String(), From: "post@yumen.example.cn", TLS: "off", Timeout: 5 * time.Second}, Render: p.render}
	q := jobs.New(d, slog.New(slog.DiscardHandler))
	q.Poll = 20 * time.Millisecond
	q.Handle(notices.SendJob, jobs.Options{}, s.Send)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = q.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done; _ = srv.Close() })
	return p
}

// render keeps the letter as it would be read; what travels is the same text.
func (p *Post) render(lang, message string, args map[string]string, _ int64) (notices.Letter, error) {
	ctx := locales.WithLang(context.Background(), lang)
	var pairs []any
	for k, v := range args {
		pairs = append(pairs, k, v)
	}
	return notices.Letter{FromName: "Yumen", Subject: locales.T(ctx, "mail."+message+".subject", pairs...), Text: message + "\n" + locales.T(ctx, "mail."+message+".body", pairs...)}, nil
}

// NewSession is the server's side of go-smtp.
func (p *Post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }

type session struct {
	post *Post
	to   string
}

func (*session) Mail(string, *smtp.MailOptions) error        { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l := decode(raw)
	l.To = s.to
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.letters = append(s.post.letters, l)
	return nil
}
func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// Letters are those that arrived for an address so far.
func (p *Post) Letters(to string) []Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Letter
	for _, l := range p.letters {
		if l.To == to {
			out = append(out, l)
		}
	}
	return out
}

// Wait waits for the nth letter (from 1) to an address that holds a message, by
// its id as in notices.Owed.
func (p *Post) Wait(t testing.TB, to, message string, n int) Letter {
	t.Helper()
	late := time.After(60 * time.Second)
	for {
		seen := 0
		for _, l := range p.Letters(to) {
			if strings.HasPrefix(l.Text, message+"\n") {
				if seen++; seen == n {
					return l
				}
			}
		}
		select {
		case <-late:
			t.Fatalf("letter %d of %s did not reach %s; there came %+v", n, message, to, p.Letters(to))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

var sixFigures = regexp.MustCompile(`\b\d{6}\b`)

// Code waits for the nth letter and reads the mailed code in it.
func (p *Post) Code(t testing.TB, to, message string, n int) string {
	t.Helper()
	l := p.Wait(t, to, message, n)
	code := sixFigures.FindString(l.Text)
	if code == "" {
		t.Fatalf("no code in %q", l.Text)
	}
	return code
}
