package rig

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Streamed is how an upload ended that nobody could send from memory.
type Streamed struct {
	Sent   int64 // octets of the body that the portal's side took
	Status int
	Said   string
}

// Stream sends a body of any length the way a person's own program would: it
// writes while it reads, and stops once the portal has answered. length is what
// the head declares in octets; below 0 it declares none and sends chunks.
func (b *Buyer) Stream(ctx context.Context, path, kind string, body io.Reader, length int64) (Streamed, error) {
	var out Streamed
	at, err := url.Parse(b.base + path)
	if err != nil {
		return out, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", at.Host)
	if err != nil {
		return out, &Unanswered{err}
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		return out, err
	}
	var head strings.Builder
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nAccept-Language: en\r\nSec-Fetch-Site: same-origin\r\n", at.RequestURI(), at.Host, kind)
	for _, c := range b.http.Jar.Cookies(at) {
		fmt.Fprintf(&head, "Cookie: %s=%s\r\n", c.Name, c.Value)
	}
	if length < 0 {
		head.WriteString("Transfer-Encoding: chunked\r\n\r\n")
	} else {
		fmt.Fprintf(&head, "Content-Length: %d\r\n\r\n", length)
	}
	if _, err := io.WriteString(conn, head.String()); err != nil {
		return out, &Unanswered{err}
	}
	sent := make(chan int64, 1)
	go func() {
		n, _ := pour(conn, body, length < 0) // it ends when the portal has had enough
		sent <- n
	}()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil {
		var text []byte
		text, err = io.ReadAll(io.LimitReader(resp.Body, 8<<20))
		out.Status, out.Said = resp.StatusCode, said(text)
		_ = resp.Body.Close() // read as far as it goes
	}
	_ = conn.Close() // ends the pouring
	out.Sent = <-sent
	if err != nil {
		return out, &Unanswered{err}
	}
	return out, nil
}

// pour writes a body, in chunks (RFC 9112 section 7.1) or as it is, and gives
// how much of it was taken.
func pour(w io.Writer, body io.Reader, chunked bool) (n int64, err error) {
	part := make([]byte, 64<<10)
	for {
		k, end := body.Read(part)
		if k > 0 {
			piece := part[:k]
			if chunked {
				piece = fmt.Appendf(nil, "%x\r\n%s\r\n", k, piece)
			}
			if _, err := w.Write(piece); err != nil {
				return n, err
			}
			n += int64(k)
		}
		if end != nil {
			if chunked {
				_, err = io.WriteString(w, "0\r\n\r\n")
			}
			return n, err
		}
	}
}
