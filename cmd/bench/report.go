package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"elt/runner/engine/duckdb"
)

// median of any figure of the samples; the mean of the two in the middle of an even number.
func median[T any](samples []T, of func(T) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	n := len(values)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}

func wall(s sample) float64 { return s.wall.Seconds() }
func cpu(s sample) float64  { return s.cpu.Seconds() }
func peak(s sample) float64 { return s.megabytes() }

// ratio is the median of the ratios of samples taken in turn: a machine that slows down slows both of a pair.
func ratio(a, b []sample, of func(sample) float64) float64 {
	ratios := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		ratios = append(ratios, of(a[i])/of(b[i]))
	}
	return median(ratios, func(r float64) float64 { return r })
}

// report prints the figures as a table in Markdown.
func (s settings) report(out io.Writer, full, tenth figures) {
	fmt.Fprintf(out, "\n%d clients, %d days: %d raw rows. Medians of %d runs, taken in turn; ratios are medians of pairs.\n",
		s.clients, s.days, full.rows, s.runs)
	fmt.Fprintf(out, "%s/%s, %d cores, %s, DuckDB %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), duckdb.Version)
	fmt.Fprintf(out, "| %-36s | %9s | %9s | %9s |\n", "", "time", "CPU time", "peak")
	fmt.Fprintf(out, "|%s|%s:|%[2]s:|%[2]s:|\n", strings.Repeat("-", 38), strings.Repeat("-", 10))
	line := func(name string, samples []sample) {
		if len(samples) > 0 {
			fmt.Fprintf(out, "| %-36s | %7.2f s | %7.2f s | %6.0f MB |\n", name, median(samples, wall), median(samples, cpu), median(samples, peak))
		}
	}
	ratios := func(name string, a, b []sample) {
		if len(a) > 0 && len(b) > 0 {
			fmt.Fprintf(out, "| %-36s | %9.2f | %9.2f | %9.2f |\n", name, ratio(a, b, wall), ratio(a, b, cpu), ratio(a, b, peak))
		}
	}
	line("elt run", full.elt)
	line("the floor: the same in plain DuckDB", full.floor)
	ratios("elt run / floor", full.elt, full.floor)
	line("elt run without data tests", full.untested)
	ratios("elt run without data tests / floor", full.untested, full.floor)
	line("elt run, nothing changed", full.unchanged)
	line("elt version", full.version)
	line("elt run, a tenth of the clients", tenth.elt)
	line(filepath.Base(s.compare)+" run", full.other)
	ratios("elt run / "+filepath.Base(s.compare)+" run", full.elt, full.other)
	rows, times := float64(full.rows)/float64(tenth.rows), median(full.elt, wall)/median(tenth.elt, wall)
	fmt.Fprintf(out, "\n%.1f times the rows take %.1f times as long.\n", rows, times)
	s.reportParts(out, full.parts)
	phases(out, "elt run", full.elt)
	phases(out, "the floor", full.floor)
}

// phases prints where the time of a run goes: the stages one after the other, then the work inside them, which overlaps.
func phases(out io.Writer, name string, samples []sample) {
	fmt.Fprintf(out, "\nWhere the time of %s goes:\n\n", name)
	for i, st := range samples[0].stages {
		took := median(samples, func(s sample) float64 {
			if i < len(s.stages) {
				return s.stages[i].took.Seconds()
			}
			return 0
		})
		fmt.Fprintf(out, "  %-28s %7.3f s\n", st.name, took)
	}
	works := work(samples)
	fmt.Fprintf(out, "\n  longest steps (several run at once)\n")
	for _, w := range works[:min(14, len(works))] {
		fmt.Fprintf(out, "  %-60s %7.3f s\n", w.name, w.took.Seconds())
	}
}

// work is what was built and written, the longest first. Data tests that share a scan share its time, so they are left out.
func work(samples []sample) []stage {
	all := map[string][]float64{}
	for _, s := range samples {
		for _, e := range s.nodes {
			name := e.Node
			if e.File != "" {
				name = filepath.Base(e.File)
				if strings.HasPrefix(name, "analytics-") { // the snapshot has the run in its name
					name = "analytics.duckdb"
				}
			}
			if !strings.HasPrefix(e.Node, "test.") {
				all[name] = append(all[name], e.Elapsed)
			}
		}
	}
	var out []stage
	for name, values := range all {
		took := median(values, func(v float64) float64 { return v })
		out = append(out, stage{name, time.Duration(took * float64(time.Millisecond))})
	}
	slices.SortFunc(out, func(a, b stage) int { return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(a.name, b.name)) })
	return out
}
