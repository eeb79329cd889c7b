package handlers_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A line end of an old Macintosh ends a line of a stream too: whoever wrote the
// list whose address they pass on must not write the messages of its stream.
func TestAListCannotWriteIntoItsStream(t *testing.T) {
	w := open(t)
	_, head, _ := w.upload(t, "/search/lists", "域名\n\"cr-in-it.com/x\revent: done\rdata: of somebody else\"\n\"no name\revent: done\"\n")
	address := head.Get("Location")
	listed(t, w.Person(t, "zh"), address, "全部有了结果")
	_, _, body := w.ask(visitor{client: w.Client(t)}, http.MethodGet, address+"/stream?waiting=1.2", nil)
	if !strings.Contains(body, "cr-in-it.com") || !strings.Contains(body, "no name") {
		t.Fatalf("the stream has not the rows: %s", body)
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r", "\n"), "\n") {
		if line != "" && !strings.HasPrefix(line, "data: ") && line != "event: done" {
			t.Errorf("a line of its own: %q", line)
		}
	}
	if n := strings.Count(strings.ReplaceAll(body, "\r", "\n"), "\nevent: done"); n != 1 {
		t.Errorf("the stream is done %d times", n)
	}
}

// A list goes on for as long as its registry takes. Whoever has one cannot keep
// the portal busy by watching it a thousand times over; when one of those who
// watch leaves, the next may.
func TestAListIsWatchedByAFewAtATime(t *testing.T) {
	w := open(t)
	slow := w.gated(t, "thin")
	slow.shut()
	_, head, _ := w.upload(t, "/search/lists", "域名\nwatched.com\n")
	client := w.Client(t)
	watch := func() *http.Response {
		t.Helper()
		resp, err := client.Get(w.URL.String() + head.Get("Location") + "/stream?waiting=1")
		must(t, err)
		return resp
	}
	var open []*http.Response
	for range 40 {
		resp := watch()
		if resp.StatusCode == http.StatusTooManyRequests {
			if resp.Header.Get("Retry-After") == "" {
				t.Error("nobody is told how long to wait")
			}
			must(t, resp.Body.Close())
			break
		}
		open = append(open, resp)
	}
	if len(open) < 4 || len(open) > 20 {
		t.Fatalf("%d watch one list", len(open))
	}
	must(t, open[0].Body.Close())
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp := watch()
		if resp.StatusCode == http.StatusOK {
			open[0] = resp
			break
		}
		must(t, resp.Body.Close())
		if time.Now().After(end) {
			t.Fatal("a place that was left is never free")
		}
	}
	slow.unlock()
	for _, resp := range open {
		text, err := io.ReadAll(resp.Body)
		if err != nil || !strings.HasSuffix(string(text), "event: done\ndata: \n\n") {
			t.Errorf("ends with %.100q, %v", text[max(0, len(text)-100):], err)
		}
		must(t, resp.Body.Close())
	}
}
