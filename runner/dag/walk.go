package dag

import (
	"container/heap"
	"context"
	"fmt"
	"runtime/debug"
)

// Outcome is how the visit of one id ended.
type Outcome string

const (
	Done       Outcome = "done"
	Failed     Outcome = "failed"
	Skipped    Outcome = "skipped"     // not visited, because an ancestor failed
	NotStarted Outcome = "not started" // not visited, because the context ended before
)

// Visit is what a walk did with one id.
type Visit struct {
	ID      string
	Outcome Outcome
	Err     error  // Failed: what visit returned
	Cause   string // Skipped: the ancestor that failed; of several, the one that failed first
}

// Walk calls visit for every id, with at most n visits (at least one) at once and the parents of an id done before it.
// Where a visit fails, its descendants are skipped and the rest goes on. Once ctx ends no visit is started any more, and
// the running ones, which get ctx, are waited for. Of the ids that could start, the one with the longest way to go below
// it starts first, then the one added first.
//
// The visits are reported in the order of Order. The error is a *CycleError, and nothing was visited then; or the cause
// of ctx's end if some id was not started because of it. A failed visit is no error of the walk. A visit that panics
// makes Walk panic once the running visits have returned.
func (g *Graph) Walk(ctx context.Context, n int, visit func(ctx context.Context, id string) error) ([]Visit, error) {
	order, err := g.order()
	if err != nil {
		return nil, err
	}
	w := newWalk(g, order)
	w.run(ctx, max(n, 1), visit)
	if w.panicked != nil {
		panic(w.panicked)
	}
	visits := make([]Visit, len(order))
	for at, i := range order {
		visits[at] = w.visits[i]
		if visits[at].Outcome == NotStarted {
			err = context.Cause(ctx)
		}
	}
	return visits, err
}

// walk is the state of one Walk. Only the goroutine of run touches it.
type walk struct {
	g        *Graph
	visits   []Visit
	missing  []int // parents not yet done
	ready    *queue
	panicked any // a *Panic, or nil
}

func newWalk(g *Graph, order []int) *walk {
	height := make([]int, len(order)) // edges on the longest way down
	for at := len(order) - 1; at >= 0; at-- {
		i := order[at]
		for _, child := range g.children[i] {
			height[i] = max(height[i], height[child]+1)
		}
	}
	w := &walk{g: g, visits: make([]Visit, len(order)), missing: make([]int, len(order))}
	w.ready = &queue{before: func(a, b int) bool {
		if height[a] != height[b] {
			return height[a] > height[b]
		}
		return a < b
	}}
	for i, id := range g.ids {
		w.visits[i] = Visit{ID: id, Outcome: NotStarted}
		if w.missing[i] = len(g.parents[i]); w.missing[i] == 0 {
			heap.Push(w.ready, i)
		}
	}
	return w
}

// finished is what a visiting goroutine hands back.
type finished struct {
	node  int
	err   error
	panic *Panic
}

// run starts visits and takes their results until nothing runs and nothing may start.
func (w *walk) run(ctx context.Context, n int, visit func(context.Context, string) error) {
	results := make(chan finished, n) // one slot for each running visit: sending never blocks, nobody has to close it
	for running := 0; ; running-- {
		for running < n && w.ready.Len() > 0 && ctx.Err() == nil && w.panicked == nil {
			i := heap.Pop(w.ready).(int)
			running++
			go call(ctx, i, w.g.ids[i], visit, results)
		}
		if running == 0 {
			return
		}
		w.take(<-results)
	}
}

func (w *walk) take(f finished) {
	switch {
	case f.panic != nil:
		w.visits[f.node].Outcome = Failed
		w.panicked = f.panic
	case f.err != nil:
		w.visits[f.node].Outcome, w.visits[f.node].Err = Failed, f.err
		w.skipBelow(f.node)
	default:
		w.visits[f.node].Outcome = Done
		for _, child := range w.g.children[f.node] {
			if w.missing[child]--; w.missing[child] == 0 {
				heap.Push(w.ready, child)
			}
		}
	}
}

// skipBelow marks what depends on a failed id. None of it can have started: it still misses a parent.
func (w *walk) skipBelow(failed int) {
	stack := []int{failed}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, child := range w.g.children[i] {
			if w.visits[child].Outcome != Skipped {
				w.visits[child].Outcome, w.visits[child].Cause = Skipped, w.g.ids[failed]
				stack = append(stack, child)
			}
		}
	}
}

// Panic is what Walk panics with when a visit panicked.
type Panic struct {
	ID    string
	Value any
	Stack []byte // of the goroutine of the visit
}

// Error is the value and the stack; the runtime prints it.
func (p *Panic) Error() string {
	return fmt.Sprintf("visit of %s: %v\n\n%s", p.ID, p.Value, p.Stack)
}

// call visits one id and sends how it went, even if the visit panics or ends its goroutine.
func call(ctx context.Context, node int, id string, visit func(context.Context, string) error, to chan<- finished) {
	out := finished{node: node}
	returned := false
	defer func() {
		if !returned {
			value := recover()
			if value == nil {
				value = "the goroutine ended itself"
			}
			out.panic = &Panic{ID: id, Value: value, Stack: debug.Stack()}
		}
		to <- out
	}()
	out.err = visit(ctx, id)
	returned = true
}
