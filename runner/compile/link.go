package compile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/dag"
	"elt/runner/jinja"
)

// link builds the edges of the graph and refuses cycles, reads that are not allowed, and two nodes that people would call
// the same.
func (c *Compiler) link() error {
	var errs runner.Errors
	owners := map[runner.Relation]*Node{}
	for _, id := range c.order {
		n := c.nodes[id]
		if n == nil {
			continue // left out
		}
		if c.idle(n) {
			c.leaveOut(n, &DisabledError{Kind: runner.KindModel})
			continue
		}
		if !n.Config.Enabled && n.Kind != runner.KindExposure {
			delete(c.nodes, id)
			continue
		}
		c.graph.Add(id)
		if other := owners[n.Public]; other != nil && !n.Public.IsZero() {
			errs = append(errs, c.share(other, n)...)
		}
		owners[n.Public] = n
		errs = append(errs, c.checkGroup(n)...)
		errs = append(errs, c.linkReads(n)...)
	}
	if len(errs) > 0 {
		return errs
	}
	_, err := c.graph.Order()
	var cycle *dag.CycleError
	if errors.As(err, &cycle) {
		return c.cycleError(cycle)
	}
	return err
}

// share settles that two nodes are called the same. A source that nobody loads may name what the project makes: reading
// it is reading that.
func (c *Compiler) share(a, b *Node) runner.Errors {
	if b.source != nil && a.source == nil {
		a, b = b, a
	}
	switch {
	case a.source != nil && b.source != nil:
		return nil
	case a.source != nil && a.source.Load == nil:
		a.Reads = []string{b.ID}
		c.graph.Depend(a.ID, b.ID)
		return nil
	}
	return runner.Errors{sameName(a, b)}
}

func sameName(a, b *Node) *runner.Error {
	return &runner.Error{
		Code: runner.CodeCompile, Pos: b.declared.Pos,
		Msg:  fmt.Sprintf("%s and %s would both be called %s", a.declared.Path, b.declared.Path, b.Public.Bare()),
		Hint: "give one of them another alias or schema",
	}
}

// idle tells whether a test has nothing to test, since a node is disabled: the one that it is of or, in a project of
// dbt's, another one that it reads.
func (c *Compiler) idle(n *Node) bool {
	return n.Test != nil && slices.ContainsFunc(n.Reads, func(up string) bool {
		above := c.nodes[up]
		return (above == nil || !above.Config.Enabled) && (up == n.Test.On || c.project.DBT)
	})
}

func (c *Compiler) linkReads(n *Node) runner.Errors {
	var errs runner.Errors
	for _, up := range n.Reads {
		above := c.nodes[up]
		if above == nil || !above.Config.Enabled {
			errs = append(errs, c.disabledRead(n, up))
			continue
		}
		c.graph.Depend(n.ID, up)
		if above.naming() != above.guess {
			n.parsed = nil // it spoke of another relation: its own config() was not known yet
		}
		if e := c.checkAccess(n, above); e != nil {
			errs = append(errs, e)
		}
	}
	return errs
}

func (c *Compiler) checkGroup(n *Node) runner.Errors {
	group := n.Config.Group
	if group == "" || slices.ContainsFunc(c.project.Groups, func(g runner.Group) bool { return g.Name == group }) {
		return nil
	}
	var names []string
	for _, g := range c.project.Groups {
		names = append(names, g.Name)
	}
	e := compileError("%s: there is no group %q", n.Name, group)
	e.Pos = runner.Position{File: n.declared.Path}
	if e.Hint = runner.DidYouMean(group, names); e.Hint == "" {
		e.Hint = "declare it below groups: in a .yml file"
	}
	return runner.Errors{e}
}

// checkAccess refuses to read a private model from outside of its group.
func (c *Compiler) checkAccess(n, above *Node) *runner.Error {
	if above.Config.Access != "private" || n.Kind == runner.KindExposure {
		return nil
	}
	group := n.Config.Group
	if n.Test != nil && group == "" {
		if on := c.nodes[n.Test.On]; on != nil {
			group = on.Config.Group
		}
	}
	if group == above.Config.Group {
		return nil
	}
	e := compileError("%s reads %s, which is private to the group %q", n.Name, above.Name, above.Config.Group)
	e.Hint = fmt.Sprintf("put %s into that group, or make %s protected", n.Name, above.Name)
	c.pointAt(e, n, above)
	return e
}

func (c *Compiler) disabledRead(n *Node, up string) *runner.Error {
	e := &runner.Error{
		Code: runner.CodeCompile, Msg: fmt.Sprintf("%s reads %s, which its config() disables", n.Name, up),
		Hint: "enable it, or disable " + n.Name + " too",
	}
	name := up[strings.LastIndexByte(up, '.')+1:]
	c.pointAt(e, n, &Node{Name: name})
	return e
}

// pointAt shows where a node names another one, as far as its own text does.
func (c *Compiler) pointAt(e *runner.Error, n, above *Node) {
	e.Pos = runner.Position{File: n.declared.Path}
	if n.template == nil {
		e.Pos = n.declared.Pos
		return
	}
	for _, site := range n.template.Calls() {
		if (site.Name != "ref" && site.Name != "source") || len(site.Args) == 0 {
			continue
		}
		last := site.Args[0]
		for _, arg := range site.Args {
			if arg.Name == "" {
				last = arg
			}
		}
		if name, _ := jinja.Str(last.Value); name == above.Name || name == baseName(above) {
			e.Pos = position(site.Pos)
			e.Excerpt = runner.Excerpt(n.text, e.Pos.Line, e.Pos.Col)
			return
		}
	}
}

func (c *Compiler) cycleError(cycle *dag.CycleError) error {
	names := make([]string, len(cycle.Path))
	for i, id := range cycle.Path {
		names[i] = c.nodes[id].Name
	}
	e := &runner.Error{
		Code: runner.CodeCompile, Msg: "models depend on each other in a circle: " + strings.Join(names, " → "),
		Hint: "take one of these refs out",
	}
	c.pointAt(e, c.nodes[cycle.Path[0]], c.nodes[cycle.Path[1]])
	return e
}
