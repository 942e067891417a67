package compile

import (
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// configObject is config in a template: called, it sets keys; config.get and config.require read them.
type configObject struct {
	s      *scope
	merged runner.Config
	test   *runner.Test // of a test; nil for others
	set    bool         // false: calls change nothing, because parsing has taken them over already

	read          bool // something was read
	changedBehind bool // and set after that, so that another render may read something else
}

func newConfigObject(s *scope) *configObject {
	n := s.node
	c := &configObject{s: s, merged: n.Config}
	c.merged.Tags = slices.Clone(n.Config.Tags)
	c.merged.Meta, c.merged.All = maps.Clone(n.Config.Meta), maps.Clone(n.Config.All)
	c.merged.Given = maps.Clone(n.Config.Given)
	c.merged.PreHooks, c.merged.PostHooks = slices.Clone(n.Config.PreHooks), slices.Clone(n.Config.PostHooks)
	if n.Test != nil {
		own := *n.Test
		c.test = &own
	}
	return c
}

// Call implements jinja.Caller.
func (c *configObject) Call(call *jinja.Call) (any, error) {
	given := call.Kwargs
	switch {
	case len(call.Args) == 1 && given.Len() == 0: // config({'materialized': 'table'})
		given, _ = call.Args[0].(*jinja.Dict)
		if given == nil {
			return nil, compileError("config takes keys with values, or one dict of them, not %s", jinja.Repr(call.Args[0]))
		}
	case len(call.Args) > 0:
		return nil, compileError("config takes keys with values, as in config(materialized='table')")
	}
	for _, key := range given.Keys() {
		value, _ := given.Get(key)
		if err := c.assign(jinja.ToString(key), value); err != nil {
			return nil, err
		}
	}
	return "", nil
}

func (c *configObject) assign(key string, value jinja.Value) error {
	if !c.set {
		return nil
	}
	c.changedBehind = c.changedBehind || c.read
	return c.apply(strings.ReplaceAll(strings.TrimPrefix(key, "+"), "-", "_"), value)
}

// Attr implements jinja.Object.
func (c *configObject) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "get", "meta_get":
		return jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("name"), jinja.Optional("default", nil), jinja.Optional("validator", nil))
			if err != nil {
				return nil, err
			}
			if v, ok := c.look(name == "meta_get", jinja.ToString(args[0])); ok {
				return v, nil
			}
			return args[1], nil
		}), true
	case "require", "meta_require":
		return jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("name"), jinja.Optional("validator", nil))
			if err != nil {
				return nil, err
			}
			key := jinja.ToString(args[0])
			if v, ok := c.look(name == "meta_require", key); ok {
				return v, nil
			}
			return nil, compileError("config.%s(%q): %s has no such configuration", name, key, c.s.node.Name)
		}), true
	case "set":
		return jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("name"), jinja.Required("value"))
			if err != nil {
				return nil, err
			}
			return "", c.assign(jinja.ToString(args[0]), args[1])
		}), true
	case "persist_relation_docs", "persist_column_docs":
		part := map[string]string{"persist_relation_docs": "relation", "persist_column_docs": "columns"}[name]
		return jinja.Func(func(*jinja.Call) (any, error) {
			docs, _ := c.merged.All["persist_docs"].(map[string]any)
			return docs[part] == true, nil
		}), true
	}
	if v, ok := c.look(false, name); ok {
		return v, true
	}
	return nil, false
}

// Item implements jinja.Itemer.
func (c *configObject) Item(key jinja.Value) (jinja.Value, bool) {
	return c.look(false, jinja.ToString(key))
}

func (c *configObject) look(meta bool, key string) (jinja.Value, bool) {
	c.read = true
	if meta {
		v, ok := c.merged.Meta[key]
		return jinja.FromGo(v), ok
	}
	return configValue(&c.merged, c.test, key)
}

// configValue is a key of a configuration; those that dbt always has are there with their defaults.
func configValue(config *runner.Config, test *runner.Test, key string) (jinja.Value, bool) {
	switch key {
	case "materialized":
		return string(config.Materialized), true
	case "enabled":
		return config.Enabled, true
	case "tags":
		return jinja.FromGo(config.Tags), true
	case "meta":
		meta := config.Meta
		if meta == nil {
			meta = map[string]any{}
		}
		return jinja.FromGo(meta), true
	case "schema":
		return orNone(config.Schema), true
	case "alias":
		return orNone(config.Alias), true
	case "group":
		return orNone(config.Group), true
	case "full_refresh":
		if config.FullRefresh == nil {
			return nil, true
		}
		return *config.FullRefresh, true
	case "contract":
		contract := jinja.NewDict()
		contract.Set("enforced", config.Contract)
		contract.Set("alias_types", true)
		return contract, true
	case "pre-hook", "pre_hook":
		return hookDicts(config.PreHooks), true
	case "post-hook", "post_hook":
		return hookDicts(config.PostHooks), true
	}
	if test != nil {
		if v, ok := testValue(test, key); ok {
			return v, true
		}
	}
	if v, ok := config.All[key]; ok {
		return jinja.FromGo(v), true
	}
	if v, ok := config.Meta[key]; ok {
		return jinja.FromGo(v), true
	}
	return usualValue(key)
}

func testValue(t *runner.Test, key string) (jinja.Value, bool) {
	switch key {
	case "severity":
		return string(t.Severity), true
	case "where":
		return orNone(t.Where), true
	case "warn_if":
		return orNone(t.WarnIf), true
	case "error_if":
		return orNone(t.ErrorIf), true
	case "store_failures":
		return t.StoreFailures, true
	case "limit":
		if t.Limit == 0 {
			return nil, true
		}
		return t.Limit, true
	case "fail_calc":
		if t.FailCalc == "" {
			return "count(*)", true
		}
		return t.FailCalc, true
	}
	return nil, false
}

// usualValue is what dbt gives for its own keys where nothing is set; a default of the caller's does not count there.
func usualValue(key string) (jinja.Value, bool) {
	switch key {
	case "unique_key", "incremental_strategy", "batch_size", "begin", "event_time", "database", "concurrent_batches", "freshness":
		return nil, true
	case "lookback":
		return 1, true
	case "on_schema_change":
		return "ignore", true
	case "on_configuration_change":
		return "apply", true
	case "access":
		return "protected", true
	case "column_types", "quoting", "grants", "persist_docs", "docs":
		return jinja.NewDict(), true
	case "packages":
		return jinja.NewList(), true
	}
	return nil, false
}

func orNone(text string) jinja.Value {
	if text == "" {
		return nil
	}
	return text
}

func hookDicts(hooks []string) *jinja.List {
	out := jinja.NewList()
	for _, sql := range hooks {
		d := jinja.NewDict()
		d.Set("sql", sql)
		d.Set("transaction", true)
		out.Items = append(out.Items, d)
	}
	return out
}
