package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/registrar/seal"
	"yumen/registrar/seal/sealtest"
)

var march = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

func TestASealedTextOpensOnlyForItsPurposeAndItsRow(t *testing.T) {
	k := sealtest.Keys(t)
	other := sealtest.Keys(t)
	sealed, err := k.Seal("accounts.totp", []byte("JBSWY3DPEHPK3PXP"), "person 7")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "JBSWY3DP") {
		t.Fatal("the secret stands in the sealed text")
	}
	altered := []byte(sealed)
	altered[len(altered)-2] ^= 1
	for _, c := range []struct {
		name             string
		keys             *seal.Keys
		purpose, context string
		sealed           string
		opens            bool
	}{
		{"as it was sealed", k, "accounts.totp", "person 7", sealed, true},
		{"another row", k, "accounts.totp", "person 8", sealed, false},
		{"another purpose", k, "accounts.code", "person 7", sealed, false},
		{"another installation's keys", other, "accounts.totp", "person 7", sealed, false},
		{"one bit altered", k, "accounts.totp", "person 7", string(altered), false},
		{"not sealed at all", k, "accounts.totp", "person 7", "JBSWY3DPEHPK3PXP", false},
		{"empty", k, "accounts.totp", "person 7", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain, err := c.keys.Open(c.purpose, c.sealed, c.context)
			if c.opens && (err != nil || string(plain) != "JBSWY3DPEHPK3PXP") {
				t.Fatalf("got %q, %v", plain, err)
			}
			if !c.opens && !errors.Is(err, seal.ErrOpen) {
				t.Fatalf("got %q, %v; want ErrOpen", plain, err)
			}
		})
	}
}

func TestTheSameSecretIsSealedDifferentlyEachTime(t *testing.T) {
	k := sealtest.Keys(t)
	a, _ := k.Seal("p", []byte("x"), "c")
	b, _ := k.Seal("p", []byte("x"), "c")
	if a == b {
		t.Fatal("two seals of one secret are equal")
	}
}

func TestAHashIsStableAcrossRestartsAndDiffersByPurpose(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	k, err := seal.Create(dir, march)
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if k.Hash("identity.number", "11010519491231002X") != again.Hash("identity.number", "11010519491231002X") {
		t.Error("the hash changed with a restart")
	}
	if k.Hash("identity.number", "a") == k.Hash("accounts.mail", "a") {
		t.Error("two purposes share a hash")
	}
	if k.Hash("a", "b\x00") == k.Hash("a\x00", "b") {
		t.Error("purpose and text run together")
	}
}

func TestRotationSealsUnderTheNewKeyAndStillOpensTheOld(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	k, err := seal.Create(dir, march)
	if err != nil {
		t.Fatal(err)
	}
	bystander, err := seal.Load(dir) // a second process
	if err != nil {
		t.Fatal(err)
	}
	old, _ := k.Seal("p", []byte("x"), "c")
	first := k.Active()
	if id, err := k.Rotate(march.AddDate(0, 0, 20)); err != nil || id != first {
		t.Fatalf("within the month: %s, %v", id, err)
	}
	second, err := k.Rotate(march.AddDate(0, 1, 0))
	if err != nil || second == first {
		t.Fatalf("a month later: %s, %v", second, err)
	}
	if plain, err := k.Open("p", old, "c"); err != nil || string(plain) != "x" {
		t.Fatalf("the old text: %q, %v", plain, err)
	}
	fresh, err := k.Reseal("p", old, "c")
	if err != nil || seal.KeyOf(fresh) != second {
		t.Fatalf("resealed under %s, %v", seal.KeyOf(fresh), err)
	}
	if plain, err := bystander.Open("p", fresh, "c"); err != nil || string(plain) != "x" {
		t.Fatalf("the other process does not learn the new key: %q, %v", plain, err)
	}
	if err := k.Destroy(first); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Open("p", old, "c"); !errors.Is(err, seal.ErrOpen) {
		t.Fatalf("the destroyed key still opens: %v", err)
	}
	if err := k.Destroy(second); err == nil {
		t.Fatal("the active key was destroyed")
	}
}

func TestADataKeyIsWrappedAndItsDocumentIsBoundToItsPlace(t *testing.T) {
	k := sealtest.Keys(t)
	key, wrapped, err := k.NewDataKey("document 1")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := key.Seal([]byte("a paper"), "document 1 account 2")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("paper")) {
		t.Fatal("readable")
	}
	again, err := k.Unwrap(wrapped, "document 1")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(sealed, "document 1 account 2"); err != nil || string(plain) != "a paper" {
		t.Fatalf("%q, %v", plain, err)
	}
	if _, err := again.Open(sealed, "document 1 account 3"); !errors.Is(err, seal.ErrOpen) {
		t.Fatalf("moved to another account: %v", err)
	}
	if _, err := k.Unwrap(wrapped, "document 2"); !errors.Is(err, seal.ErrOpen) {
		t.Fatalf("key of another document: %v", err)
	}
}

func TestASignatureVerifiesOnlyForItsText(t *testing.T) {
	k := sealtest.Keys(t)
	id, sig := k.Sign([]byte("text"))
	if err := k.Verify(id, []byte("text"), sig); err != nil {
		t.Error(err)
	}
	if k.Verify(id, []byte("texts"), sig) == nil || k.Verify("x", []byte("text"), sig) == nil {
		t.Error("a false signature passes")
	}
	if k.PublicKey(id) == "" {
		t.Error("no public key")
	}
}

func TestKeyFilesAreOnlyForTheirOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := seal.Load(dir); !errors.Is(err, seal.ErrNoKeys) {
		t.Fatalf("no folder: %v", err)
	}
	if _, err := seal.Create(dir, march); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.key"))
	if len(files) != 4 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", f, info.Mode())
		}
	}
	if _, err := seal.Create(dir, march); err == nil {
		t.Error("keys were made over keys")
	}
	if err := os.Chmod(files[0], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a readable key file: %v", err)
	}
	if err := errors.Join(os.Chmod(files[0], 0o600), os.Remove(filepath.Join(dir, "index.key"))); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(dir); err == nil || errors.Is(err, seal.ErrNoKeys) {
		t.Errorf("a missing key file: %v", err)
	}
}

func TestTheKeyFolderLiesOutsideTheData(t *testing.T) {
	for _, c := range []struct {
		keys, data string
		ok         bool
	}{
		{"/srv/yumen/keys", "/srv/yumen/data", true},
		{"/srv/yumen/data/keys", "/srv/yumen/data", false},
		{"/srv/yumen/data", "/srv/yumen/data", false},
		{"/srv/yumen", "/srv/yumen/data", true},
		{"/srv/yumen/data-keys", "/srv/yumen/data", true},
	} {
		if err := seal.Apart(c.keys, c.data); (err == nil) != c.ok {
			t.Errorf("%s beside %s: %v", c.keys, c.data, err)
		}
	}
}
