// Package mailbox is the sandbox's mail: an SMTP server that takes every
// letter for everybody and keeps it to be read.
package mailbox

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/text/encoding/htmlindex"

	"yumen/sandbox/answer"
	"yumen/sandbox/clock"
	"yumen/sandbox/state"
)

// Letter is one that arrived, decoded.
type Letter struct {
	ID      int64       `json:"id"`
	From    string      `json:"from"`
	To      []string    `json:"to"` // as the envelope says
	Subject string      `json:"subject"`
	Text    string      `json:"text"`
	HTML    string      `json:"html"`
	Codes   []string    `json:"codes"` // numbers of exactly six digits in the text
	Links   []string    `json:"links"`
	Time    answer.Time `json:"time"`
}

// Box keeps all letters.
type Box struct {
	file   *state.File
	clock  *clock.Clock
	server *smtp.Server

	mu      sync.Mutex
	arrived chan struct{}
}

// Open opens the box kept in dir and takes letters on l.
func Open(dir string, l net.Listener, c *clock.Clock, log *slog.Logger) (*Box, error) {
	f, err := state.Open(dir, "mailbox", schema)
	if err != nil {
		return nil, err
	}
	b := &Box{file: f, clock: c, arrived: make(chan struct{})}
	b.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{box: b}, nil }))
	b.server.Domain = "mail.sandbox.test"
	b.server.ReadTimeout, b.server.WriteTimeout = time.Minute, time.Minute
	b.server.MaxMessageBytes = 16 << 20
	b.server.MaxRecipients = 100
	b.server.EnableSMTPUTF8 = true
	b.server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	go b.server.Serve(l)
	return b, nil
}

// Close stops the server and closes the file.
func (b *Box) Close() error {
	return errors.Join(b.server.Close(), b.file.Close())
}

// session is one SMTP conversation.
type session struct {
	box  *Box
	from string
	to   []string
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if at := strings.LastIndexByte(to, '@'); at < 1 || at == len(to)-1 {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 1, 3}, Message: "no such form of address"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return s.box.keep(s.from, s.to, raw)
}

func (b *Box) keep(from string, to []string, raw []byte) error {
	l, err := read(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "not a letter: " + err.Error()}
	}
	l.From, l.To, l.Time = from, to, answer.Time(b.clock.Now())
	err = b.file.Write(context.Background(), func(tx *sql.Tx) error {
		_, err := insert(tx, l, raw)
		return err
	})
	if err == nil {
		b.mu.Lock()
		close(b.arrived)
		b.arrived = make(chan struct{})
		b.mu.Unlock()
	}
	return err
}

// Letters lists those to an address ("" is everyone) with an id above after,
// newest last. With wait it hangs until there is one or the time is over.
func (b *Box) Letters(ctx context.Context, to string, after int64, wait time.Duration) (list []Letter, err error) {
	over := time.After(wait)
	for {
		b.mu.Lock()
		arrived := b.arrived
		b.mu.Unlock()
		err = b.file.Write(ctx, func(tx *sql.Tx) error {
			list, err = letters(tx, to, after)
			return err
		})
		if err != nil || len(list) > 0 || wait <= 0 {
			return list, err
		}
		select {
		case <-arrived:
		case <-over:
			return list, nil
		case <-ctx.Done():
			return list, ctx.Err()
		}
	}
}

// Letter finds one.
func (b *Box) Letter(ctx context.Context, id int64) (l Letter, err error) {
	err = b.file.Write(ctx, func(tx *sql.Tx) error {
		l, err = letter(tx, id)
		return err
	})
	return l, err
}

var words = &mime.WordDecoder{CharsetReader: fromCharset}

func fromCharset(charset string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(r), nil
}

// read decodes subject, text and HTML of a raw message.
func read(raw []byte) (l Letter, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return l, err
	}
	if l.Subject, err = words.DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, fmt.Errorf("subject: %w", err)
	}
	return l, l.part(m.Header.Get, m.Body, 0)
}

// part reads one MIME part and those inside it.
func (l *Letter) part(header func(string) string, body io.Reader, depth int) error {
	if depth > 10 {
		return errors.New("parts nested too deep")
	}
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := l.part(p.Header.Get, p, depth+1); err != nil {
				return err
			}
		}
	}
	if disposition, _, _ := mime.ParseMediaType(header("Content-Disposition")); disposition == "attachment" {
		return nil
	}
	switch strings.ToLower(header("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	if charset := params["charset"]; charset != "" {
		if body, err = fromCharset(charset, body); err != nil {
			return err
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	said := strings.ReplaceAll(string(text), "\r\n", "\n")
	switch {
	case kind == "text/plain" && l.Text == "":
		l.Text = said
	case kind == "text/html" && l.HTML == "":
		l.HTML = said
	}
	return nil
}

var (
	digits = regexp.MustCompile(`[0-9]+`)
	links  = regexp.MustCompile(`https?://[^\s<>"'，。；）]+`)
)

// marks finds the codes and links of a text.
func marks(text string) (codes, found []string) {
	codes, found = []string{}, links.FindAllString(text, -1)
	if found == nil {
		found = []string{}
	}
	for _, d := range digits.FindAllString(links.ReplaceAllString(text, " "), -1) {
		if len(d) == 6 {
			codes = append(codes, d)
		}
	}
	return codes, found
}
