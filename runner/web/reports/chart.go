package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/web/chart"
	"elt/runner/web/format"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// drawing says what the chart of a report shows: the sum of Y for each X, apart for each By. It comes from the model's
// configuration, `meta: {chart: {x: date, y: spend_usd}}`, or is guessed from the columns.
type drawing struct {
	Kind  string `json:"kind"` // line or bar; empty: a line over dates, else bars
	Title string `json:"title"`
	X     string `json:"x"`
	Y     string `json:"y"` // empty: the number of rows
	By    string `json:"by"`
}

// maxBars is how many bars a chart has; the largest are drawn.
const maxBars = 15

// Chart gives what to draw of a report: nil where its columns have nothing that could be drawn.
func (s *Service) Chart(ctx context.Context, name string) (*chart.Chart, error) {
	report, w, err := s.one(ctx, name)
	if err != nil {
		return nil, err
	}
	reader, err := s.snapshots.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	key := fmt.Sprintf("%s chart %s %v", reader.Path, name, report.model.Config.Meta["chart"])
	text, err := s.cache.Get(ctx, key, func(ctx context.Context) ([]byte, error) {
		found, err := draw(ctx, reader, report, w.Compiler.Public(report.model.ID))
		if err != nil {
			return nil, err
		}
		return json.Marshal(found)
	})
	if err != nil {
		return nil, err
	}
	var found *chart.Chart
	return found, json.Unmarshal(text, &found)
}

func draw(ctx context.Context, reader *snapshot.Reader, report found, relation runner.Relation) (*chart.Chart, error) {
	empty, _, err := table.Read(ctx, reader, fmt.Sprintf("select * from %s limit 0", relation), 0)
	if err != nil {
		return nil, missing(report.Name, err)
	}
	d, err := drawingOf(report.model, empty.Columns)
	if d == nil || err != nil {
		return nil, err
	}
	rows, _, err := table.Read(ctx, reader, d.query(relation), 0)
	if err != nil {
		return nil, fmt.Errorf("read what the chart of %s shows: %w", report.Name, err)
	}
	return d.chart(rows.Rows), nil
}

// drawingOf takes what the model says, or guesses. Columns that a chart names must be there.
func drawingOf(m *runner.Model, columns []table.Column) (*drawing, error) {
	said, ok := m.Config.Meta["chart"]
	if !ok {
		return guess(columns), nil
	}
	d := &drawing{}
	text, err := json.Marshal(said)
	if err == nil {
		err = json.Unmarshal(text, d)
	}
	if err != nil || d.X == "" {
		return nil, &runner.Error{
			Code: runner.CodeConfig, Msg: fmt.Sprintf("meta.chart of %s says %v", m.Name, said), Pos: m.Pos,
			Hint: "write it as chart: {x: date, y: spend_usd}; kind, by and title may stand there, too",
		}
	}
	for _, name := range []string{d.X, d.Y, d.By} {
		if name != "" && !slices.ContainsFunc(columns, func(c table.Column) bool { return c.Name == name }) {
			return nil, &runner.Error{
				Code: runner.CodeConfig, Msg: fmt.Sprintf("meta.chart of %s names the column %s, which the report does not have", m.Name, name), Pos: m.Pos,
			}
		}
	}
	if d.Kind == "" {
		d.Kind = string(kindOver(columns, d.X))
	}
	return d, nil
}

func kindOver(columns []table.Column, x string) chart.Kind {
	at := slices.IndexFunc(columns, func(c table.Column) bool { return c.Name == x })
	if isTime(columns[at].Type) {
		return chart.Line
	}
	return chart.Bar
}

func isTime(sqlType string) bool { return sqlType == "DATE" || strings.HasPrefix(sqlType, "TIMESTAMP") }

// guess draws the first amount over the first date, or by the first name. Rates and shares are passed over: they do not add up.
func guess(columns []table.Column) *drawing {
	d := &drawing{}
	for _, c := range columns {
		switch {
		case d.X == "" && !format.Numeric(c.Type), isTime(c.Type) && d.Kind == "":
			d.X = c.Name
			if isTime(c.Type) {
				d.Kind = string(chart.Line)
			}
		case d.Y == "" && format.Numeric(c.Type) && adds(c.Name):
			d.Y = c.Name
		}
	}
	if d.X == "" || d.Y == "" {
		return nil
	}
	if d.Kind == "" {
		d.Kind = string(chart.Bar)
	}
	return d
}

func adds(column string) bool {
	if format.UnitOf(column) == format.Percent {
		return false
	}
	return !slices.ContainsFunc([]string{"ratio", "rate", "share", "percent", "roas", "cpc", "cpm", "avg", "mean", "_per_"}, func(part string) bool {
		return strings.Contains(column, part)
	})
}

func (d *drawing) query(relation runner.Relation) string {
	y, by, order, group := "count(*)", "''", "1, 2", "1, 2"
	if d.Y != "" {
		y = "sum(" + runner.Quote(d.Y) + ")"
	}
	if d.By != "" {
		by = "cast(" + runner.Quote(d.By) + " as varchar)"
	}
	limit := ""
	if chart.Kind(d.Kind) == chart.Bar && d.By == "" {
		order, limit = "3 desc nulls last, 1", fmt.Sprintf(" limit %d", maxBars)
	}
	return fmt.Sprintf("select cast(%s as varchar), %s, cast(%s as double) from %s where %s is not null group by %s order by %s%s",
		runner.Quote(d.X), by, y, relation, runner.Quote(d.X), group, order, limit)
}

// chart puts long rows of x, series and value side by side.
func (d *drawing) chart(rows [][]any) *chart.Chart {
	c := &chart.Chart{Kind: chart.Kind(d.Kind), Title: d.title(), Unit: format.Count}
	if d.Y != "" {
		c.Unit = format.UnitOf(d.Y)
	}
	place, series := map[string]int{}, map[string]int{}
	for _, row := range rows {
		x, _ := row[0].(string)
		if _, known := place[x]; !known {
			place[x] = len(c.Labels)
			c.Labels = append(c.Labels, x)
		}
	}
	for _, row := range rows {
		x, _ := row[0].(string)
		key, _ := row[1].(string)
		if _, known := series[key]; !known {
			series[key] = len(c.Series)
			c.Series = append(c.Series, chart.Series{Name: format.Place(key), Look: format.Look(key), Values: make([]*float64, len(c.Labels))})
		}
		if v, ok := format.Float(row[2]); ok {
			c.Series[series[key]].Values[place[x]] = &v
		}
	}
	if c.Kind == chart.Bar {
		for i, label := range c.Labels {
			c.Labels[i] = format.Place(label)
		}
	}
	return c
}

func (d *drawing) title() string {
	if d.Title != "" {
		return d.Title
	}
	what := "Rows"
	if d.Y != "" {
		what = format.Words(d.Y)
	}
	text := what + " by " + strings.ReplaceAll(d.X, "_", " ")
	if d.By != "" {
		text += " and " + strings.ReplaceAll(d.By, "_", " ")
	}
	return text
}
