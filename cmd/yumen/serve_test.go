package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/handlers/web"
	"yumen/testkit/process"
)

func start(t *testing.T, bin string, args ...string) *process.Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := process.Start(ctx, bin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestPortalAndSandboxLiveAndDieInProcessesOfTheirOwn(t *testing.T) {
	bin, err := process.Build(context.Background(), root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	world := start(t, bin, "sandbox", "--data", filepath.Join(home, "world"))
	defer world.Kill()
	args := []string{"serve", "--sandbox", world.Sandbox, "--data", filepath.Join(home, "data"), "--look", "50ms"}
	portal := start(t, bin, args...)
	for _, path := range []string{"/", "/healthz", "/readyz"} {
		if code, _ := get(t, portal.Portal+path); code != http.StatusOK {
			t.Errorf("%s answers %d", path, code)
		}
	}
	if _, body := get(t, portal.Metrics+"/metrics"); !strings.Contains(body, "yumen_clock_offset_seconds") {
		t.Error("the metrics do not tell the clock's offset")
	}

	// A rate that is spent is counted.
	for range web.DefaultRates()[web.Complain].Count + 1 {
		resp, err := http.Post(portal.Portal+"/complaints", "application/x-www-form-urlencoded", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, body := get(t, portal.Metrics+"/metrics"); !strings.Contains(body, `yumen_refused_requests_total{by="network",what="complain"} 1`) {
		t.Error("the metrics do not tell refused requests")
	}

	// The clock is turned, and survives a portal that dies without a word.
	resp, err := http.Post(world.Sandbox+"/clock", "application/json", strings.NewReader(`{"advance":"72h"}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(b), `"acknowledged"`) {
		t.Fatalf("the turn was not acknowledged: %s, %v", b, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	portal.Kill()
	portal = start(t, bin, args...)
	if _, body := get(t, portal.Metrics+"/metrics"); !strings.Contains(body, "yumen_clock_offset_seconds 259200") {
		t.Error("the turned clock was forgotten")
	}
	if err := portal.Stop(); err != nil {
		t.Error(err)
	}

	// Real business refuses to start on a turned clock or without its keys.
	if err := os.RemoveAll(filepath.Join(home, "data-keys")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if p, err := process.Start(ctx, bin, args...); err == nil {
		p.Kill()
		t.Error("the portal made new keys for old data")
	} else if !strings.Contains(err.Error(), "put the key files back") {
		t.Errorf("the refusal does not say what to do: %v", err)
	}
}
