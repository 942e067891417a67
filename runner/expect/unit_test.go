package expect_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/expect"
)

func dict(rows ...map[string]any) *runner.Fixture {
	f := &runner.Fixture{Format: "dict", Rows: rows}
	for _, row := range rows {
		for _, name := range []string{"id", "spend", "clicks", "cpc", "nosuch"} {
			if _, ok := row[name]; ok && !contains(f.Names, name) {
				f.Names = append(f.Names, name)
			}
		}
	}
	return f
}

func contains(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}

func runUnit(t *testing.T, u expect.Unit) runner.NodeResult {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var result runner.NodeResult
	undo := errors.New("undo")
	err = db.InTx(t.Context(), func(s engine.Session) error {
		result, err = expect.RunUnit(t.Context(), s, u, time.Now)
		require.NoError(t, err)
		return undo
	})
	require.ErrorIs(t, err, undo)
	left, err := db.Relations(t.Context(), "main")
	require.NoError(t, err)
	require.Empty(t, left, "nothing of the test may stay")
	return result
}

func TestUnit(t *testing.T) {
	shape := []engine.Column{{Name: "id", Type: "VARCHAR"}, {Name: "spend", Type: "DECIMAL(18,2)"}, {Name: "clicks", Type: "BIGINT"}}
	ads := runner.Relation{Name: "ads"}
	const sql = "select id, spend / nullif(clicks, 0) as cpc from ads"
	given := dict(map[string]any{"id": "a", "spend": "10.00", "clicks": 4}, map[string]any{"id": "b", "spend": 3})
	for name, c := range map[string]struct {
		columns []engine.Column
		given   *runner.Fixture
		sql     string
		expect  *runner.Fixture
		status  runner.Status
		says    string
		sample  [][]string
	}{
		"as expected": {
			columns: shape, given: given, expect: dict(map[string]any{"id": "b", "cpc": nil}, map[string]any{"id": "a", "cpc": 2.5}),
			status: runner.StatusPass,
		},
		"only the named columns count": {
			columns: shape, given: given, expect: dict(map[string]any{"id": "a"}, map[string]any{"id": "b"}), status: runner.StatusPass,
		},
		"a wrong value": {
			columns: shape, given: given, expect: dict(map[string]any{"id": "a", "cpc": 2}, map[string]any{"id": "b", "cpc": nil}),
			status: runner.StatusFail, says: "2 rows are not as expected",
			sample: [][]string{{"missing", "a", "2"}, {"not expected", "a", "2.5"}},
		},
		"a row twice": {
			columns: shape, given: dict(map[string]any{"id": "a"}, map[string]any{"id": "a"}), expect: dict(map[string]any{"id": "a"}),
			status: runner.StatusFail, says: "1 row is not as expected", sample: [][]string{{"not expected", "a"}},
		},
		"no rows": {columns: shape, given: nil, expect: &runner.Fixture{Format: "dict"}, status: runner.StatusPass},
		"a fixture in sql": {
			given:  &runner.Fixture{Format: "sql", SQL: "select 'a' as id, 10 as spend, 4 as clicks"},
			expect: &runner.Fixture{Format: "sql", SQL: "select 'a' as id, 2.5 as cpc"}, status: runner.StatusPass,
		},
		"types are taken from the values where the input is unknown": {
			given:  dict(map[string]any{"id": "a", "spend": 10.5, "clicks": 3}),
			expect: dict(map[string]any{"id": "a", "cpc": 3.5}), status: runner.StatusPass,
		},
		"an unknown column": {
			columns: shape, given: dict(map[string]any{"id": "a", "nosuch": 1}), expect: dict(map[string]any{"id": "a"}),
			status: runner.StatusError, says: `unit test u: ref('ads') has no column "nosuch"`,
		},
		"nothing is known of an input": {
			given: dict(), expect: dict(map[string]any{"id": "a"}), status: runner.StatusError,
			says: "unit test u: the columns of ref('ads') are not known",
		},
		"broken SQL": {
			columns: shape, given: given, sql: "select nope from ads", expect: dict(map[string]any{"id": "a"}), status: runner.StatusError,
			says: "explained",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.sql == "" {
				c.sql = sql
			}
			if c.given != nil {
				c.given.Input = "ref('ads')"
			}
			result := runUnit(t, expect.Unit{
				Test:   &runner.UnitTest{Node: runner.Node{ID: "unit", Name: "u"}, Expect: *c.expect},
				Inputs: []expect.UnitInput{{Relation: ads, Columns: c.columns, Fixture: c.given}}, SQL: c.sql,
				Explain: func(error) error { return errors.New("explained") },
			})
			require.Equal(t, c.status, result.Status, "%v", result.Err)
			switch c.status {
			case runner.StatusError:
				require.EqualError(t, result.Err, c.says)
			case runner.StatusFail:
				require.Equal(t, c.says, result.Message)
				require.Equal(t, c.sample, result.Failure.Sample)
			}
		})
	}
}
