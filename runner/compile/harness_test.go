package compile_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/engine/duckdb"
)

var update = flag.Bool("update", false, "write what comes out into the fixtures")

// setup is what a fixture says of its project in setup.yaml, beside its files.
type setup struct {
	Name      string                    `yaml:"name"`
	DBT       bool                      `yaml:"dbt"`
	Vars      map[string]any            `yaml:"vars"`
	Env       map[string]string         `yaml:"env"`
	Packages  map[string]map[string]any `yaml:"packages"` // vars of each package
	Dispatch  map[string][]string       `yaml:"dispatch"`
	Docs      map[string]string         `yaml:"docs"`
	Groups    []string                  `yaml:"groups"`
	Sources   map[string]string         `yaml:"sources"` // source.table: external expression, if any
	Seeds     []string                  `yaml:"seeds"`
	Models    map[string]model          `yaml:"models"` // what .yml would say of them
	Tests     []test                    `yaml:"tests"`
	Exposures map[string][]string       `yaml:"exposures"`
	Disabled  map[string]string         `yaml:"disabled"`
}

type model struct {
	Config  map[string]any `yaml:"config"`
	Version string         `yaml:"version"`
	Base    string         `yaml:"base"`
	Latest  bool           `yaml:"latest"`
}

type test struct {
	Type   string         `yaml:"type"`
	On     string         `yaml:"on"`
	Column string         `yaml:"column"`
	Where  string         `yaml:"where"`
	Args   map[string]any `yaml:"args"`
}

// projectOf makes a project of a fixture: models/, macros/, packages/P/macros/, packages/P/models/, snapshots/, tests/.
func projectOf(t *testing.T, a *txtar.Archive) (*runner.Project, setup) {
	t.Helper()
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	var s setup
	require.NoError(t, yaml.UnmarshalWithOptions([]byte(files["setup.yaml"]), &s, yaml.Strict()))
	if s.Name == "" {
		s.Name = "shop"
	}
	p := &runner.Project{
		Name: s.Name, Target: runner.Target{Name: "dev", Path: "data/shop.duckdb", Schema: "main", Threads: 4}, Vars: s.Vars, DBT: s.DBT,
		Docs: s.Docs, Dispatch: s.Dispatch, PackageVars: s.Packages, Disabled: map[string]runner.Position{},
	}
	for id, where := range s.Disabled {
		p.Disabled[id] = runner.Position{File: where}
	}
	for _, g := range s.Groups {
		p.Groups = append(p.Groups, runner.Group{Name: g})
	}
	for key, external := range s.Sources {
		source, table, _ := strings.Cut(key, ".")
		p.Sources = append(p.Sources, &runner.Source{
			Node:   node(runner.KindSource, s.Name, "", source+"."+table, "models/sources.yml", nil),
			Source: source, External: external,
		})
		p.Sources[len(p.Sources)-1].Name = table
	}
	for _, name := range s.Seeds {
		p.Seeds = append(p.Seeds, &runner.Seed{Node: node(runner.KindSeed, s.Name, "", name, "seeds/"+name+".csv", nil)})
	}
	for _, f := range a.Files {
		addFile(p, s, f.Name, string(f.Data))
	}
	addTests(p, s)
	return p, s
}

func node(kind runner.Kind, project, pkg, name, path string, config map[string]any) runner.Node {
	owner := project
	if pkg != "" {
		owner = pkg
	}
	n := runner.Node{
		ID: string(kind) + "." + owner + "." + name, Kind: kind, Name: name, Path: path, Package: pkg,
		Pos: runner.Position{File: path, Line: 1, Col: 1}, FQN: []string{owner, name}, Config: runner.Config{Enabled: true, All: config},
	}
	c := &n.Config
	c.Schema, _ = config["schema"].(string)
	c.Alias, _ = config["alias"].(string)
	c.Group, _ = config["group"].(string)
	c.Access, _ = config["access"].(string)
	c.Meta, _ = config["meta"].(map[string]any)
	if m, ok := config["materialized"].(string); ok {
		c.Materialized = runner.Materialization(m)
	}
	return n
}

func addFile(p *runner.Project, s setup, path, text string) {
	folder, rest, _ := strings.Cut(path, "/")
	pkg := ""
	if folder == "packages" {
		pkg, rest, _ = strings.Cut(rest, "/")
		folder, _, _ = strings.Cut(rest, "/")
	}
	name := strings.TrimSuffix(filepath.Base(path), ".sql")
	switch folder {
	case "macros":
		p.Macros = append(p.Macros, runner.MacroFile{Path: path, Text: text, Package: pkg})
	case "models":
		said := s.Models[name]
		m := &runner.Model{
			Node: node(runner.KindModel, s.Name, pkg, name, path, said.Config), SQL: text, Version: said.Version, BaseName: said.Base, Latest: said.Latest,
		}
		p.Models = append(p.Models, m)
	case "snapshots":
		p.Snapshots = append(p.Snapshots, &runner.Snapshot{Node: node(runner.KindSnapshot, s.Name, pkg, name, path, nil), SQL: text})
	case "tests":
		p.Tests = append(p.Tests, &runner.Test{Node: node(runner.KindTest, s.Name, pkg, name, path, nil), Type: compile.Singular, SQL: text})
	}
}

func addTests(p *runner.Project, s setup) {
	for i, said := range s.Tests {
		t := &runner.Test{
			Node: node(runner.KindTest, s.Name, "", strings.ReplaceAll(said.Type, ".", "_")+"_"+said.On, "models/schema.yml", nil),
			Type: said.Type, On: "model." + s.Name + "." + said.On, Column: said.Column, Where: said.Where, Args: said.Args,
		}
		t.Pos.Line, t.Pos.Col = 10*(i+1), 5
		p.Tests = append(p.Tests, t)
	}
	for name, reads := range s.Exposures {
		p.Exposures = append(p.Exposures, &runner.Exposure{
			Node: node(runner.KindExposure, s.Name, "", name, "models/exposures.yml", nil), DependsOn: reads,
		})
	}
}

// started is the moment of every run of the fixtures.
var started = time.Date(2024, 3, 5, 6, 7, 8, 0, time.UTC)

func compilerOf(t *testing.T, a *txtar.Archive, log func(string)) (*compile.Compiler, error) {
	t.Helper()
	p, s := projectOf(t, a)
	return compile.New(t.Context(), p, compile.Options{
		Started: started, InvocationID: "run-1", Log: log, Args: map[string]any{"target": "dev"},
		LookupEnv: func(name string) (string, bool) { v, ok := s.Env[name]; return v, ok },
	})
}

// database is an engine in memory with what a fixture puts into it.
func database(t *testing.T, statements string) compile.Database {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	if strings.TrimSpace(statements) != "" {
		require.NoError(t, db.Exec(t.Context(), statements))
	}
	return build.Introspect(db)
}

// fixture reads testdata/NAME.txtar and gives a way to hold what comes out against what is in there.
func fixture(t *testing.T, name string) (a *txtar.Archive, check func(want, got string)) {
	t.Helper()
	path := filepath.Join("testdata", name)
	a, err := txtar.ParseFile(path)
	require.NoError(t, err)
	return a, func(want, got string) {
		t.Helper()
		got = strings.TrimSpace(got) + "\n"
		for i := range a.Files {
			if a.Files[i].Name != want {
				continue
			}
			if *update {
				a.Files[i].Data = []byte(got)
				require.NoError(t, os.WriteFile(path, txtar.Format(a), 0o644))
				return
			}
			require.Equal(t, strings.TrimSpace(string(a.Files[i].Data))+"\n", got, want)
			return
		}
		t.Fatalf("%s has no file %s; it would be:\n%s", path, want, got)
	}
}

func fileOf(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// TestFixtures compiles the projects in testdata: want/X is model X over public names without a database, run/X with one
// (what db.sql puts there), run-incremental/X the same for one that was built before, errors.txt what New says.
func TestFixtures(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	for _, path := range names {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, check := fixture(t, filepath.Base(path))
			var said []string
			c, err := compilerOf(t, a, func(text string) { said = append(said, text) })
			if fileOf(a, "errors.txt") != "" {
				require.Error(t, err)
				check("errors.txt", details(err))
				return
			}
			if err != nil {
				t.Fatal(details(err))
			}
			db := database(t, fileOf(a, "db.sql"))
			for _, f := range a.Files {
				kind, name, _ := strings.Cut(f.Name, "/")
				if kind == "want" || strings.HasPrefix(kind, "run") {
					check(f.Name, compiled(t.Context(), c, kind, name, db))
				}
			}
			if fileOf(a, "log.txt") != "" {
				check("log.txt", strings.Join(said, "\n"))
			}
		})
	}
}

// compiled is the SQL of a node, or the error it gives.
func compiled(ctx context.Context, c *compile.Compiler, kind, name string, db compile.Database) string {
	with := compile.Render{}
	if kind != "want" {
		with.DB, with.Incremental = db, kind == "run-incremental"
	}
	id := name
	for _, candidate := range []string{"model.shop.", "test.shop.", "snapshot.shop."} {
		if c.Node(candidate+name) != nil {
			id = candidate + name
		}
	}
	sql, err := c.SQL(ctx, id, with)
	if err != nil {
		return details(err)
	}
	return sql.Text
}

func details(err error) string {
	switch e := err.(type) { //nolint:errorlint // the error itself, not what it wraps
	case runner.Errors:
		var out []string
		for _, one := range e {
			out = append(out, one.Detail())
		}
		return strings.Join(out, "\n")
	case *runner.Error:
		return e.Detail()
	}
	return err.Error()
}
