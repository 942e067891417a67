package duckdb_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

func TestLimitMemory(t *testing.T) {
	db, err := duckdb.Open(t.Context(), duckdb.Config{Path: filepath.Join(t.TempDir(), "w.duckdb")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	limit := func() any {
		row, err := engine.One(t.Context(), db, "select current_setting('memory_limit')")
		require.NoError(t, err)
		return row[0]
	}

	before := limit()
	require.NoError(t, db.LimitMemory(t.Context(), 1<<60))
	require.Equal(t, before, limit(), "what the machine has is the most")
	require.NoError(t, db.LimitMemory(t.Context(), 200<<20))
	require.Equal(t, "200.0 MiB", limit())
	require.NoError(t, db.LimitMemory(t.Context(), 300<<20))
	require.Equal(t, "200.0 MiB", limit(), "it only lowers")

	// What does not fit is kept on disk.
	require.NoError(t, db.LimitMemory(t.Context(), 60<<20))
	row, err := engine.One(t.Context(), db, `select count(*), min(k) from (
	select hash(i) as k, row_number() over (order by hash(i)) as n from range(6000000) as r(i)) where n > 0`)
	require.NoError(t, err)
	require.EqualValues(t, 6_000_000, row[0])

	// What cannot be kept there says what it is.
	_, err = engine.One(t.Context(), db, "select list(i) from range(60000000) as r(i)")
	var refused *engine.SQLError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "Out of Memory", refused.Kind)
}
