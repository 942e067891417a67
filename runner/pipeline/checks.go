package pipeline

import (
	"context"
	"strings"
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
	ctx context.Context, store *state.Store, on engine.Engine, selection Selection, names compile.Names, now time.Time,
) ([]build.Check, error) {
	var checks []build.Check
	var errs runner.Errors
	for _, t := range w.tests {
		parents := w.Graph.Parents(t.ID)
		if !selection.Has(t.ID) || !w.standing(parents, names) {
			continue
		}
		c, err := w.check(ctx, t, names, build.Introspect(on), now)
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
	forms, err := analyze(ctx, store, on, queries)
	if err != nil {
		return nil, err
	}
	for i := range checks {
		if n := w.Compiler.Node(checks[i].Test.ID); !checks[i].Volatile && !forms[i].Volatile && (n == nil || !n.Impure) {
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

// check compiles a data test. What has to ask the warehouse, db, does so when it is run; without one it is as far as it goes.
func (w *Workspace) check(
	ctx context.Context, t *runner.Test, names compile.Names, db compile.Database, now time.Time,
) (expect.Check, error) {
	kept, err := w.Compiler.KeptFailures(ctx, t)
	if err != nil {
		return expect.Check{}, err
	}
	var inlined []string // ephemeral models that it reads
	relations := func(id string) (physical, public runner.Relation) {
		if w.Compiler.Node(id).Config.Materialized == runner.Ephemeral {
			inlined = append(inlined, id)
			return w.Compiler.CTE(id), w.Compiler.CTE(id)
		}
		return names(id), w.Compiler.Public(id)
	}
	target := expect.Target{Now: now, Kept: kept, Resolve: func(ref expect.Ref) (physical, public runner.Relation, err error) {
		id, err := w.idOf(ref)
		if err == nil {
			physical, public = relations(id)
		}
		return physical, public, err
	}}
	if n := w.Compiler.Node(t.ID); n != nil {
		check, err := w.macroCheck(ctx, t, target, compile.Render{Names: names})
		if err != nil || db == nil || !n.Impure {
			return check, err
		}
		return check.Later(func(ctx context.Context) (expect.Check, error) {
			return w.macroCheck(ctx, t, target, compile.Render{Names: names, DB: db})
		}), nil
	}
	target.Physical, target.Public = relations(t.On)
	check, err := expect.Compile(t, target)
	if err != nil || len(inlined) == 0 {
		return check, err
	}
	sql, err := w.Compiler.Around(ctx, check.Query, inlined, compile.Render{Names: names})
	if err != nil {
		return expect.Check{}, err
	}
	show, err := w.Compiler.Around(ctx, check.ShowQuery, inlined, compile.Render{})
	if err != nil {
		return expect.Check{}, err
	}
	return expect.Compile(t, expect.Target{Now: now, Kept: kept, SQL: sql.Text, ShowSQL: show.Text})
}

// macroCheck is the check of a test that is a query of its own or made by a macro. Without a warehouse to ask, a macro may
// give no query yet.
func (w *Workspace) macroCheck(ctx context.Context, t *runner.Test, target expect.Target, with compile.Render) (expect.Check, error) {
	sql, err := w.Compiler.SQL(ctx, t.ID, with)
	if err != nil {
		return expect.Check{}, err
	}
	target.SQL, target.ShowSQL = sql.Text, sql.Shown()
	if t.Type != compile.Singular && with.DB == nil && strings.TrimSpace(sql.Text) == "" {
		target.SQL, target.ShowSQL = notYet, notYet
	}
	target.Explain = func(err error) error { return build.ExplainWithin("test "+t.Name+" cannot run", sql, err) }
	return expect.Compile(t, target)
}

// notYet is the query of a check whose macro gives none before the warehouse can be asked.
const notYet = "select null as row where false"

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
