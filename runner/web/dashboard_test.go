package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/web/api"
	"elt/runner/web/dashboard"
	"elt/runner/web/format"
	"elt/runner/web/reports"
	"elt/runner/web/table"
)

// analyticsOf opens the published snapshot beside the server.
func analyticsOf(t *testing.T, dir string) *duckdb.DB {
	t.Helper()
	path, err := filepath.EvalSymlinks(filepath.Join(dir, "data/processed/analytics.duckdb"))
	require.NoError(t, err)
	db, err := duckdb.Open(t.Context(), duckdb.Config{Path: path, ReadOnly: true, Apart: true})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// ask gives the numbers of the one row of a query.
func ask(t *testing.T, q engine.Querier, sql string) []float64 {
	t.Helper()
	row, err := engine.One(t.Context(), q, sql)
	require.NoError(t, err, sql)
	out := make([]float64, len(row))
	for i, v := range row {
		out[i], err = strconv.ParseFloat(fmt.Sprint(v), 64)
		require.NoError(t, err, sql)
	}
	return out
}

const figures = `select coalesce(sum(spend_usd), 0), coalesce(sum(clicks), 0), coalesce(sum(impressions), 0), coalesce(sum(sessions), 0),
	coalesce(sum(emails_sent), 0), coalesce(sum(attributed_revenue_from_source_usd), 0) from marketing_analytics where `

func TestFiguresAreThoseOfTheTouchpoints(t *testing.T) {
	dir := marketingDir(t)
	s, db := serve(t, dir), analyticsOf(t, dir)
	for _, c := range []struct{ query, now, before string }{
		{"", "date between '2025-01-30' and '2025-02-28'", "date between '2024-12-31' and '2025-01-29'"},
		{"from=2024-12-01&to=2025-02-28&compare=none&grain=month", "true", ""},
		{
			"client=C101&client=C103&from=2024-12-20&to=2025-01-09&grain=week", "client_id in ('C101','C103') and date between '2024-12-20' and '2025-01-09'",
			"client_id in ('C101','C103') and date between '2024-11-29' and '2024-12-19'",
		},
		{"platform=google_ads&from=2025-01-01&to=2025-01-01", "platform = 'google_ads' and date = '2025-01-01'", "platform = 'google_ads' and date = '2024-12-31'"},
		{
			"platform=email_campaigns&platform=web_traffic&client=C105&grain=month", "platform in ('email_campaigns','web_traffic') and client_id = 'C105' and date >= '2025-01-30'",
			"platform in ('email_campaigns','web_traffic') and client_id = 'C105' and date between '2024-12-31' and '2025-01-29'",
		},
		{"client=nobody", "false", "false"},
		{"client=" + url.QueryEscape("' or true --"), "false", "false"},
	} {
		values, err := url.ParseQuery(c.query)
		require.NoError(t, err)
		o := read[dashboard.Overview](s, "/api/v1/dashboard", values)
		now, before := ask(t, db, figures+c.now), []float64(nil)
		if c.before != "" {
			before = ask(t, db, figures+c.before)
		}
		for i, k := range o.KPIs {
			assert.InDelta(t, now[i], k.Value, 1e-6, "%s of %s", k.Key, c.query)
			spark := 0.0
			for _, v := range k.Spark {
				spark += *v
			}
			assert.InDelta(t, now[i], spark, 1e-4, "sparkline of %s of %s", k.Key, c.query)
			if before == nil {
				assert.Nil(t, k.Previous)
				assert.Nil(t, k.DeltaPercent)
				continue
			}
			assert.InDelta(t, before[i], *k.Previous, 1e-6, "%s before %s", k.Key, c.query)
			if before[i] > 0 {
				assert.InDelta(t, (now[i]-before[i])/before[i]*100, *k.DeltaPercent, 1e-6, k.Key)
			} else {
				assert.Nil(t, k.DeltaPercent, k.Key)
			}
		}
		sumOf(t, db, o.Charts.SpendByPlatform, "spend_usd", "spend_usd", c.now)
		sumOf(t, db, o.Charts.ClicksOverTime, "clicks", "clicks", c.now)
		sumOf(t, db, o.Charts.SessionsPageviews, "pageviews", "pageviews", c.now)
		sumOf(t, db, o.Charts.RevenueByChannel, "attributed_revenue_usd", "attributed_revenue_from_source_usd", c.now)
		sumOf(t, db, o.Charts.CTRTrends, "total_impressions", "impressions", c.now)
	}
}

// sumOf holds the sum of a chart's column against the touchpoints.
func sumOf(t *testing.T, q engine.Querier, chart table.Table, column, of, where string) {
	t.Helper()
	sum := 0.0
	for _, row := range rowsOf(chart) {
		sum += row[column].(float64)
	}
	want := ask(t, q, fmt.Sprintf("select coalesce(sum(%s), 0) from marketing_analytics where %s", of, where))
	assert.InDelta(t, want[0], sum, 1e-4, "%s where %s", column, where)
}

func rowsOf(t table.Table) []map[string]any {
	var out []map[string]any
	for _, row := range t.Rows {
		named := map[string]any{}
		for i, c := range t.Columns {
			named[c.Name] = row[i]
		}
		out = append(out, named)
	}
	return out
}

// report reads a published CSV: a row by its first column.
func report(t *testing.T, dir, name string) (header []string, rows [][]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "data/reports", name))
	require.NoError(t, err)
	all, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return all[0], all[1:]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

func TestChartsAreThoseOfTheReports(t *testing.T) {
	dir := marketingDir(t)
	o := read[dashboard.Overview](serve(t, dir), "/api/v1/dashboard", url.Values{"from": {"2024-12-01"}, "to": {"2025-02-28"}})

	_, spend := report(t, dir, "daily_client_spend_report.csv")
	sum := 0.0
	for _, row := range spend {
		sum += number(t, row[2])
	}
	assert.InDelta(t, sum, o.KPIs[0].Value, 0.005)

	_, clicks := report(t, dir, "total_clicks_by_platform_report.csv")
	byPlatform := map[string]float64{}
	for _, row := range rowsOf(o.Charts.ClicksOverTime) {
		byPlatform[row["platform"].(string)] += row["clicks"].(float64)
	}
	require.Len(t, byPlatform, len(clicks))
	for _, row := range clicks {
		assert.InDelta(t, number(t, row[1]), byPlatform[row[0]], 0, row[0])
	}

	_, trends := report(t, dir, "ctr_trends_report.csv")
	require.Len(t, o.Charts.CTRTrends.Rows, len(trends))
	for i, row := range rowsOf(o.Charts.CTRTrends) {
		assert.Equal(t, trends[i][0], row["date"])
		assert.InDelta(t, number(t, trends[i][1]), row["total_clicks"], 0)
		assert.InDelta(t, number(t, trends[i][3]), row["ctr"], 1e-6, "%s", row["date"])
	}

	_, platforms := report(t, dir, "cross_channel_lift_report.csv")
	channels := map[string]string{"google_ads": "google_ads", "facebook_ads": "facebook", "email_campaigns": "email", "web_traffic": "organic"}
	byChannel := map[string]float64{}
	for _, row := range rowsOf(o.Charts.RevenueByChannel) {
		byChannel[row["channel"].(string)] += row["attributed_revenue_usd"].(float64)
	}
	for _, row := range platforms {
		assert.InDelta(t, number(t, row[1]), byChannel[channels[row[0]]], 0.005, row[0])
	}
	for _, row := range rowsOf(o.Charts.CTRByPlatform) {
		if row["impressions"].(float64) == 0 {
			assert.Nil(t, row["ctr"], "no impressions, no rate")
		} else {
			assert.InDelta(t, row["clicks"].(float64)/row["impressions"].(float64)*100, row["ctr"], 1e-9)
		}
	}
}

func TestPeriods(t *testing.T) {
	s := serve(t, marketingDir(t))
	dates := func(query string) []string {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		seen := map[string]bool{}
		for _, row := range rowsOf(read[dashboard.Overview](s, "/api/v1/dashboard", values).Charts.SessionsPageviews) {
			seen[row["date"].(string)] = true
		}
		return slices.Sorted(maps.Keys(seen))
	}
	assert.Equal(t, []string{"2024-12-30", "2025-01-06"}, dates("from=2025-01-05&to=2025-01-06&grain=week"), "weeks begin on Monday")
	assert.Equal(t, []string{"2024-12-01", "2025-01-01", "2025-02-01"}, dates("from=2024-12-31&to=2025-02-01&grain=month"))
	assert.Equal(t, []string{"2019-12-31", "2020-01-01"}, dates("from=2019-12-31&to=2020-01-01"), "days without data are there")
	assert.Len(t, dates(""), 30)
}

func TestFiltersThatMakeNoSense(t *testing.T) {
	s := serve(t, marketingDir(t))
	for query, want := range map[string]string{
		"from=yesterday": "2024-12-31", "from=2025-01-02&to=2025-01-01": "after", "from=0001-01-01&to=2025-01-01": "fifty years",
		"grain=hour": "grain", "compare=last": "compare", "client=%00": "control",
	} {
		status, text := s.get("/api/v1/dashboard?" + query)
		assert.Contains(t, []int{400, 422}, status, query)
		assert.Contains(t, text, want, query)
		status, _ = s.get("/?" + query)
		assert.Equal(t, 400, status, "the page with %s", query)
	}
}

func TestPageHasTheDataOfTheAPI(t *testing.T) {
	s := serve(t, marketingDir(t))
	for _, query := range []string{"", "?client=C102&grain=week&from=2025-01-01"} {
		_, page := s.get("/" + query)
		_, overview := s.get("/api/v1/dashboard" + query)
		_, preview := s.get("/api/v1/dashboard/preview" + query)
		assert.Contains(t, page, overview)
		assert.Contains(t, page, preview)
	}
	rows := read[table.Table](s, "/api/v1/dashboard/preview", url.Values{"client": {"C102"}})
	require.Len(t, rows.Rows, 50)
	for _, row := range rowsOf(rows) {
		assert.Equal(t, "C102", row["client_id"])
	}
	assert.Equal(t, "2025-02-28", rowsOf(rows)[0]["date"])
	a := read[dashboard.Attribution](s, "/api/v1/attribution", nil)
	assert.NotEmpty(t, a.Comparison.Rows)
	assert.NotEmpty(t, a.Lift.Rows)
}

func TestReportsAreTheFiles(t *testing.T) {
	dir := marketingDir(t)
	s := serve(t, dir)
	list := read[[]reports.Report](s, "/api/v1/reports", nil)
	files, err := filepath.Glob(filepath.Join(dir, "data/reports/*.csv"))
	require.NoError(t, err)
	require.Len(t, list, len(files))
	for _, r := range list {
		header, rows := report(t, dir, r.Name+"_report.csv")
		var all [][]any
		for offset := 0; ; offset += 700 {
			page := read[reports.Page](s, "/api/v1/reports/"+r.Name, url.Values{"limit": {"700"}, "offset": {strconv.Itoa(offset)}})
			require.EqualValues(t, len(rows), page.Total)
			require.EqualValues(t, len(rows), page.Rows)
			for i, c := range page.Table.Columns {
				assert.Equal(t, header[i], c.Name)
				assert.NotEmpty(t, c.Description, "%s.%s", r.Name, c.Name)
			}
			if all = append(all, page.Table.Rows...); len(page.Table.Rows) < 700 {
				break
			}
		}
		require.Len(t, all, len(rows))
		for i, row := range all {
			for j, v := range row {
				same(t, rows[i][j], v)
			}
		}
		for _, f := range r.Files {
			response, text := s.do(http.MethodGet, f.URL, "")
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Len(t, text, int(f.Bytes))
			assert.Contains(t, response.Header.Get("Content-Disposition"), "attachment; filename="+r.Name)
		}
	}
	sorted := read[reports.Page](s, "/api/v1/reports/daily_client_spend", url.Values{"sort": {"spend_usd"}, "desc": {"true"}, "limit": {"1000"}})
	assert.True(t, slices.IsSortedFunc(sorted.Table.Rows, func(a, b []any) int {
		return int(math.Copysign(1, b[2].(float64)-a[2].(float64)))
	}))
	status, text := s.get("/api/v1/reports/daily_client_spend?sort=spend")
	assert.Equal(t, 400, status)
	assert.Contains(t, text, "spend_usd")
	status, text = s.get("/api/v1/reports/daily_client_spent")
	assert.Equal(t, 404, status)
	assert.Contains(t, text, "daily_client_spend")
}

// same holds a value of the API against the text of a CSV file.
func same(t *testing.T, text string, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		assert.Empty(t, text)
	case float64:
		want := number(t, text)
		assert.InDelta(t, want, v, math.Abs(want)*1e-9)
	default:
		assert.Equal(t, text, fmt.Sprint(v))
	}
}

func TestBeforeTheFirstRun(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project.yaml", "name: shop\ntarget: dev\ntargets:\n  dev: {path: data/w.duckdb, schema: main}\nexports:\n  - {format: csv, path: \"{name}.csv\"}\n  - {format: duckdb, path: s.duckdb}\n")
	write(t, dir, "models/totals.sql", "select 1 as a\n")
	s := serve(t, dir)
	for _, path := range []string{"/", "/reports", "/reports/totals", "/readyz", "/api/v1/meta", "/api/v1/reports"} {
		status, text := s.get(path)
		assert.Equal(t, 200, status, path)
		if path == "/" || path == "/reports/totals" {
			assert.Contains(t, text, "elt run", path)
		}
	}
	assert.Nil(t, read[api.Meta](s, "/api/v1/meta", nil).Snapshot)
	for _, path := range []string{"/api/v1/dashboard", "/api/v1/reports/totals", "/api/v1/sql/schema", "/reports/totals.csv"} {
		status, text := s.get(path)
		assert.Equal(t, 404, status, path)
		assert.Contains(t, text, "elt run", path)
	}
	status, text := s.post("/api/v1/sql", map[string]any{"sql": "select 1"})
	assert.Equal(t, 404, status)
	assert.Contains(t, text, "elt run")

	publish(t, dir)
	require.Eventually(t, func() bool { return read[api.Meta](s, "/api/v1/meta", nil).Snapshot != nil }, 5*time.Second, 50*time.Millisecond)
	status, text = s.get("/")
	assert.Equal(t, 200, status)
	assert.Contains(t, text, "marketing_analytics", "a project without this model says what it lacks")
	assert.Len(t, read[reports.Page](s, "/api/v1/reports/totals", nil).Table.Rows, 1)

	// Whoever takes the snapshot away is told so, and whoever asks whether the server may be asked.
	link := filepath.Join(dir, "data", "s.duckdb")
	file, err := filepath.EvalSymlinks(link)
	require.NoError(t, err)
	require.NoError(t, os.Remove(file))
	require.Eventually(t, func() bool { status, _ = s.get("/readyz"); return status == 503 }, 5*time.Second, 50*time.Millisecond)
	_, text = s.get("/api/v1/reports/totals")
	assert.Contains(t, text, "not there any more")
}

// TestTheOverviewWithoutScripts reads in noscript what the API says.
func TestTheOverviewWithoutScripts(t *testing.T) {
	s := serve(t, marketingDir(t))
	query := url.Values{"platform": {"google_ads"}, "from": {"2025-01-01"}, "to": {"2025-01-31"}}
	_, text, _ := strings.Cut(s.page("/?"+query.Encode()), "<noscript>")
	text, _, _ = strings.Cut(text, "</noscript>")
	require.Contains(t, text, "From 1 Jan 2025 to 31 Jan 2025")
	o := read[dashboard.Overview](s, "/api/v1/dashboard", query)
	require.Len(t, o.KPIs, 6)
	for _, k := range o.KPIs {
		require.Contains(t, text, k.Label+`</span> <strong class="tile-value">`+format.Value(k.Value, format.Unit(k.Unit))+"<")
		require.Contains(t, text, format.Value(*k.Previous, format.Unit(k.Unit))+" before")
	}
	a := read[dashboard.Attribution](s, "/api/v1/attribution", nil)
	require.NotEmpty(t, a.Comparison.Rows)
	share := slices.IndexFunc(a.Comparison.Columns, func(c table.Column) bool { return c.Name == "share_percent" })
	for _, row := range a.Comparison.Rows {
		require.Contains(t, text, format.Cell(row[share], "share_percent", "DOUBLE"))
	}
	require.Contains(t, text, `<th scope="row">Google Ads</th>`)
	require.Equal(t, len(a.Comparison.Rows), strings.Count(text, `<td class="number">`), "a cell for each row")
}

// TestEditing sees that a page stands while a file does not load, and says so.
func TestEditing(t *testing.T) {
	dir := tiny(t)
	s := serve(t, dir)
	assert.Empty(t, read[api.Meta](s, "/api/v1/meta", nil).Problem)
	write(t, dir, "models/broken.sql", "select {{ \n")
	require.Eventually(t, func() bool { return read[api.Meta](s, "/api/v1/meta", nil).Problem != "" }, 5*time.Second, 100*time.Millisecond)
	status, text := s.get("/reports")
	assert.Equal(t, 200, status)
	assert.Contains(t, text, "models/broken.sql")
	require.NoError(t, os.Remove(filepath.Join(dir, "models/broken.sql")))
	require.Eventually(t, func() bool { return read[api.Meta](s, "/api/v1/meta", nil).Problem == "" }, 5*time.Second, 100*time.Millisecond)
}

func TestDescription(t *testing.T) {
	var described struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	status, text := serve(t, tiny(t)).get("/openapi.json")
	require.Equal(t, 200, status)
	require.NoError(t, json.Unmarshal([]byte(text), &described))
	assert.True(t, strings.HasPrefix(described.OpenAPI, "3."))
	for _, path := range []string{"/meta", "/dashboard", "/dashboard/preview", "/attribution", "/reports", "/reports/{name}", "/sql", "/sql/csv", "/events"} {
		assert.NotEmpty(t, described.Paths[api.Base+path], path)
	}
	assert.NotContains(t, text, "http://", "nothing is loaded from elsewhere")
}
