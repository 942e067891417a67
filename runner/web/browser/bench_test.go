//go:build browser

package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkOverview takes the time that a reader of the overview waits, over 600,000 raw rows: until something is painted,
// until the figures are there, and until a filter that nobody has asked for before has changed them. Medians, in
// milliseconds. ELT_BENCH_PROJECT names a project of that size that has run; without it one is made.
func BenchmarkOverview(b *testing.B) {
	s := &site{t: b, dir: os.Getenv("ELT_BENCH_PROJECT")}
	if s.dir == "" {
		s.dir = largeProject(b)
	}
	s.serve()
	tb := s.open("/")
	tb.settled()
	var painted, figures, changed []float64
	for range max(b.N, 7) {
		tb.visit("/")
		tb.settled()
		times := tb.eval(`[performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.getEntriesByName("dashboard")[0].startTime]`).([]any)
		painted, figures = append(painted, times[0].(float64)), append(figures, times[1].(float64))
	}
	for i := range max(b.N, 7) {
		tb.visit("/?from=2024-12-01&to=2025-01-" + string(rune('1'+i/9%2)) + string(rune('1'+i%9)))
		tb.settled()
		changed = append(changed, tb.eval(`new Promise(done => {
			const page = document.querySelector(".dashboard"), started = performance.now()
			new MutationObserver((_, watch) => {
				if (page.getAttribute("aria-busy") === "true") return
				watch.disconnect()
				requestAnimationFrame(() => done(performance.now() - started))
			}).observe(page, {attributes: true, attributeFilter: ["aria-busy"]})
			document.querySelector('.chip [value="google_ads"]').click()
		})`).(float64))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(painted), "paint-ms")
	b.ReportMetric(median(figures), "figures-ms")
	b.ReportMetric(median(changed), "filter-ms")
}

func largeProject(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "project")
	out, err := exec.Command("cp", "-a", template, dir).CombinedOutput()
	require.NoError(b, err, "%s", out)
	require.NoError(b, os.RemoveAll(filepath.Join(dir, "data")))
	for _, args := range [][]string{{"generate", "--seed", "1", "--clients", "1000", "--days", "90"}, {"run"}} {
		out, err := exec.Command(binary, append(args, "--project-dir", dir)...).CombinedOutput()
		require.NoError(b, err, "%s", out)
	}
	return dir
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
