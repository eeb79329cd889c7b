package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/testkit/process"
	"yumen/testkit/story"
)

// binary is the portal, built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "yumen-reconcile-")
	if err != nil {
		return "", err
	}
	built = dir
	return process.Build(context.Background(), "../..", dir)
})

var built string // the binary's folder

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		if err := os.RemoveAll(built); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// world is a portal with its sandbox, as an operator has them.
type world struct {
	t    *testing.T
	p    *process.Process
	home string
	bin  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, home: t.TempDir(), bin: bin}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if w.p, err = process.Start(ctx, bin, "serve", "--data", filepath.Join(w.home, "data"), "--keys", filepath.Join(w.home, "keys"),
		"--poll", "200ms", "--look", "100ms", "--unknown-wait", "200ms", "--limits", "off"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// play runs a story by its file.
func (w *world) play(file string) {
	w.t.Helper()
	s, err := story.Load(file)
	if err == nil {
		err = story.Run(context.Background(), story.World{Portal: w.p.Portal, Sandbox: w.p.Sandbox, Lang: "en", Wait: time.Minute}, s)
	}
	if err != nil {
		w.t.Fatalf("%v\n--- what the portal wrote last ---\n%s", err, w.p.Log())
	}
}

// shipped is the file of a story that the project tells elsewhere.
func shipped(name string) string { return filepath.Join("../story/stories", name+".story") }

// args are the flags that read this world alive.
func (w *world) args(more ...string) []string {
	return append([]string{"-yumen", w.bin, "-data", filepath.Join(w.home, "data"), "-keys", filepath.Join(w.home, "keys"),
		"-sandbox", w.p.Sandbox}, more...)
}

// outcome is what the program said, read back from its JSON.
type outcome struct {
	code  int
	found []difference
	sum   summary
	errs  string
}

func (o outcome) String() string {
	var t strings.Builder
	for _, d := range o.found {
		fmt.Fprintf(&t, "%s %s: %s %q, %s %q\n", d.Kind, d.Subject, d.Book, d.Value, d.OtherBook, d.OtherValue)
	}
	return t.String() + o.errs
}

// ask runs the program.
func ask(t testing.TB, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	o := outcome{code: run(context.Background(), append(args, "-json"), &out, &errs)}
	o.errs = errs.String()
	for line := range strings.Lines(out.String()) {
		var kind struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal([]byte(line), &kind); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		switch kind.Type {
		case "difference":
			var d difference
			if err := json.Unmarshal([]byte(line), &d); err != nil {
				t.Fatal(err)
			}
			o.found = append(o.found, d)
		case "summary":
			if err := json.Unmarshal([]byte(line), &o.sum); err != nil {
				t.Fatal(err)
			}
		}
	}
	return o
}

// settle waits until nothing is under way, and reports what is left then.
func (w *world) settle(more ...string) outcome {
	w.t.Helper()
	end := time.Now().Add(30 * time.Second)
	for {
		o := ask(w.t, w.args(append([]string{"-settled", "-again", "0"}, more...)...)...)
		if o.code == exitEqual || time.Now().After(end) {
			return o
		}
		time.Sleep(200 * time.Millisecond)
	}
}
