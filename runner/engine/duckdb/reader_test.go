package duckdb_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

// published is a database with a table of a thousand rows and views that read files, and what lies beside it.
func published(t *testing.T) (path, dir string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "s.duckdb")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("secret"), 0o600))
	db, err := duckdb.Open(t.Context(), duckdb.Config{Path: path})
	require.NoError(t, err)
	file := func(name string) string { return runner.Literal(filepath.Join(dir, name)) }
	require.NoError(t, db.Exec(t.Context(),
		"create table t as select range as a from range(1000)",
		"copy t to "+file("x.parquet"), "copy t to "+file("x.csv"),
		"copy (select a % 3 as p, a from t) to "+file("parts")+" (format parquet, partition_by (p))",
		"create view one as select * from read_parquet("+file("x.parquet")+")",
		`create view "such as this" (b) as select * from `+file("x.csv"),
		"create view many as select * from read_parquet(["+file("parts/*/*.parquet")+"])",
	))
	require.NoError(t, db.Close())
	return path, dir
}

func reader(t *testing.T, path string, limits duckdb.Limits) *duckdb.Reader {
	t.Helper()
	r, err := duckdb.OpenReader(t.Context(), path, limits)
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// count runs a query to its end and gives the number of its rows.
func count(ctx context.Context, r *duckdb.Reader, query string) (n int, err error) {
	rows, err := r.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	err = engine.Each(rows, func([]any) error { n++; return nil })
	return n, err
}

func TestReaderReads(t *testing.T) {
	path, _ := published(t)
	r := reader(t, path, duckdb.Limits{Threads: 1})
	for query, want := range map[string]int{
		"select * from t": 1000, "from t limit 3": 3, "values (1), (2)": 2, "with x as (select 1) select * from x": 1, "table t": 1000,
		"(select 1) union all (select 2)": 2, "describe t": 1, "summarize t": 1, "show tables": 4, "show all tables": 4,
		"explain select 1": 1, "explain analyze select * from t": 1, "-- all\nexplain /* ; */ select ';' ;": 1,
		"select * from one": 1000, `select * from "such as this"`: 1000, "select * from many": 1000,
		"select query, checkpoint from (select 1 as query, 2 as checkpoint)": 1, "pivot t on a in (1, 2) using count(*)": 1,
		"select * from duckdb_tables()": 1, "pragma table_info('t')": 1,
	} {
		n, err := count(t.Context(), r, query)
		require.NoError(t, err, query)
		require.Equal(t, want, n, query)
	}
	columns, err := r.Describe(t.Context(), "select a from t")
	require.NoError(t, err)
	require.Equal(t, []engine.Column{{Name: "a", Type: "BIGINT"}}, columns)
	infos, err := r.Relations(t.Context(), "main")
	require.NoError(t, err)
	require.Len(t, infos, 4)
	row, err := engine.One(t.Context(), r, "select current_setting('timezone'), current_setting('threads')")
	require.NoError(t, err)
	require.Equal(t, []any{"UTC", int64(1)}, row)
}

func TestReaderGivesTheFirstRows(t *testing.T) {
	path, _ := published(t)
	r := reader(t, path, duckdb.Limits{Threads: 1, Memory: "50MB", Temp: "1MB"})
	for query, want := range map[string][]any{
		"select a from t order by a desc":                             {int64(999)},
		"with x as (select 5 as a union all select 4) from x -- text": {int64(5)},
		"select 1 as a;":        {int64(1)},
		"select 1 as a, 2 as a": {int64(1), int64(2)},
		"select hash(range) * 0 from range(1e10::bigint)": {json.Number("0")}, // all of them would not fit
		"pragma table_info('t')":                          {int64(0), "a", "BIGINT", false, nil, false},
	} {
		rows, err := r.First(t.Context(), query, 2)
		require.NoError(t, err, query)
		row := make([]any, len(rows.Columns()))
		require.NoError(t, rows.Next(row), query)
		require.Equal(t, want, row, query)
		require.NoError(t, rows.Close())
	}
	n := 0
	rows, err := r.First(t.Context(), "from t", 2)
	require.NoError(t, err)
	require.NoError(t, engine.Each(rows, func([]any) error { n++; return nil }))
	require.Equal(t, 2, n)

	_, err = r.First(t.Context(), "select a,\n  b from t", 2)
	var e *engine.SQLError
	require.ErrorAs(t, err, &e)
	require.Equal(t, []int{2, 3}, []int{e.Line, e.Col})
	for _, query := range []string{"select 1) as x, (select 2", "select 1) limit 1; drop table t; select * from (select 2", "drop table t", "select 1 -- \n) from t; --"} {
		_, err = r.First(t.Context(), query, 2)
		require.Error(t, err, query)
	}
}

func TestApartFromTheReader(t *testing.T) {
	path, _ := published(t)
	r := reader(t, path, duckdb.Limits{Threads: 1, Memory: "50MB"})
	db, err := duckdb.Open(t.Context(), duckdb.Config{Path: path, ReadOnly: true, Apart: true, Threads: 2, MemoryLimit: "100MB"})
	require.NoError(t, err, "one path, other limits")
	row, err := engine.One(t.Context(), db, "select count(*), current_database() from t")
	require.NoError(t, err)
	require.Equal(t, []any{int64(1000), "s"}, row)
	require.Error(t, db.Exec(t.Context(), "create table x as select 1"))
	require.NoError(t, r.Close())
	row, err = engine.One(t.Context(), db, "select count(*) from one")
	require.NoError(t, err)
	require.Equal(t, []any{int64(1000)}, row)
	require.NoError(t, db.Close())
}

// TestReaderRefuses tries what is no reading. Nothing may come of any of it, neither on disk nor for later queries.
func TestReaderRefuses(t *testing.T) {
	path, dir := published(t)
	r := reader(t, path, duckdb.Limits{Threads: 1, TempDir: filepath.Join(dir, "spill")})
	target := func(name string) string { return runner.Literal(filepath.Join(dir, "new", name)) }
	require.NoError(t, os.Mkdir(filepath.Join(dir, "new"), 0o755))
	secret := runner.Literal(filepath.Join(dir, "secret.txt"))
	for _, query := range []string{
		"copy t to " + target("a.csv"), "copy t to " + runner.Literal(filepath.Join(dir, "x.csv")), "export database " + target("b"),
		"explain analyze copy t to " + target("c.csv"), "/* /* */ ' */ explain analyze copy t to " + target("c.csv") + "--'",
		"attach " + target("d.duckdb"), "attach ':memory:' as m", "detach s", "use memory", "install json", "load json", "load " + secret,
		"set threads = 8", "set variable x = 1", "reset threads", "set enable_external_access = true", "set allowed_paths = ['/']",
		"set lock_configuration = false", "pragma threads = 8", "pragma enable_profiling", "pragma enable_logging", "call enable_logging()",
		"from enable_logging(storage = 'file', storage_path = " + target("log") + ")",
		"select * from (select 1) where exists (from enable_logging())", `select * from "enable_logging"()`, "from enable_logging() pivot (count(*) for scope in ('x'))",
		"from query('from enable_logging()')", "from json_execute_serialized_sql(json_serialize_sql('from enable_logging()'))",
		"explain analyze from enable_logging()", "explain analyze call enable_logging()", "select write_log('x')", "from truncate_duckdb_logs()",
		"from checkpoint()", "checkpoint", "force checkpoint", "vacuum", "analyze", "select pg_sleep(100)", "from arrow_scan(1, 2, 3)",
		"create table x as select 1", "create temp table x as select 1", "create temp macro f() as 1", "create view x as select 1",
		"explain analyze create temp table x as select 1", "insert into t values (1)", "update t set a = 1", "delete from t", "drop table t",
		"alter table t add column b int", "truncate t", "merge into t using t as u on t.a = u.a when matched then delete",
		"begin", "commit", "prepare p as select 1", "execute p", "create secret s (type s3)", "comment on table t is 'x'",
		"from read_text(" + secret + ")", "from " + secret, "from read_csv(" + secret + ")", "from read_blob('/proc/self/environ')", "from glob('/etc/*')",
		"from read_text(" + runner.Literal(filepath.Join(dir, "parts/../secret.txt")) + ")", "from sniff_csv(" + secret + ")",
		"from parquet_metadata(" + secret + ")", "from read_json(" + secret + ")", "select getenv('HOME')", "from 'https://example.com/x.csv'",
		"select 1; copy t to " + target("e.csv"), "copy t to " + target("f.csv") + "; select 1", `select E'\''; copy t to ` + target("g.csv") + " --'",
		"pivot t on a using count(*)", "", ";", "select", "select 1 where ?",
	} {
		_, err := count(t.Context(), r, query)
		require.Error(t, err, query)
		require.NotContains(t, err.Error(), "secret\n", query)
		left, err := os.ReadDir(filepath.Join(dir, "new"))
		require.NoError(t, err)
		require.Empty(t, left, query)
		n, err := count(t.Context(), r, "select * from t")
		require.NoError(t, err, query)
		require.Equal(t, 1000, n, query)
	}
	_, err := count(t.Context(), r, "drop table t")
	require.ErrorIs(t, err, engine.ErrRefused)
}

func TestReaderKeepsToItsLimits(t *testing.T) {
	path, dir := published(t)
	r := reader(t, path, duckdb.Limits{Threads: 1, Memory: "20MB", TempDir: filepath.Join(dir, "spill"), Temp: "1MB"})
	_, err := count(t.Context(), r, "select list(hash(a.a, b.a)) from t as a, t as b, range(20)")
	var e *engine.SQLError
	require.ErrorAs(t, err, &e)
	require.Equal(t, "Out of Memory", e.Kind)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = count(ctx, r, "select sum(hash(a.a, b.a, c.a)) from t as a, t as b, t as c")
	require.ErrorIs(t, err, context.DeadlineExceeded)

	rows, err := r.Query(t.Context(), "select * from t")
	require.NoError(t, err)
	row := make([]any, 1)
	require.NoError(t, rows.Next(row))
	require.NoError(t, rows.Close(), "rows need not be read to their end")
	require.NotErrorIs(t, err, io.EOF)
}
