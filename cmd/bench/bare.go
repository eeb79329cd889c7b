package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// bare is the comparison: net/http and nothing else. /home and /list send the
// portal's own bytes; /hand asks the list's query and writes the page by hand.
// It ends when its standard input does.
func bare(args []string) error {
	fs := flag.NewFlagSet("bare", flag.ContinueOnError)
	dir := fs.String("dir", "", "folder of the pages")
	data := fs.String("data", "", "the portal's database")
	account := fs.Int64("account", 0, "whose names")
	if err := fs.Parse(args); err != nil {
		return err
	}
	mux := http.NewServeMux()
	for _, page := range []string{"home", "home.gz", "list"} {
		text, err := os.ReadFile(filepath.Join(*dir, page)) // #nosec G304 -- a path of the measurement's own folder
		if err != nil {
			return err
		}
		mux.HandleFunc("GET /"+page, func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Type", "text/html; charset=utf-8")
			if strings.HasSuffix(page, ".gz") {
				h.Set("Content-Encoding", "gzip")
			}
			h.Set("Content-Length", strconv.Itoa(len(text)))
			_, _ = w.Write(text) // the client went away
		})
	}
	hand, err := newByHand(*dir, *data, *account)
	if err != nil {
		return err
	}
	defer hand.close()
	mux.Handle("GET /hand", hand)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("listening %s\n", ln.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// byHand is the list page as one would write it for speed alone: the prepared
// query, the rows written into a buffer, everything around them a constant.
type byHand struct {
	names        *nameReader
	before, rest string
}

// newByHand takes what stands around the rows from the portal's own page.
func newByHand(dir, data string, account int64) (*byHand, error) {
	text, err := os.ReadFile(filepath.Join(dir, "list")) // #nosec G304 -- a path of the measurement's own folder
	if err != nil {
		return nil, err
	}
	before, rest, ok := strings.Cut(string(text), "<tbody>")
	_, rest, ok2 := strings.Cut(rest, "</tbody>")
	if !ok || !ok2 {
		return nil, errors.New("the list page has no table")
	}
	names, err := readNames(data, account)
	return &byHand{names, before + "<tbody>", "</tbody>" + rest}, err
}

func (h *byHand) close() { _ = h.names.close() }

var shanghai = time.FixedZone("CST", 8*60*60)

func (h *byHand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	b.Grow(len(h.before) + len(h.rest) + 32<<10)
	b.WriteString(h.before)
	now := time.Now()
	err := h.names.each(r.Context(), func(n nameRow) {
		label, ending, _ := strings.Cut(n.u, ".")
		b.WriteString(`<tr><td><a class="u" href="/names/`)
		b.WriteString(html.EscapeString(n.a))
		b.WriteString(`">`)
		b.WriteString(html.EscapeString(label))
		b.WriteString(`<span class="tld">.`)
		b.WriteString(html.EscapeString(ending))
		b.WriteString(`</span></a></td><td data-l="状态"><span class="badge ok">已注册</span></td><td data-l="状态码"><span class="row tight">`)
		for s := range strings.FieldsSeq(n.statuses) {
			b.WriteString(`<span class="badge">正常 <code>`)
			b.WriteString(html.EscapeString(s))
			b.WriteString(`</code></span>`)
		}
		b.WriteString(`</span></td><td data-l="注册日期">`)
		day(&b, n.created)
		b.WriteString(`</td><td data-l="到期日期"><span class="">`)
		day(&b, n.expires)
		b.WriteString(`</span><small>`)
		b.WriteString(strconv.Itoa(int(time.UnixMilli(n.expires).Sub(now).Hours() / 24)))
		b.WriteString(" 天后</small></td></tr>")
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	b.WriteString(h.rest)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = io.WriteString(w, b.String())
}

func day(b *strings.Builder, ms int64) {
	text := time.UnixMilli(ms).In(shanghai).Format("2006-01-02")
	b.WriteString(`<time datetime="`)
	b.WriteString(text)
	b.WriteString(`">`)
	b.WriteString(text)
	b.WriteString(`</time>`)
}

// comparison is a running bare server.
type comparison struct {
	addr  string
	cmd   *exec.Cmd
	input io.WriteCloser
	ready time.Duration // from its start until it listened
}

// compare writes the portal's pages into a folder and starts the bare server
// over them.
func (b *bench) compare(ctx context.Context, cookie string) (*comparison, error) {
	dir, err := os.MkdirTemp(b.dir, "pages-")
	if err != nil {
		return nil, err
	}
	for _, p := range []struct{ file, path, cookie, coding string }{{"home", "/", "", ""}, {"home.gz", "/", "", "gzip"}, {"list", "/names", cookie, ""}} {
		text, _, err := b.fetch(ctx, p.path, p.cookie, p.coding)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, p.file), text, 0o600); err != nil {
			return nil, err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	cmd := exec.Command(self, "bare", "-dir", dir, "-data", filepath.Join(b.data(), "yumen.db"), "-account", strconv.FormatInt(b.account, 10)) // #nosec G204 -- a program of the developer's own run; arguments are words, no shell
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &comparison{cmd: cmd, input: in}
	text, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.addr, c.ready = strings.TrimSpace(strings.TrimPrefix(text, "listening ")), time.Since(began)
	return c, nil
}

func (c *comparison) close() error {
	err := c.input.Close()
	return errors.Join(err, c.cmd.Wait())
}
