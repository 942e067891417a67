package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// previewRows is how many rows Preview gives.
const previewRows = 50

// question is a filter together with what it is asked of.
type question struct {
	facts
	reader *snapshot.Reader
	plan   plan
}

// ask answers a question about a filter, from the cache if it was asked before.
func (s *Service) ask(ctx context.Context, what string, f Filter, do func(context.Context, question) (any, error)) ([]byte, error) {
	reader, err := s.snapshots.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return s.askOf(ctx, reader, what, f, do)
}

func (s *Service) askOf(
	ctx context.Context, reader *snapshot.Reader, what string, f Filter, do func(context.Context, question) (any, error),
) ([]byte, error) {
	known, err := learn(ctx, reader)
	if err != nil {
		return nil, err
	}
	p, err := f.plan(known.choices)
	if err != nil {
		return nil, err
	}
	return s.keep(ctx, reader.Path+" "+what+" "+p.key(), func(ctx context.Context) (any, error) {
		return do(ctx, question{facts: known, reader: reader, plan: p})
	})
}

// Prepare answers ahead what everyone asks of a new snapshot.
func (s *Service) Prepare(ctx context.Context, r *snapshot.Reader) error {
	if _, err := s.askOf(ctx, r, "overview", Filter{}, overview); err != nil {
		return err
	}
	if _, err := s.askOf(ctx, r, "preview", Filter{}, preview); err != nil {
		return err
	}
	_, err := s.attribution(ctx, r)
	return err
}

// keep gives the JSON of what compute says, computing it once a key.
func (s *Service) keep(ctx context.Context, key string, compute func(context.Context) (any, error)) ([]byte, error) {
	return s.cache.Get(ctx, key, func(ctx context.Context) ([]byte, error) {
		answer, err := compute(ctx)
		if err != nil {
			return nil, err
		}
		return json.Marshal(answer)
	})
}

// learn gives the facts of a snapshot, which are read once.
func learn(ctx context.Context, r *snapshot.Reader) (facts, error) {
	known, err := r.Keep("dashboard facts", func() (any, error) {
		return readFacts(context.WithoutCancel(ctx), r) // for all who wait for it
	})
	f, _ := known.(facts)
	return f, err
}

// Choices gives what the filter can be set to. It is shared: do not change it.
func (s *Service) Choices(ctx context.Context) (Choices, error) {
	reader, err := s.snapshots.Acquire(ctx)
	if err != nil {
		return Choices{}, err
	}
	defer reader.Close()
	known, err := learn(ctx, reader)
	return known.choices, err
}

// Overview gives an Overview for the filter as JSON.
func (s *Service) Overview(ctx context.Context, f Filter) ([]byte, error) {
	return s.ask(ctx, "overview", f, overview)
}

func overview(ctx context.Context, q question) (any, error) {
	found, err := q.cube(ctx)
	if err != nil {
		return nil, err
	}
	return q.plan.overview(q.reader.RunID, found, q.channels), nil
}

// Preview gives a table.Table of the latest touchpoints that the filter leaves, as JSON.
func (s *Service) Preview(ctx context.Context, f Filter) ([]byte, error) {
	return s.ask(ctx, "preview", f, preview)
}

func preview(ctx context.Context, q question) (any, error) {
	t, _, err := table.Read(ctx, q.reader, fmt.Sprintf(
		"select * from %s\nwhere %s\norder by date desc, client_id, platform, campaign_id, clicks desc\nlimit %d",
		q.analytics, q.plan.where(q.plan.from, q.plan.to), previewRows), 0)
	return t, err
}

// Attribution gives an Attribution as JSON. A table whose model the project does not have is empty.
func (s *Service) Attribution(ctx context.Context) ([]byte, error) {
	reader, err := s.snapshots.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return s.attribution(ctx, reader)
}

func (s *Service) attribution(ctx context.Context, reader *snapshot.Reader) ([]byte, error) {
	return s.keep(ctx, reader.Path+" attribution", func(ctx context.Context) (any, error) {
		a := Attribution{RunID: reader.RunID}
		for _, part := range []struct {
			model string
			order string
			into  *table.Table
		}{{comparison, "scope, model, channel", &a.Comparison}, {lift, "channel, outcome, method", &a.Lift}} {
			*part.into = table.Table{Columns: []table.Column{}, Rows: [][]any{}}
			relation, err := find(ctx, reader, part.model, strings.Split(part.order, ", ")...)
			if errors.Is(err, ErrNoModel) {
				continue
			}
			if err == nil {
				*part.into, _, err = table.Read(ctx, reader, "select * from "+relation+" order by "+part.order, 0)
			}
			if err != nil {
				return nil, err
			}
		}
		return a, nil
	})
}
