package jinja

import (
	"context"
	"errors"

	"elt/runner"
)

// Macro is a macro, or the body of a call block, together with the scope it was defined in.
type Macro struct {
	def *macroDef
	t   *Template
	f   *frame
}

// Name is the macro's name.
func (m *Macro) Name() string { return m.def.name }

// Pos is where the macro is defined.
func (m *Macro) Pos() Position { return m.t.position(m.def.at()) }

// Call calls the macro outside any render, with a render's limits of its own. From within a host function use
// Call.Invoke instead. The result is a string unless the macro used Return.
func (m *Macro) Call(ctx context.Context, args []Value, kwargs *Dict) (Value, error) {
	s := newState(ctx, m.t.env, m.t)
	v, err := m.call(&Call{Args: args, Kwargs: kwargs, s: s, at: m.def.at()})
	if err != nil {
		return nil, s.settle(err)
	}
	return plain(v), nil
}

// call runs the macro. Its output keeps its origins.
func (m *Macro) call(c *Call) (Value, error) {
	s := c.s
	f := &frame{up: m.f, vars: make([]binding, 0, len(m.def.args)+4)}
	missing, err := m.bind(c, f)
	if err != nil {
		return nil, err
	}
	leave, err := s.enter(m.def.name, m.t, c.at)
	if err != nil {
		return nil, err
	}
	defer leave()
	v, err := m.body(s, f, missing)
	var ret *returnSignal
	switch {
	case err == nil:
		return v, nil
	case m.def.isCaller:
		return nil, err
	case errors.As(err, &ret):
		return ret.v, nil
	}
	return nil, s.locate(err, m.def.at())
}

func (m *Macro) body(s *state, f *frame, missing []bool) (Value, error) {
	for i, isMissing := range missing {
		if !isMissing {
			continue
		}
		d := i - (len(m.def.args) - len(m.def.defaults))
		if d < 0 {
			name := m.def.args[i]
			f.set(name, NewUndefined(name, "parameter "+reprStr(name)+" was not provided"))
			continue
		}
		v, err := s.eval(m.def.defaults[d], f)
		if err != nil {
			return nil, err
		}
		f.set(m.def.args[i], v)
	}
	t, _, err := s.capture(m.def.body, f)
	return t, err
}

// bind puts the given arguments into f as Jinja2 does and tells which ones are missing.
func (m *Macro) bind(c *Call, f *frame) ([]bool, error) {
	def := m.def
	missing := make([]bool, len(def.args))
	kwargs := c.Kwargs
	if c.Caller != nil || kwargs.Len() > 0 {
		kwargs = kwargs.copy()
		if c.Caller != nil {
			kwargs.Set("caller", c.Caller)
		}
	}
	take := func(name string) (Value, bool) {
		v, ok := kwargs.Get(name)
		if ok {
			kwargs.drop(name)
		}
		return v, ok
	}
	for i, name := range def.args {
		if i < len(c.Args) {
			f.set(name, c.Args[i])
		} else if v, ok := take(name); ok {
			f.set(name, v)
		} else {
			missing[i] = true
		}
	}
	if def.usesCaller && !def.explicitCaller {
		v, ok := take("caller")
		if !ok {
			v = NewUndefined("caller", "no caller defined")
		}
		f.set("caller", v)
	}
	return missing, m.bindRest(c, kwargs, f)
}

// bindRest handles the arguments that no parameter took.
func (m *Macro) bindRest(c *Call, kwargs *Dict, f *frame) error {
	def := m.def
	if def.usesKwargs {
		if kwargs == nil {
			kwargs = NewDict()
		}
		for i := range kwargs.entries {
			kwargs.entries[i].val = plain(kwargs.entries[i].val)
		}
		f.set("kwargs", kwargs)
	} else if kwargs.Len() > 0 {
		name := ToString(kwargs.entries[0].key)
		if _, ok := kwargs.Get("caller"); ok {
			return typeError("macro '%s' was called with a call block, but does not use caller()", def.name)
		}
		e := fail(KindType, "macro '%s' takes no keyword argument '%s'", def.name, name)
		e.Hint = runner.DidYouMean(name, def.args)
		return e
	}
	rest := c.Args[min(len(def.args), len(c.Args)):]
	if def.usesVarargs {
		f.set("varargs", NewTuple(plainAll(rest)...))
	} else if len(rest) > 0 {
		return typeError("macro '%s' takes not more than %d argument(s)", def.name, len(def.args))
	}
	return nil
}

func plainAll(items []Value) []Value {
	out := make([]Value, len(items))
	for i, x := range items {
		out[i] = plain(x)
	}
	return out
}

// attr finds macro.NAME.
func (m *Macro) attr(name string) (Value, bool) {
	switch name {
	case "name":
		return m.def.name, true
	case "arguments":
		items := make([]Value, len(m.def.args))
		for i, a := range m.def.args {
			items[i] = a
		}
		return NewTuple(items...), true
	case "catch_kwargs":
		return m.def.usesKwargs, true
	case "catch_varargs":
		return m.def.usesVarargs, true
	case "caller":
		return m.def.usesCaller, true
	}
	return nil, false
}
