package artifact

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"elt/runner"
)

// configOf is the configuration of a node: every key that is set, and those that tools count on.
func configOf(n *runner.Node) map[string]any {
	out := encodable(n.Config.All)
	maps.Copy(out, map[string]any{
		"enabled": n.Config.Enabled, "materialized": configured(n), "schema": orNull(n.Config.Schema),
		"alias": orNull(n.Config.Alias), "tags": append([]string{}, n.Config.Tags...), "meta": orEmpty(n.Config.Meta),
		"group": orNull(n.Config.Group), "contract": map[string]any{"enforced": n.Config.Contract, "alias_types": true},
	})
	for key, hooks := range map[string][]string{"pre-hook": n.Config.PreHooks, "post-hook": n.Config.PostHooks} {
		delete(out, strings.ReplaceAll(key, "-", "_"))
		list := make([]map[string]any, len(hooks))
		for i, sql := range hooks {
			list[i] = map[string]any{"sql": sql, "transaction": true, "index": nil}
		}
		out[key] = list
	}
	switch n.Kind {
	case runner.KindModel:
		out["access"] = cmp.Or(n.Config.Access, "protected")
	case runner.KindSource, runner.KindTest:
		delete(out, "contract")
		delete(out, "pre-hook")
		delete(out, "post-hook")
	}
	return out
}

// given is the configuration as dbt compares it.
func given(n *runner.Node) map[string]any {
	if n.Config.Given == nil {
		return n.Config.All
	}
	return n.Config.Given
}

// encodable copies values, those that JSON cannot hold as text.
func encodable(values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for key, v := range values {
		switch v.(type) {
		case nil, string, bool, int, []string:
		default:
			if _, err := json.Marshal(v); err != nil {
				v = fmt.Sprint(v)
			}
		}
		out[key] = v
	}
	return out
}

func configured(n *runner.Node) any {
	switch n.Kind {
	case runner.KindTest:
		return "test"
	case runner.KindSeed:
		return string(runner.SeedTable)
	case runner.KindSource:
		return nil
	default:
		return string(n.Config.Materialized)
	}
}

func docsConfig(n *runner.Node) map[string]any {
	docs := map[string]any{"show": true, "node_color": nil}
	if set, ok := n.Config.All["docs"].(map[string]any); ok {
		maps.Copy(docs, encodable(set))
	}
	return docs
}
