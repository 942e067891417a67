package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/expect"
)

const (
	firstDelay   = time.Second     // before the second try, where the configuration does not say
	longestDelay = 5 * time.Minute // however often it doubled
)

// persist is materialize under the time limit of a node, and again as often as its configuration allows, as long as what went
// wrong may be gone by then. It tells how often it tried.
func (x *execution) persist(ctx context.Context, d runner.Decision) (loaded Loaded, attempts int, err error) {
	config := x.Compiler.Node(d.ID).Config
	for attempt := 1; ; attempt++ {
		loaded, err = x.limited(ctx, d, config.Timeout)
		if err == nil || attempt > config.Retries || ctx.Err() != nil || !passing(err) {
			return loaded, attempt, err
		}
		if x.pause(ctx, runner.Retry{
			ID: d.ID, Name: label(d), Attempt: attempt, Of: config.Retries + 1, Delay: delayBefore(attempt, config.RetryDelay), Err: err,
		}) != nil {
			return loaded, attempt, err
		}
	}
}

// delayBefore is how long to wait behind a try that failed.
func delayBefore(attempt int, first time.Duration) time.Duration {
	if first <= 0 {
		first = firstDelay
	}
	for range attempt - 1 {
		if first = 2 * first; first >= longestDelay {
			return longestDelay
		}
	}
	return first
}

// limited is materialize with a limit on its time; 0 is none.
func (x *execution) limited(ctx context.Context, d runner.Decision, limit time.Duration) (Loaded, error) {
	if limit <= 0 {
		return x.materialize(ctx, d)
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	loaded, err := x.materialize(within, d)
	if err == nil || ctx.Err() != nil || !errors.Is(within.Err(), context.DeadlineExceeded) {
		return loaded, err
	}
	e := &runner.Error{
		Code: runner.CodeModel, Pos: runner.Position{File: x.declared(d).Path},
		Msg:     fmt.Sprintf("build %s: it was not done within its timeout of %s", label(d), limit),
		Hint:    "raise `timeout` in its configuration, let it do less, or let fewer nodes run at once with --threads",
		Passing: true,
	}
	if d.Kind == runner.KindSource {
		e.Code, e.Msg = runner.CodeLoad, fmt.Sprintf("load %s: it was not done within its timeout of %s", label(d), limit)
	}
	return loaded, e
}

// verdicts takes the verdict of each check: of those that have no limits together, as Run does, and of each other one by itself.
func (x *execution) verdicts(ctx context.Context, checks []expect.Check) ([]runner.NodeResult, error) {
	results := make([]runner.NodeResult, len(checks))
	var together []expect.Check
	var places []int
	for i, c := range checks {
		if c.Test.Config.Timeout == 0 && c.Test.Config.Retries == 0 {
			together, places = append(together, c), append(places, i)
			continue
		}
		var err error
		if results[i], err = x.verdict(ctx, c); err != nil {
			return nil, err
		}
	}
	shared, err := expect.Run(ctx, x.Engine, together, x.expectations())
	for n, i := range places {
		if err == nil {
			results[i] = shared[n]
		}
	}
	return results, err
}

func (x *execution) expectations() expect.Options {
	return expect.Options{WarnError: x.WarnError, Clock: x.Clock}
}

// verdict is what persist is to nodes. Only a check that could not run is tried again, never one that failed.
func (x *execution) verdict(ctx context.Context, c expect.Check) (runner.NodeResult, error) {
	config := c.Test.Config
	for attempt := 1; ; attempt++ {
		result, err := x.limitedVerdict(ctx, c, config.Timeout)
		if err != nil {
			return result, err
		}
		result.Attempts = attempt
		if result.Status != runner.StatusError || attempt > config.Retries || !passing(result.Err) {
			return result, nil
		}
		if err := x.pause(ctx, runner.Retry{
			ID: c.Test.ID, Name: c.Test.Name, Attempt: attempt, Of: config.Retries + 1,
			Delay: delayBefore(attempt, config.RetryDelay), Err: result.Err,
		}); err != nil {
			return result, err
		}
	}
}

// limitedVerdict takes the verdict of one check within a time; 0 is without limit.
func (x *execution) limitedVerdict(ctx context.Context, c expect.Check, limit time.Duration) (runner.NodeResult, error) {
	within, started := ctx, x.Clock()
	if limit > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	results, err := expect.Run(within, x.Engine, []expect.Check{c}, x.expectations())
	switch {
	case err == nil:
		return results[0], nil
	case ctx.Err() != nil || limit == 0 || !errors.Is(within.Err(), context.DeadlineExceeded):
		return runner.NodeResult{}, err
	}
	message := fmt.Sprintf("it was not done within its timeout of %s", limit)
	return runner.NodeResult{
		ID: c.Test.ID, Kind: runner.KindTest, Name: c.Test.Name, Status: runner.StatusError, Rows: -1, Started: started,
		Elapsed: x.Clock().Sub(started), Message: message, Err: &runner.Error{
			Code: runner.CodeTest, Pos: c.Test.Pos, Msg: "test " + c.Test.Name + ": " + message,
			Hint: "raise `timeout` in its configuration, or let it look at fewer rows with `where`", Passing: true,
		},
	}, nil
}

// pause tells of a try that failed and waits for the next. The error is that of ctx.
func (x *execution) pause(ctx context.Context, r runner.Retry) error {
	x.emit(runner.Event{Retrying: &r})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(r.Delay):
		return nil
	}
}

// passing tells whether an error may be gone when the same is tried again: what the engine says so of, timeouts, and files that
// are there but could not be used. What is wrong with SQL, rows or configuration stays wrong.
func passing(err error) bool {
	var known *runner.Error
	if errors.As(err, &known) && known.Passing {
		return true
	}
	var refused *engine.SQLError
	if errors.As(err, &refused) && refused.Passing {
		return true
	}
	var path *fs.PathError
	return errors.As(err, &path) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission)
}
