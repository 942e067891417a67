// Package conform holds every engine to the same behaviour: an engine's test calls Run with a way to open it. It is
// imported by tests only.
package conform

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
)

// Run checks an engine. open gives an empty one, which is closed when its test ends.
func Run(t *testing.T, open func(t *testing.T) engine.Engine) {
	for name, check := range map[string]func(*testing.T, engine.Engine){
		"errors carry their place":               errorsCarryTheirPlace,
		"a form ignores how a query is written":  formsIgnoreWriting,
		"a form knows what is volatile":          formsKnowVolatile,
		"a transaction keeps all or nothing":     transactions,
		"relations are listed by name":           relations,
		"a query can be described":               describes,
		"values come in few types":               values,
		"a cancelled context stops a query":      cancels,
		"a CSV file is read or refused as whole": loads,
		"rows are copied in the query's order":   copies,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

func errorsCarryTheirPlace(t *testing.T, e engine.Engine) {
	err := e.Exec(t.Context(), "create table t as\nselect 1 as a,\n  fo as b from (select 1 as foo) as x")
	var refused *engine.SQLError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []any{3, 3, "foo"}, []any{refused.Line, refused.Col, refused.Like})
}

func formsIgnoreWriting(t *testing.T, e engine.Engine) {
	forms, err := e.Analyze(t.Context(), []string{
		"select a, sum(b) from t group by a", "SELECT a,\n sum(b) -- comment\nFROM t GROUP BY a", "select a, sum(c) from t group by a",
	})
	require.NoError(t, err)
	require.Equal(t, forms[0], forms[1])
	require.NotEqual(t, forms[0].Hash, forms[2].Hash)
}

func formsKnowVolatile(t *testing.T, e engine.Engine) {
	for query, volatile := range map[string]bool{
		"select a from t": false, "select current_date": true, "select current_timestamp": true, "select current_dates from t": false,
		"select random()": true, "with x as (select now() as n) select n from x": true,
	} {
		forms, err := e.Analyze(t.Context(), []string{query})
		require.NoError(t, err)
		require.Equal(t, volatile, forms[0].Volatile, query)
	}
}

func transactions(t *testing.T, e engine.Engine) {
	ctx, boom := t.Context(), errors.New("boom")
	err := e.InTx(ctx, func(s engine.Session) error {
		require.NoError(t, s.Exec(ctx, "create table a as select 1 as x"))
		return boom
	})
	require.ErrorIs(t, err, boom)
	require.NoError(t, e.InTx(ctx, func(s engine.Session) error {
		if err := s.Exec(ctx, "create table b as select 1 as x"); err != nil {
			return err
		}
		columns, err := engine.ColumnsOf(ctx, s, runner.Relation{Name: "b"})
		require.Len(t, columns, 1, "a transaction sees what it made")
		return err
	}))
	require.Error(t, e.Exec(ctx, "select * from a"))
	require.NoError(t, e.Exec(ctx, "select * from b"))
}

func relations(t *testing.T, e engine.Engine) {
	ctx := t.Context()
	require.NoError(t, e.Exec(ctx, "create schema s", "create table s.b as select 1 as x union all select 2", "create view s.a as select * from s.b"))
	infos, err := e.Relations(ctx, "s")
	require.NoError(t, err)
	require.Equal(t, []engine.Info{
		{Relation: runner.Relation{Schema: "s", Name: "a"}, View: true, Rows: -1}, {Relation: runner.Relation{Schema: "s", Name: "b"}, Rows: 2},
	}, infos)
	infos, err = e.Relations(ctx, "nosuch")
	require.NoError(t, err)
	require.Empty(t, infos)
}

func describes(t *testing.T, e engine.Engine) {
	columns, err := e.Describe(t.Context(), "select cast(1 as bigint) as n, cast(2 as decimal(18, 2)) as d")
	require.NoError(t, err)
	require.Equal(t, []string{"n", "d"}, []string{columns[0].Name, columns[1].Name})
	require.Equal(t, "DECIMAL(18,2)", columns[1].Type)
}

func values(t *testing.T, e engine.Engine) {
	row, err := engine.One(t.Context(), e, `select cast(null as bigint), true, cast(1 as smallint), cast(1.5 as double), 'é',
  cast(-0.05 as decimal(18, 2)), cast('2024-02-29' as date), cast(12345678901234567890 as decimal(38, 0))`)
	require.NoError(t, err)
	require.Equal(t, []any{
		nil, true, int64(1), 1.5, "é", json.Number("-0.05"), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), json.Number("12345678901234567890"),
	}, row)
}

func cancels(t *testing.T, e engine.Engine) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	slow := "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000000) select max(i) from n"
	require.ErrorIs(t, e.Exec(ctx, "create table big as "+slow), context.DeadlineExceeded)
	require.NoError(t, e.Exec(t.Context(), "create table big as select 1 as x"), "the engine goes on")
}

func loads(t *testing.T, e engine.Engine) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "a.csv")
	spec := engine.CSVSpec{
		Path: path, Delimiter: ",", SkipLines: 1, Nulls: []string{""},
		Fields: []engine.Field{{Name: "id", Type: "varchar", NotNull: true}, {Name: "n", Type: "bigint"}, {Name: "spare"}},
	}
	require.NoError(t, e.Exec(ctx, "create table t (id varchar, n bigint)"))
	table := runner.Relation{Name: "t"}
	for text, rows := range map[string]int64{
		"id,n,spare\n007,1,x\n\"a,b\",,y\n": 2, "id,n,spare\na,12.7,x\n": -1, "id,n,spare\n,1,x\n": -1, "id,n,spare\na,1\n": -1,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		n, err := e.Insert(ctx, e, table, e.CSV(spec))
		if rows < 0 {
			require.Error(t, err, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, rows, n, text)
	}
	row, err := engine.One(ctx, e, "select count(*), min(id) from t")
	require.NoError(t, err)
	require.Equal(t, []any{int64(2), "007"}, row)
}

func copies(t *testing.T, e engine.Engine) {
	path := filepath.Join(t.TempDir(), "out.csv")
	query := "select * from (values (2, 'b,c'), (1, null)) as t(n, s) order by n desc"
	rows, err := e.Copy(t.Context(), query, path, engine.CSV)
	require.NoError(t, err)
	require.Equal(t, int64(2), rows)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "n,s\n2,\"b,c\"\n1,\n", string(text))
}
