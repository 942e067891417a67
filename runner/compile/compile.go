package compile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/dag"
	"elt/runner/jinja"
)

// Options are what templates may ask about the outside.
type Options struct {
	LookupEnv    func(name string) (string, bool) // for env_var; nil: nothing is set
	Log          func(text string)                // where log(…, info=true), print and warnings go; nil: nowhere
	Started      time.Time                        // run_started_at
	InvocationID string
}

// Compiler holds a project with its templates parsed and its graph known. It is safe for concurrent use.
type Compiler struct {
	project *runner.Project
	options Options
	env     *jinja.Env
	macros  map[string]*jinja.Template // by macro name
	nodes   map[string]*Node
	byName  map[string]string // model or seed name → ID
	sources map[string]string // source.table → ID
	order   []string          // IDs as declared, disabled ones too
	graph   *dag.Graph        // enabled nodes only
}

// Node is one node of the graph as compiling sees it. It is read-only.
type Node struct {
	ID     string
	Kind   runner.Kind
	Name   string
	Config runner.Config   // final: what config() in the SQL says is merged in
	Public runner.Relation // what people call it; zero for ephemeral models and tests
	Reads  []string        // IDs named by ref and source, in order of first mention
	Test   *runner.Test    // singular tests: a copy with config() merged in

	declared *runner.Node
	guess    naming          // what it was taken for while others were parsed
	template *jinja.Template // models and singular tests
	text     string          // what template was parsed from
	parsed   *rendered       // the render that found Reads; usable where it asked for nothing that changes
}

// New parses every template and renders it once to learn what it reads. All errors found are returned together.
func New(ctx context.Context, project *runner.Project, options Options) (*Compiler, error) {
	c := &Compiler{
		project: project, options: options, macros: map[string]*jinja.Template{}, nodes: map[string]*Node{},
		byName: map[string]string{}, sources: map[string]string{}, graph: &dag.Graph{},
	}
	c.env = jinja.New(jinja.WithStrictUndefined(), jinja.WithGlobal("return", jinja.Return))
	var errs runner.Errors
	errs = append(errs, c.addMacros()...)
	errs = append(errs, c.addNodes()...)
	if len(errs) > 0 {
		return nil, errs
	}
	for _, id := range c.order {
		if n := c.nodes[id]; n.template != nil {
			errs = append(errs, c.parse(ctx, n)...)
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if err := c.link(); err != nil {
		return nil, err
	}
	return c, nil
}

// Graph is every source, seed, model and singular test, each after what it reads. It must not be changed.
func (c *Compiler) Graph() *dag.Graph { return c.graph }

// Node gives the node of an ID, nil if there is none or it is disabled.
func (c *Compiler) Node(id string) *Node { return c.nodes[id] }

func (c *Compiler) addMacros() runner.Errors {
	var errs runner.Errors
	for _, file := range c.project.Macros {
		t, err := c.env.Parse(file.Path, file.Text)
		if err != nil {
			errs = append(errs, templateError(err))
			continue
		}
		for _, m := range t.Macros() {
			if other := c.macros[m.Name]; other != nil {
				errs = append(errs, &runner.Error{
					Code: runner.CodeCompile, Pos: position(m.Pos),
					Msg:  fmt.Sprintf("macro %s is defined twice, in %s too", m.Name, other.File()),
					Hint: "rename one of them",
				})
			}
			c.macros[m.Name] = t
		}
	}
	return errs
}

func (c *Compiler) addNodes() runner.Errors {
	var errs runner.Errors
	for _, s := range c.project.Sources {
		n := c.add(&s.Node, runner.Relation{Schema: s.Source, Name: s.Name})
		c.sources[s.Source+"."+s.Name] = n.ID
	}
	for _, s := range c.project.Seeds {
		n := c.add(&s.Node, runner.Relation{})
		n.Config.Materialized = runner.SeedTable
		c.byName[s.Name] = n.ID
	}
	for _, m := range c.project.Models {
		n := c.add(&m.Node, runner.Relation{})
		c.byName[m.Name] = n.ID
		errs = append(errs, c.setTemplate(n, m.SQL)...)
	}
	for _, t := range c.project.Tests {
		if t.Type != Singular {
			continue
		}
		n := c.add(&t.Node, runner.Relation{})
		own := *t
		n.Test = &own
		errs = append(errs, c.setTemplate(n, t.SQL)...)
	}
	return errs
}

// Singular is the type of a test that is a query of its own.
const Singular = "singular"

func (c *Compiler) add(declared *runner.Node, public runner.Relation) *Node {
	n := &Node{
		ID: declared.ID, Kind: declared.Kind, Name: declared.Name, Config: declared.Config, Public: public, declared: declared,
	}
	n.Config.Tags = slices.Clone(n.Config.Tags)
	if public.IsZero() {
		n.Public = c.public(n)
	}
	n.guess = n.naming()
	c.nodes[n.ID] = n
	c.order = append(c.order, n.ID)
	return n
}

// naming is what a node's configuration makes of references to it.
type naming struct {
	public    runner.Relation
	ephemeral bool
}

func (n *Node) naming() naming {
	return naming{public: n.Public, ephemeral: n.Config.Materialized == runner.Ephemeral}
}

func (c *Compiler) setTemplate(n *Node, sql string) runner.Errors {
	t, err := c.env.Parse(n.declared.Path, sql)
	if err != nil {
		return runner.Errors{templateError(err)}
	}
	n.template, n.text = t, sql
	return nil
}

// public is the name of a model or seed after its configuration.
func (c *Compiler) public(n *Node) runner.Relation {
	if n.Config.Materialized == runner.Ephemeral || n.Kind == runner.KindTest {
		return runner.Relation{}
	}
	r := runner.Relation{Schema: n.Config.Schema, Name: n.Config.Alias}
	if r.Schema == "" {
		r.Schema = c.project.Target.Schema
	}
	if r.Name == "" {
		r.Name = n.Name
	}
	return r
}

// parse renders a node with execute = false and takes over its config() calls and what it reads.
func (c *Compiler) parse(ctx context.Context, n *Node) runner.Errors {
	s := c.newScope(n, nil, false)
	out, err := s.render(ctx)
	var several runner.Errors
	var one *runner.Error
	switch {
	case errors.As(err, &several):
		return several
	case errors.As(err, &one):
		return runner.Errors{one}
	case err != nil:
		return runner.Errors{{Code: runner.CodeCompile, Pos: runner.Position{File: n.declared.Path}, Err: err}}
	}
	n.Config = s.config.merged
	if n.Test != nil {
		n.Test = s.config.test
	}
	if n.Config.Materialized == "" {
		n.Config.Materialized = runner.View
	}
	n.Public, n.Reads, n.parsed = c.public(n), s.reads, out
	return nil
}

// link builds the edges of the graph and refuses cycles, and two nodes that people would call the same.
func (c *Compiler) link() error {
	owners := map[runner.Relation]*Node{}
	for _, id := range c.order {
		n := c.nodes[id]
		if !n.Config.Enabled {
			delete(c.nodes, id)
			continue
		}
		c.graph.Add(id)
		if other := owners[n.Public]; other != nil && !n.Public.IsZero() {
			return &runner.Error{
				Code: runner.CodeCompile, Pos: n.declared.Pos,
				Msg:  fmt.Sprintf("%s and %s would both be called %s", other.declared.Path, n.declared.Path, n.Public.Bare()),
				Hint: "give one of them another alias or schema",
			}
		}
		owners[n.Public] = n
		for _, up := range n.Reads {
			if above := c.nodes[up]; above == nil || !above.Config.Enabled {
				return c.disabledRead(n, up)
			}
			c.graph.Depend(id, up)
			if above := c.nodes[up]; above.naming() != above.guess {
				n.parsed = nil // it spoke of another relation: its own config() was not known yet
			}
		}
	}
	_, err := c.graph.Order()
	var cycle *dag.CycleError
	if errors.As(err, &cycle) {
		return c.cycleError(cycle)
	}
	return err
}

func (c *Compiler) disabledRead(n *Node, up string) error {
	return &runner.Error{
		Code: runner.CodeCompile, Pos: runner.Position{File: n.declared.Path},
		Msg:  fmt.Sprintf("%s reads %s, which its config() disables", n.Name, up),
		Hint: "enable it, or disable " + n.Name + " too",
	}
}

func (c *Compiler) cycleError(cycle *dag.CycleError) error {
	names := make([]string, len(cycle.Path))
	for i, id := range cycle.Path {
		names[i] = c.nodes[id].Name
	}
	first := c.nodes[cycle.Path[0]]
	e := &runner.Error{
		Code: runner.CodeCompile, Pos: runner.Position{File: first.declared.Path},
		Msg:  "models depend on each other in a circle: " + strings.Join(names, " → "),
		Hint: "take one of these refs out",
	}
	for _, site := range first.template.Calls() {
		if site.Name == "ref" && len(site.Args) > 0 {
			if name, _ := jinja.Str(site.Args[0].Value); name == names[1] {
				e.Pos = position(site.Pos)
				e.Excerpt = runner.Excerpt(first.text, e.Pos.Line, e.Pos.Col)
			}
		}
	}
	return e
}
