package project

import (
	"strings"

	"elt/runner"
)

func (l *loader) addSources(p *pack) {
	first := map[string]runner.Position{}
	for i, parsed := range p.found.parsed {
		for _, s := range parsed.sources {
			for _, t := range s.tables {
				key := strings.ToLower(s.name + "." + t.name)
				if before, twice := first[key]; twice {
					l.fail(t.pos, "", "the source %s.%s is declared in %s already", s.name, t.name, before)
					continue
				}
				first[key] = t.pos
				l.addSource(p, p.found.properties[i], s, t)
			}
		}
	}
}

func (l *loader) addSource(p *pack, f file, s sourceEntry, t tableEntry) {
	source := &runner.Source{Source: s.name, Node: p.node(runner.KindSource, f, s.name, t.name)}
	source.Description, source.Pos = l.describe(p, t.description), t.pos
	source.Columns = l.columns(p, t.columns)
	if source.Description == "" {
		source.Description = l.describe(p, s.description)
	}
	source.Public = runner.Relation{Schema: first(s.schema.V, s.name), Name: first(t.identifier.V, t.name)}
	config := nodeConfig{Config: runner.Config{Enabled: true, Schema: source.Public.Schema}}
	configure(l, p, func(f *projectFile) *folder[nodeConfig] { return f.sources }, source.FQN, &config)
	for _, patch := range []nodePatch{s.beside, s.patch, t.beside, t.patch} {
		patch.Apply(&config)
	}
	if source.Config = config.Config; !source.Config.Enabled {
		l.project.Disabled[source.ID] = config.disabledAt
		return
	}
	source.LoadedAt, source.Freshness = config.loadedAt, config.freshness
	if source.Freshness != nil && source.Freshness.WarnAfter == 0 && source.Freshness.ErrorAfter == 0 {
		source.Freshness = nil
	}
	source.External = external(source)
	source.Load = l.loadOf(s, t)
	l.project.Sources = append(l.project.Sources, source)
	on := tested{
		node: &source.Node, file: f, on: s.name + "_" + t.name, ref: "source('" + s.name + "', '" + t.name + "')",
	}
	l.addTests(p, on, t.tests, t.columns)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// external is what dbt-duckdb reads in place of a source that has external_location, in meta or in the configuration: a
// file in quotes, or SQL of the user's. {name}, {identifier}, {schema} and keys of meta are filled in.
func external(s *runner.Source) string {
	location, _ := s.Config.All["external_location"].(string)
	if text, ok := s.Config.Meta["external_location"].(string); ok {
		location = text
	}
	if location == "" {
		return ""
	}
	fill := []string{"{name}", s.Name, "{identifier}", s.Public.Name, "{schema}", s.Public.Schema, "{source_name}", s.Source}
	for key, value := range s.Config.Meta {
		if text, ok := value.(string); ok && key != "external_location" {
			fill = append(fill, "{"+key+"}", text)
		}
	}
	location = strings.NewReplacer(append(fill, "{{", "{", "}}", "}")...).Replace(location)
	if !strings.ContainsAny(location, "('") {
		return runner.Literal(location)
	}
	return location
}

// loadOf is how a table is loaded: the source's way overlaid by its own; nil if neither says anything.
func (l *loader) loadOf(s sourceEntry, t tableEntry) *runner.Load {
	if len(s.load) == 0 && len(t.load) == 0 {
		return nil
	}
	load := &runner.Load{OnError: runner.Quarantine}
	s.load.Apply(load)
	t.load.Apply(load)
	files := make([]string, len(load.Files))
	for i, f := range load.Files {
		files[i] = strings.ReplaceAll(f, "{name}", t.name)
	}
	load.Files = files
	if len(load.Files) == 0 {
		l.fail(load.Pos, "write files: data/raw/"+t.name+".csv", "the load of the source %s.%s names no files", s.name, t.name)
	}
	for key, at := range map[string]runner.Position{"schema": s.schema.Pos, "identifier": t.identifier.Pos} {
		if at.Line > 0 {
			l.fail(at, "a loaded source is published in the schema of its name: leave "+key+" out", "%s has no meaning for a source that is loaded", key)
		}
	}
	return load
}
