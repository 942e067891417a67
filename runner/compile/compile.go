package compile

import (
	"context"
	"errors"
	"sync"

	"elt/runner"
	"elt/runner/dag"
	"elt/runner/jinja"
)

// Compiler holds a project with its templates parsed and its graph known. It is safe for concurrent use.
type Compiler struct {
	project  *runner.Project
	options  Options
	env      *jinja.Env
	members  map[string]func(*scope) any
	adapter  map[string]func(*adapterObject, *jinja.Call) (any, error)
	packages map[string]*macroPackage // those of the project and of what it depends on, by name
	root     *macroPackage            // the project's own
	builtin  *macroPackage            // dbt's
	nodes    map[string]*Node
	refs     map[string][]*Node // models, seeds and snapshots by the name ref knows them by
	sources  map[string][]*Node // by source.table
	order    []string           // IDs as declared, disabled ones too
	graph    *dag.Graph         // enabled nodes only
	leftOut  map[string]error   // why a test is no node, by its ID
	custom   map[string]bool    // names of {% materialization %} blocks

	described func() *description // the variable graph, made when first asked for
}

// New parses every template and renders it once to learn what it reads. All errors found are returned together.
func New(ctx context.Context, project *runner.Project, options Options) (*Compiler, error) {
	c := &Compiler{
		project: project, options: options, members: members(), adapter: adapterMethods(), packages: map[string]*macroPackage{},
		nodes: map[string]*Node{}, refs: map[string][]*Node{}, sources: map[string][]*Node{}, graph: &dag.Graph{},
		custom: map[string]bool{}, leftOut: map[string]error{},
	}
	c.env = newEnv()
	c.described = sync.OnceValue(c.describe)
	var errs runner.Errors
	errs = append(errs, c.addMacros()...)
	if len(errs) > 0 {
		return nil, errs
	}
	errs = append(errs, c.addNodes(ctx)...)
	if len(errs) > 0 {
		return nil, errs
	}
	same := sameErrors{files: map[string][]string{}}
	for _, id := range c.order {
		if n := c.nodes[id]; n.template != nil || n.macro != "" {
			same.add(n.declared.Path, c.parse(ctx, n))
		}
	}
	if len(same.errors) > 0 {
		return nil, same.all()
	}
	return c, c.link()
}

// newEnv is the template engine with dbt's blocks.
func newEnv() *jinja.Env {
	test := func(b *jinja.Block) string { return "test_" + b.Name }
	return jinja.New(
		jinja.WithStrictNames(), jinja.WithGlobal("return", jinja.Return),
		jinja.WithFilter("as_text", identity), jinja.WithFilter("as_bool", asBool),
		jinja.WithFilter("as_number", asNumber), jinja.WithFilter("as_native", asNative),
		jinja.WithBlockTag(
			jinja.BlockTag{Tag: "test", MacroName: test}, jinja.BlockTag{Tag: "data_test", MacroName: test},
			jinja.BlockTag{Tag: "materialization"}, jinja.BlockTag{Tag: "snapshot"}, jinja.BlockTag{Tag: "docs", Raw: true},
		),
	)
}

// Graph is every source, seed, model, snapshot, exposure, singular test and test made by a macro, each after what it
// reads. It must not be changed.
func (c *Compiler) Graph() *dag.Graph { return c.graph }

// Node gives the node of an ID, nil if there is none or it is disabled.
func (c *Compiler) Node(id string) *Node { return c.nodes[id] }

// parse renders a node with execute = false and takes over its config() calls and what it reads.
func (c *Compiler) parse(ctx context.Context, n *Node) runner.Errors {
	s := c.newScope(ctx, n, Render{})
	s.parsing = true
	s.config.set = true
	out, err := s.render()
	if err != nil {
		errs := asErrors(err, runner.Position{File: n.declared.Path})
		switch {
		case s.absent && n.Test != nil && c.project.DBT:
			c.leaveOut(n, errs[0])
			return nil
		case s.absent && !s.config.merged.Enabled: // what is disabled may read what is disabled
			n.Config = s.config.merged
			return nil
		}
		return errs
	}
	n.Config, n.Reads, n.Impure = s.config.merged, s.reads, s.impure
	if n.Test != nil {
		n.Test = s.config.test
		n.Test.Config.Retries, n.Test.Config.RetryDelay, n.Test.Config.Timeout = n.Config.Retries, n.Config.RetryDelay, n.Config.Timeout
	}
	if n.macro != "" {
		return nil
	}
	if errs := c.checkMaterialized(n); errs != nil {
		return errs
	}
	if !s.config.changedBehind && !out.out.Guessed {
		n.parsed = out
	}
	n.used = s.usage
	errs := c.nameNode(ctx, n)
	if n.used.this && n.naming() != n.guess {
		n.parsed = nil
	}
	return errs
}

// asErrors brings any error to those a user sees.
func asErrors(err error, pos runner.Position) runner.Errors {
	var several runner.Errors
	var one *runner.Error
	switch {
	case errors.As(err, &several):
		return several
	case errors.As(err, &one):
		return runner.Errors{one}
	}
	return runner.Errors{{Code: runner.CodeCompile, Pos: pos, Err: err}}
}
