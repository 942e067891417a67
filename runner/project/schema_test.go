package project

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

func resolve(t *testing.T, data []byte, err error) *jsonschema.Resolved {
	t.Helper()
	require.NoError(t, err)
	var s jsonschema.Schema
	require.NoError(t, json.Unmarshal(data, &s))
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", s.Schema)
	resolved, err := s.Resolve(nil)
	require.NoError(t, err)
	return resolved
}

// fits checks a YAML text against a schema.
func fitsSchema(t *testing.T, schema *jsonschema.Resolved, text string) error {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(data, &value))
	return schema.Validate(value)
}

func TestSchemasAcceptWhatLoads(t *testing.T) {
	projectData, err := ProjectSchema()
	projectSchema := resolve(t, projectData, err)
	known := kinds()
	known["starts_low"], known["money.is_even"] = []string{"below"}, nil // of macros
	propertyData, err := PropertiesSchema(known)
	propertySchema := resolve(t, propertyData, err)
	own, err := txtar.ParseFile("testdata/dbt/own_project.txtar")
	require.NoError(t, err)
	for _, f := range append(txtar.Parse([]byte(shop)).Files, own.Files...) {
		if strings.HasPrefix(f.Name, "dbt_packages") || f.Name == "packages.yml" {
			continue
		}
		switch {
		case f.Name == FileName:
			require.NoError(t, fitsSchema(t, projectSchema, string(f.Data)))
		case strings.HasSuffix(f.Name, ".yml"):
			yml := strings.NewReplacer("TABLE", "table", "JSON", "json", "ERROR", "error").Replace(string(f.Data)) // in any case
			require.NoError(t, fitsSchema(t, propertySchema, yml), f.Name)
		}
	}
}

func TestSchemasRefuse(t *testing.T) {
	data, err := ProjectSchema()
	schema := resolve(t, data, err)
	for _, text := range []string{
		"target: dev",
		"name: 3",
		"name: m\nnam: x",
		"name: m\nmodels: {cleaning: {materialized: view}}",
		"name: m\nmodels: {cleaning: {+materialized: incremnetal}}",
		"name: m\ntargets: {dev: {pth: x}}",
		"name: m\nexports: [{format: xlsx, path: x}]",
	} {
		require.Error(t, fitsSchema(t, schema, text), text)
	}
	data, err = PropertiesSchema(kinds())
	schema = resolve(t, data, err)
	for _, text := range []string{
		"models: [{description: x}]",
		"models: [{name: a, data_tests: [not_nul]}]",
		"models: [{name: a, data_tests: [{accepted_values: {valus: []}}]}]",
		"sources: [{name: a}]",
		"sources: [{name: a, tables: [{name: b, load: {on_error: x}}]}]",
		"unit_tests: [{name: a, model: b}]",
		"unit_tests: [{name: a, model: b, expect: {rows: 3}}]",
		"exposures: [{name: a, type: picture, owner: {name: b}}]",
		"models: [{name: a, versions: [{defined_in: b}]}]",
		"models: [{name: a, constraints: [{type: odd}]}]",
		"sources: [{name: a, tables: [{name: b, freshness: {warn_after: {count: 1, period: week}}}]}]",
	} {
		require.Error(t, fitsSchema(t, schema, text), text)
	}
}

// TestSchemaNamesEveryKey keeps a key from losing its description.
func TestSchemaNamesEveryKey(t *testing.T) {
	data, err := ProjectSchema()
	require.NoError(t, err)
	for _, key := range []string{
		"name", "target", "memory_limit", "macros", "vars", "+materialized", "+order_by", "+delimiter",
		"+store_failures", "snapshots", "+strategy", "+unique_key", "unit_tests", "on-run-end", "dispatch", "data_tests", "tests", "exports", "select",
	} {
		require.Contains(t, string(data), `"`+key+`": {`)
	}
	data, err = PropertiesSchema(kinds())
	require.NoError(t, err)
	for _, key := range []string{
		"sources", "models", "seeds", "snapshots", "unit_tests", "given", "overrides", "exposures", "depends_on", "groups", "versions",
		"defined_in", "constraints", "freshness", "warn_after", "contract", "pre-hook", "load", "files", "max_rejected", "null_values", "aliases", "optional",
		"column_name", "arguments", "warn_if", "expression", "relationships", "config",
	} {
		require.Contains(t, string(data), `"`+key+`": `)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		properties, _ := m["properties"].(map[string]any)
		for name, p := range properties {
			require.NotEmpty(t, p.(map[string]any)["description"], path+"/"+name)
		}
		for key, below := range m {
			if key == "$defs" { // arguments of tests have no descriptions
				continue
			}
			walk(path+"/"+key, below)
		}
	}
	var root any
	require.NoError(t, json.Unmarshal(data, &root))
	walk("", root)
}
