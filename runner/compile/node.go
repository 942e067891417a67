package compile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// Singular is the type of a test that is a query of its own.
const Singular = "singular"

// Node is one node of the graph as compiling sees it. It is read-only.
type Node struct {
	ID     string
	Kind   runner.Kind
	Name   string
	Config runner.Config   // final: what config() in the SQL says is merged in
	Public runner.Relation // what people call it; zero for ephemeral models, tests and exposures
	Reads  []string        // IDs named by ref and source, in order of first mention
	Test   *runner.Test    // tests: a copy with config() merged in
	Impure bool            // its SQL may differ from one rendering to the next: it asks for execute, the warehouse, …

	declared *runner.Node
	model    *runner.Model    // nil for what is no model
	source   *runner.Source   // nil for what is no source
	exposure *runner.Exposure // nil for what is no exposure
	alias    string           // the name of its relation, or of what an ephemeral model is called by
	guess    naming           // what it was taken for while others were parsed
	template *jinja.Template  // models, snapshots and singular tests
	macro    string           // tests that a macro makes: test_…
	text     string           // what template was parsed from
	parsed   *rendered        // the render that found Reads; nil if it cannot be used again
	used     usage            // what rendering looked at
}

// naming is what a node's configuration makes of references to it.
type naming struct {
	public    runner.Relation
	alias     string
	ephemeral bool
}

func (n *Node) naming() naming {
	return naming{public: n.Public, alias: n.alias, ephemeral: n.ephemeral()}
}

func (n *Node) ephemeral() bool { return n.Config.Materialized == runner.Ephemeral }

// relational tells whether a node becomes a relation.
func (n *Node) relational() bool {
	return n.Kind != runner.KindTest && n.Kind != runner.KindExposure && n.Kind != kindOperation && !n.ephemeral()
}

// packageName is the name of the package that a node belongs to.
func (c *Compiler) packageName(n *Node) string {
	if n.declared.Package != "" {
		return n.declared.Package
	}
	return c.project.Name
}

func (c *Compiler) addNodes(ctx context.Context) runner.Errors {
	var errs runner.Errors
	for _, s := range c.project.Sources {
		n := c.add(&s.Node)
		n.source, n.Public = s, s.Public
		if n.Public.IsZero() {
			n.Public = runner.Relation{Schema: s.Source, Name: s.Name}
		}
		n.alias, n.guess = n.Public.Name, n.naming()
		if s.IsRejects() {
			n.Reads = c.loaded()
		}
		c.sources[s.Source+"."+s.Name] = append(c.sources[s.Source+"."+s.Name], n)
	}
	for _, s := range c.project.Seeds {
		n := c.add(&s.Node)
		n.Config.Materialized = runner.SeedTable
		errs = append(errs, c.addRef(ctx, n, s.Name)...)
	}
	for _, m := range c.project.Models {
		n := c.add(&m.Node)
		n.model = m
		name := m.Name
		if m.Version != "" && m.BaseName != "" {
			name = m.BaseName
		}
		errs = append(errs, c.setTemplate(n, m.SQL)...)
		errs = append(errs, c.addRef(ctx, n, name)...)
	}
	for _, s := range c.project.Snapshots {
		n := c.add(&s.Node)
		n.Config.Materialized = runner.SnapshotTable
		errs = append(errs, c.setTemplate(n, padded(s.SQL, s.SQLPos))...)
		errs = append(errs, c.addRef(ctx, n, s.Name)...)
	}
	for _, e := range c.project.Exposures {
		n := c.add(&e.Node)
		n.exposure, n.Reads = e, slices.Clone(e.DependsOn)
	}
	return append(errs, c.addTests()...)
}

// loaded are the sources that have files.
func (c *Compiler) loaded() []string {
	var ids []string
	for _, s := range c.project.Sources {
		if s.Load != nil {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// addTests adds the tests that are compiled here: singular ones and those a macro makes. The others are not nodes.
func (c *Compiler) addTests() runner.Errors {
	var errs runner.Errors
	for _, t := range c.project.Tests {
		macro := ""
		if t.Type != Singular {
			if macro = c.testMacro(t); macro == "" {
				continue
			}
		}
		n := c.add(&t.Node)
		own := *t
		n.Test, n.macro = &own, macro
		if t.Type == Singular {
			errs = append(errs, c.setTemplate(n, t.SQL)...)
		}
	}
	return errs
}

func (c *Compiler) add(declared *runner.Node) *Node {
	n := &Node{ID: declared.ID, Kind: declared.Kind, Name: declared.Name, Config: declared.Config, declared: declared}
	n.Config.Tags = slices.Clone(n.Config.Tags)
	n.Config.Meta, n.Config.All = maps.Clone(n.Config.Meta), maps.Clone(n.Config.All)
	n.Config.Given = maps.Clone(n.Config.Given)
	c.nodes[n.ID] = n
	c.order = append(c.order, n.ID)
	return n
}

// addRef makes a node known to ref, under a name taken from what is configured outside of its own SQL.
func (c *Compiler) addRef(ctx context.Context, n *Node, name string) runner.Errors {
	c.refs[name] = append(c.refs[name], n)
	errs := c.nameNode(ctx, n)
	n.guess = n.naming()
	return errs
}

func (c *Compiler) setTemplate(n *Node, sql string) runner.Errors {
	t, err := c.env.Parse(n.declared.Path, sql)
	if err != nil {
		return runner.Errors{c.templateError(err)}
	}
	n.template, n.text = t, sql
	return nil
}

// padded puts a comment in front of a text that begins further down in its file, so that positions are those of the file.
func padded(sql string, pos runner.Position) string {
	if pos.Line <= 1 && pos.Col <= 1 {
		return sql
	}
	lines, spaces := strings.Repeat("\n", max(pos.Line-1, 0)), max(pos.Col-1, 0)
	switch {
	case spaces >= 3:
		return "{#" + lines + strings.Repeat(" ", spaces-3) + "-#}" + sql
	case lines != "":
		return "{#-#}" + lines + strings.Repeat(" ", spaces) + sql
	}
	return sql
}

// checkMaterialized refuses what cannot be built.
func (c *Compiler) checkMaterialized(n *Node) runner.Errors {
	if n.Config.Materialized == "" {
		n.Config.Materialized = runner.View
	}
	if n.Kind != runner.KindModel || !n.Config.Enabled {
		return nil
	}
	known := materializations()
	if slices.Contains(known, string(n.Config.Materialized)) {
		return c.checkMicrobatch(n)
	}
	e := compileError("%s: materialized=%q is not known", n.Name, n.Config.Materialized)
	e.Pos = runner.Position{File: n.declared.Path}
	e.Hint = runner.DidYouMean(string(n.Config.Materialized), known)
	if c.custom[string(n.Config.Materialized)] {
		e.Msg = fmt.Sprintf("%s: materialized=%q is a materialization of your own, and those are not run", n.Name, n.Config.Materialized)
	}
	if e.Hint == "" {
		e.Hint = "supported are " + strings.Join(known, ", ")
	}
	return runner.Errors{e}
}

// Uncut gives what is wrong with a microbatch model none of whose inputs has an event_time: every batch of it would read
// all rows. Otherwise it is nil.
func (c *Compiler) Uncut(n *Node) *runner.Error {
	if !n.microbatch() {
		return nil
	}
	for _, id := range n.Reads {
		if input := c.nodes[id]; input != nil && input.Config.All["event_time"] != nil {
			return nil
		}
	}
	e := compileError("%s: nothing that this microbatch model reads has an event_time, so each batch reads all rows, and "+
		"they may come out once a batch", n.Name)
	e.Pos = runner.Position{File: n.declared.Path}
	e.Hint = "set event_time in the config of a model, seed or source that it reads"
	return e
}

func (n *Node) microbatch() bool {
	return n.Config.Materialized == runner.Incremental && n.Config.All["incremental_strategy"] == "microbatch"
}

// checkMicrobatch refuses a microbatch model that does not say how it is cut.
func (c *Compiler) checkMicrobatch(n *Node) runner.Errors {
	if !n.microbatch() {
		return nil
	}
	for _, key := range []string{"event_time", "batch_size", "begin"} {
		if n.Config.All[key] != nil {
			continue
		}
		e := compileError("%s: incremental_strategy microbatch needs %s", n.Name, key)
		e.Pos = runner.Position{File: n.declared.Path}
		e.Hint = map[string]string{
			"event_time": "name the column with the time of a row, as in event_time='occurred_at'",
			"batch_size": "say hour, day, month or year, as in batch_size='day'",
			"begin":      "say where the first batch begins, as in begin='2024-01-01'",
		}[key]
		return runner.Errors{e}
	}
	if size := n.Config.All["batch_size"]; !slices.Contains([]string{"hour", "day", "month", "year"}, strings.ToLower(fmt.Sprint(size))) {
		e := compileError("%s: batch_size %q is not known", n.Name, size)
		e.Pos, e.Hint = runner.Position{File: n.declared.Path}, "it is hour, day, month or year"
		return runner.Errors{e}
	}
	return nil
}

func materializations() []string {
	var out []string
	for _, m := range []runner.Materialization{runner.View, runner.Table, runner.Incremental, runner.Ephemeral, runner.External} {
		out = append(out, string(m))
	}
	return out
}
