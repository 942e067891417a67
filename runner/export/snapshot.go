package export

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// mainSchema is where names without a schema are looked up in a snapshot.
const mainSchema = "main"

// writeSnapshot writes a database of the engine's own with every table under its public name, as a view where it says so.
// A view in schema main lets each be found by its bare name too; of several with the same name, the first one gets it.
// Unlike those of the other formats the bytes are not the same each time, for a database has an identity; the rows and
// their order are.
func writeSnapshot(ctx context.Context, e engine.Engine, path string, tables []Table) ([]int64, error) {
	entries := make([]engine.SnapshotEntry, 0, 2*len(tables))
	counts := make([]string, len(tables))
	taken := map[string]bool{}
	for i, t := range tables {
		entry := engine.SnapshotEntry{Relation: t.Public, Query: t.View, View: true}
		if t.View == "" {
			query, err := ordered(ctx, e, t)
			if err != nil {
				return nil, err
			}
			entry = engine.SnapshotEntry{Relation: t.Public, Query: query}
		}
		entries = append(entries, entry)
		counts[i] = "0" // a view's rows are not in the file, and counting them may cost as much as computing them
		if t.View == "" {
			counts[i] = fmt.Sprintf("(select count(*) from %s)", t.Source)
		}
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
			Relation: runner.Relation{Schema: mainSchema, Name: t.Public.Name}, Query: "select * from " + t.Public.String(), View: true,
		})
	}
	if err := e.Snapshot(ctx, path, entries); err != nil || len(tables) == 0 {
		return nil, err
	}
	row, err := engine.One(ctx, e, "select "+strings.Join(counts, ", "))
	if err != nil {
		return nil, err
	}
	rows := make([]int64, len(row))
	for i, v := range row {
		rows[i], _ = v.(int64) // what count(*) is in every engine
	}
	return rows, nil
}

// Versioned is the name of the snapshot of one run behind the name that people use: analytics.duckdb becomes
// analytics-<runID>.duckdb. Databases must not be renamed over: programs that have the old one open would mix the two.
func Versioned(path, runID string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "-" + runID + ext
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
