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
	nodes := append(publishedNodes(planned.Plan), planned.Kept...)
	if len(nodes) == 0 {
		// Nothing was built, and nothing stands: a snapshot without a table would pass for a publish.
		standing, err := w.store.Publishes(ctx, 1)
		if err != nil || len(standing) == 0 {
			return err
		}
	}
	rejects, err := w.rejects(ctx, planned.Plan, nodes)
	if err != nil {
		return err
	}
	nodes = append(nodes, rejects...)
	slices.SortFunc(nodes, func(a, b state.PublishedNode) int { return strings.Compare(a.NodeID, b.NodeID) })
	items, err := w.exports(ctx, planned, nodes)
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

// underPresentNames gives what is published under the names that nodes have now. In a project of dbt's, what its variables
// or the environment named otherwise before stands on beside that, as dbt leaves it: kept.
func (w *Workspace) underPresentNames(p state.Publish, have func(runner.Relation) bool) (present state.Publish, kept []state.PublishedNode) {
	if !w.Project.DBT {
		return p, nil
	}
	present = p
	present.Nodes = nil
	for _, n := range p.Nodes {
		id := strings.TrimSuffix(n.NodeID, "@"+n.Public.Bare())
		switch node := w.Compiler.Node(id); {
		case node == nil || node.Public == n.Public:
			n.NodeID = id
			present.Nodes = append(present.Nodes, n)
		case have(n.Relation) && w.Compiler.Named(n.Public) == nil:
			n.NodeID = id + "@" + n.Public.Bare()
			kept = append(kept, n)
		}
	}
	return present, kept
}

func publishedNodes(plan runner.Plan) []state.PublishedNode {
	var nodes []state.PublishedNode
	for _, d := range plan.Decisions {
		// What another name of something stands for is published itself.
		named := d.Kind == runner.KindSource && len(d.Upstream) > 0 && d.Public != runner.RejectsTable()
		if d.Action != runner.ActionSkip && !d.Relation.IsZero() && d.Relation != d.Public && !named {
			nodes = append(nodes, state.PublishedNode{NodeID: d.ID, Relation: d.Relation, Public: d.Public, Fingerprint: d.Fingerprint})
		}
	}
	return nodes
}

// rejects makes a private view of the rejected rows that belong to the sources of a plan, and gives it as one more relation
// to publish: raw._rejects. Where the project has a source of that name the plan has made it already.
func (w *writer) rejects(ctx context.Context, plan runner.Plan, nodes []state.PublishedNode) ([]state.PublishedNode, error) {
	if !slices.ContainsFunc(w.Project.Sources, func(s *runner.Source) bool { return s.Load != nil }) ||
		slices.ContainsFunc(nodes, func(n state.PublishedNode) bool { return n.Public == runner.RejectsTable() }) {
		return nil, nil
	}
	query := rejectsQuery(plan, func(d runner.Decision) bool { return d.Kind == runner.KindSource })
	fingerprint := hashOf(query)
	node := state.PublishedNode{
		NodeID: "rejects." + w.Project.Name, Fingerprint: fingerprint, Public: runner.RejectsTable(),
		Relation: runner.Relation{Schema: build.Schema, Name: "_rejects__" + fingerprint[:12]},
	}
	return []state.PublishedNode{node}, w.warehouse.Exec(ctx, createRejects(node.Relation, query))
}

// rejectsQuery gives the rejected rows of some sources.
func rejectsQuery(plan runner.Plan, of func(runner.Decision) bool) string {
	names := []string{"''"}
	for _, d := range plan.Decisions {
		if of(d) && !d.Relation.IsZero() {
			names = append(names, runner.Literal(d.Relation.Bare()))
		}
	}
	slices.Sort(names)
	const rows = "select source, file, line, \"column\", value, reason, run_id, element\nfrom %s\nwhere relation in (%s)"
	return fmt.Sprintf(rows, build.Rejects(), strings.Join(names, ", "))
}

// createRejects makes a view only if it is not there: making it anew would have the warehouse write to disk in a run without
// changes.
func createRejects(view runner.Relation, query string) string {
	return fmt.Sprintf("create view if not exists %s as\n%s", view, query)
}

// exports works out the files to publish.
func (w *Workspace) exports(ctx context.Context, planned *Planned, nodes []state.PublishedNode) ([]export.Item, error) {
	byID := make(map[string]state.PublishedNode, len(nodes))
	for _, n := range nodes {
		byID[n.NodeID] = n
	}
	chosen := make([]export.Selected, len(w.Project.Exports))
	for i, x := range w.Project.Exports {
		chosen[i].Export = x
		tables, err := w.exported(x, nodes, byID)
		if err == nil && x.Format == "duckdb" {
			tables, err = w.keepViews(ctx, planned, tables)
		}
		if err != nil {
			return nil, at(err, x.Pos)
		}
		for _, t := range tables {
			chosen[i].Tables = append(chosen[i].Tables, t.Table)
		}
	}
	return export.Expand(w.files.output, w.RunID, chosen)
}

// checkExports refuses an export whose selector chooses no model: the files that it wrote so far would go. It tells of a
// part of a selector that chooses nothing.
func (w *Workspace) checkExports() error {
	var errs runner.Errors
	for _, x := range w.Project.Exports {
		if x.Select == "" {
			continue
		}
		s, err := w.choose([]string{x.Select}, nil)
		if err != nil {
			errs = append(errs, asErrors(at(err, x.Pos))...)
			continue
		}
		if !slices.ContainsFunc(w.Project.Models, func(m *runner.Model) bool { return s.Has(m.ID) }) {
			errs = append(errs, &runner.Error{
				Code: runner.CodeConfig, Pos: x.Pos, Msg: fmt.Sprintf("the export's select, %s, chooses no model", x.Select),
				Hint: "`elt ls --select` shows what a selector chooses; an export that is not wanted any more is to be taken out",
			})
			continue
		}
		for _, u := range s.Unmatched {
			w.options.Log.Warn().Msgf("%s: no node matches %s in the export's select", x.Pos, u.Text)
		}
	}
	return errs.AsError()
}

// exportedTable is a table of an export and the node it shows.
type exportedTable struct {
	export.Table
	id string
}

// exported are the tables of one export: what its selector chooses among the models, or every relation for a snapshot
// without a selector.
func (w *Workspace) exported(x runner.Export, nodes []state.PublishedNode, byID map[string]state.PublishedNode) ([]exportedTable, error) {
	var tables []exportedTable
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

func (w *Workspace) table(n state.PublishedNode) exportedTable {
	// dbt builds views that nothing could ever read, and so does a run here: copying them must not end it.
	t := export.Table{Name: n.Public.Name, Public: n.Public, Source: n.Relation, Optional: w.Project.DBT}
	if node := w.Compiler.Node(n.NodeID); node != nil {
		t.Name, t.OrderBy = node.Name, node.Config.OrderBy
	}
	return exportedTable{Table: t, id: n.NodeID}
}

// keepViews lets the views of a snapshot be views there too, behind what they read, instead of copies of their rows. It
// does so where the public names say the same as the view that was built and tested: the view is as the project has it now,
// all it reads is in the snapshot in the very version that it read, and it would show the same tomorrow.
func (w *Workspace) keepViews(ctx context.Context, planned *Planned, tables []exportedTable) ([]exportedTable, error) {
	order, err := w.Compiler.Graph().Order()
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, len(order))
	for i, id := range order {
		place[id] = i + 1
	}
	slices.SortStableFunc(tables, func(a, b exportedTable) int { return place[a.id] - place[b.id] })
	held := make(map[string]bool, len(tables))
	for i, t := range tables {
		node, version := w.Compiler.Node(t.id), planned.Versions[t.Source.Bare()]
		held[t.Source.Name] = true
		missing := func(name string) bool { return !held[name] }
		if node == nil || node.Kind != runner.KindModel || node.Config.Materialized != runner.View || planned.Volatile[t.id] ||
			version.Content == "" || version.Content != planned.Contents[t.id] || slices.ContainsFunc(version.Upstream, missing) {
			continue
		}
		sql, err := w.Compiler.Logical(ctx, t.id)
		if err != nil && w.Project.DBT && ctx.Err() == nil {
			continue // it is known only when it runs
		}
		if err != nil {
			return nil, err
		}
		tables[i].View = sql.Text
	}
	return tables, nil
}
