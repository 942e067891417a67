package compile_test

import (
	"fmt"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner/compile"
)

// TestBuiltinMacrosMeanWhatTheySay runs what dbt's macros write. The results are those of dbt with its DuckDB adapter.
func TestBuiltinMacrosMeanWhatTheySay(t *testing.T) {
	c, err := compilerOf(t, txtar.Parse([]byte("-- setup.yaml --\nname: shop\n")), nil)
	require.NoError(t, err)
	db := database(t, "create table items as select * from (values (1, 'b'), (2, 'a'), (3, 'c')) as t(n, s)")
	for template, want := range map[string]string{
		"{{ dbt.dateadd('day', 1, \"date '2024-02-28'\") }}":                                            "2024-02-29 00:00:00",
		"{{ dbt.dateadd('week', -1, \"timestamp '2024-02-28 01:02:03'\") }}":                            "2024-02-21 01:02:03",
		"{{ dbt.dateadd('quarter', 'n', \"date '2024-01-31'\") }} from items where n = 1":               "2024-04-30 00:00:00",
		"{{ dbt.datediff(\"'2024-01-31'\", \"'2024-03-01'\", 'month') }}":                               "2",
		"{{ dbt.datediff(\"date '2024-01-06'\", \"date '2024-01-07'\", 'week') }}":                      "1",
		"{{ dbt.datediff(\"date '2024-01-07'\", \"date '2024-01-13'\", 'week') }}":                      "0",
		"{{ dbt.datediff(\"date '2024-01-14'\", \"date '2024-01-06'\", 'week') }}":                      "-2",
		"{{ dbt.last_day(\"date '2024-02-10'\", 'month') }}":                                            "2024-02-29",
		"{{ dbt.last_day(\"date '2024-02-10'\", 'quarter') }}":                                          "2024-03-31",
		"{{ dbt.safe_cast(\"'12'\", 'integer') }}":                                                      "12",
		"{{ dbt.split_part(\"'a,b'\", \"','\", 2) }}":                                                   "b",
		"{{ dbt.split_part(\"'a,b'\", \"','\", 5) }}":                                                   "<nil>",
		"{{ dbt.listagg('s', \"'-'\", 'order by n') }} from items":                                      "b-a-c",
		"{{ dbt.listagg('s', \"'-'\", 'order by s desc', 2) }} from items":                              "c-b",
		"{{ dbt.listagg('s') }} from items where n = 1":                                                 "b",
		"len({{ dbt.array_append(dbt.array_concat('[1]', dbt.array_construct(['2'])), '3') }})":         "3",
		"len({{ dbt.array_construct() }})":                                                              "0",
		"{{ dbt.hash(\"'x'\") }}":                                                                       "9dd4e461268c8034f5c8564e155c67a6",
		"{{ dbt.concat([\"'a'\", 'n', \"'b'\"]) }} from items where n = 1":                              "a1b",
		"{{ dbt.cast_bool_to_text('true') }}":                                                           "true",
		"{{ dbt.bool_or('n = 2') }} from items":                                                         "true",
		"{{ dbt.any_value('n') }} from items where n = 2":                                               "2",
		"{{ dbt.position(\"'b'\", \"'ab'\") }}":                                                         "2",
		"{{ dbt.right(\"'abc'\", 2) }} || {{ dbt.replace(\"'abc'\", \"'b'\", \"''\") }}":                "bcac",
		"{{ dbt.string_literal(dbt.escape_single_quotes(\"it's\")) }}":                                  "it's",
		"count(*) from ({{ dbt.date_spine('day', \"date '2024-01-01'\", \"date '2024-02-01'\") }})":     "31",
		"count(*) from ({{ dbt.date_spine('month', \"date '2024-01-01'\", \"date '2024-06-01'\") }})":   "5",
		"max(generated_number) from ({{ dbt.generate_series(7) }})":                                     "7",
		"count(*) from (select 1 {{ dbt.except() }} select 1 {{ dbt.intersect() }} select 1)":           "0",
		"{{ dbt.current_timestamp() }} > {{ dbt.snapshot_get_time() }} - interval 1 day":                "true",
		"{{ dbt.date(2024, 1, 2) }} = {{ dbt.date_trunc('day', \"timestamp '2024-01-02 03:04:05'\") }}": "true",
		"{{ dbt.get_intervals_between(\"'2024-01-01'\", \"'2024-01-05'\", 'day') }}":                    "4",
	} {
		sql, err := c.Inline(t.Context(), "select "+template, compile.Render{DB: db})
		require.NoError(t, err, template)
		got, err := db.Query(t.Context(), "select x from ("+sql.Text+") as q(x)")
		require.NoError(t, err, sql.Text)
		require.Len(t, got.Rows, 1, sql.Text)
		text := fmt.Sprint(got.Rows[0][0])
		if len(text) > 19 && text[10:11] == " " { // a time, as Go prints it
			text = text[:19]
			if text[11:] == "00:00:00" && len(want) == 10 {
				text = text[:10]
			}
		}
		require.Equal(t, want, text, sql.Text)
	}
}
