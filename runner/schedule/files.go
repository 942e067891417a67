package schedule

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"elt/runner/ingest"
)

// stamp tells one state of a file from another.
type stamp struct {
	size     int64
	modified int64
}

// files are those of some globs, and how they were when a run last took note of them.
type files struct {
	globs []string
	seen  map[string]stamp // by path; nil before the first look
	now   map[string]stamp
	since time.Time // since when now is as it is
}

// look compares the files with those seen before. It gives the paths of those that differ once none of them has changed for the
// time of quiet; until then it tells that they are restless. The first look only takes note.
func (f *files) look(dir string, made []string, at time.Time, quiet time.Duration) (changed []string, restless bool) {
	found := scan(dir, f.globs, made)
	if f.seen == nil {
		f.seen, f.now, f.since = found, found, at
		return nil, false
	}
	if !maps.Equal(found, f.now) {
		f.now, f.since = found, at
	}
	if maps.Equal(f.now, f.seen) {
		return nil, false
	}
	if at.Sub(f.since) < quiet {
		return nil, true
	}
	changed = differing(f.seen, f.now)
	f.settle()
	return changed, false
}

// settle takes the files as they were last found for known.
func (f *files) settle() { f.seen = f.now }

// newerThan gives the files that changed after a time; none for the zero time.
func (f *files) newerThan(t time.Time) []string {
	var newer []string
	for path, s := range f.now {
		if !t.IsZero() && s.modified > t.UnixNano() {
			newer = append(newer, path)
		}
	}
	slices.Sort(newer)
	return newer
}

func differing(a, b map[string]stamp) []string {
	var paths []string
	for path, s := range b {
		if before, known := a[path]; !known || before != s {
			paths = append(paths, path)
		}
	}
	for path := range a {
		if _, there := b[path]; !there {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// scan finds the files of globs, without those that runs make. A folder that cannot be read has none.
func scan(dir string, globs, made []string) map[string]stamp {
	found := map[string]stamp{}
	for _, glob := range globs {
		names, err := ingest.Match(dir, filepath.ToSlash(glob))
		if err != nil {
			continue // it may be there at the next look; a run says what is wrong with it
		}
		for _, name := range names {
			path := absolute(dir, name)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !within(path, made) {
				found[name] = stamp{info.Size(), info.ModTime().UnixNano()}
			}
		}
	}
	return found
}

func absolute(dir, name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// within tells whether a path is one of places, or below one.
func within(path string, places []string) bool {
	return slices.ContainsFunc(places, func(place string) bool {
		return path == place || strings.HasPrefix(path, strings.TrimSuffix(place, string(filepath.Separator))+string(filepath.Separator))
	})
}
