package build

import (
	"elt/runner"
	"elt/runner/dag"
	"elt/runner/expect"
)

// Check is a data test ready to run, and the nodes it reads.
type Check struct {
	expect.Check
	Parents     []string // IDs of sources, seeds and models
	Fingerprint string   // equal for checks that must come to the same verdict; empty if a verdict must not be reused
}

// arrange makes the graph that Execute walks: the plan's nodes, and for each check the vertex that runs it. Where one of
// the nodes a check reads comes after all the others, the check runs right behind it and holds back what reads it.
// Where none does, the check is a vertex of its own.
func arrange(plan runner.Plan, checks []Check) (*dag.Graph, map[string][]Check) {
	graph := &dag.Graph{}
	for _, d := range plan.Decisions {
		graph.Add(d.ID)
		for _, up := range d.Upstream {
			graph.Depend(d.ID, up)
		}
	}
	attached := map[string][]Check{}
	ancestors := map[string]dag.Set{}
	for _, c := range checks {
		vertex := last(graph, ancestors, c.Parents)
		if vertex == "" {
			vertex = c.Test.ID
			graph.Add(vertex)
			for _, up := range c.Parents {
				graph.Depend(vertex, up)
			}
		}
		attached[vertex] = append(attached[vertex], c)
	}
	return graph, attached
}

// last gives the node that comes after all the others of ids, empty if there is none.
func last(graph *dag.Graph, ancestors map[string]dag.Set, ids []string) string {
	for _, candidate := range ids {
		if ancestors[candidate] == nil {
			ancestors[candidate] = graph.Ancestors(candidate, dag.All)
		}
		after := true
		for _, other := range ids {
			after = after && (other == candidate || ancestors[candidate][other])
		}
		if after {
			return candidate
		}
	}
	return ""
}
