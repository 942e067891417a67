package sample

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The new files are made in a folder beside the old ones. When all of them are on disk a marker joins them; from then on
// the run counts as done, and whoever comes next moves the files that are still there.
const (
	stagingDir = ".generate"
	marker     = "complete"
)

type staging struct {
	dir   string
	sinks [numTables]sink
}

// newStaging starts each file with a copy of the old one, or with its header. On an error nothing is left.
func newStaging(ctx context.Context, dir string, st *state) (*staging, error) {
	s := &staging{dir: filepath.Join(dir, stagingDir)}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return nil, err
	}
	for t := range numTables {
		if err := s.sinks[t].open(ctx, dir, t, st.files[t]); err != nil {
			s.discard()
			return nil, err
		}
	}
	return s, nil
}

// err is the first error of any file.
func (s *staging) err() error {
	for t := range s.sinks {
		if err := s.sinks[t].err; err != nil {
			return err
		}
	}
	return nil
}

// complete brings everything to disk and sets the marker.
func (s *staging) complete() error {
	for t := range s.sinks {
		if err := s.sinks[t].close(); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(filepath.Join(s.dir, marker), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// discard removes what was staged. It is called before the marker is set, or when setting it failed.
func (s *staging) discard() {
	for t := range s.sinks {
		if f := s.sinks[t].f; f != nil {
			_ = f.Close() // it is about to be deleted
		}
	}
	// The next run removes what cannot be removed now.
	_ = removeStaging(s.dir)
}

// recoverStaging completes a run that was cut off after it set its marker, and removes what is left of any other.
func recoverStaging(dir string) error {
	_, err := os.Stat(filepath.Join(dir, stagingDir, marker))
	if err == nil {
		return publish(dir)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return removeStaging(filepath.Join(dir, stagingDir))
}

// publish moves the staged files into place. It can be repeated.
func publish(dir string) error {
	for t := range numTables {
		name := specs[t].name
		err := os.Rename(filepath.Join(dir, stagingDir, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	return removeStaging(filepath.Join(dir, stagingDir))
}

// removeStaging takes the marker away first, so that a removal cut off is never taken for a run to complete.
func removeStaging(dir string) error {
	if err := os.Remove(filepath.Join(dir, marker)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.RemoveAll(dir)
}

// syncDir makes renames last. Not every file system can; the files are whole all the same.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = f.Sync()
	return f.Close()
}

// sink is one file being written. Rows are built in its buffer: b := s.begin(); b = append(b, …); s.end(b).
type sink struct {
	f           *os.File
	json        bool
	any         bool // the array has an element
	buf         []byte
	rows        int64 // added
	size        int64 // of the file, without what is in buf
	first, last day   // of the rows added
	err         error // the first one; later writes do nothing
}

const flushAt = 256 << 10

func (s *sink) open(ctx context.Context, dir string, t table, was fileState) error {
	f, err := os.OpenFile(filepath.Join(dir, stagingDir, specs[t].name), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	*s = sink{f: f, json: specs[t].json, any: was.rows > 0, buf: make([]byte, 0, flushAt+4<<10)}
	if was.exists {
		s.size = was.size
		if s.json {
			s.size -= int64(len(jsonTail))
		}
		return copyFile(ctx, f, filepath.Join(dir, specs[t].name), s.size)
	}
	s.buf = append(s.buf, specs[t].header...)
	if !s.json {
		s.buf = append(s.buf, '\n')
	}
	return nil
}

// copyFile copies the first n bytes. It looks at ctx now and then.
func copyFile(ctx context.Context, to *os.File, path string, n int64) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // it was only read
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		done, err := io.CopyN(to, from, min(n, 64<<20))
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s became shorter while it was read: let nothing else write to it, and run again", path)
		}
		if err != nil {
			return err
		}
		n -= done
	}
	return nil
}

// begin gives the buffer to append one row to.
func (s *sink) begin() []byte {
	if !s.json {
		return s.buf
	}
	b := s.buf
	if s.any {
		b = append(b, ',')
	}
	return append(b, '\n')
}

// end takes the buffer back.
func (s *sink) end(b []byte, d day) {
	if !s.json {
		b = append(b, '\n')
	}
	if s.rows == 0 {
		s.first = d
	}
	s.last, s.any = d, true
	s.rows++
	s.buf = b
	if len(b) >= flushAt {
		s.flush()
	}
}

func (s *sink) flush() {
	if s.err == nil {
		var n int
		n, s.err = s.f.Write(s.buf)
		s.size += int64(n)
	}
	s.buf = s.buf[:0]
}

// close writes the rest and brings it to disk.
func (s *sink) close() error {
	if s.json {
		s.buf = append(s.buf, jsonTail...)
	}
	s.flush()
	if s.err == nil {
		s.err = s.f.Sync()
	}
	if err := s.f.Close(); s.err == nil {
		s.err = err
	}
	s.f = nil
	return s.err
}
