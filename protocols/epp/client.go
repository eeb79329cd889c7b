package epp

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// LoginSecMode says when the password goes into the login security extension instead of the core login.
type LoginSecMode int

const (
	LoginSecLong   LoginSecMode = iota // when it is longer than the core schema takes (16 characters)
	LoginSecNever                      // send it in the core login, however long
	LoginSecAlways                     // also with short passwords
)

// Account is how to reach a registry and who we are there. Zero durations take the defaults named.
type Account struct {
	Addr        string // host:port
	TLS         *tls.Config
	ClID        string
	Password    string
	NewPassword string   // changes the password at login when set
	Lang        string   // "en"
	ObjURIs     []string // nil: all of the greeting that the codec has types for
	ExtURIs     []string // nil: the same, and the practices without elements (secure authInfo, unhandled namespaces)
	LoginSec    LoginSecMode
	UserAgent   *UserAgent // goes with loginSec

	ConnectTimeout time.Duration // TCP, TLS and greeting together; 10 s
	LoginTimeout   time.Duration // 10 s
	CommandTimeout time.Duration // 45 s; transfers take 5 to 10 s at some registries

	// AllowMissingClTRID takes answers without a clTRID as ours. Logins are always treated so: nothing else is on its way then.
	AllowMissingClTRID bool

	Codec    *Codec
	MaxFrame int
	// Trace sees every frame, masked.
	Trace func(received bool, frame string)
	// NewTRID makes transaction ids for commands that have none, logins and logouts; nil means random ones.
	NewTRID func() string
}

func (a Account) withDefaults() Account {
	if a.Lang == "" {
		a.Lang = "en"
	}
	a.ConnectTimeout = orTime(a.ConnectTimeout, 10*time.Second)
	a.LoginTimeout = orTime(a.LoginTimeout, 10*time.Second)
	a.CommandTimeout = orTime(a.CommandTimeout, 45*time.Second)
	if a.Codec == nil {
		a.Codec = standard
	}
	if a.NewTRID == nil {
		a.NewTRID = func() string { return "YM-" + rand.Text() }
	}
	return a
}

func orTime(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}

// UnsentError is a command of which nothing reached the registry. Trying again, even with the same clTRID, is safe.
type UnsentError struct{ Err error }

func (e *UnsentError) Error() string { return "epp: not sent: " + e.Err.Error() }
func (e *UnsentError) Unwrap() error { return e.Err }

// UnknownError is a command that was sent, wholly or in part, and whose answer never came or cannot be believed. It may or may not
// have been carried out: ask on a new connection.
type UnknownError struct {
	Verb   Verb
	ClTRID string
	Err    error
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("epp: %s (clTRID %s): outcome unknown: %v", e.Verb, e.ClTRID, e.Err)
}
func (e *UnknownError) Unwrap() error { return e.Err }

// Outcome tells what the two results of Do mean for an order. An error that is none of this package's counts as Unknown.
func Outcome(verb Verb, r Response, err error) Class {
	var refused *ResultError
	var unsent *UnsentError
	switch {
	case err == nil:
		return ClassOf(verb, r.Code())
	case errors.As(err, &unsent): // first: it may wrap the refusal of a login
		return Unsent
	case errors.As(err, &refused):
		return refused.Class()
	}
	return Unknown
}

// Client is one connection, for one command at a time. It is dead after any timeout, short read, framing or XML error, foreign
// clTRID, and after the codes 1500 and 25xx; a dead client only answers *UnsentError.
type Client struct {
	acc      Account
	conn     *tls.Conn
	greeting Greeting

	turn chan struct{} // holds one token: whoever takes it may send

	mu       sync.Mutex
	waiting  chan []byte   // where frames go; nil while nothing was asked
	dead     chan struct{} // closed with the connection
	deadErr  error
	previous string // clTRID of the command before, to know a repeated answer
	tired    bool   // still right but must not be used again
}

// Dial connects and reads the greeting. Errors are *UnsentError.
func Dial(ctx context.Context, acc Account) (*Client, error) {
	acc = acc.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, acc.ConnectTimeout)
	defer cancel()
	cfg := acc.TLS.Clone()
	if cfg == nil {
		cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	conn, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", acc.Addr)
	if err != nil {
		return nil, &UnsentError{fmt.Errorf("connect to %s: %w", acc.Addr, err)}
	}
	c := &Client{acc: acc, conn: conn.(*tls.Conn), turn: make(chan struct{}, 1), dead: make(chan struct{})}
	first := c.listen()
	go c.receive()
	b, err := c.await(ctx, first)
	c.deafen(first)
	if err == nil {
		c.greeting, err = UnmarshalGreeting(b)
	}
	if err != nil {
		c.fail(err)
		return nil, &UnsentError{fmt.Errorf("greeting of %s: %w", acc.Addr, err)}
	}
	c.turn <- struct{}{}
	return c, nil
}

// Greeting is the last one the server sent.
func (c *Client) Greeting() Greeting {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.greeting
}

// Alive says whether the connection can take another command.
func (c *Client) Alive() bool {
	return c.cause() == nil
}

// cause says why the connection is of no more use; nil while it is.
func (c *Client) cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deadErr == nil && c.tired {
		return errWornOut
	}
	return c.deadErr
}

var errWornOut = errors.New("the connection is worn out")

// Close ends the connection without a logout. A running command becomes unknown.
func (c *Client) Close() error {
	c.fail(net.ErrClosed)
	return nil
}

// receive hands each frame to whoever asked. A frame nobody asked for, or the end of the connection while it is idle, is seen at
// once, before a command is wasted on it.
func (c *Client) receive() {
	r := bufio.NewReader(c.conn)
	for {
		b, err := ReadFrame(r, c.acc.MaxFrame)
		if err != nil {
			c.fail(err)
			return
		}
		if c.acc.Trace != nil {
			c.acc.Trace(true, Mask(b))
		}
		// Under the lock, so that no frame slips into a channel that has just been given up.
		c.mu.Lock()
		asked := true
		select {
		case c.waiting <- b: // never when it is nil or full
		default:
			asked = false
		}
		c.mu.Unlock()
		if !asked {
			c.fail(errUnasked)
			return
		}
	}
}

var errUnasked = errors.New("a frame that nobody asked for")

// listen lets frames in; two, because a repeated answer may come before the right one.
func (c *Client) listen() chan []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = make(chan []byte, 2)
	return c.waiting
}

func (c *Client) deafen(from chan []byte) {
	c.mu.Lock()
	c.waiting = nil
	left := len(from)
	c.mu.Unlock()
	if left > 0 {
		c.fail(errUnasked)
	}
}

func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deadErr != nil {
		return
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the server closed the connection")
	}
	c.deadErr = err
	close(c.dead)
	_ = c.conn.Close()
}

func (c *Client) await(ctx context.Context, from chan []byte) ([]byte, error) {
	select {
	case b := <-from:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.dead:
		select { // the answer may have come just before the end
		case b := <-from:
			return b, nil
		default:
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return nil, c.deadErr
	}
}

// take waits for the right to send; give hands it on.
func (c *Client) take(ctx context.Context) error {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	err := c.cause()
	if err != nil {
		c.give()
	}
	return err
}

func (c *Client) give() { c.turn <- struct{}{} }

// send writes one frame. sent says whether anything may have reached the server.
func (c *Client) send(ctx context.Context, b []byte) (sent bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if c.acc.Trace != nil {
		c.acc.Trace(false, Mask(b))
	}
	// A write that blocks must end with ctx; a connection whose write was cut is dead anyway.
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	return true, WriteFrame(c.conn, b)
}

// Hello asks for a new greeting and so keeps the session alive.
func (c *Client) Hello(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.acc.CommandTimeout)
	defer cancel()
	b, err := c.acc.Codec.Marshal(Command{Verb: HelloVerb})
	if err != nil {
		return err
	}
	if err := c.take(ctx); err != nil {
		return &UnsentError{err}
	}
	defer c.give()
	from := c.listen()
	defer c.deafen(from)
	var g Greeting
	_, err = c.send(ctx, b)
	if err == nil {
		b, err = c.await(ctx, from)
	}
	if err == nil {
		g, err = UnmarshalGreeting(b)
	}
	if err != nil {
		c.fail(err)
		return &UnsentError{fmt.Errorf("hello: %w", err)}
	}
	c.mu.Lock()
	c.greeting = g
	c.mu.Unlock()
	return nil
}

// Do sends a command and waits for its answer until ctx ends or the command timeout is over. The error is *ResultError when the
// server refused or failed (the Response is then complete too), *UnsentError when nothing was sent, *UnknownError when the
// answer never came. On success look at Response.Unreadable before relying on its data.
func (c *Client) Do(ctx context.Context, cmd Command) (Response, error) {
	return c.do(ctx, cmd, c.acc.CommandTimeout)
}

func (c *Client) do(ctx context.Context, cmd Command, limit time.Duration) (Response, error) {
	if cmd.ClTRID == "" {
		cmd.ClTRID = c.acc.NewTRID()
	}
	verb, err := c.acc.Codec.verb(cmd)
	if err != nil {
		return Response{}, &UnsentError{err}
	}
	if n := len(cmd.ClTRID); n < 3 || n > 64 {
		return Response{}, &UnsentError{errors.New("epp: clTRID has not 3 to 64 characters")}
	}
	b, err := c.acc.Codec.Marshal(cmd)
	if err != nil {
		return Response{}, &UnsentError{err}
	}
	if err := c.take(ctx); err != nil {
		return Response{}, &UnsentError{err}
	}
	defer c.give()
	// The time starts now: waiting for the turn belongs to the caller's own deadline.
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	from := c.listen()
	defer c.deafen(from)
	sent, err := c.send(ctx, b)
	if !sent {
		return Response{}, &UnsentError{err}
	}
	var r Response
	if err == nil {
		r, err = c.match(ctx, verb, cmd.ClTRID, from)
	}
	if err != nil {
		c.fail(err)
		return Response{}, &UnknownError{verb, cmd.ClTRID, err}
	}
	c.mu.Lock()
	c.previous = cmd.ClTRID
	c.mu.Unlock()
	switch code := r.Code(); {
	case code == Bye: // Logout still waits for the server to close
		c.wearOut()
	case r.Unreadable != nil || code.Closes():
		c.fail(fmt.Errorf("connection ended after %d", int(code)))
	}
	if code := r.Code(); code.Failed() {
		x := r.result()
		return r, &ResultError{verb, code, x.Msg.Body, r.Reason(), cmd.ClTRID, r.SvTRID}
	}
	return r, nil
}

// wearOut lets the running command finish and no other begin.
func (c *Client) wearOut() {
	c.mu.Lock()
	c.tired = true
	c.mu.Unlock()
}

// match waits for the answer to this command and no other.
func (c *Client) match(ctx context.Context, verb Verb, id string, from chan []byte) (Response, error) {
	for {
		b, err := c.await(ctx, from)
		if err != nil {
			return Response{}, err
		}
		r, err := c.acc.Codec.UnmarshalResponse(b)
		if err != nil {
			return Response{}, err
		}
		if r.ClTRID == id || r.ClTRID == "" && (c.acc.AllowMissingClTRID || verb == LoginVerb) {
			return r, nil
		}
		c.mu.Lock()
		repeated := r.ClTRID != "" && r.ClTRID == c.previous
		c.mu.Unlock()
		if !repeated {
			return Response{}, errors.New("the answer carries another command's clTRID")
		}
		c.wearOut()
		// The former answer came twice. Ours is still on its way; the connection goes afterwards.
	}
}

// Login opens the session. The long password, or the new one, goes into the login security extension as the account says.
// After a *ResultError with Class Suspended do not try again on your own: accounts get locked.
func (c *Client) Login(ctx context.Context) (Response, error) {
	return c.do(ctx, c.login(), c.acc.LoginTimeout)
}

func (c *Client) login() Command {
	a, g := c.acc, c.Greeting()
	l := &Login{ClID: a.ClID, Pw: a.Password, NewPW: a.NewPassword, Version: "1.0", Lang: a.Lang, ObjURIs: a.ObjURIs, ExtURIs: a.ExtURIs}
	if l.ObjURIs == nil {
		l.ObjURIs = a.Codec.Known(g.ObjURIs)
	}
	if l.ExtURIs == nil {
		l.ExtURIs = a.Codec.Known(g.ExtURIs)
	}
	cmd := Command{Login: l}
	long := utf8.RuneCountInString(a.Password) > coreMaxPassword
	longNew := utf8.RuneCountInString(a.NewPassword) > coreMaxPassword
	if a.LoginSec == LoginSecAlways || a.LoginSec == LoginSecLong && (long || longNew) {
		sec := &LoginSec{UserAgent: a.UserAgent}
		if a.LoginSec == LoginSecAlways || long {
			sec.Pw, l.Pw = a.Password, LoginSecPassword
		}
		if a.NewPassword != "" && (a.LoginSec == LoginSecAlways || longNew) {
			sec.NewPW, l.NewPW = a.NewPassword, LoginSecPassword
		}
		if !contains(l.ExtURIs, NSLoginSec) {
			l.ExtURIs = append(append([]string(nil), l.ExtURIs...), NSLoginSec)
		}
		cmd.Extensions = []any{sec}
	}
	return cmd
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if strings.TrimSpace(x) == s {
			return true
		}
	}
	return false
}

// Logout ends the session and the connection, bounded by ctx and the command timeout. After a good answer it waits for the server
// to close, so that a session limit does not count this one any more; in the end the connection is closed in any case.
func (c *Client) Logout(ctx context.Context) error {
	defer c.Close()
	_, err := c.Do(ctx, Command{Verb: Logout})
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, c.acc.CommandTimeout)
		defer cancel()
		select {
		case <-c.dead:
		case <-ctx.Done():
		}
	}
	return err
}
