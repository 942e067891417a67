package export_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/export"
)

func TestExpand(t *testing.T) {
	two := []export.Table{table("a"), table("b")}
	items, err := export.Expand("/out", runID, []export.Selected{
		{Export: runner.Export{Format: "csv", Path: "reports/{name}_report.csv"}, Tables: two},
		{Export: runner.Export{Format: "sqlite", Path: "analytics.db"}, Tables: two},
		{Export: runner.Export{Format: "duckdb", Path: "processed/analytics.duckdb"}, Tables: two},
		{Export: runner.Export{Format: "parquet", Path: "one.parquet"}, Tables: two[:1]},
		{Export: runner.Export{Format: "parquet", Path: "none.parquet"}},
	})
	require.NoError(t, err)
	require.Equal(t, []export.Item{
		{Format: "csv", Path: "/out/reports/a_report.csv", Tables: two[:1]},
		{Format: "csv", Path: "/out/reports/b_report.csv", Tables: two[1:]},
		{Format: "sqlite", Path: "/out/analytics.db", Tables: two},
		{Format: "duckdb", Path: "/out/processed/analytics-" + runID + ".duckdb", Link: "/out/processed/analytics.duckdb", Tables: two},
		{Format: "parquet", Path: "/out/one.parquet", Tables: two[:1]},
	}, items)
	require.Equal(t, []string{"/out/reports", "/out", "/out/processed"}, export.Dirs(items))
}

func TestWrongExportsAreRefused(t *testing.T) {
	pos := runner.Position{File: "project.yaml", Line: 9}
	again := table("A")
	for want, exports := range map[string][]export.Selected{
		`unknown format "parket"|did you mean "parquet"?`:                      {{Export: runner.Export{Format: "parket", Path: "x"}}},
		`unknown format ""|known formats are csv, duckdb, parquet, sqlite`:     {{}},
		`path "../x.csv" leads out of the output folder|write a path below it`: {{Export: runner.Export{Format: "csv", Path: "../x.csv"}}},
		`path "" leads out of the output folder|write a path below it`:         {{Export: runner.Export{Format: "csv"}}},
		`2 models cannot share the csv file x.csv|put {name} into the path, or select one model`: {
			{Export: runner.Export{Format: "csv", Path: "x.csv"}, Tables: []export.Table{table("a"), table("b")}},
		},
		`two tables of x.db are called a|select one of them, or give one an alias`: {
			{Export: runner.Export{Format: "sqlite", Path: "x.db"}, Tables: []export.Table{table("a"), again}},
		},
		`/out/x.csv is written by the export at project.yaml:3 too|give each export a path of its own`: {
			{Export: runner.Export{Format: "csv", Path: "x.csv", Pos: runner.Position{File: "project.yaml", Line: 3}}, Tables: []export.Table{table("a")}},
			{Export: runner.Export{Format: "csv", Path: "./x.csv"}, Tables: []export.Table{table("b")}},
		},
	} {
		exports[len(exports)-1].Export.Pos = pos
		_, err := export.Expand("/out", runID, exports)
		var e *runner.Error
		require.ErrorAs(t, err, &e, want)
		require.Equal(t, "project.yaml:9: export: "+want, e.Error()+"|"+e.Hint)
		require.Equal(t, runner.CodeConfig, e.Code)
	}
}

// Ties may be broken differently each time only if the order is not total, so odd names must not upset it.
func TestOrderByNames(t *testing.T) {
	db := open(t, memory(), "create schema _elt", `create table _elt.t__1 as select * from (values (1, 1), (2, 2), (3, 2)) as v("Day desc", "a ""b""")`)
	for orderBy, want := range map[string]string{
		`"Day desc" desc`: "3,2\n2,2\n1,1\n", `day DESC desc`: "3,2\n2,2\n1,1\n", `"a ""b"""`: "1,1\n2,2\n3,2\n", "a \"b\"\tDESC": "2,2\n3,2\n1,1\n",
	} {
		path := filepath.Join(t.TempDir(), "t.csv")
		publish(t, db, export.Item{Format: "csv", Path: path, Tables: []export.Table{table("t", orderBy)}})
		require.Equal(t, "Day desc,\"a \"\"b\"\"\"\n"+want, read(t, path), orderBy)
	}
}
