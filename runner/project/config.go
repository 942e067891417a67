package project

import (
	"maps"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

// nodeConfig is the configuration of a source, seed or model while its parts are laid over each other.
type nodeConfig struct {
	runner.Config
	delimiter  string
	disabledAt runner.Position
}

// testConfig is the same for a data test.
type testConfig struct {
	enabled       bool
	disabledAt    runner.Position
	tags          []string
	meta          map[string]any
	severity      runner.Severity
	warnIf        string
	errorIf       string
	where         string
	limit         int
	storeFailures bool
}

type (
	nodePatch = strict.Patch[nodeConfig]
	testPatch = strict.Patch[testConfig]
)

func enabledKey() strict.Key[nodePatch] {
	return strict.Setting("enabled", "false leaves it out of the project.", strict.Located(strict.Boolean()),
		func(c *nodeConfig, on strict.At[bool]) { c.Enabled, c.disabledAt = on.V, on.Pos })
}

func tagsKey() strict.Key[nodePatch] {
	return strict.Setting("tags", "Labels for --select tag:… They add to those of the folders above.",
		strict.OneOrMore(strict.String()), func(c *nodeConfig, tags []string) { c.Tags = addTags(c.Tags, tags) })
}

func metaKey() strict.Key[nodePatch] {
	return strict.Setting("meta", "Anything worth keeping beside it. Keys add to those of the folders above.",
		strict.AnyMap(true), func(c *nodeConfig, meta map[string]any) { c.Meta = addMeta(c.Meta, meta) })
}

func schemaKey() strict.Key[nodePatch] {
	return strict.Setting("schema", "Schema it is published in; without it the target's.", nameShape(),
		func(c *nodeConfig, name string) { c.Schema = name })
}

func aliasKey() strict.Key[nodePatch] {
	return strict.Setting("alias", "Name it is published under; without it its own.", nameShape(),
		func(c *nodeConfig, name string) { c.Alias = name })
}

func modelConfigKeys() *strict.Object[nodePatch] {
	return &strict.Object[nodePatch]{
		What: "the configuration of a model",
		Keys: []strict.Key[nodePatch]{
			strict.Setting("materialized", "What the model becomes in the warehouse: view (as without this key), table, or ephemeral, "+
				"which is no relation of its own but part of the models that read it.",
				strict.Choice(runner.View, runner.Table, runner.Ephemeral),
				func(c *nodeConfig, m runner.Materialization) { c.Materialized = m }),
			schemaKey(), aliasKey(), tagsKey(), enabledKey(),
			strict.Setting("order_by", "Order of the rows in exported files: column names, each with desc if wanted.",
				strict.OneOrMore(strict.String()), func(c *nodeConfig, by []string) { c.OrderBy = by }),
			metaKey(),
		},
		Instead: map[string]string{
			"description": "a description stands beside config:, not in it",
			"delimiter":   "only seeds have a delimiter",
		},
	}
}

func seedConfigKeys() *strict.Object[nodePatch] {
	return &strict.Object[nodePatch]{
		What: "the configuration of a seed",
		Keys: []strict.Key[nodePatch]{
			schemaKey(), aliasKey(), tagsKey(), enabledKey(),
			strict.Setting("delimiter", "What separates the fields of the file; without it a comma.", delimiterShape(),
				func(c *nodeConfig, d string) { c.delimiter = d }),
			metaKey(),
		},
		Instead: map[string]string{
			"column_types":  "give each column its data_type below columns:",
			"materialized":  "a seed is always a table",
			"quote_columns": "names are always quoted",
		},
	}
}

func sourceConfigKeys() *strict.Object[nodePatch] {
	return &strict.Object[nodePatch]{
		What: "the configuration of a source",
		Keys: []strict.Key[nodePatch]{tagsKey(), enabledKey(), metaKey()},
		Instead: map[string]string{
			"schema": "a source is published in the schema of its name",
		},
	}
}

func testConfigKeys() *strict.Object[testPatch] {
	return &strict.Object[testPatch]{
		What: "the configuration of a data test",
		Keys: []strict.Key[testPatch]{
			strict.Setting("severity", "error (as without this key) stops the publish when the test fails, warn only tells.",
				strict.Choice(runner.SeverityError, runner.SeverityWarn), func(c *testConfig, s runner.Severity) { c.severity = s }),
			strict.Setting("warn_if", `Failing rows that make a warning: "> 10", "> 5%"; without it "!= 0".`, conditionShape(),
				func(c *testConfig, text string) { c.warnIf = text }),
			strict.Setting("error_if", `Failing rows that make an error: "> 10", "> 5%"; without it "!= 0".`, conditionShape(),
				func(c *testConfig, text string) { c.errorIf = text }),
			strict.Setting("where", "SQL condition; only rows for which it holds are tested.", strict.Raw(),
				func(c *testConfig, text string) { c.where = text }),
			strict.Setting("limit", "Most failing rows that store_failures keeps; 0 keeps all.", strict.Count(0),
				func(c *testConfig, n int) { c.limit = n }),
			strict.Setting("store_failures", "Keeps failing rows in a table of the warehouse.", strict.Boolean(),
				func(c *testConfig, on bool) { c.storeFailures = on }),
			strict.Setting("tags", "Labels for --select tag:…", strict.OneOrMore(strict.String()),
				func(c *testConfig, tags []string) { c.tags = addTags(c.tags, tags) }),
			strict.Setting("enabled", "false leaves the test out.", strict.Located(strict.Boolean()),
				func(c *testConfig, on strict.At[bool]) { c.enabled, c.disabledAt = on.V, on.Pos }),
			strict.Setting("meta", "Anything worth keeping beside the test.", strict.AnyMap(false),
				func(c *testConfig, meta map[string]any) { c.meta = addMeta(c.meta, meta) }),
		},
	}
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

// folder is the configuration of a folder in project.yaml: its +keys, and what is said of folders and nodes below it.
type folder[C any] struct {
	patch strict.Patch[C]
	below map[string]*folder[C]
	order []string
	pos   runner.Position // of its name
	used  bool
}

// folderShape reads a folder and all below it. Its schema refers to itself by the name of a definition.
func folderShape[C any](config *strict.Object[strict.Patch[C]], definition string) strict.Shape[*folder[C]] {
	shape := strict.Shape[*folder[C]]{Schema: &jsonschema.Schema{Ref: "#/$defs/" + definition}}
	shape.Read = func(r *strict.Reader, v *strict.Value) (*folder[C], bool) {
		if v.Kind != strict.Map {
			r.Expected(v, "+keys and names of folders")
			return nil, false
		}
		out := &folder[C]{below: map[string]*folder[C]{}}
		settings := &strict.Value{Kind: strict.Map, Pos: v.Pos}
		for _, f := range v.Fields {
			name, isSetting := plusKey(f.Key)
			switch {
			case isSetting:
				f.Key = name
				settings.Fields = append(settings.Fields, f)
			case f.Value.Kind == strict.Map:
				if child, ok := shape.Read(r, f.Value); ok {
					child.pos = f.Pos
					out.below[f.Key] = child
					out.order = append(out.order, f.Key)
				}
			case f.Value.Kind != strict.Null:
				hint := "keys that configure begin with +, all others name a folder"
				if config.Find(f.Key) != nil {
					hint = "write +" + f.Key
				}
				r.Fail(f.Pos, hint, "%q is no folder: it has a value", f.Key)
			}
		}
		config.Into(r, settings, &out.patch)
		return out, true
	}
	return shape
}

func plusKey(key string) (string, bool) {
	if len(key) > 1 && key[0] == '+' {
		return key[1:], true
	}
	return key, false
}

// folderSchema is the definition that folderShape refers to.
func folderSchema[C any](config *strict.Object[strict.Patch[C]], definition string) *jsonschema.Schema {
	s := config.Schema("+")
	s.Description = "Configuration of everything in this folder. Keys without + are folders or nodes below it."
	s.AdditionalProperties = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Ref: "#/$defs/" + definition}, {Type: "null"}}}
	return s
}

// along applies what the folders on the way to a node say, the outermost first, and marks them as used. A first folder
// of the project's name stands for all folders, as in dbt.
func (f *folder[C]) along(project string, way []string, config *C) {
	if f == nil {
		return
	}
	f.used = true
	f.patch.Apply(config)
	if whole := f.below[project]; whole != nil && f.pos.Line == 0 && (len(way) == 0 || way[0] != project) {
		whole.along("", way, config)
	}
	if len(way) > 0 {
		f.below[way[0]].along("", way[1:], config)
	}
}

// unused are the names of folders and nodes that nothing was found for, the outermost ones.
func (f *folder[C]) unused(above []string, report func(name string, above []string, pos runner.Position)) {
	if f == nil {
		return
	}
	for _, name := range f.order {
		child := f.below[name]
		if !child.used {
			report(name, above, child.pos)
			continue
		}
		child.unused(append(slices.Clone(above), name), report)
	}
}
