package project

import (
	"maps"
	"slices"
	"strings"

	"elt/runner"
)

// entry is what a .yml file says about a model or a seed.
type entry struct {
	nodeEntry
	file file
	used bool
}

// entries are the descriptions of models or seeds by name. A second one of the same name is an error.
func (l *loader) entries(what string, of func(propertyFile) []nodeEntry) map[string]*entry {
	out := map[string]*entry{}
	for i, parsed := range l.found.parsed {
		for _, n := range of(parsed) {
			if before, twice := out[n.name]; twice {
				l.fail(n.pos, "keep one of them", "the %s %s is described in %s already", what, n.name, before.pos)
				continue
			}
			out[n.name] = &entry{nodeEntry: n, file: l.found.properties[i]}
		}
	}
	return out
}

func (l *loader) addModels() {
	l.models = l.entries("model", func(p propertyFile) []nodeEntry { return p.models })
	l.seeds = l.entries("seed", func(p propertyFile) []nodeEntry { return p.seeds })
	l.tests = map[string]*runner.Test{}
	first := map[string]file{}
	for _, f := range l.found.models {
		if !l.nameFits(f, "model", first) {
			continue
		}
		if strings.TrimSpace(f.text) == "" {
			e := fileError(f.path, "the model is empty")
			e.Hint = "write a select, or remove the file"
			l.errs = append(l.errs, e)
			continue
		}
		m := &runner.Model{Node: l.node(runner.KindModel, f), SQL: f.text}
		config := nodeConfig{Config: runner.Config{Enabled: true, Materialized: runner.View}}
		l.file.models.along(l.project.Name, f.wayTo(f.name), &config)
		described := l.useEntry(&m.Node, l.models[f.name], &config)
		if m.Config = config.Config; !m.Config.Enabled {
			l.project.Disabled[m.ID] = config.disabledAt
			continue
		}
		l.project.Models = append(l.project.Models, m)
		l.testsOf(&m.Node, described)
	}
	l.addSingular()
}

func (l *loader) addSeeds() {
	first := map[string]file{}
	for _, f := range l.found.models {
		first[strings.ToLower(f.name)] = f
	}
	for _, f := range l.found.seeds {
		if !l.nameFits(f, "seed", first) {
			continue
		}
		s := &runner.Seed{Node: l.node(runner.KindSeed, f)}
		config := nodeConfig{Config: runner.Config{Enabled: true, Materialized: runner.SeedTable}}
		l.file.seeds.along(l.project.Name, f.wayTo(f.name), &config)
		described := l.useEntry(&s.Node, l.seeds[f.name], &config)
		s.Config, s.Delimiter = config.Config, config.delimiter
		if !s.Config.Enabled {
			l.project.Disabled[s.ID] = config.disabledAt
			continue
		}
		l.project.Seeds = append(l.project.Seeds, s)
		l.testsOf(&s.Node, described)
	}
}

// nameFits checks that the name of a file can be that of a node and that no other file has it. Engines do not tell
// upper from lower case, so neither does this.
func (l *loader) nameFits(f file, what string, first map[string]file) bool {
	if !validName.MatchString(f.name) {
		e := fileError(f.path, "the file name of a "+what+" has to consist of letters, digits, _ and -, and begin with a letter or _")
		l.errs = append(l.errs, e)
		return false
	}
	key := strings.ToLower(f.name)
	before, twice := first[key]
	if !twice {
		first[key] = f
		return true
	}
	e := fileError(f.path, "the name "+f.name+" is taken by "+before.path)
	if e.Hint = "names are shared by all folders: rename one of the two"; what == "seed" {
		e.Hint = "models and seeds share their names, whatever folder they are in: rename one of the two"
	}
	l.errs = append(l.errs, e)
	return false
}

func (l *loader) node(kind runner.Kind, f file) runner.Node {
	return runner.Node{
		ID:   string(kind) + "." + l.project.Name + "." + f.name,
		Kind: kind,
		Name: f.name,
		Path: f.path,
		Pos:  runner.Position{File: f.path, Line: 1, Col: 1},
	}
}

// useEntry adds to a node what its description says.
func (l *loader) useEntry(n *runner.Node, e *entry, config *nodeConfig) *entry {
	if e == nil {
		return nil
	}
	e.used = true
	e.patch.Apply(config)
	n.Description = l.describe(e.description)
	n.Columns = l.columns(e.columns)
	return e
}

func (l *loader) testsOf(n *runner.Node, e *entry) {
	if e != nil {
		l.addTests(n, e.file, n.Name, e.tests, e.columns)
	}
}

func (l *loader) columns(entries []columnEntry) []runner.Column {
	var out []runner.Column
	first := map[string]runner.Position{}
	for _, c := range entries {
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			key := strings.ToLower(name)
			if before, twice := first[key]; twice && before != c.Pos {
				l.fail(c.Pos, "", "the column %s is described in line %d already", name, before.Line)
			}
			first[key] = c.Pos
		}
		column := c.Column
		column.Description = l.describe(c.description)
		out = append(out, column)
	}
	return out
}

func (l *loader) addSources() {
	first := map[string]runner.Position{}
	for i, parsed := range l.found.parsed {
		for _, s := range parsed.sources {
			for _, t := range s.tables {
				key := strings.ToLower(s.name + "." + t.name)
				if before, twice := first[key]; twice {
					l.fail(t.pos, "", "the source %s.%s is declared in %s already", s.name, t.name, before)
					continue
				}
				first[key] = t.pos
				l.addSource(l.found.properties[i], s, t)
			}
		}
	}
}

func (l *loader) addSource(f file, s sourceEntry, t tableEntry) {
	source := &runner.Source{Source: s.name, Node: runner.Node{
		ID:          strings.Join([]string{string(runner.KindSource), l.project.Name, s.name, t.name}, "."),
		Kind:        runner.KindSource,
		Name:        t.name,
		Description: l.describe(t.description),
		Path:        f.path,
		Pos:         t.pos,
		Columns:     l.columns(t.columns),
	}}
	if source.Description == "" {
		source.Description = l.describe(s.description)
	}
	config := nodeConfig{Config: runner.Config{Enabled: true, Schema: s.name}}
	l.file.sources.along(l.project.Name, f.wayTo(s.name, t.name), &config)
	s.patch.Apply(&config)
	t.patch.Apply(&config)
	if source.Config = config.Config; !source.Config.Enabled {
		l.project.Disabled[source.ID] = config.disabledAt
		return
	}
	if source.Load = loadOf(s, t); source.Load != nil && len(source.Load.Files) == 0 {
		l.fail(source.Load.Pos, "write files: data/raw/"+t.name+".csv", "the load of the source %s.%s names no files", s.name, t.name)
	}
	l.project.Sources = append(l.project.Sources, source)
	l.addTests(&source.Node, f, s.name+"_"+t.name, t.tests, t.columns)
}

// checkDescribed finds descriptions of models and seeds that do not exist.
func (l *loader) checkDescribed() {
	models, seeds := fileNames(l.found.models), fileNames(l.found.seeds)
	check := func(what, other string, entries map[string]*entry, names, others []string) {
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			e := entries[name]
			if e.used || slices.Contains(names, name) { // a file that is in error is no reason for a second error
				continue
			}
			hint := runner.DidYouMean(name, names)
			if slices.Contains(others, name) {
				hint = name + " is a " + other + ": describe it below " + other + "s:"
			}
			if hint == "" && what == "model" {
				hint = "a model is a file " + name + ".sql in " + strings.Join(l.project.Paths.Models, " or ")
			}
			if hint == "" {
				hint = "a seed is a file " + name + ".csv in " + strings.Join(l.project.Paths.Seeds, " or ")
			}
			l.fail(e.pos, hint, "there is no %s %s", what, name)
		}
	}
	check("model", "seed", l.models, models, seeds)
	check("seed", "model", l.seeds, seeds, models)
}

func fileNames(files []file) []string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = f.name
	}
	return out
}

// checkFolders finds folders and nodes configured in project.yaml that do not exist.
func (l *loader) checkFolders() {
	for _, way := range l.found.folders {
		for n := range way {
			l.file.models.along(l.project.Name, way[:n+1], &nodeConfig{})
			l.file.seeds.along(l.project.Name, way[:n+1], &nodeConfig{})
			l.file.sources.along(l.project.Name, way[:n+1], &nodeConfig{})
			l.file.tests.along(l.project.Name, way[:n+1], &testConfig{})
		}
	}
	l.file.models.unused(nil, l.reportUnused("model", l.found.models))
	l.file.seeds.unused(nil, l.reportUnused("seed", l.found.seeds))
	l.file.sources.unused(nil, l.reportUnused("source", nil))
	l.file.tests.unused(nil, l.reportUnused("data test", l.found.singular))
}

// reportUnused notes a configured name that no folder and none of the files has, and proposes one that does.
func (l *loader) reportUnused(what string, files []file) func(name string, above []string, pos runner.Position) {
	return func(name string, above []string, pos runner.Position) {
		var names []string
		for _, way := range l.found.folders {
			if len(way) == len(above)+1 && slices.Equal(way[:len(above)], above) {
				names = append(names, way[len(above)])
			}
		}
		for _, f := range files {
			if slices.Equal(f.way, above) {
				names = append(names, f.name)
			}
		}
		l.fail(pos, runner.DidYouMean(name, names), "there is no folder or %s %s to configure", what,
			strings.Join(append(slices.Clone(above), name), "/"))
	}
}
