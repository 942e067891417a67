package pipeline

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/engine"
	"elt/runner/ingest"
	"elt/runner/state"
)

// Planned is a plan with what it was made from.
type Planned struct {
	runner.Plan
	Selection Selection
	Sources   map[string]ingest.Manifest // by source ID
	Contents  map[string]string          // by node ID; see build.Node
	Volatile  map[string]bool            // by node ID; see build.Node
	Versions  map[string]state.RelationVersion
	Published state.Publish         // the zero value before the first
	Kept      []state.PublishedNode // what stands under names that nodes had before, and stays
}

// planFrom decides what a run has to do. have tells which private relations stand in the warehouse; analyze may be any
// engine, since it only parses.
func (w *Workspace) planFrom(
	ctx context.Context, store *state.Store, analyze engine.Inspector, have func(runner.Relation) bool,
) (*Planned, error) {
	selection, err := w.Select()
	if err != nil {
		return nil, err
	}
	if err := w.checkExports(); err != nil {
		return nil, err
	}
	planned := &Planned{Selection: selection}
	if planned.Versions, err = store.Relations(ctx); err != nil {
		return nil, err
	}
	if planned.Published, err = latestPublish(ctx, store); err != nil {
		return nil, err
	}
	planned.Published, planned.Kept = w.underPresentNames(planned.Published, have)
	published := map[string]build.Version{}
	for _, n := range planned.Published.Nodes {
		published[n.NodeID] = build.Version{
			Fingerprint: n.Fingerprint, Content: planned.Versions[n.Relation.Bare()].Content, Relation: n.Relation, Gone: !have(n.Relation),
		}
	}
	planned.Sources, err = w.scan(ctx, store, func(s *runner.Source) bool {
		before, known := published[s.ID]
		return selection.Has(s.ID) || !known || before.Gone
	})
	if err != nil {
		return nil, err
	}
	nodes, err := w.planNodes(ctx, store, analyze, planned)
	if err != nil {
		return nil, err
	}
	planned.Contents, planned.Volatile = make(map[string]string, len(nodes)), make(map[string]bool, len(nodes))
	for _, n := range nodes {
		planned.Contents[n.ID], planned.Volatile[n.ID] = n.Content, n.Volatile
	}
	in := build.Inputs{
		RunID: w.RunID, Nodes: nodes, Selected: withRejects(selection.Nodes, nodes, published), Carried: selection.Carried,
		Force: w.options.Force, LiveViews: w.Project.DBT,
		Have: map[string]build.Version{}, Published: published,
	}
	for _, v := range planned.Versions {
		if have(v.Relation) {
			newest, taken := in.Have[v.Fingerprint]
			if !taken || planned.Versions[newest.Relation.Bare()].Created.Before(v.Created) {
				in.Have[v.Fingerprint] = build.Version{Fingerprint: v.Fingerprint, Content: v.Content, Relation: v.Relation}
			}
		}
	}
	planned.Plan = build.Plan(in)
	return planned, nil
}

// ownRejects tells whether a source stands for the rows that sources of the project could not take.
func ownRejects(s *runner.Source, n *compile.Node) bool { return s.IsRejects() && len(n.Reads) > 0 }

// withRejects adds to a selection the published rejects of a source that it has: they are to be those of its new rows.
func withRejects(selected map[string]bool, nodes []build.Node, published map[string]build.Version) map[string]bool {
	for _, n := range nodes {
		_, known := published[n.ID]
		if n.Public != runner.RejectsTable() || n.External || !known {
			continue
		}
		if slices.ContainsFunc(n.Upstream, func(id string) bool { return selected[id] }) {
			selected = maps.Clone(selected)
			selected[n.ID] = true
		}
	}
	return selected
}

func latestPublish(ctx context.Context, store *state.Store) (state.Publish, error) {
	publishes, err := store.Publishes(ctx, 1)
	if err != nil || len(publishes) == 0 {
		return state.Publish{}, err
	}
	return publishes[0], nil
}

// planNodes describes every source, seed and model to the planner, each after what it reads.
func (w *Workspace) planNodes(
	ctx context.Context, store *state.Store, analyze engine.Inspector, planned *Planned,
) ([]build.Node, error) {
	order, err := w.Compiler.Graph().Order()
	if err != nil {
		return nil, err
	}
	forms, err := w.forms(ctx, store, analyze)
	if err != nil {
		return nil, err
	}
	sources, seeds := map[string]*runner.Source{}, map[string]*runner.Seed{}
	for _, s := range w.Project.Sources {
		sources[s.ID] = s
	}
	for _, s := range w.Project.Seeds {
		seeds[s.ID] = s
	}
	var nodes []build.Node
	for _, id := range order {
		n := w.Compiler.Node(id)
		if n.Kind == runner.KindTest || n.Kind == runner.KindExposure {
			continue
		}
		node := build.Node{
			Unforced: w.Project.DBT && w.options.which() == "run" && n.Kind != runner.KindModel, // dbt's run is about models alone
			ID:       id, Kind: n.Kind, Name: n.Name, Materialized: n.Config.Materialized, Public: n.Public, Upstream: n.Reads,
		}
		switch n.Kind {
		case runner.KindSource:
			node.External = sources[id].Load == nil && !ownRejects(sources[id], n)
			node.Content, node.Change, err = w.sourceContent(ctx, store, sources[id], planned)
		case runner.KindSeed:
			node.Content, node.Change, err = w.seedContent(seeds[id])
			node.Fresh = w.Project.DBT && w.fresh(n)
		default:
			node.Content, node.Volatile = forms[id].Hash, forms[id].Volatile
			if content := w.Compiler.Content(id); content != "" { // its SQL is known only when it is built
				node.Content = content
			}
			node.Content, node.Fresh = w.withConfig(n, node.Content), w.fresh(n)
			if !w.options.Window.IsZero() && n.Config.All["incremental_strategy"] == "microbatch" {
				node.Again = "its batches of that time were asked for"
			}
		}
		if err != nil {
			return nil, err
		}
		if err := w.deferred(&node, planned); err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// deferred takes a node that is neither chosen nor published from where the manifest of --state says it is.
func (w *Workspace) deferred(node *build.Node, planned *Planned) error {
	if !w.options.Defer || planned.Selection.Has(node.ID) || node.Kind == runner.KindSource {
		return nil
	}
	stands := slices.IndexFunc(planned.Published.Nodes, func(n state.PublishedNode) bool { return n.NodeID == node.ID })
	if stands >= 0 && !w.options.FavorState {
		return nil
	}
	before, err := w.loadEarlier()
	if err != nil {
		return err
	}
	b, ok := before.nodes[node.ID]
	if ok && b.Alias != "" && b.Schema != "" && b.Config.Materialized != string(runner.Ephemeral) {
		if stands >= 0 {
			planned.Kept = append(planned.Kept, planned.Published.Nodes[stands])
		}
		node.External, node.Public = true, runner.Relation{Schema: b.Schema, Name: b.Alias}
	}
	return nil
}

// withConfig adds to the content of a node what its configuration makes of its rows.
func (w *Workspace) withConfig(n *compile.Node, content string) string {
	var told []any
	c := n.Config
	if c.Materialized.Stateful() || c.Materialized == runner.External {
		told = append(told, shaping(c.All))
	}
	if len(c.PreHooks)+len(c.PostHooks) > 0 {
		told = append(told, c.PreHooks, c.PostHooks)
	}
	if c.Contract {
		for _, m := range w.Project.Models {
			if m.ID == n.ID {
				told = append(told, m.Columns, m.Constraints)
			}
		}
	}
	if told == nil {
		return content
	}
	return hashOf(content, fmt.Sprint(told...))
}

// shaping are the keys of a configuration without those that make no difference to rows.
func shaping(all map[string]any) map[string]any {
	out := maps.Clone(all)
	maps.DeleteFunc(out, func(key string, _ any) bool { return key == "retries" || key == "retry_delay" || key == "timeout" })
	return out
}

// fresh tells whether what grows is to start from nothing: because its configuration says so, or the user.
func (w *Workspace) fresh(n *compile.Node) bool {
	switch {
	case n.Kind == runner.KindSnapshot: // history that is gone cannot be built again
		return false
	case n.Config.FullRefresh != nil:
		return *n.Config.FullRefresh
	default:
		return w.options.FullRefresh
	}
}

// sourceContent identifies the files and columns of a source, and tells in what they differ from the published ones.
func (w *Workspace) sourceContent(
	ctx context.Context, store *state.Store, s *runner.Source, planned *Planned,
) (content, change string, err error) {
	manifest, loaded := planned.Sources[s.ID]
	if !loaded {
		return "external", "", nil
	}
	content = manifest.Fingerprint(s)
	for _, n := range planned.Published.Nodes {
		if n.NodeID == s.ID && n.Fingerprint != "" {
			before, err := store.Loads(ctx, n.Fingerprint)
			if err != nil {
				return "", "", err
			}
			change = fileChanges(before[n.Fingerprint], manifest.Files)
		}
	}
	return content, change, nil
}

// fileChanges tells what differs between the files behind a published source and those there now.
func fileChanges(before []state.LoadFile, now []ingest.File) string {
	old := map[string]string{}
	for _, f := range before {
		old[f.Path] = f.Hash
	}
	var changes []string
	for _, f := range now {
		hash, known := old[f.Path]
		delete(old, f.Path)
		switch {
		case !known:
			changes = append(changes, filepath.Base(f.Path)+" is new")
		case hash != f.Hash:
			changes = append(changes, filepath.Base(f.Path)+" has other content")
		}
	}
	for _, f := range before {
		if _, gone := old[f.Path]; gone {
			changes = append(changes, filepath.Base(f.Path)+" is gone")
		}
	}
	if len(changes) > 3 {
		changes = append(changes[:3], fmt.Sprintf("and %d more files", len(changes)-3))
	}
	return strings.Join(changes, ", ")
}

func (w *Workspace) seedContent(s *runner.Seed) (content, change string, err error) {
	raw, err := os.ReadFile(filepath.Join(w.Project.Dir, s.Path))
	if err != nil {
		return "", "", &runner.Error{Code: runner.CodeConfig, Pos: runner.Position{File: s.Path}, Msg: "read seed", Err: err}
	}
	parts := []string{"seed-1", string(raw), s.Delimiter}
	for _, c := range s.Columns {
		parts = append(parts, c.Name, c.DataType)
	}
	return hashOf(parts...), filepath.Base(s.Path) + " or its column types changed", nil
}

// scan looks at the files of every wanted source that has some. The others stay as they are published, whatever became of
// their files.
func (w *Workspace) scan(
	ctx context.Context, store *state.Store, wanted func(*runner.Source) bool,
) (map[string]ingest.Manifest, error) {
	w.options.stage("look at files")
	config := w.ingest(store)
	manifests := map[string]ingest.Manifest{}
	var errs runner.Errors
	for _, s := range w.Project.Sources {
		if s.Load == nil || !wanted(s) {
			continue
		}
		m, err := ingest.Scan(ctx, config, s)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			errs = append(errs, asErrors(err)...)
			continue
		}
		manifests[s.ID] = m
	}
	return manifests, errs.AsError()
}

func (w *Workspace) ingest(store *state.Store) ingest.Config {
	return ingest.Config{
		Dir: w.Project.Dir, TempDir: w.files.temp, Cache: scanCache{store, w.options.Clock}, Now: w.options.Clock,
	}
}

// have gives a test for the relations that stand in the warehouse.
func have(ctx context.Context, warehouse engine.Inspector) (func(runner.Relation) bool, error) {
	standing, err := engine.Standing(ctx, warehouse, build.Schema)
	if err != nil {
		return nil, err
	}
	return func(r runner.Relation) bool { return standing[r] }, nil
}

// upstreamRelations are the private relations that the one of a decision reads: those it would break without.
func upstreamRelations(plan runner.Plan, d runner.Decision) []string {
	byID := map[string]runner.Decision{}
	for _, other := range plan.Decisions {
		byID[other.ID] = other
	}
	var names []string
	var visit func(ids []string)
	visit = func(ids []string) {
		for _, id := range ids {
			if up := byID[id]; up.Relation.IsZero() {
				visit(up.Upstream)
			} else if !slices.Contains(names, up.Relation.Name) {
				names = append(names, up.Relation.Name)
			}
		}
	}
	visit(d.Upstream)
	return names
}
