package compile

import (
	"slices"

	"elt/runner"
	"elt/runner/jinja"
)

// resultList is results in on-run-end: how each node went.
func (s *scope) resultList() any {
	if s.node.Kind != kindOperation {
		return nil
	}
	out := jinja.NewList()
	for _, r := range s.with.Results {
		d := jinja.NewDict()
		node := map[string]any{"unique_id": r.ID, "name": r.Name, "resource_type": string(r.Kind)}
		if n := s.c.nodes[r.ID]; n != nil {
			node = s.c.nodeDict(n)
		}
		d.Set("node", jinja.FromGo(node))
		d.Set("unique_id", r.ID)
		d.Set("status", string(r.Status))
		d.Set("message", orNone(messageOf(r)))
		d.Set("execution_time", r.Elapsed.Seconds())
		d.Set("thread_id", "Thread-1")
		d.Set("adapter_response", jinja.FromGo(map[string]any{"rows_affected": int(r.Rows)}))
		d.Set("failures", nil)
		if r.Failure != nil {
			d.Set("failures", int(r.Failure.Count))
		}
		d.Set("timing", jinja.NewList())
		out.Items = append(out.Items, d)
	}
	return out
}

func messageOf(r runner.NodeResult) string {
	if r.Message == "" && r.Err != nil {
		return r.Err.Error()
	}
	return r.Message
}

// schemas are those that the nodes of the run are published in.
func (s *scope) schemas() any {
	var names []string
	for _, n := range s.c.nodes {
		chosen := len(s.with.Selected) == 0 || slices.Contains(s.with.Selected, n.ID)
		if chosen && n.source == nil && n.Public.Schema != "" && !slices.Contains(names, n.Public.Schema) {
			names = append(names, n.Public.Schema)
		}
	}
	slices.Sort(names)
	return names
}

func (s *scope) databaseSchemas() any {
	out := jinja.NewList()
	names, _ := s.schemas().([]string)
	for _, name := range names {
		out.Items = append(out.Items, jinja.NewTuple(s.c.database(), name))
	}
	return out
}
