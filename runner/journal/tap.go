package journal

import (
	"github.com/rs/zerolog"

	"elt/runner"
)

// Hook writes the messages of a logger into the journal.
func (w *Writer) Hook() zerolog.Hook {
	return zerolog.HookFunc(func(_ *zerolog.Event, level zerolog.Level, message string) {
		if message != "" {
			w.Add(Event{Log: &Log{Level: level.String(), Message: message}})
		}
	})
}

// Observe writes what a run tells its observers. sql gives the SQL of a node, upstream what a test reads; either may be nil.
func (w *Writer) Observe(e runner.Event, sql func(id string) string, upstream func(id string) []string) {
	switch {
	case e.Planned != nil:
		w.Add(Event{Planned: planned(*e.Planned)})
	case e.Started != nil:
		started := &Started{ID: e.Started.ID, Kind: e.Started.Kind, Name: label(*e.Started)}
		if sql != nil {
			started.SQL = sql(started.ID)
		}
		w.Add(Event{Started: started})
	case e.Finished != nil:
		node := NodeOf(*e.Finished)
		if upstream != nil && (node.Kind == runner.KindTest || node.Kind == runner.KindUnitTest) {
			node.Upstream = upstream(node.ID)
		}
		w.Add(Event{Finished: node})
	case e.Retrying != nil:
		r := e.Retrying
		w.Add(Event{Retrying: &Retry{
			ID: r.ID, Name: r.Name, Attempt: r.Attempt, Of: r.Of, Delay: Seconds(r.Delay), Error: runner.ProblemOf(r.Err),
		}})
	case e.Written != nil:
		w.Add(Event{Written: &File{
			Path: e.Written.Path, Rows: e.Written.Rows, Bytes: e.Written.Bytes, Seconds: Seconds(e.Written.Elapsed),
		}})
	case e.Stage != "":
		w.Add(Event{Stage: e.Stage})
	}
}

func planned(p runner.Plan) []Planned {
	out := make([]Planned, len(p.Decisions))
	for i, d := range p.Decisions {
		out[i] = Planned{ID: d.ID, Kind: d.Kind, Name: label(d), Action: d.Action, Reason: d.Reason, Upstream: d.Upstream}
	}
	return out
}

// label is how people call a node.
func label(d runner.Decision) string {
	if d.Public.IsZero() {
		return d.Name
	}
	return d.Public.Bare()
}
