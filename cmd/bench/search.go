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
// most.
func searching(ctx context.Context, b *bench) error {
	before, err := b.traffic(ctx)
	if err != nil {
		return err
	}
	if err := b.rush(ctx, "alone", "a"); err != nil {
		return err
	}
	began := time.Now()
	page, err := b.handIn(ctx, 3000)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	var took time.Duration
	go func() {
		defer close(done)
		done <- b.finished(ctx, page)
		took = time.Since(began)
	}()
	if err := b.rush(ctx, "while a list of 3,000 is looked through", "b"); err != nil {
		return err
	}
	late := time.Since(began)
	if err := <-done; err != nil {
		return err
	}
	<-done // took is written
	b.report.add("search", "list of 3,000 names, to the last answer", "s", []float64{took.Seconds()}, nil, fmt.Sprintf("the visitors beside it were done after %.1f s", late.Seconds()))
	after, err := b.traffic(ctx)
	if err != nil {
		return err
	}
	b.report.add("search", "sessions at the registry, of its cap", "x", []float64{float64(after.Peak) / float64(after.capSessions)}, atMost(1), fmt.Sprintf("%d of %d", after.Peak, after.capSessions))
	b.report.add("search", "commands in any minute, of its cap", "x", []float64{float64(after.PeakMinute) / float64(after.capMinute)}, atMost(1), fmt.Sprintf("%d of %d", after.PeakMinute, after.capMinute))
	b.report.add("search", "commands and sessions it refused", "", []float64{float64(after.RefusedSessions + after.RefusedRate)}, atMost(0), "")
	checks := after.Commands["domain:check"] - before.Commands["domain:check"]
	b.report.add("search", "checks, for each visitor", "x", []float64{float64(checks) / float64(2*visitors)}, nil, fmt.Sprintf("%d checks for %d visitors and the list: what meets at a registry shares a command", checks, 2*visitors))
	return nil
}

// traffic is what the sandbox's registry saw of the portal, and its caps.
type traffic struct {
	Registrar       string         `json:"registrar"`
	Peak            int            `json:"peak"`
	RefusedSessions int            `json:"refused_sessions"`
	RefusedRate     int            `json:"refused_rate"`
	PeakMinute      int            `json:"peak_minute"`
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
func (b *bench) rush(ctx context.Context, when, mark string) error {
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
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var first, last []float64
	rows, unknown := 0, 0
	for _, h := range all {
		first, last = append(first, float64(h.first.Milliseconds())), append(last, float64(h.last.Milliseconds()))
		rows, unknown = rows+h.rows, unknown+h.unknown
	}
	say := func(list []float64) string {
		slices.Sort(list)
		return fmt.Sprintf("%.0f to %.0f ms; %d visitors, %.1f answers of registries each", list[0], list[len(list)-1], visitors, float64(rows)/visitors)
	}
	b.report.add("search", when+": first answer on the screen, median", "ms", []float64{median(first)}, nil, say(first))
	b.report.add("search", when+": last answer, median", "ms", []float64{median(last)}, nil, say(last))
	b.report.add("search", when+": rows a registry kept silent about", "", []float64{float64(unknown)}, atMost(0), fmt.Sprintf("of %d", rows))
	return nil
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
