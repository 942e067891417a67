// Package dag orders, selects and walks the nodes of a directed acyclic graph. A node is an id; what it stands for is the
// caller's affair.
package dag

import (
	"container/heap"
	"slices"
	"strings"
)

// All as a depth means: however far away.
const All = -1

// Graph is a set of ids and which of them depend on which. The zero Graph is empty and ready. Building it is for one
// goroutine; once built, any number may read it.
type Graph struct {
	ids      []string
	index    map[string]int
	parents  [][]int
	children [][]int
}

// Add puts an id into the graph. Adding it again changes nothing.
func (g *Graph) Add(id string) { g.add(id) }

// Depend says that child needs parent. Either is added if it is not there yet.
func (g *Graph) Depend(child, parent string) {
	c, p := g.add(child), g.add(parent)
	if slices.Contains(g.parents[c], p) {
		return
	}
	g.parents[c] = append(g.parents[c], p)
	g.children[p] = append(g.children[p], c)
}

func (g *Graph) add(id string) int {
	if i, found := g.index[id]; found {
		return i
	}
	if g.index == nil {
		g.index = map[string]int{}
	}
	g.index[id] = len(g.ids)
	g.ids = append(g.ids, id)
	g.parents = append(g.parents, nil)
	g.children = append(g.children, nil)
	return len(g.ids) - 1
}

// Has tells whether id is in the graph.
func (g *Graph) Has(id string) bool {
	_, found := g.index[id]
	return found
}

// IDs are all ids in the order in which they were added.
func (g *Graph) IDs() []string { return slices.Clone(g.ids) }

// Parents are the ids that id depends on directly, in the order in which they were named. nil for an unknown id.
func (g *Graph) Parents(id string) []string { return g.neighbours(id, g.parents) }

// Children are the ids that depend on id directly. nil for an unknown id.
func (g *Graph) Children(id string) []string { return g.neighbours(id, g.children) }

func (g *Graph) neighbours(id string, edges [][]int) []string {
	i, found := g.index[id]
	if !found {
		return nil
	}
	var out []string
	for _, j := range edges[i] {
		out = append(out, g.ids[j])
	}
	return out
}

// Ancestors are the ids that id depends on over at most depth edges (All: any number), without id itself.
func (g *Graph) Ancestors(id string, depth int) Set { return g.reach(id, depth, g.parents) }

// Descendants are the ids that depend on id over at most depth edges (All: any number), without id itself.
func (g *Graph) Descendants(id string, depth int) Set { return g.reach(id, depth, g.children) }

// reach goes breadth first, so that each id is met at its least distance.
func (g *Graph) reach(id string, depth int, edges [][]int) Set {
	out := Set{}
	start, found := g.index[id]
	if !found {
		return out
	}
	seen := map[int]bool{start: true}
	front := []int{start}
	for ; len(front) > 0 && depth != 0; depth-- {
		var next []int
		for _, i := range front {
			for _, j := range edges[i] {
				if seen[j] {
					continue
				}
				seen[j] = true
				out[g.ids[j]] = true
				next = append(next, j)
			}
		}
		front = next
	}
	return out
}

// Order is every id after all it depends on; among those that could come next, the one added first comes first. The
// error is a *CycleError.
func (g *Graph) Order() ([]string, error) {
	order, err := g.order()
	if err != nil {
		return nil, err
	}
	out := make([]string, len(order))
	for i, n := range order {
		out[i] = g.ids[n]
	}
	return out, nil
}

func (g *Graph) order() ([]int, error) {
	missing := make([]int, len(g.ids))
	ready := &queue{before: func(a, b int) bool { return a < b }}
	for i, parents := range g.parents {
		missing[i] = len(parents)
		if len(parents) == 0 {
			heap.Push(ready, i)
		}
	}
	out := make([]int, 0, len(g.ids))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		out = append(out, i)
		for _, child := range g.children[i] {
			if missing[child]--; missing[child] == 0 {
				heap.Push(ready, child)
			}
		}
	}
	if len(out) < len(g.ids) {
		return nil, &CycleError{Path: g.cycle(missing)}
	}
	return out, nil
}

// cycle finds a circle among the ids that miss a parent. Each of them has a parent that misses one too, so going from
// parent to parent must come round. The circle is told in the direction "depends on" and starts at its first added id.
func (g *Graph) cycle(missing []int) []string {
	at := slices.IndexFunc(missing, func(n int) bool { return n > 0 })
	steps := map[int]int{}
	var path []int
	for {
		if from, seen := steps[at]; seen {
			path = path[from:]
			break
		}
		steps[at] = len(path)
		path = append(path, at)
		next := slices.IndexFunc(g.parents[at], func(p int) bool { return missing[p] > 0 })
		at = g.parents[at][next]
	}
	first := slices.Index(path, slices.Min(path))
	path = append(slices.Clone(path[first:]), path[:first]...)
	out := make([]string, 0, len(path)+1)
	for _, i := range append(path, path[0]) {
		out = append(out, g.ids[i])
	}
	return out
}

// CycleError says that ids depend on each other in a circle.
type CycleError struct {
	Path []string // each depends on the next; the last is the first again
}

// Error tells the circle.
func (e *CycleError) Error() string { return "cycle: " + strings.Join(e.Path, " → ") }

// Restrict is the graph of the kept ids alone, in the same order. An id that depended on another one by way of ids that
// are not kept depends on it directly, so that the order still holds. The error is a *CycleError.
func (g *Graph) Restrict(keep Set) (*Graph, error) {
	order, err := g.order()
	if err != nil {
		return nil, err
	}
	out := &Graph{}
	for _, id := range g.ids {
		if keep[id] {
			out.Add(id)
		}
	}
	nearest := make([][]int, len(g.ids)) // for an id that is not kept: the kept ones it stands for
	for _, i := range order {
		for _, p := range g.parents[i] {
			through := []int{p}
			if !keep[g.ids[p]] {
				through = nearest[p]
			}
			for _, a := range through {
				switch {
				case keep[g.ids[i]]:
					out.Depend(g.ids[i], g.ids[a])
				case !slices.Contains(nearest[i], a):
					nearest[i] = append(nearest[i], a)
				}
			}
		}
	}
	return out, nil
}

// Set is a set of ids. An id is in it where the value is true.
type Set map[string]bool

// Sorted are the ids of the set in alphabetical order.
func (s Set) Sorted() []string {
	out := make([]string, 0, len(s))
	for id, in := range s {
		if in {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// queue is a heap of node numbers.
type queue struct {
	items  []int
	before func(a, b int) bool
}

func (q *queue) Len() int           { return len(q.items) }
func (q *queue) Less(i, j int) bool { return q.before(q.items[i], q.items[j]) }
func (q *queue) Swap(i, j int)      { q.items[i], q.items[j] = q.items[j], q.items[i] }
func (q *queue) Push(x any)         { q.items = append(q.items, x.(int)) }
func (q *queue) Pop() any {
	last := len(q.items) - 1
	x := q.items[last]
	q.items = q.items[:last]
	return x
}
