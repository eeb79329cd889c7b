package epp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// DefaultMaxFrame is the largest frame accepted when no other size is set: 1 MiB, header included. A create that carries
// documents in base64 is the largest known frame.
const DefaultMaxFrame = 1 << 20

const headerSize = 4

// FrameError says that the bytes on a connection are not a frame we accept. The connection is of no use afterwards.
type FrameError struct {
	Reason string
	Err    error // may be nil
}

func (e *FrameError) Error() string {
	if e.Err != nil {
		return "epp: " + e.Reason + ": " + e.Err.Error()
	}
	return "epp: " + e.Reason
}

func (e *FrameError) Unwrap() error { return e.Err }

// ReadFrame reads one frame and returns its XML. The length on the wire counts its own four bytes (RFC 5734 section 4).
// max is in bytes, header included; 0 means DefaultMaxFrame. The error is io.EOF when the peer closed between two frames,
// and a *FrameError when the length is out of bounds or the frame ends early.
func ReadFrame(r io.Reader, max int) ([]byte, error) {
	if max <= 0 {
		max = DefaultMaxFrame
	}
	var head [headerSize]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if n == 0 && errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, &FrameError{"frame header cut short", err}
	}
	total := int64(binary.BigEndian.Uint32(head[:]))
	if total < headerSize+1 || total > int64(max) {
		return nil, &FrameError{Reason: fmt.Sprintf("frame of %d bytes, allowed are %d to %d", total, headerSize+1, max)}
	}
	// The buffer grows with what arrives, so that a promised length alone costs no memory.
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, total-headerSize); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, &FrameError{"frame cut short", err}
	}
	return body.Bytes(), nil
}

// WriteFrame sends one frame in a single write.
func WriteFrame(w io.Writer, xml []byte) error {
	_, err := w.Write(frame(xml))
	return err
}

func frame(xml []byte) []byte {
	b := make([]byte, headerSize, headerSize+len(xml))
	binary.BigEndian.PutUint32(b, uint32(headerSize+len(xml))) // #nosec G115 -- no text of 4 GiB is made here
	return append(b, xml...)
}
