package project

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"elt/runner"
)

// findVersions learns which files hold versions of models.
func (l *loader) findVersions(p *pack) {
	p.byFile = map[string]*versioned{}
	files := fileNames(p.found.models)
	for _, model := range slices.Sorted(maps.Keys(p.models)) {
		e := p.models[model]
		if len(e.versions) == 0 {
			continue
		}
		e.used = true
		latest := e.latest
		if latest == "" {
			latest = greatest(e.versions)
		}
		known := false
		seen := map[string]bool{}
		for i := range e.versions {
			v := &e.versions[i]
			if seen[v.v] {
				l.fail(v.pos, "", "the version %s of %s is described twice", v.v, e.name)
				continue
			}
			seen[v.v] = true
			known = known || v.v == latest
			name := first(v.definedIn, e.name+"_v"+v.v)
			if v.definedIn == "" && v.v == latest && !slices.Contains(files, name) && slices.Contains(files, e.name) {
				name = e.name
			}
			if !slices.Contains(files, name) {
				l.fail(v.pos, first(runner.DidYouMean(name, files), "write it into "+name+".sql, or name its file with defined_in"),
					"there is no file for version %s of the model %s", v.v, e.name)
				continue
			}
			p.byFile[name] = &versioned{entry: e, version: v, latest: v.v == latest}
		}
		if !known {
			l.fail(e.pos, "", "latest_version %s of the model %s is none of its versions", latest, e.name)
		}
	}
}

// greatest is the last version: numbers by their value, else texts by their letters.
func greatest(versions []versionEntry) string {
	best := versions[0].v
	for _, v := range versions[1:] {
		a, errA := strconv.ParseFloat(best, 64)
		b, errB := strconv.ParseFloat(v.v, 64)
		switch {
		case errA == nil && errB == nil:
			if b > a {
				best = v.v
			}
		case v.v > best:
			best = v.v
		}
	}
	return best
}

// name gives a model the names of a version.
func (v *versioned) name(p *pack, f file, m *runner.Model) {
	m.BaseName, m.Version, m.Latest = v.entry.name, v.version.v, v.latest
	m.Name = m.BaseName + ".v" + m.Version
	m.ID = p.id(runner.KindModel, m.Name)
	m.FQN = slices.Concat([]string{p.name}, f.way, []string{m.BaseName, "v" + m.Version})
}

// testedModel is a model as its tests see it.
func testedModel(m *runner.Model, e *entry) tested {
	if m.Version == "" {
		return tested{node: &m.Node, file: e.file, on: m.Name, ref: "ref('" + m.Name + "')"}
	}
	return tested{
		node: &m.Node, file: e.file, on: m.BaseName + "_v" + m.Version, ref: "ref('" + m.BaseName + "', version='" + m.Version + "')",
	}
}

// plainName is what a version is called in the warehouse.
func plainName(m *runner.Model) string {
	return m.BaseName + "_v" + strings.ReplaceAll(m.Version, ".", "_")
}

// useVersion lays what is said about a version over what is said about its model.
func (l *loader) useVersion(p *pack, m *runner.Model, v *versioned, config *nodeConfig) *entry {
	own := *v.entry
	v.version.beside.Apply(config)
	v.version.patch.Apply(config)
	if config.Alias == "" {
		config.Alias = plainName(m)
	}
	if d := l.describe(p, v.version.description); d != "" {
		m.Description = d
	}
	if v.version.constraints != nil {
		m.Constraints = v.version.constraints
	}
	m.Deprecated = first(v.version.deprecated, m.Deprecated)
	own.columns = columnsOf(own.columns, v.version.columns)
	if v.version.hasTests {
		own.tests = v.version.tests
	}
	m.Columns = l.columns(p, own.columns)
	return &own
}

// columnsOf are the columns of a version: those of the model that its rule takes, all without one, and its own.
func columnsOf(model []columnEntry, own []versionColumn) []columnEntry {
	include, exclude := []string{"*"}, []string(nil)
	var added []columnEntry
	for _, c := range own {
		if c.column == nil {
			include, exclude = c.include, c.exclude
		} else {
			added = append(added, *c.column)
		}
	}
	has := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || s == "all" || strings.EqualFold(s, name) })
	}
	var out []columnEntry
	for _, c := range model {
		replaced := slices.ContainsFunc(added, func(a columnEntry) bool { return strings.EqualFold(a.Name, c.Name) })
		if has(include, c.Name) && !has(exclude, c.Name) && !replaced {
			out = append(out, c)
		}
	}
	return append(out, added...)
}
