package artifact

import (
	"cmp"

	"elt/runner"
	"elt/runner/compile"
)

// exposures are the uses of the data outside, by ID.
func (m nodeMaker) exposures() map[string]any {
	out := map[string]any{}
	for _, e := range m.project.Exposures {
		nodes := orEmptyList(m.parents[e.ID])
		refs, sources := references(m.project, nodes)
		out[e.ID] = map[string]any{
			"unique_id": e.ID, "resource_type": "exposure", "name": e.Name, "type": e.Type, "label": orNull(e.Label), "url": orNull(e.URL),
			"maturity": orNull(e.Maturity), "owner": compile.OwnerOf(e.Owner, e.OwnerEmail), "description": e.Description,
			"path": within(m.project.Paths, e.Path), "original_file_path": e.Path, "package_name": m.packageOf(&e.Node), "fqn": orEmptyList(e.FQN),
			"tags": orEmptyList(e.Config.Tags), "meta": orEmpty(e.Config.Meta), "unrendered_config": encodable(e.Config.All),
			"config":     map[string]any{"enabled": true, "tags": orEmptyList(e.Config.Tags), "meta": orEmpty(e.Config.Meta)},
			"depends_on": map[string]any{"macros": []string{}, "nodes": nodes},
			"refs":       refs, "sources": sources, "metrics": [][]string{},
		}
	}
	return out
}

// groupsOf are the groups, by dbt's ID.
func groupsOf(project *runner.Project) map[string]any {
	out := map[string]any{}
	for _, g := range project.Groups {
		pack := cmp.Or(g.Package, project.Name)
		id := "group." + pack + "." + g.Name
		out[id] = map[string]any{
			"unique_id": id, "resource_type": "group", "name": g.Name, "package_name": pack, "path": "", "original_file_path": "",
			"owner": compile.OwnerOf(g.Owner, g.OwnerEmail), "description": nil, "config": map[string]any{"meta": map[string]any{}},
		}
	}
	return out
}

// macrosOf are the macros by their ID.
func macrosOf(project *runner.Project, macros []compile.Macro) map[string]manifestMacro {
	out := map[string]manifestMacro{}
	for _, m := range macros {
		out[m.ID] = manifestMacro{
			Name: m.Name, ResourceType: "macro", PackageName: cmp.Or(m.Package, project.Name), Path: m.Path, OriginalPath: m.Path,
			UniqueID: m.ID, MacroSQL: m.Text, DependsOn: macroDeps{Macros: orEmptyList(m.Uses)}, Meta: map[string]any{},
			Docs: map[string]any{"show": true, "node_color": nil}, Arguments: []any{},
		}
	}
	return out
}

func docsOf(project *runner.Project) map[string]manifestDoc {
	out := map[string]manifestDoc{}
	for name, text := range project.Docs {
		id := "doc." + project.Name + "." + name
		out[id] = manifestDoc{
			Name: name, ResourceType: "doc", PackageName: project.Name, UniqueID: id, Contents: text,
		}
	}
	return out
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmptyList(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
