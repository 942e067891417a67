package compile

import (
	"fmt"
	"slices"

	"elt/runner"
	"elt/runner/jinja"
)

// ref is ref('model'), ref('package', 'model'), each with version= or v=.
func (s *scope) ref(call *jinja.Call) (any, error) {
	version := ""
	for _, key := range call.Kwargs.Keys() {
		name := jinja.ToString(key)
		if name != "version" && name != "v" {
			return nil, compileError("ref takes no argument %q: write ref('model'), ref('package', 'model'), with v=1 for a version", name)
		}
		if v, _ := call.Kwargs.Get(key); v != nil {
			version = jinja.ToString(v)
		}
	}
	if len(call.Args) < 1 || len(call.Args) > 2 {
		return nil, compileError("ref takes the name of a model or seed, as in ref('stg_clients'), with its package before it if need be")
	}
	names := make([]string, len(call.Args))
	for i, arg := range call.Args {
		name, ok := jinja.Str(arg)
		if !ok {
			return nil, compileError("ref takes names as texts, not %s", jinja.Repr(arg))
		}
		names[i] = name
	}
	pkg, name := "", names[len(names)-1]
	if len(names) == 2 {
		pkg = names[0]
	}
	n, err := s.c.findRef(s.node, pkg, name, version)
	if err != nil {
		s.absent = true
		return nil, err
	}
	if n.ID == s.node.ID && n.Kind != runner.KindTest {
		return nil, &runner.Error{
			Code: runner.CodeCompile, Msg: fmt.Sprintf("%s reads itself", name), Hint: "use {{ this }} for the table of the model itself",
		}
	}
	if err := s.foreseen(n); err != nil {
		return nil, err
	}
	return s.relation(n), nil
}

// foreseen refuses what a model reads only while it runs: nothing sees to it that this is built before.
func (s *scope) foreseen(n *Node) error {
	if !s.own || !s.execute() || slices.Contains(s.node.Reads, n.ID) {
		return nil
	}
	e := compileError("%s reads %s only while it runs, which was not to be seen before", s.node.Name, n.Name)
	e.Hint = fmt.Sprintf("write at the top of the file: -- depends_on: {{ ref('%s') }}", n.Name)
	return e
}

func (s *scope) source(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("source"), jinja.Required("table"))
	if err != nil {
		return nil, err
	}
	source, ok1 := jinja.Str(args[0])
	table, ok2 := jinja.Str(args[1])
	if !ok1 || !ok2 {
		return nil, compileError("source takes two texts: the source and its table")
	}
	n, err := s.c.findSource(s.node, source, table)
	if err != nil {
		s.absent = true
		return nil, err
	}
	return s.relation(n), nil
}

// doc is a docs block of the project.
func (s *scope) doc(call *jinja.Call) (any, error) {
	if len(call.Args) < 1 || len(call.Args) > 2 {
		return nil, compileError("doc takes the name of a docs block, with its package before it if need be")
	}
	name := jinja.ToString(call.Args[len(call.Args)-1])
	full := name
	if len(call.Args) == 2 {
		full = jinja.ToString(call.Args[0]) + "." + name
	}
	for _, key := range []string{full, name} {
		if text, ok := s.c.project.Docs[key]; ok {
			return text, nil
		}
	}
	e := compileError("doc(%q): there is no docs block of this name", name)
	e.Hint = runner.DidYouMean(name, keysOf(s.c.project.Docs))
	return nil, e
}
