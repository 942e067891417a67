package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Tail reads a journal from its beginning on, as far as it is written.
type Tail struct {
	path   string
	offset int64
	began  time.Time
	Lines  int  // read so far
	Ended  bool // the end of the run was read
}

// NewTail makes the reader of a run's journal. The run's ID comes from outside, so it must be the name of a file and nothing
// else; a Tail of any other ID finds no file.
func NewTail(dir, runID string) *Tail {
	if runID == "" || runID != filepath.Base(runID) || strings.ContainsAny(runID, `/\`) {
		return &Tail{}
	}
	return &Tail{path: Path(dir, runID)}
}

// Next gives the events that were written since the last call; none if there are none. A line that is only half there is left
// for the next call. Where there is no journal the error is fs.ErrNotExist.
func (t *Tail) Next() ([]Event, error) {
	if t.path == "" {
		return nil, fs.ErrNotExist
	}
	file, err := os.Open(t.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	if _, err := file.Seek(t.offset, io.SeekStart); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	var events []Event
	for {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return events, nil
		}
		line := text[:end]
		text = text[end+1:]
		t.offset += int64(end) + 1
		t.Lines++
		var e Event
		if json.Unmarshal(line, &e) != nil {
			e = Event{} // of a disk that was full; what follows is whole again
		}
		if e.Run != nil {
			t.began = e.Run.Started
		}
		t.Ended = t.Ended || e.Ended != nil
		events = append(events, e)
	}
}

// Read gives all events of a run. Where the journal has no end and nobody writes it any more, one is added: crashed.
func Read(dir, runID string) ([]Event, error) {
	t := NewTail(dir, runID)
	events, err := t.Next()
	if err != nil || t.Ended || alive(t.path) {
		return events, err
	}
	// It may have ended between the two looks.
	more, err := t.Next()
	events = append(events, more...)
	if err == nil && !t.Ended {
		events = append(events, crash(events))
	}
	return events, err
}

// Gone tells whether a run that has no end has lost its process: its journal is there, and nobody writes it.
func Gone(dir, runID string) bool {
	t := NewTail(dir, runID)
	_, err := t.Next()
	return err == nil && !t.Ended && !alive(t.path)
}

// Active are the runs that go on: those whose journals someone writes.
func Active(dir string) ([]string, error) {
	ids, err := IDs(dir)
	return slices.DeleteFunc(ids, func(id string) bool { return !alive(Path(dir, id)) }), err
}

// crash is the end of a run that left none, at the time of its last sign of life.
func crash(events []Event) Event {
	end := Event{Ended: &End{Status: Crashed}}
	for i := len(events) - 1; i >= 0 && end.At.IsZero(); i-- {
		end.At = events[i].At
	}
	if len(events) > 0 && events[0].Run != nil {
		end.Ended.Seconds = Seconds(end.At.Sub(events[0].Run.Started))
	}
	return end
}

// alive tells whether a process still writes the journal.
func alive(path string) bool {
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	got, err := lock.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	_ = lock.Close() // nothing was written
	return err == nil && !got
}
