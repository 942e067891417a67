package runs

import (
	"context"

	"elt/runner"
	"elt/runner/journal"
)

// Publisher is where what happens is told: to open pages.
type Publisher interface {
	Publish(kind, run string, data any)
}

// NodeEvent tells that a node of a run began or ended.
type NodeEvent struct {
	RunID string `json:"run_id"`
	Node
}

// LogEvent is a line of a run's log.
type LogEvent struct {
	RunID string `json:"run_id"`
	Line
}

// Feed tells Config.Live what all runs do, whoever started them, until ctx ends: events "run" with a Summary, "node" with a
// NodeEvent and "log" with a LogEvent. ended, which may be nil, is called for each run that ended.
func (m *Manager) Feed(ctx context.Context, ended func(Detail)) error {
	to := m.config.Live
	active, err := journal.Active(m.config.Home().Journals)
	if err != nil {
		return err
	}
	m.mu.Lock()
	clear(m.seen)
	m.mu.Unlock()
	for _, id := range active {
		m.note(id, true)
	}
	tellings := map[string]*telling{}
	return journal.Follow(ctx, m.config.Home().Journals, func(e journal.Entry) {
		t := tellings[e.RunID]
		if t == nil {
			t = m.earlier(e)
			tellings[e.RunID] = t
			m.note(e.RunID, true)
		}
		t.add(e.Event)
		if line, ok := lineOf(e); ok {
			to.Publish("log", e.RunID, LogEvent{e.RunID, line})
		}
		switch {
		case e.Started != nil:
			to.Publish("node", e.RunID, t.nodeEvent(e.RunID, e.Started.ID))
		case e.Retrying != nil:
			to.Publish("node", e.RunID, t.nodeEvent(e.RunID, e.Retrying.ID))
		case e.Finished != nil:
			to.Publish("node", e.RunID, t.nodeEvent(e.RunID, e.Finished.ID))
		case e.Run != nil || e.Planned != nil || e.Stage != "":
			to.Publish("run", e.RunID, t.Summary)
		case e.Ended != nil:
			m.note(e.RunID, false)
			delete(tellings, e.RunID)
			to.Publish("run", e.RunID, t.Summary)
			if ended != nil {
				ended(t.Detail)
			}
		}
	})
}

// earlier is what was told of a run before an entry, for one that went on already when the following began.
func (m *Manager) earlier(e journal.Entry) *telling {
	t := newTelling()
	if e.Line == 1 {
		return t
	}
	events, err := journal.NewTail(m.config.Home().Journals, e.RunID).Next()
	if err != nil {
		return t // the rest is told all the same
	}
	for _, past := range events[:min(len(events), e.Line-1)] {
		t.add(past)
	}
	return t
}

// note remembers which runs go on.
func (m *Manager) note(runID string, goesOn bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if goesOn {
		m.seen[runID] = true
	} else {
		delete(m.seen, runID)
	}
}

// nodeEvent is a node as it stands, without its SQL, which may be long.
func (t *telling) nodeEvent(runID, id string) NodeEvent {
	i, known := t.place[id]
	if !known {
		return NodeEvent{RunID: runID, Node: Node{ID: id, Status: runner.StatusSkipped, Upstream: []string{}}}
	}
	n := t.Nodes[i]
	n.SQL = ""
	return NodeEvent{RunID: runID, Node: n}
}
