// Package disk proves what kill -9 cannot: that what was acknowledged is on the
// disk, and that a sick disk costs nobody an order (docs/reliability.md, R14 and
// F11).
//
//	log.go      reads an SQLite write-ahead log as the format says, apart from the engine
//	trace.go    reads what strace saw: what was written and flushed before what was answered
//	strace.go   attaches strace to a running portal, to watch or to make calls fail
//	room.go     small file systems that can be filled, and made read-only
//
// The tests beside it cut and tear logs, compare the order of system calls,
// inject errors, fill disks and start on broken folders. They need Linux, strace
// and the right to mount; each says so by name when that is missing.
package disk
