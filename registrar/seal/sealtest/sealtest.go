// Package sealtest gives tests key files of their own.
package sealtest

import (
	"path/filepath"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/seal"
)

// Keys makes fresh key files in a folder that goes away with the test.
func Keys(t testing.TB) *seal.Keys {
	t.Helper()
	k, err := seal.Create(filepath.Join(t.TempDir(), "keys"), time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Attach gives a test's database fresh keys and returns them.
func Attach(t testing.TB, d *db.DB) *seal.Keys {
	t.Helper()
	k := Keys(t)
	seal.Attach(d, k)
	return k
}
