package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// world is what a sandbox tells a portal before it opens (sandbox/doc.go).
type world struct {
	EPP struct {
		Address    string `json:"address"`
		ServerName string `json:"server_name"`
		CAPEM      string `json:"ca_pem"`
		Registrar  string `json:"registrar"`
		Password   string `json:"password"`

		MaxSessions       int `json:"max_sessions"`
		CommandsPerMinute int `json:"commands_per_minute"`
	} `json:"epp"`
	SMTP struct {
		Address string `json:"address"`
	} `json:"smtp"`
	Cashier struct {
		BaseURL      string `json:"base_url"`
		MerchantID   string `json:"merchant_id"`
		APISecret    string `json:"api_secret"`
		CallbackKeys []struct {
			ID        string `json:"id"`
			PublicKey string `json:"public_key"`
		} `json:"callback_keys"`
	} `json:"cashier"`
	Verifier struct {
		BaseURL string `json:"base_url"`
		Secret  string `json:"secret"`
	} `json:"verifier"`
	Clock   worldClock `json:"clock"`
	Control struct {
		URL string `json:"url"`
	} `json:"control"`
	Registries []struct {
		Ending           string `json:"ending"`
		ULabel           string `json:"u_label"`
		Policy           string `json:"policy"`
		Pending          bool   `json:"pending"`
		Verification     string `json:"verification"`
		ContactExtension string `json:"contact_extension"`
		Bundle           bool   `json:"bundle"`
		Currency         string `json:"currency"`
	} `json:"registries"`
}

type worldClock struct {
	OffsetMS int64 `json:"offset_ms"`
	Seq      int64 `json:"seq"`
}

func (c worldClock) offset() time.Duration { return time.Duration(c.OffsetMS) * time.Millisecond }

// link talks to the sandbox's control server.
type link struct {
	url  string
	http *http.Client
	log  *slog.Logger
}

func newLink(url string, log *slog.Logger) *link {
	// The clock request hangs up to 25 s on purpose.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &link{strings.TrimRight(url, "/"), &http.Client{Timeout: 40 * time.Second, CheckRedirect: stay}, log}
}

// connect asks until the sandbox answers or ctx ends: in two processes either
// may start first.
func (l *link) connect(ctx context.Context) (world, error) {
	var w world
	wait := 50 * time.Millisecond
	for {
		err := l.get(ctx, "/connect", &w)
		if err == nil {
			return w, nil
		}
		select {
		case <-ctx.Done():
			return w, fmt.Errorf("the sandbox at %s does not answer: %w\nhint: start it with `yumen sandbox`, or use --sandbox on", l.url, err)
		case <-time.After(wait):
			wait = min(2*wait, 2*time.Second)
		}
	}
}

// follow hangs on the sandbox's clock and stores each turn before it
// acknowledges, so that a turn acknowledged is a turn survived.
func (l *link) follow(ctx context.Context, seq int64, store func(ctx context.Context, c worldClock) error) {
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		var c worldClock
		err := l.get(ctx, "/clock?after="+strconv.FormatInt(seq, 10), &c)
		if err == nil && c.Seq > seq {
			if err = store(ctx, c); err == nil {
				seq = c.Seq
				err = l.post(ctx, "/clock/ack", map[string]int64{"seq": c.Seq})
			}
		}
		if err == nil {
			wait = 100 * time.Millisecond
			continue
		}
		if ctx.Err() == nil {
			l.log.Warn("sandbox: clock not followed", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
			wait = min(2*wait, 5*time.Second)
		}
	}
}

func (l *link) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+path, nil)
	if err != nil {
		return err
	}
	return l.do(req, into)
}

func (l *link) post(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return l.do(req, nil)
}

func (l *link) do(req *http.Request, into any) (err error) {
	resp, err := l.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("sandbox: %s %s: %s: %s", req.Method, req.URL.Path, resp.Status, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}
