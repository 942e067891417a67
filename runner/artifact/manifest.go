package artifact

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"elt/runner"
)

type manifest struct {
	Metadata       metadata                  `json:"metadata"`
	Nodes          map[string]any            `json:"nodes"` // manifestNode, manifestModel, manifestTest or manifestSeed
	Sources        map[string]manifestSource `json:"sources"`
	Macros         map[string]manifestMacro  `json:"macros"`
	Docs           map[string]manifestDoc    `json:"docs"`
	Exposures      map[string]any            `json:"exposures"`
	Metrics        map[string]any            `json:"metrics"`
	Groups         map[string]any            `json:"groups"`
	Selectors      map[string]any            `json:"selectors"`
	Disabled       map[string][]any          `json:"disabled"`
	ParentMap      map[string][]string       `json:"parent_map"`
	ChildMap       map[string][]string       `json:"child_map"`
	GroupMap       map[string][]string       `json:"group_map"`
	SavedQueries   map[string]any            `json:"saved_queries"`
	SemanticModels map[string]any            `json:"semantic_models"`
	UnitTests      map[string]any            `json:"unit_tests"`
	Functions      map[string]any            `json:"functions"`
}

// WriteManifest writes a project as dbt's manifest.json, version 12, as far as tools that draw graphs and docs read it,
// and as dbt reads it for --state: nodes (models, seeds, snapshots, tests), sources, macros, docs, exposures, groups, unit
// tests, selectors, parent_map, child_map and group_map. Of disabled nodes it tells what and where they are.
//
// parents has the IDs each node reads, by node ID; what the project does not declare is left out.
func WriteManifest(w io.Writer, project *runner.Project, parents map[string][]string, call Invocation) error {
	none := map[string]any{}
	parents = known(project, parents)
	maker := nodeMaker{project: project, parents: parents, call: call}
	out := manifest{
		Metadata: metadataOf(manifestSchema, call),
		Nodes:    maker.nodes(), Sources: map[string]manifestSource{},
		Macros: macrosOf(project, call.Macros), Docs: docsOf(project),
		Exposures: maker.exposures(), Metrics: none, Groups: groupsOf(project), Selectors: selectorsOf(project),
		Disabled: maker.disabled(), GroupMap: groupMap(project), SavedQueries: none, SemanticModels: none,
		UnitTests: maker.unitTests(), Functions: none,
	}
	out.Metadata.ProjectName = project.Name
	out.Metadata.AdapterType = call.Engine
	for _, s := range project.Sources {
		if s.Config.Enabled {
			out.Sources[s.ID] = maker.source(s)
		}
	}
	out.ParentMap, out.ChildMap = parents, children(parents)
	return writeJSON(w, out)
}

// known gives for every enabled node the enabled nodes it reads, in order, each once.
func known(project *runner.Project, parents map[string][]string) map[string][]string {
	out := map[string][]string{}
	for _, n := range nodesOf(project) {
		if n.Config.Enabled {
			out[n.ID] = []string{}
		}
	}
	for id := range out {
		for _, parent := range parents[id] {
			if _, ok := out[parent]; ok {
				out[id] = append(out[id], parent)
			}
		}
		slices.Sort(out[id])
		out[id] = slices.Compact(out[id])
	}
	return out
}

func nodesOf(project *runner.Project) []*runner.Node {
	var out []*runner.Node
	for _, s := range project.Sources {
		out = append(out, &s.Node)
	}
	for _, s := range project.Seeds {
		out = append(out, &s.Node)
	}
	for _, m := range project.Models {
		out = append(out, &m.Node)
	}
	for _, s := range project.Snapshots {
		out = append(out, &s.Node)
	}
	for _, e := range project.Exposures {
		out = append(out, &e.Node)
	}
	for _, t := range project.Tests {
		out = append(out, &t.Node)
	}
	for _, t := range project.UnitTests {
		out = append(out, &t.Node)
	}
	return out
}

func children(parents map[string][]string) map[string][]string {
	out := map[string][]string{}
	for id := range parents {
		out[id] = []string{}
	}
	for id, of := range parents {
		for _, parent := range of {
			out[parent] = append(out[parent], id)
		}
	}
	for id := range out {
		slices.Sort(out[id])
	}
	return out
}

// disabled tells of what is left out no more than where it stands; its SQL was not compiled.
func (m nodeMaker) disabled() map[string][]any {
	out := map[string][]any{}
	for _, id := range slices.Sorted(maps.Keys(m.project.Disabled)) {
		parts := strings.Split(id, ".")
		if len(parts) < 3 {
			continue
		}
		n := &runner.Node{
			ID: id, Kind: runner.Kind(parts[0]), Name: strings.Join(parts[2:], "."), Path: m.project.Disabled[id].File, Package: parts[1],
			Config: runner.Config{All: map[string]any{"enabled": false}},
		}
		n.FQN = slices.Concat([]string{parts[1]}, parts[2:])
		switch n.Kind {
		case runner.KindSource:
			out[id] = []any{m.source(&runner.Source{Node: *n, Source: parts[2]})}
		case runner.KindSeed:
			out[id] = []any{m.seed(&runner.Seed{Node: *n})}
		case runner.KindModel:
			n.Config.Materialized = runner.View
			out[id] = []any{m.model(&runner.Model{Node: *n})}
		case runner.KindSnapshot:
			n.Config.Materialized = runner.SnapshotTable
			out[id] = []any{m.node(n, "")}
		case runner.KindTest:
			out[id] = []any{m.test(&runner.Test{Node: *n, Severity: runner.SeverityError})}
		default:
			out[id] = []any{}
		}
	}
	return out
}

// groupMap gives the IDs of the nodes of each group by its name.
func groupMap(project *runner.Project) map[string][]string {
	out := map[string][]string{}
	for _, g := range project.Groups {
		out[g.Name] = []string{}
	}
	for _, n := range nodesOf(project) {
		if g := n.Config.Group; n.Config.Enabled && g != "" {
			out[g] = append(out[g], n.ID)
		}
	}
	for name := range out {
		slices.Sort(out[name])
	}
	return out
}

func selectorsOf(project *runner.Project) map[string]any {
	out := map[string]any{}
	for name, s := range project.Selectors {
		terms := make([]any, len(s.Terms))
		for i, t := range s.Terms {
			terms[i] = map[string]any{"intersection": orEmptyList(t.All), "exclude": orEmptyList(t.Not)}
		}
		out[name] = map[string]any{
			"name": name, "description": s.Description, "default": s.Default, "definition": map[string]any{"union": terms},
		}
	}
	return out
}

// packageOf is the package of a node.
func (m nodeMaker) packageOf(n *runner.Node) string { return cmp.Or(n.Package, m.project.Name) }
