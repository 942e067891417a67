package warehouse

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"elt/runner/compile/python"
	"elt/runner/jinja"
)

// Table is the result of a query, with the attributes of the Agate tables that dbt gives.
type Table struct {
	names []string
	types []string
	rows  []*Row
}

// NewTable makes a table of what an engine gave: nil, bool, int64, float64, string, []byte, time.Time, json.Number for
// decimals, []any and map[string]any. names and types have one entry a column.
func NewTable(names, types []string, rows [][]any) *Table {
	t := &Table{names: names, types: types}
	for _, cells := range rows {
		row := &Row{table: t, cells: make([]jinja.Value, len(names))}
		for i, cell := range cells {
			row.cells[i] = value(cell, types[i])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// value makes a template's value of an engine's.
func value(v any, dataType string) jinja.Value {
	switch x := v.(type) {
	case time.Time:
		switch {
		case strings.EqualFold(dataType, "date"):
			return python.NewDate(x)
		case strings.EqualFold(dataType, "time"):
			return python.NewTime(x).String() // Agate has no times of day
		case strings.Contains(strings.ToLower(dataType), "with time zone"):
			return python.NewDateTime(x)
		}
		return python.NewNaive(x)
	case json.Number:
		if strings.HasPrefix(strings.ToUpper(dataType), "DECIMAL") {
			return decimal(x.String())
		}
		return python.Number(x.String())
	case float64:
		return decimal(jinja.ToString(x))
	case []byte:
		return string(x)
	case []any, map[string]any:
		text, err := python.ToJSON(nested(x), false)
		if err != nil {
			return jinja.FromGo(v)
		}
		return text
	}
	return jinja.FromGo(v)
}

// nested is a list or a struct of the engine, which dbt's tables hold as JSON.
func nested(v any) jinja.Value {
	switch x := v.(type) {
	case []any:
		list := jinja.NewList()
		for _, item := range x {
			list.Items = append(list.Items, nested(item))
		}
		return list
	case map[string]any:
		d := jinja.NewDict()
		for _, key := range slices.Sorted(maps.Keys(x)) {
			d.Set(key, nested(x[key]))
		}
		return d
	case json.Number:
		return python.Number(x.String())
	case time.Time:
		return strings.Replace(python.NewNaive(x).String(), " ", "T", 1)
	case []byte:
		return string(x)
	}
	return jinja.FromGo(v)
}

// decimal is what dbt's tables hold of decimals and floats.
func decimal(text string) jinja.Value {
	if d, ok := jinja.NewDecimal(text); ok {
		return d
	}
	return text
}

// Names are the names of the columns.
func (t *Table) Names() []string { return t.names }

// Matrix is the rows as a list of tuples.
func (t *Table) Matrix() *jinja.List {
	out := jinja.NewList()
	for _, row := range t.rows {
		out.Items = append(out.Items, jinja.NewTuple(row.cells...))
	}
	return out
}

// Iterate implements jinja.Iterable: a table yields its rows.
func (t *Table) Iterate() []jinja.Value {
	out := make([]jinja.Value, len(t.rows))
	for i, row := range t.rows {
		out[i] = row
	}
	return out
}

// TypeName implements jinja.Typed.
func (*Table) TypeName() string { return "Table" }

// String is what a table prints as: its columns and their types.
func (t *Table) String() string {
	var b strings.Builder
	b.WriteString("| column | data_type |\n| ------ | --------- |\n")
	for i, name := range t.names {
		fmt.Fprintf(&b, "| %s | %s |\n", name, t.types[i])
	}
	return b.String()
}

// Attr implements jinja.Object.
func (t *Table) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "columns":
		items := make([]jinja.Value, len(t.names))
		for i := range t.names {
			items[i] = &tableColumn{t, i}
		}
		return &sequence{t.names, items}, true
	case "rows":
		return &sequence{nil, t.Iterate()}, true
	case "column_names":
		return jinja.NewTuple(texts(t.names)...), true
	case "column_types":
		return jinja.NewTuple(texts(t.types)...), true
	case "print_table", "print_csv", "print_json":
		return jinja.Func(func(*jinja.Call) (any, error) { return t.grid(), nil }), true
	case "select", "exclude", "rename", "limit", "where", "order_by", "distinct", "find":
		return jinja.Func(func(call *jinja.Call) (any, error) { return t.derive(call, name) }), true
	}
	return nil, false
}

func texts(list []string) []jinja.Value {
	out := make([]jinja.Value, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// grid is the table as text.
func (t *Table) grid() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n", strings.Join(t.names, " | "))
	for _, row := range t.rows {
		cells := make([]string, len(row.cells))
		for i, c := range row.cells {
			cells[i] = jinja.ToString(c)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

// derive makes another table of this one.
func (t *Table) derive(call *jinja.Call, name string) (any, error) {
	args, err := call.Bind(jinja.Optional("key", nil), jinja.Optional("reverse", nil))
	if err != nil {
		return nil, err
	}
	switch name {
	case "select", "exclude":
		return t.columnsOf(args[0], name == "select")
	case "rename":
		return t.renamed(args[0])
	case "limit":
		n, ok := args[0].(int)
		if !ok {
			n = 1
		}
		return t.with(t.rows[:min(max(n, 0), len(t.rows))]), nil
	case "order_by":
		return t.ordered(call, args[0], jinja.Truth(args[1]))
	case "distinct":
		return t.distinct(), nil
	}
	var kept []*Row
	for _, row := range t.rows {
		ok, err := call.Invoke(args[0], []jinja.Value{row}, nil)
		if err != nil {
			return nil, err
		}
		if !jinja.Truth(ok) {
			continue
		}
		if name == "find" {
			return row, nil
		}
		kept = append(kept, row)
	}
	if name == "find" {
		return nil, nil
	}
	return t.with(kept), nil
}

func (t *Table) with(rows []*Row) *Table {
	out := &Table{names: t.names, types: t.types}
	for _, row := range rows {
		out.rows = append(out.rows, &Row{out, row.cells})
	}
	return out
}

func (t *Table) columnsOf(key jinja.Value, keep bool) (*Table, error) {
	var names []string
	if one, ok := jinja.Str(key); ok {
		names = []string{one}
	} else {
		items, err := jinja.Items(key)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			names = append(names, jinja.ToString(item))
		}
	}
	out := &Table{}
	var places []int
	for i, name := range t.names {
		if slices.Contains(names, name) == keep {
			places = append(places, i)
			out.names, out.types = append(out.names, name), append(out.types, t.types[i])
		}
	}
	for _, row := range t.rows {
		cells := make([]jinja.Value, len(places))
		for k, i := range places {
			cells[k] = row.cells[i]
		}
		out.rows = append(out.rows, &Row{out, cells})
	}
	return out, nil
}

func (t *Table) renamed(names jinja.Value) (*Table, error) {
	out := t.with(t.rows)
	out.names = slices.Clone(t.names)
	if by, ok := names.(*jinja.Dict); ok {
		for i, name := range out.names {
			if to, ok := by.Get(name); ok {
				out.names[i] = jinja.ToString(to)
			}
		}
		return out, nil
	}
	items, err := jinja.Items(names)
	for i := range min(len(items), len(out.names)) {
		out.names[i] = jinja.ToString(items[i])
	}
	return out, err
}

func (t *Table) distinct() *Table {
	seen := map[string]bool{}
	var kept []*Row
	for _, row := range t.rows {
		if key := jinja.Repr(jinja.NewTuple(row.cells...)); !seen[key] {
			seen[key] = true
			kept = append(kept, row)
		}
	}
	return t.with(kept)
}

// ordered sorts by a column; None comes last.
func (t *Table) ordered(call *jinja.Call, key jinja.Value, reverse bool) (*Table, error) {
	name, ok := jinja.Str(key)
	at := slices.Index(t.names, name)
	if !ok || at < 0 {
		return nil, jinja.Errorf(jinja.KindKey, "the table has no column %s to order by", jinja.Repr(key))
	}
	rows := slices.Clone(t.rows)
	slices.SortStableFunc(rows, func(a, b *Row) int { return compareCells(a.cells[at], b.cells[at]) })
	if reverse {
		slices.Reverse(rows)
	}
	return t.with(rows), call.Context().Err()
}

func compareCells(a, b jinja.Value) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	if n, err := jinja.Compare(a, b); err == nil {
		return n
	}
	return strings.Compare(jinja.ToString(a), jinja.ToString(b))
}
