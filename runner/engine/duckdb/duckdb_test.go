package duckdb_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

func open(t *testing.T, c duckdb.Config) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestErrorsCarryTheirPlace(t *testing.T) {
	db := open(t, duckdb.Config{})
	err := db.Exec(t.Context(), "create table t as\nselect 1 as a,\n  fo as b from (select 1 as foo)")
	var e *engine.SQLError
	require.ErrorAs(t, err, &e)
	require.Equal(t, []any{"Binder", 3, 3, "fo", "foo"}, []any{e.Kind, e.Line, e.Col, e.Name, e.Like})
}

func TestFormIgnoresHowAQueryIsWritten(t *testing.T) {
	db := open(t, duckdb.Config{})
	forms, err := db.Analyze(t.Context(), []string{
		"select a, sum(b) from t group by a",
		"SELECT a,\n sum(b) -- comment\nFROM t GROUP BY a",
		"select a, sum(c) from t group by a",
		"select now()", "select current_date", "select * from 'x.csv'", "select current_dates from t",
	})
	require.NoError(t, err)
	require.Equal(t, forms[0], forms[1])
	require.NotEqual(t, forms[0].Hash, forms[2].Hash)
	require.Equal(t, []bool{false, true, true, true, false}, []bool{
		forms[0].Volatile, forms[3].Volatile, forms[4].Volatile, forms[5].Volatile, forms[6].Volatile,
	})
}

func TestTransactionKeepsAllOrNothing(t *testing.T) {
	db := open(t, duckdb.Config{})
	ctx := t.Context()
	boom := errors.New("boom")
	err := db.InTx(ctx, func(s engine.Session) error {
		require.NoError(t, s.Exec(ctx, "create table a as select 1 as x"))
		return boom
	})
	require.ErrorIs(t, err, boom)
	require.NoError(t, db.InTx(ctx, func(s engine.Session) error { return s.Exec(ctx, "create table b as select 1 as x") }))
	infos, err := db.Relations(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, []engine.Info{{Relation: runner.Relation{Schema: "main", Name: "b"}, Rows: 1}}, infos)
}

func TestCancelStopsAQuery(t *testing.T) {
	db := open(t, duckdb.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := db.Exec(ctx, "create table big as select count(*) from range(1000000) a, range(1000000) b")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestSnapshotStandsAlone(t *testing.T) {
	db := open(t, duckdb.Config{Path: filepath.Join(t.TempDir(), "w.duckdb")})
	ctx := t.Context()
	require.NoError(t, db.Exec(ctx, "create schema _elt", "create table _elt.x as select 1 as a"))
	path := filepath.Join(t.TempDir(), "s.duckdb")
	require.NoError(t, db.Snapshot(ctx, path, []engine.SnapshotEntry{
		{Relation: runner.Relation{Schema: "reports", Name: "x"}, Query: "select * from _elt.x"},
		{Relation: runner.Relation{Schema: "main", Name: "x"}, Query: "select * from reports.x", View: true},
	}))
	snap := open(t, duckdb.Config{Path: path, ReadOnly: true})
	row, err := engine.One(ctx, snap, "select a from x")
	require.NoError(t, err)
	require.Equal(t, []any{int64(1)}, row)
	require.NoError(t, db.Exec(ctx, "create table _elt.y as select 2 as a"))
}
