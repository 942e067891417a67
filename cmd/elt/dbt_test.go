package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/engine/duckdb"
)

const dbtProjects = "testdata/dbt"

// TestDBTProjects runs each project of testdata/dbt step by step and compares what comes out with what dbt gave:
// golden.json beside the project, which `make conformance-update` writes. A step or a part that pending.yml names is run,
// too, but may differ; the reasons are logged.
func TestDBTProjects(t *testing.T) {
	var pending map[string]string
	readYAML(t, filepath.Join(dbtProjects, "pending.yml"), &pending)
	files, err := filepath.Glob(filepath.Join(dbtProjects, "*", "conformance.yml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &dbtCase{T: t, name: name, home: filepath.Join(t.TempDir(), name), pending: pending, found: map[string]bool{}}
			readYAML(t, file, &c.spec)
			c.golden = readGolden(t, filepath.Join(filepath.Dir(file), "golden.json"))
			require.Len(t, c.spec.Steps, len(c.golden.Steps), "golden.json is older than conformance.yml")
			c.copyProject(filepath.Dir(file))
			c.run()
		})
	}
}

// dbtSpec is conformance.yml.
type dbtSpec struct {
	About string              `yaml:"about"`
	Mask  map[string][]string `yaml:"mask"` // columns by table that hold the time of the run: only compared for NULL
	Steps []dbtStep           `yaml:"steps"`
	LS    []string            `yaml:"ls"`     // arguments of ls, after the last step
	Texts []string            `yaml:"inline"` // templates for compile --inline, after the last step
}

type dbtStep struct {
	Name   string            `yaml:"name"`
	Run    string            `yaml:"run"`
	Put    map[string]string `yaml:"put"`    // files to replace or add: path → path of the text
	Remove []string          `yaml:"remove"` // files
	SQL    string            `yaml:"sql"`    // run on the warehouse first, as a loader beside dbt would
	Env    map[string]string `yaml:"env"`
	Save   map[string]string `yaml:"save"`  // files to copy afterwards: path → path of the copy
	Force  bool              `yaml:"force"` // elt is to build what is unchanged, too, for its hooks count
	Fails  string            `yaml:"fails"` // set: elt may refuse the project where dbt fails at the node
}

// dbtGolden is golden.json.
type dbtGolden struct {
	Steps []struct {
		Name      string                     `json:"name"`
		Exit      int                        `json:"exit"`
		Verdicts  []string                   `json:"verdicts"`
		Freshness []string                   `json:"freshness"`
		Catalog   []string                   `json:"catalog"`
		Tables    map[string]json.RawMessage `json:"tables"`
	} `json:"steps"`
	Manifest []string            `json:"manifest"`
	LS       map[string][]string `json:"ls"`
	Inline   map[string]string   `json:"inline"`

	tables []map[string]dbtTable // by step; nil: not compared
}

type dbtTable struct {
	Columns []string `json:"columns"` // name and type
	Rows    []string `json:"rows"`    // values as text, sorted
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into), path)
}

func readGolden(t *testing.T, path string) dbtGolden {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var g dbtGolden
	require.NoError(t, json.Unmarshal(text, &g))
	before := map[string]dbtTable{}
	for _, step := range g.Steps {
		var tables map[string]dbtTable
		if step.Tables != nil {
			tables = map[string]dbtTable{}
			for name, raw := range step.Tables {
				table := before[name]
				if string(raw) != `"as before"` {
					table = dbtTable{}
					require.NoError(t, json.Unmarshal(raw, &table))
				}
				tables[name] = table
			}
			before = tables
		}
		g.tables = append(g.tables, tables)
	}
	return g
}

// dbtCase is one project under test.
type dbtCase struct {
	*testing.T
	name    string
	home    string
	spec    dbtSpec
	golden  dbtGolden
	pending map[string]string
	found   map[string]bool     // parts that differ
	last    map[string]dbtTable // before a step that has to fail
}

// differs notes a difference: an error unless the part is pending.
func (c *dbtCase) differs(part, format string, args ...any) {
	c.Helper()
	for _, key := range []string{c.name, c.name + "/" + part} {
		if reason, ok := c.pending[key]; ok {
			if !c.found[key] {
				c.Logf("pending: %s: %s", key, reason)
			}
			c.found[key] = true
			return
		}
	}
	c.Errorf("%s: %s", part, fmt.Sprintf(format, args...))
}

func (c *dbtCase) equal(part, what string, want, got []string) {
	c.Helper()
	if !slices.Equal(want, got) {
		c.differs(part, "%s\n%s", what, lineDiff(want, got))
	}
}

func (c *dbtCase) run() {
	for i, step := range c.spec.Steps {
		c.step(i, step)
	}
	if c.golden.Manifest != nil {
		c.equal("manifest", "nodes", c.golden.Manifest, c.manifest())
	}
	for _, selection := range c.spec.LS {
		_, out, _ := c.elt(nil, append([]string{"ls", "--output", "name", "-q"}, words(selection)...)...)
		c.look("ls", selection, c.golden.LS[selection], lastWords(out))
	}
	for _, text := range c.spec.Texts {
		_, out, _ := c.elt(nil, "compile", "--inline", text, "-q")
		c.look("inline", text, strings.Split(c.golden.Inline[text], "\n"), strings.Split(strings.TrimSpace(out), "\n"))
	}
	for key := range c.pending {
		if project, _, _ := strings.Cut(key, "/"); project == c.name && !c.found[key] {
			c.Logf("%s is as with dbt now: pending.yml need not name it", key)
		}
	}
}

// look compares what a command printed that changes nothing. Where dbt refuses, elt has to print nothing, too.
func (c *dbtCase) look(part, what string, want, got []string) {
	c.Helper()
	if slices.Equal(want, []string{"error"}) {
		want = []string{}
	}
	if !slices.Equal(nonEmpty(want), nonEmpty(got)) {
		c.differs(part, "%q\n%s", what, lineDiff(want, got))
	}
}

func (c *dbtCase) step(i int, step dbtStep) {
	want, part := c.golden.Steps[i], step.Name
	require.Equal(c, want.Name, part, "golden.json is older than conformance.yml")
	for path, text := range step.Put {
		require.NoError(c, copyFile(filepath.Join(c.home, text), filepath.Join(c.home, path)))
	}
	for _, path := range step.Remove {
		require.NoError(c, os.Remove(filepath.Join(c.home, path)))
	}
	if step.SQL != "" {
		c.execSQL(part, step.SQL)
	}
	if want.Exit != 0 && want.Tables != nil {
		c.last = c.tables(part)
	}
	before := c.artifacts()
	args := words(step.Run)
	if step.Force {
		args = append(args, "--force")
	}
	status, out, errOut := c.elt(step.Env, args...)
	if step.Fails != "" && want.Exit != 0 && status != 0 {
		c.compareTables(part, i)
	} else if status != want.Exit {
		c.differs(part, "`elt %s` gives exit status %d, dbt %d\n%s", step.Run, status, want.Exit, tail(out+errOut, 12))
	} else {
		after := c.artifacts()
		for name, lines := range map[string][]string{"run_results": want.Verdicts, "sources": want.Freshness, "catalog": want.Catalog} {
			if lines != nil && !bytes.Equal(before[name], after[name]) || len(lines) > 0 {
				c.equal(part, name, lines, withoutExtra(step.Run, lines, outline(c.T, name, after[name])))
			}
		}
		c.compareTables(part, i)
	}
	for path, saved := range step.Save {
		if err := copyFile(filepath.Join(c.home, path), filepath.Join(c.home, saved)); err != nil {
			c.differs(part, "%v", err)
		}
	}
}

// elt runs the program on the project and gives its exit status and what it wrote.
func (c *dbtCase) elt(env map[string]string, args ...string) (int, string, string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "elt", args...)
	cmd.Dir = c.home
	cmd.Env = append(os.Environ(), "TZ=UTC", "CI=1", "NO_COLOR=1")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(c, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

func (c *dbtCase) copyProject(source string) {
	require.NoError(c, copyTree(source, c.home))
	require.NoError(c, os.MkdirAll(filepath.Join(c.home, "data"), 0o755))
	packages, err := os.ReadDir(filepath.Join(c.home, "packages"))
	if err != nil {
		return
	}
	// What `dbt deps` makes of local packages.
	require.NoError(c, os.Mkdir(filepath.Join(c.home, "dbt_packages"), 0o755))
	for _, p := range packages {
		require.NoError(c, os.Symlink(filepath.Join("..", "packages", p.Name()), filepath.Join(c.home, "dbt_packages", p.Name())))
	}
}

func (c *dbtCase) open(readOnly bool) (*duckdb.DB, error) {
	path := filepath.Join(c.home, "dev.duckdb")
	db, err := duckdb.Open(context.Background(), duckdb.Config{Path: path, ReadOnly: readOnly, Threads: 1})
	if err != nil {
		return nil, err
	}
	// Views on files name them as seen from the project.
	return db, db.Exec(context.Background(), "set file_search_path = '"+c.home+"'", "set timezone = 'UTC'")
}

func (c *dbtCase) execSQL(part, sql string) {
	db, err := c.open(false)
	require.NoError(c, err)
	defer func() { assert.NoError(c, db.Close()) }()
	if err := db.Exec(context.Background(), sql); err != nil {
		c.differs(part, "%v", err)
	}
}

// compareTables compares with the tables that dbt had after the step. A run that fails publishes nothing here, by design,
// while dbt leaves what was done until then: it has to leave the tables as they were.
func (c *dbtCase) compareTables(part string, i int) {
	want, maker := c.golden.tables[i], "dbt"
	if want == nil {
		return
	}
	if c.golden.Steps[i].Exit != 0 && !strings.HasPrefix(c.spec.Steps[i].Run, "test") {
		want, maker = c.last, "the step before"
	}
	got := c.tables(part)
	for name, table := range want {
		mine, ok := got[name]
		if !ok {
			c.differs(part, "%s has a table %s, elt none", maker, name)
			continue
		}
		c.equal(part, "columns of "+name, table.Columns, mine.Columns)
		c.equal(part, "rows of "+name, table.Rows, mine.Rows)
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			c.differs(part, "%s has no table %s", maker, name)
		}
	}
}

// tables reads every public relation as text.
func (c *dbtCase) tables(part string) map[string]dbtTable {
	tables := map[string]dbtTable{}
	if _, err := os.Stat(filepath.Join(c.home, "dev.duckdb")); err != nil {
		return tables
	}
	db, err := c.open(true)
	require.NoError(c, err)
	defer func() { assert.NoError(c, db.Close()) }()
	names, err := textRows(db, `select table_schema, table_name from information_schema.tables
		where table_catalog = current_database() and not starts_with(table_schema, '_')`)
	require.NoError(c, err)
	for _, name := range names {
		table, err := c.table(db, name[0], name[1])
		if err != nil {
			c.differs(part, "%v", err)
		}
		tables[name[0]+"."+name[1]] = table
	}
	return tables
}

func (c *dbtCase) table(db *duckdb.DB, schema, name string) (dbtTable, error) {
	relation := fmt.Sprintf(`"%s"."%s"`, schema, name)
	columns, err := db.Describe(context.Background(), "select * from "+relation)
	if err != nil {
		return dbtTable{}, err
	}
	var table dbtTable
	var values []string
	for _, column := range columns {
		table.Columns = append(table.Columns, column.Name+" "+column.Type)
		value := fmt.Sprintf(`coalesce(cast("%s" as varchar), '∅')`, column.Name)
		if slices.Contains(c.spec.Mask[schema+"."+name], column.Name) {
			value = fmt.Sprintf(`case when "%s" is null then '∅' else '*' end`, column.Name)
		}
		values = append(values, value)
	}
	rows, err := textRows(db, "select "+strings.Join(values, ", ")+" from "+relation)
	table.Rows = []string{}
	for _, row := range rows {
		table.Rows = append(table.Rows, strings.Join(row, " | "))
	}
	slices.Sort(table.Rows)
	return table, err
}

// textRows gives the rows of a query all of whose columns are text.
func textRows(db *duckdb.DB, sql string) ([][]string, error) {
	rows, err := db.Query(context.Background(), sql)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all [][]string
	values := make([]any, len(rows.Columns()))
	for {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = fmt.Sprint(v)
		}
		all = append(all, row)
	}
}
