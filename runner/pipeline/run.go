package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/ingest"
	"elt/runner/journal"
	"elt/runner/state"
)

// Run loads, builds, tests and publishes what is not up to date. If anything fails, nothing is published and the error
// says so; the result tells what happened to each node, also then.
func Run(ctx context.Context, o Options) (runner.RunResult, error) {
	w, err := Open(ctx, o.tap(journal.New(o.Clock)))
	if err != nil {
		return runner.RunResult{}, err
	}
	if o.Retry {
		if err := w.mustRetry(); err != nil {
			return runner.RunResult{}, err
		}
	}
	return w.work(ctx, func(ctx context.Context, wr *writer, result *runner.RunResult) error {
		planned, err := wr.execute(ctx, result)
		if err != nil {
			return err
		}
		return wr.publish(ctx, planned, result)
	})
}

// Load brings changed files into staging and tests the sources. It publishes nothing; the next run takes up what was
// loaded. A test that compares a source with a model waits for that run, unless Options.Indirect says otherwise.
func Load(ctx context.Context, o Options) (runner.RunResult, error) {
	if len(o.Select) == 0 {
		o.Select = []string{"resource_type:source"}
	}
	o.Indirect = cmp.Or(o.Indirect, Cautious)
	w, err := Open(ctx, o.tap(journal.New(o.Clock)))
	if err != nil {
		return runner.RunResult{}, err
	}
	if err := w.onlySources(); err != nil {
		return runner.RunResult{}, err
	}
	return w.work(ctx, func(ctx context.Context, wr *writer, result *runner.RunResult) error {
		_, err := wr.execute(ctx, result)
		return err
	})
}

// work does a job with the right to write, and records how it went, whatever happens.
func (w *Workspace) work(
	ctx context.Context, job func(context.Context, *writer, *runner.RunResult) error,
) (result runner.RunResult, err error) {
	result = runner.RunResult{RunID: w.RunID, Command: w.options.Command, Started: w.options.Clock()}
	w.beginJournal(ctx, result)
	defer func() { w.endJournal(result, err) }()
	var told *telling
	defer func() { told.end(ctx, result, err) }() // once the next run may begin
	wr, err := w.write(ctx)
	if err != nil {
		return result, interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, wr.close()) }()
	if err := wr.begin(ctx, result); err != nil {
		return result, interrupted(ctx, err)
	}
	told = w.beginTelling(ctx, result)
	err = interrupted(ctx, job(ctx, wr, &result))
	told.gather(ctx, wr, result)
	w.options.stage("record")
	result.Elapsed = w.options.Clock().Sub(result.Started)
	result.Status = runner.StatusSuccess
	if err != nil {
		result.Status = runner.StatusError
	}
	return result, errors.Join(err, wr.finish(context.WithoutCancel(ctx), result, err))
}

// interrupted says in plain words that the user stopped the job.
func interrupted(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return &runner.Error{Code: runner.CodeInterrupted, Msg: "interrupted; nothing was published", Hint: "run it again when you are ready"}
}

// attempts is how often a job is planned anew because a file changed while it was read.
const attempts = 3

// execute plans and carries the plan out. The error tells that something failed; what, is in result.
func (w *writer) execute(ctx context.Context, result *runner.RunResult) (*Planned, error) {
	for attempt := 1; ; attempt++ {
		planned, results, err := w.attempt(ctx)
		if err != nil {
			return nil, err
		}
		result.Nodes = results
		if !slices.ContainsFunc(results, func(r runner.NodeResult) bool { return errors.Is(r.Err, ingest.ErrChanged) }) {
			return planned, verdict(results)
		}
		if attempt == attempts {
			return nil, verdict(results)
		}
		w.options.Log.Warn().Msg("a file changed while it was being read; reading it again")
	}
}

func (w *writer) attempt(ctx context.Context) (*Planned, []runner.NodeResult, error) {
	standing, err := have(ctx, w.warehouse)
	if err != nil {
		return nil, nil, err
	}
	planned, err := w.planFrom(ctx, w.store, w.warehouse, standing)
	if err != nil {
		return nil, nil, err
	}
	w.planned = planned
	if err := w.limitMemory(ctx, planned); err != nil {
		return nil, nil, err
	}
	w.warnUnmatched(planned.Selection)
	w.warnUnread()
	checks, err := w.checks(ctx, w.store, w.warehouse, planned.Selection, build.Names(planned.Plan), w.options.Clock())
	if err != nil {
		return nil, nil, err
	}
	open, known := checks, []runner.NodeResult(nil)
	if !w.options.Force {
		if open, known, err = w.knownVerdicts(ctx, w.store, checks); err != nil {
			return nil, nil, err
		}
	}
	if err := w.failureSchemas(ctx, open); err != nil {
		return nil, nil, err
	}
	unitTests := w.unitTests
	if w.Project.DBT && w.options.which() == "run" {
		unitTests = noUnitTests // as in dbt, whose build and test run them
	}
	units, unitsKnown, closeUnits, err := unitTests(ctx, w.store, planned.Selection, planned.Contents, w.options.Force)
	if err != nil {
		return nil, nil, err
	}
	known = append(known, unitsKnown...)
	if w.options.Observe != nil {
		w.options.Observe(runner.Event{Planned: &planned.Plan})
	}
	if err := w.onRun(ctx, "on-run-start", w.Project.OnRunStart, planned, nil); err != nil {
		return nil, nil, errors.Join(err, closeUnits())
	}
	w.options.stage("build")
	executed, err := build.Execute(ctx, build.Job{
		Project: w.Project, Compiler: w.Compiler, Engine: w.warehouse, Plan: planned.Plan, Load: w.loader(planned),
		Selected: planned.Selection.Has,
		Checks:   open, Units: units, Window: w.options.Window, WarnError: w.options.WarnError, FullRefresh: w.options.FullRefresh,
		Threads: w.options.threads(w.Project), Clock: w.options.Clock, Observe: w.options.Observe,
	})
	err = errors.Join(err, closeUnits())
	if err == nil {
		err = w.onRun(ctx, "on-run-end", w.Project.OnRunEnd, planned, executed)
	}
	if recorded := w.record(context.WithoutCancel(ctx), planned, open, executed); err == nil {
		err = recorded
	}
	return planned, w.together(w.reused(planned, executed), executed, known), err
}

// together joins the results of a run. What stands from earlier runs counts as skipped where something that it reads is bad.
func (w *writer) together(reused, executed, known []runner.NodeResult) []runner.NodeResult {
	skipped := map[string]runner.NodeResult{}
	for _, r := range executed {
		if r.Status == runner.StatusSkipped {
			skipped[r.ID] = r
		}
	}
	for i, r := range known {
		for _, up := range w.Graph.Parents(r.ID) {
			if cause, ok := skipped[up]; ok {
				known[i] = runner.NodeResult{
					ID: r.ID, Kind: r.Kind, Name: r.Name, Status: runner.StatusSkipped, Rows: -1, Cause: cause.Cause, Message: cause.Message,
				}
			}
		}
	}
	reused = slices.DeleteFunc(reused, func(r runner.NodeResult) bool { return skipped[r.ID].ID != "" })
	return slices.Concat(reused, executed, known)
}

// onRun runs the SQL that a project asks for before or after its nodes are built.
func (w *writer) onRun(ctx context.Context, when string, hooks []runner.RunHook, planned *Planned, results []runner.NodeResult) error {
	for _, hook := range hooks {
		sql, err := w.Compiler.OnRun(ctx, when, hook, compile.Render{
			Names: build.Names(planned.Plan), DB: build.Introspect(w.warehouse), FullRefresh: w.options.FullRefresh, Results: results,
		})
		if err != nil {
			return err
		}
		if strings.TrimSpace(sql.Text) == "" {
			continue
		}
		if err := w.warehouse.Exec(ctx, sql.Text); err != nil {
			return build.Explain(when, sql, 0, err)
		}
	}
	return nil
}

// failureSchemas makes the schemas in which checks keep failing rows.
func (w *writer) failureSchemas(ctx context.Context, checks []build.Check) error {
	made := map[string]bool{}
	for _, c := range checks {
		schema := c.Kept().Schema
		if c.Kept().IsZero() || made[schema] {
			continue
		}
		made[schema] = true
		if err := w.warehouse.Exec(ctx, "create schema if not exists "+runner.Quote(schema)); err != nil {
			return err
		}
	}
	return nil
}

// loader gives the function that loads a source of the plan.
func (w *writer) loader(planned *Planned) func(context.Context, runner.Decision) (build.Loaded, error) {
	return func(ctx context.Context, d runner.Decision) (build.Loaded, error) {
		i := slices.IndexFunc(w.Project.Sources, func(s *runner.Source) bool { return s.ID == d.ID })
		if i >= 0 && w.Project.Sources[i].IsRejects() {
			query := rejectsQuery(planned.Plan, func(other runner.Decision) bool { return slices.Contains(d.Upstream, other.ID) })
			return build.Loaded{Rows: -1, Message: "view"}, w.warehouse.Exec(ctx, createRejects(d.Relation, query))
		}
		manifest, ok := planned.Sources[d.ID]
		if i < 0 || !ok {
			return build.Loaded{}, &runner.Error{
				Code: runner.CodeLoad, Msg: fmt.Sprintf("source %s has no files to load", d.Name), Hint: "give it a load: block",
			}
		}
		// A run that died between loading and recording may have left the very same relation.
		err := w.warehouse.Exec(ctx, fmt.Sprintf("drop table if exists %s", d.Relation),
			fmt.Sprintf("delete from %s where relation = %s", build.Rejects(), runner.Literal(d.Relation.Bare())))
		if err != nil {
			return build.Loaded{}, err
		}
		before, err := w.store.LatestLoads(ctx)
		if err != nil {
			return build.Loaded{}, err
		}
		done, err := ingest.Load(ctx, w.warehouse, w.ingest(w.store), ingest.Job{
			Source: w.Project.Sources[i], Manifest: manifest, Target: d.Relation, Rejects: build.Rejects(), RunID: w.RunID,
			Previous: previousFiles(before[d.ID]),
		})
		if err != nil {
			return build.Loaded{}, err
		}
		if err := w.store.SaveLoads(ctx, loadFiles(w.RunID, d, manifest, done)...); err != nil {
			return build.Loaded{}, err
		}
		return build.Loaded{Rows: done.Rows, Rejected: done.Rejected, Message: loadMessage(done), Warn: shrunk(done)}, nil
	}
}

func previousFiles(files []state.LoadFile) []ingest.FileResult {
	out := make([]ingest.FileResult, len(files))
	for i, f := range files {
		out[i] = ingest.FileResult{Path: f.Path, Rows: f.Loaded, Rejected: f.Rejected}
	}
	return out
}

func loadFiles(runID string, d runner.Decision, m ingest.Manifest, done ingest.Result) []state.LoadFile {
	files := make([]state.LoadFile, len(done.Files))
	for i, f := range done.Files {
		files[i] = state.LoadFile{
			SourceID: d.ID, Fingerprint: d.Fingerprint, Path: f.Path, RunID: runID, Loaded: f.Rows, Rejected: f.Rejected,
			Warnings: f.Warnings,
		}
		if j := slices.IndexFunc(m.Files, func(x ingest.File) bool { return x.Path == f.Path }); j >= 0 {
			files[i].Hash, files[i].Size, files[i].MTimeNS = m.Files[j].Hash, m.Files[j].Stat.Size, m.Files[j].Stat.ModTime
		}
	}
	return files
}

// shrunk tells whether a file has lost lines since the load before, as one does that was cut off on its way.
func shrunk(done ingest.Result) bool {
	return slices.ContainsFunc(done.Files, func(f ingest.FileResult) bool { return f.Shrunk })
}

// loadMessage is what a user should know of a load beside its counts: a line for each reason and each warning.
func loadMessage(done ingest.Result) string {
	warnings := slices.Clone(done.Reasons)
	for _, f := range done.Files {
		for _, warning := range f.Warnings {
			warnings = append(warnings, f.Path+": "+warning)
		}
	}
	return strings.Join(warnings, ";\n") // to be read on one line, too
}

// reused are the results of the chosen nodes that the plan takes from earlier runs. A model whose unit test fails is not
// worth its earlier result.
func (w *writer) reused(planned *Planned, executed []runner.NodeResult) []runner.NodeResult {
	failing := map[string]string{}
	for _, r := range executed {
		if i := slices.IndexFunc(w.Project.UnitTests, func(t *runner.UnitTest) bool { return t.ID == r.ID }); i >= 0 && r.Status.Bad() {
			failing[w.Project.UnitTests[i].Model] = r.Name
		}
	}
	var results []runner.NodeResult
	for _, d := range planned.Decisions {
		if d.Action != runner.ActionReuse || d.Relation.IsZero() || !planned.Selection.Has(d.ID) || d.Reason == build.StandsInWarehouse {
			continue
		}
		v := planned.Versions[d.Relation.Bare()]
		results = append(results, runner.NodeResult{
			ID: d.ID, Kind: d.Kind, Name: d.Public.Bare(), Status: runner.StatusReused, Rows: v.Rows, Rejected: v.Rejected,
			Reason: d.Reason,
		})
		if test, ok := failing[d.ID]; ok {
			last := &results[len(results)-1]
			last.Status, last.Rows, last.Message, last.Cause = runner.StatusSkipped, -1, "skipped, because test "+test+" failed", d.ID
		}
	}
	return results
}

// verdict is the error of a run in which something failed; nil if nothing did.
func verdict(results []runner.NodeResult) error {
	counts := map[runner.Status]int{}
	code := runner.Code("")
	for _, r := range results {
		counts[r.Status]++
		if r.Status == runner.StatusError && code == "" {
			code = runner.CodeModel
			var e *runner.Error
			if errors.As(r.Err, &e) && e.Code.ExitStatus() == runner.ExitFailed {
				code = e.Code // what is wrong with the project shows before anything is built; now a job failed
			}
		}
	}
	var parts []string
	for _, s := range []struct {
		status runner.Status
		what   string
	}{
		{runner.StatusError, fmt.Sprintf("%d failed", counts[runner.StatusError])},
		{runner.StatusFail, plural(counts[runner.StatusFail], "data test") + " failed"},
		{runner.StatusSkipped, fmt.Sprintf("%d skipped because of that", counts[runner.StatusSkipped])},
	} {
		if counts[s.status] > 0 {
			parts = append(parts, s.what)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	if code == "" {
		code = runner.CodeTest
	}
	return &runner.Error{
		Code: code, Msg: strings.Join(parts, ", ") + "; nothing was published",
		Hint: "what was published before still stands; mend the cause shown above and run again",
	}
}
