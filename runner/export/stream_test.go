package export

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

func TestLargeTableIsReadInPartsInTheSameOrder(t *testing.T) {
	db, err := duckdb.Open(t.Context(), duckdb.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, db.Exec(t.Context(),
		"create table t as select (i * 7919) % 1000 as k, case when i % 3 = 0 then null else i end as n from range(10000) as r(i)"))
	read := func(maxCells int64) (rows []string, parts int) {
		s, err := newStream(t.Context(), db, Table{Source: runner.Relation{Name: "t"}, OrderBy: []string{"k desc"}},
			func(c engine.Column) string { return qualified(c.Name) })
		require.NoError(t, err)
		s.maxCells = maxCells
		require.NoError(t, s.each(t.Context(), db, func(found engine.Rows) error {
			parts++
			return engine.Each(found, func(row []any) error {
				rows = append(rows, fmt.Sprint(row...))
				return nil
			})
		}))
		return rows, parts
	}
	whole, parts := read(20_000)
	require.Equal(t, 1, parts)
	require.Len(t, whole, 10_000)
	for cells, want := range map[int64]int{19_999: 2, 6_000: 4, 2_000: 10} {
		again, parts := read(cells)
		require.Equal(t, want, parts)
		require.Equal(t, whole, again)
	}
}
