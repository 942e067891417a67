//go:build browser

package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

func TestLineageIsFollowed(t *testing.T) {
	tb := newSite(t).open("/lineage?node=marketing_analytics")
	shown := `document.querySelectorAll(".lineage-node").length`
	before := tb.eval(shown).(float64)
	require.Equal(t, true, tb.eval(`!!document.querySelector('.lineage-node.focus a[href="/models/marketing_analytics"]')`))
	require.Equal(t, false, tb.eval(`!!document.querySelector('[data-node="source.marketing.raw.google_ads"]')`), "two steps away")

	tb.click(`.lineage-node:has([data-node="model.marketing.touchpoints"]) .more.before`)
	tb.until(fmt.Sprintf("%s > %v", shown, before))
	tb.until(`document.querySelector('[data-node="model.marketing.stg_google_ads"]')`)

	tb.eval(`document.querySelector('[data-node="model.marketing.marketing_analytics"]').focus()`)
	tb.press(kb.ArrowLeft)
	tb.until(`document.activeElement.dataset.node?.startsWith("model.") && document.activeElement.dataset.node !== "model.marketing.marketing_analytics"`)
	tb.press(kb.ArrowRight)
	tb.until(`document.activeElement.dataset.node === "model.marketing.marketing_analytics" || document.activeElement.dataset.node.includes("performance")`)

	// The same in words, for those who do not see the graph.
	require.Contains(t, tb.text(".facts"), "touchpoints")

	tb.press("/")
	tb.until(`document.activeElement.matches("[name=node]")`)
	tb.visit("/lineage?all")
	require.Equal(t, tb.eval(`document.querySelectorAll("#nodes tbody tr").length`), tb.eval(shown))
}

func TestAModelIsReadFromTopToBottom(t *testing.T) {
	tb := newSite(t).open("/models/daily_client_spend")
	main := tb.text("main")
	for _, part := range []string{"What each client spent on each day", "models/reports/daily_client_spend.sql", "marketing_analytics", "spend_usd", "not_null", "900"} {
		require.Contains(t, main, part)
	}
	require.Contains(t, tb.eval(`document.querySelector('[aria-label="SQL as written"]').innerText`), "{{ ref(")
	require.Equal(t, true, tb.eval(`!!document.querySelector("pre.sql .tok-keyword")`))
	require.EqualValues(t, 20, tb.eval(`document.querySelector('[aria-label="Rows"] tbody').rows.length`))
	tb.click(`a[href^="/sql?q="]`)
	tb.until(`location.pathname === "/sql"`)
	tb.ready()
	tb.until(`document.querySelector(".result-line")?.innerText.includes("100 rows")`)
}

func TestFailingRowsOfATestAreShown(t *testing.T) {
	s := newSite(t)
	s.write("models/reports/odd.sql", "select * from {{ ref('weekly_trends') }}\n")
	s.write("models/reports/odd.yml", `version: 2
models:
  - name: odd
    data_tests:
      - expression_is_true:
          name: hardly_any_clicks
          arguments: {expression: "clicks < 10"}
          config: {severity: warn}
`)
	s.elt("run")
	tb := s.open("/tests?state=warn")
	tb.click(`a[href$="hardly_any_clicks"]`)
	tb.until(`location.pathname.startsWith("/tests/")`)
	tb.ready()
	require.Contains(t, tb.text("main"), "models/reports/odd.yml:")
	require.Equal(t, true, tb.eval(`document.querySelectorAll('[aria-label="Failing rows"] tbody tr').length > 4`))
	require.Equal(t, true, tb.eval(`document.querySelector(".strip a").className === "warn"`))

	tb.visit("/tests")
	tb.press("/")
	tb.until(`document.activeElement.matches("[data-filter=tests]")`)
	tb.eval(`document.activeElement.value = ""`) // the protocol types the key although the page keeps it for itself
	tb.press("h", "a", "r", "d", "l", "y")
	tb.until(`[...document.querySelectorAll("#tests tbody tr")].filter(r => !r.hidden).length === 1`)
}

func TestAProjectThatDoesNotLoadIsStillBrowsed(t *testing.T) {
	s := newSite(t)
	s.open("/lineage") // it was read when it still loaded
	s.write("models/reports/weekly_trends.sql", "select * from {{ ref('marketing_analytiks') }}\n")
	tb := s.open("/models/daily_client_spend")
	tb.until(`location.reload() || true`)
	tb.ready()
	tb.until(`document.querySelector(".problems")`)
	told := tb.text(".problems")
	require.Contains(t, told, "models/reports/weekly_trends.sql:1:18")
	require.Contains(t, told, "marketing_analytics", "what it may have meant")
	require.EqualValues(t, 20, tb.eval(`document.querySelector('[aria-label="Rows"] tbody').rows.length`))
}
