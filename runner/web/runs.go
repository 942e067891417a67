package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elt/runner/journal"
	"elt/runner/notify"
	"elt/runner/web/runs"
)

// cancelGrace is how long a run that was asked to stop may take before it is killed.
const cancelGrace = 10 * time.Second

// newRuns makes what starts and shows the runs of the project.
func (s *Server) newRuns() (*runs.Manager, error) {
	program := s.options.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find the program that runs are to be started with: %w", err)
		}
	}
	dir, err := filepath.Abs(s.options.Project.Dir)
	if err != nil {
		return nil, err
	}
	return runs.New(runs.Config{
		Program: program, Dir: dir, Home: s.home, Version: s.options.Project.Version, Flags: s.options.RunFlags, Grace: cancelGrace,
		Live: s.services.Live, Clock: s.options.Project.Clock, Log: s.log,
	}), nil
}

func (s *Server) home() runs.Home {
	o := s.services.Workspace.Outline(context.Background())
	return runs.Home{Project: o.Name, Target: o.Target, State: o.At.State, Journals: o.At.Runs}
}

// follow tells open pages and the metrics what runs do, wherever the project file has them write it.
func (s *Server) follow(ctx context.Context) {
	for ctx.Err() == nil {
		home := s.home()
		here, leave := context.WithCancel(ctx)
		go func() {
			s.awaitMove(here, home)
			leave()
		}()
		if home.Project != "" { // else nothing tells yet where runs write
			if err := s.services.Runs.Feed(here, s.ended); err != nil && !errors.Is(err, context.Canceled) {
				s.log.Warn().Err(err).Msg("pages do not follow runs by themselves")
			}
		}
		<-here.Done()
	}
}

// awaitMove waits until ctx ends or the project's runs write somewhere else.
func (s *Server) awaitMove(ctx context.Context, home runs.Home) {
	for now := home; ctx.Err() == nil && now.Journals == home.Journals && (now.Project == "") == (home.Project == ""); now = s.home() {
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
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
