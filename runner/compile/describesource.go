package compile

import (
	"maps"
	"time"

	"elt/runner"
)

// freshnessDict is the rule of a source as its files put it, nil where they say that it has none; a limit that is not set
// has neither count nor period.
func freshnessDict(source *runner.Source) any {
	given, set := source.Config.Given["freshness"]
	if source.Freshness == nil && set {
		return nil
	}
	rule := runner.Freshness{}
	if source.Freshness != nil {
		rule = *source.Freshness
	}
	out := map[string]any{"warn_after": limitDict(rule.WarnAfter), "error_after": limitDict(rule.ErrorAfter), "filter": none(rule.Filter)}
	if own, ok := given.(map[string]any); ok {
		maps.Copy(out, own)
	}
	return out
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

// describeExposure adds to an exposure what it alone has.
func describeExposure(node map[string]any, e *runner.Exposure) {
	node["type"], node["label"], node["url"], node["maturity"] = e.Type, none(e.Label), none(e.URL), none(e.Maturity)
	node["owner"] = map[string]any{"name": none(e.Owner), "email": none(e.OwnerEmail)}
}
