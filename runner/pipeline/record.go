package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/export"
	"elt/runner/state"
)

// begin records that the run goes on.
func (w *writer) begin(ctx context.Context, result runner.RunResult) error {
	crashed, err := w.store.BeginRun(ctx, w.recordOf(result))
	for _, id := range crashed {
		w.options.Log.Warn().Msgf("run %s ended without a word; its results were not published", id)
	}
	return err
}

// recordOf is what the records tell of a run as it begins.
func (w *Workspace) recordOf(result runner.RunResult) state.Run {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return state.Run{
		ID: w.RunID, Target: w.Project.Target.Name, Command: w.options.Command, Args: w.options.Args, Project: w.Project.Name,
		Version: w.options.Version, PID: os.Getpid(), Host: host, Trigger: w.options.Trigger, Started: result.Started,
	}
}

func endOfRun(result runner.RunResult, failure error) state.RunEnd {
	return state.RunEnd{Status: endOf(failure), Published: result.Published, Counts: counts(result.Nodes), Err: failure}
}

func recordsOf(result runner.RunResult) []state.NodeRecord {
	records := make([]state.NodeRecord, len(result.Nodes))
	for i, r := range result.Nodes {
		records[i] = state.NodeRecord{NodeResult: r}
	}
	return records
}

// record keeps what was built and found, so that the next run need not do it again, even if this one fails.
func (w *writer) record(ctx context.Context, planned *Planned, checks []build.Check, results []runner.NodeResult) error {
	byID := map[string]runner.NodeResult{}
	for _, r := range results {
		byID[r.ID] = r
	}
	var versions []state.RelationVersion
	for _, d := range planned.Decisions {
		r, ok := byID[d.ID]
		if !ok || r.Status.Bad() || d.Relation.IsZero() {
			continue
		}
		versions = append(versions, state.RelationVersion{
			Relation: d.Relation, NodeID: d.ID, Fingerprint: d.Fingerprint, Content: planned.Contents[d.ID],
			Upstream: upstreamRelations(planned.Plan, d), Rows: r.Rows, Rejected: r.Rejected, Elapsed: r.Elapsed, RunID: w.RunID,
		})
	}
	if err := w.store.SaveRelations(ctx, versions...); err != nil {
		return err
	}
	for _, v := range versions {
		planned.Versions[v.Relation.Bare()] = v
	}
	return w.store.SaveVerdicts(ctx, verdictsOf(w.RunID, checks, results)...)
}

// finish records how the run ended and drops what nothing needs any more.
func (w *writer) finish(ctx context.Context, result runner.RunResult, failure error) error {
	if err := w.store.SaveResults(ctx, w.RunID, recordsOf(result)); err != nil {
		return err
	}
	if err := w.store.FinishRun(ctx, w.RunID, endOfRun(result, failure)); err != nil {
		return err
	}
	if err := w.writeArtifacts(result); err != nil {
		return err
	}
	if !result.Published {
		return nil
	}
	if _, err := build.Collect(ctx, w.warehouse, w.store); err != nil {
		return err
	}
	if err := w.dropOldSnapshots(); err != nil {
		return err
	}
	_, err := w.store.Prune(ctx, keepRuns)
	return err
}

// keepRuns is how many runs of a target the records go back.
const keepRuns = 500

// keepSnapshots is how many snapshots stay: the published one, and the one before it for those who are reading it.
const keepSnapshots = 2

func (w *writer) dropOldSnapshots() error {
	for _, x := range w.Project.Exports {
		if x.Format != "duckdb" {
			continue
		}
		link := filepath.Join(w.files.output, filepath.FromSlash(x.Path))
		versions, err := export.Versions(link)
		if err != nil {
			return err
		}
		current, err := filepath.EvalSymlinks(link)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // where all models are gone there is no snapshot
			return err
		}
		slices.Sort(versions) // by run, so by time
		for len(versions) > keepSnapshots {
			if filepath.Base(versions[0]) != filepath.Base(current) {
				if err := os.Remove(versions[0]); err != nil {
					return err
				}
			}
			versions = versions[1:]
		}
	}
	return nil
}
