package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strings"
	"time"
)

// side is one of those who take turns.
type side struct {
	load load
	pid  int
}

// rounds is what a duel came to: for each side, in each round.
type rounds struct {
	rate  [][]float64       // answers a second
	cost  [][]time.Duration // processor time of the server for one answer
	share []float64         // of the generator in all processor time, by round
	bytes []int64           // of one answer
}

// duel loads the sides in turn, slice by slice; who begins changes from round
// to round. One round before does not count: it fills caches.
func (b *bench) duel(ctx context.Context, sides ...side) (rounds, error) {
	r := rounds{rate: make([][]float64, len(sides)), cost: make([][]time.Duration, len(sides)), bytes: make([]int64, len(sides))}
	for n := -1; n < b.rounds; n++ {
		var generator, servers time.Duration
		for k := range sides {
			i := (k + max(n, 0)) % len(sides)
			s := sides[i]
			before, err := cpu(s.pid)
			if err != nil {
				return r, err
			}
			d, err := s.load.run(ctx, b.slice)
			if err != nil {
				return r, err
			}
			after, err := cpu(s.pid)
			if err != nil {
				return r, err
			}
			if n < 0 {
				continue
			}
			generator, servers = generator+d.own, servers+after-before
			r.rate[i] = append(r.rate[i], d.rate())
			r.cost[i] = append(r.cost[i], (after-before)/time.Duration(d.n))
			r.bytes[i] = d.bytes
		}
		if n >= 0 {
			r.share = append(r.share, float64(generator)/float64(generator+servers))
		}
	}
	return r, nil
}

// profile keeps where the portal's processor time goes under a load, when a
// folder for it was named. The figures are taken without.
func (b *bench) profile(ctx context.Context, name string, s side) error {
	if b.save == "" {
		return nil
	}
	file := filepath.Join(b.save, name+".pprof")
	wrong := make(chan error, 1)
	go func() {
		resp, err := http.Get(b.portal.Metrics + "/debug/pprof/profile?seconds=5")
		if err != nil {
			wrong <- err
			return
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		wrong <- errors.Join(err, os.WriteFile(file, text, 0o600))
	}()
	_, err := s.load.run(ctx, 6*time.Second)
	return errors.Join(err, <-wrong)
}

// profileHere is profile for what runs in this process.
func (b *bench) profileHere(name string) (end func() error, err error) {
	f, err := os.Create(filepath.Join(b.save, name+".pprof")) // #nosec G304 -- a path of the measurement's own folder
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { pprof.StopCPUProfile(); return f.Close() }, nil
}

// faster is how many times the rate of side j side i has, round by round.
func (r rounds) faster(i, j int) []float64 {
	out := make([]float64, len(r.rate[i]))
	for n := range out {
		out[n] = r.rate[i][n] / r.rate[j][n]
	}
	return out
}

// dearer is how many times the processor time of side j side i takes.
func (r rounds) dearer(i, j int) []float64 {
	out := make([]float64, len(r.cost[i]))
	for n := range out {
		out[n] = float64(r.cost[i][n]) / float64(r.cost[j][n])
	}
	return out
}

func (r rounds) here(i, j int) string {
	us := func(k int) float64 {
		var list []float64
		for _, c := range r.cost[k] {
			list = append(list, float64(c.Microseconds()))
		}
		return median(list)
	}
	return fmt.Sprintf("%.0f/s against %.0f/s, %.0f µs against %.0f µs, %.1f KB; generator's share %.0f %%",
		median(r.rate[i]), median(r.rate[j]), us(i), us(j), float64(r.bytes[i])/1024, 100*median(r.share))
}

func (b *bench) side(path string, head ...string) side {
	return side{load{addr: b.host(), request: request(b.host(), path, head...), conns: b.conns}, b.portal.PID()}
}

func (c *comparison) side(path string, conns int) side {
	return side{load{addr: c.addr, request: request(c.addr, path), conns: conns}, c.cmd.Process.Pid}
}

// home compares the front page with its own bytes sent by a bare handler.
func home(ctx context.Context, b *bench) error {
	cookie, err := b.enter(ctx, holder, castPassword)
	if err != nil {
		return err
	}
	c, err := b.compare(ctx, cookie)
	if err != nil {
		return err
	}
	defer func() { _ = c.close() }()
	for _, v := range []struct{ what, path, coding string }{{"home page", "/home", "identity"}, {"home page to a browser that takes gzip", "/home.gz", "gzip"}} {
		r, err := b.duel(ctx, b.side("/", "Accept-Encoding", v.coding), c.side(v.path, b.conns))
		if err != nil {
			return err
		}
		if err := b.profile(ctx, "home-"+v.coding, b.side("/", "Accept-Encoding", v.coding)); err != nil {
			return err
		}
		b.report.add("home", v.what+": rate, of a bare handler's", "x", r.faster(0, 1), atLeast(1.0/3), r.here(0, 1))
		b.report.add("home", v.what+": processor time, times a bare handler's", "x", r.dearer(0, 1), atMost(3), "")
	}
	return nil
}

// list compares the signed-in list of names with its own bytes, and with the
// same query written by hand.
func list(ctx context.Context, b *bench) error {
	cookie, err := b.enter(ctx, holder, castPassword)
	if err != nil {
		return err
	}
	c, err := b.compare(ctx, cookie)
	if err != nil {
		return err
	}
	defer func() { _ = c.close() }()
	page, _, err := b.fetch(ctx, "/names", cookie, "")
	if err != nil {
		return err
	}
	body, _, _ := strings.Cut(string(page), "</tbody>")
	_, body, _ = strings.Cut(body, "<tbody>")
	if n := strings.Count(body, "<tr>"); n != b.names {
		return fmt.Errorf("the list shows %d names, not %d", n, b.names)
	}
	r, err := b.duel(ctx, b.side("/names", "Cookie", cookie), c.side("/list", b.conns), c.side("/hand", b.conns))
	if err != nil {
		return err
	}
	if err := b.profile(ctx, "list", b.side("/names", "Cookie", cookie)); err != nil {
		return err
	}
	what := fmt.Sprintf("list of %d names, signed in: ", b.names)
	b.report.add("list", what+"rate of a bare handler, times ours", "x", r.faster(1, 0), atMost(6), r.here(0, 1))
	b.report.add("list", what+"processor time, times a bare handler's", "x", r.dearer(0, 1), atMost(6), "")
	b.report.add("list", what+"rate of a page by hand, times ours", "x", r.faster(2, 0), atMost(1.5), r.here(0, 2))
	b.report.add("list", what+"processor time, times a page by hand", "x", r.dearer(0, 2), atMost(1.5), "")
	return nil
}

// memory is what the portal holds alone, its sandbox in another process.
func memory(ctx context.Context, b *bench) error {
	if err := b.stop(); err != nil {
		return err
	}
	if _, err := b.start(ctx); err != nil {
		return err
	}
	time.Sleep(3 * time.Second) // what the start needed is given back, the first recurring jobs ran
	idle, err := resident(b.portal.PID(), "VmRSS")
	if err != nil {
		return err
	}
	cookie, err := b.enter(ctx, holder, castPassword)
	if err != nil {
		return err
	}
	for _, s := range []side{b.side("/"), b.side("/names", "Cookie", cookie), b.side("/prices")} {
		if _, err := s.load.run(ctx, 2*b.slice); err != nil {
			return err
		}
	}
	loaded, err := resident(b.portal.PID(), "VmRSS")
	if err != nil {
		return err
	}
	peak, err := resident(b.portal.PID(), "VmHWM")
	if err != nil {
		return err
	}
	for _, v := range []struct {
		what string
		n    int64
	}{{"resident, idle", idle}, {"resident, after load of pages", loaded}, {"resident, at most", peak}} {
		b.report.add("memory", v.what, "MB", []float64{float64(v.n) / (1 << 20)}, nil, "")
	}
	return nil
}

// startToReady is from the start of the process until /readyz says yes.
func startToReady(ctx context.Context, b *bench) error {
	var warm []float64
	for range b.rounds {
		if err := b.stop(); err != nil {
			return err
		}
		d, err := b.start(ctx)
		if err != nil {
			return err
		}
		warm = append(warm, float64(d.Microseconds())/1000)
	}
	b.report.add("start", "to ready, empty folder: schema, keys, houses, texts, prices, people", "ms", []float64{float64(b.fresh.Microseconds()) / 1000}, nil, "")
	b.report.add("start", "to ready, with data", "ms", warm, atMost(2000), "")
	return nil
}

var linked = regexp.MustCompile(`(?:href|src)="(/static/[^"#]+)`)

// sizes is what travels for a first visit: the page and all it links, with the
// icons its parts use.
func sizes(ctx context.Context, b *bench) error {
	page, head, err := b.fetch(ctx, "/", "", "gzip")
	if err != nil {
		return err
	}
	plain, _, err := b.fetch(ctx, "/", "", "")
	if err != nil {
		return err
	}
	total := len(page)
	coded := "as sent"
	if head.Get("Content-Encoding") != "gzip" {
		coded = fmt.Sprintf("sent plain; gzip would make it %.1f KB", float64(len(packed(plain)))/1024)
	}
	b.report.add("size", "home page", "bytes", []float64{float64(len(page))}, nil, coded)
	seen := map[string]bool{}
	for _, m := range linked.FindAllStringSubmatch(string(plain), -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		file, _, err := b.fetch(ctx, m[1], "", "gzip")
		if err != nil {
			return err
		}
		total += len(file)
		if strings.HasSuffix(m[1], ".css") {
			b.report.add("size", "the style sheet", "bytes", []float64{float64(len(file))}, atMost(20<<10), m[1])
		}
	}
	b.report.add("size", "first visit: page, style sheet, scripts, icons", "bytes", []float64{float64(total)}, atMost(60<<10), fmt.Sprintf("%d files", len(seen)+1))
	return nil
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return b.Bytes()
}
