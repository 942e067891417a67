package export_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/export"
)

const runID = "20260331-120000"

func open(t testing.TB, c duckdb.Config, statements ...string) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(context.Background(), c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Exec(context.Background(), statements...))
	return db
}

func table(name string, orderBy ...string) export.Table {
	return export.Table{
		Name: name, Public: runner.Relation{Schema: "reports", Name: name}, Source: runner.Relation{Schema: "_elt", Name: name + "__1"},
		OrderBy: orderBy,
	}
}

// publish writes and commits one item.
func publish(t testing.TB, db engine.Engine, item export.Item) export.Written {
	t.Helper()
	return publishAs(t, db, item, runID)
}

func publishAs(t testing.TB, db engine.Engine, item export.Item, run string) export.Written {
	t.Helper()
	w, err := export.Write(context.Background(), db, item, export.Temp(item.Path, run))
	require.NoError(t, err)
	moves, err := export.Prepare(item, run)
	require.NoError(t, err)
	require.NoError(t, export.Commit(moves))
	text, err := os.ReadFile(item.Path)
	require.NoError(t, err)
	sum := sha256.Sum256(text)
	require.Equal(t, hex.EncodeToString(sum[:]), w.SHA256)
	require.EqualValues(t, len(text), w.Bytes)
	return w
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

const typed = `create table _elt.typed__1 as select * from (values
	(2, date '2026-03-31', 10.50, 0.1, true, 'plain', timestamp '2026-03-31 12:00:00.5', cast(7 as hugeint), [1, 2], timestamptz '2026-03-31 12:00:00+02'),
	(1, date '0999-01-02', -0.05, 1e20, false, 'comma, "quote"' || chr(10) || 'line', null, cast(-7 as hugeint), [], null),
	(3, null, null, null, null, null, null, null, null, null),
	(null, null, null, null, null, '', null, null, null, null)) as v(i, "the day", dec, dbl, yes, txt, ts, huge, list, tz)`

func TestCSV(t *testing.T) {
	db := open(t, duckdb.Config{}, "create schema _elt", typed)
	path := filepath.Join(t.TempDir(), "made", "typed.csv")
	w := publish(t, db, export.Item{Format: "csv", Path: path, Tables: []export.Table{table("typed", "i desc")}})
	require.Equal(t, map[string]int64{"typed": 4}, w.Tables)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, `i,the day,dec,dbl,yes,txt,ts,huge,list,tz
3,,,,,,,,,
2,2026-03-31,10.50,0.1,true,plain,2026-03-31 12:00:00.5,7,"[1, 2]",2026-03-31 10:00:00+00
1,0999-01-02,-0.05,1e+20,false,"comma, ""quote""
line",,-7,[],
,,,,,"",,,,
`, string(text))
}

func TestSQLite(t *testing.T) {
	db := open(t, duckdb.Config{}, "create schema _elt", typed, "create table _elt.empty__1 (a integer, b varchar)",
		"create table _elt.many__1 as select i, 'x' || i as s from range(5003) as r(i)")
	path := filepath.Join(t.TempDir(), "odd ?#%.db")
	w := publish(t, db, export.Item{Format: "sqlite", Path: path, Tables: []export.Table{table("typed", "I"), table("empty"), table("many")}})
	require.Equal(t, map[string]int64{"typed": 4, "empty": 0, "many": 5003}, w.Tables)
	require.EqualValues(t, 5007, w.Rows)

	lite, err := sql.Open("sqlite3", path)
	require.NoError(t, err)
	lite, err = sql.Open("sqlite3", "file:"+filepath.Dir(path)+"/odd %3f%23%25.db?mode=ro")
	require.NoError(t, err)
	defer func() { _ = lite.Close() }()
	var text string
	require.NoError(t, lite.QueryRow(`select group_concat(name || ' ' || type, ', ') from pragma_table_info('typed')`).Scan(&text))
	require.Equal(t, "i INTEGER, the day TEXT, dec REAL, dbl REAL, yes INTEGER, txt TEXT, ts TEXT, huge INTEGER, list TEXT, tz TEXT", text)
	rows, err := lite.Query(`select quote(i) || '|' || quote("the day") || '|' || quote(dec) || '|' || quote(dbl) || '|' || quote(yes) || '|' ||
		quote(txt) || '|' || quote(ts) || '|' || quote(huge) || '|' || quote(list) || '|' || quote(tz) from typed order by rowid`)
	require.NoError(t, err)
	var got []string
	for rows.Next() {
		require.NoError(t, rows.Scan(&text))
		got = append(got, text)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, []string{
		"1|'0999-01-02'|-0.05|1.0e+20|0|'comma, \"quote\"\nline'|NULL|-7|'[]'|NULL",
		"2|'2026-03-31'|10.5|0.1|1|'plain'|'2026-03-31 12:00:00.5'|7|'[1, 2]'|'2026-03-31 10:00:00'",
		"3|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL",
		"NULL|NULL|NULL|NULL|NULL|''|NULL|NULL|NULL|NULL",
	}, got)
	var count, sum int64
	require.NoError(t, lite.QueryRow("select count(*), sum(i) from many").Scan(&count, &sum))
	require.Equal(t, []int64{5003, 5002 * 5003 / 2}, []int64{count, sum})
	require.NoError(t, lite.QueryRow("pragma integrity_check").Scan(&text))
	require.Equal(t, "ok", text)
}

func TestParquet(t *testing.T) {
	db := open(t, duckdb.Config{}, "create schema _elt", typed)
	path := filepath.Join(t.TempDir(), "it's.parquet")
	publish(t, db, export.Item{Format: "parquet", Path: path, Tables: []export.Table{table("typed")}})
	row, err := engine.One(t.Context(), db, "select count(*), sum(dec), any_value(compression) from "+runner.Literal(path)+
		", (select distinct compression from parquet_metadata("+runner.Literal(path)+"))")
	require.NoError(t, err)
	require.Equal(t, "ZSTD", row[2])
	require.EqualValues(t, 4, row[0])
}

func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	db := open(t, duckdb.Config{Path: filepath.Join(dir, "w.duckdb")}, "create schema _elt", typed, "create table _elt.rejects__1 as select 1 as line")
	rejects := table("rejects")
	rejects.Public = runner.Relation{Schema: "raw", Name: "_rejects"}
	link := filepath.Join(dir, "out", "analytics.duckdb")
	item := export.Item{Format: "duckdb", Path: export.Versioned(link, runID), Link: link, Tables: []export.Table{table("typed", "i"), rejects}}
	for range 2 { // a link is replaced by a link
		w := publish(t, db, item)
		require.Equal(t, map[string]int64{"typed": 4, "rejects": 1}, w.Tables)
	}
	require.Equal(t, []string{"analytics-" + runID + ".duckdb", "analytics.duckdb"}, files(t, filepath.Dir(link)))
	to, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, "analytics-"+runID+".duckdb", to)
	versions, err := export.Versions(link)
	require.NoError(t, err)
	require.Equal(t, []string{item.Path}, versions)

	snap := open(t, duckdb.Config{Path: link, ReadOnly: true})
	for query, want := range map[string]int64{
		"select count(*) from reports.typed": 4, "select count(*) from typed": 4, "select line from raw._rejects": 1, "select line from _rejects": 1,
		"select i from reports.typed limit 1": 1,
	} {
		row, err := engine.One(t.Context(), snap, query)
		require.NoError(t, err)
		require.Equal(t, []any{want}, row, query)
	}
}

func TestSameRowsGiveSameBytes(t *testing.T) {
	const rows = `select i % 1000 as k, hash(i) % 100000 / 100.0 as amount, 'text ' || (i % 377) as txt, cast(i % 91 as double) / 7 as d,
	case when i % 5 = 0 then null else date '2026-01-01' + cast(i % 90 as integer) end as day from range(300000) as r(i)`
	for _, format := range []string{"csv", "parquet", "sqlite"} {
		t.Run(format, func(t *testing.T) {
			sums := map[string][]string{}
			for threads, order := range map[int]string{1: "i", 2: "i desc", 4: "hash(i + 1)"} {
				db := open(t, duckdb.Config{Threads: threads}, "create schema _elt", "create table _elt.t__1 as "+rows+" order by "+order)
				w := publish(t, db, export.Item{Format: format, Path: filepath.Join(t.TempDir(), "t"), Tables: []export.Table{table("t", "day desc")}})
				sums[w.SHA256] = append(sums[w.SHA256], fmt.Sprint(threads, order))
				require.NoError(t, db.Close())
			}
			require.Len(t, sums, 1, "%v", sums)
		})
	}
}

// The bytes of a snapshot differ from one to the next, for DuckDB gives every database an identity; its rows do not.
func TestSnapshotKeepsTheOrderOfRows(t *testing.T) {
	sums := map[string]int{}
	for threads, order := range map[int]string{1: "i", 4: "i desc"} {
		db := open(t, duckdb.Config{Threads: threads}, "create schema _elt",
			"create table _elt.t__1 as select i % 1000 as k, i % 377 as n from range(200000) as r(i) order by "+order)
		dir := t.TempDir()
		item := export.Item{Format: "duckdb", Path: filepath.Join(dir, "s"), Tables: []export.Table{table("t", "n desc")}}
		publish(t, db, item)
		snap := open(t, duckdb.Config{Path: item.Path, ReadOnly: true})
		_, err := snap.Copy(t.Context(), "select * from t", filepath.Join(dir, "t.csv"), engine.CSV)
		require.NoError(t, err)
		sums[read(t, filepath.Join(dir, "t.csv"))]++
	}
	require.Len(t, sums, 1)
}

func TestCancelLeavesNothing(t *testing.T) {
	for _, format := range []string{"csv", "parquet", "sqlite", "duckdb"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			db := open(t, duckdb.Config{}, "create schema _elt",
				"create table _elt.t__1 as select i, hash(i) % 1000000007 as h, 'some text ' || hash(i) as s from range(400000) as r(i)")
			dir := t.TempDir()
			item := export.Item{Format: format, Path: filepath.Join(dir, "t"), Tables: []export.Table{table("t")}}
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				time.Sleep(20 * time.Millisecond)
				cancel()
			}()
			_, err := export.Write(ctx, db, item, export.Temp(item.Path, runID))
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, files(t, dir))
			publish(t, db, item) // nothing hangs on to the engine
		})
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	db := open(t, duckdb.Config{}, "create schema _elt", "create table _elt.t__1 as select 1 as i")
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "taken"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
	missing := table("missing")
	for name, c := range map[string]struct {
		item export.Item
		want string
		code runner.Code
	}{
		"a directory":      {export.Item{Format: "csv", Path: filepath.Join(dir, "taken"), Tables: []export.Table{table("t")}}, "it is a directory", runner.CodePublish},
		"below a file":     {export.Item{Format: "csv", Path: filepath.Join(dir, "file", "x"), Tables: []export.Table{table("t")}}, "not a directory", runner.CodePublish},
		"no such relation": {export.Item{Format: "sqlite", Path: filepath.Join(dir, "x"), Tables: []export.Table{missing}}, "reports.missing", runner.CodePublish},
		"no such column":   {export.Item{Format: "parquet", Path: filepath.Join(dir, "x"), Tables: []export.Table{table("t", "j desc")}}, `no column "j"`, runner.CodeConfig},
		"no such format":   {export.Item{Format: "xml", Path: filepath.Join(dir, "x"), Tables: []export.Table{table("t")}}, `unknown format "xml"`, runner.CodePublish},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := export.Write(t.Context(), db, c.item, export.Temp(c.item.Path, runID))
			var e *runner.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.code, e.Code)
			require.Contains(t, e.Error(), c.want)
			require.Equal(t, []string{"file", "taken"}, files(t, dir))
		})
	}
}

func TestIntegerTooLargeForSQLiteIsAnError(t *testing.T) {
	db := open(t, duckdb.Config{}, "create schema _elt", "create table _elt.t__1 as select cast(9223372036854775808 as hugeint) as i")
	item := export.Item{Format: "sqlite", Path: filepath.Join(t.TempDir(), "x"), Tables: []export.Table{table("t")}}
	_, err := export.Write(t.Context(), db, item, export.Temp(item.Path, runID))
	var refused *engine.SQLError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "Conversion", refused.Kind)
	require.Empty(t, files(t, filepath.Dir(item.Path)))
}

func TestWriteReplacesWhatADeadRunLeft(t *testing.T) {
	db := open(t, duckdb.Config{}, "create schema _elt", "create table _elt.t__1 as select 1 as i")
	for _, format := range []string{"csv", "parquet", "sqlite", "duckdb"} {
		item := export.Item{Format: format, Path: filepath.Join(t.TempDir(), "x"), Tables: []export.Table{table("t")}}
		require.NoError(t, os.WriteFile(export.Temp(item.Path, runID), []byte("half a file"), 0o644))
		publish(t, db, item)
	}
}
