package console

import (
	"context"

	"elt/runner/engine"
	"elt/runner/web/table"
)

// Relation is a table or view that queries can name.
type Relation struct {
	Schema  string         `json:"schema"`
	Name    string         `json:"name"`
	Bare    bool           `json:"bare" doc:"its name alone will do"`
	Columns []table.Column `json:"columns"`
}

// ReadSchema gives what there is in a snapshot. The views in schema main, which let relations go by their name alone, are
// told as Bare of what they show.
func ReadSchema(ctx context.Context, q engine.Querier) ([]Relation, error) {
	rows, err := q.Query(ctx, `select table_schema, table_name, column_name, data_type
from information_schema.columns
where table_catalog = current_database() and table_schema not in ('information_schema', 'pg_catalog')
order by case when table_schema = 'main' then 1 else 0 end, table_schema, table_name, ordinal_position`)
	if err != nil {
		return nil, err
	}
	all, first := []Relation{}, map[string]int{} // the place of the first relation of a name
	err = engine.Each(rows, func(row []any) error {
		var text [4]string
		for i := range text {
			text[i], _ = row[i].(string)
		}
		schema, name, column := text[0], text[1], table.Column{Name: text[2], Type: text[3]}
		at, known := first[name]
		switch {
		case schema == "main" && known && all[at].Schema != "main":
			all[at].Bare = true
			return nil
		case len(all) == 0 || all[len(all)-1].Schema != schema || all[len(all)-1].Name != name:
			all = append(all, Relation{Schema: schema, Name: name, Bare: schema == "main"})
			if !known {
				first[name] = len(all) - 1
			}
		}
		last := &all[len(all)-1]
		last.Columns = append(last.Columns, column)
		return nil
	})
	return all, err
}
