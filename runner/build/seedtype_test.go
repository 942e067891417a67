package build

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
)

func TestSeedsHaveTheTypesOfTheirKindOfProject(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "orders.csv"), []byte("id,ordered_at\n007,2016-09-01T15:01:00\n"), 0o644))
	seed := &runner.Seed{Node: runner.Node{Name: "orders", Path: "orders.csv"}}
	columns, err := SeedColumns(&runner.Project{Dir: dir, DBT: true}, seed)
	require.NoError(t, err)
	require.Equal(t, []engine.Column{{Name: "id", Type: "integer"}, {Name: "ordered_at", Type: "timestamp"}}, columns)
	columns, err = SeedColumns(&runner.Project{Dir: dir}, seed)
	require.NoError(t, err)
	require.Equal(t, []engine.Column{{Name: "id", Type: "varchar"}, {Name: "ordered_at", Type: "varchar"}}, columns)
}

// What dbt with dbt-duckdb makes of the same columns, but for the bigint.
func TestSeedsOfDBTHaveItsTypes(t *testing.T) {
	for _, c := range []struct {
		values []string
		dbt    string
		own    string
	}{
		{[]string{"2016-09-01T15:01:00"}, "timestamp", "varchar"},
		{[]string{"2016-09-01T15:01", "2016-09-01T15:01:00.1234567Z"}, "timestamp", "varchar"},
		{[]string{"2016-09-01T15:01:00+02:00", "2016-09-01T15:01:00-0230", "2016-09-01T15:01:00+02"}, "timestamp", "varchar"},
		{[]string{"2016-09-01T25:00:00"}, "varchar", "varchar"},
		{[]string{"2016-09-01t15:01:00"}, "varchar", "varchar"},
		{[]string{"2016-09-01 15:01:00", "2016-09-01T15:01:00"}, "varchar", "varchar"},
		{[]string{"2016-9-1 5:01:00"}, "timestamp", "varchar"},
		{[]string{"2016-09-01 15:01:00.5"}, "varchar", "timestamp"},
		{[]string{"2016-9-1", " 2016-09-01"}, "date", "varchar"},
		{[]string{"2016-02-30"}, "varchar", "varchar"},
		{[]string{"007", "", "+5", " 7"}, "integer", "varchar"},
		{[]string{"1.0", "3"}, "integer", "double"},
		{[]string{"1.5", "3"}, "double", "double"},
		{[]string{"0.10", "00.5", ".5"}, "double", "varchar"},
		{[]string{"123456789012"}, "bigint", "bigint"},
		{[]string{"True", "false"}, "boolean", "boolean"},
		{[]string{" true"}, "varchar", "varchar"},
		{[]string{"null", "1"}, "varchar", "varchar"},
		{[]string{"", ""}, "", ""},
	} {
		var rows [][]string
		for _, value := range c.values {
			rows = append(rows, []string{value})
		}
		require.Equal(t, c.dbt, inferType(rows, 0, dbtTypes()), "%q", c.values)
		require.Equal(t, c.own, inferType(rows, 0, ownTypes()), "%q", c.values)
	}
}
