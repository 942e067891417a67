package jinja

import (
	"context"

	"elt/runner"
)

// Call is one call of a host function, filter or test. It is valid only during that call.
type Call struct {
	Args   []Value // positional arguments; of a filter or test, the first is what it is applied to
	Kwargs *Dict   // keyword arguments in order; may be nil
	Caller Value   // the body of a call block, to be called, or nil

	s    *state
	at   int
	fn   expr
	name string

	escaped bool // of a test: its value is text that was escaped
}

// Name is what is called, as the template spells it: ref, adapter.dispatch, or a filter's name.
func (c *Call) Name() string {
	if c.name == "" && c.fn != nil {
		c.name, _ = dotted(c.fn)
	}
	if c.name == "" {
		return "function"
	}
	return c.name
}

// Context is the context of the render.
func (c *Call) Context() context.Context { return c.s.ctx }

// Pos is where the call stands.
func (c *Call) Pos() Position { return c.s.t.position(c.at) }

// Stack lists the calls around this one, innermost first.
func (c *Call) Stack() []Frame { return c.s.stack.frames() }

// Invoke calls a macro, a function or any other callable within the render that makes this call.
func (c *Call) Invoke(fn Value, args []Value, kwargs *Dict) (Value, error) {
	if u, ok := fn.(*Undefined); ok {
		return nil, u.err()
	}
	v, err := c.s.call(fn, &Call{Args: args, Kwargs: kwargs, s: c.s, at: c.at})
	return plain(v), err
}

// CallerText renders the body of the call block, with arguments if it takes any; without a call block it is "".
func (c *Call) CallerText(args ...Value) (string, error) {
	if c.Caller == nil {
		return "", nil
	}
	v, err := c.Invoke(c.Caller, args, nil)
	return ToString(v), err
}

// ArgSpec declares a parameter for Bind.
type ArgSpec struct {
	name     string
	optional bool
	value    Value
	as       func(Value) (Value, error) // checks and converts what was given; may be nil
}

// Required declares a parameter that must be given.
func Required(name string) ArgSpec { return ArgSpec{name: name} }

// Optional declares a parameter with a default.
func Optional(name string, value Value) ArgSpec {
	return ArgSpec{name: name, optional: true, value: value}
}

// integer makes a parameter one that must be an int.
func integer(p ArgSpec) ArgSpec {
	p.as = func(v Value) (Value, error) {
		n, err := needInt(v)
		return n, err
	}
	return p
}

// str makes a parameter one that must be a string; what names it in errors.
func str(p ArgSpec, what string) ArgSpec {
	p.as = func(v Value) (Value, error) {
		s, err := needStr(v, what)
		return s, err
	}
	return p
}

// Bind sorts positional and keyword arguments into the given parameters, as Python does for a function with that
// signature, and fails with a TypeError as Python does.
func (c *Call) Bind(params ...ArgSpec) ([]Value, error) {
	if len(c.Args) > len(params) {
		return nil, typeError("%s() takes at most %d argument(s) (%d given)", c.Name(), len(params), len(c.Args))
	}
	out := make([]Value, len(params))
	copy(out, c.Args)
	used := 0
	for i, p := range params {
		v, ok := c.Kwargs.Get(p.name)
		switch {
		case ok && i < len(c.Args):
			return nil, typeError("%s() got multiple values for argument '%s'", c.Name(), p.name)
		case ok:
			out[i] = v
			used++
		case i >= len(c.Args) && !p.optional:
			return nil, typeError("%s() missing required argument: '%s'", c.Name(), p.name)
		case i >= len(c.Args):
			out[i] = p.value
		}
		if p.as != nil {
			var err error
			if out[i], err = p.as(out[i]); err != nil {
				return nil, err
			}
		}
	}
	if used == c.Kwargs.Len() {
		return out, nil
	}
	return nil, c.unexpected(params)
}

// unexpected names the keyword that is no parameter.
func (c *Call) unexpected(params []ArgSpec) error {
	names := make([]string, len(params))
	known := map[string]bool{}
	for i, p := range params {
		names[i], known[p.name] = p.name, true
	}
	for _, e := range c.Kwargs.entries {
		if k := ToString(e.key); !known[k] {
			err := fail(KindType, "%s() got an unexpected keyword argument '%s'", c.Name(), k)
			err.Hint = runner.DidYouMean(k, names)
			return err
		}
	}
	return nil
}

// String gives the argument at a position or, failing that, under a name. It fails when there is none, or no string.
func (c *Call) String(i int, name string) (string, error) {
	v, ok := c.arg(i, name)
	if !ok {
		return "", typeError("%s() missing required argument: '%s'", c.Name(), name)
	}
	if u, undef := v.(*Undefined); undef {
		return "", u.err()
	}
	s, ok := Str(v)
	if !ok {
		return "", typeError("%s(): argument '%s' must be a string, not %s", c.Name(), name, typeName(v))
	}
	return s, nil
}

func (c *Call) arg(i int, name string) (Value, bool) {
	if i < len(c.Args) {
		return c.Args[i], true
	}
	return c.Kwargs.Get(name)
}

// call calls any callable value.
func (s *state) call(fn Value, c *Call) (Value, error) {
	if m, ok := fn.(*Macro); ok {
		return m.call(c)
	}
	c.plain()
	switch fn := fn.(type) {
	case Func:
		return callHost(fn, c)
	case *method:
		if err := fn.keywords(c); err != nil {
			return nil, err
		}
		return fn.fn(fn.recv, c)
	case *loopContext:
		return fn.recurse(c)
	case *Undefined:
		return nil, fn.err()
	case Caller:
		return callHost(fn.Call, c)
	}
	return nil, typeError("'%s' object is not callable", typeName(fn))
}

// keywords refuses keyword arguments, a call block's body among them, to methods that have none in Python.
func (m *method) keywords(c *Call) error {
	if c.Caller != nil {
		return typeError("%s() got an unexpected keyword argument 'caller'", c.Name())
	}
	switch m.recv.(type) {
	case string, *List, *Tuple, *Dict, *Range:
	default:
		return nil
	}
	switch m.name {
	case "split", "rsplit", "splitlines", "expandtabs", "format", "sort", "update":
		return nil
	}
	if c.Kwargs.Len() > 0 {
		return typeError("%s.%s() takes no keyword arguments", typeName(m.recv), m.name)
	}
	return nil
}

func callHost(fn Func, c *Call) (Value, error) {
	v, err := fn(c)
	if err != nil {
		return nil, err
	}
	return FromGo(v), nil
}

// plain drops the origins of string arguments, so that functions meet only strings.
func (c *Call) plain() {
	for i, v := range c.Args {
		c.Args[i] = plain(v)
	}
	if c.Kwargs == nil {
		return
	}
	for i := range c.Kwargs.entries {
		c.Kwargs.entries[i].val = plain(c.Kwargs.entries[i].val)
	}
}
