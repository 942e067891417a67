package artifact

import (
	"cmp"
	"maps"
	"slices"

	"elt/runner"
	"elt/runner/compile"
)

func (m nodeMaker) source(source *runner.Source) manifestSource {
	out := manifestSource{
		commonNode: m.common(&source.Node), SourceName: source.Source,
		Identifier: cmp.Or(m.call.Relations[source.ID].Name, source.Public.Name, source.Config.Alias, source.Name),
		SourceMeta: map[string]any{}, LoadedAt: orNull(source.LoadedAt), Quoting: map[string]any{},
	}
	if m.call.Relations[source.ID].IsZero() {
		out.Schema = cmp.Or(source.Public.Schema, source.Config.Schema, source.Source)
	}
	if source.Load != nil {
		out.Loader = "elt"
	}
	if query, ok := source.Config.All["loaded_at_query"].(string); ok {
		out.LoadedAt, out.LoadedBy = nil, orNull(query)
	}
	delete(out.Config, "materialized")
	maps.Copy(out.Unrendered, map[string]any{"loaded_at_field": out.LoadedAt, "loaded_at_query": out.LoadedBy, "meta": out.Meta})
	out.Freshness = compile.FreshnessOf(source)
	if source.Freshness != nil {
		out.Unrendered["freshness"] = out.Freshness
	}
	tags := slices.Clone(out.Tags)
	slices.Reverse(tags) // dbt begins with those of the table
	out.Unrendered["tags"] = tags
	if out.Schema != source.Source { // else it is not said
		out.GivenSchema = &out.Schema
	}
	return out
}
