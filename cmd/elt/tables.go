package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"elt/runner"
	"elt/runner/engine"
)

// rowWriter prints a result in one format.
type rowWriter interface {
	row(values []any) error
	end() error
}

var formats = []string{"table", "csv", "json", "markdown"}

func newRowWriter(format string, w io.Writer, columns []engine.Column) (rowWriter, error) {
	switch format {
	case "table", "markdown":
		return newTableWriter(w, columns, format == "markdown"), nil
	case "csv":
		return newCSVWriter(w, columns)
	case "json":
		return &jsonWriter{w: w, columns: columns}, nil
	default:
		return nil, &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("no format %q", format), Hint: "formats: " + strings.Join(formats, ", "),
		}
	}
}

// newListWriter is newRowWriter for what the program itself has to say: a value that is missing is left blank.
func newListWriter(format string, w io.Writer, columns []engine.Column) (rowWriter, error) {
	list, err := newRowWriter(format, w, columns)
	if t, ok := list.(*tableWriter); ok {
		t.null = ""
	}
	return list, err
}

type tableWriter struct {
	table    table.Writer
	markdown bool
	null     string
	rows     int64
	w        io.Writer
}

func newTableWriter(w io.Writer, columns []engine.Column, markdown bool) *tableWriter {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = 0 // names as they are
	style.Options.DrawBorder = false
	t.SetStyle(style)
	header := make(table.Row, len(columns))
	configs := make([]table.ColumnConfig, len(columns))
	for i, c := range columns {
		header[i] = c.Name
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft}
		if numeric(c.Type) {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	return &tableWriter{table: t, markdown: markdown, null: "NULL", w: w}
}

func numeric(typeName string) bool {
	for _, prefix := range []string{"DECIMAL", "BIGINT", "INTEGER", "DOUBLE", "FLOAT", "HUGEINT", "SMALLINT", "TINYINT", "U"} {
		if strings.HasPrefix(typeName, prefix) && typeName != "UUID" {
			return true
		}
	}
	return false
}

func (t *tableWriter) row(values []any) error {
	row := make(table.Row, len(values))
	for i, v := range values {
		row[i] = cell(v, t.null)
	}
	t.table.AppendRow(row)
	t.rows++
	return nil
}

func (t *tableWriter) end() error {
	render := t.table.Render
	if t.markdown {
		render = t.table.RenderMarkdown
	}
	_, err := fmt.Fprintln(t.w, render())
	if err == nil && !t.markdown {
		_, err = fmt.Fprintf(t.w, "(%s)\n", plural(t.rows, "row"))
	}
	return err
}

type csvWriter struct{ w *csv.Writer }

func newCSVWriter(w io.Writer, columns []engine.Column) (*csvWriter, error) {
	c := &csvWriter{w: csv.NewWriter(w)}
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	return c, c.w.Write(names)
}

func (c *csvWriter) row(values []any) error {
	record := make([]string, len(values))
	for i, v := range values {
		record[i] = cell(v, "")
	}
	return c.w.Write(record)
}

func (c *csvWriter) end() error {
	c.w.Flush()
	return c.w.Error()
}

// jsonWriter prints an array of objects, an object a line, keys in the order of the columns.
type jsonWriter struct {
	w       io.Writer
	columns []engine.Column
	rows    int64
}

func (j *jsonWriter) row(values []any) error {
	var b strings.Builder
	b.WriteString(",\n")
	if j.rows == 0 {
		b.Reset()
		b.WriteString("[\n")
	}
	j.rows++
	for i, v := range values {
		name, err := json.Marshal(j.columns[i].Name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(jsonValue(v, j.columns[i].Type))
		if err != nil {
			return err
		}
		separator := ", "
		if i == 0 {
			separator = "{"
		}
		b.WriteString(separator + string(name) + ": " + string(value))
	}
	_, err := io.WriteString(j.w, b.String()+"}")
	return err
}

func (j *jsonWriter) end() error {
	text := "\n]\n"
	if j.rows == 0 {
		text = "[]\n"
	}
	_, err := io.WriteString(j.w, text)
	return err
}

func jsonValue(v any, typeName string) any {
	if t, ok := v.(time.Time); ok {
		return timeText(t, typeName)
	}
	return v
}

// cell is a value as text; times are told apart by what they hold.
func cell(v any, null string) string {
	switch v := v.(type) {
	case nil:
		return null
	case string:
		return v
	case time.Time:
		return timeText(v, "")
	case []byte:
		return fmt.Sprintf("\\x%x", v)
	case []any, map[string]any:
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(text)
	default:
		return fmt.Sprint(v)
	}
}

func timeText(t time.Time, typeName string) string {
	switch {
	case typeName == "DATE", typeName == "" && t.Equal(t.Truncate(24*time.Hour)):
		return t.Format(time.DateOnly)
	case t.Year() == 1 && t.YearDay() == 1:
		return t.Format("15:04:05.999999")
	default:
		return t.Format("2006-01-02 15:04:05.999999")
	}
}

// alignRows sets a few rows below their column names, for messages.
func alignRows(columns []string, rows [][]string) string {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Format.Header = 0
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	t.AppendHeader(toRow(columns))
	for _, r := range rows {
		t.AppendRow(toRow(r))
	}
	return t.Render()
}

func toRow(values []string) table.Row {
	row := make(table.Row, len(values))
	for i, v := range values {
		row[i] = v
	}
	return row
}
