//go:build unix

package sample

import (
	"errors"
	"os"
	"syscall"
)

// lockDir keeps other runs away from dir until unlock is called or the process ends. It leaves no file behind. File systems
// without such locks are written to all the same.
func lockDir(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, failure("lock the folder for sample data", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		_ = f.Close()
		return nil, locked(dir)
	}
	return func() { _ = f.Close() }, nil
}
