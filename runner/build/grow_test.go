package build

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

// bench is a warehouse in memory with the relations old and new.
func bench(t *testing.T, old, fresh string) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Exec(t.Context(), "create table old as "+old, "create table new as "+fresh))
	return db
}

func described(t *testing.T, db *duckdb.DB, name string) []engine.Column {
	t.Helper()
	columns, err := db.Describe(t.Context(), "select * from "+name)
	require.NoError(t, err)
	return columns
}

// rowsOf is a result as text, a row a line, in order of all columns.
func rowsOf(t *testing.T, s engine.Session, query string) string {
	t.Helper()
	rows, err := s.Query(context.WithoutCancel(t.Context()), "select * from ("+query+") order by all")
	require.NoError(t, err, query)
	var lines []string
	require.NoError(t, engine.Each(rows, func(row []any) error {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = fmt.Sprint(v)
		}
		lines = append(lines, strings.Join(cells, " "))
		return nil
	}))
	return strings.Join(lines, "\n")
}

func relation(name string) runner.Relation { return runner.Relation{Name: name} }

func TestIncrementalStrategies(t *testing.T) {
	const old = "select * from (values (1, 'a', 10), (2, 'b', 20)) as t(id, name, n)"
	const fresh = "select * from (values (2, 'B', 21), (3, 'c', 30)) as t(id, name, n)"
	for name, c := range map[string]struct {
		config map[string]any
		want   string
	}{
		"append":                       {map[string]any{"incremental_strategy": "append"}, "1 a 10\n2 B 21\n2 b 20\n3 c 30"},
		"without a key rows are added": {map[string]any{}, "1 a 10\n2 B 21\n2 b 20\n3 c 30"},
		"delete+insert":                {map[string]any{"unique_key": "id"}, "1 a 10\n2 B 21\n3 c 30"},
		"merge":                        {map[string]any{"unique_key": "id", "incremental_strategy": "merge"}, "1 a 10\n2 B 21\n3 c 30"},
		"merge of some columns": {
			map[string]any{"unique_key": []any{"id"}, "incremental_strategy": "merge", "merge_update_columns": []any{"n"}},
			"1 a 10\n2 b 21\n3 c 30",
		},
		"merge without some columns": {
			map[string]any{"unique_key": "id", "incremental_strategy": "merge", "merge_exclude_columns": []any{"n"}},
			"1 a 10\n2 B 20\n3 c 30",
		},
		"two keys":     {map[string]any{"unique_key": []any{"id", "name"}}, "1 a 10\n2 B 21\n2 b 20\n3 c 30"},
		"a predicate":  {map[string]any{"unique_key": "id", "incremental_predicates": []any{"old.n < 20"}}, "1 a 10\n2 B 21\n2 b 20\n3 c 30"},
		"letter cases": {map[string]any{"unique_key": "ID"}, "1 a 10\n2 B 21\n3 c 30"},
	} {
		t.Run(name, func(t *testing.T) {
			db := bench(t, old, fresh)
			g, err := growthOf("m", c.config)
			require.NoError(t, err)
			sql, err := g.sql(relation("old"), described(t, db, "old"), relation("new"), described(t, db, "new"))
			require.NoError(t, err)
			require.Equal(t, c.want, rowsOf(t, db, sql))
		})
	}
}

func TestIncrementalSchemaChanges(t *testing.T) {
	const old = "select 1 as id, 'a' as gone"
	const fresh = "select 2 as id, 5 as added"
	for onChange, want := range map[string]string{
		"append_new_columns": "1 a <nil>\n2 <nil> 5", "sync_all_columns": "1 <nil>\n2 5",
		"fail": "error: build m: its columns changed: added added; removed gone", "ignore": "error: build m: its SQL lacks columns that the table has: gone",
	} {
		t.Run(onChange, func(t *testing.T) {
			db := bench(t, old, fresh)
			g, err := growthOf("m", map[string]any{"on_schema_change": onChange})
			require.NoError(t, err)
			sql, err := g.sql(relation("old"), described(t, db, "old"), relation("new"), described(t, db, "new"))
			if err != nil {
				require.Equal(t, want, "error: "+err.Error())
				return
			}
			require.Equal(t, want, rowsOf(t, db, sql))
		})
	}
}

func TestGrowthIsStrict(t *testing.T) {
	for want, config := range map[string]map[string]any{
		`m: incremental_strategy "merg" is not known`:      {"incremental_strategy": "merg"},
		`m: on_schema_change "sync" is not known`:          {"on_schema_change": "sync"},
		`m: incremental_strategy merge needs a unique_key`: {"incremental_strategy": "merge"},
	} {
		_, err := growthOf("m", config)
		require.EqualError(t, err, want)
	}
}

const noon = "timestamp '2025-01-02 12:00:00'"

// grown takes a snapshot of each state in turn and gives what it holds, without the hash.
func grown(t *testing.T, config map[string]any, states ...string) string {
	t.Helper()
	db := bench(t, "select 1 as unused", states[0])
	ctx := t.Context()
	h, err := historyOf("s", config, "timestamp '2025-01-01 12:00:00'")
	require.NoError(t, err)
	require.NoError(t, db.Exec(ctx, "create or replace table old as "+h.first(relation("new"), described(t, db, "new"))))
	for _, state := range states[1:] {
		require.NoError(t, db.Exec(ctx, "create or replace table new as "+state))
		h, err := historyOf("s", config, noon)
		require.NoError(t, err)
		next := h.next(relation("old"), described(t, db, "old"), relation("new"), described(t, db, "new"))
		require.NoError(t, db.Exec(ctx, "create or replace table grown as "+next), next)
		require.NoError(t, db.Exec(ctx, "drop table old", "alter table grown rename to old"))
	}
	row, err := engine.One(ctx, db, fmt.Sprintf("select count(*) = count(distinct %s) from old", runner.Quote(h.scdID)))
	require.NoError(t, err)
	require.Equal(t, true, row[0], "every state has an id of its own")
	return strings.ReplaceAll(rowsOf(t, db, fmt.Sprintf("select columns(c -> c not in ('%s', '%s')) from old", h.scdID, h.updated)), " 00:00:00 +0000 UTC", "")
}

func TestSnapshots(t *testing.T) {
	const before = "select * from (values (1, 'a', timestamp '2024-01-01'), (2, 'b', timestamp '2024-01-01')) as t(id, name, changed)"
	const after = "select * from (values (1, 'A', timestamp '2024-02-01'), (3, 'c', timestamp '2024-03-01')) as t(id, name, changed)"
	const run1, run2 = " 2025-01-01 12:00:00 +0000 UTC", " 2025-01-02 12:00:00 +0000 UTC"
	for name, c := range map[string]struct {
		config map[string]any
		states []string
		want   string
	}{
		"timestamp": {
			map[string]any{"unique_key": "id", "strategy": "timestamp", "updated_at": "changed"},
			[]string{before, after},
			"1 A 2024-02-01 2024-02-01 <nil>\n1 a 2024-01-01 2024-01-01 2024-02-01\n2 b 2024-01-01 2024-01-01 <nil>\n3 c 2024-03-01 2024-03-01 <nil>",
		},
		"nothing changed": {
			map[string]any{"unique_key": "id", "strategy": "timestamp", "updated_at": "changed"},
			[]string{before, before},
			"1 a 2024-01-01 2024-01-01 <nil>\n2 b 2024-01-01 2024-01-01 <nil>",
		},
		"check": {
			map[string]any{"unique_key": "id", "strategy": "check", "check_cols": []any{"name"}},
			[]string{before, after},
			"1 A 2024-02-01" + run2 + " <nil>\n1 a 2024-01-01" + run1 + run2 + "\n2 b 2024-01-01" + run1 + " <nil>\n3 c 2024-03-01" + run2 + " <nil>",
		},
		"check of all, deleted rows end": {
			map[string]any{"unique_key": "id", "strategy": "check", "check_cols": "all", "hard_deletes": "invalidate"},
			[]string{before, after},
			"1 A 2024-02-01" + run2 + " <nil>\n1 a 2024-01-01" + run1 + run2 + "\n2 b 2024-01-01" + run1 + run2 + "\n3 c 2024-03-01" + run2 + " <nil>",
		},
		"deleted rows get a record": {
			map[string]any{"unique_key": "id", "strategy": "timestamp", "updated_at": "changed", "hard_deletes": "new_record"},
			[]string{before, after},
			"1 A 2024-02-01 2024-02-01 <nil> False\n1 a 2024-01-01 2024-01-01 2024-02-01 False\n" +
				"2 b 2024-01-01 2024-01-01" + run2 + " False\n2 b 2024-01-01" + run2 + " <nil> True\n3 c 2024-03-01 2024-03-01 <nil> False",
		},
		"an end of time": {
			map[string]any{"unique_key": "id", "strategy": "timestamp", "updated_at": "changed", "dbt_valid_to_current": "timestamp '9999-12-31'"},
			[]string{before, after},
			"1 A 2024-02-01 2024-02-01 9999-12-31\n1 a 2024-01-01 2024-01-01 2024-02-01\n2 b 2024-01-01 2024-01-01 9999-12-31\n3 c 2024-03-01 2024-03-01 9999-12-31",
		},
		"a new column": {
			map[string]any{"unique_key": "id", "strategy": "check", "check_cols": "all"},
			[]string{"select 1 as id, 'a' as name", "select 1 as id, 'a' as name, 7 as more"},
			"1 a" + run1 + run2 + " <nil>\n1 a" + run2 + " <nil> 7",
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, grown(t, c.config, c.states...)) })
	}
}
