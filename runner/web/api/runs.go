package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner/web/runs"
)

// RunList is a page of runs.
type RunList struct {
	Runs []runs.Summary `json:"runs" doc:"the newest first"`
	More bool           `json:"more" doc:"there are older ones; ask for those before the last of these"`
}

// RunWanted is what a new run is to do.
type RunWanted struct {
	Select      []string `json:"select,omitempty" maxItems:"200" doc:"selectors of nodes; none: everything"`
	Exclude     []string `json:"exclude,omitempty" maxItems:"200" doc:"selectors of nodes to leave out"`
	Force       bool     `json:"force,omitempty" doc:"build even what did not change"`
	FullRefresh bool     `json:"full_refresh,omitempty" doc:"build incremental models from nothing"`
}

// RunStarted names a run that was started, or waits for its turn.
type RunStarted struct {
	ID string `json:"id"`
}

type runInput struct {
	ID string `path:"id" maxLength:"40"`
}

type runLogInput struct {
	ID    string `path:"id" maxLength:"40"`
	Level string `query:"level" enum:"debug,info,warn,error" default:"info" doc:"the least"`
	Text  string `query:"q" maxLength:"200" doc:"that the line has in it, in any case"`
	After int    `query:"after" minimum:"0" doc:"only lines behind the one of this number; without it the last ones"`
	Limit int    `query:"limit" minimum:"1" maximum:"20000" default:"5000"`
}

func registerRuns(a huma.API, s Services) {
	huma.Register(a, operation("runs", "/runs", "Runs, the newest first, with what goes on and what waits", "runs"),
		func(ctx context.Context, in *struct {
			Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
			Before string `query:"before" maxLength:"40" doc:"ID of a run: only older ones"`
		},
		) (*body[RunList], error) {
			list, err := s.Runs.List(ctx, in.Before, in.Limit+1)
			if err != nil {
				return nil, problemOf(err)
			}
			more := len(list) > in.Limit
			return &body[RunList]{RunList{Runs: list[:min(len(list), in.Limit)], More: more}}, nil
		})
	huma.Register(a, operation("run", "/runs/{id}", "A run with its nodes, critical path and failures", "runs"),
		func(ctx context.Context, in *runInput) (*body[runs.Detail], error) {
			d, err := s.Runs.Get(ctx, in.ID)
			if err != nil {
				return nil, problemOf(err)
			}
			return &body[runs.Detail]{d}, nil
		})
	huma.Register(a, operation("run-log", "/runs/{id}/log", "The log of a run", "runs"),
		func(_ context.Context, in *runLogInput) (*body[runs.Log], error) {
			log, err := s.Runs.Log(in.ID, runs.LogFilter{Level: in.Level, Text: in.Text, After: in.After, Limit: in.Limit})
			if err != nil {
				return nil, problemOf(err)
			}
			return &body[runs.Log]{log}, nil
		})
	registerRunActions(a, s)
}

func registerRunActions(a huma.API, s Services) {
	huma.Register(a, action("start-run", "/runs", "Start a run; it waits while another one goes on", "runs"),
		func(_ context.Context, in *struct{ Body RunWanted }) (*body[RunStarted], error) {
			return started(s.Runs.Start(runs.Request{
				Select: in.Body.Select, Exclude: in.Body.Exclude, Force: in.Body.Force, FullRefresh: in.Body.FullRefresh, Trigger: "web",
			}))
		})
	huma.Register(a, action("cancel-run", "/runs/{id}/cancel", "Ask a run to stop, whoever started it", "runs"),
		func(_ context.Context, in *runInput) (*body[RunStarted], error) {
			return started(in.ID, s.Runs.Cancel(in.ID))
		})
	huma.Register(a, action("retry-run", "/runs/{id}/retry", "Run again what failed in a run and what depends on it, or all of it", "runs"),
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"40"`
			Body struct {
				What string `json:"what" enum:"failed,all"`
			}
		},
		) (*body[RunStarted], error) {
			return started(s.Runs.Retry(ctx, in.ID, in.Body.What))
		})
}

func started(id string, err error) (*body[RunStarted], error) {
	if err != nil {
		return nil, problemOf(err)
	}
	return &body[RunStarted]{RunStarted{ID: id}}, nil
}

// action describes a POST that begins something, for huma.Register.
func action(id, path, summary string, tags ...string) huma.Operation {
	o := operation(id, path, summary, tags...)
	o.Method, o.DefaultStatus = http.MethodPost, http.StatusAccepted
	return o
}
