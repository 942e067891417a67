package artifact

import (
	"cmp"
	"fmt"
	"strings"

	"elt/runner"
)

func (m nodeMaker) test(test *runner.Test) manifestTest {
	raw := test.SQL
	namespace, kind, isForeign := strings.Cut(test.Type, ".") // dbt_utils.accepted_range
	if !isForeign {
		namespace, kind = "", test.Type
	}
	if test.On != "" {
		raw = fmt.Sprintf("{{ test_%s(**_dbt_generic_test_kwargs) }}", kind)
		if namespace != "" {
			raw = fmt.Sprintf("{{ %s.test_%s(**_dbt_generic_test_kwargs) }}", namespace, kind)
		}
	}
	out := manifestTest{manifestNode: m.node(&test.Node, strings.TrimSpace(raw))}
	out.Name = out.FQN[len(out.FQN)-1] // the full one; the short one may name a file
	out.Alias = cmp.Or(test.Config.Alias, test.Name)
	out.Config["severity"] = string(test.Severity)
	out.Config["warn_if"] = cmp.Or(test.WarnIf, "!= 0")
	out.Config["error_if"] = cmp.Or(test.ErrorIf, "!= 0")
	out.Config["fail_calc"] = cmp.Or(test.FailCalc, "count(*)")
	out.Config["where"] = orNull(test.Where)
	out.Config["store_failures"] = test.StoreFailures
	out.Config["limit"] = nil
	if test.Limit > 0 {
		out.Config["limit"] = test.Limit
	}
	out.ColumnName, out.AttachedNode = orNull(test.Column), orNull(test.On)
	if test.On == "" {
		return out
	}
	out.Path, out.Checksum = out.Name+".sql", map[string]string{"name": "none", "checksum": ""} // there is no such file
	key := keyInFile(test.On)
	out.FileKey = &key
	kwargs := encodable(test.Args)
	if test.Column != "" {
		kwargs["column_name"] = test.Column
	}
	kwargs["model"] = fmt.Sprintf("{{ get_where_subquery(%s) }}", refOf(test.On))
	out.TestMetadata = &testMetadata{Name: kind, Kwargs: kwargs, Namespace: orNull(namespace)}
	return out
}

// keyInFile is where in YAML a node is described: models.orders.
func keyInFile(id string) string {
	kind, rest, _ := strings.Cut(id, ".")
	_, name, _ := strings.Cut(rest, ".")
	name, _, _ = strings.Cut(name, ".")
	return kind + "s." + name
}

// refOf is how a template names a node.
func refOf(id string) string {
	parts := strings.SplitN(id, ".", 4)
	switch {
	case parts[0] == string(runner.KindSource) && len(parts) == 4:
		return fmt.Sprintf("source('%s', '%s')", parts[2], parts[3])
	case len(parts) == 4 && strings.HasPrefix(parts[3], "v"):
		return fmt.Sprintf("ref('%s', version='%s')", parts[2], parts[3][1:])
	case len(parts) < 3:
		return id
	}
	return fmt.Sprintf("ref('%s')", strings.Join(parts[2:], "."))
}

// unitTests are the unit tests, by ID.
func (m nodeMaker) unitTests() map[string]any {
	out := map[string]any{}
	for _, t := range m.project.UnitTests {
		given := make([]map[string]any, len(t.Given))
		for i := range t.Given {
			given[i] = fixtureOf(t.Given[i])
			given[i]["input"] = t.Given[i].Input
		}
		model := strings.Split(t.Model, ".")
		out[t.ID] = map[string]any{
			"unique_id": t.ID, "resource_type": "unit_test", "name": t.Name, "model": strings.Join(model[min(2, len(model)):], "."), "given": given,
			"expect": fixtureOf(t.Expect), "description": t.Description, "path": within(m.project.Paths, t.Path), "original_file_path": t.Path,
			"package_name": m.packageOf(&t.Node), "fqn": orEmptyList(t.FQN), "schema": m.project.Target.Schema,
			"depends_on": map[string]any{"macros": []string{}, "nodes": []string{t.Model}},
			"overrides": map[string]any{
				"macros": encodable(t.Overrides.Macros), "vars": encodable(t.Overrides.Vars), "env_vars": orEmpty(t.Overrides.Env),
			},
			"config": map[string]any{"enabled": true, "tags": orEmptyList(t.Config.Tags), "meta": orEmpty(t.Config.Meta)},
		}
	}
	return out
}

func fixtureOf(f runner.Fixture) map[string]any {
	rows := make([]map[string]any, len(f.Rows))
	for i, row := range f.Rows {
		rows[i] = encodable(row)
	}
	out := map[string]any{"format": f.Format, "rows": any(rows), "fixture": nil}
	switch f.Format {
	case "sql":
		out["rows"] = f.SQL
	case "csv": // read already
		out["format"] = "dict"
	}
	return out
}
