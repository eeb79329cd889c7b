package seal_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"yumen/registrar/seal"
	"yumen/registrar/seal/sealtest"
	"yumen/testkit"
)

func sealed(t *testing.T, k *seal.Keys, plain []byte, context string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := k.SealStream(&b, "test", context)
	if err != nil {
		t.Fatal(err)
	}
	for len(plain) > 0 { // in uneven pieces, as programs write
		n := min(len(plain), 10_007)
		if _, err := w.Write(plain[:n]); err != nil {
			t.Fatal(err)
		}
		plain = plain[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(k *seal.Keys, sealed []byte, context string) ([]byte, error) {
	r, err := k.OpenStream(bytes.NewReader(sealed), "test", context)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestAStreamOpensWholeAtAnySizeAndFromAnyPlace(t *testing.T) {
	k := sealtest.Keys(t)
	rng, _ := testkit.Seed(t)
	for _, size := range []int{0, 1, 100, seal.Piece - 1, seal.Piece, seal.Piece + 1, 2 * seal.Piece, 3*seal.Piece + 17} {
		plain := make([]byte, size)
		for i := range plain {
			plain[i] = byte(rng.Uint32())
		}
		text := sealed(t, k, plain, "a")
		got, err := open(k, text, "a")
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d octets came back as %d: %v", size, len(got), err)
		}
		id, err := seal.StreamKey(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if n := seal.StreamSize(int64(len(text)), id); n != int64(size) {
			t.Errorf("%d octets are counted as %d", size, n)
		}
		for range 20 {
			at := rng.IntN(size + 1)
			length := rng.IntN(size - at + 1)
			r, err := k.OpenStreamAt(bytes.NewReader(text), "test", "a", int64(at), int64(length))
			if err != nil {
				t.Fatal(err)
			}
			want := plain[at:]
			if length > 0 {
				want = plain[at : at+length]
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("from %d, %d octets of %d: %d came, %v", at, length, size, len(got), err)
			}
		}
	}
}

func TestAPartOfAStreamBeginsInIt(t *testing.T) {
	k := sealtest.Keys(t)
	text := sealed(t, k, []byte("yumen"), "a")
	for _, at := range []int64{-1, -seal.Piece, math.MinInt64} {
		if r, err := k.OpenStreamAt(bytes.NewReader(text), "test", "a", at, 0); err == nil {
			got, err := io.ReadAll(r)
			t.Errorf("from %d: %q, %v", at, got, err)
		}
	}
}

func TestAStreamThatWasCutOrAlteredSaysSo(t *testing.T) {
	k := sealtest.Keys(t)
	rng, _ := testkit.Seed(t)
	text := sealed(t, k, bytes.Repeat([]byte("yumen"), 40_000), "a")
	for range 200 {
		at := rng.IntN(len(text))
		if _, err := open(k, text[:at], "a"); !errors.Is(err, seal.ErrCut) {
			t.Fatalf("cut at %d of %d: %v", at, len(text), err)
		}
		bad := bytes.Clone(text)
		bad[at] ^= 1 << rng.IntN(8)
		if got, err := open(k, bad, "a"); err == nil {
			t.Fatalf("altered at %d it still opens, %d octets", at, len(got))
		}
	}
	// Whole pieces exchanged.
	bad := bytes.Clone(text)
	head := len(text) - len("YUMENEND") - (len("yumen")*40_000 - 3*seal.Piece) - 16 - 3*(seal.Piece+16)
	one, two := bad[head:head+seal.Piece+16], bad[head+seal.Piece+16:head+2*(seal.Piece+16)]
	tmp := bytes.Clone(one)
	copy(one, two)
	copy(two, tmp)
	if _, err := open(k, bad, "a"); !errors.Is(err, seal.ErrAltered) {
		t.Errorf("exchanged pieces: %v", err)
	}
	if _, err := open(k, text, "b"); !errors.Is(err, seal.ErrOtherKey) {
		t.Errorf("in another's place: %v", err)
	}
	if _, err := open(sealtest.Keys(t), text, "a"); !errors.Is(err, seal.ErrOtherKey) {
		t.Errorf("with another house's keys: %v", err)
	}
}

func TestAFolderOlderThanBackupsGetsItsKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := seal.Create(dir, march); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "backup-*.key"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	k, err := seal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.SealStream(io.Discard, "test", ""); !errors.Is(err, seal.ErrNoBackupKey) {
		t.Errorf("without the key: %v", err)
	}
	if err := k.NeedBackupKey(march); err != nil {
		t.Fatal(err)
	}
	text := sealed(t, k, []byte("x"), "a")
	if err := k.NeedBackupKey(march); err != nil {
		t.Fatal(err)
	}
	if got, err := open(k, text, "a"); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
}
