// Package seal keeps secrets unreadable at rest: identity numbers, TOTP
// secrets, mailed codes and the data keys of documents.
//
// Call Seal and Open with a purpose (a constant of the calling package, such
// as "accounts.totp") and a context that ties the secret to its row (for
// example the row's id): what was sealed for one purpose and one row opens for
// no other. Call Hash to look a secret up without opening it. Key files lie in
// a folder of their own, outside the data folder and outside its backups.
//
// AES-256-GCM with random nonces allows about 2^32 seals under one key
// (NIST SP 800-38D 8.3); each purpose has its own derived key and Rotate makes
// a new key for each month, which stays far below.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"yumen/db"
)

// ErrOpen says that a sealed text does not open: altered, meant for another
// purpose or row, or sealed under a key that is no longer there.
var ErrOpen = errors.New("seal: does not open")

const version = "s1"

// Seal encrypts plain for one purpose and one context. The result is text that
// names the key it was sealed under, so keys can rotate.
func (k *Keys) Seal(purpose string, plain []byte, context string) (string, error) {
	k.mu.RLock()
	id := k.active
	master := k.masters[id]
	k.mu.RUnlock()
	g, err := gcm(master, purpose)
	if err != nil {
		return "", err
	}
	sealed := g.Seal(nil, nil, plain, bound(purpose, context))
	return version + "." + id + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open is the inverse of Seal. Purpose and context must be those it was sealed
// with.
func (k *Keys) Open(purpose, sealed, context string) ([]byte, error) {
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != version {
		return nil, fmt.Errorf("%w: not a sealed text", ErrOpen)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, fmt.Errorf("%w: not a sealed text", ErrOpen)
	}
	master, err := k.master(parts[1])
	if err != nil {
		return nil, err
	}
	g, err := gcm(master, purpose)
	if err != nil {
		return nil, err
	}
	plain, err := g.Open(nil, nil, raw, bound(purpose, context))
	if err != nil {
		return nil, fmt.Errorf("%w: %s under key %s", ErrOpen, purpose, parts[1])
	}
	return plain, nil
}

// KeyOf is the id of the key a text was sealed under, kept beside it in the
// row so that a rotation finds what is left to reseal.
func KeyOf(sealed string) string {
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 {
		return ""
	}
	return parts[1]
}

// Reseal seals the same secret under the active key; a text that is already
// under it comes back unchanged.
func (k *Keys) Reseal(purpose, sealed, context string) (string, error) {
	if KeyOf(sealed) == k.Active() {
		return sealed, nil
	}
	plain, err := k.Open(purpose, sealed, context)
	if err != nil {
		return "", err
	}
	return k.Seal(purpose, plain, context)
}

// Hash is a keyed digest (HMAC-SHA256, hex) of a text: equal texts of one
// purpose have equal digests, and nobody without the key file can try numbers
// against it. Its key does not rotate, because lookups depend on it.
func (k *Keys) Hash(purpose, text string) string {
	sub := hmac.New(sha256.New, k.index)
	sub.Write([]byte(purpose))
	h := hmac.New(sha256.New, sub.Sum(nil))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// DataKey encrypts one document. It exists in the clear only in memory.
type DataKey struct{ key []byte }

const dataKeyPurpose = "seal.data_key"

// NewDataKey makes a key for one document and wraps it for keeping. context
// ties it to the document: it does not open for another.
func (k *Keys) NewDataKey(context string) (DataKey, string, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails since Go 1.24
	wrapped, err := k.Seal(dataKeyPurpose, key, context)
	return DataKey{key}, wrapped, err
}

// Unwrap gives the data key back.
func (k *Keys) Unwrap(wrapped, context string) (DataKey, error) {
	key, err := k.Open(dataKeyPurpose, wrapped, context)
	return DataKey{key}, err
}

// Rewrap wraps the same data key under the active key; the document itself is
// not touched.
func (k *Keys) Rewrap(wrapped, context string) (string, error) {
	return k.Reseal(dataKeyPurpose, wrapped, context)
}

// Seal encrypts the document's bytes; bound is what they belong to (document,
// account, kind) and must be the same when opening.
func (dk DataKey) Seal(plain []byte, context string) ([]byte, error) {
	g, err := rawGCM(dk.key)
	if err != nil {
		return nil, err
	}
	return g.Seal(nil, nil, plain, []byte(context)), nil
}

// Open is the inverse of Seal.
func (dk DataKey) Open(sealed []byte, context string) ([]byte, error) {
	g, err := rawGCM(dk.key)
	if err != nil {
		return nil, err
	}
	plain, err := g.Open(nil, nil, sealed, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("%w: document %s", ErrOpen, context)
	}
	return plain, nil
}

// Sign signs text with the active signing key (Ed25519) and names the key.
func (k *Keys) Sign(text []byte) (keyID, signature string) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.signer, base64.RawURLEncoding.EncodeToString(ed25519.Sign(k.signers[k.signer], text))
}

// Verify checks a signature made by Sign.
func (k *Keys) Verify(keyID string, text []byte, signature string) error {
	k.mu.RLock()
	key, ok := k.signers[keyID]
	k.mu.RUnlock()
	if !ok {
		return fmt.Errorf("seal: no signing key %s", keyID)
	}
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !ed25519.Verify(key.Public().(ed25519.PublicKey), text, sig) {
		return fmt.Errorf("seal: signature by %s is not valid", keyID)
	}
	return nil
}

// PublicKey is the public half of a signing key, base64, so that others can
// check what we signed; empty for an unknown id.
func (k *Keys) PublicKey(keyID string) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.signers[keyID]
	if !ok {
		return ""
	}
	return base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
}

func gcm(master []byte, purpose string) (cipher.AEAD, error) {
	// A key per purpose, so that a secret of one part never opens in another.
	sub, err := hkdf.Key(sha256.New, master, nil, "yumen seal "+purpose, 32)
	if err != nil {
		return nil, err
	}
	return rawGCM(sub)
}

func rawGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound is the additional data. The purpose cannot contain a zero byte, so two
// pairs never give the same bytes.
func bound(purpose, context string) []byte { return []byte(purpose + "\x00" + context) }

type attachKey struct{}

// Attach gives the database the keys its rows are sealed with.
func Attach(d *db.DB, k *Keys) { d.Attach(attachKey{}, k) }

// From is the keys of the database a transaction belongs to. It panics when
// none were attached: the program was put together wrongly.
func From(tx *db.Tx) *Keys { return Of(tx.DB()) }

// Of is From for callers that hold the database.
func Of(d *db.DB) *Keys {
	k, ok := d.Attached(attachKey{}).(*Keys)
	if !ok {
		panic("seal: no keys attached to this database")
	}
	return k
}
