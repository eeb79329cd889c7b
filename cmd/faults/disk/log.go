package disk

import (
	"encoding/binary"
	"fmt"
)

// Sizes of an SQLite write-ahead log (sqlite.org/fileformat2.html, section 4).
const (
	logHeader   = 32
	frameHeader = 24
	// Sector is the unit in which a disk keeps or loses what was not flushed.
	Sector = 512
)

// Log is what a recovery would believe of a write-ahead log.
type Log struct {
	Page   int     // bytes
	Frames []Frame // up to the last commit
}

// Frame is a page as it was written.
type Frame struct {
	Number uint32 // of the page
	At     int64  // where the frame begins
	Commit bool   // the last of its transaction
}

// Size of a frame in bytes.
func (l Log) Size() int64 { return int64(frameHeader + l.Page) }

// End is where the last transaction ends.
func (l Log) End() int64 { return l.after(len(l.Frames)) }

func (l Log) after(frames int) int64 { return logHeader + int64(frames)*l.Size() }

// Commits are where each transaction ends, in bytes from the beginning.
func (l Log) Commits() []int64 {
	var out []int64
	for i, f := range l.Frames {
		if f.Commit {
			out = append(out, l.after(i+1))
		}
	}
	return out
}

// Whole is how many transactions a log holds that was cut after n bytes.
func (l Log) Whole(n int64) int {
	whole := 0
	for _, end := range l.Commits() {
		if end <= n {
			whole++
		}
	}
	return whole
}

// ReadLog checks every frame's salts and the running checksum, as recovery
// does, and drops what follows the last commit.
func ReadLog(b []byte) (Log, error) {
	if len(b) < logHeader {
		return Log{}, nil // no log is an empty one
	}
	magic := binary.BigEndian.Uint32(b)
	if magic&^1 != 0x377f0682 {
		return Log{}, fmt.Errorf("disk: no write-ahead log: magic %x", magic)
	}
	var order binary.ByteOrder = binary.LittleEndian
	if magic&1 == 1 {
		order = binary.BigEndian
	}
	l := Log{Page: int(binary.BigEndian.Uint32(b[8:]))}
	if l.Page == 0 {
		return Log{}, fmt.Errorf("disk: a log without a page size")
	}
	s0, s1 := sum(order, 0, 0, b[:24])
	if s0 != binary.BigEndian.Uint32(b[24:]) || s1 != binary.BigEndian.Uint32(b[28:]) {
		return l, nil // a torn header: nothing in the log counts
	}
	committed := 0
	for at := int64(logHeader); at+l.Size() <= int64(len(b)); at += l.Size() {
		f := b[at : at+l.Size()]
		s0, s1 = sum(order, s0, s1, f[:8])
		s0, s1 = sum(order, s0, s1, f[frameHeader:])
		if string(f[8:16]) != string(b[16:24]) || s0 != binary.BigEndian.Uint32(f[16:]) || s1 != binary.BigEndian.Uint32(f[20:]) {
			break
		}
		commit := binary.BigEndian.Uint32(f[4:]) != 0
		l.Frames = append(l.Frames, Frame{binary.BigEndian.Uint32(f), at, commit})
		if commit {
			committed = len(l.Frames)
		}
	}
	l.Frames = l.Frames[:committed]
	return l, nil
}

// sum is the running checksum over pairs of 32-bit words (section 4.2).
func sum(order binary.ByteOrder, s0, s1 uint32, b []byte) (uint32, uint32) {
	for i := 0; i+8 <= len(b); i += 8 {
		s0 += order.Uint32(b[i:]) + s1
		s1 += order.Uint32(b[i+4:]) + s0
	}
	return s0, s1
}
