package artifact

import (
	"elt/runner"
)

// exposuresOf are the uses of the data outside, by ID.
func exposuresOf(project *runner.Project, parents map[string][]string) map[string]any {
	out := map[string]any{}
	for _, e := range project.Exposures {
		out[e.ID] = map[string]any{
			"unique_id": e.ID, "resource_type": "exposure", "name": e.Name, "type": e.Type, "url": orNil(e.URL),
			"maturity": orNil(e.Maturity), "owner": map[string]any{"name": e.Owner}, "description": e.Description,
			"path": e.Path, "original_file_path": e.Path, "package_name": project.Name, "fqn": orEmptyList(e.FQN),
			"tags": orEmptyList(e.Config.Tags), "meta": orEmpty(e.Config.Meta),
			"depends_on": map[string]any{"macros": []string{}, "nodes": orEmptyList(parents[e.ID])},
		}
	}
	return out
}

// groupsOf are the groups, by dbt's ID.
func groupsOf(project *runner.Project) map[string]any {
	out := map[string]any{}
	for _, g := range project.Groups {
		id := "group." + project.Name + "." + g.Name
		out[id] = map[string]any{
			"unique_id": id, "resource_type": "group", "name": g.Name, "package_name": project.Name, "owner": map[string]any{"name": g.Owner},
		}
	}
	return out
}

// unitTestsOf are the unit tests, by ID.
func unitTestsOf(project *runner.Project) map[string]any {
	out := map[string]any{}
	for _, t := range project.UnitTests {
		given := make([]map[string]any, len(t.Given))
		for i := range t.Given {
			given[i] = fixtureOf(t.Given[i])
			given[i]["input"] = t.Given[i].Input
		}
		out[t.ID] = map[string]any{
			"unique_id": t.ID, "resource_type": "unit_test", "name": t.Name, "model": t.Model, "given": given,
			"expect": fixtureOf(t.Expect), "description": t.Description, "path": t.Path, "original_file_path": t.Path,
			"package_name": project.Name, "fqn": orEmptyList(t.FQN),
			"depends_on": map[string]any{"macros": []string{}, "nodes": []string{t.Model}},
		}
	}
	return out
}

func fixtureOf(f runner.Fixture) map[string]any {
	out := map[string]any{"format": f.Format, "rows": any(f.Rows)}
	if f.Format == "sql" {
		out["rows"] = f.SQL
	}
	return out
}

func orEmptyList(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
