package compile

import (
	"fmt"
	"slices"
	"strings"

	"elt/runner"
)

// Ref gives the ID of the model, seed or snapshot that ref(name) means in the project itself. The error says what was
// meant instead. A version may follow the name after ".v".
func (c *Compiler) Ref(name string) (string, error) {
	n, err := c.findRef(nil, "", name, "")
	if err != nil {
		return "", err
	}
	return n.ID, nil
}

// Source gives the ID of the table that source(source, table) means.
func (c *Compiler) Source(source, table string) (string, error) {
	n, err := c.findSource(nil, source, table)
	if err != nil {
		return "", err
	}
	return n.ID, nil
}

// Named gives the node that people call by a name, nil if there is none.
func (c *Compiler) Named(r runner.Relation) *Node {
	for _, id := range c.order {
		if n := c.nodes[id]; n != nil && n.Public == r && n.relational() {
			return n
		}
	}
	return nil
}

// Public is what people call the relation of a node; zero for ephemeral models and tests.
func (c *Compiler) Public(id string) runner.Relation {
	if n := c.nodes[id]; n != nil {
		return n.Public
	}
	return runner.Relation{}
}

// DisabledError says that what a ref or a source names is there, but disabled.
type DisabledError struct{ Kind runner.Kind }

func (e *DisabledError) Error() string { return "this " + string(e.Kind) + " is disabled" }

// LeftOut tells why a test is no node although it is enabled: what it reads is not there or, a DisabledError, disabled. It
// is nil for any other.
func (c *Compiler) LeftOut(id string) error { return c.leftOut[id] }

func (c *Compiler) leaveOut(n *Node, why error) {
	delete(c.nodes, n.ID)
	c.leftOut[n.ID] = why
}

// findRef resolves a ref in the text of a node (nil: of the project): in the package named, or else in the node's own, in
// the project, in any other.
func (c *Compiler) findRef(from *Node, pkg, name, version string) (*Node, error) {
	named := c.refs[name]
	if base, v, ok := strings.Cut(name, ".v"); ok && named == nil && version == "" {
		named, version = c.refs[base], v
	}
	var fitting []*Node
	for _, n := range named {
		if n.fits(version) && (pkg == "" || pkg == c.packageName(n)) {
			fitting = append(fitting, n)
		}
	}
	if n := c.nearest(from, fitting); n != nil {
		return n, nil
	}
	return nil, c.refError(pkg, name, version, named)
}

// fits tells whether a node is the version asked for; none asked for is the latest one.
func (n *Node) fits(version string) bool {
	if n.model == nil || n.model.Version == "" {
		return version == ""
	}
	return n.model.Version == version || version == "" && n.model.Latest
}

// nearest prefers what is in the package of from, then what is in the project.
func (c *Compiler) nearest(from *Node, nodes []*Node) *Node {
	prefer := []string{c.project.Name}
	if from != nil {
		prefer = []string{c.packageName(from), c.project.Name}
	}
	for _, pkg := range prefer {
		for _, n := range nodes {
			if c.packageName(n) == pkg {
				return n
			}
		}
	}
	if len(nodes) > 0 {
		return nodes[0]
	}
	return nil
}

func (c *Compiler) refError(pkg, name, version string, named []*Node) error {
	e := &runner.Error{Code: runner.CodeCompile, Msg: fmt.Sprintf("ref(%q): no model, seed or snapshot has this name", name)}
	var versions []string
	for _, n := range named {
		if n.model != nil && n.model.Version != "" {
			versions = append(versions, n.model.Version)
		}
	}
	switch {
	case pkg != "" && c.packageNamed(pkg) == nil && !c.ownsNodes(pkg):
		e.Msg = fmt.Sprintf("ref(%q, %q): there is no package %q", pkg, name, pkg)
		e.Hint = runner.DidYouMean(pkg, keysOf(c.packages))
		return e
	case pkg != "" && len(named) > 0:
		e.Msg = fmt.Sprintf("ref(%q, %q): package %s has no such model", pkg, name, pkg)
		e.Hint = "it is in package " + c.packageName(named[0])
		return e
	case len(versions) > 0:
		e.Msg = fmt.Sprintf("ref(%q): there is no version %s of this model", name, version)
		e.Hint = "its versions are " + strings.Join(versions, ", ")
		return e
	case len(named) > 0 && version != "":
		e.Msg, e.Hint = fmt.Sprintf("ref(%q): this model has no versions", name), "leave the version out"
		return e
	}
	if kind, where, ok := c.disabled(pkg, name); ok {
		e.Msg, e.Err, e.Hint = fmt.Sprintf("ref(%q)", name), &DisabledError{Kind: kind}, "it is disabled at "+where.String()
		return e
	}
	if e.Hint = runner.DidYouMean(name, keysOf(c.refs)); e.Hint == "" {
		e.Hint = "`elt ls` lists all of them"
	}
	return e
}

func (c *Compiler) ownsNodes(pkg string) bool {
	for _, n := range c.nodes {
		if c.packageName(n) == pkg {
			return true
		}
	}
	return false
}

// disabled finds a node that enabled: false left out.
func (c *Compiler) disabled(pkg, name string) (runner.Kind, runner.Position, bool) {
	for id, where := range c.project.Disabled {
		parts := strings.SplitN(id, ".", 3)
		if len(parts) == 3 && parts[2] == name && (pkg == "" || pkg == parts[1]) && slices.Contains([]string{"model", "seed", "snapshot"}, parts[0]) {
			return runner.Kind(parts[0]), where, true
		}
	}
	return "", runner.Position{}, false
}

func (c *Compiler) findSource(from *Node, source, table string) (*Node, error) {
	key := source + "." + table
	if n := c.nearest(from, c.sources[key]); n != nil {
		return n, nil
	}
	e := &runner.Error{
		Code: runner.CodeCompile, Msg: fmt.Sprintf("source(%q, %q): no such table is declared", source, table),
		Hint: runner.DidYouMean(key, keysOf(c.sources)),
	}
	for id, where := range c.project.Disabled {
		if strings.HasPrefix(id, "source.") && strings.HasSuffix(id, "."+key) {
			e.Msg, e.Err = fmt.Sprintf("source(%q, %q)", source, table), &DisabledError{Kind: runner.KindSource}
			e.Hint = "it is disabled at " + where.String()
		}
	}
	if e.Hint == "" {
		e.Hint = "declare it below sources: in a .yml file in models/"
	}
	return nil, e
}

func keysOf[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
