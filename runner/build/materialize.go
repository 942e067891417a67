package build

import (
	"context"
	"errors"
	"fmt"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// materialize makes d.Relation what the node says it is.
func (x *execution) materialize(ctx context.Context, d runner.Decision) (Loaded, error) {
	switch d.Kind {
	case runner.KindSource:
		return x.Load(ctx, d)
	case runner.KindSeed:
		return x.seed(ctx, d)
	}
	sql, err := x.Compiler.SQL(ctx, d.ID, Names(x.Plan))
	if err != nil {
		return Loaded{}, err
	}
	if x.Compiler.Node(d.ID).Config.Materialized == runner.View {
		return x.view(ctx, d, sql)
	}
	return x.table(ctx, d, sql)
}

// headLines is the number of lines that create puts above the SQL of the model.
const headLines = 1

func create(what string, d runner.Decision, sql compile.SQL) string {
	return fmt.Sprintf("create or replace %s %s as\n%s", what, d.Relation, sql.Text)
}

func (x *execution) table(ctx context.Context, d runner.Decision, sql compile.SQL) (Loaded, error) {
	if err := x.Engine.Exec(ctx, create("table", d, sql)); err != nil {
		return Loaded{}, sqlError(d, sql, err)
	}
	rows, err := countRows(ctx, x.Engine, d.Relation)
	return Loaded{Rows: rows}, err
}

func (x *execution) view(ctx context.Context, d runner.Decision, sql compile.SQL) (Loaded, error) {
	if err := x.Engine.Exec(ctx, create("view", d, sql)); err != nil {
		return Loaded{}, sqlError(d, sql, err)
	}
	return Loaded{Rows: -1, Message: "view"}, nil
}

func (x *execution) seed(ctx context.Context, d runner.Decision) (Loaded, error) {
	for _, seed := range x.Project.Seeds {
		if seed.ID != d.ID {
			continue
		}
		if err := buildSeed(ctx, x.Engine, x.Project.Dir, seed, d.Relation); err != nil {
			return Loaded{}, err
		}
		rows, err := countRows(ctx, x.Engine, d.Relation)
		return Loaded{Rows: rows}, err
	}
	return Loaded{}, fmt.Errorf("load seed %s: the project has none of this name", d.Name)
}

func sqlError(d runner.Decision, sql compile.SQL, err error) error {
	return Explain("build "+label(d), sql, headLines, err)
}

// Explain points an engine's error about a statement at the analyst's own line. head is the number of lines of the
// statement above sql. Errors that are not the engine's, and nil, are returned as they are.
func Explain(what string, sql compile.SQL, head int, err error) error {
	var e *engine.SQLError
	if !errors.As(err, &e) {
		return err
	}
	out := sql.Explain(what+": "+firstLine(e.Msg), e.Line-head, e.Col)
	if e.Like != "" {
		out.Hint = fmt.Sprintf("did you mean %q?", e.Like)
	}
	return out
}

func firstLine(text string) string {
	for i, r := range text {
		if r == '\n' {
			return text[:i]
		}
	}
	return text
}
