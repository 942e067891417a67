package jinja

import "elt/runner"

// Scope finds the variables of a render that the template itself did not set. It is asked again for every use, so it
// should answer quickly and give the same list or dict each time. It need not be safe for concurrent use unless the
// host shares it between renders.
type Scope interface {
	Lookup(name string) (Value, bool)
}

// Namer is a Scope that can list its names, for did-you-mean hints.
type Namer interface {
	Names() []string
}

// Vars is a Scope of fixed variables. A render converts each with FromGo when it is first used, so the map and the Go
// slices and maps in it stay unchanged.
type Vars map[string]any

// Lookup converts the named variable.
func (v Vars) Lookup(name string) (Value, bool) {
	x, ok := v[name]
	return FromGo(x), ok
}

// Names lists the variables.
func (v Vars) Names() []string { return sortedKeys(v) }

// memoVars keeps what was converted, so that a template sees the same list twice.
type memoVars struct {
	Vars
	seen map[string]Value
}

func (m *memoVars) Lookup(name string) (Value, bool) {
	if v, ok := m.seen[name]; ok {
		return v, true
	}
	v, ok := m.Vars.Lookup(name)
	if ok {
		m.seen[name] = v
	}
	return v, ok
}

func memo(scope Scope) Scope {
	if v, ok := scope.(Vars); ok {
		return &memoVars{v, make(map[string]Value, 8)}
	}
	return scope
}

// frame holds the variables of one scope: a template, a macro call, one turn of a loop.
type frame struct {
	up   *frame
	vars []binding
	// of a frame without up: where names are found that no frame has
	scope Scope
	env   *Env
}

type binding struct {
	name    string
	v       Value
	private bool // imported: not an attribute of the module
}

func (f *frame) inner() *frame { return &frame{up: f, vars: make([]binding, 0, 2)} }

func (f *frame) set(name string, v Value) {
	for i := range f.vars {
		if f.vars[i].name == name {
			f.vars[i].v = v
			f.vars[i].private = false
			return
		}
	}
	f.vars = append(f.vars, binding{name: name, v: v})
}

func (f *frame) setPrivate(name string, v Value) {
	f.set(name, v)
	for i := range f.vars {
		if f.vars[i].name == name {
			f.vars[i].private = true
		}
	}
}

// lookup finds a variable in this frame, those around it, the scope and the globals.
func (f *frame) lookup(name string) (Value, bool) {
	for {
		for i := range f.vars {
			if f.vars[i].name == name {
				return f.vars[i].v, true
			}
		}
		if f.up == nil {
			break
		}
		f = f.up
	}
	if f.scope != nil {
		if v, ok := f.scope.Lookup(name); ok {
			return FromGo(v), true
		}
	}
	v, ok := f.env.globals[name]
	return v, ok
}

// names lists everything lookup would find, nearest first.
func (f *frame) names() []string {
	var out []string
	for ; ; f = f.up {
		for _, b := range f.vars {
			out = append(out, b.name)
		}
		if f.up == nil {
			break
		}
	}
	if n, ok := f.scope.(Namer); ok {
		out = append(out, n.Names()...)
	}
	return append(out, sortedKeys(f.env.globals)...)
}

// undefined is the value of a name that lookup does not find.
func (f *frame) undefined(name string) *Undefined {
	return &Undefined{name: name, hint: func() string { return runner.DidYouMean(name, f.names()) }}
}
