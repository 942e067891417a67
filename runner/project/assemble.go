package project

import (
	"maps"
	"slices"
	"strings"

	"elt/runner"
)

// entries are the descriptions of models, seeds or snapshots by name. A second one of the same name is an error.
func (l *loader) entries(what string, p *pack, of func(propertyFile) []nodeEntry) map[string]*entry {
	out := map[string]*entry{}
	for i, parsed := range p.found.parsed {
		for _, n := range of(parsed) {
			if before, twice := out[n.name]; twice {
				l.fail(n.pos, "keep one of them", "the %s %s is described in %s already", what, n.name, before.pos)
				continue
			}
			out[n.name] = &entry{nodeEntry: n, file: p.found.properties[i]}
		}
	}
	return out
}

func (l *loader) addModels(p *pack) {
	for _, f := range p.found.models {
		if !l.nameFits(p, f, "model") {
			continue
		}
		if strings.TrimSpace(f.text) == "" {
			l.empty(p, f, "the model is empty", "write a select, or remove the file")
			continue
		}
		if v := p.byFile[f.name]; v != nil {
			l.addModel(p, f, v.entry, v)
			continue
		}
		l.addModel(p, f, p.models[f.name], nil)
	}
	l.addSingular(p)
}

func (l *loader) empty(p *pack, f file, msg, hint string) {
	l.failOrWarn(p, runner.Position{File: f.path}, hint, "%s", msg)
}

// addModel adds a model, or with v one version of it.
func (l *loader) addModel(p *pack, f file, e *entry, v *versioned) {
	m := &runner.Model{Node: p.node(runner.KindModel, f, f.name), SQL: f.text}
	if v != nil {
		v.name(p, f, m)
	}
	config := nodeConfig{Config: runner.Config{Enabled: true, Materialized: runner.View}}
	configure(l, p, func(f *projectFile) *folder[nodeConfig] { return f.models }, m.FQN, &config)
	described := l.useEntry(p, &m.Node, e, &config)
	if e != nil {
		m.Constraints, m.Deprecated = e.constraints, e.deprecated
	}
	if v != nil {
		described = l.useVersion(p, m, v, &config)
	}
	if m.Config = config.Config; !m.Config.Enabled {
		l.project.Disabled[m.ID] = config.disabledAt
		return
	}
	if p.dbt && !l.nameFree(&m.Node, "model") {
		return
	}
	l.project.Models = append(l.project.Models, m)
	if described != nil {
		l.addTests(p, testedModel(m, described), described.tests, described.columns)
	}
}

func (l *loader) addSeeds(p *pack) {
	for _, f := range p.found.seeds {
		if !l.nameFits(p, f, "seed") {
			continue
		}
		s := &runner.Seed{Node: p.node(runner.KindSeed, f, f.name)}
		config := nodeConfig{Config: runner.Config{Enabled: true, Materialized: runner.SeedTable}}
		configure(l, p, func(f *projectFile) *folder[nodeConfig] { return f.seeds }, s.FQN, &config)
		described := l.useEntry(p, &s.Node, p.seeds[f.name], &config)
		config.Materialized = runner.SeedTable
		s.Config, s.Delimiter = config.Config, config.delimiter
		if !s.Config.Enabled {
			l.project.Disabled[s.ID] = config.disabledAt
			continue
		}
		if p.dbt && !l.nameFree(&s.Node, "seed") {
			continue
		}
		s.Columns = typedColumns(p, s.Columns, config.All["column_types"])
		l.project.Seeds = append(l.project.Seeds, s)
		l.testsOf(p, &s.Node, described)
	}
}

// typedColumns gives columns the types of column_types, where they have none. For dbt nothing else says what a column of a
// seed is: a data_type there describes, but does not change how the file is read.
func typedColumns(p *pack, columns []runner.Column, types any) []runner.Column {
	byName, _ := types.(map[string]any)
	for i := range columns {
		if p.dbt {
			columns[i].DataType = ""
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		dataType, isText := byName[name].(string)
		if !isText {
			continue
		}
		i := slices.IndexFunc(columns, func(c runner.Column) bool { return strings.EqualFold(c.Name, name) })
		if i < 0 {
			columns = append(columns, runner.Column{Name: name, DataType: dataType})
		} else if columns[i].DataType == "" {
			columns[i].DataType = dataType
		}
	}
	return columns
}

// nameFits checks that the name of a file can be that of a node and, in our own projects, where disabled nodes keep their
// names, that no other file has it.
func (l *loader) nameFits(p *pack, f file, what string) bool {
	if !p.dbt && !validName.MatchString(f.name) {
		e := fileError(f.path, "the file name of a "+what+" has to consist of letters, digits, _ and -, and begin with a letter or _")
		l.errs = append(l.errs, e)
		return false
	}
	return p.dbt || l.nameFree(&runner.Node{Name: f.name, Path: f.path}, what)
}

// nameFree checks that no other node of the package has a name, and takes it. Engines do not tell upper from lower case,
// so neither does this.
func (l *loader) nameFree(n *runner.Node, what string) bool {
	kind := ""
	if what == "test" {
		kind = what
	}
	key := n.Package + "." + kind + "." + strings.ToLower(n.Name)
	before, twice := l.names[key]
	if !twice {
		l.names[key] = n.Path
		return true
	}
	e := fileError(n.Path, "the name "+n.Name+" is taken by "+before)
	if e.Hint = "names are shared by all folders: rename one of the two"; what == "seed" {
		e.Hint = "models and seeds share their names, whatever folder they are in: rename one of the two"
	}
	l.errs = append(l.errs, e)
	return false
}

// useEntry adds to a node what its description says.
func (l *loader) useEntry(p *pack, n *runner.Node, e *entry, config *nodeConfig) *entry {
	if e == nil {
		return nil
	}
	e.used = true
	e.beside.Apply(config)
	e.patch.Apply(config)
	n.Description = l.describe(p, e.description)
	n.Columns = l.columns(p, e.columns)
	return e
}

func (l *loader) testsOf(p *pack, n *runner.Node, e *entry) {
	if e != nil {
		l.addTests(p, tested{node: n, file: e.file, on: n.Name, ref: "ref('" + n.Name + "')"}, e.tests, e.columns)
	}
}

func (l *loader) columns(p *pack, entries []columnEntry) []runner.Column {
	var out []runner.Column
	first := map[string]runner.Position{}
	for _, c := range entries {
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			key := strings.ToLower(name)
			if before, twice := first[key]; twice && before != c.Pos {
				l.failOrWarn(p, c.Pos, "", "the column %s is described in line %d already", name, before.Line)
			}
			first[key] = c.Pos
		}
		column := c.Column
		column.Description = l.describe(p, c.description)
		column.Tags = addTags(c.Tags, c.config.tags)
		if c.config.meta != nil {
			column.Meta = addMeta(c.Meta, c.config.meta)
		}
		out = append(out, column)
	}
	return out
}

// checkDescribed finds descriptions of models, seeds and snapshots that do not exist.
func (l *loader) checkDescribed(p *pack) {
	models, seeds := fileNames(p.found.models), fileNames(p.found.seeds)
	var snapshots []string
	for _, s := range l.project.Snapshots {
		snapshots = append(snapshots, s.Name)
	}
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
			if hint == "" {
				hint = map[string]string{
					"model":    "a model is a file " + name + ".sql in " + strings.Join(p.file.paths.Models, " or "),
					"seed":     "a seed is a file " + name + ".csv in " + strings.Join(p.file.paths.Seeds, " or "),
					"snapshot": "add relation: with what it keeps the history of",
				}[what]
			}
			l.failOrWarn(p, e.pos, hint, "there is no %s %s", what, name)
		}
	}
	check("model", "seed", p.models, models, seeds)
	check("seed", "model", p.seeds, seeds, models)
	check("snapshot", "model", p.snapshots, snapshots, models)
}

func fileNames(files []file) []string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = f.name
	}
	return out
}

// checkFolders finds folders and nodes configured in the project file that do not exist.
func (l *loader) checkFolders() {
	p := l.packs[0]
	f := &p.file
	if !p.dbt {
		for _, way := range p.found.folders {
			for n := range way {
				f.models.along(p.name, way[:n+1], &nodeConfig{})
				f.seeds.along(p.name, way[:n+1], &nodeConfig{})
				f.sources.along(p.name, way[:n+1], &nodeConfig{})
				f.tests.along(p.name, way[:n+1], &testConfig{})
			}
		}
	}
	f.models.unused(nil, l.reportUnused(p, "model", p.found.models))
	f.seeds.unused(nil, l.reportUnused(p, "seed", p.found.seeds))
	f.snapshots.unused(nil, l.reportUnused(p, "snapshot", p.found.snapshots))
	f.sources.unused(nil, l.reportUnused(p, "source", nil))
	f.tests.unused(nil, l.reportUnused(p, "data test", p.found.singular))
	f.unitTests.unused(nil, l.reportUnused(p, "unit test", nil))
	f.exposures.unused(nil, l.reportUnused(p, "exposure", nil))
}

// reportUnused notes a configured name that no folder and none of the files has, and proposes one that does.
func (l *loader) reportUnused(p *pack, what string, files []file) func(name string, above []string, pos runner.Position) {
	return func(name string, above []string, pos runner.Position) {
		var names []string
		for _, way := range p.found.folders {
			if len(way) == len(above)+1 && slices.Equal(way[:len(above)], above) {
				names = append(names, way[len(above)])
			}
		}
		for _, f := range files {
			if slices.Equal(f.way, above) {
				names = append(names, f.name)
			}
		}
		l.failOrWarn(p, pos, runner.DidYouMean(name, names), "there is no folder or %s %s to configure", what,
			strings.Join(append(slices.Clone(above), name), "/"))
	}
}
