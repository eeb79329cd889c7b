// Package browser lets stories be seen through Chromium: every page reached is
// checked by axe, errors of the console and reports of the content policy are
// collected, and pictures are taken on demand.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"yumen/testkit"
	"yumen/testkit/page"
	"yumen/testkit/story"
)

//go:embed finder.js
var finder string

//go:embed testdata/third_party/axe-core/axe.min.js
var axe string

// View is how a person looks at the portal.
type View struct {
	Lang   string // zh or en
	Width  int64
	Height int64
	Script bool   // false: JavaScript is off
	Theme  string // light or dark
}

// Pool is one running Chromium that gives each person a profile of their own.
type Pool struct {
	ctx context.Context
}

// Start runs Chromium for the length of a test; without it the test is skipped
// by name.
func Start(t testing.TB) *Pool {
	t.Helper()
	path := testkit.Need(t, "chromium", "apt-get install chromium fonts-noto-cjk")
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("host-resolver-rules", "MAP *.localhost 127.0.0.1"))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil { // starts the browser; no deadline here
		stop()
		stopAlloc()
		t.Fatalf("start chromium: %v", err)
	}
	t.Cleanup(func() { stop(); stopAlloc() })
	return &Pool{ctx}
}

// Tab is one person's browser. It implements story.Browser.
type Tab struct {
	View
	// Patience is how long Press waits for a button that is not there yet.
	Patience time.Duration
	// Reached is called on every new page a person stops at, in script mode
	// after axe has run.
	Reached func(ctx context.Context, t *Tab, s story.Seen) error

	ctx      context.Context
	stop     context.CancelFunc
	mu       sync.Mutex
	troubles []string
	last     string // URL and text of the page looked at last
	dir      string // for files to upload
}

// Open gives a person a browser with an empty profile.
func (p *Pool) Open(v View) (*Tab, error) {
	if v.Height == 0 {
		v.Height = 900
	}
	dir, err := os.MkdirTemp("", "yumen-upload-")
	if err != nil {
		return nil, err
	}
	ctx, stop := chromedp.NewContext(p.ctx, chromedp.WithNewBrowserContext())
	t := &Tab{View: v, Patience: 10 * time.Second, ctx: ctx, stop: stop, dir: dir}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, err
	}
	if err := chromedp.Listen(ctx, t.listen); err != nil {
		stop()
		return nil, err
	}
	return t, t.dress(ctx)
}

func (t *Tab) dress(ctx context.Context) error {
	accept := map[string]string{"zh": "zh-CN,zh;q=0.9", "en": "en-US,en;q=0.9"}[t.Lang]
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(t.Width, t.Height)); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": accept}}); err != nil {
		return err
	}
	theme := t.Theme
	if theme == "" {
		theme = "light"
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}); err != nil {
		return err
	}
	if !t.Script {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tab) listen(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		t.troubles = append(t.troubles, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			var parts []string
			for _, a := range e.Args {
				parts = append(parts, string(a.Value)+a.Description)
			}
			t.troubles = append(t.troubles, "console: "+strings.Join(parts, " "))
		}
	case *cdplog.EventEntryAdded:
		// A page that rightly answers 4xx is told to the console as well.
		if e.Entry.Level == cdplog.EntryLevelError && !strings.Contains(e.Entry.Text, "the server responded with a status of 4") {
			t.troubles = append(t.troubles, string(e.Entry.Source)+": "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// Troubles is what the console and the content policy complained of so far.
func (t *Tab) Troubles() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.troubles...)
}

// eval calls one function of finder.js with JSON arguments.
func eval[T any](t *Tab, call string, args ...any) (T, error) {
	list := make([]string, len(args))
	for i, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			var zero T
			return zero, err
		}
		list[i] = string(b)
	}
	ctx, cancel := context.WithTimeout(t.ctx, 20*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](strings.TrimSpace(finder)+"."+call+"("+strings.Join(list, ",")+")"))
}

func (t *Tab) do(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, 30*time.Second)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// Open goes to an address.
func (t *Tab) Open(ctx context.Context, address string) error {
	if err := t.do(chromedp.Navigate(address)); err != nil {
		return err
	}
	return t.arrived(ctx)
}

type seen struct {
	URL    string `json:"url"`
	Title  string `json:"title"`
	Text   string `json:"text"`
	Status int    `json:"status"`
	Ready  bool   `json:"ready"`
	Live   bool   `json:"live"`
}

// Seen reads the page.
func (t *Tab) Seen(context.Context) (story.Seen, error) {
	s, err := eval[seen](t, "seen")
	if err != nil {
		return story.Seen{}, err
	}
	u, err := url.Parse(s.URL)
	return story.Seen{URL: u, Status: s.Status, Title: s.Title, Text: s.Text}, err
}

// Refresh gives a page that updates itself a moment, and reloads any other.
func (t *Tab) Refresh(context.Context) error {
	s, err := eval[seen](t, "seen")
	if err != nil {
		return err
	}
	if s.Live && t.Script {
		return nil
	}
	if s.Status >= 400 {
		return nil
	}
	return t.do(chromedp.Reload())
}

func (t *Tab) Fill(_ context.Context, label, value string) error {
	_, err := eval[bool](t, "fill", label, value)
	return err
}

func (t *Tab) Choose(_ context.Context, label, option string) error {
	_, err := eval[bool](t, "choose", label, option)
	return err
}

func (t *Tab) Tick(_ context.Context, label string, on bool) error {
	_, err := eval[bool](t, "tick", label, on)
	return err
}

func (t *Tab) Attach(_ context.Context, label string, f page.File) error {
	if _, err := eval[bool](t, "file", label); err != nil {
		return err
	}
	path := filepath.Join(t.dir, f.Name)
	if err := os.WriteFile(path, f.Content, 0o600); err != nil {
		return err
	}
	return t.do(chromedp.SetUploadFiles(chromedp.CSS(`[data-story-file="1"]`), []string{path}),
		chromedp.RemoveAttribute(chromedp.CSS(`[data-story-file="1"]`), "data-story-file"))
}

// Press clicks and waits until the new page, or the swapped part, is there.
func (t *Tab) Press(ctx context.Context, words, row string) error {
	before, err := t.token()
	if err != nil {
		return err
	}
	// A page that streams its rows may not have the button yet: a person waits.
	var swaps bool
	for patience := time.Now().Add(t.Patience); ; {
		if swaps, err = eval[bool](t, "press", words, row); err == nil || time.Now().After(patience) {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err != nil {
		return err
	}
	end := time.Now().Add(20 * time.Second)
	for n := 0; ; n++ {
		now, err := t.token() // fails while the old document goes and the new one comes
		if err == nil && now != before || swaps && t.Script && n > 8 {
			if s, err := eval[seen](t, "seen"); err == nil && s.Ready {
				return t.arrived(ctx)
			}
		}
		if time.Now().After(end) {
			return fmt.Errorf("pressing %q led nowhere within 20 s", words)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// token names the document: it changes when another one is loaded.
func (t *Tab) token() (string, error) {
	ctx, cancel := context.WithTimeout(t.ctx, 5*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string](`String(performance.timeOrigin) + location.href`))
}

// arrived runs once on each page a person stops at.
func (t *Tab) arrived(ctx context.Context) error {
	s, err := t.Seen(ctx)
	if err != nil || t.Reached == nil {
		return err
	}
	if key := s.URL.String() + "\n" + s.Text; key != t.last {
		t.last = key
		return t.Reached(ctx, t, s)
	}
	return nil
}

// Axe returns what axe-core finds wrong on the page, one line a finding.
func (t *Tab) Axe() ([]string, error) {
	ctx, cancel := context.WithTimeout(t.ctx, 60*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](axe+";true")); err != nil {
		return nil, fmt.Errorf("load axe: %w", err)
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run(document,{resultTypes:["violations"]}).then(r=>r.violations.flatMap(v=>v.nodes.map(n=>v.id+" ("+v.impact+"): "+n.target.join(" ")+" — "+(n.failureSummary||"").replace(/\s+/g," "))))`,
		chromedp.EvalAwaitPromise))
}

// Ticked are the boxes that are ticked and the choices that are made, as
// NAME=VALUE.
func (t *Tab) Ticked() ([]string, error) { return eval[[]string](t, "ticked") }

// Overflow is by how many pixels the page is wider than the window.
func (t *Tab) Overflow() (int, error) { return eval[int](t, "wide") }

// Beyond names what reaches over the window's edge, a few of it: for messages.
func (t *Tab) Beyond() []string {
	list, _ := eval[[]string](t, "beyond") // what is said is of use even without it
	return list
}

// Moving is how many elements have a transition. A person whose system asks for
// less motion, as every Tab does, has none: a change of style that is not there
// at once is also measured wrong.
func (t *Tab) Moving() (int, error) { return eval[int](t, "moving") }

// Picture takes the whole page as PNG. The window is made as tall as the page
// first: a capture beyond the window draws what lies outside of it now at one
// place and now half a dot beside.
func (t *Tab) Picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, 60*time.Second)
	defer cancel()
	tall, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(t.Width, max(t.Height, tall))); err != nil {
		return nil, err
	}
	if t.Script { // the page is drawn at its new size
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`,
			chromedp.EvalAwaitPromise)); err != nil {
			return nil, err
		}
	}
	shot, err := chromedp.Call(ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{Format: cdppage.CaptureScreenshotFormatPng})
	if err != nil {
		return nil, err
	}
	return shot.Data, chromedp.Do(ctx, chromedp.EmulateViewport(t.Width, t.Height))
}

// Close forgets the profile.
func (t *Tab) Close() error {
	t.stop()
	return os.RemoveAll(t.dir)
}
