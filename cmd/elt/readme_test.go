package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAttributionReadme holds the tables of models/attribution/README.md to what the models say.
func TestAttributionReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../models/attribution/README.md")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, copyProject(dir))
	elt(t, dir, "generate", "-q", "--seed", "1")
	elt(t, dir, "run", "--select", "+attribution_comparison", "--exclude", "resource_type:test", "resource_type:unit_test")

	rows := inlined(t, dir, pivot("journeys", journeyModels, "attributed_cents", `
		replace(format('{:,.2f}', nullif(sum(%s), 0) / 100), 'nan', '')`,
		"channel", "case max(age_days) when 0 then 'the same day' else cast(cast(max(age_days) as bigint) as varchar) || ' days' end"))
	requireRows(t, string(text), rows, 4)

	rows = inlined(t, dir, pivot("paths_credits", []string{"first", "last", "linear", "position", "shapley", "markov"}, "conversions",
		"replace(cast(round(sum(%s), 2) as varchar) || ' ', '.0 ', '')", "channel"))
	requireRows(t, string(text), rows, 4)

	columns := []string{"channel"}
	for _, model := range append([]string{"source_reported"}, journeyModels...) {
		columns = append(columns, fmt.Sprintf("format('{:,}', cast(round(sum(attributed_revenue) filter (model = '%s') / 1000) as bigint))", model))
	}
	for _, end := range []string{"min(min_over_models)", "max(max_over_models)"} {
		columns = append(columns, fmt.Sprintf("format('{:,}', cast(round(%s filter (scope = 'pooled') / 1000) as bigint))", end))
	}
	rows = rowsOf(t, dir, "select "+strings.Join(columns, ", ")+" from attribution_comparison group by channel")
	for i, r := range rows {
		last := len(r) - 1
		rows[i] = append(r[:last-1], r[last-1]+" – "+r[last])
	}
	requireRows(t, string(text), rows, 4)
	require.Equal(t, [][]string{{"$3,236,530.36"}}, rowsOf(t, dir, "select '$' || format('{:,.2f}', sum(revenue_usd)) from stg_revenue"))
	require.Contains(t, string(text), "$3,236,530.36 of revenue")
}

var journeyModels = []string{"first", "last", "last_non_direct", "linear", "position", "w_shaped", "time_decay"}

// pivot is a template that reads an example with a column for each model.
func pivot(example string, models []string, value, format string, columns ...string) string {
	for _, model := range models {
		columns = append(columns, fmt.Sprintf(format, fmt.Sprintf("case when model = '%s' then %s else 0 end", model, value)))
	}
	return fmt.Sprintf("select %s from {{ ref('example_%s') }} where channel is not null group by channel",
		strings.Join(columns, ", "), example)
}

func inlined(t *testing.T, dir, template string) [][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(elt(t, dir, "show", "--format", "csv", "--inline", template))).ReadAll()
	require.NoError(t, err)
	return records[1:]
}

// requireRows looks for each row among the lines of a Markdown text.
func requireRows(t *testing.T, text string, rows [][]string, count int) {
	t.Helper()
	require.Len(t, rows, count)
	lines := strings.Split(text, "\n")
	for _, r := range rows {
		for i := range r {
			r[i] = strings.TrimSpace(r[i])
		}
		line := "| " + strings.Join(r, " | ") + " |"
		for strings.Contains(line, "|  |") {
			line = strings.ReplaceAll(line, "|  |", "| |")
		}
		require.Contains(t, lines, line)
	}
}
