package pipeline

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/ingest"
)

// unreadLimit is how many files without a source a run names.
const unreadLimit = 3

// warnUnread tells of data beside that of sources which no source reads: someone may wait to see it in a report.
func (w *Workspace) warnUnread() {
	read := w.sourceFiles()
	others := slices.DeleteFunc(w.unread(read), func(file string) bool { return !ingest.IsData(file) })
	for i, file := range others {
		if i == unreadLimit {
			w.options.Log.Warn().Msgf("no source reads %d more files; `elt debug` lists them", len(others)-i)
			return
		}
		what := "declare a source for it, or move it out of " + path.Dir(file)
		if s := meant(file, read); s != nil {
			what = fmt.Sprintf("if it is for %s.%s, take it up in `files` at %s; else move it out of %s", s.Source, s.Name, s.Load.Pos, path.Dir(file))
		}
		w.options.Log.Warn().Msgf("no source reads %s: %s", file, what)
	}
}

// sourceFiles are the files that the patterns of sources match, each with its source.
func (w *Workspace) sourceFiles() map[string]*runner.Source {
	read := map[string]*runner.Source{}
	for _, s := range w.Project.Sources {
		if s.Load == nil {
			continue
		}
		for _, pattern := range s.Load.Files {
			names, _ := ingest.Match(w.Project.Dir, filepath.ToSlash(pattern)) // whoever reads them says what is wrong
			for _, name := range names {
				read[name] = s
			}
		}
	}
	return read
}

// meant is the source that a file is for by its name; nil if none is near.
func meant(file string, read map[string]*runner.Source) *runner.Source {
	byName := map[string]*runner.Source{}
	for name, s := range read {
		if path.Dir(name) == path.Dir(file) {
			byName[path.Base(name)] = s
		}
	}
	return byName[runner.Suggest(path.Base(file), slices.Collect(maps.Keys(byName)))]
}

// unread lists files that lie beside those of sources, and that no source reads.
func (w *Workspace) unread(read map[string]*runner.Source) []string {
	folders := map[string]bool{}
	for file := range read {
		folders[path.Dir(file)] = true
	}
	var others []string
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		entries, _ := os.ReadDir(filepath.Join(w.Project.Dir, filepath.FromSlash(folder)))
		for _, e := range entries {
			if name := path.Join(folder, e.Name()); !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && read[name] == nil {
				others = append(others, name)
			}
		}
	}
	return others
}
