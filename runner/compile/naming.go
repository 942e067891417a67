package compile

import (
	"context"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// nameNode sets what people call a node, after its configuration and the project's generate_…_name macros.
func (c *Compiler) nameNode(ctx context.Context, n *Node) runner.Errors {
	if n.source != nil || n.Kind == runner.KindTest || n.Kind == runner.KindExposure {
		return nil
	}
	alias, err := c.generated(ctx, n, "generate_alias_name", n.Config.Alias, defaultAlias)
	if err != nil {
		return asErrors(err, runner.Position{File: n.declared.Path})
	}
	n.alias, n.Public = alias, runner.Relation{}
	if !n.relational() {
		return nil
	}
	schema, fixed := n.Config.All["target_schema"].(string)
	if !fixed || n.Kind != runner.KindSnapshot || schema == "" {
		if schema, err = c.generated(ctx, n, "generate_schema_name", n.Config.Schema, c.defaultSchema); err != nil {
			return asErrors(err, runner.Position{File: n.declared.Path})
		}
	}
	n.Public = runner.Relation{Schema: schema, Name: alias}
	return nil
}

// KeptFailures is where store_failures keeps the rows that a test finds: as dbt names it in a project of dbt's, in the schema
// test_failures in others, unless the test is configured to have another schema or name.
func (c *Compiler) KeptFailures(ctx context.Context, t *runner.Test) (runner.Relation, error) {
	n := c.nodes[t.ID]
	if n == nil { // a test that the program makes itself
		n = &Node{ID: t.ID, Kind: t.Kind, Name: t.Name, Config: t.Config, Test: t, declared: &t.Node}
	}
	custom := t.Config.Schema
	if custom == "" {
		custom = "test_failures"
		if c.project.DBT {
			custom = "dbt_test__audit"
		}
	}
	schema, err := c.generated(ctx, n, "generate_schema_name", custom, c.defaultSchema)
	if err != nil {
		return runner.Relation{}, err
	}
	alias, err := c.generated(ctx, n, "generate_alias_name", t.Config.Alias, defaultAlias)
	return runner.Relation{Schema: schema, Name: alias}, err
}

// generated asks the project's macro of that name, or makes the name as usual where there is none.
func (c *Compiler) generated(ctx context.Context, n *Node, macro, custom string, usual func(n *Node, custom string) string) (string, error) {
	pkg, name := c.override(n, macro)
	if pkg == nil {
		return usual(n, custom), nil
	}
	s := c.newScope(ctx, n, Render{})
	fn, ok := s.macro(pkg, name)
	if !ok {
		return "", s.failed
	}
	arg := jinja.Value(nil)
	if custom != "" {
		arg = custom
	}
	v, err := fn.Call(ctx, []jinja.Value{arg, jinja.FromGo(c.nodeDict(n))}, nil)
	if err != nil {
		return "", c.templateError(err)
	}
	text := strings.TrimSpace(jinja.ToString(v))
	if text == "" || v == nil {
		return "", &runner.Error{
			Code: runner.CodeCompile, Pos: runner.Position{File: n.declared.Path}, Msg: name + " gives no name for " + n.Name,
			Hint: "see what the macro does for a node without that configuration",
		}
	}
	return text, nil
}

// override finds a macro that takes the place of one of dbt's: the project's, or else that of the node's package.
func (c *Compiler) override(n *Node, macro string) (*macroPackage, string) {
	for _, pkg := range []*macroPackage{c.root, c.packages[n.declared.Package]} {
		for _, name := range []string{macro, "duckdb__" + macro, "default__" + macro} {
			if pkg != nil && pkg.files[name] != nil {
				return pkg, name
			}
		}
	}
	return nil, ""
}

// defaultSchema is the schema of a node: in dbt projects a custom one is added to the target's, in others it stands as it is.
func (c *Compiler) defaultSchema(_ *Node, custom string) string {
	switch {
	case custom == "":
		return c.project.Target.Schema
	case c.project.DBT:
		return c.project.Target.Schema + "_" + strings.TrimSpace(custom)
	}
	return custom
}

func defaultAlias(n *Node, custom string) string {
	switch {
	case custom != "":
		return strings.TrimSpace(custom)
	case n.model != nil && n.model.Version != "":
		return baseName(n) + "_v" + strings.ReplaceAll(n.model.Version, ".", "_")
	}
	return n.Name
}

// baseName is the name of a model without its version.
func baseName(n *Node) string {
	if n.model != nil && n.model.BaseName != "" {
		return n.model.BaseName
	}
	return n.Name
}
