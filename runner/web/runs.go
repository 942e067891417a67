package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"elt/runner/journal"
	"elt/runner/notify"
	"elt/runner/pipeline"
	"elt/runner/web/runs"
)

// cancelGrace is how long a run that was asked to stop may take before it is killed.
const cancelGrace = 10 * time.Second

// newRuns makes what starts and shows the runs of the project.
func (s *Server) newRuns(w *pipeline.Workspace) (*runs.Manager, error) {
	program := s.options.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find the program that runs are to be started with: %w", err)
		}
	}
	places := w.Places()
	return runs.New(runs.Config{
		Program: program, Dir: w.Project.Dir, Project: w.Project.Name, State: places.State, Journals: places.Runs,
		Target: w.Project.Target.Name, Version: s.options.Project.Version, Flags: s.options.RunFlags, Grace: cancelGrace,
		Live: s.services.Live, Clock: s.options.Project.Clock, Log: s.log,
	}), nil
}

// follow tells open pages and the metrics what runs do.
func (s *Server) follow(ctx context.Context) {
	err := s.services.Runs.Feed(ctx, s.ended)
	if err != nil && !errors.Is(err, context.Canceled) {
		s.log.Warn().Err(err).Msg("pages do not follow runs by themselves")
	}
}

// ended sees to a run that is over.
func (s *Server) ended(d runs.Detail) {
	s.countRun(d)
	if d.Status == journal.Crashed {
		s.tellOfCrash(d)
	}
}

// tellOfCrash tells those whom a run would have told of its failure, had it lived.
func (s *Server) tellOfCrash(d runs.Detail) {
	w, err := s.services.Workspace.Get(context.Background())
	if err != nil || len(w.Project.OnFailure) == 0 {
		return // nobody is known
	}
	o := notify.Outcome{
		RunID: d.ID, Project: w.Project.Name, Target: d.Target, Status: string(d.Status), Command: d.Command, Trigger: d.Trigger,
		Started: d.Started, Counts: d.Counts, Failures: []notify.Failure{}, Error: "its process went away; nothing was published",
	}
	if d.Seconds != nil {
		o.Seconds = *d.Seconds
	}
	teller := notify.Teller{Dir: w.Project.Dir, LookupEnv: s.options.Project.LookupEnv, Clock: s.options.Project.Clock, Log: s.log}
	go teller.Tell(context.Background(), w.Project.OnFailure, o) // it has a time limit of its own
}

// countRun counts a run that ended, and its nodes.
func (s *Server) countRun(d runs.Detail) {
	trigger, _, _ := strings.Cut(d.Trigger, ":")
	s.metrics.set.GetOrCreateCounter(fmt.Sprintf("elt_runs_total{status=%q,trigger=%q}", d.Status, trigger)).Inc()
	if d.Seconds != nil {
		s.metrics.set.GetOrCreateHistogram(fmt.Sprintf("elt_run_seconds{status=%q}", d.Status)).Update(*d.Seconds)
	}
	for status, n := range d.Counts {
		s.metrics.set.GetOrCreateCounter(fmt.Sprintf("elt_nodes_total{status=%q}", status)).Add(n)
	}
	if d.Published {
		s.metrics.set.GetOrCreateCounter("elt_publishes_total").Inc()
	}
}
