package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/pipeline"
	"elt/runner/web/api"
	"elt/runner/web/catalog"
	"elt/runner/web/table"
)

// tested is the tiny project with a test that warns, run twice.
func tested(t *testing.T) string {
	t.Helper()
	dir := tiny(t)
	write(t, dir, "models/totals.yml", `version: 2
models:
  - name: totals
    description: All <sales> together.
    columns:
      - name: amount
        description: Of all days.
        data_tests:
          - not_null
          - expression_is_true:
              name: amount_is_small
              arguments: {expression: "< 10"}
              config: {severity: warn}
exposures:
  - name: board
    type: dashboard
    owner: {name: Sales}
    depends_on: [ref('totals')]
`)
	publish(t, dir)
	return dir
}

// page gets a page that is there.
func (s *server) page(path string) string {
	s.t.Helper()
	status, text := s.get(path)
	require.Equal(s.t, http.StatusOK, status, text)
	return text
}

func TestPagesOfTheCatalogue(t *testing.T) {
	s := serve(t, tested(t))
	for path, parts := range map[string][]string{
		"/lineage":               {"totals", "sales", "board", `id="lineage-data"`},
		"/lineage?all":           {"The whole project."},
		"/lineage?node=sales":    {`<option value="totals">`, "is read by"},
		"/models/totals":         {"All &lt;sales&gt; together.", "Of all days.", "amount_is_small", "models/totals.sql", "main.totals", `<span class="tok-jinja">{{ ref(&#39;sales&#39;) }}</span>`, "Run it and downstream", "Show the first rows"},
		"/models/totals?rows":    {"&lt;/script&gt;&lt;b&gt;"},
		"/models/board":          {"Sales", "exposure"},
		"/models/main.sales":     {"seeds/sales.csv", "2024-12-01"},
		"/tests":                 {"amount_is_small", "not_null_totals_amount", "1 of 1 row does not satisfy"},
		"/tests?state=warn":      {"amount_is_small"},
		"/tests?state=failed":    {"No test is in this state"},
		"/tests/amount_is_small": {"models/totals.yml:", "Failing rows", "warns only", "main&#34;.&#34;totals"},
		"/sql?q=select+%3C1":     {`{"q":"select \u003c1"}`},
		"/runs":                  {"command line", "Run now"},
		"/schedules":             {"No schedules"},
	} {
		text := s.page(path)
		for _, part := range parts {
			require.Contains(t, text, part, path)
		}
		require.NotContains(t, text, "</script><b>", "values are escaped on "+path)
		require.NotContains(t, text, "style=\"", "the content security policy forbids it on "+path)
	}
	require.NotContains(t, s.page("/tests?state=warn"), "not_null_totals_amount")
	response, _ := s.do(http.MethodGet, "/models", "")
	require.Equal(t, "/lineage", response.Header.Get("Location"))
}

func TestWhatIsNotThere(t *testing.T) {
	s := serve(t, tiny(t))
	for path, hint := range map[string]string{
		"/models/totls": "id you mean", "/lineage?node=totls": "id you mean", "/tests/none": "list of tests", "/runs/none": "no such run",
	} {
		status, text := s.get(path)
		require.Equal(t, http.StatusNotFound, status, path)
		require.Contains(t, text, hint, path)
	}
	require.Contains(t, s.page("/tests"), "No tests yet")
	for _, path := range []string{"/api/v1/nothing", "/api/v1/nothing/at/all", "/api/", "/api/v2/meta"} {
		response, text := s.do(http.MethodGet, path, "")
		require.Equal(t, http.StatusNotFound, response.StatusCode, path)
		require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"), path)
		var problem api.Problem
		require.NoError(t, json.Unmarshal([]byte(text), &problem), path)
		require.Equal(t, "/openapi.json lists them all", problem.Hint, path)
	}
	response, _ := s.do(http.MethodPost, "/api/v1/meta", "{}", "Content-Type", "application/json")
	require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"), "a method that the path does not have")
}

// What was written a moment ago is there when it is asked for, though the files were looked at just before.
func TestWhatIsNewIsFoundAtOnce(t *testing.T) {
	dir := tested(t)
	s := serve(t, dir)
	s.page("/models/totals")
	write(t, dir, "models/fresh.sql", "select amount from {{ ref('totals') }}\n")
	s.page("/models/fresh")
	write(t, dir, "models/fresher.sql", "select amount from {{ ref('totals') }}\n")
	s.page("/lineage?node=fresher")
	write(t, dir, "models/freshest.sql", "select amount from {{ ref('totals') }}\n")
	s.page("/reports/freshest")
	write(t, dir, "models/assertions/none.sql", "select * from {{ ref('totals') }} where amount < 0\n")
	s.page("/tests/none")
}

func TestNothingHasRunYet(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project.yaml", "name: shop\ntargets:\n  dev: {path: data/shop.duckdb, schema: main}\nexports:\n  - {format: duckdb, path: shop.duckdb}\n")
	write(t, dir, "models/one.sql", "select 1 as n\n")
	s := serve(t, dir)
	require.Contains(t, s.page("/models/one"), "othing is published yet")
	require.Contains(t, s.page("/models/one"), "elt run --select one")
	require.Contains(t, s.page("/runs"), "No runs yet")
	require.Contains(t, s.page("/sql"), "othing is published yet")
}

func TestAProjectOfDBTsIsShownWithItsRows(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "dbt_project.yml", "name: shop\nprofile: shop\nversion: 1.0.0\n")
	write(t, dir, "seeds/sales.csv", "day,amount\n2024-12-01,5\n2024-12-02,7\n")
	write(t, dir, "models/totals.sql", "select sum(amount) as amount from {{ ref('sales') }}\n")
	write(t, dir, "models/hopeless.sql", "select cast(amount || 'x' as integer) as n, random() as r from {{ ref('sales') }}\n")
	s := serve(t, dir)
	require.Contains(t, s.page("/"), "othing is published yet")
	publish(t, dir)
	require.Eventually(t, func() bool { return strings.Contains(s.page("/"), "Tables <span") }, 10*time.Second, 50*time.Millisecond)

	overview := s.page("/")
	for _, part := range []string{"no model marketing_analytics", `href="/models/model.shop.totals"`, `href="/lineage"`} {
		require.Contains(t, overview, part)
	}
	require.Contains(t, s.page("/reports"), "A project of dbt’s exports no files")
	require.NotContains(t, s.page("/reports"), "exports:")
	require.NotContains(t, s.page("/sql"), "othing is published yet")
	s.page("/readyz")
	require.Equal(t, [][]any{{float64(12)}}, read[table.Table](s, "/api/v1/models/totals/preview", nil).Rows)
	require.Len(t, read[table.Table](s, "/api/v1/models/sales/preview", nil).Rows, 2)
	status, text := s.get("/api/v1/models/hopeless/preview")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, text, "a view that cannot be read")

	removed, err := pipeline.Clean(t.Context(), options(dir), false)
	require.NoError(t, err)
	require.Contains(t, strings.Join(removed, " "), ".elt/snapshot.duckdb")
	left, err := filepath.Glob(filepath.Join(dir, ".elt", "snapshot*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestAProjectOfDBTsCanDoWithoutASnapshot(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "dbt_project.yml", "name: shop\nprofile: shop\nvars: {elt_snapshot: false}\n")
	write(t, dir, "models/one.sql", "select 1 as n\n")
	publish(t, dir)
	require.Contains(t, serve(t, dir).page("/models/one?rows"), "elt_snapshot: false")
}

func TestAProjectThatDoesNotLoadIsStillShown(t *testing.T) {
	dir := tested(t)
	s := serve(t, dir)
	s.page("/models/totals")
	write(t, dir, "models/wrong.sql", "select {{ ref('totls') }}\n")
	require.Eventually(t, func() bool {
		return strings.Contains(s.page("/models/totals"), "models/wrong.sql:1:11")
	}, 10*time.Second, 100*time.Millisecond)
	text := s.page("/models/totals")
	require.Contains(t, text, "Of all days.")
	require.Contains(t, text, "id you mean")
	status, _ := s.get("/models/wrong")
	require.Equal(t, http.StatusNotFound, status)
}

func TestTheCatalogueOverTheAPI(t *testing.T) {
	s := serve(t, tested(t))
	graph := read[catalog.Lineage](s, "/api/v1/lineage", url.Values{"node": {"sales"}})
	require.Equal(t, []catalog.Edge{{From: "seed.shop.sales", To: "model.shop.totals"}}, graph.Edges)
	require.Len(t, read[catalog.Lineage](s, "/api/v1/lineage", nil).Nodes, 3)

	model := read[catalog.Detail](s, "/api/v1/models/totals", nil)
	require.Len(t, model.History, 2)
	require.Equal(t, "HUGEINT", model.Columns[0].Type)
	require.Nil(t, model.Last.Rows, "nobody counts the rows of a view")
	require.Equal(t, int64(2), *read[catalog.Detail](s, "/api/v1/models/sales", nil).Last.Rows)
	preview := read[table.Table](s, "/api/v1/models/totals/preview", nil)
	require.Equal(t, [][]any{{float64(12), "</script><b>"}}, preview.Rows)
	status, text := s.get("/api/v1/models/board/preview")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, text, "no rows of its own")

	tests := read[[]catalog.Test](s, "/api/v1/tests", nil)
	require.Len(t, tests, 2)
	test := read[catalog.TestDetail](s, "/api/v1/tests/amount_is_small", nil)
	require.Equal(t, runner.StatusWarn, test.Last.Status)
	require.Equal(t, int64(1), test.Failure.Count)
	require.Equal(t, "totals", test.On.Name)
}

func TestAGraphTooLargeToDrawIsListed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project.yaml", "name: large\ntargets:\n  dev: {path: data/w.duckdb, schema: main}\n")
	for i := range 201 {
		write(t, dir, fmt.Sprintf("models/m%03d.sql", i), "select 1 as n\n")
	}
	s := serve(t, dir)
	all := s.page("/lineage?all")
	require.Contains(t, all, "Too many nodes to draw at once")
	require.Contains(t, all, `href="/models/model.large.m200"`)
	require.NotContains(t, all, "lineage-data")
	require.Contains(t, s.page("/lineage?node=m007"), "lineage-data")
}
