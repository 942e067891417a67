package project

import (
	"maps"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

// nodeConfig is the configuration of a source, seed, model, … while its parts are laid over each other.
type nodeConfig struct {
	runner.Config
	delimiter  string
	disabledAt runner.Position
	freshness  *runner.Freshness
	loadedAt   string
}

type nodePatch = strict.Patch[nodeConfig]

// option is a key of a configuration: its value goes where apply puts it and, as YAML gives it, into Config.All.
func option[V any](name, doc string, shape strict.Shape[V], apply func(*nodeConfig, V)) strict.Key[nodePatch] {
	evaluate := !slices.Contains(templates, name)
	return strict.Key[nodePatch]{Name: name, Doc: doc, Schema: shape.Schema, Read: func(r *strict.Reader, v *strict.Value, into *nodePatch) {
		x, ok := shape.Read(r, v)
		if !ok {
			return
		}
		raw, ok := strict.Any(evaluate).Read(r, v)
		if !ok {
			return
		}
		*into = append(*into, func(c *nodeConfig) {
			apply(c, x)
			c.keep(name, raw)
		})
	}}
}

// templates are the keys whose texts are SQL templates: they are rendered when they run.
var templates = []string{"pre-hook", "post-hook", "sql_header", "loaded_at_field", "loaded_at_query"}

// plain is a key that only Config.All holds, for the materialization that understands it.
func plain[V any](name, doc string, shape strict.Shape[V]) strict.Key[nodePatch] {
	read := shape.Read
	shape.Read = func(r *strict.Reader, v *strict.Value) (V, bool) {
		if r.Lenient() { // dbt leaves it to the materialization
			var none V
			return none, true
		}
		return read(r, v)
	}
	return option(name, doc, shape, func(*nodeConfig, V) {})
}

// restOfConfig keeps the keys that dbt allows though nobody knows them.
func restOfConfig(r *strict.Reader, f strict.Field, into *nodePatch) {
	if raw, ok := strict.Any(true).Read(r, f.Value); ok {
		*into = append(*into, func(c *nodeConfig) { c.keep(f.Key, raw) })
	}
}

func (c *nodeConfig) keep(name string, value any) {
	if c.All == nil {
		c.All, c.Given = map[string]any{}, map[string]any{}
	}
	keep(c.All, name, value)
	c.Given[name] = value
}

// keep lays a value over what a key has, by dbt's rules: tags and hooks add up, mappings of some keys are merged, all else
// is replaced. It never writes into a value that it is given.
func keep(all map[string]any, name string, value any) {
	before := all[name]
	switch name {
	case "tags", "pre-hook", "post-hook", "packages":
		all[name] = joined(asList(before), asList(value), name == "tags")
	case "meta", "quoting", "column_types", "docs", "contract", "grants":
		more, isMap := value.(map[string]any)
		if old, ok := before.(map[string]any); ok && isMap {
			value = addMeta(old, more)
		}
		all[name] = value
	default:
		all[name] = value
	}
}

func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func joined(list, more []any, once bool) []any {
	out := slices.Clone(list)
	for _, x := range more {
		if text, isText := x.(string); once && isText && slices.Contains(out, any(text)) {
			continue
		}
		out = append(out, x)
	}
	return out
}

// attemptKeys say how long a node may take and how often it is tried.
func attemptKeys() []strict.Key[nodePatch] {
	return []strict.Key[nodePatch]{
		option("retries", "How often it is tried again after an error that may be gone by then, such as one of a file or the network; 0 without this key.",
			strict.Count(0), func(c *nodeConfig, n int) { c.Retries = n }),
		option("retry_delay", "How long to wait before the first of these tries, as in 30s; it doubles each time. 1s without this key.",
			durationShape(), func(c *nodeConfig, d time.Duration) { c.RetryDelay = d }),
		option("timeout", "How long a try may take, as in 10m; without this key as long as it takes.", durationShape(),
			func(c *nodeConfig, d time.Duration) { c.Timeout = d }),
	}
}

func enabledKey() strict.Key[nodePatch] {
	return option("enabled", "false leaves it out of the project.", strict.Located(strict.Boolean()),
		func(c *nodeConfig, on strict.At[bool]) { c.Enabled, c.disabledAt = on.V, on.Pos })
}

func tagsKey() strict.Key[nodePatch] {
	return option("tags", "Labels for --select tag:… They add to those of the folders above.",
		strict.OneOrMore(strict.String()), func(c *nodeConfig, tags []string) { c.Tags = addTags(c.Tags, tags) })
}

func metaKey() strict.Key[nodePatch] {
	return option("meta", "Anything worth keeping beside it. Keys add to those of the folders above.",
		strict.AnyMap(true), func(c *nodeConfig, meta map[string]any) { c.Meta = addMeta(c.Meta, meta) })
}

func schemaKey() strict.Key[nodePatch] {
	return option("schema", "Schema it is published in; without it the target's.", nameShape(),
		func(c *nodeConfig, name string) { c.Schema = name })
}

func aliasKey() strict.Key[nodePatch] {
	return option("alias", "Name it is published under; without it its own.", nameShape(),
		func(c *nodeConfig, name string) { c.Alias = name })
}

func groupKey() strict.Key[nodePatch] {
	return option("group", "Group it belongs to, of those below groups:.", strict.String(),
		func(c *nodeConfig, name string) { c.Group = name })
}

func docsKey() strict.Key[nodePatch] {
	return plain("docs", "How documentation shows it: show, node_color.", strict.AnyMap(true))
}

func accessKey() strict.Key[nodePatch] {
	return option("access", "Who may read it: private (its group), protected (the project, as without this key) or public.",
		strict.Choice("private", "protected", "public"), func(c *nodeConfig, access string) { c.Access = access })
}

func fullRefreshKey() strict.Key[nodePatch] {
	return option("full_refresh", "true always builds it anew, false never, whatever --full-refresh says.", strict.Boolean(),
		func(c *nodeConfig, on bool) { c.FullRefresh = &on })
}

func materializedKey() strict.Key[nodePatch] {
	choice := strict.Choice(runner.View, runner.Table, runner.Ephemeral, runner.Incremental, runner.External)
	read := choice.Read
	choice.Read = func(r *strict.Reader, v *strict.Value) (runner.Materialization, bool) {
		if !r.Lenient() {
			return read(r, v)
		}
		name, ok := strict.String().Read(r, v)
		return runner.Materialization(name), ok
	}
	return option("materialized", "What the model becomes in the warehouse: view (as without this key), table, incremental, external "+
		"(a file), or ephemeral, which is no relation of its own but part of the models that read it.",
		choice, func(c *nodeConfig, m runner.Materialization) { c.Materialized = m })
}

func contractKey() strict.Key[nodePatch] {
	enforced := strict.Object[bool]{
		What: "a contract",
		Keys: []strict.Key[bool]{
			strict.FieldOf("enforced", "true checks names and types of the columns before anything is built.", strict.Boolean(),
				func(on *bool) *bool { return on }),
			strict.FieldOf("alias_types", "Accepted for files that come from dbt; means nothing.", strict.Boolean(),
				func(*bool) *bool { return new(bool) }),
		},
	}
	mapping, flag := enforced.Shape(), strict.Boolean()
	shape := strict.Shape[bool]{Schema: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{mapping.Schema, flag.Schema}}}
	shape.Read = func(r *strict.Reader, v *strict.Value) (bool, bool) {
		if v.Kind == strict.Map {
			return mapping.Read(r, v)
		}
		return flag.Read(r, v)
	}
	key := option("contract", "Whether its columns are promised: {enforced: true}.", shape,
		func(c *nodeConfig, on bool) { c.Contract = on })
	readKey := key.Read
	key.Read = func(r *strict.Reader, v *strict.Value, into *nodePatch) {
		if v.Kind == strict.Bool { // kept in full, as templates ask for it
			v = &strict.Value{Kind: strict.Map, Pos: v.Pos, Fields: []strict.Field{{Key: "enforced", Pos: v.Pos, Value: v}}}
		}
		readKey(r, v, into)
	}
	return key
}

// addTags joins tags without repeating one. It never writes into the slice it is given.
func addTags(tags, more []string) []string {
	out := slices.Clone(tags)
	for _, t := range more {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func addMeta(meta, more map[string]any) map[string]any {
	out := maps.Clone(meta)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, more)
	return out
}
