package build

import (
	"context"
	"slices"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// Introspect lets templates ask an engine while they are rendered.
func Introspect(e engine.Engine) compile.Database { return introspection{e} }

type introspection struct{ engine engine.Engine }

// Query implements compile.Database.
func (i introspection) Query(ctx context.Context, sql string) (compile.Result, error) {
	rows, err := i.engine.Query(ctx, sql)
	if err != nil {
		return compile.Result{}, err
	}
	result := compile.Result{Columns: columnsOf(rows.Columns())}
	err = engine.Each(rows, func(row []any) error {
		result.Rows = append(result.Rows, slices.Clone(row))
		return nil
	})
	return result, err
}

// Columns implements compile.Database.
func (i introspection) Columns(ctx context.Context, relation runner.Relation) ([]compile.Column, error) {
	infos, err := i.engine.Relations(ctx, relation.Schema)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(infos, func(info engine.Info) bool { return info.Relation == relation }) {
		return nil, nil
	}
	found, err := i.engine.Describe(ctx, "select * from "+relation.String())
	return columnsOf(found), err
}

// Relations implements compile.Database.
func (i introspection) Relations(ctx context.Context, schema string) ([]compile.Entry, error) {
	infos, err := i.engine.Relations(ctx, schema)
	entries := make([]compile.Entry, len(infos))
	for k, info := range infos {
		entries[k] = compile.Entry{Relation: info.Relation, View: info.View}
	}
	return entries, err
}

func columnsOf(columns []engine.Column) []compile.Column {
	out := make([]compile.Column, len(columns))
	for i, c := range columns {
		out[i] = compile.Column{Name: c.Name, Type: c.Type}
	}
	return out
}
