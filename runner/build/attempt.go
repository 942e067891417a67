package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"elt/runner"
	"elt/runner/engine"
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
		delay := delayBefore(attempt, config.RetryDelay)
		x.emit(runner.Event{Retrying: &runner.Retry{
			ID: d.ID, Name: label(d), Attempt: attempt, Of: config.Retries + 1, Delay: delay, Err: err,
		}})
		select {
		case <-ctx.Done():
			return loaded, attempt, err
		case <-time.After(delay):
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
