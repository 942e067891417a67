package web

import (
	"encoding/json"
	"fmt"
	"slices"

	"elt/runner/web/dashboard"
	"elt/runner/web/format"
)

// still is what the overview shows where no script runs: the figures, and what part of all revenue each attribution model
// gives each channel.
type still struct {
	Range    dashboard.Range
	KPIs     []dashboard.KPI
	Models   []string
	Channels []string
	Shares   map[string]map[string]string // by channel and model
}

// stillOf reads what the page brings along for its script.
func stillOf(overview, attribution []byte) (still, error) {
	var s still
	var a dashboard.Attribution
	if err := json.Unmarshal(overview, &s); err != nil {
		return s, fmt.Errorf("read the overview: %w", err)
	}
	if err := json.Unmarshal(attribution, &a); err != nil {
		return s, fmt.Errorf("read the attribution: %w", err)
	}
	at := map[string]int{}
	for i, c := range a.Comparison.Columns {
		at[c.Name] = i
	}
	share, told := at["share_percent"]
	if !told {
		return s, nil
	}
	s.Shares = map[string]map[string]string{}
	for _, row := range a.Comparison.Rows {
		channel, model := fmt.Sprint(row[at["channel"]]), fmt.Sprint(row[at["model"]])
		if s.Shares[channel] == nil {
			s.Channels = append(s.Channels, channel)
			s.Shares[channel] = map[string]string{}
		}
		if !slices.Contains(s.Models, model) {
			s.Models = append(s.Models, model)
		}
		s.Shares[channel][model] = format.Cell(row[share], "share_percent", "DOUBLE")
	}
	return s, nil
}

// figure is a number in the unit of its KPI.
func figure(n float64, unit string) string { return format.Value(n, format.Unit(unit)) }
