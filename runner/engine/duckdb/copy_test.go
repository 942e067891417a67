package duckdb_test

import (
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
		err := db.Snapshot(t.Context(), path, []engine.SnapshotEntry{{Relation: x, Query: "select 1 as a"}, {Relation: runner.Relation{Schema: "reports", Name: "y"}, Query: "select b from missing"}})
		require.ErrorContains(t, err, "snapshot reports.y")
		require.NoError(t, os.Remove(path))
	}
	require.NoError(t, db.Exec(t.Context(), "create table still_here as select 1 as a"))
	row, err := engine.One(t.Context(), db, "select count(*) from main.still_here")
	require.NoError(t, err)
	require.Equal(t, []any{int64(1)}, row)
	require.NoError(t, db.Snapshot(t.Context(), path, []engine.SnapshotEntry{{Relation: x, Query: "select 1 as a"}}))
}
