package journal

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Entry is a line of some run's journal.
type Entry struct {
	RunID string
	Line  int // counts from 1
	Event
}

// poll is how often Follow looks by itself: for what the file system does not tell, and for runs that are gone.
const poll = time.Second

// Follow calls each for every line that any run writes into dir from now on, in the order of its file, until ctx ends. Of the
// journals that are there already it gives what is added to them. A run whose process went away gets an end with status
// crashed. each is called from one goroutine; the error is that of ctx.
func Follow(ctx context.Context, dir string, each func(Entry)) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	changes, stop := watch(dir)
	defer stop()
	f := &follower{dir: dir, open: map[string]*Tail{}, done: map[string]bool{}}
	f.look(nil)
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changes:
			f.look(each)
		case <-ticker.C:
			f.look(each)
			f.bury(each)
		}
	}
}

// watch tells of changes below dir; never, where the system cannot tell of them.
func watch(dir string) (changes <-chan struct{}, stop func()) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, func() {}
	}
	if err := watcher.Add(dir); err != nil {
		_ = watcher.Close() // polling does it alone
		return nil, func() {}
	}
	out, quit := make(chan struct{}, 1), make(chan struct{})
	go func() {
		for {
			select {
			case _, ok := <-watcher.Events:
				if !ok {
					return
				}
				select {
				case out <- struct{}{}: // one look finds all changes there are
				default:
				}
			case _, ok := <-watcher.Errors: // an overflow, mostly; the next look finds what it was about
				if !ok {
					return
				}
			case <-quit:
				return
			}
		}
	}()
	return out, func() {
		close(quit)
		_ = watcher.Close() // nothing was written
	}
}

// follower remembers how far each journal was read.
type follower struct {
	dir  string
	open map[string]*Tail
	done map[string]bool // ended before, or read to their end
}

// look reads what is new. With a nil each it only takes note of what is there.
func (f *follower) look(each func(Entry)) {
	ids, err := IDs(f.dir)
	if err != nil {
		return // it may be there again at the next look
	}
	slices.Reverse(ids)
	for _, id := range ids {
		if f.done[id] {
			continue
		}
		if each == nil && !alive(Path(f.dir, id)) { // nobody writes it any more
			f.done[id] = true
			continue
		}
		t := f.open[id]
		if t == nil {
			t = NewTail(f.dir, id)
			f.open[id] = t
		}
		f.read(id, t, each)
	}
	for id := range f.done {
		if !slices.Contains(ids, id) {
			delete(f.done, id)
		}
	}
}

func (f *follower) read(id string, t *Tail, each func(Entry)) {
	line := t.Lines
	events, err := t.Next()
	if errors.Is(err, fs.ErrNotExist) {
		delete(f.open, id)
		return
	}
	if each != nil {
		for _, e := range events {
			line++
			each(Entry{id, line, e})
		}
	}
	if t.Ended {
		delete(f.open, id)
		f.done[id] = true
	}
}

// bury gives an end to the runs whose process is gone.
func (f *follower) bury(each func(Entry)) {
	for id, t := range f.open {
		if alive(t.path) {
			continue
		}
		f.read(id, t, each)
		if f.open[id] == nil {
			continue
		}
		events, err := Read(f.dir, id)
		if err == nil && len(events) > 0 && events[len(events)-1].Ended != nil {
			each(Entry{id, len(events), events[len(events)-1]})
		}
		delete(f.open, id)
		f.done[id] = true
	}
}
