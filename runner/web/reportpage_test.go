package web_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/web/reports"
)

func TestEachReportHasAPageWithItsChartAndRows(t *testing.T) {
	s := serve(t, marketingDir(t))
	for _, r := range read[[]reports.Report](s, "/api/v1/reports", nil) {
		status, page := s.get("/reports/" + r.Name)
		require.Equal(t, 200, status, page)
		assert.Contains(t, page, r.Title)
		assert.Contains(t, page, `class="plot"`, "%s has no chart", r.Name)
		assert.EqualValues(t, min(r.Rows, 200), strings.Count(page, "<tr>")-1, r.Name)
		for _, f := range r.Files {
			assert.Contains(t, page, `href="`+f.URL+`" download`)
		}
	}
}

func TestAReportIsSortedByItsLinks(t *testing.T) {
	s := serve(t, marketingDir(t))
	link := func(page, column string) string {
		found := regexp.MustCompile(`aria-sort="(\w+)"[^>]*><a href="([^"]*sort=` + column + `[^"]*)"`).FindStringSubmatch(page)
		require.NotNil(t, found, column)
		return found[1] + " " + strings.ReplaceAll(found[2], "&amp;", "&")
	}
	_, page := s.get("/reports/cross_channel_lift")
	require.Equal(t, "none /reports/cross_channel_lift?desc=true&sort=total_spend", link(page, "total_spend"), "numbers begin with the largest")
	require.Equal(t, "none /reports/cross_channel_lift?sort=platform", link(page, "platform"))
	_, page = s.get("/reports/cross_channel_lift?desc=true&sort=total_spend")
	require.Equal(t, "descending /reports/cross_channel_lift?sort=total_spend", link(page, "total_spend"))
	require.Less(t, strings.Index(page, "google_ads"), strings.Index(page, "facebook_ads"))
	status, page := s.get("/reports/cross_channel_lift?sort=total_spent")
	require.Equal(t, 400, status)
	require.Contains(t, page, "total_spend")
}

func TestLongReportsHavePages(t *testing.T) {
	s := serve(t, marketingDir(t))
	_, page := s.get("/reports/daily_client_spend?sort=spend_usd&offset=400")
	require.Contains(t, page, "900 rows, of which 401 to 600 are here")
	require.Contains(t, page, `rel="prev" href="/reports/daily_client_spend?offset=200&amp;sort=spend_usd"`)
	require.Contains(t, page, `rel="next" href="/reports/daily_client_spend?offset=600&amp;sort=spend_usd"`)
	_, page = s.get("/reports/daily_client_spend?offset=800")
	require.NotContains(t, page, `rel="next"`)
}

func TestWhatAChartShows(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project.yaml", "name: shop\ntarget: dev\ntargets:\n  dev: {path: data/w.duckdb, schema: main}\nexports:\n  - {format: csv, path: \"{name}.csv\"}\n  - {format: duckdb, path: s.duckdb}\n")
	sales := "select * from (values ('a', date '2024-12-01', 0.5, 10), ('b', date '2024-12-01', 0.7, 20), ('a', date '2024-12-02', 0.9, 40)) as s (shop, day, share, units)\n"
	write(t, dir, "models/guessed.sql", sales)
	write(t, dir, "models/told.sql", sales)
	write(t, dir, "models/words.sql", "select 'x' as only_text\n")
	write(t, dir, "models/wrong.sql", sales)
	write(t, dir, "models/models.yml", `models:
  - name: told
    config: {meta: {chart: {x: shop, y: units, title: Units of shops}}}
  - name: wrong
    config: {meta: {chart: {x: shop, y: unit}}}
`)
	publish(t, dir)
	s := serve(t, dir)

	_, page := s.get("/reports/guessed")
	require.Contains(t, page, "<figcaption>Units by day</figcaption>", "shares do not add up, units do")
	require.Contains(t, page, "<title>1 Dec 2024\n30</title>")

	_, page = s.get("/reports/told")
	require.Contains(t, page, "<figcaption>Units of shops</figcaption>")
	require.Less(t, strings.Index(page, ">50</text>"), strings.Index(page, ">20</text>"), "the largest first")

	status, page := s.get("/reports/words")
	require.Equal(t, 200, status)
	require.NotContains(t, page, "<figure")

	status, page = s.get("/reports/wrong")
	require.NotEqual(t, 200, status)
	require.Contains(t, page, "meta.chart of wrong names the column unit, which the report does not have")
}
