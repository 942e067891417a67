package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/state"
)

// Snapshot opens the published snapshot for the project's own SQL to read. A run that is writing does not disturb it, and
// neither does the next publish. A project of dbt's, which may hold more than it builds, and one that exports no snapshot are
// read from the warehouse, which a run that is writing locks. The caller closes it.
func (w *Workspace) Snapshot(ctx context.Context) (*duckdb.DB, error) {
	path, err := w.readable()
	if err != nil {
		return nil, err
	}
	return duckdb.Open(ctx, duckdb.Config{Path: path, ReadOnly: true, TempDir: queryTemp()})
}

// Reader opens what Snapshot opens for SQL that anyone may have typed: see duckdb.Reader. Limits without a TempDir spill
// to the system's folder for temporary files.
func (w *Workspace) Reader(ctx context.Context, limits duckdb.Limits) (*duckdb.Reader, error) {
	path, err := w.readable()
	if err != nil {
		return nil, err
	}
	return openReader(ctx, path, limits)
}

// WarehouseReader is Reader on the warehouse itself, which has private relations and what store_failures keeps, too. A run
// that is writing locks it.
func (w *Workspace) WarehouseReader(ctx context.Context, limits duckdb.Limits) (*duckdb.Reader, error) {
	path, err := w.standingWarehouse()
	if err != nil {
		return nil, err
	}
	return openReader(ctx, path, limits)
}

func openReader(ctx context.Context, path string, limits duckdb.Limits) (*duckdb.Reader, error) {
	if limits.TempDir == "" {
		limits.TempDir = queryTemp()
	}
	return duckdb.OpenReader(ctx, path, limits)
}

func queryTemp() string { return filepath.Join(os.TempDir(), "elt-query") }

// readable is the path of the published snapshot or of the warehouse: see Snapshot.
func (w *Workspace) readable() (string, error) {
	link := w.Places().Snapshot
	if link == "" || w.Project.DBT {
		return w.standingWarehouse()
	}
	path, err := filepath.EvalSymlinks(link)
	if errors.Is(err, fs.ErrNotExist) {
		return "", &runner.Error{
			Code: runner.CodeState, Msg: "nothing is published yet: there is no " + relative(w.Project.Dir, link),
			Hint: "`elt run` builds and publishes it",
		}
	}
	if err != nil {
		return "", fmt.Errorf("find the snapshot: %w", err)
	}
	return path, nil
}

func (w *Workspace) standingWarehouse() (string, error) {
	if _, err := os.Stat(w.files.warehouse); errors.Is(err, fs.ErrNotExist) {
		return "", &runner.Error{
			Code: runner.CodeState, Msg: "nothing is built yet: there is no " + relative(w.Project.Dir, w.files.warehouse),
			Hint: "`elt run` builds it",
		}
	}
	return w.files.warehouse, nil
}

// published gives the public names of the nodes that a snapshot holds, and nothing for the others.
func (w *Workspace) published(ctx context.Context, snapshot engine.Inspector) (compile.Names, error) {
	schemas := map[string]bool{}
	for _, id := range w.Graph.IDs() {
		if r := w.Compiler.Public(id); !r.IsZero() {
			schemas[r.Schema] = true
		}
	}
	standing, err := engine.Standing(ctx, snapshot, slices.Sorted(maps.Keys(schemas))...)
	if err != nil {
		return nil, err
	}
	return func(id string) runner.Relation {
		if r := w.Compiler.Public(id); standing[r] {
			return r
		}
		return runner.Relation{}
	}, nil
}

// look opens the state store for reading, or an empty one where nothing is recorded yet.
func (w *Workspace) look(ctx context.Context) (*state.Store, func() error, error) {
	store, err := state.OpenReadOnly(ctx, w.files.state)
	if err == nil {
		return store.In(w.Project.Target.Name), store.Close, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "elt-state-")
	if err != nil {
		return nil, nil, fmt.Errorf("look at the state: %w", err)
	}
	store, err = state.Open(ctx, filepath.Join(dir, "state.db"), w.options.Clock)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return store, func() error { return errors.Join(store.Close(), os.RemoveAll(dir)) }, nil
}

// Plan tells what Run would do. It writes nothing and needs no lock, so that it can be asked at any time.
func Plan(ctx context.Context, o Options) (*Workspace, *Planned, error) {
	w, err := Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	store, closeStore, err := w.look(ctx)
	if err != nil {
		return nil, nil, err
	}
	parser, err := duckdb.Open(ctx, duckdb.Config{Threads: 1})
	if err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	_, missing := os.Stat(w.files.warehouse)
	recorded := func(runner.Relation) bool { return missing == nil }
	planned, err := w.planFrom(ctx, store, parser, recorded)
	if err == nil {
		w.warnUnmatched(planned.Selection)
		w.warnUnread()
	}
	return w, planned, errors.Join(interrupted(ctx, err), parser.Close(), closeStore())
}
