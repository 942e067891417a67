package compile

import (
	"context"
	"maps"
	"slices"

	"elt/runner"
	"elt/runner/jinja"
)

// scope is what one render can see: dbt's context for one node, and the project's macros bound to it. It belongs to one
// goroutine.
type scope struct {
	c       *Compiler
	ctx     context.Context
	node    *Node
	names   Names // nil: public names
	execute bool

	config     *configObject
	reads      []string
	ephemerals []string
	impure     bool
	values     map[string]jinja.Value
	modules    map[*jinja.Template]*jinja.Module
	failed     error // of a macro file, met while looking a name up
}

func (c *Compiler) newScope(n *Node, names Names, execute bool) *scope {
	s := &scope{
		c: c, node: n, names: names, execute: execute,
		values: map[string]jinja.Value{}, modules: map[*jinja.Template]*jinja.Module{},
	}
	s.config = newConfigObject(n, execute)
	return s
}

func (s *scope) render(ctx context.Context) (*rendered, error) {
	s.ctx = ctx
	out, err := s.node.template.Render(ctx, s)
	if s.failed != nil {
		err = s.failed
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, templateError(err)
	}
	return &rendered{out: out, ephemerals: s.ephemerals, impure: s.impure}, nil
}

// Lookup implements jinja.Scope.
func (s *scope) Lookup(name string) (jinja.Value, bool) {
	if v, ok := s.values[name]; ok {
		return v, true
	}
	if makeValue, ok := members()[name]; ok {
		v := jinja.FromGo(makeValue(s))
		s.values[name] = v
		return v, true
	}
	if macro, ok := s.macro(name); ok {
		s.values[name] = macro
		return macro, true
	}
	return nil, false
}

// Names implements jinja.Namer.
func (s *scope) Names() []string {
	return append(slices.Collect(maps.Keys(members())), slices.Collect(maps.Keys(s.c.macros))...)
}

// macro finds a macro of the project, bound to this render, so that ref and this mean the same inside it as outside.
func (s *scope) macro(name string) (jinja.Value, bool) {
	t := s.c.macros[name]
	if t == nil {
		return nil, false
	}
	module := s.modules[t]
	if module == nil {
		var err error
		if module, err = t.Module(s.ctx, s); err != nil {
			s.failed = err
			return nil, false
		}
		s.modules[t] = module
	}
	macro, ok := module.Macro(name)
	return macro, ok
}

// relation is what ref and source give for a node, and notes that this one reads it.
func (s *scope) relation(id string) jinja.Value {
	if !slices.Contains(s.reads, id) {
		s.reads = append(s.reads, id)
	}
	n := s.c.nodes[id]
	if n.Config.Materialized == runner.Ephemeral {
		if !slices.Contains(s.ephemerals, id) {
			s.ephemerals = append(s.ephemerals, id)
		}
		return &relationObject{relation: runner.Relation{Name: cteName(n)}, bare: true}
	}
	return s.named(id)
}

// named is the relation of a node under the names of this render.
func (s *scope) named(id string) *relationObject {
	n := s.c.nodes[id]
	r := n.Public
	if s.names != nil {
		r = s.names(id)
	}
	return &relationObject{relation: r, view: n.Config.Materialized == runner.View}
}
