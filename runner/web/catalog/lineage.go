package catalog

import (
	"context"
	"maps"

	"elt/runner"
	"elt/runner/dag"
)

// Lineage is a part of the graph: what a node reads, and what reads it.
type Lineage struct {
	Focus string        `json:"focus,omitempty" doc:"ID of the node asked for; empty for the whole graph"`
	Nodes []LineageNode `json:"nodes" doc:"Each after what it reads"`
	Edges []Edge        `json:"edges"`
}

// Edge says that one node reads another.
type Edge struct {
	From string `json:"from" doc:"ID of what is read"`
	To   string `json:"to" doc:"ID of what reads it"`
}

// LineageNode is a node of a lineage.
type LineageNode struct {
	Link
	Materialized runner.Materialization `json:"materialized,omitempty"`
	Description  string                 `json:"description,omitempty"`
	Status       runner.Status          `json:"status,omitempty" doc:"How it ended in its last run"`
	Rows         *int64                 `json:"rows,omitempty"`
	Upstream     int                    `json:"upstream" doc:"How many nodes it reads, shown here or not"`
	Downstream   int                    `json:"downstream" doc:"How many nodes read it, shown here or not"`
}

// WholeGraph is the depth at which everything upstream and downstream is shown.
const WholeGraph = dag.All

// Lineage gives what lies at most depth edges up or down from a node; for an empty ID, everything.
func (p *Project) Lineage(ctx context.Context, id string, depth int) (Lineage, error) {
	within := dag.Set{id: true}
	if id != "" {
		maps.Copy(within, p.graph.Ancestors(id, depth))
		maps.Copy(within, p.graph.Descendants(id, depth))
	}
	out := Lineage{Focus: id, Nodes: []LineageNode{}, Edges: []Edge{}}
	var ids []string
	for _, n := range p.Nodes {
		if id == "" || within[n.ID] {
			ids = append(ids, n.ID)
		}
	}
	latest, err := p.latest(ctx, ids)
	if err != nil {
		return out, err
	}
	for _, nodeID := range ids {
		n := p.Nodes[p.places[nodeID]]
		parents := p.graph.Parents(nodeID)
		shown := LineageNode{
			Link: n.Link(), Materialized: n.Materialized, Description: n.Description, Upstream: len(parents),
			Downstream: len(p.graph.Children(nodeID)),
		}
		if r, ok := latest[nodeID]; ok {
			shown.Status, shown.Rows = r.Status, known(r.Rows)
		}
		out.Nodes = append(out.Nodes, shown)
		for _, up := range parents {
			if id == "" || within[up] {
				out.Edges = append(out.Edges, Edge{From: up, To: nodeID})
			}
		}
	}
	return out, nil
}

// Centre is the node that most others are next to, where to begin looking at a graph; false if there is none.
func (p *Project) Centre() (Node, bool) {
	most, at := -1, -1
	for i, n := range p.Nodes {
		if around := len(p.graph.Parents(n.ID)) + len(p.graph.Children(n.ID)); around > most {
			most, at = around, i
		}
	}
	if at < 0 {
		return Node{}, false
	}
	return p.Nodes[at], true
}

// Upstream are the nodes that a node reads.
func (p *Project) Upstream(id string) []Link { return p.links(p.graph.Parents(id)) }

// Downstream are the nodes that read a node.
func (p *Project) Downstream(id string) []Link { return p.links(p.graph.Children(id)) }

func (p *Project) links(ids []string) []Link {
	links := []Link{}
	for _, id := range ids {
		if i, known := p.places[id]; known {
			links = append(links, p.Nodes[i].Link())
		}
	}
	return links
}
