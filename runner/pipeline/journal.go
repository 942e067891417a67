package pipeline

import (
	"context"
	"errors"
	"os"

	"elt/runner"
	"elt/runner/journal"
	"elt/runner/state"
)

// tap lets a journal hear all that is told while o is used.
func (o Options) tap(j *journal.Writer) Options {
	o.journal = j
	o.Log = o.Log.Hook(j.Hook())
	screen := o.Observe
	o.Observe = func(e runner.Event) {
		j.Observe(e, nil, nil)
		if screen != nil {
			screen(e)
		}
	}
	o.screen = screen
	return o
}

// beginJournal gives the journal of the run its file. From here on it hears of SQL and of what tests read, too.
func (w *Workspace) beginJournal(ctx context.Context, result runner.RunResult) {
	o := w.options
	w.options.journal.Open(w.files.runs, journal.Run{
		ID: w.RunID, Command: o.Command, Args: o.Args, Trigger: o.Trigger, Project: w.Project.Name,
		Target: w.Project.Target.Name, Version: o.Version, PID: os.Getpid(), Started: result.Started,
	})
	sql := func(id string) string { return w.sqlOf(ctx, id) }
	w.options.Observe = func(e runner.Event) {
		told := e
		if e.Written != nil {
			file := *e.Written
			file.Path = relative(w.Project.Dir, file.Path)
			told.Written = &file
		}
		o.journal.Observe(told, sql, w.Graph.Parents)
		if o.screen != nil {
			o.screen(e)
		}
	}
}

// endJournal tells how the run ended, and forgets the journals of long ago. A run that was refused the right to write leaves
// none: who started it was told.
func (w *Workspace) endJournal(result runner.RunResult, failure error) {
	j := w.options.journal
	var refused *runner.Error
	if errors.As(failure, &refused) && refused.Code == runner.CodeLocked {
		if err := journal.Remove(w.files.runs, w.RunID); err != nil {
			w.options.Log.Warn().Err(err).Msg("the journal of the run stays")
		}
		_ = j.Close() // it is gone
		return
	}
	end := &journal.End{
		Status: journal.Status(endOf(failure)), Seconds: journal.Seconds(result.Elapsed), Published: result.Published,
		Changed: result.Changed, Counts: counts(result.Nodes), Error: runner.ProblemOf(failure),
	}
	j.Add(journal.Event{Ended: end})
	if err := j.Close(); err != nil {
		w.options.Log.Warn().Msg(err.Error())
	}
	if err := journal.Prune(w.files.runs, keepRuns); err != nil {
		w.options.Log.Warn().Msg("remove the journals of old runs: " + err.Error())
	}
}

// endOf is the status of a run that ended with an error, or nil.
func endOf(failure error) state.RunStatus {
	switch {
	case runner.ExitStatus(failure) == runner.ExitInterrupted:
		return state.RunInterrupted
	case failure != nil:
		return state.RunError
	default:
		return state.RunSuccess
	}
}

func counts(nodes []runner.NodeResult) map[runner.Status]int {
	out := map[runner.Status]int{}
	for _, n := range nodes {
		out[n.Status]++
	}
	return out
}
