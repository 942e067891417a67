package build

import (
	"fmt"
	"regexp"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// keys is the unique_key of an incremental model or a snapshot: columns, or, as dbt allows, one expression over columns.
type keys struct {
	names      []string
	expression string // what the only name stands for; empty: columns
}

func keysOf(config map[string]any) keys { return keys{names: stringList(config["unique_key"])} }

func (k keys) none() bool { return len(k.names) == 0 }

// plainColumn is what can only be the name of a column.
var plainColumn = regexp.MustCompile(`^\w+$`)

// keyColumn is what an expression is called in rows.
const keyColumn = "dbt_unique_key"

// of tells columns from an expression, knowing the columns of the query.
func (k keys) of(columns []engine.Column) keys {
	if len(k.names) != 1 || k.expression != "" || plainColumn.MatchString(k.names[0]) || hasColumn(columns, k.names[0]) {
		return k
	}
	return keys{names: []string{keyColumn}, expression: k.names[0]}
}

// rows is what to select from so that every key is a column.
func (k keys) rows(r runner.Relation) string {
	if k.expression == "" {
		return r.String()
	}
	return fmt.Sprintf("(select *, %s as %s from %s)", k.expression, keyColumn, r)
}

func (k keys) match(a, b string) string {
	parts := make([]string, len(k.names))
	for i, key := range k.names {
		parts[i] = fmt.Sprintf("%s.%s = %s.%s", a, runner.Quote(key), b, runner.Quote(key))
	}
	return strings.Join(parts, " and ")
}
