// Package catalog tells what a project consists of and how its nodes went: sources, seeds, models, snapshots, exposures and
// tests as the project's files describe them, with the results that runs have recorded and the columns that the published
// snapshot has.
package catalog

import (
	"context"
	"errors"
	"io/fs"
	"sync"

	"elt/runner"
	"elt/runner/pipeline"
	"elt/runner/state"
)

// Workspaces gives the project as its files stand, or as they stood when they last loaded: then Problem tells why they do
// not now.
type Workspaces interface {
	Get(ctx context.Context) (*pipeline.Workspace, error)
	Problem() error
}

// Catalog is safe for concurrent use.
type Catalog struct {
	workspaces Workspaces

	mu      sync.Mutex // guards what follows; held while a project is made, so that each is made once
	project *Project
}

// New makes a catalog of what workspaces gives.
func New(workspaces Workspaces) *Catalog { return &Catalog{workspaces: workspaces} }

// Project gives the project as workspaces has it. It is read-only, and shared.
func (c *Catalog) Project(ctx context.Context) (*Project, error) {
	w, err := c.workspaces.Get(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.project == nil || c.project.workspace != w {
		if c.project, err = projectOf(w); err != nil {
			return nil, err
		}
	}
	return c.project, nil
}

// Problems tell why the project's files do not load as they stand; none if they do.
func (c *Catalog) Problems() []runner.Problem {
	err := c.workspaces.Problem()
	if err == nil {
		return nil
	}
	var several runner.Errors
	if !errors.As(err, &several) {
		return []runner.Problem{*runner.ProblemOf(err)}
	}
	problems := make([]runner.Problem, len(several))
	for i, e := range several {
		problems[i] = *runner.ProblemOf(e)
	}
	return problems
}

// look does something with the state store of a project, and nothing where there is none yet.
func (p *Project) look(ctx context.Context, do func(*state.Store) error) (err error) {
	store, err := state.OpenReadOnly(ctx, p.workspace.Places().State)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(store.In(p.workspace.Project.Target.Name))
}
