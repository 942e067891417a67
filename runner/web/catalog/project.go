package catalog

import (
	"strings"

	"elt/runner"
	"elt/runner/dag"
	"elt/runner/pipeline"
)

// Project is one reading of a project. It is read-only.
type Project struct {
	Name  string
	DBT   bool   // it is a project of dbt's
	Nodes []Node // sources, seeds, models, snapshots and exposures, each after what it reads
	Tests []Test // data tests and unit tests, in the project's order

	graph     *dag.Graph // of Nodes
	places    map[string]int
	names     map[string]string // what a node may be called → its ID
	tests     map[string]int
	testsOf   map[string][]int // by the node they are on
	workspace *pipeline.Workspace
}

// Node is a node of the graph as the project describes it.
type Node struct {
	ID           string                 `json:"id" doc:"As in dbt: kind.project.name"`
	Kind         runner.Kind            `json:"kind" doc:"source, seed, model, snapshot or exposure"`
	Name         string                 `json:"name" doc:"What ref() calls it; source.table for a source"`
	Relation     string                 `json:"relation,omitempty" doc:"schema.name as SQL calls it; none for ephemeral models and exposures"`
	Materialized runner.Materialization `json:"materialized,omitempty"`
	Description  string                 `json:"description"`
	Path         string                 `json:"path,omitempty" doc:"The file that defines it, relative to the project directory"`
	Tags         []string               `json:"tags"`
	Tests        int                    `json:"tests" doc:"How many data tests and unit tests are on it"`

	public   runner.Relation
	declared *runner.Node
}

// Link is a node named by another.
type Link struct {
	ID   string      `json:"id"`
	Kind runner.Kind `json:"kind"`
	Name string      `json:"name"`
}

// Link is the node as others name it.
func (n Node) Link() Link { return Link{ID: n.ID, Kind: n.Kind, Name: n.Name} }

// Node finds a node by its name, its relation or its ID.
func (p *Project) Node(name string) (Node, bool) {
	id, known := p.names[name]
	if !known {
		return Node{}, false
	}
	return p.Nodes[p.places[id]], true
}

// Names are the names of all nodes, for those who mistype one.
func (p *Project) Names() []string {
	names := make([]string, len(p.Nodes))
	for i, n := range p.Nodes {
		names[i] = n.Name
	}
	return names
}

func newProject(name string) *Project {
	return &Project{
		Name: name, graph: &dag.Graph{}, places: map[string]int{}, names: map[string]string{}, tests: map[string]int{},
		testsOf: map[string][]int{},
	}
}

// add takes a node in. Of two that share a name the first has it; the other goes by its relation or ID.
func (p *Project) add(n Node) {
	if n.Tags == nil {
		n.Tags = []string{}
	}
	p.places[n.ID] = len(p.Nodes)
	p.Nodes = append(p.Nodes, n)
	p.graph.Add(n.ID)
	for _, name := range []string{n.Name, n.Relation, n.ID} {
		if _, taken := p.names[name]; name != "" && !taken {
			p.names[name] = n.ID
		}
	}
}

func projectOf(w *pipeline.Workspace) (*Project, error) {
	p := newProject(w.Project.Name)
	p.workspace, p.DBT = w, w.Project.DBT
	declared := w.Declared()
	order, err := w.Compiler.Graph().Order()
	if err != nil {
		return nil, err
	}
	for _, id := range order {
		d := declared[id]
		if d == nil || d.Kind == runner.KindTest {
			continue
		}
		compiled := w.Compiler.Node(id)
		n := Node{
			ID: id, Kind: d.Kind, Name: nameOf(id, d.Kind, d.Name), Description: d.Description, Path: d.Path, Tags: d.Config.Tags,
			public: w.Compiler.Public(id), declared: d,
		}
		if !n.public.IsZero() {
			n.Relation = n.public.Bare()
		}
		if d.Kind == runner.KindModel || d.Kind == runner.KindSnapshot {
			n.Materialized = compiled.Config.Materialized
		}
		p.add(n)
		for _, up := range compiled.Reads {
			p.graph.Depend(id, up)
		}
	}
	p.addTests(w)
	return p, nil
}

// nameOf is what people call a node: source.table for sources, else its name.
func nameOf(id string, kind runner.Kind, name string) string {
	if parts := strings.SplitN(id, ".", 3); kind == runner.KindSource && len(parts) == 3 {
		return parts[2]
	}
	return name
}
