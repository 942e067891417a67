package compile

import (
	"maps"
	"time"

	"elt/runner"
)

// FreshnessOf is the rule of a source as its files put it, with what it inherits, in dbt's form; nil where they say that it
// has none.
func FreshnessOf(source *runner.Source) any {
	given, set := source.Config.Given["freshness"]
	switch {
	case source.Freshness == nil && set:
		return nil
	case source.Freshness == nil:
		return Criteria(runner.Freshness{})
	}
	out := Criteria(*source.Freshness)
	if own, ok := given.(map[string]any); ok {
		maps.Copy(out, own)
	}
	return out
}

// Criteria is a rule in dbt's form: warn_after, error_after and filter. A limit that is not set has neither count nor period.
func Criteria(f runner.Freshness) map[string]any {
	return map[string]any{"warn_after": limitDict(f.WarnAfter), "error_after": limitDict(f.ErrorAfter), "filter": none(f.Filter)}
}

// limitDict writes a duration in the largest of dbt's periods that divides it.
func limitDict(d time.Duration) map[string]any {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return map[string]any{"count": nil, "period": nil}
	case d%day == 0:
		return map[string]any{"count": int64(d / day), "period": "day"}
	case d%time.Hour == 0:
		return map[string]any{"count": int64(d / time.Hour), "period": "hour"}
	}
	return map[string]any{"count": int64(d / time.Minute), "period": "minute"}
}
