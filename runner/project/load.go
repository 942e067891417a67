// Package project reads a project directory: project.yaml, the .yml files, SQL models, tests, macros and seeds. What it
// reads it reads strictly: an unknown key, a wrong type or a name used twice is an error with its line and a proposal.
package project

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/project/strict"
)

// Options say what to load and how.
type Options struct {
	Dir    string         // the project directory; see Find
	Target string         // empty: the one project.yaml chooses
	Vars   map[string]any // go before the vars of project.yaml

	// Render replaces {{ … }} in texts of YAML files. vars are those known so far: Options.Vars while the vars of
	// project.yaml are read, afterwards both. It may be called by several goroutines at once. nil leaves texts as they are.
	// Descriptions and the arguments of data tests are never rendered: {{ doc() }} is looked up here, ref() while compiling.
	Render func(text string, vars map[string]any, pos runner.Position) (string, error)

	// TestArgs are the kinds of generic data tests and the arguments of each. nil accepts any.
	TestArgs map[string][]string
}

// Load reads a project. The error is a runner.Errors with all that was found wrong in one pass (project.yaml first, and
// if that is in order everything else), or that of ctx.
func Load(ctx context.Context, opts Options) (*runner.Project, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("load project: %w", err)
	}
	l := &loader{opts: opts, readers: map[string]*strict.Reader{}}
	l.project = &runner.Project{Dir: dir, Disabled: map[string]runner.Position{}, Docs: map[string]string{}}
	if l.readProjectFile(); len(l.errs) > 0 {
		return nil, l.errs
	}
	if err := l.readFiles(ctx); err != nil {
		return nil, err
	}
	if len(l.errs) > 0 {
		return nil, l.sorted()
	}
	l.addModels()
	l.addSeeds()
	l.addSources()
	l.checkDescribed()
	l.checkFolders()
	if len(l.errs) > 0 {
		return nil, l.sorted()
	}
	return l.project, nil
}

// loader is a project on its way.
type loader struct {
	opts    Options
	project *runner.Project
	file    projectFile
	found   projectFiles
	readers map[string]*strict.Reader // of YAML files by path, for excerpts
	errs    runner.Errors

	models map[string]*entry // descriptions by name
	seeds  map[string]*entry
	tests  map[string]*runner.Test // by lower-case name
}

// projectFiles are the files found, in the order of their paths.
type projectFiles struct {
	models     []file
	singular   []file
	macros     []file
	seeds      []file
	properties []file
	parsed     []propertyFile // of the same index in properties
	folders    [][]string     // ways of the folders below the paths of models and seeds
}

// fail notes an error in a YAML file that was read before.
func (l *loader) fail(pos runner.Position, hint, format string, args ...any) {
	if r := l.readers[pos.File]; r != nil {
		l.errs = append(l.errs, r.Error(pos, hint, format, args...))
		return
	}
	l.errs = append(l.errs, &runner.Error{Code: runner.CodeConfig, Pos: pos, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// sorted are the errors in the order of files and lines.
func (l *loader) sorted() runner.Errors {
	slices.SortStableFunc(l.errs, func(a, b *runner.Error) int {
		if c := strings.Compare(a.Pos.File, b.Pos.File); c != 0 {
			return c
		}
		return a.Pos.Line - b.Pos.Line
	})
	return l.errs
}

func (l *loader) readProjectFile() {
	if _, err := os.Stat(filepath.Join(l.project.Dir, FileName)); os.IsNotExist(err) {
		e := missing(fmt.Sprintf("no %s in %s", FileName, l.project.Dir))
		for _, other := range []string{"project.yml", "dbt_project.yml"} {
			if _, err := os.Stat(filepath.Join(l.project.Dir, other)); err == nil {
				e.Hint = "there is a " + other + ": rename it to " + FileName
			}
		}
		l.errs = append(l.errs, e)
		return
	}
	text, problem := readText(l.project.Dir, FileName)
	if problem != nil {
		l.errs = append(l.errs, problem)
		return
	}
	r := strict.NewReader(FileName, text, nil)
	l.readers[FileName] = r
	root := r.Parse()
	if root == nil {
		if l.errs = r.Errors(); len(l.errs) == 0 {
			e := fileError(FileName, "is empty")
			e.Hint = "begin with name: and the name of the project"
			l.errs = append(l.errs, e)
		}
		return
	}
	l.project.Vars = l.vars(r, root.Get("vars"))
	r.SetRender(l.render(l.project.Vars))
	l.file = projectFile{paths: defaultPaths()}
	projectKeys().Into(r, root, &l.file)
	l.errs = append(l.errs, r.Errors()...)
	l.useProjectFile(root)
}

// vars are those of project.yaml overlaid by those of the options.
func (l *loader) vars(r *strict.Reader, v *strict.Value) map[string]any {
	vars := map[string]any{}
	if v != nil && v.Kind != strict.Null {
		r.SetRender(l.render(l.opts.Vars))
		if declared, ok := strict.AnyMap(true).Read(r, v); ok {
			vars = declared
		}
	}
	maps.Copy(vars, l.opts.Vars)
	return vars
}

func (l *loader) render(vars map[string]any) strict.Render {
	if l.opts.Render == nil {
		return nil
	}
	return func(text string, pos runner.Position) (string, error) { return l.opts.Render(text, vars, pos) }
}

func (l *loader) useProjectFile(root *strict.Value) {
	f := &l.file
	f.paths.Output = f.paths.Data
	f.explicit = map[string]runner.Position{}
	if paths := root.Get("paths"); paths != nil {
		for _, field := range paths.Fields {
			if field.Value.Kind != strict.Null {
				f.explicit[field.Key] = field.Pos
			}
		}
	}
	seen := map[string]int{}
	for _, e := range f.exports {
		key := e.Format + " " + e.Path
		if line, twice := seen[key]; twice && e.Path != "" {
			l.fail(e.Pos, "", "%s is written by the export in line %d already", e.Path, line)
		}
		seen[key] = e.Pos.Line
	}
	l.project.Name, l.project.Paths, l.project.Exports = f.name, f.paths, f.exports
	l.chooseTarget()
}

// chooseTarget takes the target of the options, else that of project.yaml, else dev, else the only one.
func (l *loader) chooseTarget() {
	f := &l.file
	names := make([]string, len(f.targets))
	for i, t := range f.targets {
		names[i] = t.Name
		if !validName.MatchString(t.Name) {
			l.fail(t.Pos, "", "%q cannot be the name of a target: use letters, digits, _ and -", t.Name)
		}
	}
	if len(names) == 0 {
		names = []string{"dev"}
		f.targets = []strict.Entry[runner.Target]{{Name: "dev", Value: defaultTarget("dev")}}
	}
	wanted, pos := l.opts.Target, runner.Position{}
	switch {
	case wanted != "":
	case f.target.V != "":
		wanted, pos = f.target.V, f.target.Pos
	case len(names) == 1:
		wanted = names[0]
	case slices.Contains(names, "dev"):
		wanted = "dev"
	default:
		l.fail(f.pos, "the targets are "+strings.Join(names, ", "), "%s needs the key \"target\", which chooses among several targets", FileName)
		return
	}
	i := slices.Index(names, wanted)
	if i >= 0 {
		l.project.Target = f.targets[i].Value
		l.project.Target.Name = wanted
		return
	}
	hint := runner.DidYouMean(wanted, names)
	if hint == "" {
		hint = "the targets are " + strings.Join(names, ", ")
	}
	l.fail(pos, hint, "there is no target %q", wanted)
}

// readFiles finds, reads and parses all files but project.yaml.
func (l *loader) readFiles(ctx context.Context) error {
	paths, explicit := l.project.Paths, l.file.explicit
	search := func(what string, roots []string, exts ...string) *finder {
		fd := &finder{dir: l.project.Dir, exts: exts}
		for _, missing := range fd.find(roots) {
			if pos, named := explicit[what]; named {
				l.fail(pos, "", "paths: there is no folder %s", missing)
			}
		}
		l.errs = append(l.errs, fd.errs...)
		return fd
	}
	models := search("models", paths.Models, ".sql", ".yml", ".yaml", ".md")
	macros := search("macros", paths.Macros, ".sql")
	seeds := search("seeds", paths.Seeds, ".csv", ".yml", ".yaml")
	l.found.macros = macros.files
	l.found.folders = slices.Concat(models.folders, seeds.folders)
	var docs []file
	for _, f := range models.files {
		switch {
		case f.ext == ".md":
			docs = append(docs, f)
		case f.ext != ".sql":
			l.found.properties = append(l.found.properties, f)
		case len(f.way) > 0 && f.way[0] == "assertions":
			l.found.singular = append(l.found.singular, f)
		default:
			l.found.models = append(l.found.models, f)
		}
	}
	for _, f := range seeds.files {
		switch {
		case f.ext == ".csv":
			l.found.seeds = append(l.found.seeds, f)
		case !models.seen[f.path]:
			l.found.properties = append(l.found.properties, f)
		}
	}
	for _, files := range [][]file{l.found.models, l.found.singular, l.found.macros, docs} {
		if err := l.readTexts(ctx, files); err != nil {
			return err
		}
	}
	for _, f := range l.found.macros {
		l.project.Macros = append(l.project.Macros, runner.MacroFile{Path: f.path, Text: f.text})
	}
	l.readDocs(docs)
	return l.readProperties(ctx)
}

func (l *loader) readTexts(ctx context.Context, files []file) error {
	errs := make(runner.Errors, len(files))
	err := each(ctx, l.project.Dir, files, func(i int, err *runner.Error) {
		if errs[i] = err; err == nil {
			errs[i] = sourceText(&files[i])
		}
	})
	l.errs = append(l.errs, slices.DeleteFunc(errs, func(e *runner.Error) bool { return e == nil })...)
	return err
}

// readProperties parses the .yml files, each in a goroutine of its own.
func (l *loader) readProperties(ctx context.Context) error {
	files := l.found.properties
	keys := properties(l.opts.TestArgs)
	l.found.parsed = make([]propertyFile, len(files))
	readers := make([]*strict.Reader, len(files))
	errs := make([]runner.Errors, len(files))
	err := each(ctx, l.project.Dir, files, func(i int, err *runner.Error) {
		if err != nil {
			errs[i] = runner.Errors{err}
			return
		}
		r := strict.NewReader(files[i].path, files[i].text, l.render(l.project.Vars))
		if root := r.Parse(); root != nil {
			keys.Into(r, root, &l.found.parsed[i])
		}
		readers[i], errs[i] = r, r.Errors()
	})
	for i, f := range files {
		if readers[i] != nil {
			l.readers[f.path] = readers[i]
		}
		l.errs = append(l.errs, errs[i]...)
	}
	return err
}
