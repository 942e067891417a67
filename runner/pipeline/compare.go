package pipeline

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// stateChecks are the values of state: that compare a node with what it was; was is nil for a new one.
func stateChecks() map[string]func(c comparison, was *earlierNode) bool {
	// parts of a node that only some kinds have
	part := func(has func(comparison) bool, same func(c comparison, was earlierNode) bool) func(comparison, *earlierNode) bool {
		return func(c comparison, was *earlierNode) bool { return has(c) && (was == nil || !same(c, *was)) }
	}
	return map[string]func(comparison, *earlierNode) bool{
		"new":                             func(_ comparison, was *earlierNode) bool { return was == nil },
		"old":                             func(_ comparison, was *earlierNode) bool { return was != nil },
		"modified":                        comparison.modified,
		"unmodified":                      func(c comparison, was *earlierNode) bool { return !c.modified(was) },
		"modified.body":                   part(comparison.hasCode, comparison.sameBody),
		"modified.configs":                part(comparison.isConfigured, comparison.sameConfig),
		"modified.persisted_descriptions": part(comparison.hasCode, comparison.samePersistedDescription),
		"modified.relation":               part(comparison.isNamed, comparison.sameRelation),
		"modified.macros":                 func(c comparison, _ *earlierNode) bool { return c.macroChanged(c.DependsOn.Macros, map[string]bool{}) },
		"modified.contract":               part(comparison.hasCode, comparison.sameContract),
	}
}

// comparison is a node as it is, with what is needed to compare it with what it was. What counts as a difference is what
// does so for dbt.
type comparison struct {
	earlierNode
	before, now *earlier
}

func (c comparison) hasCode() bool {
	return slices.Contains([]string{"model", "seed", "snapshot", "test"}, c.Kind)
}

func (c comparison) isConfigured() bool {
	return c.hasCode() || c.Kind == "source" || c.Kind == "exposure"
}
func (c comparison) isNamed() bool { return c.hasCode() || c.Kind == "source" }

func (c comparison) modified(was *earlierNode) bool {
	return was == nil || !c.sameContents(*was) || c.macroChanged(c.DependsOn.Macros, map[string]bool{})
}

func (c comparison) sameContents(was earlierNode) bool {
	same := slices.Equal(c.FQN, was.FQN)
	switch c.Kind {
	case "source":
		return same && c.sameRelation(was) && c.sameConfig(was) && c.LoadedAt == was.LoadedAt && reflect.DeepEqual(c.Freshness, was.Freshness)
	case "exposure":
		return same && c.Type == was.Type && reflect.DeepEqual(c.Owner, was.Owner) && c.Maturity == was.Maturity && c.URL == was.URL &&
			c.Description == was.Description && c.Label == was.Label && sameSet(c.DependsOn.Nodes, was.DependsOn.Nodes) && c.sameConfig(was)
	case "unit_test":
		return same && c.Model == was.Model && reflect.DeepEqual(c.Given, was.Given) && reflect.DeepEqual(c.Expect, was.Expect) &&
			reflect.DeepEqual(c.Overrides, was.Overrides)
	}
	if strings.HasPrefix(c.RawCode, "{{") && c.Kind == "test" { // a generic one
		return same && c.sameConfig(was)
	}
	same = same && c.sameBody(was) && c.sameConfig(was) && c.samePersistedDescription(was) && c.sameRelation(was) && c.sameContract(was)
	if c.Kind == "model" {
		same = same && reflect.DeepEqual(c.LatestVersion, was.LatestVersion) && c.Access == was.Access && c.Deprecated == was.Deprecated
	}
	return same
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func (c comparison) sameBody(was earlierNode) bool {
	if c.Kind == "seed" {
		return reflect.DeepEqual(c.Checksum, was.Checksum)
	}
	return c.RawCode == was.RawCode
}

// sameConfig compares what was configured, but for what only names or labels a node.
func (c comparison) sameConfig(was earlierNode) bool {
	if c.Kind == "test" {
		for _, key := range []string{"severity", "where", "limit", "fail_calc", "warn_if", "error_if", "store_failures", "store_failures_as", "sql_header"} {
			if !reflect.DeepEqual(c.Unrendered[key], was.Unrendered[key]) {
				return false
			}
		}
		return true
	}
	told := func(config map[string]any) map[string]any {
		out := maps.Clone(config)
		maps.DeleteFunc(out, func(key string, _ any) bool {
			return slices.Contains([]string{"alias", "schema", "database", "tags", "group"}, key)
		})
		return out
	}
	a, b := told(c.Unrendered), told(was.Unrendered)
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// samePersistedDescription compares descriptions where they are written into the warehouse.
func (c comparison) samePersistedDescription(was earlierNode) bool {
	if c.Config.PersistDocs["relation"] && c.Description != was.Description {
		return false
	}
	if !c.Config.PersistDocs["columns"] {
		return true
	}
	for name, column := range c.Columns {
		if was.Columns[name].Description != column.Description {
			return false
		}
	}
	return len(c.Columns) == len(was.Columns)
}

// sameRelation compares how a node is named by configuration, whatever comes of that in a target.
func (c comparison) sameRelation(was earlierNode) bool {
	if c.Kind == "source" {
		return c.Schema == was.Schema && c.Identifier == was.Identifier
	}
	for _, key := range []string{"database", "schema", "alias"} {
		if !reflect.DeepEqual(c.Unrendered[key], was.Unrendered[key]) {
			return false
		}
	}
	return true
}

func (c comparison) sameContract(was earlierNode) bool {
	if c.Kind != "model" || !c.Contract.Enforced && !was.Contract.Enforced {
		return true
	}
	if c.Contract.Enforced != was.Contract.Enforced || len(c.Columns) != len(was.Columns) || c.Config.Materialized != was.Config.Materialized {
		return false
	}
	for name, column := range c.Columns {
		other, ok := was.Columns[name]
		if !ok || other.DataType != column.DataType || !reflect.DeepEqual(other.Constraints, column.Constraints) {
			return false
		}
	}
	return reflect.DeepEqual(c.Constraints, was.Constraints)
}

// macroChanged tells whether one of the macros, or one that they call, is another one than before.
func (c comparison) macroChanged(ids []string, seen map[string]bool) bool {
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		now := c.now.macros[id]
		if was, known := c.before.macros[id]; !known || was.SQL != now.SQL || c.macroChanged(now.DependsOn.Macros, seen) {
			return true
		}
	}
	return false
}
