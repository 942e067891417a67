package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/engine"
	"elt/runner/expect"
	"elt/runner/journal"
	"elt/runner/state"
)

// Test takes the verdict of the chosen tests over what is published, and records it. The error tells that one of severity
// error failed. It reads the snapshot, beside a run that is writing, unless a test keeps its failing rows: those go to the
// warehouse, which takes the right to write.
func Test(ctx context.Context, o Options) (runner.RunResult, error) {
	w, err := Open(ctx, o.tap(journal.New(o.Clock)))
	if err != nil {
		return runner.RunResult{}, err
	}
	selection, err := w.Select()
	if err != nil {
		return runner.RunResult{}, err
	}
	w.warnUnmatched(selection)
	if slices.ContainsFunc(w.tests, func(t *runner.Test) bool { return t.StoreFailures && selection.Has(t.ID) }) {
		if _, err := w.standingWarehouse(); err != nil {
			return runner.RunResult{}, err
		}
		return w.work(ctx, func(ctx context.Context, wr *writer, result *runner.RunResult) error {
			return w.testOn(ctx, wr.warehouse, selection, wr.failureSchemas, result)
		})
	}
	result := runner.RunResult{RunID: w.RunID, Command: o.Command, Started: o.Clock(), Status: runner.StatusSuccess}
	snapshot, err := w.Snapshot(ctx)
	if err != nil {
		return result, err
	}
	keepNone := func(context.Context, []build.Check) error { return nil }
	err = interrupted(ctx, w.testOn(ctx, snapshot, selection, keepNone, &result))
	if err != nil {
		result.Status = runner.StatusError
	}
	result.Elapsed = o.Clock().Sub(result.Started)
	w.recordTest(context.WithoutCancel(ctx), result, err)
	return result, errors.Join(err, snapshot.Close())
}

func (w *Workspace) testOn(
	ctx context.Context, on engine.Engine, selection Selection, prepare func(context.Context, []build.Check) error, result *runner.RunResult,
) error {
	names, err := w.published(ctx, on)
	if err != nil {
		return err
	}
	store, closeStore, err := w.look(ctx)
	if err != nil {
		return err
	}
	checks, err := w.checks(ctx, store, on, selection, names, w.options.Clock())
	if err = errors.Join(err, closeStore()); err != nil {
		return err
	}
	if err := prepare(ctx, checks); err != nil {
		return err
	}
	ready := make([]expect.Check, len(checks))
	for i, c := range checks {
		ready[i] = c.Check
	}
	result.Nodes, err = expect.Run(ctx, on, ready, expect.Options{WarnError: w.options.WarnError, Clock: w.options.Clock})
	if err != nil {
		return err
	}
	units, err := w.unitsOf(ctx, selection)
	result.Nodes = append(result.Nodes, units...)
	for i := range result.Nodes {
		if w.options.Observe != nil {
			w.options.Observe(runner.Event{Finished: &result.Nodes[i]})
		}
	}
	if err != nil {
		return err
	}
	return testVerdict(result.Nodes)
}

// recordTest records tests that needed no right to write. Where that cannot be done they still have their verdicts.
func (w *Workspace) recordTest(ctx context.Context, result runner.RunResult, failure error) {
	if len(result.Nodes) == 0 {
		return
	}
	err := w.writeRunResults(result, nil)
	store, opened := state.Open(ctx, w.files.state, w.options.Clock)
	if opened == nil {
		opened = store.RecordRun(ctx, w.recordOf(result), endOfRun(result, failure), recordsOf(result))
		opened = errors.Join(opened, store.Close())
	}
	if err = errors.Join(err, opened); err != nil {
		w.options.Log.Warn().Msg("the results are not recorded: " + err.Error())
	}
}

// unitsOf takes the verdicts of the chosen unit tests, known or not.
func (w *Workspace) unitsOf(ctx context.Context, selection Selection) (results []runner.NodeResult, err error) {
	if len(w.Project.UnitTests) == 0 {
		return nil, nil
	}
	l, err := w.openLab(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	for _, t := range w.Project.UnitTests {
		if !selection.Has(t.ID) || w.Compiler.Node(t.Model) == nil {
			continue
		}
		result, err := l.run(ctx, t)
		if err != nil {
			return results, err
		}
		results = append(results, result)
	}
	return results, nil
}

func testVerdict(results []runner.NodeResult) error {
	failed := 0
	for _, r := range results {
		if r.Status.Bad() {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return &runner.Error{Code: runner.CodeTest, Msg: fmt.Sprintf("%d of %s failed", failed, plural(len(results), "data test"))}
}
