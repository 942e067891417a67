package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"elt/runner"
)

const (
	pollLock  = 50 * time.Millisecond // between two tries to get the lock
	readTries = 3                     // tries to read who holds it, while the holder may be writing just that
)

// heldBy is who holds a lock, as the lock file says.
type heldBy struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Started time.Time `json:"started"`
}

// LockOptions say who asks for the lock and how long.
type LockOptions struct {
	Command string              // as typed: "elt run"
	Wait    time.Duration       // how long to wait for another holder; zero: not at all
	Waiting func(reason string) // called once when waiting begins; may be nil
	Clock   runner.Clock        // nil: time.Now
}

// Lock is the right to write to a warehouse. One process has it at a time. The kernel holds it, so that it ends with
// its process, however that ends; the file stays.
type Lock struct {
	held *flock.Flock
}

// Acquire takes the lock of the file at path, which is created with its folder where missing. If another holds it, and
// still does after options.Wait, the error is a *runner.Error with CodeLocked that names the holder. A cancelled ctx
// ends the waiting with CodeInterrupted.
func Acquire(ctx context.Context, path string, options LockOptions) (*Lock, error) {
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, lockFailed(path, err)
	}
	held := flock.New(path, flock.SetPermissions(0o644))
	got, err := held.TryLock()
	if err != nil {
		return nil, errors.Join(lockFailed(path, err), held.Close())
	}
	if !got {
		got, err = wait(ctx, held, options)
	}
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	if !got {
		return nil, errors.Join(locked(path, options), held.Close())
	}
	if err := writeHolder(path, options); err != nil {
		return nil, errors.Join(lockFailed(path, err), held.Close())
	}
	return &Lock{held: held}, nil
}

func wait(ctx context.Context, held *flock.Flock, options LockOptions) (bool, error) {
	if options.Wait <= 0 {
		return false, nil
	}
	if options.Waiting != nil {
		options.Waiting(locked(held.Path(), options).Msg)
	}
	limited, cancel := context.WithTimeout(ctx, options.Wait)
	defer cancel()
	got, err := held.TryLockContext(limited, pollLock)
	switch {
	case err == nil:
		return got, nil
	case ctx.Err() != nil:
		return false, &runner.Error{Code: runner.CodeInterrupted, Msg: "stopped waiting for another run", Err: ctx.Err()}
	case limited.Err() != nil:
		return false, nil
	default:
		return false, lockFailed(held.Path(), err)
	}
}

// Release gives the lock back. Releasing twice is no error.
func (l *Lock) Release() error {
	if !l.held.Locked() {
		return nil
	}
	// Who looks at the file later must not read the name of a holder that is none any more.
	err := os.Truncate(l.held.Path(), 0)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err := errors.Join(err, l.held.Close()); err != nil {
		return lockFailed(l.held.Path(), err)
	}
	return nil
}

func lockFailed(path string, err error) error {
	hint := "check that you may write to the folder it lies in, and that it is on a local disk"
	if errors.Is(err, syscall.ENOSPC) {
		hint = "the disk is full; make room and run again"
	}
	return &runner.Error{Code: runner.CodeState, Msg: "cannot use the lock " + path, Hint: hint, Err: err}
}

// writeHolder writes into the locked file. It must stay the same file, so it is not replaced by a rename.
func writeHolder(path string, options LockOptions) error {
	host, err := os.Hostname()
	if err != nil {
		host = "" // a name is for people only
	}
	line, err := json.Marshal(heldBy{PID: os.Getpid(), Host: host, Command: options.Command, Started: options.Clock().UTC()})
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(line, '\n'), 0o644)
}

// readHolder reads who holds the lock; false if the file does not say.
func readHolder(path string) (heldBy, bool) {
	for try := range readTries {
		if try > 0 {
			time.Sleep(10 * time.Millisecond)
		}
		raw, err := os.ReadFile(path)
		var h heldBy
		if err == nil && json.Unmarshal(raw, &h) == nil && h.PID > 0 {
			return h, true
		}
	}
	return heldBy{}, false
}

func locked(path string, options LockOptions) *runner.Error {
	e := &runner.Error{
		Code: runner.CodeLocked,
		Msg:  "another run is writing",
		Hint: "wait for it with `--wait 5m`, or stop it",
	}
	if options.Wait > 0 {
		e.Hint = fmt.Sprintf("waited %s; wait longer with `--wait`, or stop the other run", short(options.Wait))
	}
	h, ok := readHolder(path)
	if !ok {
		return e
	}
	e.Msg += fmt.Sprintf(": pid %d", h.PID)
	if h.Command != "" {
		e.Msg += fmt.Sprintf(" (%s)", h.Command)
	}
	if here, err := os.Hostname(); err == nil && h.Host != here && h.Host != "" {
		e.Msg += " on " + h.Host
	}
	now := options.Clock()
	if !h.Started.IsZero() && !h.Started.After(now) {
		e.Msg += fmt.Sprintf(", since %s (%s ago)", h.Started.In(now.Location()).Format(time.TimeOnly), short(now.Sub(h.Started)))
	}
	return e
}

// short is a duration for people: 2m10s, 5m, 3h2m.
func short(d time.Duration) string {
	switch {
	case d >= time.Hour:
		d = d.Truncate(time.Minute)
	default:
		d = d.Truncate(time.Second)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
