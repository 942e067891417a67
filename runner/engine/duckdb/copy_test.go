package duckdb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

func TestCopyWritesCSV(t *testing.T) {
	db := open(t, duckdb.Config{})
	path := filepath.Join(t.TempDir(), "it's.csv")
	rows, err := db.Copy(t.Context(), "select 1 as a, null as b, '' as \"c d\" -- one\nunion all select 2, 'x,y', 'z' order by a desc", path, engine.CSV)
	require.NoError(t, err)
	require.EqualValues(t, 2, rows)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "a,b,c d\n2,\"x,y\",z\n1,,\"\"\n", string(text))
}

func TestCopyWritesRowGroupsOfOneSize(t *testing.T) {
	db := open(t, duckdb.Config{Threads: 4})
	path := filepath.Join(t.TempDir(), "t.parquet")
	rows, err := db.Copy(t.Context(), "select i from range(300000) as r(i) order by i", path, engine.Parquet)
	require.NoError(t, err)
	require.EqualValues(t, 300000, rows)
	found, err := db.Query(t.Context(), "select row_group_num_rows, compression from parquet_metadata("+runner.Literal(path)+") order by row_group_id")
	require.NoError(t, err)
	var groups []any
	require.NoError(t, engine.Each(found, func(row []any) error {
		require.Equal(t, "ZSTD", row[1])
		groups = append(groups, row[0])
		return nil
	}))
	require.Equal(t, []any{int64(122880), int64(122880), int64(54240)}, groups)
}

func TestSnapshotThatFailsLetsGoOfItsFile(t *testing.T) {
	db := open(t, duckdb.Config{Path: filepath.Join(t.TempDir(), "w.duckdb")})
	path := filepath.Join(t.TempDir(), "s.duckdb")
	x := runner.Relation{Schema: "reports", Name: "x"}
	for range 2 {
		_, err := db.Snapshot(t.Context(), path, []engine.SnapshotEntry{{Relation: x, Query: "select 1 as a"}, {Relation: runner.Relation{Schema: "reports", Name: "y"}, Query: "select b from missing"}})
		require.ErrorContains(t, err, "snapshot reports.y")
		require.NoError(t, os.Remove(path))
	}
	require.NoError(t, db.Exec(t.Context(), "create table still_here as select 1 as a"))
	row, err := engine.One(t.Context(), db, "select count(*) from main.still_here")
	require.NoError(t, err)
	require.Equal(t, []any{int64(1)}, row)
	_, err = db.Snapshot(t.Context(), path, []engine.SnapshotEntry{{Relation: x, Query: "select 1 as a"}})
	require.NoError(t, err)
}

func TestSnapshotGoesOnWithoutWhatIsOptional(t *testing.T) {
	db := open(t, duckdb.Config{Path: filepath.Join(t.TempDir(), "w.duckdb")})
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "s.duckdb")
	main := func(name string) runner.Relation { return runner.Relation{Schema: "main", Name: name} }
	require.NoError(t, db.Exec(ctx, "create macro doubled(n) as n * 2", "create table x as select 1 as a", "create view bad as select error('no') as a"))
	rows, err := db.Snapshot(ctx, path, []engine.SnapshotEntry{
		{Relation: main("bad"), Query: "select * from bad", Optional: true},
		{Relation: main("x"), Query: "select * from x"},
		{Relation: main("view"), View: true, Query: "select a from main.x", Optional: true, Rows: "select 0"},
		{Relation: main("copied"), View: true, Query: "select doubled(a) as a from main.x", Optional: true, Rows: "select doubled(a) as a from x union all select 5"},
		{Relation: main("above_bad"), View: true, Query: "select * from main.bad", Optional: true},
	})
	require.NoError(t, err)
	require.Equal(t, []int64{-1, 1, 0, 2, -1}, rows)
	snap := open(t, duckdb.Config{Path: path, ReadOnly: true})
	row, err := engine.One(ctx, snap, "select (select a from view), (select sum(a) from copied), (select count(*) from information_schema.tables)")
	require.NoError(t, err)
	require.Equal(t, "[1 7 3]", fmt.Sprint(row))
}
