package state_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

func acquire(t *testing.T, path string, options state.LockOptions) (*state.Lock, *runner.Error) {
	t.Helper()
	lock, err := state.Acquire(t.Context(), path, options)
	if err == nil {
		return lock, nil
	}
	var e *runner.Error
	require.ErrorAs(t, err, &e)
	return nil, e
}

func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "write.lock")
	first, e := acquire(t, path, state.LockOptions{Command: "elt run", Clock: noon})
	require.Nil(t, e)
	later := func() time.Time { return noon().Add(2*time.Minute + 10*time.Second) }
	_, e = acquire(t, path, state.LockOptions{Clock: later})
	require.Equal(t, runner.CodeLocked, e.Code)
	assert.Equal(t, fmt.Sprintf("another run is writing: pid %d (elt run), since 12:00:00 (2m10s ago)", os.Getpid()), e.Error())
	assert.Contains(t, e.Hint, "--wait 5m")

	require.NoError(t, first.Release())
	require.NoError(t, first.Release())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Empty(t, content, "the file names no holder that is none any more")
	second, e := acquire(t, path, state.LockOptions{Command: "a much longer command line than before", Clock: later})
	require.Nil(t, e)
	defer func() { assert.NoError(t, second.Release()) }()
	require.NoError(t, first.Release(), "a lock given back says nothing about the next one")
	_, e = acquire(t, path, state.LockOptions{Clock: later})
	require.Equal(t, runner.CodeLocked, e.Code)
	assert.Contains(t, e.Error(), "(a much longer command line than before), since 12:02:10 (0s ago)")
}

func TestHolderThatDoesNotSayWhoItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "write.lock")
	lock, e := acquire(t, path, state.LockOptions{})
	require.Nil(t, e)
	defer func() { assert.NoError(t, lock.Release()) }()
	for _, content := range []string{"", "{", `{"pid":12,"comm`, `{"pid":0}`, "\x00\x00\x00", `[]`} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		_, e = acquire(t, path, state.LockOptions{})
		require.Equal(t, runner.CodeLocked, e.Code)
		assert.Equal(t, "another run is writing", e.Error())
	}
	require.NoError(t, os.WriteFile(path, []byte(`{"pid":12,"host":"elsewhere","started":"2999-01-01T00:00:00Z"}`), 0o644))
	_, e = acquire(t, path, state.LockOptions{})
	assert.Equal(t, "another run is writing: pid 12 on elsewhere", e.Error(), "a clock ahead of ours says no time")
}

func TestWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "write.lock")
	first, e := acquire(t, path, state.LockOptions{Command: "elt run"})
	require.Nil(t, e)

	var reasons []string
	began := time.Now()
	_, e = acquire(t, path, state.LockOptions{
		Wait: 150 * time.Millisecond, Waiting: func(reason string) { reasons = append(reasons, reason) },
	})
	require.Equal(t, runner.CodeLocked, e.Code)
	assert.GreaterOrEqual(t, time.Since(began), 150*time.Millisecond)
	assert.Contains(t, e.Hint, "waited")
	require.Len(t, reasons, 1)
	assert.Contains(t, reasons[0], "(elt run)")

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := state.Acquire(ctx, path, state.LockOptions{Wait: time.Hour})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, runner.ExitInterrupted, runner.ExitStatus(err))

	released := make(chan error, 1)
	time.AfterFunc(50*time.Millisecond, func() { released <- first.Release() })
	second, e := acquire(t, path, state.LockOptions{Wait: time.Minute})
	require.Nil(t, e)
	require.NoError(t, <-released)
	require.NoError(t, second.Release())
}

func TestLockOfAnotherProcessEndsWithIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "write.lock")
	pid, kill := child(t, "lock", path)
	_, e := acquire(t, path, state.LockOptions{})
	require.Equal(t, runner.CodeLocked, e.Code)
	assert.Contains(t, e.Error(), fmt.Sprintf("pid %d (elt run), since ", pid))
	kill()
	lock, e := acquire(t, path, state.LockOptions{})
	require.Nil(t, e, "nothing to clean up by hand")
	require.NoError(t, lock.Release())
}

func TestLockThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	_, e := acquire(t, dir, state.LockOptions{})
	require.Equal(t, runner.CodeState, e.Code)
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, e = acquire(t, filepath.Join(file, "lock"), state.LockOptions{})
	require.Equal(t, runner.CodeState, e.Code)
	require.NotEmpty(t, e.Hint)
}
