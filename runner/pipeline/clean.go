package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/expect"
	"elt/runner/export"
	"elt/runner/project"
	"elt/runner/state"
)

// Clean removes what runs have made and gives the paths, relative to the project. Raw files are never touched, nor is
// anything that the project's exports do not name. With dry nothing is removed.
func Clean(ctx context.Context, o Options, dry bool) (removed []string, err error) {
	p, err := loadProject(ctx, o)
	if err != nil {
		return nil, err
	}
	f := placesOf(p)
	if _, err := os.Stat(filepath.Dir(f.lock)); err == nil && !dry {
		lock, err := state.Acquire(ctx, f.lock, state.LockOptions{Command: o.Command, Wait: o.Wait, Clock: o.Clock})
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, lock.Release()) }()
	}
	for _, path := range madeByRuns(p, f) {
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		if !dry {
			if err := os.RemoveAll(path); err != nil {
				return removed, fmt.Errorf("remove what runs have made: %w", err)
			}
		}
		removed = append(removed, relative(p.Dir, path))
	}
	return removed, nil
}

// madeByRuns lists what runs may have made, published files by the names that published.json has for them. The lock
// stays: who waits for it holds the file, not its name.
func madeByRuns(p *runner.Project, f files) []string {
	paths := []string{f.target, f.temp, f.runs}
	for _, database := range []string{f.warehouse, f.state} {
		for _, suffix := range []string{"", ".wal", "-wal", "-shm"} {
			paths = append(paths, database+suffix)
		}
	}
	if published, err := export.ReadPublished(f.published); err == nil {
		for _, file := range published.Files {
			if filepath.IsLocal(filepath.FromSlash(file.Path)) {
				paths = append(paths, filepath.Join(f.output, filepath.FromSlash(file.Path)))
			}
		}
	}
	for _, x := range p.Exports {
		path := filepath.Join(f.output, filepath.FromSlash(x.Path))
		if x.Format == "duckdb" {
			versions, _ := export.Versions(path) // a folder that cannot be read has nothing of ours to remove
			paths = append(paths, versions...)
		}
		if !strings.Contains(x.Path, "{name}") {
			paths = append(paths, path)
		}
	}
	paths = append(paths, f.published)
	slices.Sort(paths)
	return slices.Compact(paths)
}

func loading(o Options) project.Options {
	render := compile.YAMLRenderer(o.LookupEnv)
	return project.Options{
		Dir: o.Dir, Target: o.Target, Vars: o.Vars, TestArgs: expect.Kinds(),
		RenderIn: func(text string, in project.Scope, pos runner.Position) (string, error) {
			return render(text, &runner.Project{Name: in.Project, Vars: in.Vars, Target: in.Target}, pos)
		},
	}
}

func loadProject(ctx context.Context, o Options) (*runner.Project, error) {
	p, err := project.Load(ctx, loading(o))
	if err == nil && o.OutputDir != "" {
		p.Paths.Output = o.OutputDir
	}
	return p, err
}

// StatePath is where a project's state store is.
func StatePath(ctx context.Context, o Options) (string, error) {
	p, err := loadProject(ctx, o)
	if err != nil {
		return "", err
	}
	return placesOf(p).state, nil
}
