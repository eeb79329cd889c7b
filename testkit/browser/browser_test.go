package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yumen/testkit/page"
	"yumen/testkit/story"
)

func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	say := func(pattern, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			_, _ = w.Write([]byte(strings.ReplaceAll(body, "{q}", r.FormValue("n")+"/"+r.FormValue("s"))))
		})
	}
	say("GET /{$}", `<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1><form method="post" action="/buy" enctype="multipart/form-data">
		<label for="n">Name</label><input id="n" name="n" required><label>Size <select name="s"><option value="1">small</option><option value="2">large</option></select></label>
		<label>Card <input type="file" name="f"></label><button>Buy</button></form></main></html>`)
	say("POST /buy", `<!doctype html><html lang="en"><title>Done</title><main><h1>Bought {q}</h1></main></html>`)
	say("GET /bad", `<!doctype html><html><title></title><main><img src="/x.png"><script>console.error("no")</script><a href="/"></a></main></html>`)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestChromiumFillsPressesAndReportsWhatIsWrong(t *testing.T) {
	pool := Start(t)
	at := site(t)
	ctx := context.Background()
	for _, script := range []bool{true, false} {
		tab, err := pool.Open(View{Lang: "en", Width: 390, Script: script})
		if err != nil {
			t.Fatal(err)
		}
		steps := []func() error{
			func() error { return tab.Open(ctx, at+"/") },
			func() error { return tab.Fill(ctx, "Name", "lin") },
			func() error { return tab.Choose(ctx, "Size", "large") },
			func() error { return tab.Attach(ctx, "Card", page.File{Name: "a.jpg", Content: []byte("x")}) },
			func() error { return tab.Press(ctx, "Buy", "") },
		}
		for i, f := range steps {
			if err := f(); err != nil {
				t.Fatalf("script %v, step %d: %v", script, i, err)
			}
		}
		s, err := tab.Seen(ctx)
		if err != nil || !strings.Contains(s.Text, "Bought lin/2") || s.Title != "Done" {
			t.Errorf("script %v: %+v, %v", script, s, err)
		}
		if len(tab.Troubles()) != 0 {
			t.Errorf("script %v: %v", script, tab.Troubles())
		}
		tab.Patience = 0
		if err := tab.Press(ctx, "Sell", ""); err == nil {
			t.Error("a button that is not there was pressed")
		}
		if err := tab.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAxeAndThePolicyAreHeard(t *testing.T) {
	pool := Start(t)
	tab, err := pool.Open(View{Lang: "en", Width: 1280, Script: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	if err := tab.Open(context.Background(), site(t)+"/bad"); err != nil {
		t.Fatal(err)
	}
	found, err := tab.Axe()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"image-alt", "html-has-lang", "document-title"} {
		if !strings.Contains(strings.Join(found, "\n"), want) {
			t.Errorf("axe did not name %s: %v", want, found)
		}
	}
	end := time.Now().Add(5 * time.Second)
	for !strings.Contains(strings.Join(tab.Troubles(), "\n"), "Content Security Policy") {
		if time.Now().After(end) {
			t.Fatalf("the inline script was not reported: %v", tab.Troubles())
		}
	}
	if png, err := tab.Picture(); err != nil || len(png) < 1000 {
		t.Errorf("picture of %d bytes, %v", len(png), err)
	}
}

var _ story.Browser = (*Tab)(nil)
