package expect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elt/runner"
	"elt/runner/expect"
)

// What one scan of all tests finds is what each test finds by its own query.
func TestOneScanFindsWhatSingleQueriesFind(t *testing.T) {
	w := open(t)
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SampledFrom([]string{
			"(1, 'a', 1.5)", "(2, 'b', -1)", "(null, null, null)", "(2, '', 0)", "(-3, 'c', 1e3)", "(1, null, 2)",
		}), 0, 12).Draw(t, "rows")
		create := "create or replace table t (x integer, s varchar, y decimal(9, 2))"
		require.NoError(t, w.Exec(t.Context(), create))
		if len(rows) > 0 {
			require.NoError(t, w.Exec(t.Context(), "insert into t values "+strings.Join(rows, ", ")))
		}
		checks := rapid.SliceOfN(rapid.Custom(draw), 1, 8).Draw(t, "tests")
		broken := test("not_null", "missing", nil) // makes the shared query fail, so that each test is asked for itself
		together, err := expect.Run(t.Context(), w, checks, options())
		require.NoError(t, err)
		brokenCheck, err := expect.Compile(broken, on("t"))
		require.NoError(t, err)
		apart, err := expect.Run(t.Context(), w, append(checks, brokenCheck), options())
		require.NoError(t, err)
		require.Equal(t, together, apart[:len(checks)])
	})
}

func draw(t *rapid.T) expect.Check {
	type args = map[string]any
	one := rapid.SampledFrom([]func() *runner.Test{
		func() *runner.Test { return test("not_null", "x", nil) },
		func() *runner.Test { return test("not_negative", "y", nil) },
		func() *runner.Test { return test("unique", "s", nil) },
		func() *runner.Test { return test("unique", "x", nil) },
		func() *runner.Test { return test("accepted_values", "s", args{"values": []any{"a", ""}}) },
		func() *runner.Test { return test("expression_is_true", "", args{"expression": "x > y or s = 'a'"}) },
		func() *runner.Test { return test("row_count_between", "", args{"min": 2, "max": 5}) },
	}).Draw(t, "kind")()
	one.Where = rapid.SampledFrom([]string{"", "x > 0", "s is not null -- known", "y / nullif(x, 0) > 0"}).Draw(t, "where")
	one.ErrorIf = rapid.SampledFrom([]string{"", ">1", "<=2"}).Draw(t, "error_if")
	one.Severity = rapid.SampledFrom([]runner.Severity{"", "warn", "error"}).Draw(t, "severity")
	one.Name = fmt.Sprint(one.Type, one.Where, one.ErrorIf)
	check, err := expect.Compile(one, on("t"))
	if err != nil {
		t.Fatal(err)
	}
	return check
}
