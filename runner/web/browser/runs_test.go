//go:build browser

package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// brokenModel reads a column that there is not.
const brokenModel = `select spend_usdd from {{ ref('marketing_analytics') }}` + "\n"

// write puts a file into the project.
func (s *site) write(file, text string) {
	s.t.Helper()
	file = filepath.Join(s.dir, filepath.FromSlash(file))
	require.NoError(s.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(s.t, os.WriteFile(file, []byte(text), 0o600))
	time.Sleep(1100 * time.Millisecond) // so long the server may trust the files it has read
}

// elt runs a command on the site's project, as someone on the command line would.
func (s *site) elt(args ...string) {
	s.t.Helper()
	out, err := exec.Command(binary, append(args, "--project-dir", s.dir)...).CombinedOutput()
	require.NoError(s.t, err, "%s", out)
}

// status is that of the run on the page.
const status = `document.querySelector(".run-state .badge")?.innerText.trim()`

func TestARunIsStartedWatchedMendedAndRetried(t *testing.T) {
	s := newSite(t)
	s.write("models/reports/broken.sql", brokenModel)
	s.write("models/reports/after.sql", "select * from {{ ref('broken') }}\n")
	list := s.open("/runs")
	tb := s.open("/runs")
	tb.click(`[data-open="run-now"]`)
	tb.click(`#run-now [name=force]`)
	tb.click(`#run-now menu button`)
	tb.until(`location.pathname.startsWith("/runs/2")`)
	tb.ready()
	id := tb.eval(`location.pathname.slice("/runs/".length)`).(string)
	list.until(`document.querySelector('#runs a[href="/runs/` + id + `"]')`)

	tb.until(`document.querySelectorAll(".gantt-row").length > 0`)
	tb.until(status + ` === "error"`)
	tb.until(`document.querySelector(".node-panel h2")?.innerText.includes("reports.broken")`)
	panel := tb.text(".node-panel")
	require.Contains(t, panel, "models/reports/broken.sql:1:8", "the place")
	tb.until(`(([list, row]) => row.top >= list.top && row.bottom <= list.bottom)(
		[".gantt-rows", ".gantt-row[aria-pressed=true]"].map(s => document.querySelector(s).getBoundingClientRect()))`)
	require.Contains(t, panel, `Referenced column "spend_usdd" not found`)
	require.Contains(t, panel, `did you mean "spend_usd"?`, "the hint")
	require.Contains(t, panel, "select spend_usdd from", "the excerpt and the compiled SQL")
	require.Contains(t, tb.text("table.nodes"), "skipped")
	tb.until(`document.querySelector(".log-lines")?.innerText.includes("end: error")`)
	list.until(`document.querySelector('#runs tr:has([href="/runs/` + id + `"])')?.innerText.includes("1 failed, 1 skipped")`)

	tb.click(`.log .segments button:nth-child(4)`)
	tb.until(`[...document.querySelectorAll(".log-lines li")].every(l => l.className === "error")`)

	s.write("models/reports/broken.sql", "select spend_usd from {{ ref('marketing_analytics') }}\n")
	tb.click(`.run-head .button.primary`)
	tb.until(`location.pathname !== "/runs/` + id + `"`)
	tb.ready()
	tb.until(status + ` === "success"`)
	require.Contains(t, tb.text(".lead"), "retry of "+id)
	require.Contains(t, tb.text("table.nodes"), "reports.after")
	require.Contains(t, tb.text(".run-state"), "published")
	list.until(`document.querySelector("#runs tbody tr").innerText.includes("success")`)
}

// slowModel takes long enough to be cancelled.
const slowModel = `{{ config(materialized='table') }}
select count(*) as n from range(100000) as a cross join range(1000000) as b where (a.range * b.range) % 7 = 3
`

func TestARunIsCancelled(t *testing.T) {
	s := newSite(t)
	s.write("models/reports/slow.sql", slowModel)
	tb := s.open("/models/slow")
	tb.click(`[data-post="/runs"]`)
	tb.until(`location.pathname.startsWith("/runs/2")`)
	tb.ready()
	tb.until(`document.querySelector(".gantt-row.running")`)
	tb.click(`.run-head .button.danger`)
	tb.until(status + ` === "interrupted"`)
	tb.until(`[...document.querySelectorAll(".run-head button")].some(b => b.innerText === "Run again")`)
}

func TestARunOfTheCommandLineIsSeen(t *testing.T) {
	s := newSite(t)
	tb := s.open("/runs")
	before := tb.eval(`document.querySelectorAll("#runs tbody tr").length`).(float64)
	s.elt("run", "--force")
	tb.until(`document.querySelectorAll("#runs tbody tr").length > 0 && document.querySelector("#runs tbody tr").innerText.includes("command line")`)
	require.InDelta(t, before+1, tb.eval(`document.querySelectorAll("#runs tbody tr").length`), 0)
	tb.tabTo(`#runs tbody tr:first-child a`)
	tb.press(kb.Enter)
	tb.until(`location.pathname.startsWith("/runs/2")`)
	tb.ready()
	tb.tabTo(`.gantt-row`)
	tb.press(" ")
	tb.until(`document.querySelector(".node-panel")`)
	tb.tabTo(`.node-panel header button`)
	tb.press(kb.Enter)
	tb.until(`!document.querySelector(".node-panel")`)
	tb.press("/")
	tb.until(`document.activeElement.matches("[aria-label='Find a node']")`)
	tb.eval(`document.activeElement.value = ""`) // the protocol types the key although the page keeps it for itself
	tb.press("l", "i", "f", "t")
	tb.until(`document.querySelector("table.nodes tbody th") && [...document.querySelectorAll("table.nodes tbody th")].every(h => h.innerText.includes("lift"))`)
}
