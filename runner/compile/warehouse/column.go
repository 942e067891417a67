package warehouse

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// Column is a column of a relation, as api.Column makes it.
type Column struct {
	Name      string
	DType     string // the engine's type
	Size      *int   // of texts
	Precision *int
	Scale     *int
}

// String is how a list of columns prints one.
func (c *Column) String() string { return fmt.Sprintf("<Column %s (%s)>", c.Name, c.dataType()) }

// TypeName implements jinja.Typed.
func (*Column) TypeName() string { return "Column" }

// Hash implements jinja.Hashable.
func (c *Column) Hash() string { return c.Name + "\x00" + c.dataType() }

// Equal implements jinja.Equaler.
func (c *Column) Equal(other jinja.Value) bool {
	o, ok := other.(*Column)
	return ok && c.Hash() == o.Hash()
}

func (c *Column) is(types ...string) bool { return slices.Contains(types, strings.ToLower(c.DType)) }

func (c *Column) isText() bool {
	return c.is("text", "character varying", "character", "varchar")
}

func (c *Column) isInteger() bool {
	return c.is("smallint", "integer", "bigint", "hugeint", "tinyint", "utinyint", "usmallint", "uinteger", "ubigint", "uhugeint",
		"int", "int1", "int2", "int4", "int8", "short", "long", "signed", "smallserial", "serial", "bigserial", "serial2", "serial4", "serial8")
}

func (c *Column) isFloat() bool {
	return c.is("real", "float", "float4", "float8", "double", "double precision")
}

func (c *Column) isNumeric() bool { return c.is("numeric", "decimal") }

func (c *Column) size() int {
	if c.Size == nil || c.DType == "text" {
		return 256
	}
	return *c.Size
}

func (c *Column) dataType() string {
	switch {
	case c.isText():
		return fmt.Sprintf("character varying(%d)", c.size())
	case c.isNumeric() && c.Precision != nil && c.Scale != nil:
		return fmt.Sprintf("%s(%d,%d)", c.DType, *c.Precision, *c.Scale)
	}
	return c.DType
}

// Attr implements jinja.Object.
func (c *Column) Attr(name string) (jinja.Value, bool) {
	yes := func(v bool) (jinja.Value, bool) {
		return jinja.Func(func(*jinja.Call) (any, error) { return v, nil }), true
	}
	switch name {
	case "name", "column":
		return c.Name, true
	case "dtype":
		return c.DType, true
	case "data_type", "expanded_data_type":
		return c.dataType(), true
	case "quoted":
		return runner.Quote(c.Name), true
	case "char_size":
		return numberOrNone(c.Size), true
	case "numeric_precision":
		return numberOrNone(c.Precision), true
	case "numeric_scale":
		return numberOrNone(c.Scale), true
	case "is_string":
		return yes(c.isText())
	case "is_number":
		return yes(c.isInteger() || c.isNumeric() || c.isFloat())
	case "is_integer":
		return yes(c.isInteger())
	case "is_float":
		return yes(c.isFloat())
	case "is_numeric":
		return yes(c.isNumeric())
	case "is_struct":
		return yes(strings.HasPrefix(strings.ToLower(c.DType), "struct"))
	case "string_size":
		return jinja.Func(func(*jinja.Call) (any, error) {
			if !c.isText() {
				return nil, jinja.Errorf(jinja.KindRuntime, "string_size() of column %s, which is no text but %s", c.Name, c.DType)
			}
			return c.size(), nil
		}), true
	case "can_expand_to":
		return jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("other_column"))
			if err != nil {
				return nil, err
			}
			o, ok := args[0].(*Column)
			return ok && c.isText() && o.isText() && o.size() > c.size(), nil
		}), true
	case "literal":
		return jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("value"))
			if err != nil {
				return nil, err
			}
			return fmt.Sprintf("cast(%s as %s)", jinja.ToString(args[0]), c.dataType()), nil
		}), true
	}
	return classAttr(name)
}

func numberOrNone(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// ColumnClass is api.Column.
type ColumnClass struct{}

// String names the class.
func (ColumnClass) String() string { return "<class 'Column'>" }

// Call implements jinja.Caller: it makes a column.
func (ColumnClass) Call(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("column"), jinja.Required("dtype"), jinja.Optional("char_size", nil),
		jinja.Optional("numeric_precision", nil), jinja.Optional("numeric_scale", nil))
	if err != nil {
		return nil, err
	}
	c := &Column{Name: jinja.ToString(args[0]), DType: jinja.ToString(args[1])}
	for i, into := range []**int{&c.Size, &c.Precision, &c.Scale} {
		if n, ok := args[2+i].(int); ok {
			*into = &n
		}
	}
	return c, nil
}

// Attr implements jinja.Object.
func (ColumnClass) Attr(name string) (jinja.Value, bool) { return classAttr(name) }

// TranslateType is what dbt's names of types are here.
func TranslateType(label string) string {
	if strings.EqualFold(label, "string") {
		return "TEXT"
	}
	return label
}

func classAttr(name string) (jinja.Value, bool) {
	methods := map[string]jinja.Func{
		"translate_type": func(call *jinja.Call) (any, error) {
			label, err := call.String(0, "dtype")
			return TranslateType(label), err
		},
		"create": func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("name"), jinja.Required("label_or_dtype"))
			if err != nil {
				return nil, err
			}
			return &Column{Name: jinja.ToString(args[0]), DType: TranslateType(jinja.ToString(args[1]))}, nil
		},
		"string_type": func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("size"))
			if err != nil {
				return nil, err
			}
			return "character varying(" + jinja.ToString(args[0]) + ")", nil
		},
		"numeric_type": func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("dtype"), jinja.Required("precision"), jinja.Required("scale"))
			if err != nil || args[1] == nil || args[2] == nil {
				return jinja.ToString(args[0]), err
			}
			return fmt.Sprintf("%s(%s,%s)", jinja.ToString(args[0]), jinja.ToString(args[1]), jinja.ToString(args[2])), nil
		},
		"from_description": func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("name"), jinja.Required("raw_data_type"))
			if err != nil {
				return nil, err
			}
			return Described(jinja.ToString(args[0]), jinja.ToString(args[1]))
		},
	}
	method, ok := methods[name]
	return method, ok
}

// Described makes a column of a type such as decimal(18, 2).
func Described(name, dataType string) (*Column, error) {
	parsed := regexp.MustCompile(`^([^(]+)(?:\(([^)]+)\))?`).FindStringSubmatch(dataType)
	if parsed == nil {
		return nil, jinja.Errorf(jinja.KindRuntime, "%q is no data type", dataType)
	}
	c := &Column{Name: name, DType: parsed[1]}
	if parsed[2] == "" {
		return c, nil
	}
	var sizes []*int
	for _, text := range strings.Split(parsed[2], ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil, jinja.Errorf(jinja.KindRuntime, "%q is no data type: %q is no number", dataType, text)
		}
		sizes = append(sizes, &n)
	}
	switch len(sizes) {
	case 1:
		c.Size = sizes[0]
	case 2:
		c.Precision, c.Scale = sizes[0], sizes[1]
	}
	return c, nil
}
