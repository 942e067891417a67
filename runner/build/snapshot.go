package build

import (
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// A snapshot keeps every state that the rows of its query ever had, with the time from and to which it held (a slowly
// changing dimension of type 2). Columns and rules are dbt's, so that snapshots made by either mean the same.

// history is how a snapshot tells that a row changed, and what it records.
type history struct {
	name        string
	keys        keys
	updatedAt   string   // timestamp strategy: the column that says when a row changed
	checked     []string // check strategy: the columns compared; ["all"] for all
	hardDeletes string   // ignore, invalidate, new_record
	current     string   // dbt_valid_to_current: SQL of what valid_to is while a state holds; empty: null
	now         string   // SQL timestamp of the run

	scdID, validFrom, validTo, updated, deleted string // names of the columns added
}

func historyOf(name string, config map[string]any, now string) (history, error) {
	h := history{
		name: name, keys: keysOf(config), hardDeletes: "ignore", now: now,
		scdID: "dbt_scd_id", validFrom: "dbt_valid_from", validTo: "dbt_valid_to", updated: "dbt_updated_at", deleted: "dbt_is_deleted",
	}
	if renamed, ok := config["snapshot_meta_column_names"].(map[string]any); ok {
		for key, place := range map[string]*string{
			"dbt_scd_id": &h.scdID, "dbt_valid_from": &h.validFrom, "dbt_valid_to": &h.validTo, "dbt_updated_at": &h.updated, "dbt_is_deleted": &h.deleted,
		} {
			if text, ok := renamed[key].(string); ok {
				*place = text
			}
		}
	}
	if config["invalidate_hard_deletes"] == true {
		h.hardDeletes = "invalidate"
	}
	if text, ok := config["hard_deletes"].(string); ok {
		h.hardDeletes = text
	}
	h.current, _ = config["dbt_valid_to_current"].(string)
	h.updatedAt, _ = config["updated_at"].(string)
	h.checked = stringList(config["check_cols"])
	strategy, _ := config["strategy"].(string)
	strategies, deletes := []string{"timestamp", "check"}, []string{"ignore", "invalidate", "new_record"}
	switch {
	case h.keys.none():
		return h, configError(name, "a snapshot needs a unique_key", "", nil)
	case !slices.Contains(strategies, strategy):
		return h, configError(name, fmt.Sprintf("strategy %q of the snapshot is not known", strategy), strategy, strategies)
	case !slices.Contains(deletes, h.hardDeletes):
		return h, configError(name, fmt.Sprintf("hard_deletes %q is not known", h.hardDeletes), h.hardDeletes, deletes)
	case strategy == "timestamp" && h.updatedAt == "":
		return h, configError(name, "strategy timestamp needs updated_at", "", nil)
	case strategy == "check" && len(h.checked) == 0:
		return h, configError(name, "strategy check needs check_cols", "", nil)
	case strategy == "timestamp":
		h.checked = nil
	}
	return h, nil
}

// changedAt is when a row of the query came to be as it is.
func (h history) changedAt(alias string) string {
	if h.updatedAt != "" {
		return alias + "." + runner.Quote(h.updatedAt)
	}
	return h.now
}

func (h history) open() string {
	if h.current != "" {
		return h.current
	}
	return "cast(null as timestamp)"
}

// states are rows of the query as new states.
func (h history) states(alias string, columns []engine.Column, deleted string) string {
	list := make([]string, 0, len(columns)+5)
	for _, c := range columns {
		list = append(list, alias+"."+runner.Quote(c.Name))
	}
	return strings.Join(append(list, h.meta(alias, h.changedAt(alias), deleted)...), ",\n  ")
}

// meta are the columns that a snapshot adds, of a state that begins at from.
func (h history) meta(alias, from, deleted string) []string {
	parts := make([]string, 0, len(h.keys.names)+1)
	for _, key := range h.keys.names {
		parts = append(parts, fmt.Sprintf("coalesce(cast(%s.%s as varchar), '')", alias, runner.Quote(key)))
	}
	parts = append(parts, fmt.Sprintf("coalesce(cast(%s as varchar), '')", from))
	meta := []string{
		"md5(" + strings.Join(parts, " || '|' || ") + ") as " + runner.Quote(h.scdID),
		from + " as " + runner.Quote(h.updated),
		from + " as " + runner.Quote(h.validFrom),
		h.open() + " as " + runner.Quote(h.validTo),
	}
	if h.hardDeletes == "new_record" {
		meta = append(meta, runner.Literal(deleted)+" as "+runner.Quote(h.deleted))
	}
	return meta
}

// first is the query for a snapshot that begins.
func (h history) first(source runner.Relation, columns []engine.Column) string {
	h.keys = h.keys.of(columns)
	return fmt.Sprintf("select\n  %s\nfrom %s as new", h.states("new", columns, "False"), h.keys.rows(source))
}

// next is the query for all states, old and new. columns are those of the source that the snapshot has too, in the order
// of the snapshot.
func (h history) next(last runner.Relation, old []engine.Column, query runner.Relation, fresh []engine.Column) string {
	h.keys = h.keys.of(fresh)
	before, source := h.keys.rows(last), h.keys.rows(query)
	all := append(slices.Clone(old), missingFrom(old, fresh)...)
	data := h.withoutMeta(all)
	isOpen := fmt.Sprintf("old.%s is null", runner.Quote(h.validTo))
	if h.current != "" {
		isOpen = fmt.Sprintf("(%s or old.%s = %s)", isOpen, runner.Quote(h.validTo), h.current)
	}
	match := h.keys.match("old", "new")
	changed, alive := h.changed(data, old, fresh), isOpen
	if h.hardDeletes == "new_record" { // a row that comes back ends its deletion
		alive += fmt.Sprintf(" and old.%s = 'False'", runner.Quote(h.deleted))
		changed = fmt.Sprintf("(%s or old.%s = 'True')", changed, runner.Quote(h.deleted))
	}
	gone := fmt.Sprintf("not exists (select 1 from %s as new where %s)", source, match)
	ends := fmt.Sprintf("case\n    when %s and exists (select 1 from %s as new where %s and %s) then (select max(%s) from %s as new where %s)",
		isOpen, source, match, changed, h.changedAt("new"), source, match)
	if h.hardDeletes != "ignore" {
		ends += fmt.Sprintf("\n    when %s and %s then %s", alive, gone, h.now)
	}
	ends += fmt.Sprintf("\n    else old.%s\n  end as %s", runner.Quote(h.validTo), runner.Quote(h.validTo))

	kept := make([]string, len(all))
	for i, c := range all {
		switch {
		case strings.EqualFold(c.Name, h.validTo):
			kept[i] = ends
		case !hasColumn(old, c.Name):
			kept[i] = fmt.Sprintf("cast(null as %s) as %s", c.Type, runner.Quote(c.Name))
		default:
			kept[i] = "old." + runner.Quote(c.Name)
		}
	}
	parts := []string{
		fmt.Sprintf("select\n  %s\nfrom %s as old", strings.Join(kept, ",\n  "), before),
		fmt.Sprintf("select\n  %s\nfrom %s as new\nwhere not exists (\n  select 1 from %s as old where %s and %s and not (%s)\n)",
			h.arranged("new", all, fresh, "False"), source, before, match, isOpen, changed),
	}
	if h.hardDeletes == "new_record" {
		parts = append(parts, fmt.Sprintf("select\n  %s\nfrom %s as old\nwhere %s and %s", h.tombstone(all, old), before, alive, gone))
	}
	return strings.Join(parts, "\nunion all\n")
}

// changed is true for an open state whose row is not as it was.
func (h history) changed(data, old, fresh []engine.Column) string {
	if h.checked == nil {
		return fmt.Sprintf("old.%s < new.%s", runner.Quote(h.validFrom), runner.Quote(h.updatedAt))
	}
	var parts []string
	for _, c := range data {
		compared := len(h.checked) == 1 && h.checked[0] == "all" || containsFold(h.checked, c.Name)
		switch {
		case !compared || !hasColumn(fresh, c.Name):
		case !hasColumn(old, c.Name):
			parts = append(parts, fmt.Sprintf("new.%s is not null", runner.Quote(c.Name)))
		default:
			parts = append(parts, fmt.Sprintf("old.%s is distinct from new.%s", runner.Quote(c.Name), runner.Quote(c.Name)))
		}
	}
	if len(parts) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

func (h history) metaNames() []string {
	return []string{h.scdID, h.updated, h.validFrom, h.validTo, h.deleted}
}

func (h history) withoutMeta(columns []engine.Column) []engine.Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c engine.Column) bool { return containsFold(h.metaNames(), c.Name) })
}

// arranged are rows of the query as new states, in the order of all columns.
func (h history) arranged(alias string, all, fresh []engine.Column, deleted string) string {
	meta := h.meta(alias, h.changedAt(alias), deleted)
	return h.inOrder(all, meta, func(c engine.Column) string {
		if hasColumn(fresh, c.Name) {
			return alias + "." + runner.Quote(c.Name)
		}
		return fmt.Sprintf("cast(null as %s) as %s", c.Type, runner.Quote(c.Name))
	})
}

// tombstone is the state of a row that the query does not give any more.
func (h history) tombstone(all, old []engine.Column) string {
	return h.inOrder(all, h.meta("old", h.now, "True"), func(c engine.Column) string {
		if hasColumn(old, c.Name) {
			return "old." + runner.Quote(c.Name)
		}
		return fmt.Sprintf("cast(null as %s) as %s", c.Type, runner.Quote(c.Name))
	})
}

func (h history) inOrder(all []engine.Column, meta []string, data func(engine.Column) string) string {
	list := make([]string, len(all))
	for i, c := range all {
		if at := slices.IndexFunc(h.metaNames(), func(name string) bool { return strings.EqualFold(name, c.Name) }); at >= 0 && at < len(meta) {
			list[i] = meta[at]
			continue
		}
		list[i] = data(c)
	}
	return strings.Join(list, ",\n  ")
}
