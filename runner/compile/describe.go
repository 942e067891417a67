package compile

import (
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// description is what templates may ask about the whole project. It is not changed once made.
type description struct{ graph map[string]any }

// graph is the variable graph; empty while parsing, when it is not known yet.
func (s *scope) graph() any {
	s.impure = true
	if s.parsing {
		return (&Compiler{project: s.c.project}).describe().graph
	}
	return s.c.described().graph
}

// describe makes the variable graph: nodes, sources and exposures by ID, with the keys that dbt's manifest has.
func (c *Compiler) describe() *description {
	nodes, sources, exposures := map[string]any{}, map[string]any{}, map[string]any{}
	for id, n := range c.nodes {
		switch n.Kind {
		case runner.KindSource:
			sources[id] = c.nodeDict(n)
		case runner.KindExposure:
			exposures[id] = c.nodeDict(n)
		default:
			nodes[id] = c.nodeDict(n)
		}
	}
	groups := map[string]any{}
	for _, g := range c.project.Groups {
		id := "group." + c.project.Name + "." + g.Name
		groups[id] = map[string]any{
			"name": g.Name, "unique_id": id, "resource_type": "group", "owner": OwnerOf(g.Owner, g.OwnerEmail),
		}
	}
	return &description{map[string]any{
		"nodes": nodes, "sources": sources, "exposures": exposures, "groups": groups, "metrics": map[string]any{},
		"semantic_models": map[string]any{}, "saved_queries": map[string]any{},
	}}
}

// nodeDict is a node as templates see it: the variable model, or an entry of graph.
func (c *Compiler) nodeDict(n *Node) map[string]any {
	d := n.declared
	if d == nil {
		return map[string]any{"name": n.Name, "resource_type": string(n.Kind), "unique_id": n.ID}
	}
	node := map[string]any{
		"name": baseName(n), "unique_id": n.ID, "resource_type": string(n.Kind), "package_name": c.packageName(n),
		"path": c.withinFolder(d.Path), "original_file_path": d.Path, "description": d.Description, "fqn": d.FQN,
		"database": c.database(), "schema": n.Public.Schema, "alias": n.alias, "identifier": n.alias, "relation_name": nil,
		"tags": n.Config.Tags, "meta": plainMap(n.Config.Meta), "config": configDict(n), "columns": columnDicts(d.Columns),
		"depends_on": map[string]any{"nodes": n.Reads, "macros": []string{}}, "language": "sql",
		"raw_code": n.text, "raw_sql": n.text, "docs": map[string]any{"show": true}, "unrendered_config": map[string]any{},
	}
	if !n.Public.IsZero() {
		node["relation_name"] = n.Public.String()
	}
	switch {
	case n.model != nil:
		node["access"], node["group"], node["version"], node["latest_version"] = access(n.Config.Access), none(n.Config.Group), nil, nil
		if n.model.Version != "" {
			node["version"] = n.model.Version
			node["latest_version"] = c.latestVersion(n)
		}
	case n.source != nil:
		node["source_name"], node["loader"], node["loaded_at_field"] = n.source.Source, "", none(n.source.LoadedAt)
		node["identifier"], node["freshness"] = n.Public.Name, FreshnessOf(n.source)
	case n.exposure != nil:
		e := n.exposure
		node["type"], node["label"], node["url"], node["maturity"] = e.Type, none(e.Label), none(e.URL), none(e.Maturity)
		node["owner"] = OwnerOf(e.Owner, e.OwnerEmail)
	case n.Test != nil:
		node["column_name"], node["attached_node"] = none(n.Test.Column), none(n.Test.On)
		if n.Test.Type != Singular {
			node["test_metadata"] = map[string]any{"name": n.Test.Type, "kwargs": plainMap(n.Test.Args), "namespace": nil}
		}
	}
	return node
}

// withinFolder is a path below the folder of models, seeds or the like that it is in, as dbt tells it.
func (c *Compiler) withinFolder(file string) string {
	p := c.project.Paths
	for _, folders := range [][]string{p.Models, p.Seeds, p.Snapshots, p.Tests} {
		for _, folder := range folders {
			if rest, ok := strings.CutPrefix(file, strings.TrimSuffix(folder, "/")+"/"); ok {
				return rest
			}
		}
	}
	return file
}

func (c *Compiler) latestVersion(n *Node) any {
	for _, other := range c.refs[baseName(n)] {
		if other.model != nil && other.model.Latest && c.packageName(other) == c.packageName(n) {
			return other.model.Version
		}
	}
	return nil
}

// OwnerOf is who owns an exposure or a group, in dbt's form.
func OwnerOf(name, email string) map[string]any {
	if name == email { // which stands for a name where none is given
		name = ""
	}
	return map[string]any{"name": none(name), "email": none(email)}
}

func access(name string) string {
	if name == "" {
		return "protected"
	}
	return name
}

func none(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func plainMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// configDict is the configuration of a node with all keys that dbt always has.
func configDict(n *Node) map[string]any {
	out := map[string]any{
		"unique_key": nil, "incremental_strategy": nil, "on_schema_change": "ignore", "column_types": map[string]any{},
		"quoting": map[string]any{}, "grants": map[string]any{}, "persist_docs": map[string]any{}, "full_refresh": nil,
	}
	for key, v := range n.Config.All {
		out[strings.TrimPrefix(key, "+")] = v
	}
	for _, key := range []string{"materialized", "enabled", "tags", "meta", "schema", "alias", "group", "contract", "pre-hook", "post-hook"} {
		if v, ok := configValue(&n.Config, n.Test, key); ok {
			out[key] = jinja.ToGo(v)
		}
	}
	if n.Test != nil {
		for _, key := range []string{"severity", "where", "warn_if", "error_if", "limit", "store_failures", "fail_calc"} {
			out[key], _ = testValue(n.Test, key)
		}
		out["materialized"] = "test"
	}
	return out
}

func columnDicts(columns []runner.Column) map[string]any {
	out := map[string]any{}
	for _, col := range columns {
		constraints := []any{}
		for _, k := range col.Constraints {
			constraints = append(constraints, map[string]any{"type": k.Type, "name": none(k.Name), "expression": none(k.Expression)})
		}
		out[col.Name] = map[string]any{
			"name": col.Name, "description": col.Description, "data_type": none(col.DataType), "meta": plainMap(col.Meta),
			"tags": col.Tags, "quote": col.Quote, "constraints": constraints,
		}
	}
	return out
}
