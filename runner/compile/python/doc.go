// Package python gives templates the parts of Python's library that dbt offers them: the modules datetime, pytz, re and
// itertools, sets, JSON and YAML. Names, arguments and results are Python's; what cannot be done is refused with an
// error, never done differently.
//
// It knows nothing of SQL and of projects. The clock is the caller's, so that a template gives the same text whenever it
// is rendered within one run.
package python

import (
	"maps"
	"slices"
	"time"

	"elt/runner/jinja"
)

// Modules is the variable modules of dbt. now is what datetime.now() tells.
func Modules(now time.Time) jinja.Object {
	return Members{
		"datetime":  datetimeModule(now),
		"pytz":      pytzModule(),
		"re":        reModule(),
		"itertools": itertoolsModule(),
	}
}

// Members is an object with fixed attributes.
type Members map[string]any

// Attr implements jinja.Object.
func (m Members) Attr(name string) (jinja.Value, bool) {
	v, ok := m[name]
	return jinja.FromGo(v), ok
}

// Names implements jinja.Namer.
func (m Members) Names() []string { return slices.Sorted(maps.Keys(m)) }

// Iterate implements jinja.Iterable: the names.
func (m Members) Iterate() []jinja.Value {
	out := make([]jinja.Value, 0, len(m))
	for _, name := range m.Names() {
		out = append(out, name)
	}
	return out
}

// Class is an object that makes others when called, and has attributes of its own.
type Class struct {
	Members
	Name string
	Make func(call *jinja.Call) (any, error)
}

// Call implements jinja.Caller.
func (c *Class) Call(call *jinja.Call) (any, error) { return c.Make(call) }

// String is how Python prints a class.
func (c *Class) String() string { return "<class '" + c.Name + "'>" }

// function makes a value of a host function of one theme.
func function(do func(call *jinja.Call) (any, error)) jinja.Func { return do }

// constant is a method without arguments.
func constant(v any) jinja.Func {
	return func(call *jinja.Call) (any, error) {
		_, err := call.Bind()
		return v, err
	}
}

func typeError(format string, args ...any) error {
	return jinja.Errorf(jinja.KindType, format, args...)
}

func valueError(format string, args ...any) error {
	return jinja.Errorf(jinja.KindValue, format, args...)
}

// whole reads an argument that must be a whole number.
func whole(name string, v jinja.Value) (int, error) {
	n, ok := v.(int)
	if !ok {
		return 0, typeError("argument '%s' must be a whole number, not %s", name, jinja.Repr(v))
	}
	return n, nil
}

// number reads an argument that must be a number.
func number(name string, v jinja.Value) (float64, error) {
	switch n := v.(type) {
	case int:
		return float64(n), nil
	case float64:
		return n, nil
	}
	return 0, typeError("argument '%s' must be a number, not %s", name, jinja.Repr(v))
}

// wholes binds the arguments to parameters that are whole numbers.
func wholes(call *jinja.Call, names []string, params ...jinja.ArgSpec) ([]int, error) {
	args, err := call.Bind(params...)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(args))
	for i, v := range args {
		if out[i], err = whole(names[i], v); err != nil {
			return nil, err
		}
	}
	return out, nil
}
