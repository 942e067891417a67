package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/ingest"
	"elt/runner/state"
)

// Finding is one thing that Debug has looked at.
type Finding struct {
	Name  string
	Found string
	Err   error
}

// Debug checks whatever a run needs, without changing anything.
func Debug(ctx context.Context, o Options) []Finding {
	w, err := Open(ctx, o)
	if err != nil {
		return []Finding{{Name: "project", Found: o.Dir, Err: err}}
	}
	p := w.Project
	findings := []Finding{
		{Name: "project", Found: fmt.Sprintf("%s in %s: %s, %s, %s, %s", p.Name, p.Dir, plural(len(p.Sources), "source"),
			plural(len(p.Seeds), "seed"), plural(len(p.Models), "model"), plural(len(p.Tests), "test"))},
		{Name: "target", Found: fmt.Sprintf("%s, schema %s, %s", p.Target.Name, p.Target.Schema, plural(o.threads(p), "thread"))},
		w.debugEngine(ctx),
		w.debugFolder("output", w.files.output),
		w.debugState(ctx),
	}
	for _, s := range p.Sources {
		if s.Load != nil {
			findings = append(findings, w.debugSource(ctx, s))
		}
	}
	if others := w.unread(w.sourceFiles()); len(others) > 0 {
		findings = append(findings, Finding{Name: "other files", Found: strings.Join(others, ", ") + ": no source reads them"})
	}
	return findings
}

func (w *Workspace) debugEngine(ctx context.Context) Finding {
	f := Finding{Name: "engine"}
	db, err := duckdb.Open(ctx, duckdb.Config{})
	if err != nil {
		f.Err = err
		return f
	}
	row, err := engine.One(ctx, db, "select version(), current_setting('memory_limit')")
	if f.Err = errors.Join(err, db.Close()); f.Err != nil {
		return f
	}
	limit := fmt.Sprintf("after the raw files' size, at most %v", row[1])
	if w.Project.Target.MemoryLimit != "" {
		limit = w.Project.Target.MemoryLimit
	}
	f.Found = fmt.Sprintf("DuckDB %v, memory limit %v, warehouse %s", row[0], limit, sizeOf(w.Project.Dir, w.files.warehouse))
	return f
}

func sizeOf(dir, file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return relative(dir, file) + " (not there yet)"
	}
	return fmt.Sprintf("%s (%.1f MB)", relative(dir, file), float64(info.Size())/1e6)
}

// debugFolder checks that files can be written below a folder, or below the nearest one above it that exists.
func (w *Workspace) debugFolder(name, dir string) Finding {
	f := Finding{Name: name, Found: relative(w.Project.Dir, dir)}
	for {
		probe, err := os.CreateTemp(dir, ".elt-debug-*")
		if errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
			dir = filepath.Dir(dir)
			continue
		}
		if err != nil {
			f.Err = &runner.Error{Code: runner.CodePublish, Msg: "cannot write there", Err: err, Hint: "check who may write to " + dir}
			return f
		}
		f.Err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		return f
	}
}

func (w *Workspace) debugState(ctx context.Context) Finding {
	f := Finding{Name: "state", Found: "no runs yet"}
	store, err := state.OpenReadOnly(ctx, w.files.state)
	if errors.Is(err, fs.ErrNotExist) {
		return f
	}
	if err != nil {
		f.Err = err
		return f
	}
	runs, err := store.Runs(ctx, 1)
	if len(runs) > 0 {
		f.Found = fmt.Sprintf("last run %s: %s", runs[0].ID, runs[0].Status)
	}
	f.Err = errors.Join(err, store.Close())
	return f
}

// debugSource looks at the files of a source.
func (w *Workspace) debugSource(ctx context.Context, s *runner.Source) Finding {
	f := Finding{Name: s.Source + "." + s.Name}
	m, err := ingest.Scan(ctx, ingest.Config{Dir: w.Project.Dir, Now: w.options.Clock}, s)
	if err != nil {
		f.Err = err
		return f
	}
	var size int64
	for _, file := range m.Files {
		size += file.Stat.Size
	}
	f.Found = fmt.Sprintf("%s, %.1f MB", plural(len(m.Files), "file"), float64(size)/1e6)
	return f
}
