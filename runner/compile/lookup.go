package compile

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"elt/runner"
)

// Ref gives the ID of the model or seed that ref(name) means. The error says what was meant instead.
func (c *Compiler) Ref(name string) (string, error) {
	if id, ok := c.byName[name]; ok {
		return id, nil
	}
	e := &runner.Error{
		Code: runner.CodeCompile, Msg: fmt.Sprintf("ref(%q): no model or seed has this name", name),
		Hint: runner.DidYouMean(name, slices.Collect(maps.Keys(c.byName))),
	}
	for _, kind := range []runner.Kind{runner.KindModel, runner.KindSeed} {
		if where, ok := c.project.Disabled[string(kind)+"."+c.project.Name+"."+name]; ok {
			e.Msg, e.Hint = fmt.Sprintf("ref(%q): this %s is disabled", name, kind), "it is disabled at "+where.String()
		}
	}
	if e.Hint == "" {
		e.Hint = "`elt ls` lists all of them"
	}
	return "", e
}

// Source gives the ID of the table that source(source, table) means.
func (c *Compiler) Source(source, table string) (string, error) {
	key := source + "." + table
	if id, ok := c.sources[key]; ok {
		return id, nil
	}
	known := slices.Collect(maps.Keys(c.sources))
	sort.Strings(known)
	e := &runner.Error{
		Code: runner.CodeCompile, Msg: fmt.Sprintf("source(%q, %q): no such table is declared", source, table),
		Hint: runner.DidYouMean(key, known),
	}
	if e.Hint == "" {
		e.Hint = "declare it below sources: in a .yml file in models/"
	}
	return "", e
}

// Public is what people call the relation of a node; zero for ephemeral models and tests.
func (c *Compiler) Public(id string) runner.Relation {
	if n := c.nodes[id]; n != nil {
		return n.Public
	}
	return runner.Relation{}
}
