//go:build browser

package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/stretchr/testify/require"
)

// pages are all pages, by the name of their pictures; RUN stands for the run that made the project's data.
var pages = []struct{ name, path string }{
	{"overview", "/"},
	{"reports", "/reports"},
	{"report-lines", "/reports/weekly_trends"},
	{"report-bars", "/reports/cross_channel_lift"},
	{"report-parts", "/reports/attribution_comparison"},
	{"runs", "/runs"},
	{"run", "/runs/RUN"},
	{"lineage", "/lineage"},
	{"model", "/models/marketing_analytics"},
	{"source", "/models/raw.google_ads"},
	{"tests", "/tests"},
	{"test", "/tests/credits_add_up"},
	{"schedules", "/schedules"},
	{"sql", "/sql?q=select+*+from+cross_channel_lift"},
	{"not-found", "/nowhere"},
}

var screens = []struct {
	name          string
	width, height int64
	theme         string
	axe           bool
}{
	{"light", 1360, 900, "light", true},
	{"dark", 1360, 900, "dark", true},
	{"phone", 390, 844, "light", true},
	{"phone-dark", 390, 844, "dark", false}, // colours as in dark, layout as on the phone
}

func TestEachPageLooksRightAndIsAccessible(t *testing.T) {
	s := newSite(t)
	tb := s.open("/")
	run := tb.eval(`document.documentElement.dataset.snapshot`).(string)
	tb.excuse("404 (Not Found) " + s.url + "/nowhere")
	for _, p := range pages {
		tb.visit(strings.ReplaceAll(p.path, "RUN", run))
		for _, screen := range screens {
			t.Run(p.name+"/"+screen.name, func(t *testing.T) {
				tb := tb.in(t)
				tb.screen(screen.width, screen.height, screen.theme)
				tb.settled()
				tb.snapshot(p.name + "-" + screen.name)
				if screen.axe {
					tb.accessible()
				}
				require.LessOrEqual(t, tb.eval(`document.documentElement.scrollWidth`), float64(screen.width), "the page scrolls sideways")
				require.NotEmpty(t, tb.text("h1"))
				require.Equal(t, true, tb.eval(`document.querySelectorAll("h1").length === 1`))
				require.True(t, strings.HasSuffix(tb.eval(`document.title`).(string), " · marketing · elt"), tb.eval(`document.title`))
				tb.judge()
			})
		}
	}
}

func TestAProjectWithoutRunsSaysWhatToDo(t *testing.T) {
	s := newSite(t, func(dir string) {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "data")))
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "data", "raw"), 0o755))
	})
	tb := s.open("/")
	for _, path := range []string{"/", "/reports", "/reports/weekly_trends", "/runs", "/tests", "/lineage", "/sql"} {
		tb.screen(1360, 900, "light")
		tb.visit(path)
		tb.snapshot("empty" + strings.ReplaceAll(path, "/", "-"))
		tb.accessible()
		if path == "/" || path == "/reports/weekly_trends" || path == "/sql" {
			require.Contains(t, tb.text("main"), "elt run", path)
		}
	}
}

func TestAReportPrintsWithoutButtons(t *testing.T) {
	tb := newSite(t).open("/reports/weekly_trends")
	tb.screen(1000, 900, "dark")
	call(tb, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	tb.snapshot("report-lines-print")
	for _, selector := range []string{".topbar", ".actions"} {
		require.Equal(t, "none", tb.eval(`getComputedStyle(document.querySelector("`+selector+`")).display`), selector)
	}
	require.Equal(t, "rgb(255, 255, 255)", tb.eval(`getComputedStyle(document.body).backgroundColor`), "white, whatever the theme")
	require.Equal(t, "visible", tb.eval(`getComputedStyle(document.querySelector(".table-box")).overflowX`))
}

func TestWhatAPageLoadsIsWithinItsBudget(t *testing.T) {
	s := newSite(t)
	tb := s.open("/")
	run := tb.eval(`document.documentElement.dataset.snapshot`).(string)
	for path, budget := range map[string]float64{
		"/": 300_000, "/reports": 60_000, "/reports/weekly_trends": 60_000, "/runs": 60_000, "/runs/" + run: 60_000, "/lineage": 60_000,
		"/models/marketing_analytics": 60_000, "/tests": 60_000, "/sql": 160_000, "/schedules": 60_000,
	} {
		tb.visit(path)
		tb.settled()
		sum := tb.eval(`performance.getEntriesByType("resource").filter(e => e.name.includes("/assets/")).reduce((n, e) => n + e.encodedBodySize, 0)`)
		require.Positive(t, sum)
		require.LessOrEqual(t, sum, budget, "%s loads too much", path)
	}
}
