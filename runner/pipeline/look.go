package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/engine"
)

// Listed is a node as lists show it.
type Listed struct {
	ID           string
	Kind         runner.Kind
	Name         string // as people call it: schema.name for what has a relation
	Plain        string // as dbt lists it: the node's own name, source.table for sources
	Selector     string // what selects it alone, as dbt writes it
	Materialized runner.Materialization
	Tags         []string
	Path         string
	Description  string
}

// List gives the chosen nodes, each after what it reads.
func (w *Workspace) List() ([]Listed, error) {
	selection, err := w.Select()
	if err != nil {
		return nil, err
	}
	w.warnUnmatched(selection)
	declared := w.Declared()
	order, err := w.Graph.Order()
	if err != nil {
		return nil, err
	}
	var nodes []Listed
	for _, id := range order {
		if !selection.Has(id) {
			continue
		}
		n := declared[id]
		l := Listed{ID: id, Kind: n.Kind, Name: n.Name, Tags: n.Config.Tags, Path: n.Path, Description: n.Description}
		l.Plain = n.Name
		if n.Kind == runner.KindSource {
			l.Plain = strings.Join(strings.Split(id, ".")[2:], ".")
		}
		if n.Kind == runner.KindTest && w.Project.DBT && len(n.FQN) > 0 {
			l.Plain = n.FQN[len(n.FQN)-1] // in full
		}
		l.Selector = strings.Join(n.FQN, ".")
		if slices.Contains([]runner.Kind{runner.KindSource, runner.KindExposure, runner.KindUnitTest}, n.Kind) {
			l.Selector = string(n.Kind) + ":" + strings.Split(id, ".")[1] + "." + l.Plain
		}
		if r := w.Compiler.Public(id); !r.IsZero() {
			l.Name = r.Bare()
		}
		if n.Kind == runner.KindModel {
			l.Materialized = n.Config.Materialized
		}
		nodes = append(nodes, l)
	}
	return nodes, nil
}

// Entries gives the nodes as manifest.json has them, by ID.
func (w *Workspace) Entries() (map[string]map[string]any, error) {
	var text bytes.Buffer
	if err := w.manifest(&text, nil); err != nil {
		return nil, err
	}
	type entries map[string]map[string]any
	var manifest struct {
		Nodes     entries `json:"nodes"`
		Sources   entries `json:"sources"`
		Exposures entries `json:"exposures"`
		UnitTests entries `json:"unit_tests"`
	}
	if err := json.Unmarshal(text.Bytes(), &manifest); err != nil {
		return nil, err
	}
	all := manifest.Nodes
	for _, more := range []entries{manifest.Sources, manifest.Exposures, manifest.UnitTests} {
		maps.Copy(all, more)
	}
	return all, nil
}

// Declared gives every node as the project describes it, by ID.
func (w *Workspace) Declared() map[string]*runner.Node {
	nodes := map[string]*runner.Node{}
	for _, s := range w.Project.Sources {
		nodes[s.ID] = &s.Node
	}
	for _, s := range w.Project.Seeds {
		nodes[s.ID] = &s.Node
	}
	for _, m := range w.Project.Models {
		nodes[m.ID] = &m.Node
	}
	for _, s := range w.Project.Snapshots {
		nodes[s.ID] = &s.Node
	}
	for _, e := range w.Project.Exposures {
		nodes[e.ID] = &e.Node
	}
	for _, t := range w.tests {
		nodes[t.ID] = &t.Node
	}
	for _, t := range w.Project.UnitTests {
		nodes[t.ID] = &t.Node
	}
	return nodes
}

// Readable tells what a model reads that is not published yet, as an error.
func (w *Workspace) Readable(ctx context.Context, snapshot engine.Inspector, name string) error {
	id, err := w.Compiler.Ref(name)
	if err != nil {
		return err
	}
	names, err := w.published(ctx, snapshot)
	if err != nil {
		return err
	}
	var missing []string
	for _, up := range w.Compiler.Node(id).Reads {
		if n := w.Compiler.Node(up); n.Config.Materialized != runner.Ephemeral && names(up).IsZero() {
			missing = append(missing, n.Public.Bare())
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &runner.Error{
		Code: runner.CodeModel, Msg: fmt.Sprintf("show %s: it reads what is not published yet: %s", name, strings.Join(missing, ", ")),
		Hint: fmt.Sprintf("build it first: elt run --select +%s", name),
	}
}

// Previewed gives the names of the models to show: the one named, or else those that are chosen. dbt tells of a show in
// run_results.json, and so its projects get that.
func (w *Workspace) Previewed(name string) ([]string, error) {
	selection, err := w.Select()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, id := range w.Graph.IDs() {
		if n := w.Compiler.Node(id); n != nil && n.Kind == runner.KindModel && selection.Has(id) {
			names = append(names, n.Name)
		}
	}
	switch {
	case name != "":
		names = []string{name}
	case len(names) == 0:
		return nil, &runner.Error{Code: runner.CodeUsage, Msg: "no model is chosen", Hint: "`elt ls --resource-type model` lists all of them"}
	}
	if !w.Project.DBT {
		return names, nil
	}
	return names, w.writeRunResults(w.seen(selection), nil)
}

// Preview compiles a model, as its file stands now, over what is published, with a limit on its rows (0: none).
func (w *Workspace) Preview(ctx context.Context, name string, limit int) (compile.SQL, error) {
	id, err := w.Compiler.Ref(name)
	if err != nil {
		return compile.SQL{}, err
	}
	if n := w.Compiler.Node(id); n.Kind != runner.KindModel {
		return compile.SQL{}, &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("%s is a %s, not a model", name, n.Kind),
			Hint: fmt.Sprintf(`elt query "select * from %s limit 10"`, n.Public.Bare()),
		}
	}
	sql, err := w.Compiler.Logical(ctx, id)
	return limited(sql, limit), err
}

// PreviewInline compiles a template that stands in no file, with a limit on its rows (0: none).
func (w *Workspace) PreviewInline(ctx context.Context, snapshot engine.Engine, template string, limit int) (compile.SQL, error) {
	sql, err := w.Compiler.Inline(ctx, template, compile.Render{DB: build.Introspect(snapshot)})
	return limited(sql, limit), err
}

func limited(sql compile.SQL, limit int) compile.SQL {
	if limit <= 0 {
		return sql
	}
	return sql.Wrap("select * from (\n", fmt.Sprintf("\n) as preview limit %d", limit))
}
