package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/web/chart"
	"elt/runner/web/format"
)

func of(values ...float64) []*float64 {
	out := make([]*float64, len(values))
	for i := range values {
		out[i] = &values[i]
	}
	return out
}

// wellFormed fails where what was drawn is no XML.
func wellFormed(t *testing.T, drawn string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(drawn))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, drawn)
	}
}

func TestLinesLeaveGapsAndTellEachDay(t *testing.T) {
	values := of(1, 2, 3, 4)
	values[1] = nil
	drawn := string(chart.Chart{
		Kind: chart.Line, Title: "Spend", Unit: format.USD,
		Labels: []string{"2024-12-01", "2024-12-02", "2024-12-03", "2024-12-04"}, Series: []chart.Series{{Name: "Spend", Values: values}},
	}.SVG())
	wellFormed(t, drawn)
	require.Equal(t, 2, strings.Count(drawn, "M"), "a new stroke after the gap")
	require.Contains(t, drawn, "<title>3 Dec 2024\n$3</title>")
	require.Contains(t, drawn, "Spend, 1 Dec 2024 to 4 Dec 2024")
}

func TestBarsBelowZeroGoTheOtherWay(t *testing.T) {
	drawn := string(chart.Chart{
		Kind: chart.Bar, Title: "Change", Labels: []string{"Up", "Down"}, Series: []chart.Series{{Values: of(3, -1)}},
	}.SVG())
	wellFormed(t, drawn)
	require.Contains(t, drawn, `x="21.00%" width="63.00%"`)
	require.Contains(t, drawn, `x="0.00%" width="21.00%"`)
	require.Contains(t, drawn, "−1")
}

func TestPartsOfABarAddUpToItsLength(t *testing.T) {
	drawn := string(chart.Chart{
		Kind: chart.Bar, Title: "Share", Unit: format.Percent, Labels: []string{"First"},
		Series: []chart.Series{{Name: "Email", Values: of(25)}, {Name: "Organic", Look: 4, Values: of(75)}},
	}.SVG())
	wellFormed(t, drawn)
	require.Contains(t, drawn, `x="0.00%" width="25.00%"`)
	require.Contains(t, drawn, `class="part s4" x="25.00%" width="75.00%"`)
}

func TestTextIsEscaped(t *testing.T) {
	drawn := string(chart.Chart{
		Kind: chart.Bar, Title: `"<t>`, Labels: []string{"<script>"}, Series: []chart.Series{{Name: "<b>", Values: of(1)}, {Name: "&", Values: of(1)}},
	}.SVG())
	wellFormed(t, drawn)
	require.NotContains(t, drawn, "<script>")
	require.NotContains(t, drawn, "<b>")
}

func TestNothingToDrawIsNothing(t *testing.T) {
	require.Empty(t, chart.Chart{Kind: chart.Line}.SVG())
	require.NotEmpty(t, chart.Chart{Kind: chart.Line, Labels: []string{"2024-12-01"}, Series: []chart.Series{{Values: of(0)}}}.SVG(), "one point, all 0")
}
