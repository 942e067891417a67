//go:build browser

package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

const nightly = `
schedules:
  - name: nightly
    cron: "30 5 * * *"
    time_zone: Europe/Berlin
    select: [tag:report]
    overlap: queue
`

func TestSchedulesArePausedResumedAndRun(t *testing.T) {
	s := newSite(t)
	s.append("project.yaml", nightly)
	tb := s.open("/schedules")
	tb.until(`document.querySelector("#nightly") || (location.reload(), false)`)
	tb.ready()
	told := tb.text("#nightly")
	for _, part := range []string{"30 5 * * *", "Europe/Berlin", "tag:report", "wait for it (queue)", "05:30 CE"} {
		require.Contains(t, told, part)
	}
	require.InDelta(t, 5, tb.eval(`document.querySelectorAll("#nightly time[datetime]").length`), 0)
	require.Contains(t, tb.text("#sources"), "data/raw/google_ads", "every project has it")

	tb.tabTo(`[data-post="/schedules/nightly/pause"]`)
	tb.press(kb.Enter)
	tb.until(`document.querySelector("#nightly .badge").innerText.trim() === "paused"`)
	tb.until(`document.activeElement.matches('[data-post="/schedules/nightly/resume"]')`)
	require.Contains(t, tb.text("#nightly"), "not while it is paused")
	tb.press(kb.Enter)
	tb.until(`document.querySelector("#nightly .badge").innerText.trim() === "active"`)

	tb.click(`[data-post="/schedules/nightly/run"]`)
	tb.until(`location.pathname.startsWith("/runs/2")`)
	tb.ready()
	tb.until(status + ` === "success"`)
	require.Contains(t, tb.text(".lead"), "nightly")
	tb.visit("/schedules")
	tb.until(`document.querySelector("#nightly a[href^='/runs/']")`)
}
