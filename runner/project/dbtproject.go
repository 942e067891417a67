package project

import (
	"maps"
	"path"

	"elt/runner"
	"elt/runner/project/strict"
)

// DBTFileName is the name of the file that makes a folder a project of dbt's.
const DBTFileName = "dbt_project.yml"

// dbtTarget is where a project of dbt's is built: profiles are not read, so any name of a target will do, and each has a
// warehouse file of its own beside dbt_project.yml.
func dbtTarget(name string) runner.Target {
	name = first(name, "dev")
	return runner.Target{Name: name, Path: name + ".duckdb", Schema: "main"}
}

// dbtState is the folder for what elt keeps beside a project of dbt's.
const dbtState = ".elt"

// snapshotVar is the variable that, set to false, has runs of a project of dbt's publish no snapshot, which costs as much
// room and writing as its tables. Without one `elt serve` has no rows to show.
const snapshotVar = "elt_snapshot"

// dbtPaths are dbt's defaults.
func dbtPaths() runner.Paths {
	return runner.Paths{
		Models: []string{"models"}, Macros: []string{"macros"}, Seeds: []string{"seeds"}, Snapshots: []string{"snapshots"},
		Tests: []string{"tests"}, Target: "target", Data: dbtState, Output: dbtState,
	}
}

func newDBTProjectFile() projectFile {
	return projectFile{paths: dbtPaths(), analysisPaths: []string{"analyses"}, packagesDir: "dbt_packages"}
}

// dbtProjectKeys is the table of dbt_project.yml. It is read leniently, so that keys of other versions do no harm.
func dbtProjectKeys() *strict.Object[projectFile] {
	many := func(name string, field func(*projectFile) *[]string) strict.Key[projectFile] {
		return strict.FieldOf(name, "", strict.OneOrMore(pathShape()), field)
	}
	return &strict.Object[projectFile]{
		What: DBTFileName,
		At:   func(p *projectFile, pos runner.Position) { p.pos = pos },
		Keys: concat([]strict.Key[projectFile]{
			strict.FieldOf("name", "", strict.Where(strict.String(), "a name of letters, digits and _", validProject),
				func(p *projectFile) *string { return &p.name }).Needed(),
			many("model-paths", func(p *projectFile) *[]string { return &p.paths.Models }).Or("source-paths"),
			many("seed-paths", func(p *projectFile) *[]string { return &p.paths.Seeds }).Or("data-paths"),
			many("macro-paths", func(p *projectFile) *[]string { return &p.paths.Macros }),
			many("snapshot-paths", func(p *projectFile) *[]string { return &p.paths.Snapshots }),
			many("test-paths", func(p *projectFile) *[]string { return &p.paths.Tests }),
			many("analysis-paths", func(p *projectFile) *[]string { return &p.analysisPaths }),
			many("docs-paths", func(p *projectFile) *[]string { return &p.docsPaths }),
			strict.FieldOf("target-path", "", pathShape(), func(p *projectFile) *string { return &p.paths.Target }),
			strict.FieldOf("packages-install-path", "", pathShape(), func(p *projectFile) *string { return &p.packagesDir }).Or("modules-path"),
			strict.FieldOf("vars", "", strict.AnyMap(false), func(p *projectFile) *map[string]any { return &p.vars }),
			strict.FieldOf("tests", "", folderShape(testConfigKeys(), "tests"),
				func(p *projectFile) **folder[testConfig] { return &p.tests }).Or("data_tests"),
		}, folderKeys(), runKeys(), ignoredOfDBT()),
	}
}

// ignoredOfDBT are keys that mean nothing here, or are for other tools.
func ignoredOfDBT() []strict.Key[projectFile] {
	var out []strict.Key[projectFile]
	for _, name := range []string{
		"version", "config-version", "profile", "asset-paths", "clean-targets", "log-path", "quoting", "query-comment",
		"require-dbt-version", "flags", "dbt-cloud", "metrics", "semantic-models", "saved-queries", "analyses", "functions",
		"function-paths", "restrict-access", "docs", "anchors",
	} {
		out = append(out, passedOverIn[projectFile](name))
	}
	return out
}

// runKeys are the keys about runs as a whole, which both kinds of project files have.
func runKeys() []strict.Key[projectFile] {
	return []strict.Key[projectFile]{
		strict.FieldOf("on-run-start", "SQL to run before everything else.", strict.OneOrMore(strict.Raw()),
			func(p *projectFile) *[]string { return &p.onRunStart }),
		strict.FieldOf("on-run-end", "SQL to run after everything else.", strict.OneOrMore(strict.Raw()),
			func(p *projectFile) *[]string { return &p.onRunEnd }),
		strict.FieldOf("dispatch", "Where adapter.dispatch looks for macros.", strict.ListOf(dispatchShape()),
			func(p *projectFile) *[]dispatch { return &p.dispatch }),
	}
}

// dispatch is one entry of dispatch.
type dispatch struct {
	namespace string
	order     []string
}

func dispatchShape() strict.Shape[dispatch] {
	keys := strict.Object[dispatch]{
		What: "an entry of dispatch",
		Keys: []strict.Key[dispatch]{
			strict.FieldOf("macro_namespace", "Package whose macros are meant.", strict.String(),
				func(d *dispatch) *string { return &d.namespace }).Needed(),
			strict.FieldOf("search_order", "Packages in the order to look.", strict.ListOf(strict.String()),
				func(d *dispatch) *[]string { return &d.order }).Needed(),
		},
	}
	return keys.Shape()
}

// folderKeys are the configurations by folder that both kinds of project files have, beside that of data tests.
func folderKeys() []strict.Key[projectFile] {
	return []strict.Key[projectFile]{
		strict.FieldOf("models", "Configuration of models by folder.", folderShape(modelConfigKeys(), "models"),
			func(p *projectFile) **folder[nodeConfig] { return &p.models }),
		strict.FieldOf("seeds", "Configuration of seeds by folder.", folderShape(seedConfigKeys(), "seeds"),
			func(p *projectFile) **folder[nodeConfig] { return &p.seeds }),
		strict.FieldOf("snapshots", "Configuration of snapshots, by folder, file and name.",
			folderShape(snapshotConfigKeys(), "snapshots"), func(p *projectFile) **folder[nodeConfig] { return &p.snapshots }),
		strict.FieldOf("sources", "Configuration of sources, by folder of the file that declares them, source and table.",
			folderShape(sourceConfigKeys(), "sources"), func(p *projectFile) **folder[nodeConfig] { return &p.sources }),
		strict.FieldOf("unit_tests", "Configuration of unit tests, by folder of the file that declares them, model and name.",
			folderShape(useConfigKeys("a unit test"), "uses"), func(p *projectFile) **folder[nodeConfig] { return &p.unitTests }),
		strict.FieldOf("exposures", "Configuration of exposures, by folder of the file that declares them and name.",
			folderShape(useConfigKeys("an exposure"), "uses"), func(p *projectFile) **folder[nodeConfig] { return &p.exposures }),
	}
}

// readDBTProjectFile reads the dbt_project.yml of a package.
func (l *loader) readDBTProjectFile(p *pack) bool {
	p.dbt = true
	name := path.Join(p.dir, DBTFileName)
	text, problem := readText(l.project.Dir, name)
	if problem != nil {
		l.errs = append(l.errs, problem)
		return false
	}
	r := l.reader(p, name, text, l.opts.Vars)
	l.readers[name] = r
	root := r.Parse()
	if root == nil {
		if l.errs = append(l.errs, r.Errors()...); len(r.Errors()) == 0 {
			l.fail(runner.Position{File: name}, "begin with name: and the name of the project", "is empty")
		}
		return false
	}
	p.file = newDBTProjectFile()
	dbtProjectKeys().Into(r, root, &p.file)
	l.errs = append(l.errs, r.Errors()...)
	l.warnings(p, r)
	p.name = p.file.name
	if !p.root {
		return len(r.Errors()) == 0
	}
	l.project.Name, l.project.Paths = p.name, p.file.paths
	p.vars = l.varsFor(p.name, p.file.vars)
	l.project.Vars = p.vars
	if p.vars[snapshotVar] != false {
		l.project.Exports = []runner.Export{{Format: "duckdb", Path: "snapshot.duckdb"}}
	}
	l.useRunKeys(p)
	return len(r.Errors()) == 0
}

func (l *loader) useRunKeys(p *pack) {
	l.project.OnRunStart = append(l.project.OnRunStart, p.runHooks(p.file.onRunStart)...)
	l.project.OnRunEnd = append(l.project.OnRunEnd, p.runHooks(p.file.onRunEnd)...)
	if !p.root {
		return
	}
	for _, d := range p.file.dispatch {
		if l.project.Dispatch == nil {
			l.project.Dispatch = map[string][]string{}
		}
		l.project.Dispatch[d.namespace] = d.order
	}
}

// varsFor are the vars that nodes of a package see: what each project file says for all and for the package, the later
// files over the earlier, and those of the options over all.
func (l *loader) varsFor(name string, files ...map[string]any) map[string]any {
	out := map[string]any{}
	for _, vars := range files {
		maps.Copy(out, vars)
		if own, ok := vars[name].(map[string]any); ok {
			maps.Copy(out, own)
		}
	}
	maps.Copy(out, l.opts.Vars)
	return out
}

func (p *pack) runHooks(texts []string) []runner.RunHook {
	var hooks []runner.RunHook
	for _, text := range texts {
		hooks = append(hooks, runner.RunHook{SQL: text, Package: p.label()})
	}
	return hooks
}
