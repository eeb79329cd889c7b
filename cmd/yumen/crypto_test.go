package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ciphers are the packages of the standard library, and beside it, that may
// encrypt, hash, sign and draw; sha1 is for the codes of authenticators alone
// (RFC 6238). Modes without authentication, RSA and shorter hashes are not here.
var ciphers = []string{"crypto", "crypto/aes", "crypto/cipher", "crypto/ecdsa", "crypto/ed25519", "crypto/elliptic", "crypto/hkdf", "crypto/hmac", "crypto/rand",
	"crypto/sha256", "crypto/sha512", "crypto/subtle", "crypto/tls", "crypto/x509", "crypto/x509/pkix", "golang.org/x/crypto/argon2"}

// weak are functions of those packages that are not used.
var weak = []string{"cipher.NewCBCEncrypter", "cipher.NewCBCDecrypter", "cipher.NewCFBEncrypter", "cipher.NewCFBDecrypter", "cipher.NewOFB", "cipher.NewCTR",
	"cipher.NewGCMWithTagSize", "elliptic.P224", "sha256.New224", "sha256.Sum224", "tls.VersionTLS10", "tls.VersionTLS11", "tls.VersionSSL30"}

// makers turn octets into objects of types that the sender names, or run what
// somebody sent.
var makers = []string{"encoding/gob", "plugin", "net/rpc", "text/template/parse", "unsafe"}

// wrongWith says what a file uses that it should not.
func wrongWith(name string, f *ast.File) (wrong []string) {
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		cipher := path == "crypto" || strings.HasPrefix(path, "crypto/") || strings.HasPrefix(path, "golang.org/x/crypto/")
		authenticator := path == "crypto/sha1" && filepath.Base(name) == "totp.go"
		if cipher && !authenticator && !slices.Contains(ciphers, path) || slices.Contains(makers, path) {
			wrong = append(wrong, path)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(weak, x.Name+"."+s.Sel.Name) {
				wrong = append(wrong, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return wrong
}

func TestOnlyApprovedCiphersAreUsedAndNothingSentBecomesCode(t *testing.T) {
	files, used := token.NewFileSet(), map[string]bool{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, what := range wrongWith(path, f) {
			t.Errorf("%s uses %s", path, what)
		}
		for _, i := range f.Imports {
			used[i.Path.Value] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !used[`"crypto/aes"`] || !used[`"golang.org/x/crypto/argon2"`] {
		t.Error("the search saw no cipher at all")
	}
	for text, want := range map[string]int{
		`package p; import "crypto/md5"`:                                    1,
		`package p; import "crypto/sha1"`:                                   1,
		`package p; import "crypto/rsa"`:                                    1,
		`package p; import "golang.org/x/crypto/blowfish"`:                  1,
		`package p; import "encoding/gob"`:                                  1,
		`package p; import "crypto/cipher"; var x = cipher.NewCBCEncrypter`: 1,
		`package p; import "crypto/cipher"; var x = cipher.NewGCM`:          0,
		`package p; import "encoding/json"; var x = json.Unmarshal`:         0,
	} {
		f, err := parser.ParseFile(files, "x.go", text, 0)
		if got := wrongWith("x.go", f); err != nil || len(got) != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}
