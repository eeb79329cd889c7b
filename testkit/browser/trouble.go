package browser

import (
	"context"
	"os"
	"time"

	"github.com/chromedp/chromedp"
)

// Beside opens another tab of the same person: same cookies, same profile.
func (t *Tab) Beside() (*Tab, error) {
	dir, err := os.MkdirTemp("", "yumen-upload-")
	if err != nil {
		return nil, err
	}
	ctx, stop := chromedp.NewContext(t.ctx)
	other := &Tab{View: t.View, Patience: t.Patience, ctx: ctx, stop: stop, dir: dir}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, err
	}
	if err := chromedp.Listen(ctx, other.listen); err != nil {
		stop()
		return nil, err
	}
	return other, other.dress(ctx)
}

// Twice presses a button two times in the same moment, as a double click does,
// and waits for the page that comes of it.
func (t *Tab) Twice(ctx context.Context, words string) error {
	before, err := t.token()
	if err != nil {
		return err
	}
	if _, err := eval[bool](t, "twice", words); err != nil {
		return err
	}
	return t.changed(ctx, before)
}

// Back is the browser's button. A page that the browser had kept whole comes
// without being loaded.
func (t *Tab) Back(ctx context.Context) error {
	before, err := t.token()
	if err != nil {
		return err
	}
	in, cancel := context.WithTimeout(t.ctx, 5*time.Second)
	defer cancel()
	if _, err := chromedp.Run(in, chromedp.Evaluate[bool]("history.back(), true")); err != nil {
		return err
	}
	return t.changed(ctx, before)
}

// Reload is the browser's button; an answer to a form is asked for by sending
// the form again.
func (t *Tab) Reload(ctx context.Context) error {
	if err := t.do(chromedp.Reload()); err != nil {
		return err
	}
	return t.settled(ctx)
}

// Click presses and does not wait: what comes of it may be no page at all.
func (t *Tab) Click(words string) error {
	_, err := eval[bool](t, "press", words, "")
	return err
}

// changed waits until another document is there and whole.
func (t *Tab) changed(ctx context.Context, before string) error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if now, err := t.token(); err == nil && now != before {
			return t.settled(ctx)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return context.DeadlineExceeded
}

func (t *Tab) settled(ctx context.Context) error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if s, err := eval[seen](t, "seen"); err == nil && s.Ready {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return context.DeadlineExceeded
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(25 * time.Millisecond):
		return nil
	}
}

// Keys presses keys one after the other, as the keyboard does: characters, or
// those named in chromedp's kb. It does not wait.
func (t *Tab) Keys(keys string) error { return t.do(chromedp.KeyEvent(keys)) }

// Focused is what has the keyboard: its words, or its label.
func (t *Tab) Focused() (string, error) { return eval[string](t, "focused") }

// Tops is how far down the window each element of a selector begins that has an
// id, in pixels.
func (t *Tab) Tops(selector string) (map[string]int, error) {
	return eval[map[string]int](t, "tops", selector)
}

// Scrolled is how many pixels of the page lie above the window.
func (t *Tab) Scrolled() (int, error) { return eval[int](t, "scrolled") }
