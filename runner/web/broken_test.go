package web_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner/web"
	"elt/runner/web/api"
)

// charted is a project with all that the overview draws, in a data folder of its own choice, run once.
func charted(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "project.yaml", `name: shop
paths: {data: kept}
targets:
  dev: {path: kept/shop.duckdb, schema: main}
exports:
  - {format: duckdb, path: processed/analytics.duckdb}
`)
	write(t, dir, "models/marketing_analytics.sql", `select 'C1' as client_id, 'One' as name, date '2024-12-01' as date, 'google_ads' as platform, 'G1' as campaign_id,
  1 as clicks, 2 as impressions, 3.5 as spend_usd, 0 as emails_sent, 0 as sessions, 0 as pageviews, 4.5 as attributed_revenue_from_source_usd
`)
	publish(t, dir)
	return dir
}

// mended waits until a page that needs the project is back.
func (s *server) mended() {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		status, _ := s.get("/readyz")
		lineage, _ := s.get("/lineage")
		return status == http.StatusOK && lineage == http.StatusOK
	}, 10*time.Second, 50*time.Millisecond)
}

func TestItStartsWithAProjectThatDoesNotLoad(t *testing.T) {
	dir := charted(t)
	write(t, dir, "models/wrong.sql", "select {{ ref('marketing_analitics') }}\n")
	write(t, dir, "models/wrong.yml", "version: 2\nmodels:\n  - namee: wrong\n")
	s := serve(t, dir)
	for _, path := range []string{"/lineage", "/models/marketing_analytics", "/tests", "/reports"} {
		status, text := s.get(path)
		require.Equal(t, http.StatusServiceUnavailable, status, path)
		for _, part := range []string{"models/wrong.yml:3:5", "namee", "^", "id you mean"} {
			require.Contains(t, text, part, path)
		}
	}
	for _, path := range []string{"/", "/sql", "/runs", "/schedules", "/healthz"} {
		s.page(path)
	}
	require.Contains(t, s.page("/"), `data-island="dashboard"`)
	require.Contains(t, s.page("/runs"), "command line", "the records are where the project file has them")

	status, text := s.get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, text, "models/wrong.yml:3:5")
	response, text := s.do(http.MethodGet, "/api/v1/models", "")
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
	var problem api.Problem
	require.NoError(t, json.Unmarshal([]byte(text), &problem))
	require.Equal(t, "models/wrong.yml:3:5", problem.Position)

	require.NoError(t, os.Remove(filepath.Join(dir, "models/wrong.yml")))
	require.Eventually(t, func() bool { _, text := s.get("/lineage"); return strings.Contains(text, "models/wrong.sql:1:11") }, 10*time.Second, 50*time.Millisecond)
	require.NoError(t, os.Remove(filepath.Join(dir, "models/wrong.sql")))
	s.mended()
	require.NotContains(t, s.page("/"), "do not load")
}

func TestItStartsWithAProjectFileThatCannotBeRead(t *testing.T) {
	dir := charted(t)
	good, err := os.ReadFile(filepath.Join(dir, "project.yaml"))
	require.NoError(t, err)
	write(t, dir, "project.yaml", "name: [shop\n")
	s := serve(t, dir)
	_, text := s.get("/lineage")
	require.Contains(t, text, "project.yaml:1:")
	require.Contains(t, text, `<noscript><meta http-equiv="refresh" content="5"></noscript>`)
	require.Contains(t, s.page("/runs"), "No runs yet", "nothing tells where the records are")
	require.NoDirExists(t, filepath.Join(dir, "data"))

	stream := s.events("")
	write(t, dir, "project.yaml", string(good))
	require.JSONEq(t, `{"problem":null}`, stream.next("project").data)
	s.mended()
	require.NotContains(t, s.page("/lineage"), "refresh")
	require.Contains(t, s.page("/"), `data-island="dashboard"`)
	require.Contains(t, s.page("/runs"), "command line")
}

// The usual places do where the project file cannot tell.
func TestTheDashboardStandsWithoutAProjectFile(t *testing.T) {
	dir := charted(t)
	require.NoError(t, os.Rename(filepath.Join(dir, "kept"), filepath.Join(dir, "data")))
	write(t, dir, "project.yaml", "name: [shop\n")
	s := serve(t, dir)
	require.Contains(t, s.page("/"), `data-island="dashboard"`)
	require.Contains(t, s.page("/"), "project.yaml:1:")
}

func TestAFolderThatIsNoProjectIsRefused(t *testing.T) {
	_, err := web.New(t.Context(), web.Options{Project: options(t.TempDir())})
	require.ErrorContains(t, err, "no project.yaml in")
}
