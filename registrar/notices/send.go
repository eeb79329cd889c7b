package notices

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Letter is a rendered notice.
type Letter struct {
	FromName string // the house's name, shown beside the address
	Subject  string // no secret and no document number belongs here
	Text     string
	HTML     string // may be empty
}

// SMTP says how to reach the mail server.
type SMTP struct {
	Addr     string        // host:port
	From     string        // envelope and From address
	User     string        // empty: no authentication
	Password string        //
	TLS      string        // "" or "opportunistic": STARTTLS when offered; "required"; "implicit"; "off"
	CA       *tls.Config   // nil: the machine's roots
	Timeout  time.Duration // per command; 0 means 20 s
}

// Sender hands owed notices to the mail server.
type Sender struct {
	DB   *db.DB
	SMTP SMTP
	// Render makes the letter; house decides names, links and agency statement.
	Render func(lang, message string, args map[string]string, house int64) (Letter, error)
}

// Send delivers the notice named by the job's key. It may run twice: a notice
// that is no longer owed is left alone. Should the program die between the
// server's answer and our commit, the letter goes out again under the same
// Message-ID, which mail programs fold into one.
func (s *Sender) Send(ctx context.Context, j jobs.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return fmt.Errorf("notices: key %q: %w", j.Key, err)
	}
	var n Notice
	args := map[string]string{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if n, err = find(tx, id); err != nil || n.State != Waiting {
			return err
		}
		maps.Copy(args, n.Args())
		if n.Sealed == "" {
			return nil
		}
		plain, err := seal.From(tx).Open(secretPurpose, n.Sealed, j.Key)
		if err != nil {
			return err
		}
		return json.Unmarshal(plain, &args)
	})
	if err != nil {
		return fmt.Errorf("notices: load %d: %w", id, err)
	}
	if n.State != Waiting {
		return nil
	}
	letter, err := s.Render(n.Lang, n.Message, args, n.House)
	if err != nil {
		return fmt.Errorf("notices: render %s in %s: %w", n.Message, n.Lang, err)
	}
	answer, err := s.deliver(ctx, n, letter)
	var refused *mail.SendError
	switch {
	case err == nil:
		return s.DB.Write(ctx, func(tx *db.Tx) error { return settle(tx, id, Sent, answer) })
	case errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500:
		// Only the code is kept: servers repeat the address in their words.
		return s.DB.Write(ctx, func(tx *db.Tx) error {
			return settle(tx, id, Failed, fmt.Sprintf("%d %s", refused.ErrorCode(), refused.EnhancedStatusCode()))
		})
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		// A server that is away, or will not now: nobody's letter is given up for
		// it. One that it puts off while it takes others fails by itself.
		if werr := s.DB.Write(ctx, func(tx *db.Tx) error { return noteFailure(tx, id, err.Error()) }); werr != nil {
			return werr
		}
		return jobs.Rest(err)
	}
}

func (s *Sender) deliver(ctx context.Context, n Notice, l Letter) (answer string, err error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat(l.FromName, s.SMTP.From); err != nil {
		return "", err
	}
	if err := m.To(n.To); err != nil {
		return "", err
	}
	_, domain, _ := strings.Cut(s.SMTP.From, "@")
	m.SetMessageIDWithValue(fmt.Sprintf("notice.%d@%s", n.ID, domain))
	m.SetDateWithValue(n.OwedAt)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 5: no answering machine answers
	m.SetGenHeader("Content-Language", n.Lang)
	m.Subject(oneLine(l.Subject))
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	}
	c, err := s.client()
	if err != nil {
		return "", err
	}
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		return "", err
	}
	return m.ServerResponse(), nil
}

func (s *Sender) client() (*mail.Client, error) {
	host, portText, err := net.SplitHostPort(s.SMTP.Addr)
	if err != nil {
		return nil, fmt.Errorf("mail server address %q: %w", s.SMTP.Addr, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("mail server address %q: %w", s.SMTP.Addr, err)
	}
	timeout := s.SMTP.Timeout
	if timeout == 0 {
		timeout = 20 * time.Second
	}
	// Every option after WithPort, because the TLS options would move the port.
	opts := []mail.Option{mail.WithPort(port), mail.WithTimeout(timeout)}
	switch s.SMTP.TLS {
	case "", "opportunistic":
		opts = append(opts, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "required":
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	case "implicit":
		opts = append(opts, mail.WithSSL())
	case "off":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("mail server TLS %q is none of opportunistic, required, implicit, off", s.SMTP.TLS)
	}
	if s.SMTP.CA != nil {
		opts = append(opts, mail.WithTLSConfig(s.SMTP.CA))
	}
	if s.SMTP.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.SMTP.User), mail.WithPassword(s.SMTP.Password))
	}
	return mail.NewClient(host, opts...)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Undelivered reports the notices the mail server refused for good, newest
// first: staff reach those people another way.
func Undelivered(tx *db.Tx, before int64, limit int) ([]Notice, error) {
	return listState(tx, Failed, before, limit)
}

var errGone = problem.New(problem.NotFound, "problem.not_found")
