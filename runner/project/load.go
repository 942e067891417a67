// Package project reads a project directory: project.yaml, the .yml files, SQL models, tests, macros and seeds. What it
// reads it reads strictly: an unknown key, a wrong type or a name used twice is an error with its line and a proposal.
// It reads the projects of dbt, too, by dbt's rules: what is unknown there is kept or passed over with a warning.
package project

import (
	"context"
	"fmt"
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
	// Descriptions, hooks and the arguments of data tests are never rendered: {{ doc() }} is looked up here, ref() while
	// compiling.
	Render func(text string, vars map[string]any, pos runner.Position) (string, error)

	// RenderIn is Render for templates that ask for the target, too. Where it is set, Render is not called.
	RenderIn func(text string, in Scope, pos runner.Position) (string, error)

	// TestArgs are the kinds of generic data tests and the arguments of each. nil accepts any.
	TestArgs map[string][]string
}

// Scope is what templates in YAML files may ask for.
type Scope struct {
	Project string // empty while the project file is read
	Vars    map[string]any
	Target  runner.Target // zero while project.yaml is read
}

// Load reads a project. The error is a runner.Errors with all that was found wrong in one pass (the project file first,
// and if that is in order everything else), or that of ctx.
func Load(ctx context.Context, opts Options) (*runner.Project, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("load project: %w", err)
	}
	l := newLoader(opts, dir)
	if l.readProjectFiles(); len(l.errs) > 0 {
		return nil, l.errs
	}
	for _, p := range l.packs {
		if err := l.readFiles(ctx, p); err != nil {
			return nil, err
		}
	}
	for _, p := range l.packs {
		if err := l.readProperties(ctx, p); err != nil {
			return nil, err
		}
	}
	l.readSelectors()
	if len(l.errs) > 0 {
		return nil, l.sorted()
	}
	l.assemble()
	l.watchSources()
	if len(l.errs) > 0 {
		return nil, l.sorted()
	}
	return l.project, nil
}

// loader is a project on its way.
type loader struct {
	opts    Options
	project *runner.Project
	packs   []*pack                   // the project's own first
	readers map[string]*strict.Reader // of YAML files by path, for excerpts
	errs    runner.Errors

	names map[string]string       // where a name of a model, seed or snapshot is taken, by package and lower-case name
	tests map[string]*runner.Test // by what has to differ
}

func newLoader(opts Options, dir string) *loader {
	return &loader{
		opts: opts, readers: map[string]*strict.Reader{}, names: map[string]string{}, tests: map[string]*runner.Test{},

		project: &runner.Project{Dir: dir, Disabled: map[string]runner.Position{}, Docs: map[string]string{}},
	}
}

// assemble makes the nodes of all that was read. What names other nodes comes after them.
func (l *loader) assemble() {
	for _, p := range l.packs {
		p.models = l.entries("model", p, func(f propertyFile) []nodeEntry { return f.models })
		p.seeds = l.entries("seed", p, func(f propertyFile) []nodeEntry { return f.seeds })
		p.snapshots = l.entries("snapshot", p, func(f propertyFile) []nodeEntry { return f.snapshots })
		l.findVersions(p)
		l.addGroups(p)
		l.addModels(p)
		l.addSeeds(p)
		l.addSnapshots(p)
		l.addSources(p)
		l.checkDescribed(p)
	}
	for _, p := range l.packs {
		l.addUnitTests(p)
		l.addExposures(p)
	}
	l.checkGroups()
	l.checkFolders()
	l.forgetDisabled()
	sortByPlace(l.project.Warnings)
}

// forgetDisabled takes what has another, enabled file of its name, which dbt allows, off the list of disabled nodes.
func (l *loader) forgetDisabled() {
	for _, m := range l.project.Models {
		delete(l.project.Disabled, m.ID)
	}
	for _, s := range l.project.Seeds {
		delete(l.project.Disabled, s.ID)
	}
	for _, s := range l.project.Snapshots {
		delete(l.project.Disabled, s.ID)
	}
}

// fail notes an error in a YAML file that was read before.
func (l *loader) fail(pos runner.Position, hint, format string, args ...any) {
	l.errs = append(l.errs, l.problem(pos, hint, format, args...))
}

// warn notes what is odd, but no reason to stop.
func (l *loader) warn(pos runner.Position, hint, format string, args ...any) {
	l.project.Warnings = append(l.project.Warnings, l.problem(pos, hint, format, args...))
}

// failOrWarn is fail, or warn where dbt goes on.
func (l *loader) failOrWarn(p *pack, pos runner.Position, hint, format string, args ...any) {
	switch {
	case !p.dbt:
		l.fail(pos, hint, format, args...)
	case p.root:
		l.warn(pos, hint, format, args...)
	}
}

func (l *loader) problem(pos runner.Position, hint, format string, args ...any) *runner.Error {
	if r := l.readers[pos.File]; r != nil {
		return r.Error(pos, hint, format, args...)
	}
	return &runner.Error{Code: runner.CodeConfig, Pos: pos, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// sorted are the errors in the order of files and lines.
func (l *loader) sorted() runner.Errors {
	sortByPlace(l.errs)
	return l.errs
}

func sortByPlace(errs runner.Errors) {
	slices.SortStableFunc(errs, func(a, b *runner.Error) int {
		if c := strings.Compare(a.Pos.File, b.Pos.File); c != 0 {
			return c
		}
		return a.Pos.Line - b.Pos.Line
	})
}

func (l *loader) render(vars map[string]any) strict.Render {
	switch {
	case l.opts.RenderIn != nil:
		in := Scope{Project: l.project.Name, Vars: vars, Target: l.project.Target}
		return func(text string, pos runner.Position) (string, error) { return l.opts.RenderIn(text, in, pos) }
	case l.opts.Render != nil:
		return func(text string, pos runner.Position) (string, error) { return l.opts.Render(text, vars, pos) }
	}
	return nil
}

// Outline reads the project file alone, for those who have to know where a project keeps its things although it does not
// load: name, target, paths and exports. What cannot be read is as it usually is; the name is empty then. The error is for
// what no change of the file's text mends: there is none, or Options.Target is none of its targets.
func Outline(opts Options) (*runner.Project, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("load project: %w", err)
	}
	l := newLoader(opts, dir)
	l.readRootFile(&pack{root: true})
	for _, e := range l.errs {
		if e.Pos.File == "" {
			return nil, e
		}
	}
	return l.project, nil
}

// readProjectFiles reads project.yaml or dbt_project.yml, and those of the packages.
func (l *loader) readProjectFiles() {
	root := &pack{root: true}
	l.packs = []*pack{root}
	l.readRootFile(root)
	if len(l.errs) > 0 {
		return
	}
	root.name = l.project.Name
	l.readPackages(root)
}

// readRootFile reads the file that makes the folder a project.
func (l *loader) readRootFile(root *pack) {
	switch {
	case l.has(FileName):
		l.project.Paths, l.project.Target = defaultPaths(), defaultTarget(first(l.opts.Target, "dev"))
		l.readProjectFile(root)
	case l.has(DBTFileName):
		l.project.DBT = true
		l.project.Paths, l.project.Target = dbtPaths(), dbtTarget(l.opts.Target)
		l.readDBTProjectFile(root)
	default:
		e := missing(fmt.Sprintf("no %s in %s", FileName, l.project.Dir))
		for _, other := range []string{"project.yml", "dbt_project.yaml"} {
			if l.has(other) {
				right := map[string]string{"project.yml": FileName, "dbt_project.yaml": DBTFileName}[other]
				e.Hint = "there is a " + other + ": rename it to " + right
			}
		}
		l.errs = append(l.errs, e)
	}
}

// has tells whether there is something of a name in the project's folder.
func (l *loader) has(name string) bool {
	_, err := os.Stat(filepath.Join(l.project.Dir, filepath.FromSlash(name)))
	return !os.IsNotExist(err)
}
