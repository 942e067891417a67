package build

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/dag"
	"elt/runner/engine"
	"elt/runner/expect"
)

// Job is a plan with all that is needed to carry it out. It is read-only while Execute runs.
type Job struct {
	Project     *runner.Project
	Compiler    *compile.Compiler
	Engine      engine.Engine
	Plan        runner.Plan
	Selected    func(id string) bool                                              // what the run is about; nil: everything
	Load        func(ctx context.Context, d runner.Decision) (Loaded, error)      // brings a source's files into d.Relation
	Checks      []Check                                                           // data tests whose verdicts are not known yet
	Units       func(ctx context.Context, id string) ([]runner.NodeResult, error) // a model's unit tests; nil: there are none
	FullRefresh bool                                                              // what grows starts from nothing
	Window      Window                                                            // of microbatches
	WarnError   bool                                                              // a warning of a test is a failure
	Threads     int                                                               // nodes at once
	Clock       runner.Clock
	Observe     runner.Observer
}

// Loaded is what came of loading a source.
type Loaded struct {
	Rows, Rejected int64
	Message        string // what a user should know beside the counts; may be empty
	Warn           bool   // someone should look at it, though nothing was rejected
}

// Execute builds what the plan says to build and takes the verdict of every check, each as soon as what it reads stands.
// A node or check that fails stops what depends on it; the rest goes on.
//
// There is one result for each node that was built, tried or skipped, be it unchanged, and for each check, in the plan's order, tests
// behind the last node they read. The error is that of ctx.
func Execute(ctx context.Context, job Job) ([]runner.NodeResult, error) {
	x := &execution{Job: job, decisions: map[string]runner.Decision{}, results: map[string][]runner.NodeResult{}}
	for _, d := range job.Plan.Decisions {
		x.decisions[d.ID] = d
	}
	graph, attached := arrange(job.Plan, job.Checks)
	x.attached = attached
	visits, err := graph.Walk(ctx, job.Threads, x.visit)
	var all []runner.NodeResult
	for _, v := range visits {
		if v.Outcome == dag.Skipped {
			x.skip(v)
		}
		all = append(all, x.results[v.ID]...)
	}
	return all, err
}

// Names gives the relations that compiled SQL is to read: for each node the one the plan chose.
func Names(plan runner.Plan) compile.Names {
	byID := make(map[string]runner.Relation, len(plan.Decisions))
	for _, d := range plan.Decisions {
		byID[d.ID] = d.Relation
	}
	return func(id string) runner.Relation { return byID[id] }
}

type execution struct {
	Job
	decisions map[string]runner.Decision
	attached  map[string][]Check // by the vertex that runs them

	mu      sync.Mutex // guards results and the calls of Observe
	results map[string][]runner.NodeResult
}

// errBlocked stops what is downstream of a vertex; why it happened is in the results.
var errBlocked = errors.New("failed")

// visit builds one node and runs the checks that wait for it. Where a vertex is no decision, it is a check that reads
// several nodes.
func (x *execution) visit(ctx context.Context, id string) error {
	d, isNode := x.decisions[id]
	if err := x.units(ctx, d); err != nil {
		return err
	}
	if isNode && d.Action == runner.ActionBuild {
		x.emit(runner.Event{Started: &d})
		result := x.build(ctx, d)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x.finish(id, result)
		if result.Status.Bad() {
			x.skipChecks(id, id)
			return errBlocked
		}
	}
	return x.check(ctx, id)
}

// units takes the verdicts of a model's unit tests, before it is built.
func (x *execution) units(ctx context.Context, d runner.Decision) error {
	if x.Units == nil || d.Kind != runner.KindModel || d.Action == runner.ActionSkip {
		return nil
	}
	results, err := x.Units(ctx, d.ID)
	for _, result := range results {
		x.finish(d.ID, result)
		if result.Status.Bad() && err == nil {
			err = errBlocked
		}
	}
	return err
}

func (x *execution) build(ctx context.Context, d runner.Decision) runner.NodeResult {
	started := x.Clock()
	result := runner.NodeResult{
		ID: d.ID, Kind: d.Kind, Name: label(d), Status: runner.StatusSuccess, Rows: -1, Started: started, Reason: d.Reason,
	}
	loaded, attempts, err := x.persist(ctx, d)
	result.Attempts = attempts
	if err != nil {
		result.Status, result.Err = runner.StatusError, err
	} else {
		result.Rows, result.Rejected, result.Message = loaded.Rows, loaded.Rejected, loaded.Message
	}
	if err == nil && (result.Rejected > 0 || loaded.Warn) {
		result.Status = runner.StatusWarn
	}
	result.Elapsed = x.Clock().Sub(started)
	return result
}

// label is how people call what a decision is about.
func label(d runner.Decision) string {
	if d.Public.IsZero() {
		return d.Name
	}
	return d.Public.Bare()
}

func (x *execution) check(ctx context.Context, id string) error {
	checks := x.attached[id]
	if len(checks) == 0 {
		return nil
	}
	ready := make([]expect.Check, len(checks))
	for i, c := range checks {
		ready[i] = c.Check
	}
	results, err := x.verdicts(ctx, ready)
	if err != nil {
		return err
	}
	for _, result := range results {
		x.finish(id, result)
		if result.Status.Bad() {
			err = errBlocked
		}
	}
	return err
}

func (x *execution) finish(vertex string, result runner.NodeResult) {
	x.mu.Lock()
	x.results[vertex] = append(x.results[vertex], result)
	x.mu.Unlock()
	x.emit(runner.Event{Finished: &result})
}

func (x *execution) emit(e runner.Event) {
	if x.Observe == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.Observe(e)
}

// skip records what was not tried because of a failure upstream. What is unchanged counts, too: its rows are not trusted.
func (x *execution) skip(v dag.Visit) {
	if d, ok := x.decisions[v.ID]; ok && (d.Action == runner.ActionBuild || x.counts(d)) {
		x.skipOne(v.ID, v.Cause, runner.NodeResult{ID: d.ID, Kind: d.Kind, Name: label(d)})
	}
	x.skipChecks(v.ID, v.Cause)
}

// counts tells whether an unchanged node is one that the run is about.
func (x *execution) counts(d runner.Decision) bool {
	return d.Action == runner.ActionReuse && !d.Relation.IsZero() && d.Relation != d.Public && (x.Selected == nil || x.Selected(d.ID))
}

// skipChecks records the checks of a vertex as not tried because of cause.
func (x *execution) skipChecks(vertex, cause string) {
	for _, c := range x.attached[vertex] {
		x.skipOne(vertex, cause, runner.NodeResult{ID: c.Test.ID, Kind: runner.KindTest, Name: c.Test.Name})
	}
}

func (x *execution) skipOne(vertex, cause string, r runner.NodeResult) {
	r.Status, r.Rows, r.Cause = runner.StatusSkipped, -1, cause
	r.Message = fmt.Sprintf("skipped, because %s failed", x.nameOf(cause))
	x.finish(vertex, r)
}

// nameOf names the cause of a skip: the node that failed, or the test of it that did.
func (x *execution) nameOf(vertex string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range x.results[vertex] {
		if r.Kind == runner.KindTest && (r.Status == runner.StatusFail || r.Status == runner.StatusError) {
			return "test " + r.Name
		}
	}
	if d, ok := x.decisions[vertex]; ok {
		return label(d)
	}
	return vertex
}
