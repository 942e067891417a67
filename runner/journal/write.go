package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"elt/runner"
)

// ending is what the name of a journal has behind the ID of its run.
const ending = ".jsonl"

// Path is where the journal of a run is.
func Path(dir, runID string) string { return filepath.Join(dir, runID+ending) }

// Writer writes one journal. It is safe for concurrent use, and none of its methods but Close gives an error: a run goes on
// where its journal cannot be written. What happens before Open is kept and written then.
type Writer struct {
	clock runner.Clock

	mu      sync.Mutex // guards what follows
	pending []Event    // before Open
	file    *os.File
	lock    *flock.Flock
	err     error // the first; nothing is written after it
	closed  bool
}

// New makes the writer of a run that is about to begin.
func New(clock runner.Clock) *Writer { return &Writer{clock: clock} }

// Open begins the file in dir, which is made where missing. It appears under its name with its first line in it and its lock
// held, so that no reader takes it for the journal of a run that is gone.
func (w *Writer) Open(dir string, run Run) {
	w.mu.Lock()
	defer w.mu.Unlock()
	pending := w.pending
	w.pending = nil
	if w.err = w.open(dir, run); w.err != nil {
		return
	}
	for _, e := range pending {
		w.append(e)
	}
}

func (w *Writer) open(dir string, run Run) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := Path(dir, run.ID)
	temp := path + ".new"
	file, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	lock := flock.New(temp)
	if _, err := lock.TryLock(); err != nil {
		return errors.Join(err, file.Close())
	}
	w.file, w.lock = file, lock
	w.append(Event{At: run.Started, Run: &run})
	return errors.Join(w.err, os.Rename(temp, path))
}

// Add writes an event. A zero At is now.
func (w *Writer) Add(e Event) {
	if e.At.IsZero() {
		e.At = w.clock()
	}
	e.At = e.At.UTC()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed || w.err != nil:
	case w.file == nil:
		w.pending = append(w.pending, e)
	default:
		w.append(e)
	}
}

// append writes one line with a single call, so that the lines of other processes never come between its parts.
func (w *Writer) append(e Event) {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = w.file.Write(append(line, '\n'))
	}
	w.err = errors.Join(w.err, err)
}

// Close ends the writing, and tells what went wrong in it, if anything. Closing twice is no error.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	err := w.err
	if w.file != nil {
		err = errors.Join(err, w.file.Close(), w.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("write the journal of the run: %w", err)
	}
	return nil
}

// IDs are those of the runs that have a journal in dir, the newest first. There are none where dir does not exist.
func IDs(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ending); ok && e.Type().IsRegular() {
			ids = append(ids, id)
		}
	}
	slices.Reverse(ids) // ReadDir sorts by name, and IDs begin with the time
	return ids, nil
}

// Prune removes all journals but the newest; those of runs that go on stay.
func Prune(dir string, keep int) error {
	ids, err := IDs(dir)
	if err != nil || len(ids) <= keep {
		return err
	}
	var errs []error
	for _, id := range ids[keep:] {
		if path := Path(dir, id); !alive(path) {
			errs = append(errs, os.Remove(path))
		}
	}
	return errors.Join(errs...)
}

// Remove takes the journal of a run away.
func Remove(dir, runID string) error {
	err := os.Remove(Path(dir, runID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Conclude gives a run an end where its own process did not, because it went away or never came to begin a journal. run is
// what is known of it for that case. A journal that has an end, or that someone writes, stays as it is.
func Conclude(dir string, run Run, end End, clock runner.Clock) error {
	t := NewTail(dir, run.ID)
	_, err := t.Next()
	if errors.Is(err, fs.ErrNotExist) {
		w := New(clock)
		w.Open(dir, run)
		w.end(end, run.Started)
		return w.Close()
	}
	if err != nil || t.Ended || alive(t.path) {
		return err
	}
	file, err := os.OpenFile(t.path, os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	if info, err := file.Stat(); err == nil && info.Size() > t.offset {
		_, err = file.Write([]byte("\n")) // behind half a line
		if err != nil {
			return errors.Join(err, file.Close())
		}
	}
	w := &Writer{clock: clock, file: file, lock: flock.New(t.path)}
	w.end(end, t.began)
	return w.Close()
}

func (w *Writer) end(end End, began time.Time) {
	now := w.clock()
	if !began.IsZero() {
		end.Seconds = Seconds(now.Sub(began))
	}
	w.Add(Event{At: now, Ended: &end})
}
