package pipeline

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/notify"
)

// telling is what the world outside is told of one run. A nil telling tells nothing.
type telling struct {
	w       *Workspace
	lineage *notify.LineageTeller // nil: nobody wants events
	run     notify.Job
	nodes   []notify.Job
	started chan error // of the first event; closed once it is there, or not
}

// beginTelling tells that the run began. It does not wait for that.
func (w *Workspace) beginTelling(ctx context.Context, result runner.RunResult) *telling {
	t := &telling{w: w, started: make(chan error, 1)}
	p := w.Project
	if p.Lineage == nil {
		return t
	}
	t.lineage = &notify.LineageTeller{Target: *p.Lineage, Dir: p.Dir, LookupEnv: w.options.LookupEnv}
	t.run = notify.Job{Name: p.Name, RunID: w.RunID, Started: result.Started}
	event := t.lineage.Event(notify.Start, t.run)
	go func() { t.started <- t.lineage.Send(context.WithoutCancel(ctx), event) }()
	return t
}

// gather finds out what OpenLineage events are to tell of the nodes, as long as the warehouse is there to be asked.
func (t *telling) gather(ctx context.Context, w *writer, result runner.RunResult) {
	if t.lineage == nil || w.planned == nil {
		return
	}
	d := datasets{ctx: context.WithoutCancel(ctx), w: w, declared: t.w.Declared(), known: map[string]notify.Dataset{}}
	for _, r := range result.Nodes {
		built := r.Kind != runner.KindTest && r.Kind != runner.KindUnitTest && !r.Started.IsZero() && r.Status != runner.StatusSkipped
		if !built {
			continue
		}
		job := notify.Job{
			Name: t.w.Project.Name + "." + r.Name, RunID: t.run.RunID + "/" + r.ID, Parent: &t.run, Started: r.Started,
			Finished: r.Started.Add(r.Elapsed), Inputs: d.upstream(r.ID), SQL: t.w.sqlOf(ctx, r.ID),
		}
		if r.Err != nil {
			job.Error = r.Err.Error()
			job.Outputs = []notify.Dataset{{Name: r.Name, Rows: -1}}
		} else {
			job.Outputs = []notify.Dataset{d.of(r.ID, r.Rows)}
		}
		if r.Kind == runner.KindSource {
			t.run.Inputs = append(t.run.Inputs, job.Outputs...)
		} else if r.Err == nil {
			t.run.Outputs = append(t.run.Outputs, job.Outputs...)
		}
		t.nodes = append(t.nodes, job)
	}
}

// end tells how the run ended, once it has let go of everything.
func (t *telling) end(ctx context.Context, result runner.RunResult, failure error) {
	if t == nil {
		return
	}
	w, ctx := t.w, context.WithoutCancel(ctx)
	hooks := w.Project.OnSuccess
	if failure != nil {
		hooks = w.Project.OnFailure
	}
	interrupted := runner.ExitStatus(failure) == runner.ExitInterrupted
	if (len(hooks) > 0 && !interrupted) || t.lineage != nil {
		w.options.stage("notify")
	}
	if len(hooks) > 0 && !interrupted {
		teller := notify.Teller{Dir: w.Project.Dir, LookupEnv: w.options.LookupEnv, Clock: w.options.Clock, Log: w.options.Log}
		teller.Tell(ctx, hooks, w.outcome(result, failure))
	}
	if t.lineage == nil {
		return
	}
	if err := t.endLineage(ctx, result, failure, interrupted); err != nil {
		w.options.Log.Warn().Msg(err.Error())
	}
}

func (t *telling) endLineage(ctx context.Context, result runner.RunResult, failure error, interrupted bool) error {
	if err := <-t.started; err != nil {
		return err // the others would not arrive, either
	}
	var events []any
	for _, job := range t.nodes {
		kind := notify.Complete
		if job.Error != "" {
			kind = notify.Fail
		}
		events = append(events, t.lineage.Event(notify.Start, job), t.lineage.Event(kind, job))
	}
	kind := notify.Complete
	switch {
	case interrupted:
		kind = notify.Abort
	case failure != nil:
		kind, t.run.Error = notify.Fail, failure.Error()
	}
	t.run.Finished = result.Started.Add(result.Elapsed)
	return t.lineage.Send(ctx, append(events, t.lineage.Event(kind, t.run))...)
}

// outcome is a run as hooks are told of it.
func (w *Workspace) outcome(result runner.RunResult, failure error) notify.Outcome {
	o := notify.Outcome{
		RunID: w.RunID, Project: w.Project.Name, Target: w.Project.Target.Name, Status: string(endOf(failure)), Command: w.options.Command,
		Trigger: cmp.Or(w.options.Trigger, "cli"), Started: result.Started.UTC(), Seconds: result.Elapsed.Seconds(),
		Published: result.Published, Counts: counts(result.Nodes), Failures: notify.FailuresOf(result.Nodes),
	}
	if failure != nil {
		o.Error, _, _ = strings.Cut(failure.Error(), "\n")
	}
	return o
}

// sqlOf is the SQL of a model or snapshot over public names; empty for others and for what does not compile.
func (w *Workspace) sqlOf(ctx context.Context, id string) string {
	if n := w.Compiler.Node(id); n == nil || n.Kind != runner.KindModel && n.Kind != runner.KindSnapshot {
		return ""
	}
	sql, err := w.Compiler.Logical(ctx, id)
	if err != nil {
		return "" // the build tells of it
	}
	return sql.Text
}

// datasets describes relations as they stand in the warehouse.
type datasets struct {
	ctx      context.Context
	w        *writer
	declared map[string]*runner.Node
	known    map[string]notify.Dataset
}

// of is the relation of a node that the plan has.
func (d datasets) of(id string, rows int64) notify.Dataset {
	set, known := d.known[id]
	if !known {
		set = notify.Dataset{Name: d.w.Compiler.Public(id).Bare(), Columns: d.columns(id)}
		d.known[id] = set
	}
	set.Rows = rows
	return set
}

func (d datasets) columns(id string) []notify.Column {
	i := slices.IndexFunc(d.w.planned.Decisions, func(x runner.Decision) bool { return x.ID == id })
	if i < 0 || d.w.planned.Decisions[i].Relation.IsZero() {
		return nil
	}
	found, err := d.w.warehouse.Describe(d.ctx, "select * from "+d.w.planned.Decisions[i].Relation.String())
	if err != nil {
		return nil // it was not built; its name is all there is to tell
	}
	columns := make([]notify.Column, len(found))
	for n, c := range found {
		columns[n] = notify.Column{Name: c.Name, Type: c.Type, Description: d.description(id, c)}
	}
	return columns
}

func (d datasets) description(id string, column engine.Column) string {
	if n := d.declared[id]; n != nil {
		for _, c := range n.Columns {
			if strings.EqualFold(c.Name, column.Name) {
				return c.Description
			}
		}
	}
	return ""
}

// upstream are the relations that a node reads, through ephemeral models.
func (d datasets) upstream(id string) []notify.Dataset {
	var out []notify.Dataset
	for _, up := range d.w.Compiler.Graph().Parents(id) {
		if n := d.w.Compiler.Node(up); n != nil && n.Config.Materialized == runner.Ephemeral {
			out = append(out, d.upstream(up)...)
			continue
		}
		out = append(out, d.of(up, -1))
	}
	return out
}
