package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/pipeline"
)

// The floor is what the same work costs DuckDB alone: plain statements on one connection, in order. It reads the files
// with declared types, creates what the models' compiled SQL says, and writes the same files. It plans nothing, checks
// nothing, tests nothing, remembers nothing, and trusts that every file is clean.
const (
	floorCommand = "floor"
	partCommand  = "part" // the same in the database that is already there
	floorFile    = "floor.json"
	floorOutput  = "floor" // folder
)

// step is a part of the floor.
type step struct {
	Stage      string      `json:"stage"` // load, build or export
	Name       string      `json:"name"`
	Statements []string    `json:"statements,omitempty"`
	SQLite     []sqliteJob `json:"sqlite,omitempty"` // tables of a SQLite file
	Path       string      `json:"path,omitempty"`
}

// sqliteJob is a table to copy to SQLite.
type sqliteJob struct {
	Table string `json:"table"`
	Query string `json:"query"`
}

// writeFloor compiles the project into the steps of the floor, ahead of time.
func writeFloor(ctx context.Context, dir string) error {
	w, err := open(ctx, dir)
	if err != nil {
		return err
	}
	f := &floor{dir: dir, workspace: w}
	for _, part := range []func(context.Context) error{f.schemas, f.loads, f.models, f.exports} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return writeSteps(filepath.Join(dir, floorFile), f.steps)
}

func open(ctx context.Context, dir string, selectors ...string) (*pipeline.Workspace, error) {
	return pipeline.Open(ctx, pipeline.Options{Dir: dir, Select: selectors, LookupEnv: os.LookupEnv, Clock: time.Now})
}

// floor collects steps.
type floor struct {
	dir       string
	workspace *pipeline.Workspace
	steps     []step
	tables    []runner.Relation // what the snapshot holds a copy of
	views     []string          // the statements for those that it holds as views, as elt's does
}

func (f *floor) add(stage, name string, statements ...string) {
	f.steps = append(f.steps, step{Stage: stage, Name: name, Statements: statements})
}

func (f *floor) schemas(context.Context) error {
	names := map[string]bool{}
	for _, id := range f.workspace.Compiler.Graph().IDs() {
		if r := f.workspace.Compiler.Public(id); !r.IsZero() && !names[r.Schema] {
			names[r.Schema] = true
			f.add("load", "schema "+r.Schema, "create schema if not exists "+runner.Quote(r.Schema))
		}
	}
	return nil
}

// headerOf is the header of a generated CSV file, nil for JSON.
func headerOf(dir string, s *runner.Source) ([]string, error) {
	if s.Load == nil || len(s.Load.Files) != 1 || !strings.HasSuffix(s.Load.Files[0], ".csv") {
		return nil, nil
	}
	file, err := os.Open(filepath.Join(dir, s.Load.Files[0]))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	line, err := bufio.NewReader(file).ReadString('\n')
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(line), ","), nil
}

// loads reads each file with its declared types: the least that a load can be.
func (f *floor) loads(context.Context) error {
	p := f.workspace.Project
	for _, s := range p.Sources {
		if s.IsRejects() { // clean data have none
			f.rejects(s)
			continue
		}
		header, err := headerOf(p.Dir, s)
		if err != nil {
			return err
		}
		var types []string
		list := make([]string, len(s.Columns))
		for i, c := range s.Columns {
			if c.Optional && header != nil && !slices.Contains(header, c.Name) {
				list[i] = fmt.Sprintf("cast(null as %s) as %s", c.DataType, runner.Quote(c.Name))
				continue
			}
			kind, value := c.DataType, runner.Quote(c.Name)
			if kind == "duration" { // what DuckDB has no reader for
				kind = "varchar"
				value = fmt.Sprintf("epoch(cast(case when length(%[1]s) = 5 then '00:' || %[1]s else %[1]s end as time))::bigint as %[1]s", value)
			}
			types, list[i] = append(types, runner.Literal(c.Name)+": "+runner.Literal(kind)), value
		}
		if s.Load == nil || len(s.Load.Files) != 1 {
			return fmt.Errorf("source %s: the floor reads one file a source", s.Name)
		}
		reader := "read_csv(%s, header = true, delim = ',', columns = {%s})"
		if strings.HasSuffix(s.Load.Files[0], ".json") {
			reader = "read_json(%s, columns = {%s})"
		}
		reader = fmt.Sprintf(reader, runner.Literal(s.Load.Files[0]), strings.Join(types, ", "))
		r := f.workspace.Compiler.Public(s.ID)
		f.add("load", r.Bare(), fmt.Sprintf("create table %s as select %s from %s", r, strings.Join(list, ", "), reader))
		f.tables = append(f.tables, r)
	}
	for _, s := range p.Seeds {
		r := f.workspace.Compiler.Public(s.ID)
		columns, err := build.SeedColumns(p, s)
		if err != nil {
			return err
		}
		types := make([]string, len(columns))
		for i, c := range columns {
			types[i] = runner.Literal(c.Name) + ": " + runner.Literal(c.Type)
		}
		f.add("load", r.Bare(), fmt.Sprintf("create table %s as select * from read_csv(%s, header = true, columns = {%s})",
			r, runner.Literal(s.Path), strings.Join(types, ", ")))
		f.tables = append(f.tables, r)
	}
	return nil
}

func (f *floor) rejects(s *runner.Source) {
	list := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		list[i] = runner.Quote(c.Name) + " " + c.DataType
	}
	r := f.workspace.Compiler.Public(s.ID)
	f.add("load", r.Bare(), fmt.Sprintf("create table %s (%s)", r, strings.Join(list, ", ")))
	f.tables = append(f.tables, r)
}

func (f *floor) models(ctx context.Context) error {
	order, err := f.workspace.Compiler.Graph().Order()
	if err != nil {
		return err
	}
	for _, id := range order {
		n := f.workspace.Compiler.Node(id)
		if n.Kind != runner.KindModel || n.Config.Materialized == runner.Ephemeral {
			continue
		}
		sql, err := f.workspace.Compiler.Logical(ctx, id)
		if err != nil {
			return err
		}
		if n.Config.Materialized == runner.View {
			create := fmt.Sprintf("create view %s as\n%s", n.Public, sql.Text)
			f.add("build", n.Public.Bare(), create)
			f.views = append(f.views, create)
			continue
		}
		f.add("build", n.Public.Bare(), fmt.Sprintf("create table %s as\n%s", n.Public, sql.Text))
		f.tables = append(f.tables, n.Public)
	}
	return nil
}

// exports writes the files that elt writes, each in the order the models declare and no more.
func (f *floor) exports(ctx context.Context) error {
	for _, x := range f.workspace.Project.Exports {
		models, err := f.chosen(ctx, x.Select)
		if err != nil {
			return err
		}
		switch x.Format {
		case "csv", "parquet":
			options := "format csv, header true"
			if x.Format == "parquet" {
				options = "format parquet, compression zstd"
			}
			for _, m := range models {
				path := filepath.Join(floorOutput, strings.ReplaceAll(x.Path, "{name}", m.Name))
				f.add("export", path, fmt.Sprintf("copy (%s) to %s (%s)", f.ordered(m), runner.Literal(path), options))
			}
		case "sqlite":
			s := step{Stage: "export", Name: x.Path, Path: filepath.Join(floorOutput, x.Path)}
			for _, m := range models {
				s.SQLite = append(s.SQLite, sqliteJob{Table: m.Name, Query: f.ordered(m)})
			}
			f.steps = append(f.steps, s)
		case "duckdb":
			f.snapshot(filepath.Join(floorOutput, x.Path))
		}
	}
	return nil
}

// snapshot copies the tables into a database of its own, and makes the views there.
func (f *floor) snapshot(path string) {
	statements := []string{"attach " + runner.Literal(path) + " as snapshot"}
	for _, id := range f.workspace.Compiler.Graph().IDs() {
		if r := f.workspace.Compiler.Public(id); !r.IsZero() {
			statements = append(statements, "create schema if not exists snapshot."+runner.Quote(r.Schema))
		}
	}
	for _, r := range f.tables {
		statements = append(statements, fmt.Sprintf("create table snapshot.%s as select * from %[1]s", r))
	}
	statements = append(append(statements, "use snapshot"), f.views...)
	f.add("export", path, append(statements, "use warehouse", "detach snapshot")...)
}

func (f *floor) ordered(m *runner.Model) string {
	query := "select * from " + f.workspace.Compiler.Public(m.ID).String()
	if by := m.Config.OrderBy; len(by) > 0 {
		query += " order by " + strings.Join(by, ", ")
	}
	return query
}

// chosen are the models that the selector of an export chooses.
func (f *floor) chosen(ctx context.Context, selector string) ([]*runner.Model, error) {
	var selectors []string
	if selector != "" {
		selectors = []string{selector}
	}
	w, err := open(ctx, f.dir, selectors...)
	if err != nil {
		return nil, err
	}
	selection, err := w.Select()
	if err != nil {
		return nil, err
	}
	models := slices.Clone(f.workspace.Project.Models)
	return slices.DeleteFunc(models, func(m *runner.Model) bool { return !selection.Has(m.ID) }), nil
}
