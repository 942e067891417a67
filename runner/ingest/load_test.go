package ingest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/ingest"
)

// bench is a project directory with a warehouse.
type bench struct {
	t      testing.TB
	dir    string
	db     *duckdb.DB
	source *runner.Source
	loads  int
}

var rejects = runner.Relation{Schema: "_elt", Name: "rejects"}

// newBench makes a source of the pattern; columns are written "name type[!][?][ alias…]": ! for not null, ? for optional,
// a semicolon for the comma of a decimal.
func newBench(t testing.TB, pattern string, columns ...string) *bench {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Exec(t.Context(), "create schema _elt", ingest.CreateRejects(rejects)))
	b := &bench{t: t, dir: t.TempDir(), db: db, source: &runner.Source{
		Node: runner.Node{
			ID: "source.shop.raw.google_ads", Kind: runner.KindSource, Name: "google_ads",
			Pos: runner.Position{File: "models/sources.yml", Line: 7, Col: 5},
		},
		Source: "raw",
		Load:   &runner.Load{Files: []string{pattern}, OnError: runner.Quarantine, Pos: runner.Position{File: "models/sources.yml", Line: 9, Col: 7}},
	}}
	for _, text := range columns {
		words := strings.Fields(text)
		c := runner.Column{Name: words[0], Aliases: words[2:]}
		c.NotNull, c.Optional = strings.Contains(words[1], "!"), strings.Contains(words[1], "?")
		c.DataType = strings.ReplaceAll(strings.Trim(words[1], "!?"), ";", ",")
		b.source.Columns = append(b.source.Columns, c)
	}
	return b
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.dir, filepath.FromSlash(name))
	require.NoError(b.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(b.t, os.WriteFile(path, []byte(text), 0o644))
}

func (b *bench) scan() (ingest.Manifest, error) {
	return ingest.Scan(b.t.Context(), ingest.Config{Dir: b.dir}, b.source)
}

func (b *bench) target() runner.Relation {
	return runner.Relation{Schema: "_elt", Name: fmt.Sprintf("google_ads__%d", b.loads)}
}

func (b *bench) load() (ingest.Result, error) {
	b.t.Helper()
	m, err := b.scan()
	if err != nil {
		return ingest.Result{}, err
	}
	return b.loadManifest(b.t.Context(), m)
}

func (b *bench) loadManifest(ctx context.Context, m ingest.Manifest) (ingest.Result, error) {
	b.loads++
	return ingest.Load(ctx, b.db, ingest.Config{Dir: b.dir, TempDir: b.t.TempDir()}, ingest.Job{
		Source: b.source, Manifest: m, Target: b.target(), Rejects: rejects, RunID: "run-1",
	})
}

// query gives rows as text, values separated by |.
func (b *bench) query(sql string) []string {
	b.t.Helper()
	rows, err := b.db.Query(b.t.Context(), sql)
	require.NoError(b.t, err)
	out := []string{}
	require.NoError(b.t, engine.Each(rows, func(row []any) error {
		texts := make([]string, len(row))
		for i, v := range row {
			if texts[i] = fmt.Sprint(v); v == nil {
				texts[i] = "∅"
			}
		}
		out = append(out, strings.Join(texts, "|"))
		return nil
	}))
	return out
}

// rows are those of the last target, each value as the engine writes it.
func (b *bench) rows() []string {
	columns := make([]string, len(b.source.Columns))
	for i, c := range b.source.Columns {
		columns[i] = "cast(" + runner.Quote(c.Name) + " as varchar)"
	}
	return b.query("select " + strings.Join(columns, ", ") + " from " + b.target().String())
}

// rejected are the rows set aside by the last load: line, column, value, reason.
func (b *bench) rejected() []string {
	return b.query(`select line, "column", value, reason from _elt.rejects where relation = ` + runner.Literal(b.target().Bare()) + " order by file, line")
}

func TestCleanFilesLoad(t *testing.T) {
	b := newBench(t, "data/raw/*.csv", "id varchar!", "date date!", "clicks bigint", "cost decimal(18;2)", "rate double", "spent duration", "ok boolean", "at timestamp")
	b.write("data/raw/a.csv", "id,date,clicks,cost,rate,spent,ok,at\nG001,2024-12-01,5,1.50,0.25,00:01:02,true,2024-12-01 10:00:00\nG002,2024-12-02,,,,,,\n")
	b.write("data/raw/b.csv", "date,id,clicks,cost,rate,spent,ok,at\r\n2024-12-03,\"G,3\",7,2,1e-3,02:10,no,\r\n")
	r, err := b.load()
	require.NoError(t, err)
	require.Equal(t, []any{int64(3), int64(0)}, []any{r.Rows, r.Rejected})
	require.Equal(t, []string{
		"G001|2024-12-01|5|1.50|0.25|62|true|2024-12-01 10:00:00", "G002|2024-12-02|∅|∅|∅|∅|∅|∅", "G,3|2024-12-03|7|2.00|0.001|130|false|∅",
	}, b.rows())
}

func TestCleanJSONLoads(t *testing.T) {
	b := newBench(t, "data/raw/f.json", "fb_campaign_id varchar!", "date date", "clicks bigint", "spend decimal(18;2)")
	want := []string{"FB1|2024-12-01|5|1.50", "FB\"2\n|2024-12-02|6|∅"}
	b.write("data/raw/f.json", `[{"fb_campaign_id":"FB1","date":"2024-12-01","clicks":5,"spend":1.5},
 {"clicks":"6", "fb_campaign_id":"FB\"2\n","date":"2024-12-02","spend":null}]`)
	_, err := b.load()
	require.NoError(t, err)
	require.Equal(t, want, b.rows())
	b.write("data/raw/f.json", "{\"fb_campaign_id\":\"FB1\",\"date\":\"2024-12-01\",\"clicks\":5,\"spend\":1.5}\n{\"clicks\":\"6\", \"fb_campaign_id\":\"FB\\\"2\\n\",\"date\":\"2024-12-02\",\"spend\":null}\n")
	_, err = b.load()
	require.NoError(t, err)
	require.Equal(t, want, b.rows())
}

func TestBadRowsAreSetAside(t *testing.T) {
	b := newBench(t, "x.csv", "id varchar!", "clicks bigint", "cost decimal(18;2)")
	b.write("x.csv", "id,clicks,cost\nG1,5,\"$1,005.50\"\nG2,12.7,1\n,3,4\nG3\nG4,1,2,3\nG5,0x1F,3\n")
	r, err := b.load()
	require.NoError(t, err)
	require.Equal(t, []string{"G1|5|1005.50"}, b.rows())
	require.Equal(t, []string{
		"3|clicks|12.7|expected a whole number", "4|id|∅|expected a value", "5|∅|G3|expected 3 fields, found 1",
		"6|∅|G4,1,2,3|expected 3 fields, found 4", "7|clicks|0x1F|expected a whole number",
	}, b.rejected())
	require.Equal(t, int64(5), r.Rejected)
}

// TestValuesOverSeveralLines is large enough for several threads, of which each must not begin within a value; the lines of
// a value look like rows.
func TestValuesOverSeveralLines(t *testing.T) {
	for _, last := range []string{"1", "$1"} { // plain, and not
		b := newBench(t, "x.csv", "n bigint", "note varchar")
		const count = 700_000
		b.write("x.csv", "n,note\n"+strings.Repeat("1,\"a\n2,x\ny,and more of it to fill the buffers\"\n", count)+last+",z\n")
		r, err := b.load()
		require.NoError(t, err)
		require.Equal(t, int64(count+1), r.Rows)
		require.Equal(t, []string{fmt.Sprint(count+1) + "|" + fmt.Sprint(count+1)}, b.query("select cast(sum(n) as varchar), count(*) from "+b.target().String()))
	}
}
