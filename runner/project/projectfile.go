package project

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"elt/runner"
	"elt/runner/dag"
	"elt/runner/project/strict"
)

// FileName is the name of the file that makes a folder a project.
const FileName = "project.yaml"

// projectFile is what project.yaml says.
type projectFile struct {
	pos      runner.Position
	name     string
	target   strict.At[string]
	targets  []strict.Entry[runner.Target]
	paths    runner.Paths
	explicit map[string]runner.Position // keys of paths that the file holds: those folders have to exist
	exports  []runner.Export

	schedules   []*runner.Schedule
	keepSources bool // do not watch the files of sources
	onSuccess   []runner.Hook
	onFailure   []runner.Hook
	lineage     *runner.LineageTarget

	models    *folder[nodeConfig]
	seeds     *folder[nodeConfig]
	snapshots *folder[nodeConfig]
	sources   *folder[nodeConfig]
	unitTests *folder[nodeConfig]
	exposures *folder[nodeConfig]
	tests     *folder[testConfig]

	onRunStart []string
	onRunEnd   []string
	dispatch   []dispatch

	// Of dbt_project.yml.
	vars          map[string]any
	analysisPaths []string
	docsPaths     []string
	packagesDir   string
}

func defaultPaths() runner.Paths {
	return runner.Paths{
		Models: []string{"models"}, Macros: []string{"macros"}, Seeds: []string{"seeds"}, Snapshots: []string{"snapshots"},
		Target: "target", Data: "data", Output: "data",
	}
}

func defaultTarget(name string) runner.Target {
	return runner.Target{Name: name, Path: "data/warehouse.duckdb", Schema: "main"}
}

func projectKeys() *strict.Object[projectFile] {
	return &strict.Object[projectFile]{
		What: FileName,
		At:   func(p *projectFile, pos runner.Position) { p.pos = pos },
		Keys: concat([]strict.Key[projectFile]{
			strict.FieldOf("name", "Name of the project: letters, digits and _.",
				strict.Where(strict.String(), "a name of letters, digits and _", validProject),
				func(p *projectFile) *string { return &p.name }).Needed(),
			strict.FieldOf("target", "Target to build into unless --target says otherwise; dev if there is one.",
				strict.Located(strict.String()), func(p *projectFile) *strict.At[string] { return &p.target }),
			strict.FieldOf("targets", "Places to build into, by name.",
				strict.Named(targetKeys().ShapeFrom(func() runner.Target { return defaultTarget("") })),
				func(p *projectFile) *[]strict.Entry[runner.Target] { return &p.targets }),
			strict.FieldOf("paths", "Folders of the project, relative to this file.", pathKeys().ShapeFrom(defaultPaths),
				func(p *projectFile) *runner.Paths { return &p.paths }),
			{
				Name: "vars", Doc: "Values for {{ var('name') }}; --vars overrides them.", Schema: strict.AnyMap(true).Schema,
				Read: func(*strict.Reader, *strict.Value, *projectFile) {},
			}, // read before all else, see vars
			strict.FieldOf("data_tests", "Configuration of data tests, by folder of the file that declares them and name.",
				folderShape(testConfigKeys(), "tests"), func(p *projectFile) **folder[testConfig] { return &p.tests }).Or("tests"),
			strict.FieldOf("exports", "Files written on publish.", strict.ListOf(exportShape()),
				func(p *projectFile) *[]runner.Export { return &p.exports }),
			ignored[projectFile]("version", "Version of the project, for its own use."),
			ignored[projectFile]("config-version", "Accepted for files that come from dbt; means nothing."),
		}, folderKeys(), runKeys(), automationKeys()),
		Instead: map[string]string{
			"model-paths":   "write paths: {models: [models]}",
			"macro-paths":   "write paths: {macros: [macros]}",
			"seed-paths":    "write paths: {seeds: [seeds]}",
			"test-paths":    "singular tests stand in models/assertions, or in folders that paths: {tests: …} names",
			"target-path":   "write paths: {target: target}",
			"profile":       "targets stand in this file, below targets:",
			"outputs":       "targets stand below targets:",
			"packages":      "list packages in packages.yml",
			"clean-targets": "elt clean knows what it made; leave this key out",
		},
	}
}

// ignored is a key that may hold any scalar and changes nothing.
func ignored[T any](name, doc string) strict.Key[T] {
	return strict.Key[T]{
		Name: name, Doc: doc, Schema: strict.Literal().Schema,
		Read: func(r *strict.Reader, v *strict.Value, _ *T) { strict.Literal().Read(r, v) },
	}
}

func targetKeys() *strict.Object[runner.Target] {
	return &strict.Object[runner.Target]{
		What: "a target",
		Keys: []strict.Key[runner.Target]{
			strict.FieldOf("path", "Warehouse file, relative to the project or absolute; without it data/warehouse.duckdb.",
				pathShape(), func(t *runner.Target) *string { return &t.Path }),
			strict.FieldOf("schema", "Schema of models that name none; without it main.", nameShape(),
				func(t *runner.Target) *string { return &t.Schema }),
			strict.FieldOf("threads", "Nodes built at once; 0, as without this key, takes as many as there are cores.",
				strict.Count(0), func(t *runner.Target) *int { return &t.Threads }),
			strict.FieldOf("memory_limit", `Memory the engine may use, such as "4GB"; without it half a gigabyte, or twelve times the raw files if that is more.`, textShape(),
				func(t *runner.Target) *string { return &t.MemoryLimit }),
		},
		Instead: map[string]string{
			"type":     "the warehouse is always DuckDB; leave this key out",
			"database": `write path: "data/warehouse.duckdb"`,
		},
	}
}

func pathKeys() *strict.Object[runner.Paths] {
	many := func(name, doc string, field func(*runner.Paths) *[]string) strict.Key[runner.Paths] {
		return strict.FieldOf(name, doc, strict.OneOrMore(pathShape()), field)
	}
	return &strict.Object[runner.Paths]{
		What: "paths",
		Keys: []strict.Key[runner.Paths]{
			many("models", "Folders of SQL models and the .yml files beside them.", func(p *runner.Paths) *[]string { return &p.Models }),
			many("macros", "Folders of Jinja macros.", func(p *runner.Paths) *[]string { return &p.Macros }),
			many("seeds", "Folders of small reference CSV files.", func(p *runner.Paths) *[]string { return &p.Seeds }),
			many("snapshots", "Folders of files with snapshot blocks.", func(p *runner.Paths) *[]string { return &p.Snapshots }),
			many("tests", "Folders of singular tests beside models/assertions; generic/ below holds tests as macros, fixtures/ rows for unit tests.",
				func(p *runner.Paths) *[]string { return &p.Tests }),
			strict.FieldOf("target", "Folder for compiled SQL and artifacts.", pathShape(),
				func(p *runner.Paths) *string { return &p.Target }),
			strict.FieldOf("data", "Folder for raw files, the warehouse and results.", pathShape(),
				func(p *runner.Paths) *string { return &p.Data }),
		},
	}
}

// exportShape is one entry of exports.
func exportShape() strict.Shape[runner.Export] {
	keys := strict.Object[runner.Export]{
		What: "an export",
		At:   func(e *runner.Export, pos runner.Position) { e.Pos = pos },
		Keys: []strict.Key[runner.Export]{
			strict.FieldOf("format", "Kind of file.", strict.Choice("csv", "parquet", "sqlite", "duckdb"),
				func(e *runner.Export) *string { return &e.Format }).Needed(),
			strict.FieldOf("select", "Models to write, as for --select; without it all.", selectorShape(),
				func(e *runner.Export) *string { return &e.Select }),
			strict.FieldOf("path", "File below the data folder; {name} stands for the name of the model.", exportPathShape(),
				func(e *runner.Export) *string { return &e.Path }).Needed(),
		},
	}
	return keys.Shape()
}

func selectorShape() strict.Shape[string] {
	s := strict.String()
	read := s.Read
	s.Read = func(r *strict.Reader, v *strict.Value) (string, bool) {
		text, ok := read(r, v)
		if _, err := dag.Parse(text); ok && err != nil {
			r.Fail(v.Pos, "", "%s", err)
			return "", false
		}
		return text, ok
	}
	return s
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}?`)

func exportPathShape() strict.Shape[string] {
	s := pathShape()
	read := s.Read
	s.Read = func(r *strict.Reader, v *strict.Value) (string, bool) {
		text, ok := read(r, v)
		if !ok {
			return "", false
		}
		clean := path.Clean(text)
		if path.IsAbs(clean) || clean == "." || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(text, `\`) {
			r.ExpectedBut(v, "a file below the data folder", "write the path with slashes and without ..")
			return "", false
		}
		for _, p := range placeholder.FindAllString(text, -1) {
			if p != "{name}" {
				r.ExpectedBut(v, "a path in which {name} is the only placeholder", fmt.Sprintf("write {name} instead of %s", p))
				return "", false
			}
		}
		return clean, true
	}
	return s
}
