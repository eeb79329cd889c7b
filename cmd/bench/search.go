package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// visitors is how many people search in the same moment.
const visitors = 200

// searching is a rush on the search: first visitors alone, then as many while a
// list of 3,000 names is looked through. Each looks for two labels under every
// ending on sale, and for names like them. The registry counts what it saw: it
// must not have refused anything, and its caps are compared with what it had at
// most. Caps that are far away prove nothing, so pressed does it again with
// narrow ones.
func searching(ctx context.Context, b *bench) error {
	before, err := b.traffic(ctx)
	if err != nil {
		return err
	}
	alone, err := b.rush(ctx, "a")
	if err != nil {
		return err
	}
	b.told("alone", alone, true)
	list, err := b.list(ctx)
	if err != nil {
		return err
	}
	beside, err := b.rush(ctx, "b")
	if err != nil {
		return err
	}
	b.told("beside a list of 3,000", beside, true)
	late := time.Since(list.began)
	took, err := list.wait()
	if err != nil {
		return err
	}
	b.report.add("search", "list of 3,000 names, to the last answer", "s", []float64{took.Seconds()}, nil, fmt.Sprintf("the visitors beside it were done after %.1f s", late.Seconds()))
	after, err := b.caps(ctx, "")
	if err != nil {
		return err
	}
	checks := after.Commands["domain:check"] - before.Commands["domain:check"]
	b.report.add("search", "checks, for each visitor", "x", []float64{float64(checks) / float64(2*visitors)}, nil, fmt.Sprintf("%d checks for %d visitors and the list: what meets at a registry shares a command", checks, 2*visitors))
	return pressed(ctx, b)
}

// running is a list that is being looked through.
type running struct {
	began time.Time
	done  chan error
	took  time.Duration // when done has been received
}

// list hands in 3,000 names.
func (b *bench) list(ctx context.Context) (*running, error) {
	l := &running{began: time.Now(), done: make(chan error, 1)}
	page, err := b.handIn(ctx, 3000)
	if err != nil {
		return nil, err
	}
	go func() {
		err := b.finished(ctx, page)
		l.took = time.Since(l.began)
		l.done <- err
	}()
	return l, nil
}

func (l *running) wait() (time.Duration, error) {
	err := <-l.done
	return l.took, err
}

// caps reports what the registry counted beside what it allows.
func (b *bench) caps(ctx context.Context, when string) (traffic, error) {
	t, err := b.traffic(ctx)
	if err != nil {
		return t, err
	}
	b.report.add("search", when+"sessions at the registry, of its cap", "x", []float64{float64(t.Peak) / float64(t.capSessions)}, atMost(1), fmt.Sprintf("at most %d of %d", t.Peak, t.capSessions))
	b.report.add("search", when+"commands in any minute, of its cap", "x", []float64{float64(t.PeakMinute) / float64(t.capMinute)}, atMost(1), fmt.Sprintf("at most %d of %d; in any second %d", t.PeakMinute, t.capMinute, t.PeakSecond))
	b.report.add("search", when+"commands and sessions it refused", "", []float64{float64(t.RefusedSessions + t.RefusedRate)}, atMost(0), "")
	return t, nil
}

// traffic is what the sandbox's registry saw of the portal, and its caps.
type traffic struct {
	Registrar       string         `json:"registrar"`
	Peak            int            `json:"peak"`
	RefusedSessions int            `json:"refused_sessions"`
	RefusedRate     int            `json:"refused_rate"`
	PeakMinute      int            `json:"peak_minute"`
	PeakSecond      int            `json:"peak_second"`
	Commands        map[string]int `json:"commands"`

	capSessions, capMinute int
}

func (b *bench) traffic(ctx context.Context) (traffic, error) {
	var list []traffic
	if err := b.ask(ctx, "/state/sessions", &list); err != nil {
		return traffic{}, err
	}
	var at struct {
		EPP struct {
			Registrar string `json:"registrar"`
			Sessions  int    `json:"max_sessions"`
			Minute    int    `json:"commands_per_minute"`
		} `json:"epp"`
	}
	if err := b.ask(ctx, "/connect", &at); err != nil {
		return traffic{}, err
	}
	i := slices.IndexFunc(list, func(t traffic) bool { return t.Registrar == at.EPP.Registrar })
	if i < 0 {
		return traffic{Commands: map[string]int{}, capSessions: at.EPP.Sessions, capMinute: at.EPP.Minute}, nil
	}
	list[i].capSessions, list[i].capMinute = at.EPP.Sessions, at.EPP.Minute
	return list[i], nil
}

func (b *bench) ask(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.sandbox.Sandbox+path, nil)
	if err != nil {
		return err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// heard is what one visitor saw of their search.
type heard struct {
	first, last time.Duration // to the first answer on the screen, to the end of the stream
	rows        int
	unknown     int
}

// rush lets all visitors search in the same moment.
func (b *bench) rush(ctx context.Context, mark string) ([]heard, error) {
	all, errs := make([]heard, visitors), make([]error, visitors)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range visitors {
		wg.Go(func() {
			<-start
			all[i], errs[i] = b.look(ctx, fmt.Sprintf("rush-%s-%d，人潮%s%d", mark, i, mark, i))
		})
	}
	close(start)
	wg.Wait()
	return all, errors.Join(errs...)
}

// told reports what visitors saw; whole says that registries have room for all
// of them, so that none may have been kept silent about.
func (b *bench) told(when string, all []heard, whole bool) {
	var first, last []float64
	rows, unknown := 0, 0
	for _, h := range all {
		first, last = append(first, float64(h.first.Milliseconds())), append(last, float64(h.last.Milliseconds()))
		rows, unknown = rows+h.rows, unknown+h.unknown
	}
	spread := func(what string, list []float64) {
		slices.Sort(list)
		at := func(share float64) float64 { return list[int(share*float64(len(list)-1))] }
		b.report.add("search", when+": "+what+", median", "ms", []float64{median(list)}, nil, fmt.Sprintf("%d visitors, %.1f answers of registries each", len(all), float64(rows)/float64(len(all))))
		b.report.add("search", when+": "+what+", 95 of 100", "ms", []float64{at(0.95)}, nil, "")
		b.report.add("search", when+": "+what+", largest", "ms", []float64{at(1)}, nil, "")
	}
	spread("first answer on the screen", first)
	spread("last answer", last)
	var most *goal
	if whole {
		most = atMost(0)
	}
	b.report.add("search", when+": rows a registry kept silent about", "", []float64{float64(unknown)}, most, fmt.Sprintf("of %d", rows))
}

// look opens a search as a browser with scripts does and reads its stream.
func (b *bench) look(ctx context.Context, typed string) (h heard, err error) {
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.portal.Portal+"/search/stream?"+url.Values{"q": {typed}}.Encode(), nil)
	if err != nil {
		return h, err
	}
	req.Header.Set("Accept-Language", "en")
	resp, err := browser.Do(req)
	if err != nil {
		return h, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return h, fmt.Errorf("a search answers %s", resp.Status)
	}
	in := bufio.NewScanner(resp.Body)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		line := in.Text()
		if strings.Contains(line, `hx-target="#r-`) {
			if h.rows++; h.rows == 1 {
				h.first = time.Since(began)
			}
		}
		if strings.Contains(line, "No answer") {
			h.unknown++
		}
		if line == "event: done" {
			h.last = time.Since(began)
		}
	}
	if h.last == 0 && in.Err() == nil {
		return h, errors.New("a stream broke off")
	}
	return h, in.Err()
}

// handIn gives in a list and returns the address of its page.
func (b *bench) handIn(ctx context.Context, n int) (string, error) {
	endings := []string{"com", "cn", "公司", "网店"}
	var list strings.Builder
	for i := range n {
		fmt.Fprintf(&list, "名单里的%d.%s\n", i, endings[i%len(endings)])
	}
	resp, err := b.post(ctx, "/search/lists", "", url.Values{"names": {list.String()}})
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("the list answers %s", resp.Status)
	}
	return resp.Header.Get("Location"), nil
}

// finished waits until each name of a list has its answer.
func (b *bench) finished(ctx context.Context, page string) error {
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		text, _, err := b.fetch(ctx, page, "", "")
		if err != nil {
			return err
		}
		if strings.Contains(string(text), "全部有了结果") {
			if strings.Contains(string(text), "未得答复") {
				return errors.New("names of the list stayed without an answer")
			}
			return nil
		}
	}
	return errors.New("the list is not done after ten minutes")
}
