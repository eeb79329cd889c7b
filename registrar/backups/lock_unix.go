//go:build unix

package backups

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// hold keeps a folder of backups to one run at a time, also between the portal
// and `yumen backup`. The system lets go when the process dies.
func hold(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- the folders are the operator's; names in them stand in a sealed manifest or are made here
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w in %s: %w", errBusy, dir, err), f.Close())
	}
	return f.Close, nil
}
