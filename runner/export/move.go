package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Move brings one finished file from its temporary to its final name, within one directory.
type Move struct {
	Temp  string `json:"temp"`
	Final string `json:"final"`
}

// Temp is the temporary name of a file for one run: .<base>.<runID>.tmp in the same directory. runID must not contain
// a dot.
func Temp(path, runID string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+runID+".tmp")
}

// Prepare makes the item's link, if it has one, under a temporary name and gives the moves that publish the item, in
// their order. The file at Temp(item.Path, runID) must have been written.
func Prepare(item Item, runID string) ([]Move, error) {
	moves := []Move{{Temp: Temp(item.Path, runID), Final: item.Path}}
	if item.Link == "" {
		return moves, nil
	}
	target, err := filepath.Rel(filepath.Dir(item.Link), item.Path)
	if err != nil {
		return nil, fmt.Errorf("link %s: %w", item.Link, err)
	}
	temp := Temp(item.Link, runID)
	if err := remove(temp); err != nil {
		return nil, err
	}
	if err := os.Symlink(target, temp); err != nil {
		return nil, fmt.Errorf("link %s: %w", item.Link, err)
	}
	return append(moves, Move{Temp: temp, Final: item.Link}), nil
}

// Commit renames in order and then syncs the directories, so that the new names survive a power cut. It may be called
// again after a crash: a move whose temporary file is gone while the final one is there has been done.
func Commit(moves []Move) error {
	var dirs []string
	for _, m := range moves {
		err := os.Rename(m.Temp, m.Final)
		if errors.Is(err, fs.ErrNotExist) {
			if _, there := os.Lstat(m.Final); there == nil {
				err = nil
			}
		}
		if err != nil {
			return fmt.Errorf("publish %s: %w", m.Final, err)
		}
		if dir := filepath.Dir(m.Final); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		if err := syncDir(dir); err != nil {
			return fmt.Errorf("sync %s: %w", dir, err)
		}
	}
	return nil
}

// Discard removes the temporary files of moves that will not be committed.
func Discard(moves []Move) error {
	var errs []error
	for _, m := range moves {
		errs = append(errs, remove(m.Temp))
	}
	return errors.Join(errs...)
}

var tempName = regexp.MustCompile(`^\..+\.([^.]+)\.tmp(\.wal|-journal)?$`)

// Leftovers finds the temporary files in the directories of runs that keep does not want. A directory that does not exist has none.
func Leftovers(dirs []string, keep func(runID string) bool) ([]string, error) {
	var out []string
	for _, dir := range dirs {
		found, err := list(dir, func(name string) bool {
			m := tempName.FindStringSubmatch(name)
			return m != nil && !keep(m[1])
		})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// RemoveLeftovers removes what Leftovers finds and gives the paths it removed.
func RemoveLeftovers(dirs []string, keep func(runID string) bool) ([]string, error) {
	found, err := Leftovers(dirs, keep)
	if err != nil {
		return nil, err
	}
	for i, path := range found {
		if err := os.Remove(path); err != nil {
			return found[:i], err
		}
	}
	return found, nil
}

// Dirs are the directories that the items are written to, without repeats.
func Dirs(items []Item) []string {
	var dirs []string
	for _, item := range items {
		for _, path := range []string{item.Path, item.Link} {
			if dir := filepath.Dir(path); path != "" && !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// list gives the paths of the files in a directory whose names match, in order of name.
func list(dir string, match func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() && match(e.Name()) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out, err
}

// remove removes a temporary file and what databases put beside theirs. That there is none is no error.
func remove(temp string) error {
	var errs []error
	for _, suffix := range []string{"", ".wal", "-journal"} {
		if err := os.Remove(temp + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// syncDir makes renames in a directory last. Systems that cannot sync a directory do not need it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if err != nil && strings.Contains(err.Error(), "invalid argument") {
		err = nil
	}
	return errors.Join(err, d.Close())
}
