package disk

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Mount puts a file system of size bytes in memory at dir, which is made. It is
// what can be filled without harm.
func Mount(dir string, size int64) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return mount("-t", "tmpfs", "-o", fmt.Sprintf("size=%d,mode=700", size), "none", dir)
}

// MountReadOnly shows the folder from at dir, where nobody can write to it.
func MountReadOnly(from, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := mount("--bind", from, dir); err != nil {
		return err
	}
	return mount("-o", "remount,bind,ro", dir)
}

func mount(args ...string) error {
	if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("mount %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// Unmount takes a mount away, also while files on it are open.
func Unmount(dir string) error {
	if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("umount %s: %w: %s", dir, err, out)
	}
	return nil
}

// Free is how many bytes a file system still takes.
func Free(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * s.Bsize, nil // #nosec G115 -- blocks of a file system that exists
}

const ballast = "ballast"

// Fill leaves only so many bytes free.
func Fill(dir string, leave int64) error {
	free, err := Free(dir)
	if err != nil || free <= leave {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, ballast), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) // #nosec G304 -- a path inside the run's scratch folder
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, free-leave))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// Empty gives the room back.
func Empty(dir string) error { return os.Remove(filepath.Join(dir, ballast)) }
