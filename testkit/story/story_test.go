package story

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAStoryReadsBothLanguagesFromOneLine(t *testing.T) {
	for _, c := range []struct{ lang, line, left, right string }{
		{"zh", "邮箱 | Email = a@b.cn", "邮箱", "a@b.cn"},
		{"en", "邮箱 | Email = a@b.cn", "Email", "a@b.cn"},
		{"zh", "证件类型 = 居民身份证 | Document = Resident ID", "证件类型", "居民身份证"},
		{"en", "证件类型 = 居民身份证 | Document = Resident ID", "Document", "Resident ID"},
		{"en", "q = 人才网", "q", "人才网"},
	} {
		if l, r, ok := pair(c.lang, c.line); !ok || l != c.left || r != c.right {
			t.Errorf("%s %q: %q = %q", c.lang, c.line, l, r)
		}
	}
}

func TestAStoryNamesTheLineItDoesNotUnderstand(t *testing.T) {
	if _, err := Parse(strings.NewReader("visit /\n\ndance a little\n")); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("got %v", err)
	}
}

// shop is a tiny site: a form, a list, a page that changes by itself.
func shop(t *testing.T) string {
	t.Helper()
	visits := 0
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<title>Shop</title><form method="post" action="/buy"><label for="n">Name</label><input id="n" name="n">
			<label><input type="checkbox" name="ok"> I agree</label><label>Size <select name="s"><option value="1">small<option value="2">large</select></label>
			<button name="go" value="yes">Buy</button></form>
			<ul><li>one <a href="/one">open</a></li><li>two <a href="/two">open</a></li></ul><p hidden>secret</p>`))
	})
	mux.HandleFunc("POST /buy", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/done?q="+r.FormValue("n")+"/"+r.FormValue("ok")+"/"+r.FormValue("s")+"/"+r.FormValue("go"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		visits++
		_, _ = w.Write([]byte("<p>bought " + r.FormValue("q") + strings.Repeat(" ready", visits/3) + "</p>"))
	})
	mux.HandleFunc("GET /two", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<p>page two</p>"))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func play(t *testing.T, text string) error {
	t.Helper()
	s, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return Run(context.Background(), World{Portal: shop(t), Lang: "en", Wait: 2 * time.Second}, s)
}

func TestAStoryFillsPressesAndWaitsLikeAPersonWithoutScript(t *testing.T) {
	if err := play(t, `
		visit /
		fill  Name = lin
		tick  I agree
		choose Size = large
		press Buy
		at    /done
		see   bought lin/on/2/yes
		keep  who = /bought (\w+)/
		see   ready
		visit /
		press open @ two
		see   page two
		visit /done?q={who}
		see   bought lin`); err != nil {
		t.Error(err)
	}
}

func TestAStoryFailsWhereItDoesNotHold(t *testing.T) {
	for text, want := range map[string]string{
		"visit /\nsee secret":           "does not say so",
		"visit /\nfill Nome = x":        `no field is labelled "Nome"`,
		"visit /\npress Sell":           "nothing to press",
		"visit /\nnot open":             "the page says it",
		"visit /\nstatus 404":           "came with 200",
		"visit /\nkeep a = /nowhere/":   "nothing on the page",
		"visit /\nchoose Size = medium": `offers no "medium"`,
	} {
		if err := play(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestAStoryTellsFirstWhatAnotherFileTells(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{
		"whole.story": "story A whole\nas lin\nfirst parts/half.story\nvisit /after\n", "parts/half.story": "visit /before\nfirst deep.story\n",
		"parts/deep.story": "visit /deep\n", "circle.story": "first circle.story\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(filepath.Join(dir, "whole.story"))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, step := range s.Steps {
		told = append(told, step.File+" "+step.Rest)
	}
	if got := strings.Join(told, ", "); s.Title != "A whole" || got != " lin, parts/half.story /before, deep.story /deep,  /after" {
		t.Errorf("%q tells %s", s.Title, got)
	}
	if _, err := Load(filepath.Join(dir, "circle.story")); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("a circle: %v", err)
	}
}

func TestAnAuthenticatorShowsWhatRFC4226Shows(t *testing.T) {
	// RFC 4226 appendix D.
	for step, want := range []string{"755224", "287082", "359152", "969429", "338314"} {
		if got := hotp([]byte("12345678901234567890"), int64(step)); got != want {
			t.Errorf("step %d: %s, want %s", step, got, want)
		}
	}
}
