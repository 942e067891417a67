package build

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// An incremental model is the version before it plus what its SQL gives now. The new version is made whole, by one
// statement, beside the old one; so a failing statement or test leaves the old one as it was, and nobody sees it half done.

// growth is how the rows of an incremental model come together.
type growth struct {
	name     string
	strategy string // append, delete+insert, merge, microbatch
	keys     keys
	update   []string // merge: columns to take from the new row; empty: all
	keep     []string // merge: columns to keep from the old row
	filter   []string // incremental_predicates, on the old rows
	onChange string   // on_schema_change
}

func growthOf(name string, config map[string]any) (growth, error) {
	g := growth{name: name, onChange: "ignore"}
	g.keys = keysOf(config)
	g.update, g.keep = stringList(config["merge_update_columns"]), stringList(config["merge_exclude_columns"])
	g.filter = stringList(config["incremental_predicates"])
	if g.filter == nil {
		g.filter = stringList(config["predicates"])
	}
	if text, ok := config["on_schema_change"].(string); ok {
		g.onChange = text
	}
	g.strategy, _ = config["incremental_strategy"].(string)
	switch {
	case g.strategy == "" && !g.keys.none():
		g.strategy = "delete+insert"
	case g.strategy == "":
		g.strategy = "append"
	}
	strategies := []string{"append", "delete+insert", "merge", "microbatch"}
	changes := []string{"ignore", "fail", "append_new_columns", "sync_all_columns"}
	switch {
	case !slices.Contains(strategies, g.strategy):
		return g, configError(name, fmt.Sprintf("incremental_strategy %q is not known", g.strategy), g.strategy, strategies)
	case !slices.Contains(changes, g.onChange):
		return g, configError(name, fmt.Sprintf("on_schema_change %q is not known", g.onChange), g.onChange, changes)
	case g.strategy == "merge" && g.keys.none():
		return g, configError(name, "incremental_strategy merge needs a unique_key", "", nil)
	}
	return g, nil
}

func configError(name, msg, given string, known []string) error {
	e := &runner.Error{Code: runner.CodeConfig, Msg: name + ": " + msg, Hint: runner.DidYouMean(given, known)}
	if e.Hint == "" && len(known) > 0 {
		e.Hint = "known are " + strings.Join(known, ", ")
	}
	return e
}

// stringList takes a string or a list of strings, as configuration has them.
func stringList(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var out []string
		for _, item := range v {
			out = append(out, fmt.Sprint(item))
		}
		return out
	}
	return nil
}

// sql is the query for the rows of the new version, from those of the one before and the increment: a relation that
// holds what the model's SQL gives.
func (g growth) sql(last runner.Relation, old []engine.Column, rows runner.Relation, fresh []engine.Column) (string, error) {
	g.keys = g.keys.of(fresh)
	before, increment := g.keys.rows(last), g.keys.rows(rows)
	columns, err := g.columns(old, fresh)
	if err != nil {
		return "", err
	}
	kept := fmt.Sprintf("select %s\nfrom %s as old", selectList(columns, old, "old"), before)
	added := fmt.Sprintf("select %s\nfrom %s as new", selectList(columns, fresh, "new"), increment)
	if g.strategy == "append" || g.keys.none() {
		return kept + "\nunion all\n" + added, nil
	}
	onOld, onBoth := g.predicates()
	replaced := fmt.Sprintf("%s and exists (\n  select 1 from %s as new where %s\n)", onOld, increment, g.keys.match("old", "new")+onBoth)
	if g.strategy == "merge" && (len(g.update) > 0 || len(g.keep) > 0) {
		return g.merged(columns, old, fresh, before, increment, replaced)
	}
	return kept + "\nwhere not (" + replaced + ")\nunion all\n" + added, nil
}

// merged keeps some columns of the old row where a new one takes its place.
func (g growth) merged(columns, old, fresh []engine.Column, before, increment, replaced string) (string, error) {
	list := make([]string, len(columns))
	for i, c := range columns {
		from := "new"
		if len(g.update) > 0 && !containsFold(g.update, c.Name) || containsFold(g.keep, c.Name) || !hasColumn(fresh, c.Name) {
			from = "old"
		}
		list[i] = from + "." + runner.Quote(c.Name)
	}
	onOld, onBoth := g.predicates()
	same := g.keys.match("old", "new") + onBoth
	return strings.Join([]string{
		fmt.Sprintf("select %s\nfrom %s as old\nwhere not (%s)", selectList(columns, old, "old"), before, replaced),
		fmt.Sprintf("select %s\nfrom (select * from %s as old where %s) as old\njoin %s as new on %s",
			strings.Join(list, ", "), before, onOld, increment, same),
		fmt.Sprintf("select %s\nfrom %s as new\nwhere not exists (\n  select 1 from %s as old where %s and %s\n)",
			selectList(columns, fresh, "new"), increment, before, onOld, same),
	}, "\nunion all\n"), nil
}

// Names that dbt gives the old rows and the new ones in incremental_predicates.
var (
	oldRows = regexp.MustCompile(`(?i)\b(dbt_internal_dest|dbt_incremental_target)\b`)
	newRows = regexp.MustCompile(`(?i)\bdbt_internal_source\b`)
)

// predicates are incremental_predicates: those on old rows alone, as a condition; and those that name the new ones, too,
// to be added to one.
func (g growth) predicates() (onOld, onBoth string) {
	onOld = "1 = 1"
	for _, predicate := range g.filter {
		text := oldRows.ReplaceAllString(newRows.ReplaceAllString(predicate, "new"), "old")
		if newRows.MatchString(predicate) {
			onBoth += " and (" + text + ")"
		} else {
			onOld += " and coalesce(" + text + ", false)"
		}
	}
	return onOld, onBoth
}

// columns are those of the new version, after on_schema_change.
func (g growth) columns(old, fresh []engine.Column) ([]engine.Column, error) {
	added, removed := missingFrom(old, fresh), missingFrom(fresh, old)
	switch {
	case len(added) == 0 && len(removed) == 0:
		return old, nil
	case g.onChange == "fail":
		return nil, &runner.Error{
			Code: runner.CodeModel, Msg: fmt.Sprintf("build %s: its columns changed: %s", g.name, changeText(added, removed)),
			Hint: "run with --full-refresh, or set on_schema_change to append_new_columns or sync_all_columns",
		}
	case g.onChange == "append_new_columns":
		return append(slices.Clone(old), added...), nil
	case g.onChange == "sync_all_columns":
		kept := slices.DeleteFunc(slices.Clone(old), func(c engine.Column) bool { return hasColumn(removed, c.Name) })
		return append(kept, added...), nil
	default: // ignore: new columns are left out; one that the SQL lacks cannot be filled
		if len(removed) > 0 {
			return nil, &runner.Error{
				Code: runner.CodeModel, Msg: fmt.Sprintf("build %s: its SQL lacks columns that the table has: %s", g.name, names(removed)),
				Hint: "run with --full-refresh, or set on_schema_change to sync_all_columns",
			}
		}
		return old, nil
	}
}

// selectList selects columns in order from a relation that has some of them; the others are NULL of their type.
func selectList(columns, from []engine.Column, alias string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = alias + "." + runner.Quote(c.Name)
		if !hasColumn(from, c.Name) {
			list[i] = fmt.Sprintf("cast(null as %s) as %s", c.Type, runner.Quote(c.Name))
		}
	}
	return strings.Join(list, ", ")
}

func missingFrom(has, wanted []engine.Column) []engine.Column {
	var missing []engine.Column
	for _, c := range wanted {
		if !hasColumn(has, c.Name) {
			missing = append(missing, c)
		}
	}
	return missing
}

func hasColumn(columns []engine.Column, name string) bool {
	return slices.ContainsFunc(columns, func(c engine.Column) bool { return strings.EqualFold(c.Name, name) })
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

func names(columns []engine.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return strings.Join(list, ", ")
}

func changeText(added, removed []engine.Column) string {
	var parts []string
	if len(added) > 0 {
		parts = append(parts, "added "+names(added))
	}
	if len(removed) > 0 {
		parts = append(parts, "removed "+names(removed))
	}
	return strings.Join(parts, "; ")
}
