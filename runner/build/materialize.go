package build

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// materialize makes d.Relation what the node says it is, with its hooks before and after.
func (x *execution) materialize(ctx context.Context, d runner.Decision) (Loaded, error) {
	if d.Kind == runner.KindSource {
		return x.Load(ctx, d)
	}
	config := x.Compiler.Node(d.ID).Config
	if err := x.hooks(ctx, d, "pre-hook", config.PreHooks); err != nil {
		return Loaded{}, err
	}
	loaded, err := x.relation(ctx, d, config)
	if err != nil {
		return Loaded{}, err
	}
	return loaded, x.hooks(ctx, d, "post-hook", config.PostHooks)
}

// relation makes the relation of a seed, model or snapshot.
func (x *execution) relation(ctx context.Context, d runner.Decision, config runner.Config) (Loaded, error) {
	if d.Kind == runner.KindSeed {
		return x.seed(ctx, d)
	}
	sql, err := x.Compiler.SQL(ctx, d.ID, x.render(d, d.Previous))
	if err != nil {
		return Loaded{}, err
	}
	if config.Contract {
		if err := x.contract(d).check(ctx, x.Engine, runner.Position{File: x.declared(d).Path}, sql.Text); err != nil {
			return Loaded{}, x.sqlError(ctx, d, sql, err)
		}
	}
	switch config.Materialized {
	case runner.View:
		return x.view(ctx, d, sql)
	case runner.Incremental:
		return x.incremental(ctx, d, sql, config)
	case runner.SnapshotTable:
		return x.snapshot(ctx, d, sql, config)
	case runner.External:
		return x.external(ctx, d, sql, config)
	default:
		return x.table(ctx, d, sql)
	}
}

// render is what the templates of a node are rendered with. this is what they know the node's own relation as.
func (x *execution) render(d runner.Decision, this runner.Relation) compile.Render {
	config := x.Compiler.Node(d.ID).Config
	return compile.Render{
		Names: Names(x.Plan), DB: Introspect(x.Engine), This: this, FullRefresh: x.FullRefresh,
		Incremental: config.Materialized == runner.Incremental && !d.Previous.IsZero(),
	}
}

// hooks runs the SQL that a node's configuration asks for before and after it is built.
func (x *execution) hooks(ctx context.Context, d runner.Decision, what string, hooks []string) error {
	for _, text := range hooks {
		sql, err := x.Compiler.Hook(ctx, d.ID, text, x.render(d, d.Relation))
		if err != nil {
			return err
		}
		if strings.TrimSpace(sql.Text) == "" {
			continue
		}
		if err := x.Engine.Exec(ctx, sql.Text); err != nil {
			return x.hookError(d, what, text, sql, err)
		}
	}
	return nil
}

// headLines is the number of lines that create puts above the SQL of the model.
const headLines = 1

func create(what string, relation runner.Relation, sql compile.SQL) string {
	return fmt.Sprintf("create or replace %s %s as\n%s", what, relation, sql.Text)
}

func (x *execution) table(ctx context.Context, d runner.Decision, sql compile.SQL) (Loaded, error) {
	statements := []string{create("table", d.Relation, sql)}
	if x.Compiler.Node(d.ID).Config.Contract {
		statements = x.contract(d).table(d.Relation, sql.Text)
	}
	err := x.Engine.InTx(ctx, func(s engine.Session) error { return s.Exec(ctx, statements...) })
	if err != nil {
		return Loaded{}, x.sqlError(ctx, d, sql, err)
	}
	return x.counted(ctx, d)
}

func (x *execution) view(ctx context.Context, d runner.Decision, sql compile.SQL) (Loaded, error) {
	if err := x.Engine.Exec(ctx, create("view", d.Relation, sql)); err != nil {
		return Loaded{}, x.sqlError(ctx, d, sql, err)
	}
	return Loaded{Rows: -1, Message: "view"}, nil
}

func (x *execution) seed(ctx context.Context, d runner.Decision) (Loaded, error) {
	i := slices.IndexFunc(x.Project.Seeds, func(s *runner.Seed) bool { return s.ID == d.ID })
	if i < 0 {
		return Loaded{}, fmt.Errorf("load seed %s: the project has none of this name", d.Name)
	}
	if err := buildSeed(ctx, x.Engine, x.Project, x.Project.Seeds[i], d); err != nil {
		return Loaded{}, err
	}
	return x.counted(ctx, d)
}

// counted is the result of a table that stands: engines know its number of rows without reading.
func (x *execution) counted(ctx context.Context, d runner.Decision) (Loaded, error) {
	row, err := engine.One(ctx, x.Engine, "select count(*) from "+d.Relation.String())
	if err != nil {
		return Loaded{}, err
	}
	n, _ := row[0].(int64)
	return Loaded{Rows: n}, nil
}

// declared is a model as its files describe it.
func (x *execution) declared(d runner.Decision) runner.Node {
	for _, m := range x.Project.Models {
		if m.ID == d.ID {
			return m.Node
		}
	}
	for _, s := range x.Project.Snapshots {
		if s.ID == d.ID {
			return s.Node
		}
	}
	return runner.Node{}
}

func (x *execution) contract(d runner.Decision) contract {
	c := contract{name: label(d), columns: x.declared(d).Columns}
	for _, m := range x.Project.Models {
		if m.ID == d.ID {
			c.constraints = m.Constraints
		}
	}
	return c
}
