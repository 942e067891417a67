package compile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"elt/runner/jinja"
)

// Content identifies what an impure node says, since its SQL is known only when it is built: its raw SQL, all macros that
// it may call however deep, and the values of the variables and of the environment that any of them reads. Equal contents
// over equal relations give equal rows, as far as the warehouse is asked about those relations only. It is empty for pure
// nodes: their SQL says it.
func (c *Compiler) Content(id string) string {
	n := c.nodes[id]
	if n == nil || n.template == nil || !n.Impure {
		return ""
	}
	s := &survey{c: c, node: n, seen: map[macroUse]bool{}}
	s.calls(c.packages[c.packageName(n)], n.template.Calls())
	for use := range n.used.macros {
		s.macro(use.file, use.name)
	}
	for name := range n.used.vars {
		note(&s.vars, name)
	}
	for name := range n.used.env {
		note(&s.env, name)
	}
	return s.hash()
}

// survey collects what a template may look at.
type survey struct {
	c    *Compiler
	node *Node
	seen map[macroUse]bool
	vars map[string]bool
	env  map[string]bool
	all  bool // a variable is named by an expression
}

// calls follows calls that stand in the code of a package.
func (s *survey) calls(pkg *macroPackage, sites []jinja.CallSite) {
	for _, site := range sites {
		first, constant := "", false
		if len(site.Args) > 0 && site.Args[0].Const {
			first, constant = jinja.Str(site.Args[0].Value)
		}
		switch site.Name {
		case "var", "var.has_var":
			s.read(&s.vars, first, constant)
		case "env_var":
			s.read(&s.env, first, constant)
		default:
			f, macro := s.c.macroAt(pkg, site)
			s.macro(f, macro)
		}
	}
}

func (s *survey) read(set *map[string]bool, name string, constant bool) {
	if constant {
		note(set, name)
		return
	}
	s.all = true
}

func (s *survey) macro(f *macroFile, name string) {
	use := macroUse{f, name}
	if f == nil || s.seen[use] {
		return
	}
	s.seen[use] = true
	s.calls(f.pkg, f.contents().calls[name])
}

func (s *survey) hash() string {
	parts := []string{"impure-1", s.node.text}
	var macros []string
	for use := range s.seen {
		macros = append(macros, use.file.pkg.name+"."+use.name+"\x00"+use.file.contents().sources[use.name])
	}
	slices.Sort(macros)
	parts = append(parts, macros...)
	scope := &scope{c: s.c, node: s.node}
	if s.all {
		parts = append(parts, jinja.Repr(jinja.FromGo(scope.vars())))
	}
	for _, name := range keysOf(s.vars) {
		v, ok := scope.lookupVar(name)
		parts = append(parts, "var", name, fmt.Sprint(ok), jinja.Repr(jinja.FromGo(v)))
	}
	for _, name := range keysOf(s.env) {
		v, ok := scope.lookupEnv(name)
		parts = append(parts, "env", name, fmt.Sprint(ok), v)
	}
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
