package web

import (
	"context"

	"elt/runner"
	"elt/runner/schedule"
	"elt/runner/web/live"
	"elt/runner/web/runs"
)

// newSchedules makes what starts the runs of the project by itself.
func (s *Server) newSchedules() *schedule.Scheduler {
	manager := s.services.Runs
	return schedule.New(schedule.Config{
		Dir: manager.Dir(), State: func() string { return s.home().State }, Busy: manager.Busy, Waits: manager.Waits, Clock: s.options.Project.Clock, Log: s.log,
		Quiet: schedule.Quiet, Poll: schedule.Poll,
		Project: func(ctx context.Context) (schedule.Project, error) {
			w, err := s.services.Workspace.Get(ctx)
			if err != nil {
				return schedule.Project{}, err
			}
			return schedule.Project{Schedules: w.Project.Schedules, Made: w.MadeByRuns()}, nil
		},
		Start: func(d *runner.Schedule, trigger string) (string, error) {
			return manager.Start(runs.Request{Select: d.Select, Exclude: d.Exclude, Trigger: trigger})
		},
		Changed: func(st schedule.Status) { s.services.Live.Publish(live.Schedule, st.LastRunID, st) },
	})
}
