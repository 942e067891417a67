package project

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/project/strict"
)

// readFiles finds and reads all files of a package but its project file and, as they need to know what tests there are,
// its property files.
func (l *loader) readFiles(ctx context.Context, p *pack) error {
	paths := p.file.paths
	yml := []string{".yml", ".yaml", ".md"}
	models := l.search(p, "models", paths.Models, append(yml, ".sql", ".py", ".csv")...)
	macros := l.search(p, "macros", paths.Macros, append(yml, ".sql")...)
	seeds := l.search(p, "seeds", paths.Seeds, append(yml, ".csv")...)
	snapshots := l.search(p, "snapshots", paths.Snapshots, append(yml, ".sql")...)
	tests := l.search(p, "tests", paths.Tests, append(yml, ".sql", ".csv")...)
	finders := []*finder{models, seeds, snapshots, tests}
	if p.dbt {
		finders = append(finders, macros, l.search(p, "docs", p.file.docsPaths, yml[2]), l.search(p, "analyses", p.file.analysisPaths, yml...))
	}
	p.found.folders = slices.Concat(models.folders, seeds.folders)
	seen := map[string]bool{}
	for _, fd := range finders {
		for _, f := range fd.files {
			described := f.ext == ".yml" || f.ext == ".yaml" || f.ext == ".md" && (p.dbt || fd == models)
			if !described || seen[f.path] {
				continue
			}
			seen[f.path] = true
			if f.ext == ".md" {
				p.found.docs = append(p.found.docs, f)
			} else {
				p.found.properties = append(p.found.properties, f)
			}
		}
	}
	for _, f := range models.files {
		l.sortModel(p, f)
	}
	for _, f := range tests.files {
		l.sortTest(p, f, f.way)
	}
	p.found.seeds = withEnding(seeds.files, ".csv")
	p.found.snapshots = withEnding(snapshots.files, ".sql")
	p.found.macros = append(withEnding(macros.files, ".sql"), p.found.macros...)
	for _, files := range [][]file{
		p.found.models, p.found.singular, p.found.macros, p.found.snapshots, p.found.fixtures, p.found.docs,
	} {
		if err := l.readTexts(ctx, files); err != nil {
			return err
		}
	}
	l.useMacros(p)
	l.readDocs(p)
	return nil
}

// search finds files below some folders of a package. Folders that the project file names have to exist.
func (l *loader) search(p *pack, what string, roots []string, exts ...string) *finder {
	fd := &finder{dir: l.project.Dir, exts: exts}
	within := make([]string, len(roots))
	for i, root := range roots {
		within[i] = root
		if !path.IsAbs(root) {
			within[i] = path.Join(p.dir, root)
		}
	}
	for _, missing := range fd.find(within) {
		if pos, named := p.file.explicit[what]; named && !p.dbt {
			l.fail(pos, "", "paths: there is no folder %s", missing)
		}
	}
	l.errs = append(l.errs, fd.errs...)
	return fd
}

func withEnding(files []file, ext string) []file {
	return slices.DeleteFunc(slices.Clone(files), func(f file) bool { return f.ext != ext })
}

// sortModel puts a file below the folders of models where it belongs. Our own projects have their tests there, too.
func (l *loader) sortModel(p *pack, f file) {
	switch {
	case !p.dbt && len(f.way) > 0 && f.way[0] == "assertions":
		l.sortTest(p, f, f.way[1:])
	case f.ext == ".sql":
		p.found.models = append(p.found.models, f)
	case f.ext == ".py":
		l.warn(runner.Position{File: f.path}, "", "models in Python are not supported; the file is passed over")
	}
}

// sortTest puts a file below the folders of tests where it belongs.
func (l *loader) sortTest(p *pack, f file, way []string) {
	isFixture := len(way) > 0 && way[0] == "fixtures"
	switch {
	case isFixture && (f.ext == ".sql" || f.ext == ".csv"):
		p.found.fixtures = append(p.found.fixtures, f)
	case f.ext != ".sql":
	case len(way) > 0 && way[0] == "generic":
		p.found.macros = append(p.found.macros, f)
	default:
		p.found.singular = append(p.found.singular, f)
	}
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

// useMacros adds the macros of a package and learns what data tests they define.
func (l *loader) useMacros(p *pack) {
	p.kinds = map[string][]string{}
	for _, f := range p.found.macros {
		l.project.Macros = append(l.project.Macros, runner.MacroFile{Path: f.path, Text: f.text, Package: p.label()})
		if !strings.Contains(f.text, "test") {
			continue
		}
		t := l.parseBlocks(f)
		if t == nil {
			continue
		}
		for _, m := range t.Macros() {
			if name, isTest := strings.CutPrefix(m.Name, "test_"); isTest {
				var params []string
				for _, param := range m.Params {
					params = append(params, param.Name)
				}
				p.addKind(name, params, m.Source)
			}
		}
		for _, b := range append(t.Blocks("test"), t.Blocks("data_test")...) {
			var params []string
			for _, param := range b.Params() {
				params = append(params, param.Name)
			}
			p.addKind(b.Name, params, b.Body())
		}
	}
}

// anyArgument stands for the arguments of a test whose macro takes kwargs.
const anyArgument = "*"

func (p *pack) addKind(name string, params []string, source string) {
	args := []string{}
	for _, param := range params {
		if param != "model" && param != "column_name" {
			args = append(args, param)
		}
	}
	if strings.Contains(source, "kwargs") {
		args = append(args, anyArgument)
	}
	p.kinds[name] = args
}

// testKinds are the data tests that the property files of a package may use: built-in ones, its own by their names, and
// those of other packages by package and name. nil allows any.
func (l *loader) testKinds(p *pack) map[string][]string {
	if l.opts.TestArgs == nil {
		return nil
	}
	kinds := maps.Clone(l.opts.TestArgs)
	for _, other := range l.packs {
		for name, args := range other.kinds {
			kinds[other.name+"."+name] = args
			if other == p {
				kinds[name] = args
			}
		}
	}
	return kinds
}

// readProperties parses the .yml files of a package, each in a goroutine of its own.
func (l *loader) readProperties(ctx context.Context, p *pack) error {
	files := p.found.properties
	if len(files) == 0 {
		return nil
	}
	keys := properties(l.testKinds(p))
	p.found.parsed = make([]propertyFile, len(files))
	readers := make([]*strict.Reader, len(files))
	errs := make([]runner.Errors, len(files))
	err := each(ctx, l.project.Dir, files, func(i int, err *runner.Error) {
		if err != nil {
			errs[i] = runner.Errors{err}
			return
		}
		r := l.reader(p, files[i].path, files[i].text, p.vars)
		if root := r.Parse(); root != nil {
			keys.Into(r, root, &p.found.parsed[i])
		}
		readers[i], errs[i] = r, r.Errors()
	})
	for i, f := range files {
		if readers[i] != nil {
			l.readers[f.path] = readers[i]
			l.warnings(p, readers[i])
		}
		l.errs = append(l.errs, errs[i]...)
	}
	return err
}

// warnings takes over what a reader passed over. What is odd in packages is not the user's to mend.
func (l *loader) warnings(p *pack, r *strict.Reader) {
	if p.root {
		l.project.Warnings = append(l.project.Warnings, r.Warnings()...)
	}
}
