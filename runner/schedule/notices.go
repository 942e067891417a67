package schedule

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/fsnotify/fsnotify"
	"github.com/rs/zerolog"
)

// notices are what the file system tells of folders by itself. Where it tells nothing, changes never come.
type notices struct {
	changes chan struct{} // has one place: one look finds all changes there are
	watcher *fsnotify.Watcher
	known   map[string]bool
	log     zerolog.Logger
}

func newNotices(log zerolog.Logger) *notices {
	n := &notices{changes: make(chan struct{}, 1), known: map[string]bool{}, log: log}
	var err error
	if n.watcher, err = fsnotify.NewWatcher(); err != nil {
		log.Warn().Msg("the system does not tell of changes of files, so they are looked for: " + err.Error())
		n.watcher = nil
		return n
	}
	go n.pass(n.watcher)
	return n
}

// pass hands on that something happened, until the watcher is closed.
func (n *notices) pass(w *fsnotify.Watcher) {
	for {
		select {
		case _, open := <-w.Events:
			if !open {
				return
			}
		case _, open := <-w.Errors: // of an overflow: something happened, too
			if !open {
				return
			}
		}
		select {
		case n.changes <- struct{}{}:
		default:
		}
	}
}

// watch begins to watch the folders that are not watched yet.
func (n *notices) watch(folders []string) {
	if n.watcher == nil {
		return
	}
	wanted := map[string]bool{}
	for _, folder := range folders {
		wanted[folder] = true
		if n.known[folder] {
			continue
		}
		if err := n.watcher.Add(folder); err != nil {
			n.log.Warn().Msgf("changes below %s are looked for, for the system does not tell of them: %s", folder, err)
		}
		n.known[folder] = true
	}
	for folder := range n.known {
		if !wanted[folder] {
			_ = n.watcher.Remove(folder) // it may be gone already
			delete(n.known, folder)
		}
	}
}

func (n *notices) close() {
	if n.watcher != nil {
		_ = n.watcher.Close() // nothing was written
	}
}

// roots are the folders in which files of the watched globs may come and go.
func (s *Scheduler) roots() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]bool{}
	for _, e := range s.entries {
		if !e.Enabled || e.memory.Paused {
			continue
		}
		for _, glob := range e.Watch {
			for _, folder := range foldersOf(s.config.Dir, glob) {
				found[folder] = true
			}
		}
	}
	out := make([]string, 0, len(found))
	for folder := range found {
		out = append(out, folder)
	}
	return out
}

// mostFolders is how many folders below one glob are watched; changes in others are found by looking.
const mostFolders = 1000

// foldersOf are the folders in which files of a glob may be: that before its first wildcard, or the nearest one above that
// exists, and those below it as far as the glob goes.
func foldersOf(dir, glob string) []string {
	base, rest := doublestar.SplitPattern(path.Clean(filepath.ToSlash(glob)))
	root := absolute(dir, base)
	for {
		if info, err := os.Stat(root); err == nil && info.IsDir() {
			break
		}
		up := filepath.Dir(root)
		if up == root {
			return nil
		}
		root, rest = up, "" // until there is more
	}
	folders := []string{root}
	if !strings.Contains(rest, "/") {
		return folders
	}
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error { // what cannot be read is looked at by the scan
		switch {
		case err != nil || name == root:
			return nil //nolint:nilerr // the rest may be read
		case !d.IsDir():
			return nil
		case strings.HasPrefix(d.Name(), ".") || len(folders) >= mostFolders:
			return fs.SkipDir
		}
		folders = append(folders, name)
		return nil
	})
	return folders
}
