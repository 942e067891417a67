package dashboard

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/web/kind"
)

// The models that the overview reads, by the name people give them.
const (
	analytics  = "marketing_analytics"
	channels   = "channels" // platform, channel
	comparison = "attribution_comparison"
	lift       = "channel_lift"
)

// needed are the columns of marketing_analytics that the overview reads.
var needed = []string{
	"client_id", "date", "platform", "campaign_id", "clicks", "impressions", "spend_usd", "emails_sent", "sessions", "pageviews",
	"attributed_revenue_from_source_usd",
}

// facts are what all questions about one snapshot need to know.
type facts struct {
	analytics string            // the relation, as SQL
	channels  map[string]string // by platform; empty where the project does not say
	choices   Choices
	cells     *cells // nil where there are too many
}

// readFacts learns them. A project without marketing_analytics is ErrNoModel.
func readFacts(ctx context.Context, q engine.Querier) (facts, error) {
	var f facts
	var err error
	if f.analytics, err = find(ctx, q, analytics, needed...); err != nil {
		return f, err
	}
	relation, err := find(ctx, q, channels, "platform", "channel")
	if err != nil && !errors.Is(err, ErrNoModel) {
		return f, err
	}
	if f.channels, err = readChannels(ctx, q, relation); err != nil {
		return f, err
	}
	if f.choices, err = readChoices(ctx, q, f.analytics); err != nil {
		return f, err
	}
	f.cells, err = readCells(ctx, q, f.analytics, f.choices)
	return f, err
}

// find gives the relation of a model, as SQL. A model that is not in the snapshot, or is another one of the same name
// without the columns, is ErrNoModel.
func find(ctx context.Context, q engine.Querier, name string, columns ...string) (string, error) {
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
			Hint: "the charts of the overview are made of it",
		})
	case len(missing) > 0:
		return "", kind.Of(ErrNoModel, &runner.Error{
			Code: runner.CodeState, Msg: fmt.Sprintf("the published %s has no column %s", name, strings.Join(missing, ", ")),
			Hint: "the charts of the overview are made of it",
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
