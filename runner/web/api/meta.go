package api

import (
	"context"
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner/web/dashboard"
	"elt/runner/web/snapshot"
)

// Meta says what there is to look at.
type Meta struct {
	Project  string         `json:"project"`
	Target   string         `json:"target"`
	Version  string         `json:"version" doc:"of elt"`
	Snapshot *snapshot.Info `json:"snapshot" doc:"what is published; null before the first run"`
	Problem  string         `json:"problem,omitempty" doc:"why the project's files do not load as they stand"`
	dashboard.Choices
}

func registerMeta(a huma.API, s Services) {
	huma.Register(a, operation("meta", "/meta", "What there is to look at", "dashboard"), func(ctx context.Context, _ *struct{}) (*body[Meta], error) {
		m, err := MetaOf(ctx, s)
		if err != nil {
			return nil, problemOf(err)
		}
		return &body[Meta]{Body: m}, nil
	})
}

// MetaOf gives the Meta of a project, also of one that does not load, has published nothing yet or publishes other models.
func MetaOf(ctx context.Context, s Services) (Meta, error) {
	m := Meta{Version: s.Version, Choices: dashboard.Choices{Clients: []dashboard.Client{}, Platforms: []string{}}}
	outline := s.Workspace.Outline(ctx)
	m.Project, m.Target = outline.Name, outline.Target
	if problem := s.Workspace.Problem(); problem != nil {
		m.Problem = problem.Error()
	}
	info, err := s.Snapshot.Current(ctx)
	if errors.Is(err, snapshot.ErrNone) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.Snapshot = &info
	choices, err := s.Dashboard.Choices(ctx)
	switch {
	case errors.Is(err, dashboard.ErrNoModel):
	case err != nil:
		return m, err
	default:
		m.Choices = choices
	}
	return m, nil
}
