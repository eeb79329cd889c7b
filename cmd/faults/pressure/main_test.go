package pressure

import (
	"fmt"
	"os"
	"testing"
)

// TestMain keeps the binaries that all tests share.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pressure")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	folder = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}
