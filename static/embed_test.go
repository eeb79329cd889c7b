package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, url string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", url, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestEveryFileIsServedUnderItsHashForAYear(t *testing.T) {
	for _, name := range Names() {
		res := get(t, URL(name), "Accept-Encoding", "gzip")
		if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, Cache-Control %q", name, res.StatusCode, res.Header.Get("Cache-Control"))
		}
		body, _ := io.ReadAll(res.Body)
		if res.Header.Get("Content-Encoding") == "gzip" {
			zr, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			body, _ = io.ReadAll(zr)
		}
		if !bytes.Equal(body, Content(name)) {
			t.Errorf("%s: served bytes differ from the file", name)
		}
	}
}

func TestACopyAlreadyHeldIsNotSentAgain(t *testing.T) {
	tag := get(t, URL(Sheet)).Header.Get("ETag")
	if res := get(t, URL(Sheet), "If-None-Match", tag); res.StatusCode != http.StatusNotModified {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestAnAddressFromBeforeAnUpgradeGetsThePresentFileUncached(t *testing.T) {
	res := get(t, "/static/yumen.000000000000.css")
	if res.StatusCode != 200 || res.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("got %d, Cache-Control %q", res.StatusCode, res.Header.Get("Cache-Control"))
	}
}

func TestNothingElseIsFound(t *testing.T) {
	for _, url := range []string{"/static/", "/static/VERSIONS", "/static/third_party/VERSIONS", "/static/../embed.go", "/static/30-frame.css"} {
		if res := get(t, url); res.StatusCode != 404 {
			t.Errorf("%s: got %d", url, res.StatusCode)
		}
	}
}

func TestTheStyleSheetStaysUnderTwentyKilobytesCompressed(t *testing.T) {
	res := get(t, URL(Sheet), "Accept-Encoding", "gzip")
	body, _ := io.ReadAll(res.Body)
	t.Logf("%d bytes", len(body))
	if len(body) >= 20_000 {
		t.Errorf("the sheet is %d bytes compressed", len(body))
	}
}

func TestTheStyleSheetIsOneThatMayBeSqueezed(t *testing.T) {
	quoted := regexp.MustCompile(`"[^"\n]*(  |/\*)[^"\n]*"`)
	sheets, _ := fs.Glob(files, "css/*.css")
	for _, name := range sheets {
		if m := quoted.Find(read(name)); m != nil {
			t.Errorf("%s holds a string that squeezing would change: %s", name, m)
		}
		if bytes.Contains(read(name), []byte("url(")) || bytes.Contains(read(name), []byte("@import")) {
			t.Errorf("%s loads something from elsewhere", name)
		}
		if n := bytes.Count(read(name), []byte("\n")); n > 500 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
	css := string(Content(Sheet))
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("braces of the sheet do not match")
	}
}

func TestThirdPartyFilesAreThoseOfTheirRecord(t *testing.T) {
	record := string(read("third_party/VERSIONS"))
	entries, _ := fs.ReadDir(files, "third_party")
	for _, e := range entries {
		if e.Name() == "VERSIONS" {
			continue
		}
		sum := fmt.Sprintf("%x", sha256.Sum256(read("third_party/"+e.Name())))
		line := regexp.MustCompile(`(?m)^.*\s` + regexp.QuoteMeta(e.Name()) + `\s+` + sum + `$`)
		if !line.MatchString(record) {
			t.Errorf("%s (sha256 %s) is not recorded in VERSIONS", e.Name(), sum)
		}
	}
}
