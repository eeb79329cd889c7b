package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A stream is a file of any size, encrypted in pieces for backups and replicas:
//
//	magic "YUMENS1\n" · length of the key's id, one octet · the id · salt (32) · key check (16)
//	pieces of 64 KiB, each AES-256-GCM with a tag of 16 octets; the last is shorter, or empty
//	end mark "YUMENEND": a stream without it was cut off
//
// The piece's number and whether it is the last are in its nonce, so that
// pieces cannot be exchanged, repeated or cut off (the STREAM construction of
// Hoang, Reyhanitabar, Rogaway and Vizár, 2015). Every stream has a key of its
// own, derived from the backup key, the salt, the purpose and the context.
const (
	streamMagic = "YUMENS1\n"
	streamEnd   = "YUMENEND"
	saltSize    = 32
	checkSize   = 16
	// Piece is how many octets of a stream are encrypted at once.
	Piece   = 64 << 10
	tagSize = 16
)

// What can be wrong with a stream, each with an action of its own.
var (
	ErrNoBackupKey = errors.New("seal: the key folder holds no key for backups")
	ErrOtherKey    = errors.New("seal: encrypted under a key that the folder does not hold")
	ErrCut         = errors.New("seal: the stream ends too early")
	ErrAltered     = errors.New("seal: the stream was altered")
)

// SealStream encrypts what is written to it into w under the newest backup
// key. Close writes the last piece; without it the stream does not open. It
// does not close w. Purpose and context must be the same when opening.
func (k *Keys) SealStream(w io.Writer, purpose, context string) (io.WriteCloser, error) {
	k.mu.RLock()
	id, master := k.copier, k.copies[k.copier]
	k.mu.RUnlock()
	if id == "" {
		return nil, ErrNoBackupKey
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	aead, check, err := streamKey(master, salt, purpose, context)
	if err != nil {
		return nil, err
	}
	head := append([]byte(streamMagic), byte(len(id)))
	head = append(append(append(head, id...), salt...), check...)
	if _, err := w.Write(head); err != nil {
		return nil, err
	}
	return &sealing{w: w, aead: aead, buf: make([]byte, 0, Piece+tagSize)}, nil
}

type sealing struct {
	w    io.Writer
	aead cipher.AEAD
	n    uint64
	buf  []byte
	err  error
}

func (s *sealing) Write(p []byte) (int, error) {
	done := 0
	for len(p) > 0 && s.err == nil {
		if len(s.buf) == Piece { // a full piece waits: it may be the last
			s.flush(false)
			continue
		}
		n := min(len(p), Piece-len(s.buf))
		s.buf = append(s.buf, p[:n]...)
		p, done = p[n:], done+n
	}
	return done, s.err
}

// Close writes the last piece, which may be empty.
func (s *sealing) Close() error {
	if s.err == nil {
		s.flush(true)
		if s.err == nil {
			_, s.err = io.WriteString(s.w, streamEnd)
		}
		if s.err == nil {
			s.err = errors.New("seal: the stream is closed")
			return nil
		}
	}
	return s.err
}

func (s *sealing) flush(last bool) {
	_, s.err = s.w.Write(s.aead.Seal(s.buf[:0], pieceNonce(s.n, last), s.buf, nil))
	s.n++
	s.buf = s.buf[:0]
}

// OpenStream decrypts a stream. Its errors: ErrOtherKey (wrapped with the id
// it names), ErrNoBackupKey, ErrCut, ErrAltered.
func (k *Keys) OpenStream(r io.Reader, purpose, context string) (io.Reader, error) {
	aead, _, err := k.openHead(r, purpose, context)
	if err != nil {
		return nil, err
	}
	return newOpening(r, aead, 0), nil
}

// StreamKey is the id of the key that a stream was sealed under, without
// opening it.
func StreamKey(r io.Reader) (string, error) {
	head := make([]byte, len(streamMagic)+1)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", cut(err)
	}
	if string(head[:len(streamMagic)]) != streamMagic {
		return "", fmt.Errorf("%w: it does not begin as one", ErrAltered)
	}
	id := make([]byte, head[len(streamMagic)])
	if _, err := io.ReadFull(r, id); err != nil {
		return "", cut(err)
	}
	return string(id), nil
}

func (k *Keys) openHead(r io.Reader, purpose, context string) (cipher.AEAD, int64, error) {
	id, err := StreamKey(r)
	if err != nil {
		return nil, 0, err
	}
	rest := make([]byte, saltSize+checkSize)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, 0, cut(err)
	}
	k.mu.RLock()
	master, ok := k.copies[id]
	none := len(k.copies) == 0
	k.mu.RUnlock()
	switch {
	case none:
		return nil, 0, ErrNoBackupKey
	case !ok:
		return nil, 0, fmt.Errorf("%w: %s", ErrOtherKey, id)
	}
	aead, check, err := streamKey(master, rest[:saltSize], purpose, context)
	if err != nil {
		return nil, 0, err
	}
	if subtle.ConstantTimeCompare(check, rest[saltSize:]) != 1 {
		return nil, 0, fmt.Errorf("%w: the file of %s holds other bytes", ErrOtherKey, id)
	}
	return aead, int64(len(streamMagic) + 1 + len(id) + saltSize + checkSize), nil
}

type opening struct {
	r     io.Reader
	aead  cipher.AEAD
	n     uint64
	buf   []byte // a piece, the end mark and one octet more, which tells whether another piece follows
	held  int    // octets at the front of buf that were read ahead
	piece []byte // room for what was decrypted
	plain []byte // what of it was not yet read
	end   bool
}

func newOpening(r io.Reader, aead cipher.AEAD, from uint64) *opening {
	return &opening{r: r, aead: aead, n: from, buf: make([]byte, Piece+tagSize+len(streamEnd)+1), piece: make([]byte, 0, Piece)}
}

func (o *opening) Read(p []byte) (int, error) {
	for len(o.plain) == 0 {
		if o.end {
			return 0, io.EOF
		}
		if err := o.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, o.plain)
	o.plain = o.plain[n:]
	return n, nil
}

func (o *opening) next() error {
	n, err := io.ReadFull(o.r, o.buf[o.held:])
	n += o.held
	last := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
	if err != nil && !last {
		return err
	}
	body := Piece + tagSize
	if last {
		if body = n - len(streamEnd); body < tagSize || string(o.buf[body:n]) != streamEnd {
			return ErrCut
		}
	}
	plain, err := o.aead.Open(o.piece[:0], pieceNonce(o.n, last), o.buf[:body], nil)
	if err != nil {
		return ErrAltered
	}
	o.plain, o.end = plain, last
	o.n++
	if o.held = 0; !last {
		o.held = copy(o.buf, o.buf[body:n])
	}
	return nil
}

// StreamWhole fails with ErrCut when a stream of a size does not end as one.
func StreamWhole(r io.ReaderAt, size int64) error {
	end := make([]byte, len(streamEnd))
	if size < int64(len(end)) {
		return ErrCut
	}
	if _, err := r.ReadAt(end, size-int64(len(end))); err != nil {
		return cut(err)
	}
	if string(end) != streamEnd {
		return ErrCut
	}
	return nil
}

// StreamSize is the number of octets inside a sealed stream of a size under a
// key of that id's length.
func StreamSize(sealed int64, id string) int64 {
	body := sealed - int64(len(streamMagic)+1+len(id)+saltSize+checkSize+len(streamEnd))
	pieces := (body + Piece + tagSize - 1) / (Piece + tagSize)
	return max(0, body-max(1, pieces)*tagSize)
}

// OpenStreamAt decrypts the part of a stream that begins at an offset; length
// 0 means to its end. Only the pieces it needs are read.
func (k *Keys) OpenStreamAt(r io.ReadSeeker, purpose, context string, offset, length int64) (io.Reader, error) {
	if offset < 0 {
		return nil, fmt.Errorf("seal: a part of a stream cannot begin at %d", offset)
	}
	aead, head, err := k.openHead(r, purpose, context)
	if err != nil {
		return nil, err
	}
	piece := offset / Piece
	if _, err := r.Seek(head+piece*(Piece+tagSize), io.SeekStart); err != nil {
		return nil, err
	}
	o := newOpening(r, aead, uint64(piece)) // #nosec G115 -- not negative, see above
	if _, err := io.CopyN(io.Discard, o, offset-piece*Piece); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if length > 0 {
		return io.LimitReader(o, length), nil
	}
	return o, nil
}

func streamKey(master, salt []byte, purpose, context string) (cipher.AEAD, []byte, error) {
	both, err := hkdf.Key(sha256.New, master, salt, "yumen stream "+string(bound(purpose, context)), 32+checkSize)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(both[:32])
	if err != nil {
		return nil, nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, err
	}
	return aead, bytes.Clone(both[32:]), nil
}

func pieceNonce(n uint64, last bool) []byte {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[3:], n)
	if last {
		nonce[11] = 1
	}
	return nonce
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return err
}
