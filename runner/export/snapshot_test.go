package export_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/export"
)

// A view of a snapshot reads the tables of the snapshot, also where the file is attached to another database.
func TestSnapshotWithViews(t *testing.T) {
	dir := t.TempDir()
	db := open(t, duckdb.Config{Path: filepath.Join(dir, "w.duckdb")}, "create schema _elt",
		"create table _elt.ads__1 as select 1 as clicks union all select 2", "create view _elt.clean__1 as select clicks from _elt.ads__1 where clicks > 1")
	ads, clean := table("ads"), table("clean")
	clean.Public, clean.View = runner.Relation{Schema: "cleaning", Name: "clean"}, "-- as the analyst wrote it\nselect clicks from reports.ads where clicks > 1"
	item := export.Item{Format: "duckdb", Path: filepath.Join(dir, "s.duckdb"), Tables: []export.Table{ads, clean}}
	w := publish(t, db, item)
	require.Equal(t, map[string]int64{"ads": 2, "clean": 0}, w.Tables)

	snap := open(t, duckdb.Config{Path: item.Path, ReadOnly: true})
	infos, err := snap.Relations(t.Context(), "cleaning")
	require.NoError(t, err)
	require.Equal(t, []engine.Info{{Relation: clean.Public, View: true, Rows: -1}}, infos)
	other := open(t, duckdb.Config{}, "attach "+runner.Literal(item.Path)+" as published (read_only)")
	for _, c := range []struct {
		db    *duckdb.DB
		query string
	}{
		{snap, "select clicks from cleaning.clean"},
		{snap, "select clicks from clean"},
		{other, "select clicks from published.cleaning.clean"},
		{other, "select clicks from published.clean"},
	} {
		row, err := engine.One(t.Context(), c.db, c.query)
		require.NoError(t, err, c.query)
		require.Equal(t, []any{int64(2)}, row, c.query)
	}
}
