// Package chart draws small charts as SVG that scales with its box, takes its colours from the page's style sheet and needs
// no script: it prints, and is there before anything else has loaded. Text keeps its size, whatever the width.
package chart

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
	"unicode/utf8"

	"elt/runner/web/format"
)

// Chart is what to draw. Values of a series stand in the order of Labels; nil is a gap.
type Chart struct {
	Kind   Kind
	Title  string // of what the values are, for those who do not see them
	Unit   format.Unit
	Labels []string // ISO dates, or names
	Series []Series
}

// Kind is the kind of a chart.
type Kind string

// The kinds.
const (
	Line Kind = "line" // over time
	Bar  Kind = "bar"  // one bar a label; several series make its parts, one after the other
)

// Series is a line, or the bars.
type Series struct {
	Name   string
	Look   int // 1 to 6: its colour and dash; 0: those of its place
	Values []*float64
}

func (s Series) look(place int) int {
	if s.Look > 0 {
		return s.Look
	}
	return place%maxSeries + 1
}

// maxSeries is how many series have a colour and a dash of their own.
const maxSeries = 6

// SVG draws the chart. Every text of it is escaped.
func (c Chart) SVG() template.HTML {
	if len(c.Labels) == 0 || len(c.Series) == 0 {
		return ""
	}
	var b strings.Builder
	switch {
	case c.Kind == Bar && len(c.Series) > 1:
		c.stacks(&b)
	case c.Kind == Bar:
		c.bars(&b)
	default:
		c.lines(&b)
	}
	return template.HTML(b.String()) //nolint:gosec // built here, texts escaped
}

// extent gives the ends of the scale, 0 included, and its step.
func (c Chart) extent() (low, high, step float64) {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if v != nil {
				low, high = min(low, *v), max(high, *v)
			}
		}
	}
	if low == high {
		high = low + 1
	}
	raw := (high - low) / 4
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step = 10 * power
	for _, nice := range []float64{1, 2, 2.5, 5} {
		if nice*power >= raw {
			step = nice * power
			break
		}
	}
	return math.Floor(low/step) * step, math.Ceil(high/step-1e-9) * step, step
}

const (
	rowHeight  = 30 // of a bar
	valueShare = 16 // percent of the width, for values beside bars
	maxName    = 28 // letters
)

// names writes the labels of bars, in a column that is as wide as the longest needs.
func (c Chart) names(b *strings.Builder) {
	longest := 4
	for _, label := range c.Labels {
		longest = max(longest, min(maxName, utf8.RuneCountInString(label)))
	}
	width := longest*7 + 12
	fmt.Fprintf(b, `<div class="plot-frame"><svg class="plot" aria-hidden="true" width="%d" height="%d">`, width, len(c.Labels)*rowHeight)
	for i, label := range c.Labels {
		if runes := []rune(label); len(runes) > maxName {
			label = string(runes[:maxName-1]) + "…"
		}
		fmt.Fprintf(b, `<text class="name" x="%d" y="%d">%s</text>`, width-10, i*rowHeight+rowHeight/2, html.EscapeString(label))
	}
	b.WriteString(`</svg>`)
}

func (c Chart) bars(b *strings.Builder) {
	low, high, _ := c.extent()
	x := func(v float64) float64 { return (v - low) / (high - low) * (100 - valueShare) }
	c.names(b)
	fmt.Fprintf(b, `<svg class="plot" role="img" aria-label="%s" width="100%%" height="%d">`, c.summary(), len(c.Labels)*rowHeight)
	for i := range c.Labels {
		middle := i*rowHeight + rowHeight/2
		v := c.Series[0].Values[i]
		if v == nil {
			fmt.Fprintf(b, `<text class="none" x="%.2f%%" dx="8" y="%d">%s</text>`, x(0), middle, format.None)
			continue
		}
		from, to := min(x(0), x(*v)), max(x(0), x(*v))
		fmt.Fprintf(b, `<rect class="s%d" x="%.2f%%" width="%.2f%%" y="%d" height="%d" rx="2"/>`, c.Series[0].look(0), from, to-from, middle-9, 18)
		fmt.Fprintf(b, `<text x="%.2f%%" dx="8" y="%d">%s</text>`, to, middle, format.Value(*v, c.Unit))
	}
	fmt.Fprintf(b, `<line class="axis" x1="%.2f%%" x2="%.2f%%" y1="0" y2="100%%"/></svg></div>`, x(0), x(0))
}

// stacks draws bars of parts, each with its value in it where there is room. Parts below 0 are left out.
func (c Chart) stacks(b *strings.Builder) {
	c.legend(b, "rect")
	longest := 0.0
	for i := range c.Labels {
		longest = max(longest, c.sum(i))
	}
	c.names(b)
	fmt.Fprintf(b, `<svg class="plot" role="img" aria-label="%s" width="100%%" height="%d">`, c.summary(), len(c.Labels)*rowHeight)
	for i := range c.Labels {
		middle, at := i*rowHeight+rowHeight/2, 0.0
		for j, s := range c.Series[:min(len(c.Series), maxSeries)] {
			v := s.Values[i]
			if v == nil || *v <= 0 {
				continue
			}
			part := *v / longest * 100
			fmt.Fprintf(b, `<rect class="part s%d" x="%.2f%%" width="%.2f%%" y="%d" height="22"><title>%s: %s</title></rect>`,
				s.look(j), at, part, middle-11, html.EscapeString(s.Name), format.Value(*v, c.Unit))
			if part > 7 {
				fmt.Fprintf(b, `<text class="inside on%d" x="%.2f%%" y="%d">%s</text>`, s.look(j), at+part/2, middle, format.Short(math.Round(*v), c.Unit))
			}
			at += part
		}
	}
	b.WriteString(`</svg></div>`)
}

// sum adds up the parts of a bar that are drawn.
func (c Chart) sum(i int) float64 {
	sum := 0.0
	for _, s := range c.Series[:min(len(c.Series), maxSeries)] {
		if v := s.Values[i]; v != nil && *v > 0 {
			sum += *v
		}
	}
	return sum
}

const (
	plotHeight = 240 // without the labels below
	axisWidth  = 56  // for the scale at the left, in pixels
)

func (c Chart) lines(b *strings.Builder) {
	if len(c.Series) > 1 {
		c.legend(b, "path")
	}
	low, high, step := c.extent()
	y := func(v float64) float64 { return plotHeight - (v-low)/(high-low)*(plotHeight-12) }
	fmt.Fprintf(b, `<div class="plot-frame"><svg class="plot" aria-hidden="true" width="%d" height="%d">`, axisWidth, plotHeight+28)
	for v := low; v <= high+step/2; v += step {
		fmt.Fprintf(b, `<text class="scale" x="%d" y="%.1f">%s</text>`, axisWidth-8, y(v), format.Short(v, c.Unit))
	}
	fmt.Fprintf(b, `</svg><svg class="plot" role="img" aria-label="%s" width="100%%" height="%d">`, c.summary(), plotHeight+28)
	for v := low; v <= high+step/2; v += step {
		fmt.Fprintf(b, `<line class="grid" x1="0" x2="100%%" y1="%.1f" y2="%.1f"/>`, y(v), y(v))
	}
	c.curves(b, y)
	c.days(b)
	b.WriteString(`</svg></div>`)
}

// curves draws the lines in a box that stretches, and what shows under the pointer.
func (c Chart) curves(b *strings.Builder, y func(float64) float64) {
	fmt.Fprintf(b, `<svg class="stretch" width="100%%" height="%d" viewBox="0 0 1000 %d" preserveAspectRatio="none">`, plotHeight, plotHeight)
	for i, s := range c.Series[:min(len(c.Series), maxSeries)] {
		var path strings.Builder
		open := true
		for j, v := range s.Values {
			if v == nil {
				open = true
				continue
			}
			move := "L"
			if open {
				move = "M"
			}
			open = false
			fmt.Fprintf(&path, "%s%.1f %.1f", move, c.x(j)*10, y(*v))
		}
		fmt.Fprintf(b, `<path class="s%d" d="%s"/>`, s.look(i), path.String())
	}
	b.WriteString(`</svg>`)
	band := 100 / float64(len(c.Labels))
	for j, label := range c.Labels {
		fmt.Fprintf(b, `<rect class="hit" x="%.3f%%" width="%.3f%%" y="0" height="%d"><title>%s</title></rect>`,
			c.x(j)-band/2, band, plotHeight, html.EscapeString(c.told(j, label)))
	}
}

// x is where a label stands, in percent of the width. A single one stands in the middle.
func (c Chart) x(i int) float64 {
	if len(c.Labels) == 1 {
		return 50
	}
	return float64(i) / float64(len(c.Labels)-1) * 100
}

// days writes about six dates below the lines; every other one gives way where it is narrow.
func (c Chart) days(b *strings.Builder) {
	every := max(1, int(math.Ceil(float64(len(c.Labels))/6)))
	for i := 0; i < len(c.Labels); i += every {
		class := "day"
		switch {
		case i == 0:
			class = "day first"
		case i == len(c.Labels)-1:
			class = "day last"
		}
		if (i/every)%2 == 1 {
			class += " extra"
		}
		fmt.Fprintf(b, `<text class="%s" x="%.2f%%" y="%d">%s</text>`, class, c.x(i), plotHeight+18, html.EscapeString(format.Day(c.Labels[i], false)))
	}
}

// legend names the series by a piece of line or a square.
func (c Chart) legend(b *strings.Builder, sign string) {
	drawn := map[string]string{"path": `<path class="s%d" d="M0 4H24"/>`, "rect": `<rect class="s%d" x="6" width="12" height="8" rx="2"/>`}[sign]
	b.WriteString(`<ul class="plot-legend">`)
	for i, s := range c.Series[:min(len(c.Series), maxSeries)] {
		fmt.Fprintf(b, `<li><svg width="24" height="8" aria-hidden="true">`+drawn+`</svg>%s</li>`, s.look(i), html.EscapeString(s.Name))
	}
	b.WriteString(`</ul>`)
}

// told is what all series say of a label.
func (c Chart) told(i int, label string) string {
	lines := []string{format.Day(label, true)}
	for _, s := range c.Series[:min(len(c.Series), maxSeries)] {
		if v := s.Values[i]; v != nil {
			text := format.Value(*v, c.Unit)
			if len(c.Series) > 1 {
				text = s.Name + ": " + text
			}
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// summary says in words what is drawn.
func (c Chart) summary() string {
	text := fmt.Sprintf("%s, %s to %s", c.Title, format.Day(c.Labels[0], true), format.Day(c.Labels[len(c.Labels)-1], true))
	if c.Kind == Bar {
		text = fmt.Sprintf("%s: a bar for each of %d", c.Title, len(c.Labels))
	}
	return html.EscapeString(text)
}
