package epp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Server is the registry's side of the wire. It keeps sessions and frames; every decision is the handler's, the one to accept a
// login included. Fields are set before Serve and not changed afterwards.
type Server struct {
	// TLS is required. Versions below 1.2 are refused whatever it says.
	TLS *tls.Config
	// Greeting is asked for at each connection and each hello; its SvDate must be now.
	Greeting func(s *Session) Greeting
	// Handle answers a command. It is called for one command of a session at a time.
	Handle func(ctx context.Context, s *Session, cmd Command) Answer

	// Opened may refuse a connection after the handshake by false; then it is closed without a greeting.
	Opened func(s *Session) bool
	// Closed is called once for each session that Opened accepted.
	Closed func(s *Session)
	// Idle is how long the server waits for the next frame; nil or 0 means without end.
	Idle func(s *Session) time.Duration
	// Trace sees every frame, masked.
	Trace func(s *Session, received bool, frame string)
	// Failed sees answers that could not be written and frames that could not be read.
	Failed func(s *Session, err error)

	Codec    *Codec // nil means the package's own types
	MaxFrame int    // bytes; 0 means DefaultMaxFrame

	mu       sync.Mutex
	sessions map[*Session]bool
	last     atomic.Uint64
}

// Session is one connection as the server sees it.
type Session struct {
	ID     uint64
	Remote net.Addr
	// Certificate is the client's, nil when it sent none. It is verified only as far as Server.TLS asks.
	Certificate *x509.Certificate
	Since       time.Time
	// Data belongs to the handler: who is logged in, and so on.
	Data any

	server   *Server
	conn     *tls.Conn
	commands atomic.Uint64
}

// Commands counts the commands read so far.
func (s *Session) Commands() uint64 { return s.commands.Load() }

// Close ends the session from outside, at once.
func (s *Session) Close() error { return s.conn.Close() }

// Answer is what a handler wants to be sent. ClTRID and an empty SvTRID are filled in. The connection is closed after codes 1500
// and 25xx, and when Close is set.
type Answer struct {
	Response Response
	Close    bool
	Trouble  Trouble
}

// Trouble makes an answer go wrong on its way, as networks and registries do. The zero value does nothing.
type Trouble struct {
	Delay     time.Duration // wait before anything is sent
	Drop      bool          // close instead of answering
	Cut       bool          // send half of the frame, then close
	Duplicate bool          // send the frame twice
	ClTRID    string        // send this transaction id instead of the command's
	Raw       []byte        // send these bytes instead of the XML, framed as usual
	Trickle   time.Duration // pause after every 64 bytes
}

const (
	handshakeTime = 10 * time.Second
	writeTime     = 30 * time.Second // a peer that stops reading must not hold a session for ever
)

// Serve accepts connections until ctx ends, then closes all sessions and waits for their handlers. It returns nil then, else the
// listener's error. l speaks TCP; TLS is put on top here.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	cfg := s.TLS.Clone()
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		all.Go(func() { s.run(ctx, tls.Server(c, cfg)) })
	}
}

// Sessions lists the sessions that are open now.
func (s *Server) Sessions() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Session, 0, len(s.sessions))
	for x := range s.sessions {
		out = append(out, x)
	}
	return out
}

func (s *Server) run(ctx context.Context, conn *tls.Conn) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	hs, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	x := &Session{ID: s.last.Add(1), Remote: conn.RemoteAddr(), Since: time.Now(), server: s, conn: conn}
	if err := conn.HandshakeContext(hs); err != nil {
		s.failed(x, err)
		return
	}
	if certs := conn.ConnectionState().PeerCertificates; len(certs) > 0 {
		x.Certificate = certs[0]
	}
	if s.Opened != nil && !s.Opened(x) {
		return
	}
	s.mu.Lock()
	if s.sessions == nil {
		s.sessions = map[*Session]bool{}
	}
	s.sessions[x] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.sessions, x)
		s.mu.Unlock()
		if s.Closed != nil {
			s.Closed(x)
		}
	}()
	ctx, end := context.WithCancel(ctx)
	defer end()
	if err := x.serve(ctx); err != nil && ctx.Err() == nil {
		s.failed(x, err)
	}
}

func (s *Server) failed(x *Session, err error) {
	if s.Failed != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		s.Failed(x, err)
	}
}

func (s *Server) codec() *Codec {
	if s.Codec != nil {
		return s.Codec
	}
	return standard
}

// serve runs the session until either side ends it.
func (x *Session) serve(ctx context.Context) error {
	if err := x.greet(ctx); err != nil {
		return err
	}
	for {
		b, err := x.read()
		if err != nil {
			return err
		}
		cmd, err := x.server.codec().UnmarshalCommand(b)
		var bad *CommandError
		var a Answer
		switch {
		case errors.As(err, &bad):
			a = Answer{Response: Reply(bad.Code, "")}
			x.server.failed(x, err)
		case err != nil: // not even XML: say so once, then end
			a = Answer{Response: Reply(BadSyntax, ""), Close: true}
			x.server.failed(x, err)
		case cmd.Verb == HelloVerb:
			if err := x.greet(ctx); err != nil {
				return err
			}
			continue
		default:
			x.commands.Add(1)
			a = x.server.Handle(ctx, x, cmd)
		}
		if err := x.answer(ctx, cmd, a); err != nil {
			return err
		}
		if a.Close || a.Trouble.Drop || a.Trouble.Cut || a.Response.Code().Closes() {
			return nil
		}
	}
}

func (x *Session) read() ([]byte, error) {
	var until time.Time
	if x.server.Idle != nil {
		if d := x.server.Idle(x); d > 0 {
			until = time.Now().Add(d)
		}
	}
	if err := x.conn.SetReadDeadline(until); err != nil {
		return nil, err
	}
	b, err := ReadFrame(x.conn, x.server.MaxFrame)
	if err == nil && x.server.Trace != nil {
		x.server.Trace(x, true, Mask(b))
	}
	return b, err
}

func (x *Session) greet(ctx context.Context) error {
	b, err := x.server.codec().Marshal(x.server.Greeting(x))
	if err != nil {
		return err
	}
	return x.send(ctx, b, Trouble{})
}

func (x *Session) answer(ctx context.Context, cmd Command, a Answer) error {
	r := a.Response
	r.ClTRID = cmd.ClTRID
	if a.Trouble.ClTRID != "" {
		r.ClTRID = a.Trouble.ClTRID
	}
	if r.SvTRID == "" {
		r.SvTRID = fmt.Sprintf("SV-%x-%d-%d", x.Since.UnixNano(), x.ID, x.commands.Load())
	}
	b, err := x.server.codec().Marshal(r)
	if err != nil {
		// The handler's work may be done, so the client must ask: 2400 says exactly that.
		x.server.failed(x, err)
		r = Response{Results: []Result{{Code: CommandFailed}}, ClTRID: r.ClTRID, SvTRID: r.SvTRID}
		if b, err = x.server.codec().Marshal(r); err != nil {
			return err
		}
	}
	if a.Trouble.Raw != nil {
		b = a.Trouble.Raw
	}
	return x.send(ctx, b, a.Trouble)
}

// send writes a frame, with whatever trouble is asked for.
func (x *Session) send(ctx context.Context, b []byte, t Trouble) error {
	if err := pause(ctx, t.Delay); err != nil || t.Drop {
		return err
	}
	if x.server.Trace != nil {
		x.server.Trace(x, false, Mask(b))
	}
	out := frame(b)
	if t.Cut {
		out = out[:len(out)/2]
	}
	if t.Duplicate {
		out = append(out, frame(b)...)
	}
	step := len(out)
	if t.Trickle > 0 {
		step = 64
	}
	for len(out) > 0 {
		n := min(step, len(out))
		if err := x.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
			return err
		}
		if _, err := x.conn.Write(out[:n]); err != nil {
			return err
		}
		if out = out[n:]; len(out) > 0 {
			if err := pause(ctx, t.Trickle); err != nil {
				return err
			}
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
