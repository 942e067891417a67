package duckdb_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/conform"
	"elt/runner/engine/duckdb"
)

func open(t *testing.T, c duckdb.Config) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestConformance(t *testing.T) {
	conform.Run(t, func(t *testing.T) engine.Engine { return open(t, duckdb.Config{}) })
}

func TestVersionIsTheOneLinkedIn(t *testing.T) {
	row, err := engine.One(t.Context(), open(t, duckdb.Config{}), "select version()")
	require.NoError(t, err)
	require.Equal(t, "v"+duckdb.Version, row[0])
}

func TestFilesNamedAsTablesAreVolatile(t *testing.T) {
	forms, err := open(t, duckdb.Config{}).Analyze(t.Context(), []string{"select * from 'x.csv'", "select * from read_parquet('x')"})
	require.NoError(t, err)
	require.Equal(t, []bool{true, true}, []bool{forms[0].Volatile, forms[1].Volatile})
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	require.NoError(t, open(t, duckdb.Config{Path: path}).Exec(t.Context(), "create table t as select 1 as a"))
	_, err := duckdb.Open(t.Context(), duckdb.Config{Path: filepath.Join(path, "nosuch", "x.duckdb"), ReadOnly: true})
	var e *runner.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, runner.CodeState, e.Code)
}

func TestOpenSaysWhatToDoAboutADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	db := open(t, duckdb.Config{Path: path})
	require.NoError(t, db.Exec(t.Context(), "create table t as select range as a from range(1000000)"))
	require.NoError(t, db.Close())
	for _, c := range []struct {
		size int64
		says string
	}{{20_000, "Could not read enough bytes"}, {100, ""}} {
		require.NoError(t, os.Truncate(path, c.size))
		db, err := duckdb.Open(t.Context(), duckdb.Config{Path: path})
		var e *runner.Error
		require.ErrorAs(t, err, &e, "%v %d", db, c.size)
		require.Contains(t, e.Error(), c.says)
		require.NotContains(t, e.Error(), "driver")
		require.Contains(t, e.Hint, "move the file away")
	}
}

func TestSnapshotStandsAlone(t *testing.T) {
	db := open(t, duckdb.Config{Path: filepath.Join(t.TempDir(), "w.duckdb")})
	ctx := t.Context()
	require.NoError(t, db.Exec(ctx, "create schema _elt", "create table _elt.x as select 1 as a"))
	path := filepath.Join(t.TempDir(), "s.duckdb")
	rows, err := db.Snapshot(ctx, path, []engine.SnapshotEntry{
		{Relation: runner.Relation{Schema: "reports", Name: "x"}, Query: "select * from _elt.x"},
		{Relation: runner.Relation{Schema: "main", Name: "x"}, Query: "select * from reports.x", View: true},
	})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 0}, rows)
	snap := open(t, duckdb.Config{Path: path, ReadOnly: true})
	row, err := engine.One(ctx, snap, "select a from x")
	require.NoError(t, err)
	require.Equal(t, []any{int64(1)}, row)
	require.NoError(t, db.Exec(ctx, "create table _elt.y as select 2 as a"))
}
