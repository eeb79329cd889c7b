package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/testkit/browser"
	"yumen/testkit/process"
	"yumen/testkit/story"
)

// journeys are the stories told in Chromium as well; the others are told
// without it in both languages.
var journeys = []string{"zhaopin", "cn", "com"}

func TestTheJourneyHoldsInChromium(t *testing.T) {
	pool := browser.Start(t)
	bin := binary(t)
	for _, name := range journeys {
		for _, v := range []browser.View{
			{Lang: "zh", Width: 1280, Script: true}, {Lang: "en", Width: 390, Script: true},
			{Lang: "zh", Width: 390, Script: false}, {Lang: "en", Width: 1280, Script: false},
			{Lang: "zh", Width: 390, Script: true, Theme: "dark"}, {Lang: "en", Width: 1280, Script: true, Theme: "dark"},
			{Lang: "zh", Width: 1280, Script: false, Theme: "dark"}, {Lang: "en", Width: 390, Script: false, Theme: "dark"},
		} {
			t.Run(fmt.Sprintf("%s-%s-%d-script-%v", name, v.Lang, v.Width, v.Script), func(t *testing.T) {
				t.Parallel()
				watch(t, pool, bin, name, v)
			})
		}
	}
}

// watch plays a story in Chromium; every page a person stops at is checked.
func watch(t *testing.T, pool *browser.Pool, bin, name string, v browser.View) {
	s, err := story.Load("stories/" + name + ".story")
	if err != nil {
		t.Fatal(err)
	}
	p := portal(t, bin)
	var tabs []*browser.Tab
	open := func(string) (story.Browser, error) {
		tab, err := pool.Open(v)
		if err != nil {
			return nil, err
		}
		tab.Reached = func(_ context.Context, tab *browser.Tab, s story.Seen) error {
			if !strings.HasPrefix(s.URL.String(), p.Portal) && !strings.Contains(s.URL.Host, ".localhost") {
				return nil // the bank's own page is not ours to judge
			}
			return judge(t, tab, s)
		}
		tabs = append(tabs, tab)
		return tab, nil
	}
	var out strings.Builder
	err = story.Run(context.Background(), story.World{Portal: p.Portal, Sandbox: p.Sandbox, Lang: v.Lang, Out: &out, Wait: 40 * time.Second, Browser: open}, s)
	for _, tab := range tabs {
		for _, trouble := range tab.Troubles() {
			t.Errorf("the browser complained: %s", trouble)
		}
	}
	if err != nil {
		t.Errorf("%v\n%s\n--- what the portal wrote last ---\n%s", err, out.String(), p.Log())
	}
}

func judge(t *testing.T, tab *browser.Tab, s story.Seen) error {
	if n, err := tab.Overflow(); err != nil {
		return err
	} else if n > 0 {
		t.Errorf("%s is %d px wider than the window of %d: %q", s.URL, n, tab.Width, tab.Beyond())
	}
	if !tab.Script {
		return nil
	}
	found, err := tab.Axe()
	if err != nil {
		return err
	}
	for _, f := range found {
		t.Errorf("%s (%s, %d px): %s", s.URL.Path, tab.Lang, tab.Width, f)
	}
	return nil
}

func portal(t *testing.T, bin string) *process.Process {
	t.Helper()
	home := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := process.Start(ctx, bin, serve(home)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Errorf("the portal did not end well: %v", err)
		}
	})
	return p
}

var number = regexp.MustCompile(`[A-Z0-9]{4}-[A-Z0-9]{4}`)

// TestShots writes a picture of every page the tour reaches, in both
// languages, both themes and two widths, into the folder YUMEN_SHOTS. It is a
// tool, not a check: `make shots` calls it.
func TestShots(t *testing.T) {
	dir := os.Getenv("YUMEN_SHOTS")
	if dir == "" {
		return
	}
	pool := browser.Start(t)
	bin := binary(t)
	for _, lang := range []string{"zh", "en"} {
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int64{1440, 390} {
				v := browser.View{Lang: lang, Width: width, Script: true, Theme: theme}
				to := filepath.Join(dir, fmt.Sprintf("%s-%s-%d", lang, theme, width))
				if err := os.MkdirAll(to, 0o755); err != nil {
					t.Fatal(err)
				}
				t.Run(filepath.Base(to), func(t *testing.T) { shoot(t, pool, bin, v, to) })
			}
		}
	}
}

func shoot(t *testing.T, pool *browser.Pool, bin string, v browser.View, to string) {
	s, err := story.Load("stories/tour.story")
	if err != nil {
		t.Fatal(err)
	}
	p := portal(t, bin)
	var mu sync.Mutex
	count := map[string]int{}
	open := func(string) (story.Browser, error) {
		tab, err := pool.Open(v)
		if err != nil {
			return nil, err
		}
		tab.Reached = func(_ context.Context, tab *browser.Tab, s story.Seen) error {
			if !strings.HasPrefix(s.URL.String(), p.Portal) && !strings.Contains(s.URL.Host, ".localhost") {
				return nil // the bank's own page
			}
			page := strings.Trim(number.ReplaceAllString(s.URL.Path, "ref"), "/")
			page = strings.NewReplacer("/", "_", "%", "").Replace(page)
			if page == "" {
				page = "home"
			}
			png, err := tab.Picture()
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			count[page]++
			return os.WriteFile(filepath.Join(to, fmt.Sprintf("%s.%02d.png", page, count[page])), png, 0o644)
		}
		return tab, nil
	}
	if err := story.Run(context.Background(), story.World{Portal: p.Portal, Sandbox: p.Sandbox, Lang: v.Lang, Wait: 40 * time.Second, Browser: open}, s); err != nil {
		t.Error(err)
	}
}
