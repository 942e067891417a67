package jinja

import (
	"context"
	"errors"
	"io/fs"
	"strings"
)

// Module is a template whose top level has been run: its macros and variables, bound to the scope it was run with. A
// host that wants macros to see each render's own names makes one Module per macro file and render, which costs little
// when a file holds only macros. A Module belongs to one goroutine.
type Module struct {
	t    *Template
	f    *frame
	text string
}

// Module runs the template's top level with the variables of scope, which may be nil, and drops what it prints.
func (t *Template) Module(ctx context.Context, scope Scope) (*Module, error) {
	s := newState(ctx, t.env, t)
	m := &Module{t: t, f: &frame{scope: memo(scope), env: t.env}}
	if err := s.top(t, m.f); err != nil {
		return nil, err
	}
	m.text = string(s.out.b)
	return m, nil
}

// Attr finds a macro or variable that the template set at its top level. Names that start with an underscore and names
// that it imported itself are not found.
func (m *Module) Attr(name string) (Value, bool) {
	if strings.HasPrefix(name, "_") {
		return nil, false
	}
	v, ok := m.get(name)
	return plain(v), ok
}

// Macro finds a macro by its name, underscore or not.
func (m *Module) Macro(name string) (*Macro, bool) {
	v, _ := m.get(name)
	macro, ok := v.(*Macro)
	return macro, ok
}

// Replace gives a name of the template's top level another value, for its macros, too. A name that it does not have stays
// unknown.
func (m *Module) Replace(name string, v Value) {
	if _, ok := m.get(name); ok {
		m.f.set(name, FromGo(v))
	}
}

func (m *Module) get(name string) (Value, bool) {
	for _, b := range m.f.vars {
		if b.name == name && !b.private {
			return b.v, true
		}
	}
	return nil, false
}

// load finds the template of an include or import.
func (s *state) load(name string) (*Template, error) {
	if t, ok := s.loaded[name]; ok {
		return t, nil
	}
	if s.env.loader == nil {
		return nil, fail(KindNotFound, "template '%s' not found", name)
	}
	t, err := s.env.loader(s.env, name)
	if errors.Is(err, fs.ErrNotExist) {
		e := fail(KindNotFound, "template '%s' not found", name)
		e.Cause = err
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	if s.loaded == nil {
		s.loaded = map[string]*Template{}
	}
	s.loaded[name] = t
	return t, nil
}

// loadFirst finds the first existing template of a name or a list of names.
func (s *state) loadFirst(v Value) (*Template, error) {
	if name, ok := Str(v); ok {
		return s.load(name)
	}
	if u, ok := v.(*Undefined); ok {
		return nil, u.err()
	}
	names, err := Items(v)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		t, err := s.load(ToString(n))
		if !isNotFound(err) {
			return t, err
		}
	}
	return nil, fail("TemplatesNotFound", "none of the templates given were found: %s", Repr(v))
}

func isNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Kind == KindNotFound || e.Kind == "TemplatesNotFound")
}

func (n *includeStmt) exec(s *state, f *frame) (signal, error) {
	v, err := s.eval(n.x, f)
	if err != nil {
		return sigNone, err
	}
	t, err := s.loadFirst(v)
	if err != nil {
		if n.ignoreMissing && isNotFound(err) {
			return sigNone, nil
		}
		return sigNone, s.locate(err, n.x.at())
	}
	leave, err := s.enter("include", t, n.at())
	if err != nil {
		return sigNone, err
	}
	defer leave()
	if _, err := s.run(t.root, f.template(n.withContext, s.env)); err != nil {
		return sigNone, s.locate(err, 0)
	}
	return sigNone, nil
}

// template makes the outermost frame of an included or imported template.
func (f *frame) template(withContext bool, env *Env) *frame {
	if withContext {
		return f.inner()
	}
	return &frame{env: env}
}

// importModule runs the template that x names as a module.
func (s *state) importModule(x expr, at int, withContext bool, f *frame) (*Module, error) {
	v, err := s.eval(x, f)
	if err != nil {
		return nil, err
	}
	name, ok := Str(v)
	if !ok {
		return nil, s.locate(typeError("a template name is a string, not %s", typeName(v)), x.at())
	}
	t, err := s.load(name)
	if err != nil {
		return nil, s.locate(err, x.at())
	}
	if m, ok := s.modules[t]; ok && !withContext {
		return m, nil
	}
	leave, err := s.enter("import", t, at)
	if err != nil {
		return nil, err
	}
	defer leave()
	m := &Module{t: t, f: f.template(withContext, s.env)}
	body, _, err := s.capture(t.root, m.f)
	if err != nil {
		return nil, s.locate(err, 0)
	}
	m.text = body.s
	if !withContext {
		if s.modules == nil {
			s.modules = map[*Template]*Module{}
		}
		s.modules[t] = m
	}
	return m, nil
}

func (n *importStmt) exec(s *state, f *frame) (signal, error) {
	m, err := s.importModule(n.x, n.at(), n.withContext, f)
	if err != nil {
		return sigNone, err
	}
	f.setPrivate(n.target, m)
	return sigNone, nil
}

func (n *fromStmt) exec(s *state, f *frame) (signal, error) {
	m, err := s.importModule(n.x, n.at(), n.withContext, f)
	if err != nil {
		return sigNone, err
	}
	for i, name := range n.names {
		v, ok := m.Attr(name)
		if !ok {
			v = NewUndefined(name, "the template '"+m.t.file+"' does not export the requested name '"+name+"'")
		}
		f.setPrivate(n.aliases[i], v)
	}
	return sigNone, nil
}
