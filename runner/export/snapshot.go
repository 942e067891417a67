package export

import (
	"context"
	"path/filepath"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// mainSchema is where names without a schema are looked up in a snapshot.
const mainSchema = "main"

// writeSnapshot writes a database of the engine's own with every table under its public name, as a view where it says so
// (an optional one, if the engine can). A view in schema main lets each be found by its bare name too; of several with the
// same name, the first one gets it. Unlike those of the other formats the bytes are not the same each time, for a database
// has an identity; the rows and their order are, but for those of optional tables, whose order is that of the warehouse.
func writeSnapshot(ctx context.Context, e engine.Engine, path string, tables []Table) ([]int64, error) {
	entries := make([]engine.SnapshotEntry, 0, 2*len(tables))
	taken := map[string]bool{}
	for _, t := range tables {
		rows := "select * from " + t.Source.String()
		if t.View == "" && !t.Optional {
			var err error
			if rows, err = ordered(ctx, e, t); err != nil {
				return nil, err
			}
		}
		entry := engine.SnapshotEntry{Relation: t.Public, Query: rows, Optional: t.Optional}
		if t.View != "" {
			entry.View, entry.Query, entry.Rows = true, t.View, rows
		}
		entries = append(entries, entry)
		if t.Public.Schema == mainSchema {
			taken[strings.ToLower(t.Public.Name)] = true
		}
	}
	for _, t := range tables {
		bare := strings.ToLower(t.Public.Name)
		if taken[bare] {
			continue
		}
		taken[bare] = true
		entries = append(entries, engine.SnapshotEntry{
			Relation: runner.Relation{Schema: mainSchema, Name: t.Public.Name}, Query: "select * from " + t.Public.String(),
			View: true, Optional: t.Optional,
		})
	}
	rows, err := e.Snapshot(ctx, path, entries)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i] = max(rows[i], 0)
	}
	return rows[:len(tables)], nil
}

// Versioned is the name of the snapshot of one run behind the name that people use: analytics.duckdb becomes
// analytics-<runID>.duckdb. Databases must not be renamed over: programs that have the old one open would mix the two.
func Versioned(path, runID string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "-" + runID + ext
}

// Unversioned is the name that people use for a snapshot that Versioned has named.
func Unversioned(path, runID string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(strings.TrimSuffix(path, ext), "-"+runID) + ext
}

// Versions are the files that Versioned has named for path, whatever their run, in order of name.
func Versions(path string) ([]string, error) {
	dir, base := filepath.Split(path)
	ext := filepath.Ext(base)
	prefix := strings.TrimSuffix(base, ext) + "-"
	return list(dir, func(name string) bool {
		return strings.HasPrefix(name, prefix) && strings.HasSuffix(name, ext) && len(name) > len(prefix)+len(ext)
	})
}
