package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/export"
	"elt/runner/state"
)

// publish makes the outcome of a plan public, unless it is already.
func (w *writer) publish(ctx context.Context, planned *Planned, result *runner.RunResult) error {
	w.options.stage("write files")
	nodes := publishedNodes(planned.Plan)
	rejects, err := w.rejectsView(ctx, planned.Plan)
	if err != nil {
		return err
	}
	nodes = append(nodes, rejects)
	slices.SortFunc(nodes, func(a, b state.PublishedNode) int { return strings.Compare(a.NodeID, b.NodeID) })
	items, err := w.exports(nodes)
	if err != nil {
		return err
	}
	changed, err := w.publisher().Publish(ctx, build.Release{Nodes: nodes, Items: items})
	if err != nil {
		return err
	}
	result.Published = len(changed) > 0
	for _, path := range changed {
		result.Changed = append(result.Changed, relative(w.Project.Dir, filepath.Join(w.files.output, filepath.FromSlash(path))))
	}
	return nil
}

func publishedNodes(plan runner.Plan) []state.PublishedNode {
	var nodes []state.PublishedNode
	for _, d := range plan.Decisions {
		if d.Action != runner.ActionSkip && !d.Relation.IsZero() {
			nodes = append(nodes, state.PublishedNode{NodeID: d.ID, Relation: d.Relation, Public: d.Public, Fingerprint: d.Fingerprint})
		}
	}
	return nodes
}

// rejectsView makes a private view of the rejected rows that belong to the sources of a plan, and gives it as one more
// relation to publish: raw._rejects.
func (w *writer) rejectsView(ctx context.Context, plan runner.Plan) (state.PublishedNode, error) {
	names := []string{"''"}
	for _, d := range plan.Decisions {
		if d.Kind == runner.KindSource && !d.Relation.IsZero() {
			names = append(names, runner.Literal(d.Relation.Bare()))
		}
	}
	slices.Sort(names)
	fingerprint := hashOf(names...)
	node := state.PublishedNode{
		NodeID: "rejects." + w.Project.Name, Fingerprint: fingerprint,
		Relation: runner.Relation{Schema: build.Schema, Name: "_rejects__" + fingerprint[:12]},
		Public:   runner.Relation{Schema: "raw", Name: "_rejects"},
	}
	return node, w.warehouse.Exec(ctx, fmt.Sprintf(
		"create or replace view %s as\nselect source, file, line, \"column\", value, reason, run_id\nfrom %s\nwhere relation in (%s)",
		node.Relation, build.Rejects(), strings.Join(names, ", ")))
}

// exports works out the files to publish.
func (w *Workspace) exports(nodes []state.PublishedNode) ([]export.Item, error) {
	byID := make(map[string]state.PublishedNode, len(nodes))
	for _, n := range nodes {
		byID[n.NodeID] = n
	}
	chosen := make([]export.Selected, len(w.Project.Exports))
	for i, x := range w.Project.Exports {
		chosen[i].Export = x
		tables, err := w.exported(x, nodes, byID)
		if err != nil {
			return nil, at(err, x.Pos)
		}
		chosen[i].Tables = tables
	}
	return export.Expand(w.files.output, w.RunID, chosen)
}

// exported are the tables of one export: what its selector chooses among the models, or every relation for a snapshot
// without a selector.
func (w *Workspace) exported(x runner.Export, nodes []state.PublishedNode, byID map[string]state.PublishedNode) ([]export.Table, error) {
	var tables []export.Table
	if x.Format == "duckdb" && x.Select == "" {
		for _, n := range nodes {
			tables = append(tables, w.table(n))
		}
		return tables, nil
	}
	var include []string
	if x.Select != "" {
		include = []string{x.Select}
	}
	selection, err := w.choose(include, nil)
	if err != nil {
		return nil, err
	}
	for _, m := range w.Project.Models {
		if n, ok := byID[m.ID]; ok && selection.Has(m.ID) {
			tables = append(tables, w.table(n))
		}
	}
	return tables, nil
}

func (w *Workspace) table(n state.PublishedNode) export.Table {
	t := export.Table{Name: n.Public.Name, Public: n.Public, Source: n.Relation}
	if node := w.Compiler.Node(n.NodeID); node != nil {
		t.Name, t.OrderBy = node.Name, node.Config.OrderBy
	}
	return t
}
