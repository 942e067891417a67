package expect_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/expect"
)

func TestWrongTestsAreRefused(t *testing.T) {
	type args = map[string]any
	with := func(one *runner.Test, change func(*runner.Test)) *runner.Test {
		change(one)
		return one
	}
	for want, one := range map[string]*runner.Test{
		"test nut_null on a: no such test|did you mean \"not_null\"?":                                         test("nut_null", "a", nil),
		"test not_null: needs a column|put it below a column of the model":                                    test("not_null", "", nil),
		"test not_null on a: unknown argument \"wehre\"|it takes no arguments":                                test("not_null", "a", args{"wehre": "x"}),
		"test accepted_values on a: argument \"values\" is missing|":                                          test("accepted_values", "a", nil),
		"test accepted_values on a: argument \"values\" is an empty list|":                                    test("accepted_values", "a", args{"values": []any{}}),
		"test accepted_values on a: argument \"values\": expected a list, got \"x\"|":                         test("accepted_values", "a", args{"values": "x"}),
		"test accepted_values on a: argument \"quote\": expected true or false, got 3|":                       test("accepted_values", "a", args{"values": []any{1}, "quote": 3}),
		"test expression_is_true: argument \"expression\" is empty|":                                          test("expression_is_true", "", args{"expression": " "}),
		"test expression_is_true: argument \"expression\": expected a text, got 1|":                           test("expression_is_true", "", args{"expression": 1}),
		"test row_count_between: needs \"min\" or \"max\"|":                                                   test("row_count_between", "", nil),
		"test row_count_between: min 3 is above max 2|":                                                       test("row_count_between", "", args{"min": 3, "max": 2}),
		"test row_count_between: argument \"min\": expected a whole number, got 1.5|":                         test("row_count_between", "", args{"min": 1.5}),
		"test row_count_between: argument \"min\" is negative: -1|":                                           test("row_count_between", "", args{"min": -1}),
		"test row_count_between on a: is about the whole relation|put it below the model, not below a column": test("row_count_between", "a", args{"min": 1}),
		"test recency on a: unknown datepart \"days\"|it is one of second, minute, hour, day, week, month, quarter, year": test("recency", "a",
			args{"datepart": "days", "interval": 1}),
		"test relationships on a: argument \"to\": there is no model nowhere|": test("relationships", "a", args{"to": "ref('nowhere')", "field": "b"}),
		"test relationships on a: argument \"to\": \"ref(x)\": expected names in quotes|write ref('model') or source('source', 'table')": test("relationships", "a",
			args{"to": "ref(x)", "field": "b"}),
		"test sum_equals: needs \"column\" or \"expression\"|": test("sum_equals", "", args{"to": "x", "to_column": "b"}),
		"test sum_equals: needs \"to_column\" or \"to_expression\"|an \"expression\" does not say what to sum in the other relation": test("sum_equals", "",
			args{"to": "x", "expression": "b + 1"}),
		"test sum_equals: \"column\" and \"expression\" exclude each other|": test("sum_equals", "", args{"to": "x", "column": "b", "expression": "b + 1"}),
		"test sum_equals on a: tolerance is negative|":                       test("sum_equals", "a", args{"to": "x", "tolerance": -0.5}),
		"test not_null on a: error_if: \"5\" has no operator|write an operator and a number: \"!=0\", \">10\", \">5%\"": with(test("not_null", "a", nil),
			func(x *runner.Test) { x.ErrorIf = "5" }),
		"test not_null on a: severity \"eror\" is neither error nor warn|did you mean \"error\"?": with(test("not_null", "a", nil),
			func(x *runner.Test) { x.Severity = "eror" }),
		"test row_count_between: a percentage of the tested rows has no meaning for this test|use a number of rows": with(
			test("row_count_between", "", args{"min": 1}), func(x *runner.Test) { x.WarnIf = ">5%" }),
		"test singular: has no SQL|write a query that returns the rows which are wrong": test("singular", "", nil),
	} {
		t.Run(want, func(t *testing.T) {
			_, err := expect.Compile(one, on("t"))
			var e *runner.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "models/t.yml:7: "+want, e.Error()+"|"+e.Hint)
			require.Equal(t, runner.CodeConfig, e.Code)
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	one := test("relationships", "a", map[string]any{"feild": "b"})
	one.WarnIf = "many"
	_, err := expect.Compile(one, on("t"))
	var all runner.Errors
	require.ErrorAs(t, err, &all)
	require.Len(t, all, 4)
	require.Equal(t, `did you mean "field"?`, all[1].Hint)
}

func TestKindsListTheirArguments(t *testing.T) {
	kinds := expect.Kinds()
	require.Len(t, kinds, 9)
	require.Equal(t, []string{"quote", "values"}, kinds["accepted_values"])
	kinds["accepted_values"][0] = "changed"
	require.Equal(t, []string{"quote", "values"}, expect.Kinds()["accepted_values"])
}

func TestReferences(t *testing.T) {
	refs, err := expect.References(test("relationships", "a", map[string]any{"to": "source('raw', 'clients')", "field": "b"}))
	require.NoError(t, err)
	require.Equal(t, []expect.Ref{{Source: "raw", Name: "clients"}}, refs)
	refs, err = expect.References(test("not_null", "a", nil))
	require.NoError(t, err)
	require.Empty(t, refs)
	check := compile(t, on("t"), test("sum_equals", "a", map[string]any{"to": "x"}))[0]
	require.Equal(t, []runner.Relation{{Schema: "main", Name: "x"}}, check.Reads)
}

func TestParseRef(t *testing.T) {
	for text, want := range map[string]expect.Ref{
		"ref('a')": {Name: "a"}, `ref( "a b" )`: {Name: "a b"}, "ref('p', 'a')": {Name: "a"}, "a_1": {Name: "a_1"},
		"{{ ref('a') }}": {Name: "a"}, "{{- source('s','t') -}}": {Source: "s", Name: "t"}, " source ('s',\n't')": {Source: "s", Name: "t"},
	} {
		got, err := expect.ParseRef(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "ref()", "ref('')", "ref('a)", "ref('a','b','c')", "source('a')", "a.b", "reff('a')", "{{}}", "{{", "ref('a'"} {
		_, err := expect.ParseRef(text)
		require.Error(t, err, text)
	}
}

func TestParseCondition(t *testing.T) {
	for text, want := range map[string]expect.Condition{
		"": {Op: "!="}, "!=0": {Op: "!="}, " > 10 ": {Op: ">", Value: 10}, ">5%": {Op: ">", Value: 5, Percent: true}, "<= 0.5 %": {Op: "<=", Value: 0.5, Percent: true},
		"<>3": {Op: "!=", Value: 3}, "==3": {Op: "=", Value: 3}, "<2": {Op: "<", Value: 2}, ">=1e3": {Op: ">=", Value: 1000},
	} {
		got, err := expect.ParseCondition(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"5", "> ", ">x", ">-1", "> 5 %%", ">NaN", ">Inf", ">0x10", "between 1 and 2", "> 1_000", "%"} {
		_, err := expect.ParseCondition(text)
		require.Error(t, err, text)
	}
}

func TestPercentOfNothing(t *testing.T) {
	above, err := expect.ParseCondition(">5%")
	require.NoError(t, err)
	require.False(t, above.Holds(0, 0))
	any0, err := expect.ParseCondition("!=0%")
	require.NoError(t, err)
	require.False(t, any0.Holds(0, 0))
}

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{"!=0", ">5%", "<= 0.25 %", "==1e308", ">", "5", "< -0", "≠1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := expect.ParseCondition(text)
		if err != nil {
			return
		}
		again, err := expect.ParseCondition(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
		low, _ := expect.ParseCondition("<" + c.String()[len(c.Op)+1:])
		high, _ := expect.ParseCondition(">=" + c.String()[len(c.Op)+1:])
		require.NotEqual(t, low.Holds(3, 10), high.Holds(3, 10), "below or not below")
	})
}

func TestRecencyCountsBackOnTheCalendar(t *testing.T) {
	for want, c := range map[string]struct {
		part string
		n    int
	}{
		"2026-03-31 11:59:50": {"second", 10}, "2026-03-31 11:50:00": {"minute", 10}, "2026-03-30 12:00:00": {"day", 1},
		"2026-03-17 12:00:00": {"week", 2}, "2026-02-28 12:00:00": {"month", 1}, "2025-12-31 12:00:00": {"quarter", 1}, "2024-03-31 12:00:00": {"year", 2},
	} {
		check := compile(t, on("t"), test("recency", "d", map[string]any{"datepart": c.part, "interval": c.n}))[0]
		require.Contains(t, check.Query, want)
	}
	target := on("t")
	target.Now = time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("east", 2*3600))
	require.Contains(t, compile(t, target, test("recency", "d", map[string]any{"datepart": "hour", "interval": 0}))[0].Query, "2025-12-31 23:00:00")
}
