package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"elt/runner"
	"elt/runner/artifact"
	"elt/runner/engine"
)

// GenerateDocs writes manifest.json, with the compiled SQL of all models, and catalog.json, with the columns that the
// published relations have. It returns the paths, relative to the project directory.
func GenerateDocs(ctx context.Context, o Options) ([]string, error) {
	if _, err := Compile(ctx, o); err != nil {
		return nil, err
	}
	w, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	snapshot, err := w.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := w.catalog(ctx, snapshot)
	if err = errors.Join(err, snapshot.Close()); err != nil {
		return nil, err
	}
	path := filepath.Join(w.files.target, "catalog.json")
	err = artifact.WriteFile(path, func(out io.Writer) error { return artifact.WriteCatalog(out, entries, w.invocation()) })
	return []string{
		relative(w.Project.Dir, filepath.Join(w.files.target, "manifest.json")), relative(w.Project.Dir, path),
	}, err
}

func (w *Workspace) catalog(ctx context.Context, snapshot engine.Engine) ([]artifact.CatalogEntry, error) {
	names, err := w.published(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	declared := w.Declared()
	var entries []artifact.CatalogEntry
	for _, id := range w.Graph.IDs() {
		r := names(id)
		if r.IsZero() {
			continue
		}
		entry, err := catalogEntry(ctx, snapshot, declared[id], r)
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", r.Bare(), err)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func catalogEntry(ctx context.Context, e engine.Engine, n *runner.Node, r runner.Relation) (artifact.CatalogEntry, error) {
	entry := artifact.CatalogEntry{
		ID: n.ID, Kind: n.Kind, Relation: r, View: n.Config.Materialized == runner.View, Comment: n.Description, Rows: -1,
	}
	columns, err := e.Describe(ctx, "select * from "+r.String())
	if err != nil {
		return entry, err
	}
	comments := map[string]string{}
	for _, c := range n.Columns {
		comments[c.Name] = c.Description
	}
	for _, c := range columns {
		entry.Columns = append(entry.Columns, artifact.CatalogColumn{Name: c.Name, Type: c.Type, Comment: comments[c.Name]})
	}
	if !entry.View {
		row, err := engine.One(ctx, e, "select count(*) from "+r.String())
		if err != nil {
			return entry, err
		}
		entry.Rows, _ = row[0].(int64)
	}
	return entry, nil
}
