package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner/schedule"
)

// ScheduleList is all schedules of the project.
type ScheduleList struct {
	Schedules []schedule.Status `json:"schedules" doc:"in the order of project.yaml"`
}

type scheduleInput struct {
	Name string `path:"name" maxLength:"200"`
}

func registerSchedules(a huma.API, s Services) {
	huma.Register(a, operation("schedules", "/schedules", "What starts runs by itself, with its next times", "schedules"),
		func(ctx context.Context, _ *struct{}) (*body[ScheduleList], error) {
			return &body[ScheduleList]{ScheduleList{Schedules: s.Schedules.List(ctx)}}, nil
		})
	change := func(id, path, summary string, do func(context.Context, string) (schedule.Status, error)) {
		o := action(id, path, summary, "schedules")
		o.DefaultStatus = 200
		huma.Register(a, o, func(ctx context.Context, in *scheduleInput) (*body[schedule.Status], error) {
			st, err := do(ctx, in.Name)
			if err != nil {
				return nil, problemOf(err)
			}
			return &body[schedule.Status]{st}, nil
		})
	}
	change("pause-schedule", "/schedules/{name}/pause", "Keep a schedule from starting runs", s.Schedules.Pause)
	change("resume-schedule", "/schedules/{name}/resume", "Let a schedule start runs again", s.Schedules.Resume)
	huma.Register(a, action("run-schedule", "/schedules/{name}/run", "Start the run of a schedule now", "schedules"),
		func(ctx context.Context, in *scheduleInput) (*body[RunStarted], error) {
			return started(s.Schedules.Start(ctx, in.Name))
		})
}
