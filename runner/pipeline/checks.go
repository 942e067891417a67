package pipeline

import (
	"context"
	"fmt"
	"time"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/engine"
	"elt/runner/expect"
	"elt/runner/state"
)

// checks compiles the chosen data tests over the relations of a plan.
func (w *Workspace) checks(
	ctx context.Context, store *state.Store, inspector engine.Inspector, selection Selection, names compile.Names, now time.Time,
) ([]build.Check, error) {
	var checks []build.Check
	var errs runner.Errors
	for _, t := range w.tests {
		parents := w.Graph.Parents(t.ID)
		if !selection.Has(t.ID) || !w.standing(parents, names) {
			continue
		}
		c, err := w.check(ctx, t, names, now)
		if err != nil {
			errs = append(errs, asErrors(err)...)
			continue
		}
		checks = append(checks, build.Check{Check: c, Parents: parents})
	}
	if len(errs) > 0 {
		return nil, errs
	}
	queries := make([]string, len(checks))
	for i, c := range checks {
		queries[i] = c.Query
	}
	forms, err := analyze(ctx, store, inspector, queries)
	if err != nil {
		return nil, err
	}
	for i := range checks {
		if !checks[i].Volatile && !forms[i].Volatile {
			checks[i].Fingerprint = hashOf("check-1", checks[i].Identity())
		}
	}
	return checks, nil
}

// standing tells whether every relation a test reads is there after the run.
func (w *Workspace) standing(parents []string, names compile.Names) bool {
	for _, id := range parents {
		if n := w.Compiler.Node(id); n.Config.Materialized != runner.Ephemeral && names(id).IsZero() {
			return false
		}
	}
	return true
}

func (w *Workspace) check(ctx context.Context, t *runner.Test, names compile.Names, now time.Time) (expect.Check, error) {
	kept, err := w.Compiler.KeptFailures(ctx, t)
	if err != nil {
		return expect.Check{}, err
	}
	target := expect.Target{Now: now, Kept: kept, Resolve: func(ref expect.Ref) (physical, public runner.Relation, err error) {
		id, err := w.idOf(ref)
		if err != nil {
			return physical, public, err
		}
		return names(id), w.Compiler.Public(id), nil
	}}
	if w.Compiler.Node(t.ID) != nil {
		sql, err := w.Compiler.SQL(ctx, t.ID, compile.Render{Names: names})
		if err != nil {
			return expect.Check{}, err
		}
		show, err := w.Compiler.Logical(ctx, t.ID)
		if err != nil {
			return expect.Check{}, err
		}
		target.SQL, target.ShowSQL = sql.Text, show.Text
		target.Explain = func(err error) error { return build.ExplainWithin("test "+t.Name+" cannot run", sql, err) }
		return expect.Compile(t, target)
	}
	if w.Compiler.Node(t.On).Config.Materialized == runner.Ephemeral {
		return expect.Check{}, &runner.Error{
			Code: runner.CodeConfig, Pos: t.Pos, Msg: fmt.Sprintf("test %s is on an ephemeral model, which has no relation to test", t.Name),
			Hint: "materialize the model as a view, or test a model that reads it",
		}
	}
	target.Physical, target.Public = names(t.On), w.Compiler.Public(t.On)
	return expect.Compile(t, target)
}

// knownVerdicts takes the checks whose verdict is known from an earlier run out of checks, and gives it as a result.
func (w *Workspace) knownVerdicts(ctx context.Context, store *state.Store, checks []build.Check) (open []build.Check, known []runner.NodeResult, err error) {
	keys := make([]state.VerdictKey, 0, len(checks))
	for _, c := range checks {
		keys = append(keys, state.VerdictKey{TestID: c.Test.ID, Fingerprint: c.Fingerprint})
	}
	verdicts, err := store.Verdicts(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	for i, c := range checks {
		v, ok := verdicts[keys[i]]
		fine := v.Status == runner.StatusPass || v.Status == runner.StatusWarn && !w.options.WarnError
		if !ok || c.Fingerprint == "" || !fine {
			open = append(open, c)
			continue
		}
		known = append(known, runner.NodeResult{
			ID: c.Test.ID, Kind: runner.KindTest, Name: c.Test.Name, Status: v.Status, Rows: v.Failing, Message: v.Message,
			Reason: "unchanged", Failure: v.Failure,
		})
	}
	return open, known, nil
}

// verdictsOf are the verdicts among results that may be used again.
func verdictsOf(runID string, checks []build.Check, results []runner.NodeResult) []state.Verdict {
	fingerprints := map[string]string{}
	for _, c := range checks {
		fingerprints[c.Test.ID] = c.Fingerprint
	}
	var verdicts []state.Verdict
	for _, r := range results {
		fingerprint := fingerprints[r.ID]
		if r.Kind != runner.KindTest || fingerprint == "" || r.Status != runner.StatusPass && r.Status != runner.StatusWarn {
			continue
		}
		v := state.Verdict{
			VerdictKey: state.VerdictKey{TestID: r.ID, Fingerprint: fingerprint}, Status: r.Status, Failing: r.Rows,
			Total: -1, Message: r.Message, Elapsed: r.Elapsed, Failure: r.Failure, RunID: runID,
		}
		if r.Failure != nil {
			v.Total = r.Failure.Total
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}
