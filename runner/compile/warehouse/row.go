package warehouse

import (
	"slices"
	"strings"

	"elt/runner/jinja"
)

// Row is a row of a table: its cells by name and by place.
type Row struct {
	table *Table
	cells []jinja.Value
}

// Iterate implements jinja.Iterable: a row yields its cells.
func (r *Row) Iterate() []jinja.Value { return r.cells }

// TypeName implements jinja.Typed.
func (*Row) TypeName() string { return "Row" }

// String is how Agate prints a row.
func (r *Row) String() string { return "<agate.Row: " + jinja.Repr(jinja.NewTuple(r.cells...)) + ">" }

// Equal implements jinja.Equaler.
func (r *Row) Equal(other jinja.Value) bool {
	o, ok := other.(*Row)
	return ok && jinja.Repr(jinja.NewTuple(r.cells...)) == jinja.Repr(jinja.NewTuple(o.cells...))
}

// Item implements jinja.Itemer. A name is found whatever its case, where no column has it as written.
func (r *Row) Item(key jinja.Value) (jinja.Value, bool) {
	i, ok := place(key, r.table.names)
	if !ok {
		return nil, false
	}
	return r.cells[i], true
}

// place finds an item by name or by place, counted from the end if negative.
func place(key jinja.Value, names []string) (int, bool) {
	if name, ok := jinja.Str(key); ok {
		if i := slices.Index(names, name); i >= 0 {
			return i, true
		}
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		return i, i >= 0
	}
	i, ok := key.(int)
	if i < 0 {
		i += len(names)
	}
	return i, ok && i >= 0 && i < len(names)
}

// Attr implements jinja.Object: methods of a mapping, and cells by the names of their columns.
func (r *Row) Attr(name string) (jinja.Value, bool) {
	if method := mappingMethod(name, r.table.names, r.cells); method != nil {
		return method, true
	}
	return r.Item(name)
}

// Names implements jinja.Namer.
func (r *Row) Names() []string { return r.table.names }

// mappingMethod are the methods of Agate's sequences with names.
func mappingMethod(name string, names []string, items []jinja.Value) jinja.Func {
	give := func(v any) jinja.Func { return func(*jinja.Call) (any, error) { return v, nil } }
	switch name {
	case "keys":
		return give(jinja.NewTuple(texts(names)...))
	case "values":
		return give(jinja.NewTuple(items...))
	case "items":
		out := jinja.NewList()
		for i, n := range names {
			out.Items = append(out.Items, jinja.NewTuple(n, items[i]))
		}
		return give(out)
	case "dict":
		d := jinja.NewDict()
		for i, n := range names {
			d.Set(n, items[i])
		}
		return give(d)
	case "get":
		return func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("key"), jinja.Optional("default", nil))
			if err != nil {
				return nil, err
			}
			if i, ok := place(args[0], names); ok {
				return items[i], nil
			}
			return args[1], nil
		}
	}
	return nil
}

// sequence is the rows or columns of a table.
type sequence struct {
	names []string // nil for rows
	items []jinja.Value
}

// Iterate implements jinja.Iterable.
func (s *sequence) Iterate() []jinja.Value { return s.items }

// Item implements jinja.Itemer.
func (s *sequence) Item(key jinja.Value) (jinja.Value, bool) {
	if i, ok := key.(int); ok && s.names == nil {
		if i < 0 {
			i += len(s.items)
		}
		if i < 0 || i >= len(s.items) {
			return nil, false
		}
		return s.items[i], true
	}
	i, ok := place(key, s.names)
	if !ok {
		return nil, false
	}
	return s.items[i], true
}

// Attr implements jinja.Object.
func (s *sequence) Attr(name string) (jinja.Value, bool) {
	if method := mappingMethod(name, s.names, s.items); method != nil {
		return method, true
	}
	return s.Item(name)
}

// String is how the sequence prints.
func (s *sequence) String() string { return jinja.Repr(jinja.NewTuple(s.items...)) }

// tableColumn is a column of a table: its cells from top to bottom.
type tableColumn struct {
	table *Table
	at    int
}

func (c *tableColumn) cells() []jinja.Value {
	out := make([]jinja.Value, len(c.table.rows))
	for i, row := range c.table.rows {
		out[i] = row.cells[c.at]
	}
	return out
}

// Iterate implements jinja.Iterable.
func (c *tableColumn) Iterate() []jinja.Value { return c.cells() }

// Item implements jinja.Itemer.
func (c *tableColumn) Item(key jinja.Value) (jinja.Value, bool) {
	return (&sequence{nil, c.cells()}).Item(key)
}

// String is how Agate prints a column.
func (c *tableColumn) String() string {
	return "<agate.Column: " + jinja.Repr(jinja.NewTuple(c.cells()...)) + ">"
}

// Attr implements jinja.Object.
func (c *tableColumn) Attr(name string) (jinja.Value, bool) {
	give := func(items []jinja.Value) (jinja.Value, bool) {
		return jinja.Func(func(*jinja.Call) (any, error) { return jinja.NewTuple(items...), nil }), true
	}
	present := func(v jinja.Value) bool { return v != nil }
	switch name {
	case "name":
		return c.table.names[c.at], true
	case "index":
		return c.at, true
	case "data_type":
		return c.table.types[c.at], true
	case "values":
		return give(c.cells())
	case "values_without_nulls":
		return give(slices.DeleteFunc(c.cells(), func(v jinja.Value) bool { return !present(v) }))
	case "values_sorted":
		cells := c.cells()
		slices.SortStableFunc(cells, compareCells)
		return give(cells)
	case "values_distinct":
		var out []jinja.Value
		seen := map[string]bool{}
		for _, v := range c.cells() {
			if key := jinja.Repr(v); !seen[key] {
				seen[key] = true
				out = append(out, v)
			}
		}
		return give(out)
	}
	return nil, false
}
