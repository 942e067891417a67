package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/web/kind"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// The models that the overview reads, by the name people give them.
const (
	analytics  = "marketing_analytics"
	channels   = "channels" // platform, channel
	comparison = "attribution_comparison"
	lift       = "channel_lift"
)

// previewRows is how many rows Preview gives.
const previewRows = 50

// needed are the columns of marketing_analytics that the overview reads.
var needed = []string{
	"client_id", "date", "platform", "campaign_id", "clicks", "impressions", "spend_usd", "emails_sent", "sessions", "pageviews",
	"attributed_revenue_from_source_usd",
}

// question is a filter together with what it is asked of.
type question struct {
	reader    *snapshot.Reader
	plan      plan
	analytics string // the relation, as SQL
	channels  string // empty where the project has none
}

// ask answers a question about a filter, from the cache if it was asked before.
func (s *Service) ask(ctx context.Context, what string, f Filter, do func(context.Context, question) (any, error)) ([]byte, error) {
	choices, err := s.Choices(ctx)
	if err != nil {
		return nil, err
	}
	p, err := f.plan(choices)
	if err != nil {
		return nil, err
	}
	return s.keep(ctx, what+" "+p.key(), func(ctx context.Context, r *snapshot.Reader) (any, error) {
		q := question{reader: r, plan: p}
		if q.analytics, err = s.find(ctx, r, analytics, needed...); err != nil {
			return nil, err
		}
		if q.channels, err = s.find(ctx, r, channels, "platform", "channel"); err != nil && !errors.Is(err, ErrNoModel) {
			return nil, err
		}
		return do(ctx, q)
	})
}

// keep gives the JSON of what compute says about the current snapshot, computing it once a snapshot and key.
func (s *Service) keep(ctx context.Context, key string, compute func(context.Context, *snapshot.Reader) (any, error)) ([]byte, error) {
	reader, err := s.snapshots.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return s.cache.Get(ctx, reader.Path+" "+key, func(ctx context.Context) ([]byte, error) {
		answer, err := compute(ctx, reader)
		if err != nil {
			return nil, err
		}
		return json.Marshal(answer)
	})
}

// find gives the relation of a model, as SQL. A model that is not in the snapshot, or is another one of the same name
// without the columns, is ErrNoModel.
func (s *Service) find(ctx context.Context, q engine.Querier, name string, columns ...string) (string, error) {
	schema, found, err := lookUp(ctx, q, name)
	if err != nil {
		return "", err
	}
	var missing []string
	for _, c := range columns {
		if !found[c] {
			missing = append(missing, c)
		}
	}
	switch {
	case len(found) == 0:
		return "", kind.Of(ErrNoModel, &runner.Error{
			Code: runner.CodeState, Msg: "the project publishes no model " + name,
			Hint: "the overview needs it; reports, runs and SQL work without",
		})
	case len(missing) > 0:
		return "", kind.Of(ErrNoModel, &runner.Error{
			Code: runner.CodeState, Msg: fmt.Sprintf("the published %s has no column %s", name, strings.Join(missing, ", ")),
			Hint: "the overview needs it; reports, runs and SQL work without",
		})
	}
	return runner.Relation{Schema: schema, Name: name}.String(), nil
}

// lookUp gives the schema and the columns of a model of the snapshot; no columns where there is none. The bare name of
// a relation is a view in schema main, which only repeats it.
func lookUp(ctx context.Context, q engine.Querier, name string) (schema string, columns map[string]bool, err error) {
	rows, err := q.Query(ctx, `select table_schema, column_name
from information_schema.columns
where table_catalog = current_database() and table_name = `+runner.Literal(name)+`
order by case when table_schema = 'main' then 1 else 0 end, table_schema`)
	if err != nil {
		return "", nil, err
	}
	columns = map[string]bool{}
	err = engine.Each(rows, func(row []any) error {
		in, _ := row[0].(string)
		if schema == "" {
			schema = in
		}
		if column, ok := row[1].(string); ok && in == schema {
			columns[column] = true
		}
		return nil
	})
	return schema, columns, err
}

// Choices gives what the filter can be set to.
func (s *Service) Choices(ctx context.Context) (Choices, error) {
	c := Choices{Clients: []Client{}, Platforms: []string{}}
	text, err := s.keep(ctx, "choices", func(ctx context.Context, r *snapshot.Reader) (any, error) {
		relation, err := s.find(ctx, r, analytics, needed...)
		if err != nil {
			return nil, err
		}
		return readChoices(ctx, r, relation)
	})
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}

func readChoices(ctx context.Context, q engine.Querier, relation string) (Choices, error) {
	c := Choices{Clients: []Client{}, Platforms: []string{}}
	row, err := engine.One(ctx, q, "select cast(min(date) as varchar), cast(max(date) as varchar) from "+relation)
	if err != nil {
		return c, err
	}
	c.MinDate, _ = row[0].(string)
	c.MaxDate, _ = row[1].(string)
	lists := []struct {
		sql string
		add func(row []any)
	}{
		{
			"select client_id, max(name) from " + relation + " group by client_id order by client_id",
			func(row []any) {
				id, _ := row[0].(string)
				name, _ := row[1].(string)
				c.Clients = append(c.Clients, Client{ID: id, Name: name})
			},
		},
		{
			"select distinct platform from " + relation + " where platform is not null order by platform",
			func(row []any) { c.Platforms = append(c.Platforms, row[0].(string)) },
		},
	}
	for _, l := range lists {
		rows, err := q.Query(ctx, l.sql)
		if err != nil {
			return c, err
		}
		if err := engine.Each(rows, func(row []any) error { l.add(row); return nil }); err != nil {
			return c, err
		}
	}
	return c, nil
}

func readChannels(ctx context.Context, q engine.Querier, relation string) (map[string]string, error) {
	byPlatform := map[string]string{}
	if relation == "" {
		return byPlatform, nil
	}
	rows, err := q.Query(ctx, "select platform, channel from "+relation)
	if err != nil {
		return nil, err
	}
	return byPlatform, engine.Each(rows, func(row []any) error {
		platform, _ := row[0].(string)
		byPlatform[platform], _ = row[1].(string)
		return nil
	})
}

// Preview gives a table.Table of the latest touchpoints that the filter leaves, as JSON.
func (s *Service) Preview(ctx context.Context, f Filter) ([]byte, error) {
	return s.ask(ctx, "preview", f, func(ctx context.Context, q question) (any, error) {
		t, _, err := table.Read(ctx, q.reader, fmt.Sprintf("select * from %s\nwhere %s\norder by date desc, client_id, platform, campaign_id, clicks desc\nlimit %d",
			q.analytics, q.plan.where(q.plan.from, q.plan.to), previewRows), 0)
		return t, err
	})
}

// Attribution gives an Attribution as JSON. A table whose model the project does not have is empty.
func (s *Service) Attribution(ctx context.Context) ([]byte, error) {
	return s.keep(ctx, "attribution", func(ctx context.Context, r *snapshot.Reader) (any, error) {
		a := Attribution{RunID: r.RunID}
		for _, part := range []struct {
			model string
			order string
			into  *table.Table
		}{{comparison, "scope, model, channel", &a.Comparison}, {lift, "channel, outcome, method", &a.Lift}} {
			*part.into = table.Table{Columns: []table.Column{}, Rows: [][]any{}}
			relation, err := s.find(ctx, r, part.model, strings.Split(part.order, ", ")...)
			if errors.Is(err, ErrNoModel) {
				continue
			}
			if err == nil {
				*part.into, _, err = table.Read(ctx, r, "select * from "+relation+" order by "+part.order, 0)
			}
			if err != nil {
				return nil, err
			}
		}
		return a, nil
	})
}
