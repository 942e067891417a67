package compile

import (
	"context"
	"maps"
	"slices"

	"elt/runner"
	"elt/runner/compile/warehouse"
	"elt/runner/jinja"
)

// scope is one render: dbt's context for one node, and the macros bound to it. It belongs to one goroutine.
type scope struct {
	c       *Compiler
	ctx     context.Context
	node    *Node
	with    Render
	parsing bool // by New: nothing is settled yet
	absent  bool // what was to be read is not there or disabled
	own     bool // it is the node's own SQL that is rendered, not a hook

	config     *configObject
	reads      []string
	ephemerals []string
	impure     bool
	private    map[string]string // see rendered
	usage      usage
	varsOpen   []string               // variables whose values are being rendered
	values     map[string]jinja.Value // of the context, once made
	extra      map[string]jinja.Value // what this render has beside the context: results, kwargs of a test
	results    map[string]jinja.Value // of statements, by name; nil once loaded
	views      map[*macroPackage]*view
	modules    map[*macroFile]*jinja.Module
	failed     error // of a macro file, met while looking a name up
}

func (c *Compiler) newScope(ctx context.Context, n *Node, with Render) *scope {
	s := &scope{
		c: c, ctx: ctx, node: n, with: with, values: map[string]jinja.Value{}, views: map[*macroPackage]*view{},
		modules: map[*macroFile]*jinja.Module{},
	}
	s.config = newConfigObject(s)
	return s
}

// execute tells whether the warehouse may be asked.
func (s *scope) execute() bool { return s.with.DB != nil }

// render renders the node's own template, or calls the macro of a test.
func (s *scope) render() (*rendered, error) {
	t, err := s.node.template, error(nil)
	if s.node.macro != "" {
		if t, err = s.testTemplate(); err != nil {
			return nil, err
		}
	}
	s.own = true
	return s.renderTemplate(t)
}

func (s *scope) renderTemplate(t *jinja.Template) (*rendered, error) {
	out, err := t.Render(s.ctx, s.home(), s.options()...)
	if s.failed != nil {
		err = s.failed
	}
	if err != nil {
		if s.ctx.Err() != nil {
			return nil, s.ctx.Err()
		}
		return nil, s.c.templateError(err)
	}
	return &rendered{out: out, ephemerals: s.ephemerals, private: s.private}, nil
}

// options let a template be looked through before the warehouse can answer it.
func (s *scope) options() []jinja.RenderOption {
	if s.execute() {
		return nil
	}
	return []jinja.RenderOption{jinja.Lenient()}
}

// home is the view of the node's own package.
func (s *scope) home() *view { return s.view(s.c.packages[s.c.packageName(s.node)]) }

// view is what the code of one package sees.
type view struct {
	s      *scope
	pkg    *macroPackage // nil: one without macros
	values map[string]jinja.Value
}

func (s *scope) view(pkg *macroPackage) *view {
	v := s.views[pkg]
	if v == nil {
		v = &view{s: s, pkg: pkg, values: map[string]jinja.Value{}}
		s.views[pkg] = v
	}
	return v
}

// Lookup implements jinja.Scope.
func (v *view) Lookup(name string) (jinja.Value, bool) {
	if x, ok := v.values[name]; ok {
		return x, true
	}
	x, ok := v.find(name)
	if ok {
		v.values[name] = x
	}
	return x, ok
}

// find looks for a name: macros of the package and of the project hide the context, which hides dbt's macros.
func (v *view) find(name string) (jinja.Value, bool) {
	s := v.s
	if x, ok := s.override(name); ok {
		return x, true
	}
	if x, ok := s.extra[name]; ok {
		return x, true
	}
	if f := s.c.resolve(v.pkg, name); f != nil && f.pkg != s.c.builtin {
		return s.bind(f, name)
	}
	if x, ok := s.member(name); ok {
		switch name {
		case "adapter": // dispatch depends on who calls
			return &adapterObject{s, v.pkg}, true
		case "context":
			return &contextObject{v}, true
		}
		return x, true
	}
	if f := s.c.builtin.files[name]; f != nil {
		return s.bind(f, name)
	}
	if pkg := s.c.packageNamed(name); pkg != nil {
		return &namespace{s, pkg}, true
	}
	return nil, false
}

// Names implements jinja.Namer.
func (v *view) Names() []string {
	names := append(slices.Collect(maps.Keys(v.s.c.members)), v.s.c.macroNames(v.pkg)...)
	return append(names, slices.Collect(maps.Keys(v.s.c.packages))...)
}

// member makes a variable of the context when it is first asked for.
func (s *scope) member(name string) (jinja.Value, bool) {
	if v, ok := s.values[name]; ok {
		return v, true
	}
	makeValue, ok := s.c.members[name]
	if !ok {
		return nil, false
	}
	v := jinja.FromGo(makeValue(s))
	s.values[name] = v
	return v, true
}

// override is what a unit test says that a macro gives.
func (s *scope) override(name string) (jinja.Value, bool) {
	if s.with.Macros == nil {
		return nil, false
	}
	v, ok := s.with.Macros[name]
	if !ok {
		return nil, false
	}
	return jinja.Func(func(*jinja.Call) (any, error) { return v, nil }), true
}

// macro finds a macro of a package, bound to this render, so that ref and this mean the same inside it as outside.
func (s *scope) macro(pkg *macroPackage, name string) (*jinja.Macro, bool) {
	f := pkg.files[name]
	if f == nil {
		return nil, false
	}
	v, ok := s.bind(f, name)
	m, isMacro := v.(*jinja.Macro)
	return m, ok && isMacro
}

func (s *scope) bind(f *macroFile, name string) (jinja.Value, bool) {
	module := s.modules[f]
	if module == nil {
		t, err := f.parse()
		if err == nil {
			module, err = t.Module(s.ctx, s.view(f.pkg))
		}
		if err != nil {
			s.failed = err
			return nil, false
		}
		for name := range s.with.Macros { // macros of one file call each other without looking here
			if v, ok := s.override(name); ok {
				module.Replace(name, v)
			}
		}
		s.modules[f] = module
	}
	s.usage.macro(f, name)
	macro, ok := module.Macro(name)
	return macro, ok
}

// namespace is a package by its name: its attributes are its macros.
type namespace struct {
	s   *scope
	pkg *macroPackage
}

// Attr implements jinja.Object.
func (n *namespace) Attr(name string) (jinja.Value, bool) {
	if v, ok := n.s.override(n.pkg.name + "." + name); ok {
		return v, true
	}
	if f := n.pkg.files[name]; f != nil {
		return n.s.bind(f, name)
	}
	if n.pkg == n.s.c.builtin && slices.Contains(nativeMacros(), name) {
		return n.s.member(name)
	}
	return nil, false
}

// Names implements jinja.Namer.
func (n *namespace) Names() []string { return slices.Collect(maps.Keys(n.pkg.files)) }

// Complete implements jinja.Complete.
func (n *namespace) Complete() bool { return true }

// TypeName implements jinja.Typed.
func (n *namespace) TypeName() string { return "package " + n.pkg.name }

// nativeMacros are macros of dbt's that are Go here.
func nativeMacros() []string {
	return []string{"is_incremental", "should_full_refresh", "statement", "run_query", "noop_statement"}
}

// relation is what ref and source give for a node, and notes that this one reads it.
func (s *scope) relation(n *Node) jinja.Value {
	if !slices.Contains(s.reads, n.ID) {
		s.reads = append(s.reads, n.ID)
	}
	if n.ephemeral() && !s.with.Standing[n.ID] {
		if !slices.Contains(s.ephemerals, n.ID) {
			s.ephemerals = append(s.ephemerals, n.ID)
		}
		return s.batched(n, warehouse.CTE(cteName(n)))
	}
	return s.batched(n, s.named(n))
}

// batched cuts what a microbatch model reads to its batch.
func (s *scope) batched(n *Node, r *warehouse.Relation) *warehouse.Relation {
	eventTime, _ := n.Config.All["event_time"].(string)
	if s.with.Batch != nil && eventTime != "" && n.ID != s.node.ID {
		r.Filter = s.with.Batch.Condition(eventTime)
	}
	return r
}

// callPublic lets a relation with a private name go by its public one where its name becomes data.
func (s *scope) callPublic(r *warehouse.Relation, public runner.Relation) {
	r.Known = public
	if s.private == nil {
		s.private = map[string]string{}
	}
	s.private[r.Runner().String()] = runner.Quote(s.c.database()) + "." + public.String()
}

// named is the relation of a node under the names of this render.
func (s *scope) named(n *Node) *warehouse.Relation {
	r := n.Public
	if s.with.Names != nil {
		r = s.with.Names(n.ID)
	}
	out := warehouse.Of(r, "", s.c.database()) // what kind it is, dbt does not say here either
	if s.with.Qualified {
		out = out.Qualified()
	}
	if r != n.Public {
		s.callPublic(out, n.Public)
	}
	if n.source != nil && n.source.External != "" {
		out.Text, out.Kind = n.source.External, warehouse.KindExternal
	}
	return out
}
