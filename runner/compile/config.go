package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// configObject is config in a template: called, it sets keys; config.get and config.require read them.
type configObject struct {
	merged runner.Config
	test   *runner.Test // of a singular test; nil for models
	keys   map[string]jinja.Value
	set    bool // false: calls change nothing, because parsing has taken them over already
}

func newConfigObject(n *Node, parsed bool) *configObject {
	c := &configObject{merged: n.Config, keys: map[string]jinja.Value{}, set: !parsed}
	c.merged.Tags = slices.Clone(n.Config.Tags)
	c.merged.Meta = maps.Clone(n.Config.Meta)
	if n.Test != nil {
		own := *n.Test
		c.test = &own
	}
	return c
}

// Call implements jinja.Caller.
func (c *configObject) Call(call *jinja.Call) (any, error) {
	given := call.Kwargs
	if len(call.Args) == 1 { // config({'materialized': 'table'})
		given, _ = call.Args[0].(*jinja.Dict)
	}
	if given == nil {
		return "", nil
	}
	for _, key := range given.Keys() {
		name := jinja.ToString(key)
		value, _ := given.Get(key)
		c.keys[name] = value
		if !c.set {
			continue
		}
		if err := c.apply(name, value); err != nil {
			return nil, err
		}
	}
	return "", nil
}

// Attr implements jinja.Object.
func (c *configObject) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "get":
		return jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("name"), jinja.Optional("default", nil), jinja.Optional("validator", nil))
			if err != nil {
				return nil, err
			}
			if v, ok := c.value(jinja.ToString(args[0])); ok {
				return v, nil
			}
			return args[1], nil
		}), true
	case "require":
		return jinja.Func(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("name"), jinja.Optional("validator", nil))
			if err != nil {
				return nil, err
			}
			key := jinja.ToString(args[0])
			if v, ok := c.value(key); ok {
				return v, nil
			}
			return nil, compileError("config.require(%q): the model has no such configuration", key)
		}), true
	}
	return nil, false
}

// value is a key as set in the file itself, or as merged from YAML.
func (c *configObject) value(key string) (jinja.Value, bool) {
	if v, ok := c.keys[key]; ok {
		return v, true
	}
	switch key {
	case "materialized":
		return string(c.merged.Materialized), c.merged.Materialized != ""
	case "schema":
		return c.merged.Schema, c.merged.Schema != ""
	case "alias":
		return c.merged.Alias, c.merged.Alias != ""
	case "enabled":
		return c.merged.Enabled, true
	case "tags":
		return jinja.FromGo(c.merged.Tags), true
	case "meta":
		return jinja.FromGo(c.merged.Meta), true
	}
	v, ok := c.merged.Meta[key]
	return jinja.FromGo(v), ok
}

var modelKeys = []string{"materialized", "schema", "alias", "enabled", "tags", "order_by", "meta"}

var testKeys = []string{"severity", "warn_if", "error_if", "where", "limit", "store_failures", "enabled", "tags", "meta"}

func (c *configObject) apply(key string, value jinja.Value) error {
	known := modelKeys
	if c.test != nil {
		known = testKeys
	}
	if !slices.Contains(known, key) {
		e := compileError("config: unknown key %q", key)
		e.Hint = runner.DidYouMean(key, known)
		if e.Hint == "" {
			e.Hint = "known keys: " + strings.Join(known, ", ") + "; put your own below meta"
		}
		return e
	}
	if c.test != nil {
		if done, err := c.applyTest(key, value); done {
			return err
		}
	}
	return c.applyCommon(key, value)
}

func (c *configObject) applyCommon(key string, value jinja.Value) error {
	switch key {
	case "materialized":
		return c.materialize(value)
	case "schema":
		return text(key, value, &c.merged.Schema)
	case "alias":
		return text(key, value, &c.merged.Alias)
	case "enabled":
		return boolean(key, value, &c.merged.Enabled)
	case "tags":
		var tags []string
		if err := texts(key, value, &tags); err != nil {
			return err
		}
		for _, tag := range tags {
			if !slices.Contains(c.merged.Tags, tag) {
				c.merged.Tags = append(c.merged.Tags, tag)
			}
		}
		return nil
	case "order_by":
		return texts(key, value, &c.merged.OrderBy)
	default: // meta
		meta, ok := jinja.ToGo(value).(map[string]any)
		if !ok {
			return wrongType(key, "a dict", value)
		}
		if c.merged.Meta == nil {
			c.merged.Meta = map[string]any{}
		}
		maps.Copy(c.merged.Meta, meta)
		return nil
	}
}

func (c *configObject) materialize(value jinja.Value) error {
	var name string
	if err := text("materialized", value, &name); err != nil {
		return err
	}
	known := []string{string(runner.View), string(runner.Table), string(runner.Ephemeral)}
	if !slices.Contains(known, name) {
		e := compileError("config: materialized=%q is not known", name)
		e.Hint = "known are " + strings.Join(known, ", ")
		return e
	}
	c.merged.Materialized = runner.Materialization(name)
	return nil
}

// applyTest sets what only tests have; done is false for the keys they share with models.
func (c *configObject) applyTest(key string, value jinja.Value) (done bool, err error) {
	switch key {
	case "severity":
		var severity string
		err = text(key, value, &severity)
		c.test.Severity = runner.Severity(strings.ToLower(severity))
	case "warn_if":
		err = text(key, value, &c.test.WarnIf)
	case "error_if":
		err = text(key, value, &c.test.ErrorIf)
	case "where":
		err = text(key, value, &c.test.Where)
	case "limit":
		n, ok := value.(int)
		if !ok {
			return true, wrongType(key, "a whole number", value)
		}
		c.test.Limit = n
	case "store_failures":
		err = boolean(key, value, &c.test.StoreFailures)
	default:
		return false, nil
	}
	return true, err
}

func text(key string, value jinja.Value, into *string) error {
	s, ok := jinja.Str(value)
	if !ok {
		return wrongType(key, "a string", value)
	}
	*into = s
	return nil
}

func boolean(key string, value jinja.Value, into *bool) error {
	b, ok := value.(bool)
	if !ok {
		return wrongType(key, "true or false", value)
	}
	*into = b
	return nil
}

// texts takes a string or a list of strings.
func texts(key string, value jinja.Value, into *[]string) error {
	if s, ok := jinja.Str(value); ok {
		*into = []string{s}
		return nil
	}
	items, ok := jinja.ToGo(value).([]any)
	out := make([]string, len(items))
	for i, item := range items {
		s, isText := item.(string)
		ok = ok && isText
		out[i] = s
	}
	if !ok {
		return wrongType(key, "a string or a list of strings", value)
	}
	*into = out
	return nil
}

func wrongType(key, want string, got jinja.Value) error {
	return compileError("config: %s must be %s, not %s", key, want, fmt.Sprint(jinja.Repr(got)))
}
