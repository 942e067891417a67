package python

import (
	"strings"

	"elt/runner/jinja"
)

// Zip pairs the items of its arguments up to the end of the shortest one.
func Zip(args []jinja.Value) (*jinja.List, error) {
	lists := make([][]jinja.Value, 0, len(args))
	shortest := -1
	for _, arg := range args {
		if _, ok := arg.(*endless); ok {
			lists = append(lists, nil)
			continue
		}
		list, err := jinja.Items(arg)
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
		if shortest < 0 || len(list) < shortest {
			shortest = len(list)
		}
	}
	if shortest < 0 && len(args) > 0 {
		return nil, valueError("zip never ends: none of its arguments does")
	}
	out := jinja.NewList()
	for i := range max(shortest, 0) {
		row := make([]jinja.Value, len(lists))
		for k := range lists {
			if e, ok := args[k].(*endless); ok {
				row[k] = e.at(i)
				continue
			}
			row[k] = lists[k][i]
		}
		out.Items = append(out.Items, jinja.NewTuple(row...))
	}
	return out, nil
}

// Set is Python's set. It keeps the order in which items were first added, so that the same template always gives the
// same text.
type Set struct{ items *jinja.Dict }

// NewSet makes a set of what v yields. What cannot be hashed is an error, as in Python.
func NewSet(v jinja.Value) (*Set, error) {
	list, err := items(v)
	if err != nil {
		return nil, err
	}
	s := &Set{jinja.NewDict()}
	for _, x := range list {
		if err := s.add(x); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Set) add(x jinja.Value) error {
	before := s.items.Len()
	if _, known := s.items.Get(x); known {
		return nil
	}
	s.items.Set(x, true)
	if s.items.Len() == before {
		return typeError("unhashable: %s cannot be in a set", jinja.Repr(x))
	}
	return nil
}

func (s *Set) has(x jinja.Value) bool {
	_, ok := s.items.Get(x)
	return ok
}

// Iterate implements jinja.Iterable.
func (s *Set) Iterate() []jinja.Value { return s.items.Keys() }

// Truth implements jinja.Truther.
func (s *Set) Truth() bool { return s.items.Len() > 0 }

// TypeName implements jinja.Typed.
func (*Set) TypeName() string { return "set" }

// String prints as Python does.
func (s *Set) String() string {
	if s.items.Len() == 0 {
		return "set()"
	}
	parts := make([]string, 0, s.items.Len())
	for _, x := range s.items.Keys() {
		parts = append(parts, jinja.Repr(x))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Equal implements jinja.Equaler.
func (s *Set) Equal(other jinja.Value) bool {
	o, ok := other.(*Set)
	return ok && s.items.Len() == o.items.Len() && len(s.keep(o.has)) == s.items.Len()
}

func (s *Set) keep(want func(jinja.Value) bool) []jinja.Value {
	var out []jinja.Value
	for _, x := range s.items.Keys() {
		if want(x) {
			out = append(out, x)
		}
	}
	return out
}

// Operate implements jinja.Operand: - is the difference. Jinja has no operators for the others.
func (s *Set) Operate(op string, other jinja.Value, reflected bool) (jinja.Value, bool) {
	o, ok := other.(*Set)
	if !ok || op != "-" || reflected {
		return nil, false
	}
	v, err := NewSet(jinja.NewList(s.keep(func(x jinja.Value) bool { return !o.has(x) })...))
	return v, err == nil
}

// Attr implements jinja.Object.
func (s *Set) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "add", "discard", "remove", "update", "clear":
		return function(func(call *jinja.Call) (any, error) { return nil, s.change(name, call.Args) }), true
	case "copy", "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint":
		return function(func(call *jinja.Call) (any, error) { return s.combine(name, call.Args) }), true
	}
	return nil, false
}

func (s *Set) change(name string, args []jinja.Value) error {
	if name == "clear" {
		s.items = jinja.NewDict()
		return nil
	}
	if name != "update" && len(args) != 1 {
		return typeError("set.%s() takes exactly one argument (%d given)", name, len(args))
	}
	switch name {
	case "add":
		return s.add(args[0])
	case "update":
		for _, arg := range args {
			list, err := items(arg)
			if err != nil {
				return err
			}
			for _, x := range list {
				if err := s.add(x); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if name == "remove" && !s.has(args[0]) {
		return jinja.Errorf(jinja.KindKey, "%s", jinja.Repr(args[0]))
	}
	kept, err := NewSet(jinja.NewList(s.keep(func(x jinja.Value) bool {
		one, _ := NewSet(jinja.NewList(x))
		return !one.has(args[0])
	})...))
	if err == nil {
		s.items = kept.items
	}
	return err
}

func (s *Set) combine(name string, args []jinja.Value) (any, error) {
	out, err := NewSet(s)
	if err != nil {
		return nil, err
	}
	for _, arg := range args {
		o, err := NewSet(arg)
		if err != nil {
			return nil, err
		}
		switch name {
		case "issubset":
			return len(s.keep(o.has)) == s.items.Len(), nil
		case "issuperset":
			return len(o.keep(s.has)) == o.items.Len(), nil
		case "isdisjoint":
			return len(s.keep(o.has)) == 0, nil
		case "union":
			err = out.change("update", []jinja.Value{o})
		case "intersection":
			out, err = NewSet(jinja.NewList(out.keep(o.has)...))
		case "difference":
			out, err = NewSet(jinja.NewList(out.keep(func(x jinja.Value) bool { return !o.has(x) })...))
		case "symmetric_difference":
			left := out.keep(func(x jinja.Value) bool { return !o.has(x) })
			right := o.keep(func(x jinja.Value) bool { return !out.has(x) })
			out, err = NewSet(jinja.NewList(append(left, right...)...))
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
