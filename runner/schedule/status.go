package schedule

import (
	"context"
	"fmt"
	"time"

	"elt/runner"
)

// Status is a schedule as people see it.
type Status struct {
	Name      string         `json:"name"`
	Kind      string         `json:"kind" enum:"cron,watch"`
	Cron      string         `json:"cron,omitempty"`
	TimeZone  string         `json:"time_zone,omitempty" doc:"of cron"`
	Watch     []string       `json:"watch" doc:"files that start a run when they come, go or change"`
	Select    []string       `json:"select" doc:"none: everything"`
	Exclude   []string       `json:"exclude"`
	Misfire   runner.Misfire `json:"misfire" doc:"what becomes of what was due while the server was not running: skip or run_once"`
	Overlap   runner.Overlap `json:"overlap" doc:"what becomes of what is due while another run goes on: skip or queue"`
	Enabled   bool           `json:"enabled"`
	Paused    bool           `json:"paused"`
	Next      []time.Time    `json:"next" doc:"the next five times, in the time zone of the schedule"`
	LastFired *time.Time     `json:"last_fired" doc:"null: never"`
	LastRunID string         `json:"last_run_id,omitempty"`
	Note      string         `json:"note,omitempty" doc:"why it started no run when it was due last"`
	Position  string         `json:"position,omitempty" doc:"file:line where it is declared; empty: every project has it"`
}

// fires is how many of the next times are told.
const fires = 5

// status tells how an entry stands. s.mu is held.
func (s *Scheduler) status(e *entry) Status {
	st := Status{
		Name: e.Name, Kind: "watch", Cron: e.Cron, Watch: orNone(e.Watch), Select: orNone(e.Select), Exclude: orNone(e.Exclude),
		Misfire: e.Misfire, Overlap: e.Overlap, Enabled: e.Enabled, Paused: e.memory.Paused, Next: []time.Time{},
		LastRunID: e.memory.RunID, Note: e.note,
		Position: runner.Position{File: e.Pos.File, Line: e.Pos.Line}.String(),
	}
	if e.memory.RunID != "" {
		fired := e.memory.Fired
		st.LastFired = &fired
	}
	if e.Cron != "" {
		st.Kind, st.TimeZone = "cron", e.TimeZone
		if e.Enabled && !e.memory.Paused {
			st.Next = e.line.Upcoming(s.config.Clock(), fires)
		}
	}
	return st
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// List gives all schedules as project.yaml has them, in its order.
func (s *Scheduler) List(ctx context.Context) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh(ctx)
	out := make([]Status, len(s.entries))
	for i, e := range s.entries {
		out[i] = s.status(e)
	}
	return out
}

// Pause keeps a schedule from starting runs until Resume, also over restarts.
func (s *Scheduler) Pause(ctx context.Context, name string) (Status, error) {
	return s.change(ctx, name, func(e *entry) { e.memory.Paused = true })
}

// Resume ends a pause. What was due in it is not made up for; files that changed in it are, unless misfire is skip.
func (s *Scheduler) Resume(ctx context.Context, name string) (Status, error) {
	return s.change(ctx, name, func(e *entry) {
		if !e.memory.Paused {
			return
		}
		e.memory.Paused = false
		switch {
		case e.Cron != "":
			e.memory.Fired = s.config.Clock()
		case e.Misfire == runner.MisfireSkip:
			e.files.look(s.config.Dir, nil, s.config.Clock(), 0)
			e.files.settle()
		}
	})
}

// change does something to a schedule and remembers it.
func (s *Scheduler) change(ctx context.Context, name string, do func(*entry)) (Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.find(ctx, name)
	if err != nil {
		return Status{}, err
	}
	do(e)
	if err := s.remember(ctx, e); err != nil {
		return Status{}, err
	}
	st := s.status(e)
	s.config.Changed(st)
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
	return st, nil
}

// Start starts the run of a schedule now, paused or not; it waits while another one goes on.
func (s *Scheduler) Start(ctx context.Context, name string) (runID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.find(ctx, name)
	if err != nil {
		return "", err
	}
	if e.Cron == "" || e.memory.Fired.IsZero() {
		e.memory.Fired = s.config.Clock()
	}
	return s.start(ctx, e)
}

// find gives the entry of a name. s.mu is held.
func (s *Scheduler) find(ctx context.Context, name string) (*entry, error) {
	s.refresh(ctx)
	for _, e := range s.entries {
		if e.Name == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("schedule %.80s: %w", name, ErrNotFound)
}
