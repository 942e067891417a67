package expect_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/expect"
)

// noon is when all tests take place.
func noon() time.Time { return time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC) }

func options() expect.Options { return expect.Options{Clock: noon} }

// warehouse is a database that counts the statements it is sent.
type warehouse struct {
	*duckdb.DB
	queries atomic.Int64
}

func (w *warehouse) Query(ctx context.Context, sql string) (engine.Rows, error) {
	w.queries.Add(1)
	return w.DB.Query(ctx, sql)
}

func open(t testing.TB, statements ...string) *warehouse {
	t.Helper()
	db, err := duckdb.Open(context.Background(), duckdb.Config{Threads: 2})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Exec(context.Background(), statements...))
	return &warehouse{DB: db}
}

// on compiles against the tables of the test database, whose public names begin with "public_".
func on(relation string) expect.Target {
	return expect.Target{
		Physical: runner.Relation{Schema: "main", Name: relation},
		Public:   runner.Relation{Schema: "reports", Name: relation},
		Now:      noon(),
		Resolve: func(r expect.Ref) (physical, public runner.Relation, err error) {
			if r.Name == "nowhere" {
				return physical, public, errors.New("there is no model nowhere")
			}
			return runner.Relation{Schema: "main", Name: r.Name}, runner.Relation{Schema: "reports", Name: r.Name}, nil
		},
	}
}

func test(kind, column string, args map[string]any) *runner.Test {
	return &runner.Test{
		Node: runner.Node{
			ID: "test.p." + kind + "_" + column, Name: kind + "_" + column, Pos: runner.Position{File: "models/t.yml", Line: 7},
		},
		Type: kind, Column: column, Args: args,
	}
}

func compile(t testing.TB, on expect.Target, tests ...*runner.Test) []expect.Check {
	t.Helper()
	checks := make([]expect.Check, len(tests))
	for i, one := range tests {
		check, err := expect.Compile(one, on)
		require.NoError(t, err)
		checks[i] = check
	}
	return checks
}

func run(t testing.TB, w engine.Session, checks ...expect.Check) []runner.NodeResult {
	t.Helper()
	results, err := expect.Run(context.Background(), w, checks, options())
	require.NoError(t, err)
	require.Len(t, results, len(checks))
	return results
}

const spend = `create table spend as select * from (values
	('c1', 'google', date '2026-03-30', 10.10, 1),
	('c1', 'google', date '2026-03-30', 20.20, 1),
	('c2', 'facebock', date '2026-03-29', -5.00, 2),
	('c9', 'tiktok', date '2026-03-28', null, 3),
	('c9', 'facebock', null, 1.00, 4),
	(null, null, null, null, null)) as v(client_id, "Plat form", day, cost, n)`

const clients = `create table clients as select * from (values ('c1'), ('c2'), (null)) as v(client_id)`

// kindCase is one test on one relation and what comes of it.
type kindCase struct {
	relation string
	test     *runner.Test
	status   runner.Status
	count    int64
	message  string
	sample   [][]string
}

func TestKinds(t *testing.T) {
	w := open(t, spend, clients, "create table empty as select * from spend where false",
		`create table billed as select * from (values ('c1', 30.30), ('c2', -4.99), (null, null), ('c7', 3.00)) as v(client_id, amount)`)
	cases := columnCases()
	maps.Copy(cases, relationCases())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			check := compile(t, on(c.relation), c.test)[0]
			for _, r := range run(t, w, check, check) { // in one scan, and then the same again
				require.Equal(t, c.message, r.Message)
				require.Equal(t, c.status, r.Status)
				require.Equal(t, c.count, r.Rows)
				if c.status == runner.StatusPass {
					require.Nil(t, r.Failure)
					continue
				}
				require.Equal(t, c.sample, r.Failure.Sample)
				require.Equal(t, check.ShowQuery, r.Failure.Query)
				require.Contains(t, r.Failure.Query, `"reports"`)
				require.NotContains(t, r.Failure.Query, `"main"`)
			}
			require.Equal(t, c.test.Type == "recency", check.Volatile)
		})
	}
}

func columnCases() map[string]kindCase {
	type args = map[string]any
	return map[string]kindCase{
		"not_null": {
			"spend", test("not_null", "client_id", nil), "fail", 1, "1 of 6 rows has no client_id",
			[][]string{{"NULL", "NULL", "NULL", "NULL", "NULL"}},
		},
		"not_null of none": {"empty", test("not_null", "client_id", nil), "pass", 0, "0 rows tested", nil},
		"not_null, odd name": {
			"spend", test("not_null", "Plat form", nil), "fail", 1, "1 of 6 rows has no Plat form",
			[][]string{{"NULL", "NULL", "NULL", "NULL", "NULL"}},
		},
		"unique": {
			"spend", test("unique", "client_id", nil), "fail", 2, "2 values of client_id occur more than once: c1 (2), c9 (2)",
			[][]string{{"c1", "2"}, {"c9", "2"}},
		},
		"unique ignores null": {"clients", test("unique", "client_id", nil), "pass", 0, "3 rows tested", nil},
		"unique of none":      {"empty", test("unique", "client_id", nil), "pass", 0, "0 rows tested", nil},
		"accepted_values": {
			"spend", test("accepted_values", "Plat form", args{"values": []any{"google", "facebook's"}}), "fail", 3,
			"3 of 6 rows have an unexpected Plat form: facebock (2), tiktok (1)",
			[][]string{{"facebock", "2"}, {"tiktok", "1"}},
		},
		"accepted_values, numbers": {
			"spend", test("accepted_values", "n", args{"values": []any{uint64(1), 2, 3.0, 4}, "quote": false}),
			"pass", 0, "6 rows tested", nil,
		},
		"relationships": {
			"spend", test("relationships", "client_id", args{"to": "ref('clients')", "field": "client_id"}), "fail", 2,
			"2 of 6 rows have a client_id that is not in reports.clients.client_id: c9 (2)",
			[][]string{{"c9", "2"}},
		},
		"relationships to an empty one": {
			"clients", test("relationships", "client_id", args{"to": "empty", "field": "client_id"}),
			"fail", 2, "2 of 3 rows have a client_id that is not in reports.empty.client_id: c1 (1), c2 (1)",
			[][]string{{"c1", "1"}, {"c2", "1"}},
		},
	}
}

func relationCases() map[string]kindCase {
	type args = map[string]any
	return map[string]kindCase{
		"expression_is_true lets null pass": {
			"spend", test("expression_is_true", "", args{"expression": "cost >= 0 -- not refunds"}),
			"fail", 1, "1 of 6 rows does not satisfy: cost >= 0 -- not refunds",
			[][]string{{"c2", "facebock", "2026-03-29", "-5.00", "2"}},
		},
		"expression_is_true of a column": {
			"spend", test("expression_is_true", "cost", args{"expression": "< 15"}),
			"fail", 1, "1 of 6 rows does not satisfy: cost < 15",
			[][]string{{"c1", "google", "2026-03-30", "20.20", "1"}},
		},
		"not_negative": {
			"spend", test("not_negative", "cost", nil), "fail", 1, "1 of 6 rows has a negative cost",
			[][]string{{"c2", "facebock", "2026-03-29", "-5.00", "2"}},
		},
		"row_count_between": {
			"spend", test("row_count_between", "", args{"min": 1, "max": 5}), "fail", 1,
			"6 rows, expected between 1 and 5",
			[][]string{{"6"}},
		},
		"row_count_between of none": {
			"empty", test("row_count_between", "", args{"min": 1}), "fail", 1,
			"0 rows, expected at least 1",
			[][]string{{"0"}},
		},
		"row_count_between passes": {"spend", test("row_count_between", "", args{"max": 6}), "pass", 0, "", nil},
		"recency": {
			"spend", test("recency", "day", args{"datepart": "hour", "interval": 24}), "fail", 1,
			"newest day is 2026-03-30 00:00:00, older than 24 hours",
			[][]string{{"2026-03-30 00:00:00", "2026-03-30 12:00:00"}},
		},
		"recency passes": {"spend", test("recency", "", args{"field": "day", "datepart": "day", "interval": 2}), "pass", 0, "", nil},
		"recency of none": {
			"empty", test("recency", "day", args{"datepart": "month", "interval": 1}), "fail", 1,
			"no day at all, expected one of the last 1 month",
			[][]string{{"NULL", "2026-02-28 12:00:00"}},
		},
		"sum_equals": {
			"spend", test("sum_equals", "cost", args{"to": "ref('billed')", "to_column": "amount"}), "fail", 1,
			"sum of cost differs from amount in reports.billed: 26.30 against 28.31, difference -2.01",
			[][]string{{"26.30", "28.31", "-2.01"}},
		},
		"sum_equals within tolerance": {"spend", test("sum_equals", "",
			args{"expression": "cost", "to": "billed", "to_expression": "amount", "tolerance": 2.01}), "pass", 0, "", nil},
		"sum_equals by group": {
			"spend", test("sum_equals", "cost",
				args{"to": "billed", "to_column": "amount", "group_by": []any{"client_id"}}), "fail", 3,
			"sum of cost differs from amount in reports.billed in 3 groups; largest: c7: NULL against 3.00, difference -3.00",
			[][]string{{"c7", "NULL", "3.00", "-3.00"}, {"c9", "1.00", "NULL", "1.00"}, {"c2", "-5.00", "-4.99", "-0.01"}},
		},
	}
}

func TestWhereFiltersTheTestedRelation(t *testing.T) {
	w := open(t, spend, clients)
	tests := []*runner.Test{
		test("not_null", "cost", nil), test("unique", "client_id", nil), test("row_count_between", "", map[string]any{"max": 2}),
		test("relationships", "client_id", map[string]any{"to": "clients", "field": "client_id"}),
		test("accepted_values", "Plat form", map[string]any{"values": []any{"google"}}),
		test("recency", "day", map[string]any{"datepart": "day", "interval": 3}),
	}
	for _, one := range tests {
		one.Where = "client_id = 'c9' -- who is new"
	}
	var messages []string
	for _, r := range run(t, w, compile(t, on("spend"), tests...)...) {
		messages = append(messages, r.Message)
	}
	require.Equal(t, []string{
		"1 of 2 rows has no cost", "1 value of client_id occurs more than once: c9 (2)", "",
		"2 of 2 rows have a client_id that is not in reports.clients.client_id: c9 (2)",
		"2 of 2 rows have an unexpected Plat form: facebock (1), tiktok (1)",
		"newest day is 2026-03-28 00:00:00, older than 3 days",
	}, messages)
}

func TestSeverityAndThresholds(t *testing.T) {
	w := open(t, "create table t as select case when i < 5 then null else i end as x from range(100) as r(i)")
	for name, c := range map[string]struct {
		severity        runner.Severity
		errorIf, warnIf string
		want            runner.Status
		message         string
	}{
		"default":                    {"", "", "", "fail", "5 of 100 rows have no x"},
		"warn":                       {"warn", "", "", "warn", "5 of 100 rows have no x"},
		"warn ignores error_if":      {"warn", ">1", ">10", "pass", "5 failures, within the limits"},
		"error_if is asked first":    {"error", ">4", ">1", "fail", "5 of 100 rows have no x (limit: > 4)"},
		"then warn_if":               {"error", ">5", ">= 5", "warn", "5 of 100 rows have no x (limit: >= 5)"},
		"error_if alone still warns": {"error", ">5", "", "warn", "5 of 100 rows have no x"},
		"neither":                    {"error", ">5", ">5", "pass", "5 failures, within the limits"},
		"percent met":                {"error", ">= 5%", "", "fail", "5 of 100 rows have no x (limit: >= 5%)"},
		"percent not met":            {"error", "> 5%", ">5.5%", "pass", "5 failures, within the limits"},
		"too few failures":           {"error", "< 6", "", "fail", "5 of 100 rows have no x (limit: < 6)"},
	} {
		t.Run(name, func(t *testing.T) {
			one := test("not_null", "x", nil)
			one.Severity, one.ErrorIf, one.WarnIf = c.severity, c.errorIf, c.warnIf
			r := run(t, w, compile(t, on("t"), one)...)[0]
			require.Equal(t, c.want, r.Status)
			require.Equal(t, c.message, r.Message)
			require.Equal(t, c.want == runner.StatusFail, r.Err != nil)
		})
	}
}

func TestAFailureSaysWhatTheTestIsFor(t *testing.T) {
	w := open(t, "create table t as select null as x")
	one := test("not_null", "x", nil)
	one.Description = "Fill it in:\n  the form asks for it.\n"
	require.Equal(t, "1 of 1 row has no x. Fill it in: the form asks for it.", run(t, w, compile(t, on("t"), one)...)[0].Message)
}

func TestFailingRowsAreKept(t *testing.T) {
	w := open(t, "create schema audit", "create table t as select i from range(10) as r(i)")
	one := test("expression_is_true", "", map[string]any{"expression": "i < 3"})
	one.StoreFailures, one.Limit, one.Name = true, 4, `odd "name"`
	target := on("t")
	target.Kept = runner.Relation{Schema: "audit", Name: one.Name}
	results, err := expect.Run(t.Context(), w, compile(t, target, one), options())
	require.NoError(t, err)
	stored := results[0].Failure.Stored
	require.Equal(t, target.Kept, stored)
	row, err := engine.One(t.Context(), w, "select count(*), min(i), max(i) from "+stored.String())
	require.NoError(t, err)
	require.Equal(t, []any{int64(4), int64(3), int64(6)}, row)

	require.NoError(t, w.Exec(t.Context(), "delete from t where i >= 3"))
	_, err = expect.Run(t.Context(), w, compile(t, target, one), options())
	require.NoError(t, err)
	row, err = engine.One(t.Context(), w, "select count(*) from "+stored.String())
	require.NoError(t, err)
	require.Equal(t, []any{int64(0)}, row, "a test that passes keeps nothing of an earlier run")
}

// Tables of failing rows have the columns that dbt gives them.
func TestKeptFailuresHaveTheColumnsOfDBT(t *testing.T) {
	w := open(t, "create schema audit", "create table t as select i % 2 as i from range(10) as r(i)", "create table other as select 1 as id")
	for kind, c := range map[string]struct {
		args map[string]any
		want []string
	}{
		"unique":          {nil, []string{"unique_field", "n_records"}},
		"accepted_values": {map[string]any{"values": []any{7}}, []string{"value_field", "n_records"}},
		"relationships":   {map[string]any{"to": "ref('other')", "field": "id"}, []string{"from_field", "n_records"}},
		"not_negative":    {nil, []string{"i"}},
	} {
		one := test(kind, "i", c.args)
		one.StoreFailures = true
		target := on("t")
		target.Kept = runner.Relation{Schema: "audit", Name: one.Name}
		_, err := expect.Run(t.Context(), w, compile(t, target, one), options())
		require.NoError(t, err)
		columns, err := engine.ColumnsOf(t.Context(), w, target.Kept)
		require.NoError(t, err)
		var names []string
		for _, column := range columns {
			names = append(names, column.Name)
		}
		require.Equal(t, c.want, names, kind)
	}
}

// fail_calc counts in place of the rows; limit bounds what the conditions see; a warning can be made a failure.
func TestWhatIsCounted(t *testing.T) {
	w := open(t, "create table t as select i from range(10) as r(i)")
	for name, c := range map[string]struct {
		change    func(*runner.Test)
		warnError bool
		want      runner.Status
		count     int64
		message   string
	}{
		"fail_calc":      {func(x *runner.Test) { x.FailCalc, x.ErrorIf = "sum(i)", ">100" }, false, "warn", 42, "sum(i) is 42"},
		"fail_calc of 0": {func(x *runner.Test) { x.FailCalc = "count(*) - 7" }, false, "pass", 0, ""},
		"no whole count": {func(x *runner.Test) { x.FailCalc = "avg(i) / 4" }, false, "error", -1, "the count is 1.5, which is no whole number"},
		"no count":       {func(x *runner.Test) { x.FailCalc = "max(null)" }, false, "error", -1, "the engine returned no count"},
		"limit":          {func(x *runner.Test) { x.Limit, x.ErrorIf = 2, ">2" }, false, "warn", 7, "7 of 10 rows do not satisfy: i < 3"},
		"warning":        {func(x *runner.Test) { x.Severity = "warn" }, true, "fail", 7, "7 of 10 rows do not satisfy: i < 3"},
	} {
		one := test("expression_is_true", "", map[string]any{"expression": "i < 3"})
		c.change(one)
		o := options()
		o.WarnError = c.warnError
		results, err := expect.Run(t.Context(), w, compile(t, on("t"), one), o)
		require.NoError(t, err)
		require.Equal(t, c.want, results[0].Status, name)
		require.Equal(t, c.count, results[0].Rows, name)
		require.Contains(t, results[0].Message, c.message, name)
	}
}

func TestFailureThatCannotBeKeptIsStillAFailure(t *testing.T) {
	w := open(t, "create table t as select 1 as i")
	one := test("expression_is_true", "", map[string]any{"expression": "i > 3"})
	one.StoreFailures = true
	target := on("t")
	target.Kept = runner.Relation{Schema: "missing", Name: one.Name}
	results, err := expect.Run(t.Context(), w, compile(t, target, one), options())
	require.NoError(t, err)
	require.Equal(t, runner.StatusFail, results[0].Status)
	require.Contains(t, results[0].Message, "could not be kept")
}

func TestOneBrokenTestSparesTheOthers(t *testing.T) {
	w := open(t, spend)
	results := run(t, w, compile(t, on("spend"),
		test("not_null", "client_id", nil), test("not_null", "client_ids", nil), test("not_negative", "n", nil))...)
	require.Equal(t, []runner.Status{"fail", "error", "pass"}, []runner.Status{results[0].Status, results[1].Status, results[2].Status})
	var e *runner.Error
	require.ErrorAs(t, results[1].Err, &e)
	require.Equal(t, `did you mean "client_id"?`, e.Hint)
	require.Equal(t, "models/t.yml:7", e.Pos.String())
	require.Contains(t, results[1].Message, "client_ids")
}

// A field that the other relation lacks must not be taken for a column of the tested one.
func TestRelationshipToMissingFieldIsAnError(t *testing.T) {
	w := open(t, spend, "create table other as select 'c1' as id")
	r := run(t, w, compile(t, on("spend"), test("relationships", "client_id", map[string]any{"to": "other", "field": "client_id"}))...)[0]
	require.Equal(t, runner.StatusError, r.Status)
}

func TestTestsOfOneRelationShareAScan(t *testing.T) {
	w := open(t, "create table t as select i, i % 7 as k, nullif(i, 5) as n, date '2026-03-31' as d from range(1000) as r(i)", "create table u as select 1 as i")
	checks := compile(t, on("t"),
		test("not_null", "i", nil), test("unique", "i", nil), test("unique", "n", nil), test("not_negative", "k", nil),
		test("accepted_values", "k", map[string]any{"values": []any{0, 1, 2, 3, 4, 5, 6}}),
		test("expression_is_true", "", map[string]any{"expression": "k <= i"}),
		test("row_count_between", "", map[string]any{"min": 1}), test("recency", "d", map[string]any{"datepart": "day", "interval": 1}))
	filtered := test("not_null", "k", nil)
	filtered.Where = "i > 10"
	checks = append(checks, compile(t, on("t"), filtered)...)
	checks = append(checks, compile(t, on("u"), test("not_null", "i", nil))...)
	for _, r := range run(t, w, checks...) {
		require.Equal(t, runner.StatusPass, r.Status, r.Message)
	}
	require.EqualValues(t, 2, w.queries.Load(), "one query a relation")
}

func TestSingular(t *testing.T) {
	w := open(t, spend)
	for sql, want := range map[string]runner.Status{
		"select client_id, client_id from main.spend where cost < 0 -- refunds": "fail",
		"select client_id, client_id from main.spend where cost < 0 ;\n":        "fail",
		"select * from main.spend where cost > 100":                             "pass",
		"select * from main.spend; select 1":                                    "error",
	} {
		check, err := expect.Compile(test("singular", "", nil), expect.Target{SQL: sql, ShowSQL: "select 'shown'"})
		require.NoError(t, err)
		r := run(t, w, check)[0]
		require.Equal(t, want, r.Status, r.Message)
		if want == "fail" {
			require.Equal(t, "1 row returned, expected none", r.Message)
			require.Equal(t, &runner.Failure{
				Count: 1, Total: -1, Columns: []string{"client_id", "client_id_1"}, Sample: [][]string{{"c2", "c2"}}, Query: "select 'shown'",
			}, r.Failure)
		}
	}
}

func TestSamplesDoNotDependOnTheOrderOfRows(t *testing.T) {
	var want []runner.NodeResult
	for _, order := range []string{"i", "i desc", "hash(i)"} {
		w := open(t, "create table t as select i, i % 1000 as k, null as n from range(20000) as r(i) order by "+order)
		got := run(t, w, compile(t, on("t"), test("not_null", "n", nil), test("unique", "k", nil),
			test("accepted_values", "k", map[string]any{"values": []any{1}}), test("sum_equals", "k",
				map[string]any{"to": "t", "to_expression": "k + 1", "group_by": []any{"i"}}))...)
		if want == nil {
			want = got
		}
		require.Equal(t, want, got)
		require.Len(t, got[0].Failure.Sample, 20)
		require.Equal(t, []string{"0", "0", "NULL"}, got[0].Failure.Sample[0])
	}
}

func TestCancelledRun(t *testing.T) {
	w := open(t, spend)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := expect.Run(ctx, w, compile(t, on("spend"), test("not_null", "client_id", nil)), options())
	require.ErrorIs(t, err, context.Canceled)
}

func TestIdentityChangesWithWhatDecidesTheVerdict(t *testing.T) {
	seen := map[string]bool{}
	for _, change := range []func(*runner.Test){
		func(*runner.Test) {}, func(x *runner.Test) { x.Column = "b" }, func(x *runner.Test) { x.Where = "a > 1" },
		func(x *runner.Test) { x.ErrorIf = ">1" }, func(x *runner.Test) { x.WarnIf = ">1" },
		func(x *runner.Test) { x.Severity = "warn" }, func(x *runner.Test) { x.Type = "unique" },
	} {
		one := test("not_null", "a", nil)
		change(one)
		identity := compile(t, on("t"), one)[0].Identity()
		require.False(t, seen[identity], strings.ReplaceAll(identity, "\x00", " "))
		seen[identity] = true
	}
}

func TestAnUnsettledCheckIsSettledWhenItIsRun(t *testing.T) {
	w := open(t, "create table orders as select range as id from range(3)")
	early := test("some_macro", "", nil)
	draft, err := expect.Compile(early, expect.Target{SQL: "select 1 where false"})
	require.NoError(t, err)
	late := draft.Later(func(context.Context) (expect.Check, error) {
		return expect.Compile(early, expect.Target{SQL: "select * from orders"})
	})
	broken := draft.Later(func(context.Context) (expect.Check, error) {
		return expect.Check{}, errors.New("orders cannot be asked")
	})

	results := run(t, w, late, broken, draft)

	require.Equal(t, runner.StatusFail, results[0].Status)
	require.EqualValues(t, 3, results[0].Rows)
	require.Equal(t, runner.StatusError, results[1].Status)
	require.Contains(t, results[1].Message, "orders cannot be asked")
	require.Equal(t, runner.StatusPass, results[2].Status)
}
