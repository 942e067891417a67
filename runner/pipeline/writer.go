package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/engine/duckdb"
	"elt/runner/export"
	"elt/runner/ingest"
	"elt/runner/state"
)

// writer is a workspace with the right to write: it holds the lock, the state store and the warehouse.
type writer struct {
	*Workspace
	lock      *state.Lock
	store     *state.Store
	warehouse *duckdb.DB
	planned   *Planned // the last plan that was made; nil before
}

// write takes the lock, opens what a run writes to and completes what an earlier run was cut off from.
func (w *Workspace) write(ctx context.Context) (_ *writer, err error) {
	o := w.options
	wr := &writer{Workspace: w}
	defer func() {
		if err != nil {
			err = errors.Join(err, wr.close())
		}
	}()
	wr.lock, err = state.Acquire(ctx, w.files.lock, state.LockOptions{
		Command: o.Command, Wait: o.Wait, Clock: o.Clock, Waiting: func(reason string) {
			o.Log.Info().Msg("waiting: " + reason)
			o.stage("wait for another run")
		},
	})
	if err != nil {
		return nil, err
	}
	store, err := state.Open(ctx, w.files.state, o.Clock)
	if err != nil {
		return nil, err
	}
	wr.store = store.In(w.Project.Target.Name)
	if err := os.RemoveAll(w.files.temp); err != nil {
		return nil, fmt.Errorf("remove temporary files of earlier runs: %w", err)
	}
	if err := os.MkdirAll(w.files.temp, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder for temporary files: %w", err)
	}
	wr.warehouse, err = duckdb.Open(ctx, duckdb.Config{
		Path: w.files.warehouse, Threads: o.threads(w.Project), MemoryLimit: w.Project.Target.MemoryLimit, TempDir: w.files.temp,
	})
	if err != nil {
		return nil, err
	}
	return wr, wr.tidy(ctx)
}

// tidy makes the private schema and completes or removes what a run that was cut off has left.
func (w *writer) tidy(ctx context.Context) error {
	err := w.warehouse.Exec(ctx, "create schema if not exists "+runner.Quote(build.Schema), ingest.CreateRejects(build.Rejects()),
		ingest.GrowRejects(build.Rejects()))
	if err != nil {
		return err
	}
	cutOff, err := w.publisher().Recover(ctx)
	if err != nil {
		return err
	}
	if cutOff != "" {
		w.options.Log.Info().Msgf("completed the publish of run %s, which was cut off", cutOff)
	}
	dirs, err := w.exportDirs(ctx)
	if err != nil {
		return err
	}
	_, err = export.RemoveLeftovers(dirs, func(string) bool { return false })
	return err
}

// exportDirs are the folders in which exports are or were written.
func (w *writer) exportDirs(ctx context.Context) ([]string, error) {
	files, err := w.store.ExportFiles(ctx)
	if err != nil {
		return nil, err
	}
	dirs := map[string]bool{w.files.output: true}
	for path := range files {
		dirs[filepath.Dir(filepath.Join(w.files.output, filepath.FromSlash(path)))] = true
	}
	for _, x := range w.Project.Exports {
		dirs[filepath.Dir(filepath.Join(w.files.output, filepath.FromSlash(x.Path)))] = true
	}
	out := make([]string, 0, len(dirs))
	for dir := range dirs {
		out = append(out, dir)
	}
	return out, nil
}

func (w *writer) publisher() build.Publisher {
	return build.Publisher{
		Engine: w.warehouse, Store: w.store, RunID: w.RunID, Project: w.Project.Name, Published: w.files.published,
		Threads: w.options.threads(w.Project), Clock: w.options.Clock, Observe: w.options.Observe,
	}
}

// close lets go of everything, in the reverse order of taking it.
func (w *writer) close() error {
	var errs []error
	if w.warehouse != nil {
		errs = append(errs, w.warehouse.Close())
	}
	if w.store != nil {
		errs = append(errs, os.RemoveAll(w.files.temp), w.store.Close())
	}
	if w.lock != nil {
		errs = append(errs, w.lock.Release())
	}
	return errors.Join(errs...)
}
