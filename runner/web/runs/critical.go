package runs

import (
	"cmp"
	"slices"
	"time"

	"elt/runner"
)

// critical finds the nodes that the end of a run waited for: from the one that ended last, always back to that of the nodes
// it reads, or of their tests, which ended last. Each of them, made faster, would have let the run end earlier, as far as
// there was a free thread. Nodes without times (ephemeral models) are looked through. It gives the path from its beginning on
// and the seconds that its nodes took.
func critical(nodes []Node) (path []string, seconds float64) {
	byID := make(map[string]*Node, len(nodes))
	tests := map[string][]*Node{} // of each node
	var last *Node
	for i := range nodes {
		n := &nodes[i]
		byID[n.ID] = n
		if n.isTest() {
			for _, id := range n.Upstream {
				tests[id] = append(tests[id], n)
			}
		}
		if n.ran() && (last == nil || n.Finished.After(*last.Finished)) {
			last = n
		}
	}
	for n := last; n != nil; n = before(n, byID, tests) {
		path = append(path, n.ID)
		seconds += *n.Seconds
	}
	slices.Reverse(path)
	return path, seconds
}

func (n *Node) isTest() bool { return n.Kind == runner.KindTest || n.Kind == runner.KindUnitTest }

// ran tells whether the node took time in this run.
func (n *Node) ran() bool { return n.Started != nil && n.Finished != nil && n.Seconds != nil }

// before is what n waited for: of all it reads, and of the tests of that, what ended last before it began; nil: nothing.
func before(n *Node, byID map[string]*Node, tests map[string][]*Node) *Node {
	var waited []*Node
	seen := map[string]bool{}
	var visit func(ids []string)
	visit = func(ids []string) {
		for _, id := range ids {
			up := byID[id]
			if up == nil || seen[id] {
				continue
			}
			seen[id] = true
			if !up.ran() {
				visit(up.Upstream)
				continue
			}
			waited = append(waited, up)
			if !n.isTest() {
				waited = append(waited, tests[id]...)
			}
		}
	}
	visit(n.Upstream)
	waited = slices.DeleteFunc(waited, func(up *Node) bool { return !up.ran() || up == n || !ended(up, n.Started) })
	if len(waited) == 0 {
		return nil
	}
	return slices.MaxFunc(waited, func(a, b *Node) int { return cmp.Compare(a.Finished.UnixNano(), b.Finished.UnixNano()) })
}

// ended tells whether a node was over when another began. Times are told to the microsecond, so a little less will do.
func ended(n *Node, began *time.Time) bool { return !n.Finished.After(began.Add(time.Millisecond)) }
