// Package catalog tells what a project consists of and how its nodes went: sources, seeds, models, snapshots, exposures and
// tests as the project's files describe them, with the results that runs have recorded and the columns that the published
// snapshot has.
//
// It reads the files when it is asked and they have changed. While they do not load, the last project that did is shown,
// or else what is published, with the reason.
package catalog

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	"elt/runner"
	"elt/runner/pipeline"
	"elt/runner/state"
)

// Options say what to read. All must be set.
type Options struct {
	Open   func(ctx context.Context) (*pipeline.Workspace, error) // reads the project's files
	Dir    string                                                 // of the project, absolute
	State  string                                                 // path of the state store
	Target string                                                 // name of the target
	Clock  runner.Clock
}

// checkEvery is how long the project's files are taken to be as they were when they were last looked at.
const checkEvery = time.Second

// Catalog is safe for concurrent use.
type Catalog struct {
	options Options

	mu      sync.Mutex // guards what follows; held while the project is read, so that it is read once
	project *Project
	stamp   string
	checked time.Time
}

// New makes a catalog. Nothing is read yet.
func New(o Options) *Catalog { return &Catalog{options: o} }

// Project gives the project as its files are now, which may be a second ago. It is read-only, and shared. Where the files
// do not load, Project.Problems tells why; the error is about the state store or the context.
func (c *Catalog) Project(ctx context.Context) (*Project, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.options.Clock()
	if c.project != nil && !now.Before(c.checked) && now.Sub(c.checked) < checkEvery {
		return c.project, nil
	}
	stamp := stampOf(c.options.Dir)
	if c.project != nil && stamp == c.stamp && !c.project.fromState() {
		c.checked = now
		return c.project, nil
	}
	p, err := c.read(context.WithoutCancel(ctx)) // for whoever asks next, too
	if err != nil {
		return nil, err
	}
	c.project, c.stamp, c.checked = p, stamp, now
	return p, nil
}

func (c *Catalog) read(ctx context.Context) (*Project, error) {
	w, failure := c.options.Open(ctx)
	if failure == nil {
		var p *Project
		if p, failure = projectOf(ctx, w); failure == nil {
			return p, nil
		}
	}
	if c.project != nil && !c.project.fromState() {
		old := *c.project
		old.Problems = problemsOf(failure)
		return &old, nil
	}
	publish, err := c.published(ctx)
	if err != nil {
		return nil, err
	}
	p := projectOfPublish(publish)
	p.Problems = problemsOf(failure)
	return p, nil
}

func (c *Catalog) published(ctx context.Context) (publish state.Publish, err error) {
	err = c.look(ctx, func(s *state.Store) error {
		publishes, err := s.Publishes(ctx, 1)
		if len(publishes) > 0 {
			publish = publishes[0]
		}
		return err
	})
	return publish, err
}

// look does something with the state store, and nothing where there is none yet.
func (c *Catalog) look(ctx context.Context, do func(*state.Store) error) (err error) {
	store, err := state.OpenReadOnly(ctx, c.options.State)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(store.In(c.options.Target))
}

// problemsOf are all the errors that were found in one pass.
func problemsOf(err error) []runner.Problem {
	var several runner.Errors
	if !errors.As(err, &several) {
		if err == nil {
			return nil
		}
		return []runner.Problem{*runner.ProblemOf(err)}
	}
	problems := make([]runner.Problem, len(several))
	for i, e := range several {
		problems[i] = *runner.ProblemOf(e)
	}
	return problems
}
