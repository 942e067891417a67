package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// moment is when to kill: after a time, or once files were written or renamed.
type moment struct {
	name      string
	after     time.Duration
	temporary int // temporary files that were made
	renamed   int // files that were renamed to their final names
}

// prepare begins to watch the folders below dir. The channel is closed when the moment has come; stop ends the watching.
func (m *moment) prepare(t *testing.T, dir string) (seen <-chan struct{}, stop func()) {
	come := make(chan struct{})
	if m.temporary == 0 && m.renamed == 0 {
		timer := time.AfterFunc(m.after, func() { close(come) })
		return come, func() { timer.Stop() }
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	require.NoError(t, err)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_, err = unix.InotifyAddWatch(fd, path, unix.IN_CREATE|unix.IN_MOVED_TO)
		}
		return err
	})
	require.NoError(t, err)
	quit := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { m.watch(fd, come, quit) })
	return come, func() {
		close(quit)
		watching.Wait()
		require.NoError(t, unix.Close(fd))
	}
}

func (m *moment) watch(fd int, seen chan<- struct{}, stop <-chan struct{}) {
	made, renamed := map[string]bool{}, 0
	buffer := make([]byte, 1<<16)
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		select {
		case <-stop:
			return
		default:
		}
		if n, err := unix.Poll(poll, 20); n <= 0 || err != nil {
			continue
		}
		n, err := unix.Read(fd, buffer)
		if err != nil {
			continue
		}
		for at := 0; at+unix.SizeofInotifyEvent <= n; {
			event := (*unix.InotifyEvent)(unsafe.Pointer(&buffer[at]))
			name := strings.TrimRight(string(buffer[at+unix.SizeofInotifyEvent:][:event.Len]), "\x00")
			at += unix.SizeofInotifyEvent + int(event.Len)
			if event.Mask&unix.IN_MOVED_TO != 0 {
				renamed++
			} else if strings.HasSuffix(name, ".tmp") && name != ".tmp" {
				made[name] = true
			}
		}
		if m.temporary > 0 && len(made) >= m.temporary || m.renamed > 0 && renamed >= m.renamed {
			close(seen)
			return
		}
	}
}
