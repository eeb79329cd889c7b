package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// source says where the books lie.
type source struct {
	exports  string // our side as files
	yumen    string // our side by running this binary
	data     string
	keys     string
	database string
	state    string // their side as files
	sandbox  string // their side over HTTP
	save     string
}

// alive reports whether both sides are asked themselves, so that a second
// reading can tell what was only in motion.
func (s source) alive() bool { return s.yumen != "" && s.sandbox != "" }

var errSource = errors.New("name our side by -yumen or -exports, and theirs by -sandbox or -state")

// read goes through all books, theirs first: what is theirs and not yet ours
// is in motion less often than the other way round.
func (s source) read(ctx context.Context, b *books) error {
	if (s.yumen == "") == (s.exports == "") || (s.sandbox == "") == (s.state == "") {
		return errSource
	}
	if s.save != "" {
		if err := os.MkdirAll(s.save, 0o700); err != nil {
			return err
		}
	}
	for _, p := range []struct {
		file, path string
		optional   bool
		take       func(io.Reader) error
	}{
		{"connect.json", "/connect", true, b.readConnect},
		{"clock.json", "/clock", true, b.readClock},
		{"poll.json", "/state/poll", true, func(r io.Reader) error { return array(r, b.takeMessage) }},
		{"domains.json", "/state/domains", false, func(r io.Reader) error { return array(r, b.takeDomain) }},
		{"payments.json", "/state/payments", false, func(r io.Reader) error { return array(r, b.takePayment) }},
	} {
		in, err := s.theirs(ctx, p.file, p.path)
		if p.optional && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = s.through(in, p.file, p.take)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
	}
	for _, p := range []struct {
		kind string
		take func([]byte) error
	}{
		{"orders", b.takeOrder}, {"ledger", b.takeLedger}, {"names", b.takeName}, {"audit", b.takeAudit}, {"notices", b.takeNotice},
	} {
		in, err := s.ours(ctx, p.kind)
		if err == nil {
			err = s.through(in, p.kind+".jsonl", func(r io.Reader) error { return lines(r, p.take) })
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.kind, err)
		}
	}
	return nil
}

// through gives a book to its reader, and keeps a copy where one is wanted.
func (s source) through(in io.ReadCloser, file string, take func(io.Reader) error) (err error) {
	defer func() { err = errors.Join(err, in.Close()) }()
	if s.save == "" {
		return take(in)
	}
	out, err := os.OpenFile(filepath.Join(s.save, file), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // #nosec G304 -- a folder the auditor names on the command line
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	tee := io.TeeReader(in, w)
	err = take(tee)
	if err == nil {
		_, err = io.Copy(io.Discard, tee)
	}
	return errors.Join(err, w.Flush(), out.Close())
}

// theirs opens a book of the outside world.
func (s source) theirs(ctx context.Context, file, path string) (io.ReadCloser, error) {
	if s.state != "" {
		return os.Open(filepath.Join(s.state, file)) // #nosec G304 -- a folder the auditor names on the command line
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.sandbox, "/")+path, nil)
	if err != nil {
		return nil, err
	}
	c := http.Client{Timeout: 10 * time.Minute}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("GET %s answers %s", path, resp.Status), resp.Body.Close())
	}
	return resp.Body, nil
}

// ours opens an export.
func (s source) ours(ctx context.Context, kind string) (io.ReadCloser, error) {
	if s.exports != "" {
		return os.Open(filepath.Join(s.exports, kind+".jsonl")) // #nosec G304 -- a folder the auditor names on the command line
	}
	args := []string{"export"}
	for _, f := range []struct{ name, value string }{{"data", s.data}, {"keys", s.keys}, {"database", s.database}} {
		if f.value != "" {
			args = append(args, "--"+f.name, f.value)
		}
	}
	c := &command{cmd: exec.CommandContext(ctx, s.yumen, append(args, kind)...)} // #nosec G204 -- the program the auditor names on the command line; arguments are words, no shell
	c.cmd.Stderr = &c.errs
	var err error
	if c.ReadCloser, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return c, c.cmd.Start()
}

// command is the output of a program, whose failure is an error of Close: an
// export that broke off must not pass for a short one.
type command struct {
	io.ReadCloser
	cmd  *exec.Cmd
	errs bytes.Buffer
}

func (c *command) Close() error {
	_, drained := io.Copy(io.Discard, c.ReadCloser)
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(c.cmd.Args, " "), err, strings.TrimSpace(c.errs.String()))
	}
	return drained
}

// lines gives each line of JSON lines to take.
func lines(r io.Reader, take func([]byte) error) error {
	in := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := take(text); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// array gives each element of a JSON array to take, without holding the array.
func array[T any](r io.Reader, take func(T)) error {
	d := json.NewDecoder(r)
	open, err := d.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('[') {
		return fmt.Errorf("begins with %v, not with [", open)
	}
	for n := 1; d.More(); n++ {
		var v T
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("element %d: %w", n, err)
		}
		take(v)
	}
	_, err = d.Token()
	return err
}

func (b *books) readConnect(r io.Reader) error {
	var v struct {
		EPP struct {
			Registrar string `json:"registrar"`
		} `json:"epp"`
		Cashier struct {
			Merchant string `json:"merchant_id"`
		} `json:"cashier"`
	}
	err := json.NewDecoder(r).Decode(&v)
	if v.EPP.Registrar != "" {
		b.us = v.EPP.Registrar
	}
	b.merchant = v.Cashier.Merchant
	return err
}

func (b *books) readClock(r io.Reader) error {
	var v struct {
		Now time.Time `json:"now"`
	}
	err := json.NewDecoder(r).Decode(&v)
	if !v.Now.IsZero() {
		b.now = v.Now
	}
	return err
}
