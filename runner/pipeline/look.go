package pipeline

import (
	"context"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// Listed is a node as lists show it.
type Listed struct {
	ID           string
	Kind         runner.Kind
	Name         string // as people call it: schema.name for what has a relation
	Plain        string // as dbt lists it: the node's own name, source.table for sources
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
	if err != nil || limit <= 0 {
		return sql, err
	}
	return sql.Wrap("select * from (\n", fmt.Sprintf("\n) as preview limit %d", limit)), nil
}
