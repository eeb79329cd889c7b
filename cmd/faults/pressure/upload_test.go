package pressure

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"yumen/testkit"
)

// zeros never end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// memory is a figure of a process in octets, by its name in proc(5).
func memory(t *testing.T, pid int, name string) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(t, err)
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			must(t, err)
			return n << 10
		}
	}
	t.Fatalf("the system tells no %s", name)
	return 0
}

// TestAnEndlessUploadIsCutAndTheMemoryStaysFlat: ten gigabytes are offered in
// every form that a program can offer them in; the portal takes no more than
// its cap, says so, and needs no memory for it.
func TestAnEndlessUploadIsCutAndTheMemoryStaysFlat(t *testing.T) {
	t.Parallel()
	const (
		capped = 41<<20 + 16<<20 // the cap of a form of four papers, and what lies in the sockets
		flat   = 64 << 20
		edge   = "boundary"
	)
	offered := int64(testkit.Size(t, 200, 10_240)) << 20
	r := start(t)
	buyer, err := r.Newcomer(t.Context())
	must(t, err)
	must(t, buyer.HandIn(t.Context())) // the pictures' own code has run once
	buyer, err = r.Newcomer(t.Context())
	must(t, err)
	path := "/profiles/" + buyer.Profile + "/documents"
	part := func(kind, begin string) string {
		return "--" + edge + "\r\nContent-Disposition: form-data; name=\"" + kind + "\"; filename=\"id.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n" + begin
	}
	for _, row := range []struct {
		name, path, kind, begin string
		declared                bool
		says                    string
	}{
		{"zeros as one picture, its length declared", path, "multipart/form-data; boundary=" + edge, part("main", ""), true, "10 MB"},
		{"zeros as one picture, in chunks", path, "multipart/form-data; boundary=" + edge, part("main", ""), false, "10 MB"},
		{"a picture that never ends", path, "multipart/form-data; boundary=" + edge, part("main", "\xff\xd8\xff\xe0\x00\x10JFIF\x00"), false, "10 MB"},
		{"a field of text that never ends", path, "multipart/form-data; boundary=" + edge, "--" + edge + "\r\nContent-Disposition: form-data; name=\"main\"\r\n\r\n", false, "10 MB"},
		{"the head of a part that never ends", path, "multipart/form-data; boundary=" + edge, "--" + edge + "\r\nContent-Disposition: form-data; name=\"", false, "10 MB"},
		{"an ordinary form that never ends", "/profiles", "application/x-www-form-urlencoded", "name=", true, "too large"},
		{"an ordinary form in chunks", "/profiles", "application/x-www-form-urlencoded", "name=", false, "too large"},
	} {
		must(t, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", r.PortalPID()), []byte("5"), 0)) // the peak begins anew: proc(5)
		before := memory(t, r.PortalPID(), "VmRSS")
		length := int64(-1)
		if row.declared {
			length = offered + int64(len(row.begin))
		}
		got, err := buyer.Stream(t.Context(), row.path, row.kind, io.MultiReader(strings.NewReader(row.begin), io.LimitReader(zeros{}, offered)), length)
		if err != nil {
			t.Errorf("%s: %v after %d octets", row.name, err, got.Sent)
			continue
		}
		grown := memory(t, r.PortalPID(), "VmHWM") - before
		t.Logf("%s: %d MB offered, %d MB taken, %d MB of memory, %d", row.name, offered>>20, got.Sent>>20, grown>>20, got.Status)
		if got.Status/100 != 4 || !strings.Contains(got.Said, row.says) {
			t.Errorf("%s: is %d: %s", row.name, got.Status, got.Said)
		}
		if got.Sent > capped {
			t.Errorf("%s: %d octets were taken", row.name, got.Sent)
		}
		if grown > flat {
			t.Errorf("%s: the memory grew by %d octets", row.name, grown)
		}
	}
	if ref, err := buyer.Order(t.Context(), "after-the-flood.com"); err != nil || ref == "" {
		t.Errorf("nothing can be ordered after it: %v", err)
	}
}
