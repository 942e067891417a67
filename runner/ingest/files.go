package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"elt/runner"
)

// expand lists the files of a source, relative to dir: pattern by pattern, each in order of names, none twice. Hidden
// files and those of office locks ("~$x.csv") are left out unless a pattern names them.
func expand(dir string, source *runner.Source) ([]string, error) {
	var found []string
	for _, pattern := range source.Load.Files {
		names, err := Match(dir, filepath.ToSlash(pattern))
		if err != nil {
			return nil, &runner.Error{
				Code: runner.CodeLoad, Pos: source.Load.Pos, Msg: "look for " + pattern, Err: plain(err), Hint: hintFor(err),
			}
		}
		if len(names) == 0 && !source.Load.AllowEmpty {
			return nil, &runner.Error{
				Code: runner.CodeLoad, Pos: source.Load.Pos, Msg: "no file matches " + pattern,
				Hint: strings.TrimLeft(similar(dir, filepath.ToSlash(pattern))+" put the file there, mend the pattern (it is relative to the "+
					"project directory), or declare `allow_empty: true` for an empty table", " "),
			}
		}
		for _, name := range names {
			if !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	return found, nil
}

// similar names what stands where a pattern looks in vain, and is called nearly so; empty if nothing does.
func similar(dir, pattern string) string {
	base, rest := doublestar.SplitPattern(path.Clean(pattern))
	for name := range strings.SplitSeq(path.Join(base, rest), "/") {
		entries, _ := os.ReadDir(dir)
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name }) {
			dir = filepath.Join(dir, name)
			continue
		}
		names := make([]string, len(entries))
		for i, e := range entries {
			names[i] = e.Name()
		}
		return runner.DidYouMean(name, names)
	}
	return ""
}

// Match lists the files of one pattern in order, relative to dir as the pattern is. Hidden files are left out unless the
// pattern names one.
func Match(dir, pattern string) ([]string, error) {
	base, rest := doublestar.SplitPattern(path.Clean(pattern))
	if !strings.ContainsAny(rest, `*?[{\`) {
		if _, err := os.Lstat(resolve(dir, path.Join(base, rest))); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			return nil, err
		}
		return []string{path.Join(base, rest)}, nil
	}
	if _, err := os.Stat(resolve(dir, base)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names, err := doublestar.Glob(os.DirFS(resolve(dir, base)), rest, doublestar.WithFailOnIOErrors())
	if err != nil {
		return nil, err
	}
	var files []string
	for _, name := range names {
		last := path.Base(name)
		info, err := os.Stat(resolve(dir, path.Join(base, name)))
		switch {
		case strings.HasPrefix(last, ".") || strings.HasPrefix(last, "~$"):
		case err == nil && info.IsDir() && formatOf(last) == "":
		default: // a folder named like a file is an error later on
			files = append(files, path.Join(base, name))
		}
	}
	slices.Sort(files)
	return files, nil
}

func resolve(dir, name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// formatOf tells the format by the ending of a name, empty if it does not tell.
func formatOf(name string) Format {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	switch path.Ext(name) {
	case ".csv", ".tsv", ".tab", ".txt", ".psv":
		return CSV
	case ".json", ".ndjson", ".jsonl":
		return JSON
	}
	return ""
}

// IsData tells by the name of a file whether it holds data, of a format that is read here or not.
func IsData(name string) bool {
	name = strings.ToLower(path.Base(name))
	others := []string{".xlsx", ".xls", ".parquet", ".zip"}
	return (formatOf(name) != "" || slices.Contains(others, path.Ext(name))) && !strings.HasPrefix(name, "~$") && !strings.HasPrefix(name, "readme.")
}

// look asks the file system about a file and refuses what is none.
func look(dir, name string) (Stat, error) {
	info, err := os.Stat(resolve(dir, name))
	switch {
	case err != nil:
		e := fault(name, 0, "cannot be read", hintFor(err))
		e.Err = plain(err)
		return Stat{}, e
	case info.IsDir():
		return Stat{}, fault(name, 0, "is a directory where a file should be", "move it away, or mend the pattern of the source")
	case !info.Mode().IsRegular():
		return Stat{}, fault(name, 0, fmt.Sprintf("is not a regular file (%s)", info.Mode()), "copy its content to a file")
	}
	return Stat{Size: info.Size(), ModTime: info.ModTime().UnixNano(), Inode: inode(info)}, nil
}

// plain drops the path and the system call from an error of the file system.
func plain(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func hintFor(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "give the user that runs this program the right to read it"
	case errors.Is(err, fs.ErrNotExist):
		return "it has just gone, or is a link to what is not there; run again once it is in place"
	}
	return ""
}

// unchanged fails with ErrChanged if a file is not what it was when it was scanned.
func unchanged(dir string, f File) error {
	now, err := look(dir, f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e := fault(f.Path, 0, "disappeared before it was loaded", "run again once the files are in place")
		e.Err = ErrChanged
		return e
	case err != nil:
		return err
	case now != f.Stat:
		return changed(f.Path)
	}
	return nil
}

func changed(name string) error {
	e := fault(name, 0, "", "run again once nothing writes to it; better, write under another name and rename the file when it is whole")
	e.Err = ErrChanged
	return e
}
