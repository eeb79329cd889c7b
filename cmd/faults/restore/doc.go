// Package restore holds F12 of docs/reliability.md: a running portal whose
// people go on buying is backed up and followed by a replica; backup and
// restore are killed at random moments; what comes back is read by the
// program's own verify, compared with what buyers were told, and in the end
// takes the place of the lost data against the same registry and bank.
//
//	N=50 go test -count=1 -v -run TestF12 ./cmd/faults/restore
package restore
