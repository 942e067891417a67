package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/dag"
	"elt/runner/engine/duckdb"
	"elt/runner/expect"
)

// Workspace is a project that is loaded and compiled: all that can be known without looking at data.
type Workspace struct {
	Project  *runner.Project // with the configuration that SQL files add
	Compiler *compile.Compiler
	Graph    *dag.Graph // sources, seeds, models and all data tests
	RunID    string

	options Options
	files   files
	tests   []*runner.Test    // enabled ones, in the project's order
	earlier *earlier          // what --state tells, once read
	now     *earlier          // the same of the project as it is, once made
	results map[string]string // status by ID, of --state or the last run, once read
}

// Open loads the project and compiles every model once. Nothing is written.
func Open(ctx context.Context, o Options) (*Workspace, error) {
	o.stage("load project")
	started := o.Clock()
	p, err := loadProject(ctx, o)
	if err != nil {
		return nil, err
	}
	w := &Workspace{Project: p, RunID: cmp.Or(o.RunID, NewRunID(started)), options: o, files: placesOf(p)}
	w.Compiler, err = compile.New(ctx, p, compile.Options{
		LookupEnv: o.LookupEnv, Started: started, InvocationID: w.invocationID(),
		Command: o.which(), Args: o.flags(),
		Log: func(text string) { o.Log.Info().Msg(text) }, Print: o.Print,
	})
	if err != nil {
		return nil, err
	}
	w.configure()
	if o.WarnError && len(p.Warnings) > 0 {
		return nil, p.Warnings
	}
	for _, warning := range p.Warnings {
		text := warning.Error()
		if warning.Hint != "" {
			text += "; " + warning.Hint
		}
		o.Log.Warn().Msg(text)
	}
	for _, m := range w.Project.Models {
		if uncut := w.Compiler.Uncut(w.Compiler.Node(m.ID)); uncut != nil {
			o.Log.Warn().Msg(uncut.Error() + "; " + uncut.Hint)
		}
	}
	if err := w.unambiguous(); err != nil {
		return nil, err
	}
	return w, w.link()
}

// unambiguous refuses a schema with the name of the warehouse.
func (w *Workspace) unambiguous() error {
	catalog := duckdb.Catalog(w.files.warehouse)
	for _, id := range w.Compiler.Graph().IDs() {
		if r := w.Compiler.Public(id); strings.EqualFold(r.Schema, catalog) {
			return &runner.Error{
				Code: runner.CodeConfig,
				Msg: fmt.Sprintf("%s has the schema %s, which is the name of the warehouse file %s, too; DuckDB cannot tell them apart",
					r.Bare(), r.Schema, relative(w.Project.Dir, w.files.warehouse)),
				Hint: "give the file another name, with `path:` below the target, or choose another schema",
			}
		}
	}
	return nil
}

// configure takes over what config() in SQL files says, so that selectors and exports see it.
func (w *Workspace) configure() {
	w.Project.Models = slices.DeleteFunc(w.Project.Models, func(m *runner.Model) bool {
		n := w.Compiler.Node(m.ID)
		if n != nil {
			m.Config = n.Config
		}
		return n == nil && w.disable(m.ID, m.Path)
	})
	w.Project.Snapshots = slices.DeleteFunc(w.Project.Snapshots, func(s *runner.Snapshot) bool {
		n := w.Compiler.Node(s.ID)
		if n != nil {
			s.Config = n.Config
		}
		return n == nil && w.disable(s.ID, s.Path)
	})
	w.Project.UnitTests = slices.DeleteFunc(w.Project.UnitTests, func(t *runner.UnitTest) bool {
		return w.Compiler.Node(t.Model) == nil && w.disable(t.ID, t.Path)
	})
	for _, t := range w.Project.Tests {
		if why := w.leftOut(t); why != nil {
			var disabled *compile.DisabledError
			if !errors.As(why, &disabled) {
				w.Project.Warnings = append(w.Project.Warnings, asErrors(why)...)
			}
			w.disable(t.ID, t.Path)
			continue
		}
		n := w.Compiler.Node(t.ID)
		if n == nil && t.Type == compile.Singular {
			w.disable(t.ID, t.Path) // by its own config()
			continue
		}
		if n != nil {
			*t = *n.Test
			t.Config = n.Config
		}
		if _, told := t.Config.All["store_failures"]; w.options.StoreFailures && !told {
			t.StoreFailures = true
		}
		if t.Type == compile.Singular && w.Project.DBT {
			t.Where = "" // dbt passes it over, too: there is no relation to filter
		}
		w.tests = append(w.tests, t)
	}
	w.Project.Tests = w.tests
}

// leftOut tells why a test cannot be run, if what it reads is disabled or not there: one of a disabled node and, as dbt
// does it, any in a project of dbt's.
func (w *Workspace) leftOut(t *runner.Test) error {
	if why := w.Compiler.LeftOut(t.ID); why != nil || w.Compiler.Node(t.ID) != nil || t.Type == compile.Singular {
		return why
	}
	if w.Compiler.Node(t.On) == nil {
		return &compile.DisabledError{Kind: runner.KindModel}
	}
	refs, _ := expect.References(t) // link tells of an error
	for _, ref := range refs {
		id, err := w.idOf(ref)
		switch {
		case !w.Project.DBT:
			return nil
		case err != nil:
			return at(err, t.Pos)
		case w.Compiler.Node(id) == nil:
			return &compile.DisabledError{Kind: runner.KindModel}
		}
	}
	return nil
}

// disable notes a node that its own config() leaves out. It is always true.
func (w *Workspace) disable(id, path string) bool {
	w.Project.Disabled[id] = runner.Position{File: path}
	return true
}

// link makes the graph of everything, generic tests included.
func (w *Workspace) link() error {
	w.Graph = &dag.Graph{}
	order, err := w.Compiler.Graph().Order()
	if err != nil {
		return err
	}
	for _, id := range order {
		w.Graph.Add(id)
		for _, up := range w.Compiler.Graph().Parents(id) {
			w.Graph.Depend(id, up)
		}
	}
	for _, t := range w.Project.UnitTests {
		if w.Graph.Has(t.Model) {
			w.Graph.Depend(t.ID, t.Model)
		}
	}
	var errs runner.Errors
	for _, t := range w.tests {
		w.Graph.Add(t.ID)
		parents, err := w.parents(t)
		if err != nil {
			errs = append(errs, asErrors(err)...)
			continue
		}
		for _, up := range parents {
			w.Graph.Depend(t.ID, up)
		}
	}
	return errs.AsError()
}

// parents are the nodes that a test reads.
func (w *Workspace) parents(t *runner.Test) ([]string, error) {
	if n := w.Compiler.Node(t.ID); n != nil {
		return n.Reads, nil
	}
	parents := []string{t.On}
	refs, err := expect.References(t)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		id, err := w.idOf(ref)
		if err != nil {
			return nil, at(err, t.Pos)
		}
		parents = append(parents, id)
	}
	return parents, nil
}

func (w *Workspace) idOf(ref expect.Ref) (string, error) {
	if ref.Source != "" {
		return w.Compiler.Source(ref.Source, ref.Name)
	}
	return w.Compiler.Ref(ref.Name)
}

// onlySources refuses a selection of anything that is not loaded from files.
func (w *Workspace) onlySources() error {
	selection, err := w.Select()
	if err != nil {
		return err
	}
	for _, m := range w.Project.Models {
		if selection.Nodes[m.ID] {
			return &runner.Error{
				Code: runner.CodeUsage, Msg: "load takes sources only, and the selection contains model " + m.Name,
				Hint: "select sources, as in --select source:raw.google_ads, or use `elt run`",
			}
		}
	}
	return nil
}
