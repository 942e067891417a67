package project

import (
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/project/strict"
)

// pack is one package: the project itself, or one that it depends on.
type pack struct {
	name  string
	dir   string // below the project's folder; empty for the project's own
	dbt   bool   // read from dbt_project.yml
	root  bool
	file  projectFile
	vars  map[string]any
	found projectFiles
	kinds map[string][]string // generic data tests that its macros define, and their arguments

	models    map[string]*entry // descriptions by name
	seeds     map[string]*entry
	snapshots map[string]*entry
	byFile    map[string]*versioned // versions of models by the names of their files
}

// projectFiles are the files found, in the order of their paths.
type projectFiles struct {
	models     []file
	singular   []file
	macros     []file
	seeds      []file
	snapshots  []file
	fixtures   []file
	docs       []file
	properties []file
	parsed     []propertyFile // of the same index in properties
	folders    [][]string     // ways of the folders below the paths of models and seeds
}

// entry is what a .yml file says about a model, a seed or a snapshot.
type entry struct {
	nodeEntry
	file file
	used bool
}

// versioned is one version of a model.
type versioned struct {
	entry   *entry
	version *versionEntry
	latest  bool
}

// label is the name of a package as nodes carry it.
func (p *pack) label() string {
	if p.root {
		return ""
	}
	return p.name
}

func (p *pack) id(kind runner.Kind, names ...string) string {
	return string(kind) + "." + p.name + "." + strings.Join(names, ".")
}

// node is a node that a file declares. The last of names is its own.
func (p *pack) node(kind runner.Kind, f file, names ...string) runner.Node {
	return runner.Node{
		ID:      p.id(kind, names...),
		Kind:    kind,
		Name:    names[len(names)-1],
		Path:    f.path,
		Pos:     runner.Position{File: f.path, Line: 1, Col: 1},
		Package: p.label(),
		FQN:     slices.Concat([]string{p.name}, f.way, names),
	}
}

// reader makes a reader for a YAML file of the package.
func (l *loader) reader(p *pack, path, text string, vars map[string]any) *strict.Reader {
	r := strict.NewReader(path, text, l.render(vars))
	if p.dbt {
		r.SetLenient()
	}
	return r
}
