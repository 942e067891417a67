package export

import (
	"context"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// ordered is the query for the rows of a table in total order: what OrderBy says, then all other columns.
func ordered(ctx context.Context, e engine.Inspector, t Table) (string, error) {
	_, keys, err := layout(ctx, e, t)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("select *\nfrom %s as t\norder by %s", t.Source, strings.Join(keys, ", ")), nil
}

// layout gives the columns of a table, and the sort keys that make a total order of its rows.
func layout(ctx context.Context, e engine.Inspector, t Table) ([]engine.Column, []string, error) {
	columns, err := e.Describe(ctx, "select * from "+t.Source.String())
	if err != nil {
		return nil, nil, fmt.Errorf("look at %s: %w", t.Public.Bare(), err)
	}
	keys, err := orderKeys(t, columns)
	return columns, keys, err
}

// orderKeys are the sort keys of a table, every column once. NULL comes last, either way.
func orderKeys(t Table, columns []engine.Column) ([]string, error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	used := make([]bool, len(columns))
	var keys []string
	for _, text := range t.OrderBy {
		name, direction := splitOrder(text)
		at := indexFold(names, name)
		if at < 0 {
			hint := runner.DidYouMean(name, names)
			if hint == "" {
				hint = "its columns are " + strings.Join(names, ", ")
			}
			return nil, &runner.Error{
				Code: runner.CodeConfig, Msg: fmt.Sprintf("order_by of %s: there is no column %q", t.Name, name), Hint: hint,
			}
		}
		if !used[at] {
			used[at] = true
			keys = append(keys, sortKey(names[at], direction))
		}
	}
	for i, name := range names {
		if !used[i] {
			keys = append(keys, sortKey(name, "asc"))
		}
	}
	return keys, nil
}

func sortKey(name, direction string) string { return qualified(name) + " " + direction + " nulls last" }

// qualified is a column of the source, which a cast of the same name in the select list must not be taken for.
func qualified(name string) string { return "t." + runner.Quote(name) }

// splitOrder reads "column", "column asc" and "column desc"; the name may have double quotes around it.
func splitOrder(text string) (name, direction string) {
	name, direction = strings.TrimSpace(text), "asc"
	if at := strings.LastIndexAny(name, " \t"); at > 0 {
		if last := strings.ToLower(name[at+1:]); last == "asc" || last == "desc" {
			name, direction = strings.TrimSpace(name[:at]), last
		}
	}
	if len(name) > 2 && name[0] == '"' && name[len(name)-1] == '"' {
		name = strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
	}
	return name, direction
}

// indexFold finds a name whatever its case, preferring an exact match; -1 if there is none.
func indexFold(names []string, wanted string) int {
	found := -1
	for i, name := range names {
		if name == wanted {
			return i
		}
		if found < 0 && strings.EqualFold(name, wanted) {
			found = i
		}
	}
	return found
}
