//go:build browser

package browser

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// ask types SQL into the empty editor, as one does.
func (tb *tab) ask(sql string) {
	tb.t.Helper()
	tb.click(".cm-content")
	tb.run(chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)), chromedp.KeyEvent(kb.Delete))
	for _, key := range sql {
		tb.run(chromedp.KeyEvent(string(key)))
	}
	tb.press(kb.Escape) // what completion offers
}

// ctrlEnter runs it.
func (tb *tab) ctrlEnter() {
	tb.t.Helper()
	tb.run(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl)))
}

func TestAQueryIsAskedAndLinked(t *testing.T) {
	s := newSite(t)
	tb := s.open("/sql")
	tb.ask("select platform, count(*) as n from marketing_analytics group by 1 order by 1")
	tb.ctrlEnter()
	tb.until(`document.querySelector(".result-line")?.innerText.includes("4 rows")`)
	require.Equal(t, []any{"email_campaigns", "facebook_ads", "google_ads", "web_traffic"},
		tb.eval(`[...document.querySelectorAll(".console-outcome tbody td:first-child")].map(c => c.innerText)`))

	other := s.open(tb.eval(`location.pathname + location.search`).(string))
	other.until(`document.querySelector(".result-line")?.innerText.includes("4 rows")`)
	require.Contains(t, other.text(".cm-content"), "from marketing_analytics")

	tb.click(`.console-tools button:nth-of-type(2)`)
	tb.until(`document.querySelector(".plan")?.innerText.includes("MARKETING_ANALYTICS") || document.querySelector(".plan")?.innerText.includes("marketing_analytics")`)

	tb.visit("/sql")
	tb.until(`document.querySelector(".past")?.innerText.includes("group by 1")`)
	tb.click(".past button")
	tb.until(`document.querySelector(".cm-content").innerText.includes("order by 1")`)
}

func TestTheRowsShownAreLimitedAndTheFileIsNot(t *testing.T) {
	tb := newSite(t).open("/sql?q=" + url.QueryEscape("select range as n from range(2500)"))
	tb.until(`document.querySelector(".result-line")?.innerText.includes("The first 1,000 rows; there are more")`)
	tb.click(`.console-tools button:nth-of-type(3)`)
	rows, err := csv.NewReader(strings.NewReader(string(tb.downloaded("query.csv")))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 2501)
}

func TestAnErrorIsShownAtItsLine(t *testing.T) {
	tb := newSite(t).open("/sql?q=" + url.QueryEscape("select date,\n  clickz\nfrom marketing_analytics"))
	tb.excuse("422")
	tb.until(`document.querySelector(".console .problem")`)
	problem := tb.text(".console .problem")
	require.Contains(t, problem, "Line 2")
	require.Contains(t, problem, "clickz")
	require.Contains(t, problem, "did you mean")
	require.Equal(t, "  clickz", tb.eval(`document.querySelector(".error-line").innerText`))
	require.Equal(t, "clickz", tb.eval(`document.querySelector(".error-word").innerText`))

	tb.ask("drop table clients")
	tb.excuse("400")
	tb.ctrlEnter()
	tb.until(`!document.querySelector(".error-line") && document.querySelector(".console .problem")?.innerText.includes("read")`)
}

func TestAQueryIsCancelled(t *testing.T) {
	tb := newSite(t).open("/sql?q=" + url.QueryEscape("select count(*) from range(100000) as a, range(1000000) as b where (a.range * b.range) % 7 = 3"))
	tb.until(`document.querySelector(".running-line")`)
	tb.click(`.console-tools .danger`)
	tb.until(`document.querySelector(".console-outcome").innerText.includes("cancelled")`)
	tb.ask("select 1 as one")
	tb.ctrlEnter()
	tb.until(`document.querySelector(".result-line")?.innerText.includes("1 row")`)
}

func TestTheConsoleNeedsNoMouse(t *testing.T) {
	s := newSite(t)
	tb := s.open("/sql")
	tb.until(`document.activeElement.matches(".cm-content")`)
	for _, key := range "select 7 as seven" {
		tb.run(chromedp.KeyEvent(string(key)))
	}
	tb.press(kb.Escape)
	tb.tabTo(".console-tools .primary") // the editor lets go of the Tab key
	tb.press(kb.Enter)
	tb.until(`document.querySelector(".result-line")?.innerText.includes("1 row")`)
	tb.tabTo(".past button")
	tb.press(kb.Enter)
	tb.until(`document.activeElement.matches(".cm-content")`)
	tb.visit("/lineage")
	tb.tabTo(".lineage-node .more")
	before := tb.eval(`document.querySelectorAll(".lineage-node").length`)
	tb.press(kb.Enter)
	tb.until(fmt.Sprintf(`document.querySelectorAll(".lineage-node").length > %v`, before))
}

func TestColumnsAreOffered(t *testing.T) {
	tb := newSite(t).open("/sql")
	tb.until(`document.querySelector(".schema")`)
	tb.click(".cm-content")
	for _, key := range "select * from joining.touc" {
		tb.run(chromedp.KeyEvent(string(key)))
	}
	tb.until(`document.querySelector(".cm-tooltip-autocomplete")?.innerText.includes("touchpoints")`)
	time.Sleep(200 * time.Millisecond) // it takes no answer so soon, for who types fast does not mean it
	tb.press(kb.Tab)
	tb.until(`document.querySelector(".cm-content").innerText.includes("joining.touchpoints")`)
}
