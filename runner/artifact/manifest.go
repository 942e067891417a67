package artifact

import (
	"io"
	"slices"

	"elt/runner"
)

type manifest struct {
	Metadata       metadata                  `json:"metadata"`
	Nodes          map[string]any            `json:"nodes"` // manifestNode or manifestSeed
	Sources        map[string]manifestSource `json:"sources"`
	Macros         map[string]manifestMacro  `json:"macros"`
	Docs           map[string]manifestDoc    `json:"docs"`
	Exposures      map[string]any            `json:"exposures"`
	Metrics        map[string]any            `json:"metrics"`
	Groups         map[string]any            `json:"groups"`
	Selectors      map[string]any            `json:"selectors"`
	Disabled       map[string]any            `json:"disabled"`
	ParentMap      map[string][]string       `json:"parent_map"`
	ChildMap       map[string][]string       `json:"child_map"`
	GroupMap       map[string]any            `json:"group_map"`
	SavedQueries   map[string]any            `json:"saved_queries"`
	SemanticModels map[string]any            `json:"semantic_models"`
	UnitTests      map[string]any            `json:"unit_tests"`
}

// WriteManifest writes a project as dbt's manifest.json, version 12, as far as tools that draw graphs and docs read it:
// nodes (models, seeds, tests), sources, macros, docs, parent_map and child_map.
//
// parents has the IDs each node reads, by node ID; what the project does not declare is left out. Disabled nodes are
// left out too.
func WriteManifest(w io.Writer, project *runner.Project, parents map[string][]string, call Invocation) error {
	none := map[string]any{}
	out := manifest{
		Metadata: metadataOf(manifestSchema, call),
		Nodes:    map[string]any{}, Sources: map[string]manifestSource{},
		Macros: macrosOf(project), Docs: docsOf(project),
		Exposures: exposuresOf(project, parents), Metrics: none, Groups: groupsOf(project), Selectors: none, Disabled: none,
		GroupMap: none, SavedQueries: none, SemanticModels: none, UnitTests: unitTestsOf(project),
	}
	out.Metadata.ProjectName = project.Name
	out.Metadata.AdapterType = call.Engine
	parents = known(project, parents)
	maker := nodeMaker{project: project, parents: parents, call: call}
	for _, s := range project.Sources {
		if s.Config.Enabled {
			out.Sources[s.ID] = maker.source(s)
		}
	}
	for _, s := range project.Seeds {
		if s.Config.Enabled {
			out.Nodes[s.ID] = maker.seed(s)
		}
	}
	for _, m := range project.Models {
		if m.Config.Enabled {
			out.Nodes[m.ID] = maker.model(m)
		}
	}
	for _, s := range project.Snapshots {
		if s.Config.Enabled {
			out.Nodes[s.ID] = maker.snapshot(s)
		}
	}
	for _, t := range project.Tests {
		if t.Config.Enabled {
			out.Nodes[t.ID] = maker.test(t)
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
