package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// load sends the same request over keep-alive connections, each as soon as the
// answer before is read, for as long as it is told. It is as plain as it can
// be, so that little of the machine goes to it; its own share is measured.
type load struct {
	addr    string // host:port
	request []byte // whole, as it goes over the wire
	conns   int
	status  string // what an answer must begin with; empty: HTTP/1.1 200
}

// done is what a slice of load came to.
type done struct {
	n     int
	took  time.Duration
	bytes int64 // of the last answer, head included
	own   time.Duration
}

func (d done) rate() float64 { return float64(d.n) / d.took.Seconds() }

// request writes a GET the way a browser would.
func request(host, path string, head ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: text/html\r\nAccept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\n", path, host)
	for i := 0; i+1 < len(head); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", head[i], head[i+1])
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// run loads for about d.
func (l load) run(ctx context.Context, d time.Duration) (done, error) {
	var n, size atomic.Int64
	errs := make([]error, l.conns)
	stop := make(chan struct{})
	lines := make([]*line, l.conns)
	for i := range lines {
		c, err := dial(ctx, l.addr)
		if err != nil {
			return done{}, err
		}
		defer c.close()
		lines[i] = c
	}
	before, began := own(), time.Now()
	timer := time.AfterFunc(d, func() { close(stop) })
	defer timer.Stop()
	var wg sync.WaitGroup
	for i, c := range lines {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-ctx.Done():
					errs[i] = ctx.Err()
					return
				default:
				}
				got, err := c.ask(l.request, l.status)
				if err != nil {
					errs[i] = err
					return
				}
				n.Add(1)
				size.Store(got)
			}
		})
	}
	wg.Wait()
	out := done{n: int(n.Load()), took: time.Since(began), bytes: size.Load(), own: own() - before}
	if err := errors.Join(errs...); err != nil {
		return out, err
	}
	if out.n == 0 {
		return out, errors.New("nothing was answered")
	}
	return out, nil
}

// line is one connection.
type line struct {
	c net.Conn
	r *bufio.Reader
}

func dial(ctx context.Context, addr string) (*line, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &line{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

func (l *line) close() { _ = l.c.Close() }

// answerTime bounds the wait for one answer.
const answerTime = time.Minute

// ask sends one request and reads its answer to the end; it gives the answer's
// size. An answer must say its length.
func (l *line) ask(request []byte, status string) (int64, error) {
	if status == "" {
		status = "HTTP/1.1 200"
	}
	if err := l.c.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return 0, err
	}
	if _, err := l.c.Write(request); err != nil {
		return 0, err
	}
	length, size := int64(-1), int64(0)
	for first := true; ; first = false {
		text, err := l.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		size += int64(len(text))
		if first && !bytes.HasPrefix(text, []byte(status)) {
			return 0, fmt.Errorf("answered %q, not %s", bytes.TrimSpace(text), status)
		}
		text = bytes.TrimRight(text, "\r\n")
		if len(text) == 0 {
			break
		}
		const name = "content-length:"
		if len(text) > len(name) && bytes.EqualFold(text[:len(name)], []byte(name)) {
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(text[len(name):])), 10, 64); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, errors.New("an answer without a length")
	}
	if _, err := io.CopyN(io.Discard, l.r, length); err != nil {
		return 0, err
	}
	return size + length, nil
}

// own is the processor time this process has used.
func own() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
