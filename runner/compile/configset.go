package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/jinja"
)

// modelKeys are the keys of config that mean something, for models and snapshots.
func modelKeys() []string {
	return []string{
		"materialized", "schema", "database", "alias", "enabled", "tags", "order_by", "meta", "pre_hook", "post_hook",
		"full_refresh", "unique_key", "incremental_strategy", "incremental_predicates", "predicates", "merge_update_columns",
		"merge_exclude_columns", "on_schema_change", "contract", "group", "access", "docs", "persist_docs", "event_time", "begin",
		"batch_size", "lookback", "concurrent_batches", "sql_header", "location", "format", "options", "delimiter",
		"target_schema", "target_database", "strategy", "updated_at", "check_cols", "hard_deletes", "invalidate_hard_deletes",
		"dbt_valid_to_current", "snapshot_meta_column_names", "retries", "retry_delay", "timeout",
	}
}

func testKeys() []string {
	return []string{
		"severity", "warn_if", "error_if", "where", "limit", "store_failures", "store_failures_as", "fail_calc", "enabled", "tags", "meta", "schema", "alias",
		"retries", "retry_delay", "timeout",
	}
}

// apply sets a key. dbt lets a project have keys of its own; ours are strict.
func (c *configObject) apply(key string, value jinja.Value) error {
	known := modelKeys()
	if c.test != nil {
		known = testKeys()
	}
	if !slices.Contains(known, key) && !c.s.c.project.DBT {
		e := compileError("config: unknown key %q", key)
		if e.Hint = runner.DidYouMean(key, known); e.Hint == "" {
			e.Hint = "known keys: " + strings.Join(known, ", ") + "; put your own below meta"
		}
		return e
	}
	if c.merged.All == nil {
		c.merged.All = map[string]any{}
	}
	if _, told := c.s.node.Config.All[key]; told && c.s.node.macro != "" && key != "tags" && key != "meta" {
		return nil // the macro of a generic test only says what YAML leaves open
	}
	c.give(key, value)
	if c.test != nil {
		if done, err := c.applyTest(key, value); done {
			return err
		}
	}
	if done, err := c.applyCommon(key, value); done {
		return err
	}
	c.merged.All[key] = jinja.ToGo(value)
	return nil
}

// give notes a key as it is set here.
func (c *configObject) give(key string, value jinja.Value) {
	if c.merged.Given == nil {
		c.merged.Given = map[string]any{}
	}
	switch given := jinja.ToGo(value).(type) {
	case map[string]any:
		c.merged.Given[key] = jinja.Repr(value)
	default:
		c.merged.Given[key] = given
	}
}

// applyCommon sets what a Config has a field for.
func (c *configObject) applyCommon(key string, value jinja.Value) (done bool, err error) {
	m := &c.merged
	switch key {
	case "materialized":
		var name string
		err = text(key, value, &name)
		m.Materialized = runner.Materialization(name)
	case "schema":
		err = textOrNone(key, value, &m.Schema)
	case "alias":
		err = textOrNone(key, value, &m.Alias)
	case "group":
		err = textOrNone(key, value, &m.Group)
	case "access":
		if err = text(key, value, &m.Access); err == nil && !slices.Contains([]string{"private", "protected", "public"}, m.Access) {
			err = wrongType(key, "private, protected or public", value)
		}
	case "enabled":
		err = boolean(key, value, &m.Enabled)
	case "full_refresh":
		if m.FullRefresh = nil; value != nil {
			m.FullRefresh = new(bool)
			err = boolean(key, value, m.FullRefresh)
		}
	case "contract":
		contract, _ := value.(*jinja.Dict)
		enforced, ok := contract.Get("enforced")
		if !ok {
			return true, wrongType(key, "a dict with enforced", value)
		}
		err = boolean("contract.enforced", enforced, &m.Contract)
	case "tags":
		err = c.addTags(value)
	case "order_by":
		err = texts(key, value, &m.OrderBy)
	case "meta":
		err = c.addMeta(value)
	case "pre_hook":
		err = hooks(key, value, &m.PreHooks)
	case "post_hook":
		err = hooks(key, value, &m.PostHooks)
	case "retries":
		n, ok := value.(int)
		if !ok || n < 0 {
			err = wrongType(key, "a whole number from 0 up", value)
		}
		m.Retries = n
	case "retry_delay":
		err = duration(key, value, &m.RetryDelay)
	case "timeout":
		err = duration(key, value, &m.Timeout)
	default:
		return false, nil
	}
	m.All[key] = jinja.ToGo(value)
	return true, err
}

// duration takes a text such as 30s or 1h30m.
func duration(key string, value jinja.Value, into *time.Duration) error {
	written, isText := jinja.Str(value)
	d, err := time.ParseDuration(written)
	if !isText || err != nil || d < 0 {
		return wrongType(key, "a duration such as '30s', '5m' or '1h30m'", value)
	}
	*into = d
	return nil
}

func (c *configObject) addTags(value jinja.Value) error {
	var tags []string
	if err := texts("tags", value, &tags); err != nil {
		return err
	}
	for _, tag := range tags {
		if !slices.Contains(c.merged.Tags, tag) {
			c.merged.Tags = append(c.merged.Tags, tag)
		}
	}
	return nil
}

func (c *configObject) addMeta(value jinja.Value) error {
	meta, ok := jinja.ToGo(value).(map[string]any)
	if !ok {
		return wrongType("meta", "a dict", value)
	}
	if c.merged.Meta == nil {
		c.merged.Meta = map[string]any{}
	}
	maps.Copy(c.merged.Meta, meta)
	return nil
}

// hooks adds one hook or several: texts, or dicts with sql.
func hooks(key string, value jinja.Value, into *[]string) error {
	items := []jinja.Value{value}
	if list, ok := value.(*jinja.List); ok {
		items = list.Items
	} else if list, ok := value.(*jinja.Tuple); ok {
		items = list.Items
	}
	for _, item := range items {
		if d, ok := item.(*jinja.Dict); ok {
			item, _ = d.Get("sql")
		}
		sql, ok := jinja.Str(item)
		if !ok {
			return wrongType(key, "SQL, or a list of it", value)
		}
		*into = append(*into, sql)
	}
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
		err = textOrNone(key, value, &c.test.Where)
	case "fail_calc":
		err = text(key, value, &c.test.FailCalc)
	case "limit":
		n, ok := value.(int)
		if !ok && value != nil {
			return true, wrongType(key, "a whole number", value)
		}
		c.test.Limit = n
	case "store_failures":
		err = boolean(key, value, &c.test.StoreFailures)
	case "store_failures_as":
		var as string
		err = text(key, value, &as)
		c.test.StoreFailures = as != "ephemeral"
	default:
		return false, nil
	}
	c.merged.All[key] = jinja.ToGo(value)
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

func textOrNone(key string, value jinja.Value, into *string) error {
	if value == nil {
		*into = ""
		return nil
	}
	return text(key, value, into)
}

func boolean(key string, value jinja.Value, into *bool) error {
	switch v := value.(type) {
	case bool:
		*into = v
		return nil
	case string:
		if b, ok := map[string]bool{"true": true, "false": false}[strings.ToLower(v)]; ok {
			*into = b
			return nil
		}
	}
	return wrongType(key, "true or false", value)
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
