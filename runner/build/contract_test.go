package build

import (
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

func TestContract(t *testing.T) {
	c := contract{name: "orders", columns: []runner.Column{
		{Name: "id", DataType: "int", Constraints: []runner.Constraint{{Type: "not_null"}, {Type: "primary_key"}}},
		{Name: "amount", DataType: "numeric(18,2)", Constraints: []runner.Constraint{{Type: "check", Expression: "amount > 0"}}},
	}}
	for sql, broken := range map[string]string{
		"select 1 as id, cast(2 as decimal(18,2)) as amount":   "",
		"select cast(2 as decimal(18,2)) as amount, 1 as ID":   "",
		"select 'a' as id, cast(2 as decimal(18,2)) as amount": "  id: declared as INTEGER, the SQL gives VARCHAR",
		"select 1 as id": "  amount: declared as DECIMAL(18,2), missing from the SQL",
		"select 1 as id, cast(2 as decimal(18,2)) as amount, 3 as extra": "  extra: not declared, the SQL gives INTEGER",
	} {
		db, err := duckdb.Open(t.Context(), duckdb.Config{})
		require.NoError(t, err)
		err = c.check(t.Context(), db, runner.Position{File: "m.yml", Line: 3}, sql)
		if broken == "" {
			require.NoError(t, err, sql)
			require.NoError(t, db.Exec(t.Context(), c.table(relation("orders"), sql)...))
			require.Equal(t, "1 2.00", rowsOf(t, db, "select id, amount from orders"))
		} else {
			var e *runner.Error
			require.ErrorAs(t, err, &e, sql)
			require.Equal(t, broken, e.Excerpt)
		}
		require.NoError(t, db.Close())
	}
}

func TestConstraintsHold(t *testing.T) {
	c := contract{
		name: "m", columns: []runner.Column{
			{Name: "a", DataType: "int", Constraints: []runner.Constraint{{Type: "not_null"}}}, {Name: "b", DataType: "int"},
		},
		constraints: []runner.Constraint{{Type: "unique", Columns: []string{"a", "b"}}, {Type: "check", Expression: "b < 10"}},
	}
	for sql, ok := range map[string]bool{
		"select 1 as a, 2 as b":                       true,
		"select cast(null as int) as a, 2 as b":       false,
		"select 1 as a, 12 as b":                      false,
		"select 1 as a, 2 as b union all select 1, 2": false,
	} {
		db, err := duckdb.Open(t.Context(), duckdb.Config{})
		require.NoError(t, err)
		err = db.InTx(t.Context(), func(s engine.Session) error { return s.Exec(t.Context(), c.table(relation("m"), sql)...) })
		require.Equal(t, ok, err == nil, "%s: %v", sql, err)
		require.NoError(t, db.Close())
	}
}
