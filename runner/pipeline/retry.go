package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"elt/runner"
	"elt/runner/state"
)

// lastRuns gives the runs of a target since its last publish, the newest first, and that one as the last.
func lastRuns(ctx context.Context, store *state.Store, target string) ([]state.Run, error) {
	all, err := store.Runs(ctx, keepRuns)
	if err != nil {
		return nil, err
	}
	var runs []state.Run
	for _, run := range all {
		if run.Target != target || run.Status == state.RunRunning {
			continue
		}
		runs = append(runs, run)
		if run.Published {
			break
		}
	}
	return runs, nil
}

// ErrNothingToRetry tells that nothing failed in the last run.
var ErrNothingToRetry = errors.New("nothing to retry: the last run had no failures")

// mustRetry fails with ErrNothingToRetry where neither a node failed nor one waits to be published with those that did, and
// otherwise where the last run ended too early to tell.
func (w *Workspace) mustRetry() error {
	selection, err := w.failedBefore()
	if err != nil || len(selection.Nodes) > 0 || len(selection.Carried) > 0 {
		return err
	}
	runs, _, err := w.history(context.Background())
	if err == nil && len(runs) > 0 && runs[0].Status != state.RunSuccess {
		return &runner.Error{
			Code: runner.CodeState, Msg: fmt.Sprintf("the last run, %s, ended before any node did (%s)", runs[0].ID, runs[0].Status),
			Hint: "`elt run` does all of it",
		}
	}
	return errors.Join(err, ErrNothingToRetry)
}

// LastArgs gives the arguments of the last run that was no retry; nil without one.
func LastArgs(ctx context.Context, o Options) ([]string, error) {
	path, err := StatePath(ctx, o)
	if err != nil {
		return nil, err
	}
	store, err := state.OpenReadOnly(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	runs, err := store.Runs(ctx, keepRuns)
	for _, run := range runs {
		if !strings.HasSuffix(run.Command, " retry") {
			return run.Args, errors.Join(err, store.Close())
		}
	}
	return nil, errors.Join(err, store.Close())
}

// history gives the runs since the last publish and what came of their nodes, by run.
func (w *Workspace) history(ctx context.Context) ([]state.Run, [][]state.NodeRecord, error) {
	store, err := state.OpenReadOnly(ctx, w.files.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	runs, err := lastRuns(ctx, store, w.Project.Target.Name)
	var results [][]state.NodeRecord
	for i := 0; i < len(runs) && err == nil; i++ {
		var nodes []state.NodeRecord
		nodes, err = store.Results(ctx, runs[i].ID)
		results = append(results, nodes)
	}
	return runs, results, errors.Join(err, store.Close())
}

// failedBefore chooses what failed or was skipped in the last run. What runs since the last publish have built is carried
// along, since it waits for nothing but that.
func (w *Workspace) failedBefore() (Selection, error) {
	ctx := context.Background()
	runs, results, err := w.history(ctx)
	out := Selection{Nodes: map[string]bool{}, Carried: map[string]bool{}}
	if err != nil || len(runs) == 0 {
		return out, err
	}
	for i, nodes := range results {
		for _, n := range nodes {
			switch {
			case !w.Graph.Has(n.ID):
			case i == 0 && n.Status.Bad():
				out.Nodes[n.ID] = true
			case !runs[i].Published && (n.Status == runner.StatusSuccess || n.Status == runner.StatusWarn):
				out.Carried[n.ID] = true
			}
		}
	}
	return out, nil
}

// lastResults are those of the last run that is over.
func lastResults(ctx context.Context, store *state.Store, target string) ([]state.NodeRecord, error) {
	runs, err := lastRuns(ctx, store, target)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	return store.Results(ctx, runs[0].ID)
}
