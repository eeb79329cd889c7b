package notices_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/notices"
	"yumen/registrar/seal/sealtest"
)

var ctx = context.Background()

// server is a real mail server that remembers what it took and answers as told.
type server struct {
	mu     sync.Mutex
	taken  []string
	answer error
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s}, nil }

func (s *server) letters() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.taken...)
}

func (s *server) refuse(err error) { s.mu.Lock(); defer s.mu.Unlock(); s.answer = err }

type session struct{ s *server }

func (*session) Mail(string, *smtp.MailOptions) error { return nil }
func (x *session) Rcpt(string, *smtp.RcptOptions) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	return x.s.answer
}
func (x *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.taken = append(x.s.taken, string(b))
	return err
}
func (*session) Reset()        {}
func (*session) Logout() error { return nil }

func start(t *testing.T, d *db.DB) (*notices.Sender, *server) {
	t.Helper()
	sealtest.Attach(t, d)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	back := &server{}
	srv := smtp.NewServer(back)
	srv.Domain = "localhost"
	go srv.Serve(l) //nolint:errcheck // ends with Close
	t.Cleanup(func() { _ = srv.Close() })
	return &notices.Sender{
		DB:   d,
		SMTP: notices.SMTP{Addr: l.Addr().String(), From: "post@yumen.example.cn", TLS: "off", Timeout: 5 * time.Second},
		Render: func(lang, message string, args map[string]string, house int64) (notices.Letter, error) {
			return notices.Letter{FromName: "域门", Subject: "Re\r\nBcc: x@example.cn " + message, Text: lang + " code " + args["Code"] + " for " + args["Name"]}, nil
		},
	}, back
}

func owe(t *testing.T, d *db.DB, to string) jobs.Job {
	t.Helper()
	var id int64
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = notices.Owe(tx, notices.Owed{
			House: 1, Account: 11, To: to, Lang: "en", Message: "accounts.code", Ref: "AAAA-AAAA",
			Args: map[string]string{"Name": "Lin"}, Secret: map[string]string{"Code": "493027"},
		})
		return err
	})
	return jobs.Job{Kind: notices.SendJob, Key: strconv.FormatInt(id, 10)}
}

func find(t *testing.T, d *db.DB) notices.Notice {
	t.Helper()
	var list []notices.Notice
	dbtest.Read(t, d, func(tx *db.Tx) (err error) {
		list, err = notices.About(tx, 1, "AAAA-AAAA", 10)
		return err
	})
	if len(list) != 1 {
		t.Fatalf("%d notices", len(list))
	}
	return list[0]
}

func TestANoticeIsARowThenAMailAndKeepsItsProof(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s, back := start(t, d)
		j := owe(t, d, "lin@example.cn")
		n := find(t, d)
		if n.State != notices.Waiting || n.Sealed == "" || strings.Contains(n.Sealed+n.ArgsJSON, "493027") {
			t.Fatalf("before it was sent: %+v", n)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			c, err := jobs.Counts(tx)
			if len(c) != 1 || c[0].Kind != notices.SendJob {
				t.Errorf("queued: %v", c)
			}
			return err
		})
		clock.Advance(time.Minute)
		if err := s.Send(ctx, j); err != nil {
			t.Fatal(err)
		}
		if err := s.Send(ctx, j); err != nil { // the job runs again
			t.Fatal(err)
		}
		n = find(t, d)
		if n.State != notices.Sent || n.Sealed != "" || n.Proof == "" || !n.SentAt.Equal(clock.Now()) {
			t.Fatalf("after it was sent: %+v", n)
		}
		if n.Args()["Code"] != notices.Hidden || n.Args()["Name"] != "Lin" {
			t.Errorf("what a page shows: %v", n.Args())
		}
		got := back.letters()
		if len(got) != 1 {
			t.Fatalf("%d letters", len(got))
		}
		for _, want := range []string{"en code 493027 for Lin", "Message-ID: <notice." + j.Key + "@yumen.example.cn>", "Auto-Submitted: auto-generated", "To: <lin@example.cn>"} {
			if !strings.Contains(got[0], want) {
				t.Errorf("the letter lacks %q:\n%s", want, got[0])
			}
		}
		if strings.Contains(got[0], "\r\nBcc:") {
			t.Errorf("a subject brought a header along:\n%s", got[0])
		}
		var out bytes.Buffer
		if err := notices.Export(ctx, d, &out); err != nil {
			t.Fatal(err)
		}
		for _, never := range []string{"493027", "lin@"} {
			if strings.Contains(out.String(), never) {
				t.Errorf("%s is exported: %s", never, out.String())
			}
		}
		if !strings.Contains(out.String(), `"to":"l***@example.cn"`) {
			t.Error(out.String())
		}
	})
}

func TestAServerThatIsBusyIsAskedAgainAndOneThatRefusesIsBelieved(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer error
		state  notices.State
		again  bool
	}{
		{"busy", &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}, notices.Waiting, true},
		{"no such address", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no lin@example.cn here"}, notices.Failed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				s, back := start(t, d)
				j := owe(t, d, "lin@example.cn")
				back.refuse(c.answer)
				err := s.Send(ctx, j)
				n := find(t, d)
				if (err != nil) != c.again || n.State != c.state || n.Attempts != 1 {
					t.Fatalf("%v, %+v", err, n)
				}
				if c.again {
					back.refuse(nil)
					if err := s.Send(ctx, j); err != nil || find(t, d).State != notices.Sent {
						t.Fatalf("when it is well again: %v, %+v", err, find(t, d))
					}
				} else {
					if n.Sealed != "" || strings.Contains(n.Proof, "lin@") {
						t.Errorf("kept: %+v", n)
					}
					dbtest.Read(t, d, func(tx *db.Tx) error {
						list, err := notices.Undelivered(tx, 0, 10)
						if len(list) != 1 {
							t.Errorf("staff see %d", len(list))
						}
						return err
					})
				}
			})
		})
	}
}

func TestAMailServerThatIsAwayLosesNothing(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	s, _ := start(t, d)
	j := owe(t, d, "lin@example.cn")
	s.SMTP.Addr = "127.0.0.1:1" // nobody listens on port 1
	if err := s.Send(ctx, j); err == nil {
		t.Fatal("sent to nobody")
	}
	if n := find(t, d); n.State != notices.Waiting || n.LastErr == "" {
		t.Fatalf("%+v", n)
	}
}

func TestAPersonSeesOnlyTheirOwnNotices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		start(t, d)
		j := owe(t, d, "lin@example.cn")
		id, _ := strconv.ParseInt(j.Key, 10, 64)
		dbtest.Read(t, d, func(tx *db.Tx) error {
			for _, c := range []struct {
				name string
				who  actor.Actor
				sees bool
			}{
				{"the account", actor.Actor{House: 1, Account: 11, Person: 21}, true},
				{"another account", actor.Actor{House: 1, Account: 12, Person: 22}, false},
				{"the same number in another house", actor.Actor{House: 2, Account: 11, Person: 21}, false},
			} {
				list, err := notices.List(tx, c.who, 0, 10)
				if err != nil || (len(list) == 1) != c.sees {
					t.Errorf("%s lists %d, %v", c.name, len(list), err)
				}
				if _, err := notices.Find(tx, c.who, id); (err == nil) != c.sees {
					t.Errorf("%s finds it: %v", c.name, err)
				}
			}
			_, err := notices.List(tx, actor.Actor{House: 1}, 0, 10)
			if err == nil {
				t.Error("a visitor lists notices")
			}
			return nil
		})
	})
}

func TestANoticeIsUndoneWithItsCause(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	start(t, d)
	undo := errors.New("undo")
	_ = d.Write(ctx, func(tx *db.Tx) error {
		if _, err := notices.Owe(tx, notices.Owed{House: 1, To: "a@example.cn", Message: "x.y", Ref: "AAAA-AAAA"}); err != nil {
			t.Fatal(err)
		}
		return undo
	})
	dbtest.Read(t, d, func(tx *db.Tx) error {
		list, err := notices.About(tx, 1, "AAAA-AAAA", 10)
		if idle, _ := jobs.Idle(tx); len(list) != 0 || !idle {
			t.Errorf("%v, idle %v", list, idle)
		}
		return err
	})
}
