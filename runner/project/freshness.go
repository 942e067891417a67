package project

import (
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

// freshnessKey is the freshness of a source or table. A table's goes over its source's part by part; null means none.
func freshnessKey() strict.Key[nodePatch] {
	keys := freshnessKeys()
	schema := keys.Schema("")
	return strict.Key[nodePatch]{
		Name: "freshness", Doc: "How old the newest row may be; nothing after the colon switches it off.", Schema: schema, Nulls: true,
		Read: func(r *strict.Reader, v *strict.Value, into *nodePatch) {
			if v.Kind == strict.Null {
				*into = append(*into, func(c *nodeConfig) {
					c.freshness = nil
					c.keep("freshness", nil)
				})
				return
			}
			var patch strict.Patch[runner.Freshness]
			if !keys.Into(r, v, &patch) {
				return
			}
			raw, _ := strict.Any(false).Read(r, v)
			*into = append(*into, func(c *nodeConfig) {
				f := runner.Freshness{}
				if c.freshness != nil {
					f = *c.freshness
				}
				patch.Apply(&f)
				c.freshness = &f
				c.keep("freshness", raw)
			})
		},
	}
}

func freshnessKeys() *strict.Object[strict.Patch[runner.Freshness]] {
	return &strict.Object[strict.Patch[runner.Freshness]]{
		What: "freshness",
		Keys: []strict.Key[strict.Patch[runner.Freshness]]{
			ageKey("warn_after", "Age of the newest row from which on there is a warning.",
				func(f *runner.Freshness) *time.Duration { return &f.WarnAfter }),
			ageKey("error_after", "Age of the newest row from which on there is an error.",
				func(f *runner.Freshness) *time.Duration { return &f.ErrorAfter }),
			strict.Setting("filter", "SQL condition; only rows for which it holds are looked at.", strict.Raw(),
				func(f *runner.Freshness, sql string) { f.Filter = sql }),
		},
	}
}

// ageKey is {count: 12, period: hour}; null takes the limit away.
func ageKey(name, doc string, field func(*runner.Freshness) *time.Duration) strict.Key[strict.Patch[runner.Freshness]] {
	type age struct {
		count  int
		period string
	}
	keys := strict.Object[age]{
		What: name,
		Keys: []strict.Key[age]{
			strict.FieldOf("count", "How many.", strict.Count(0), func(a *age) *int { return &a.count }).Needed(),
			strict.FieldOf("period", "Of what: minute, hour or day.", strict.Choice("minute", "hour", "day"),
				func(a *age) *string { return &a.period }).Needed(),
		},
	}
	shape := keys.Shape()
	schema := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{shape.Schema, {Type: "null"}}}
	return strict.Key[strict.Patch[runner.Freshness]]{
		Name: name, Doc: doc, Schema: schema, Nulls: true,
		Read: func(r *strict.Reader, v *strict.Value, into *strict.Patch[runner.Freshness]) {
			limit := time.Duration(0)
			if v.Kind != strict.Null && len(v.Fields) > 0 { // {} as dbt has it: no limit
				a, ok := shape.Read(r, v)
				if !ok {
					return
				}
				limit = time.Duration(a.count) * map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[a.period]
			}
			*into = append(*into, func(f *runner.Freshness) { *field(f) = limit })
		},
	}
}
