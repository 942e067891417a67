package runs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"elt/runner/journal"
	"elt/runner/pipeline"
	"elt/runner/state"
)

// List gives runs, the newest first, at most limit of them: those that began before the run of the ID before, or the latest
// where that is empty. What waits, what goes on and what never came to be recorded is among the latest.
func (m *Manager) List(ctx context.Context, before string, limit int) ([]Summary, error) {
	var recorded []state.Run
	err := m.look(ctx, func(s *state.Store) (err error) {
		if before != "" {
			recorded, err = s.RunsBefore(ctx, before, limit)
		} else {
			recorded, err = s.Runs(ctx, limit)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	all, known := []Summary{}, map[string]bool{}
	for _, r := range recorded {
		s := SummaryOf(r)
		if r.Status == state.RunRunning {
			s = m.going(s)
		}
		all = append(all, s)
		known[r.ID] = true
	}
	if before == "" {
		all = append(all, m.unrecorded(known, recorded)...)
		slices.SortStableFunc(all, func(a, b Summary) int { return b.Started.Compare(a.Started) })
	}
	return all[:min(len(all), limit)], nil
}

// going tells how a run that is recorded as going on does, from its journal.
func (m *Manager) going(s Summary) Summary {
	events, err := journal.Read(m.config.Home().Journals, s.ID)
	if err != nil {
		return s
	}
	t := newTelling()
	for _, e := range events {
		t.add(e)
	}
	return t.Summary
}

// unrecorded are the runs that the state store does not know, or not yet: what waits, and journals that are newer than the
// oldest of recorded.
func (m *Manager) unrecorded(known map[string]bool, recorded []state.Run) []Summary {
	var all []Summary
	m.mu.Lock()
	for _, j := range m.queue {
		if !known[j.id] {
			status := Queued
			if j.child != nil {
				status = journal.Running
			}
			all = append(all, j.summary(m.config, status))
		}
	}
	m.mu.Unlock()
	ids, err := journal.IDs(m.config.Home().Journals)
	if err != nil {
		return all
	}
	oldest := ""
	if len(recorded) > 0 {
		oldest = recorded[len(recorded)-1].ID
	}
	for _, id := range ids {
		if id < oldest {
			break
		}
		if known[id] {
			continue
		}
		s := m.going(Summary{ID: id})
		if s.Started.IsZero() {
			continue // it has no first line
		}
		all = slices.DeleteFunc(all, func(waiting Summary) bool { return waiting.ID == id })
		all = append(all, s)
	}
	return all
}

// Get tells all about a run.
func (m *Manager) Get(ctx context.Context, runID string) (Detail, error) {
	if !pipeline.IsRunID(runID) {
		return Detail{}, fmt.Errorf("run %.40s: %w", runID, ErrNotFound)
	}
	var run state.Run
	var recorded bool
	var results []state.NodeRecord
	var last string
	err := m.look(ctx, func(s *state.Store) (err error) {
		run, recorded, err = s.Run(ctx, runID)
		if err != nil || !recorded {
			return err
		}
		if last, err = s.LastRun(ctx, run.Target); err != nil {
			return err
		}
		results, err = s.Results(ctx, runID)
		return err
	})
	if err != nil {
		return Detail{}, err
	}
	t := newTelling()
	events, err := journal.Read(m.config.Home().Journals, runID)
	switch {
	case err == nil:
		t.HasJournal = true
		for _, e := range events {
			t.add(e)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return Detail{}, err
	case !recorded:
		return m.waiting(runID)
	}
	if recorded {
		t.record(run, results)
		t.CanRetry = last == runID && anyBad(results)
	}
	t.Now = m.config.Clock().UTC()
	t.arrange()
	return t.Detail, nil
}

// arrange puts the nodes in order and finds the critical path.
func (t *telling) arrange() {
	slices.SortStableFunc(t.Nodes, func(a, b Node) int {
		switch {
		case a.Started != nil && b.Started != nil:
			return a.Started.Compare(*b.Started)
		case a.Started != nil:
			return -1
		case b.Started != nil:
			return 1
		default:
			return 0
		}
	})
	path, seconds := critical(t.Nodes)
	if path != nil {
		t.CriticalPath, t.CriticalSeconds = path, seconds
	}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		n.Critical = slices.Contains(path, n.ID)
		if t.FirstFailure == "" && n.Status.Bad() && n.Cause == "" {
			t.FirstFailure = n.ID
		}
	}
}

// waiting tells of a run that has left no trace yet.
func (m *Manager) waiting(runID string) (Detail, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.queue {
		if j.id != runID {
			continue
		}
		t := newTelling()
		t.Summary, t.Args, t.Version, t.Now = j.summary(m.config, Queued), j.request.args(), m.config.Version, m.config.Clock().UTC()
		if j.child != nil {
			t.Status = journal.Running
		}
		return t.Detail, nil
	}
	return Detail{}, fmt.Errorf("run %s: %w", runID, ErrNotFound)
}

func (m *Manager) find(ctx context.Context, runID string) (run state.Run, err error) {
	err = m.look(ctx, func(s *state.Store) error {
		var found bool
		if run, found, err = s.Run(ctx, runID); err == nil && !found {
			err = fmt.Errorf("run %.40s: %w", runID, ErrNotFound)
		}
		return err
	})
	if err == nil && run.ID == "" {
		err = fmt.Errorf("run %.40s: %w", runID, ErrNotFound)
	}
	return run, err
}

// failed tells whether a run is the last one of its target that is over, and whether anything failed in it.
func (m *Manager) failed(ctx context.Context, run state.Run) (last, failed bool, err error) {
	err = m.look(ctx, func(s *state.Store) error {
		id, err := s.LastRun(ctx, run.Target)
		if err != nil {
			return err
		}
		results, err := s.Results(ctx, run.ID)
		last, failed = id == run.ID, anyBad(results)
		return err
	})
	return last, failed, err
}

func anyBad(results []state.NodeRecord) bool {
	return slices.ContainsFunc(results, func(r state.NodeRecord) bool { return r.Status.Bad() })
}

// look does something with the state store, and nothing where there is none yet.
func (m *Manager) look(ctx context.Context, do func(*state.Store) error) (err error) {
	store, err := state.OpenReadOnly(ctx, m.config.Home().State)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(store)
}

// Line is a line of a run's log.
type Line struct {
	Line  int    `json:"line" doc:"grows, not always by one"`
	At    string `json:"at" doc:"RFC 3339"`
	Level string `json:"level" doc:"debug, info, warn or error"`
	Text  string `json:"text"`
	Node  string `json:"node,omitempty" doc:"ID of the node or test it is about"`
}

// LogFilter says which lines are wanted.
type LogFilter struct {
	Level string // the least; empty: info
	Text  string // that the line has in it, in any case; empty: any
	After int    // only lines behind this one; 0: the last ones
	Limit int
}

// Log is a part of a run's log.
type Log struct {
	Lines []Line `json:"lines"`
	Last  int    `json:"last" doc:"number of the last line looked at; ask for what comes after it"`
	Ended bool   `json:"ended" doc:"nothing will come behind it"`
}

// Log gives the lines of a run's log, the oldest first.
func (m *Manager) Log(runID string, f LogFilter) (Log, error) {
	out := Log{Lines: []Line{}}
	if !pipeline.IsRunID(runID) {
		return out, fmt.Errorf("log of run %.40s: %w", runID, ErrNotFound)
	}
	events, err := journal.Read(m.config.Home().Journals, runID)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := m.waiting(runID); err == nil {
			return out, nil // it has said nothing yet
		}
		return out, fmt.Errorf("log of run %s: %w", runID, ErrNotFound)
	}
	if err != nil {
		return out, err
	}
	wanted := strings.ToLower(f.Text)
	out.Last = len(events)
	for i, e := range events {
		out.Ended = out.Ended || e.Ended != nil
		line, ok := lineOf(journal.Entry{RunID: runID, Line: i + 1, Event: e})
		if !ok || line.Line <= f.After || rank(line.Level) < rank(f.Level) || !strings.Contains(strings.ToLower(line.Text), wanted) {
			continue
		}
		out.Lines = append(out.Lines, line)
	}
	switch beyond := len(out.Lines) - f.Limit; {
	case beyond <= 0:
	case f.After == 0:
		out.Lines = out.Lines[beyond:]
	default:
		out.Last, out.Ended = out.Lines[f.Limit-1].Line, false
		out.Lines = out.Lines[:f.Limit]
	}
	return out, nil
}
