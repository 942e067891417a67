package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"elt/runner"
	"elt/runner/project/strict"
)

// mostText is the size from which on a SQL, macro or docs file is taken for something else.
const mostText = 8 << 20

// file is one file of the project.
type file struct {
	path string   // relative to the project, with slashes; absolute if it lies outside
	way  []string // folders between the folder it was looked for in and the file
	name string   // without folder and ending
	ext  string   // lower case, with the dot
	text string   // once read
}

// finder collects the files below some folders. Hidden files and folders are passed over.
type finder struct {
	dir     string // of the project
	exts    []string
	files   []file
	folders [][]string // ways of all folders met
	errs    runner.Errors
	seen    map[string]bool // paths
}

// find looks through folders that are relative to the project or absolute, and gives those that do not exist.
func (fd *finder) find(roots []string) (missing []string) {
	fd.seen = map[string]bool{}
	for _, root := range roots {
		full := root
		if !filepath.IsAbs(full) {
			full = filepath.Join(fd.dir, filepath.FromSlash(root))
		}
		info, err := os.Stat(full)
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && !info.IsDir():
			missing = append(missing, root)
			continue
		case err != nil:
			fd.fail(root, err)
			continue
		}
		fd.walk(full, path.Clean(filepath.ToSlash(root)), nil, []fs.FileInfo{info})
	}
	slices.SortFunc(fd.files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return missing
}

// walk goes through one folder. above are the folders it is in, by which a link that leads back is known.
func (fd *finder) walk(full, rel string, way []string, above []fs.FileInfo) {
	entries, err := os.ReadDir(full)
	if err != nil {
		fd.fail(rel, err)
		return
	}
	fd.folders = append(fd.folders, way)
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		sub := path.Join(rel, name)
		isDir := entry.IsDir()
		wanted := slices.Contains(fd.exts, strings.ToLower(filepath.Ext(name)))
		if entry.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(full, name))
			switch {
			case err != nil && wanted:
				fd.fail(sub, err)
				continue
			case err != nil:
				continue
			}
			isDir = info.IsDir()
		}
		switch {
		case isDir:
			fd.enter(filepath.Join(full, name), sub, append(slices.Clone(way), name), above)
		case wanted && !fd.seen[sub]:
			fd.seen[sub] = true
			ext := filepath.Ext(name)
			fd.files = append(fd.files, file{path: sub, way: way, name: strings.TrimSuffix(name, ext), ext: strings.ToLower(ext)})
		}
	}
}

func (fd *finder) enter(full, rel string, way []string, above []fs.FileInfo) {
	info, err := os.Stat(full)
	if err != nil {
		fd.fail(rel, err)
		return
	}
	for _, a := range above {
		if os.SameFile(a, info) {
			fd.errs = append(fd.errs, fileError(rel, "is a link that leads back to a folder above it"))
			return
		}
	}
	fd.walk(full, rel, way, append(slices.Clone(above), info))
}

func (fd *finder) fail(rel string, err error) {
	fd.errs = append(fd.errs, fileError(rel, "cannot be read: "+reason(err)))
}

// reason is what the system says, without the path, which the message names already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func fileError(rel, msg string) *runner.Error {
	return &runner.Error{Code: runner.CodeConfig, Pos: runner.Position{File: filepath.ToSlash(rel)}, Msg: msg}
}

// each reads files with as many goroutines as there are cores and hands each to use, which must be safe for that. The
// error is that of ctx.
func each(ctx context.Context, dir string, files []file, use func(i int, err *runner.Error)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range files {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			text, err := readText(dir, files[i].path)
			files[i].text = text
			use(i, err)
			return nil
		})
	}
	return group.Wait()
}

// readText reads one file without checking what it holds.
func readText(dir, rel string) (string, *runner.Error) {
	full := rel
	if !filepath.IsAbs(full) {
		full = filepath.Join(dir, filepath.FromSlash(rel))
	}
	info, err := os.Stat(full) // before opening, which would wait for the writer of a named pipe
	switch {
	case err != nil:
		return "", fileError(rel, "cannot be read: "+reason(err))
	case !info.Mode().IsRegular():
		return "", fileError(rel, "is not a file")
	case info.Size() > mostText:
		e := fileError(rel, "is too large for a file of a project")
		e.Hint = "data belongs into the data folder"
		return "", e
	}
	data, err := os.ReadFile(full)
	if err != nil {
		return "", fileError(rel, "cannot be read: "+reason(err))
	}
	return string(data), nil
}

// sourceText strips a byte order mark from SQL, macros or docs, and refuses what is not UTF-8.
func sourceText(f *file) *runner.Error {
	f.text = strings.TrimPrefix(f.text, "\ufeff")
	if pos, ok := strict.CheckUTF8(f.path, f.text); !ok {
		e := fileError(f.path, "this line is not UTF-8")
		e.Pos, e.Hint = pos, "save the file as UTF-8"
		return e
	}
	return nil
}
