package search

import (
	"bytes"
	"compress/gzip"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// A token is the last part of a run's address: 160 bits, known to its owner's
// browser alone. What the database holds of a run is found by one value made of
// it and sealed under another; neither leads back to it, and no key of ours
// opens it.

const tokenLength = 32 // characters of a token

func newToken() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// derive makes a value of a token for one purpose within one house.
func derive(token, purpose string, house int64) ([]byte, error) {
	if len(token) != tokenLength {
		return nil, errors.New("search: not a token")
	}
	return hkdf.Key(sha256.New, []byte(token), nil, "yumen search run "+purpose+" "+strconv.FormatInt(house, 10), 32)
}

// idOf is what a run is found by.
func idOf(token string, house int64) (string, error) {
	b, err := derive(token, "id", house)
	return hex.EncodeToString(b), err
}

// unpacked bounds what a run may unfold to.
const unpacked = 64 << 20

func sealRows(token string, house int64, rows []Row) (string, error) {
	box, err := boxOf(token, house)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(json.NewEncoder(z).Encode(rows), z.Close()); err != nil {
		return "", err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce)
	return base64.StdEncoding.EncodeToString(box.Seal(nonce, nonce, b.Bytes(), nil)), nil
}

func openRows(token string, house int64, sealed string) ([]Row, error) {
	box, err := boxOf(token, house)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(b) < box.NonceSize() {
		return nil, errors.New("search: a sealed run is cut short")
	}
	plain, err := box.Open(nil, b[:box.NonceSize()], b[box.NonceSize():], nil)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(plain))
	if err != nil {
		return nil, err
	}
	var rows []Row
	in := json.NewDecoder(io.LimitReader(z, unpacked))
	in.UseNumber() // arguments of messages are whole numbers, and stay so
	if err := in.Decode(&rows); err != nil {
		return nil, err
	}
	for i := range rows {
		for j, v := range rows[i].NoteArgs {
			if n, ok := v.(json.Number); ok {
				if whole, err := n.Int64(); err == nil {
					rows[i].NoteArgs[j] = whole
				}
			}
		}
	}
	return rows, nil
}

func boxOf(token string, house int64) (cipher.AEAD, error) {
	key, err := derive(token, "seal", house)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
