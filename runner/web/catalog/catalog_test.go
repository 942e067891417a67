package catalog_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine/duckdb"
	"elt/runner/pipeline"
	"elt/runner/web/catalog"
	"elt/runner/web/workspace"
)

var files = map[string]string{
	"project.yaml": `name: shop
targets:
  dev: {path: data/w.duckdb, schema: main}
models:
  +materialized: table
exports:
  - {format: duckdb, path: shop.duckdb}
`,
	"data/raw/orders.csv": "id,amount\n1,10\n2,20\n3,-5\n",
	"models/shop.yml": `version: 2
sources:
  - name: raw
    tables:
      - name: orders
        description: What was ordered.
        load: {files: data/raw/orders.csv}
        columns:
          - {name: id, data_type: bigint, description: Its key., data_tests: [unique, not_null]}
          - {name: amount, data_type: bigint}
models:
  - name: orders
    description: Orders, as they are.
    columns:
      - name: id
        description: Its key.
        data_tests: [not_null]
      - name: amount
        data_tests:
          - not_negative:
              config: {severity: warn}
      - name: forgotten
        description: Not there.
  - name: total
    config: {tags: [report]}
exposures:
  - name: board
    type: dashboard
    url: https://shop.example/board
    owner: {name: Sales}
    depends_on: [ref('total')]
`,
	"models/orders.sql":         "select id, amount from {{ source('raw', 'orders') }}\n",
	"models/total.sql":          "select sum(amount) as amount from {{ ref('orders') }}\n",
	"models/assertions/few.sql": "select * from {{ ref('total') }} where amount > 1000\n",
}

// shop is a project of its own for a test.
type shop struct {
	t    *testing.T
	dir  string
	now  time.Time
	made *catalog.Catalog
}

func newShop(t *testing.T, run bool) *shop {
	s := &shop{t: t, dir: t.TempDir(), now: time.Now()}
	for path, text := range files {
		s.write(path, text)
	}
	if run {
		s.run()
	}
	o := s.options()
	o.Clock = func() time.Time { return s.now }
	w, err := workspace.New(t.Context(), o, func(error) {})
	require.NoError(t, err)
	s.made = catalog.New(w)
	return s
}

func (s *shop) options() pipeline.Options {
	return pipeline.Options{
		Dir: s.dir, Clock: time.Now, Log: zerolog.Nop(), LookupEnv: func(string) (string, bool) { return "", false }, Command: "run",
	}
}

func (s *shop) write(path, text string) {
	path = filepath.Join(s.dir, filepath.FromSlash(path))
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(s.t, os.WriteFile(path, []byte(text), 0o644))
}

func (s *shop) run() {
	_, err := pipeline.Run(s.t.Context(), s.options())
	require.NoError(s.t, err)
}

// project is what the catalog gives once it looks again.
func (s *shop) project() *catalog.Project {
	s.now = s.now.Add(time.Minute)
	p, err := s.made.Project(s.t.Context())
	require.NoError(s.t, err)
	return p
}

func (s *shop) snapshot() *duckdb.DB {
	w, err := pipeline.Open(s.t.Context(), s.options())
	require.NoError(s.t, err)
	db, err := w.Snapshot(s.t.Context())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, db.Close()) })
	return db
}

func (s *shop) model(p *catalog.Project, name string, db *duckdb.DB) catalog.Detail {
	n, found := p.Node(name)
	require.True(s.t, found, name)
	d, err := p.Model(s.t.Context(), n, db)
	require.NoError(s.t, err)
	return d
}

func TestNodesWithTheirResults(t *testing.T) {
	s := newShop(t, true)
	p := s.project()
	require.Empty(t, s.made.Problems())
	models, err := p.Models(t.Context())
	require.NoError(t, err)
	var told []string
	for _, m := range models {
		line := string(m.Kind) + " " + m.Name + " = " + m.Relation
		if m.Last != nil {
			line += " " + string(m.Last.Status)
		}
		told = append(told, line)
	}
	require.Equal(t, []string{
		"source raw.orders = raw.orders success", "model orders = main.orders success", "model total = main.total success", "exposure board = ",
	}, told)
}

func TestModel(t *testing.T) {
	s := newShop(t, true)
	s.write("data/raw/orders.csv", "id,amount\n1,10\n2,20\n3,-5\n4,1\n")
	s.run()
	p, db := s.project(), s.snapshot()

	d := s.model(p, "orders", db)
	require.True(t, d.Published)
	require.Equal(t, []catalog.Column{
		{Name: "id", Type: "BIGINT", Description: "Its key.", Tests: []string{"not_null"}},
		{Name: "amount", Type: "BIGINT", Tests: []string{"not_negative"}},
		{Name: "forgotten", Description: "Not there.", Tests: []string{}, Absent: true},
	}, d.Columns)
	require.Contains(t, d.SQL, "{{ source(")
	require.Equal(t, `select id, amount from "raw"."orders"`, d.Compiled)
	require.Equal(t, "raw.orders", d.Upstream[0].Name)
	require.Equal(t, "total", d.Downstream[0].Name)
	require.Len(t, d.Checks, 2)
	require.Equal(t, runner.StatusWarn, d.Checks[1].Last.Status)
	var rows []int64
	for _, h := range d.History {
		rows = append(rows, *h.Rows)
	}
	require.Equal(t, []int64{4, 3}, rows, "row counts, the latest first")
	require.Equal(t, `select * from "main"."orders" limit 5`, d.Preview(5))

	source := s.model(p, "raw.orders", db)
	require.Equal(t, "What was ordered.", source.Description)
	require.Equal(t, int64(4), source.Files[0].Rows)
	require.Equal(t, "bigint", source.Columns[0].Declared)

	board := s.model(p, "board", db)
	require.Equal(t, "Sales", board.Owner)
	require.Empty(t, board.Preview(5))
}

func TestTestsWithTheirResults(t *testing.T) {
	s := newShop(t, true)
	p := s.project()
	tests, err := p.WithResults(t.Context())
	require.NoError(t, err)
	require.Len(t, tests, 5)
	for _, one := range tests {
		require.NotNil(t, one.Last, one.Name)
	}
	d, found, err := p.Test(t.Context(), "not_negative_orders_amount")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "orders", d.On.Name)
	require.Equal(t, "models/shop.yml:20", d.Place())
	require.Equal(t, int64(1), d.Failure.Count)
	require.Equal(t, [][]string{{"3", "-5"}}, d.Failure.Rows)
	require.Contains(t, d.Query, `"main"."orders"`)
	require.Len(t, d.History, 1)

	d, _, err = p.Test(t.Context(), "few")
	require.NoError(t, err)
	require.Nil(t, d.On)
	require.Nil(t, d.Failure)
	require.Contains(t, d.SQL, "{{ ref('total') }}")
	require.Equal(t, "total", d.Reads[0].Name)
	_, found, err = p.Test(t.Context(), "none")
	require.NoError(t, err)
	require.False(t, found)
}

func TestLineage(t *testing.T) {
	s := newShop(t, true)
	p := s.project()
	n, _ := p.Node("orders")
	near, err := p.Lineage(t.Context(), n.ID, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"raw.orders", "orders", "total"}, names(near))
	require.Len(t, near.Edges, 2)
	require.Equal(t, 1, near.Nodes[2].Downstream, "board is not shown, but counted")
	require.Equal(t, int64(3), *near.Nodes[1].Rows)
	all, err := p.Lineage(t.Context(), "", catalog.WholeGraph)
	require.NoError(t, err)
	require.Equal(t, []string{"raw.orders", "orders", "total", "board"}, names(all))
	require.Len(t, all.Edges, 3)
	centre, _ := p.Centre()
	require.Equal(t, "orders", centre.Name)
}

func names(l catalog.Lineage) []string {
	var out []string
	for _, n := range l.Nodes {
		out = append(out, n.Name)
	}
	return out
}

func TestFilesThatChange(t *testing.T) {
	s := newShop(t, true)
	before := s.project()
	require.Same(t, before, s.project(), "nothing changed, so nothing is read again")

	s.write("models/extra.sql", "select 1 as one\n")
	_, found := s.project().Node("extra")
	require.True(t, found)

	s.write("models/extra.sql", "select {{ ref('ordrs') }}\n")
	p := s.project()
	problems := s.made.Problems()
	require.Len(t, problems, 1)
	require.Equal(t, "models/extra.sql:1:11", place(problems[0]))
	require.Contains(t, problems[0].Hint, "orders")
	_, found = p.Node("extra")
	require.True(t, found, "the last project that loaded is shown")

	s.write("models/extra.sql", "select 1 as one\n")
	s.project()
	require.Empty(t, s.made.Problems())
}

func TestNothingRunYet(t *testing.T) {
	s := newShop(t, false)
	p := s.project()
	tests, err := p.WithResults(t.Context())
	require.NoError(t, err)
	require.Nil(t, tests[0].Last)
	n, _ := p.Node("total")
	d, err := p.Model(t.Context(), n, nil)
	require.NoError(t, err)
	require.False(t, d.Published)
	require.Empty(t, d.History)
}

func place(p runner.Problem) string {
	return runner.Position{File: p.File, Line: p.Line, Col: p.Col}.String()
}
