package build

import (
	"context"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// microbatch makes a model batch by batch: what it reads is cut to the batch's time, and what it had of that time gives
// way. It works on the new version, which nobody sees before the publish, so all batches count or none.
func (x *execution) microbatch(ctx context.Context, d runner.Decision, config runner.Config) (Loaded, error) {
	b, err := batchingOf(label(d), config.All)
	if err != nil {
		return Loaded{}, err
	}
	g, err := growthOf(label(d), config.All)
	if err != nil {
		return Loaded{}, err
	}
	if !g.keys.none() {
		return Loaded{}, configError(label(d), "incremental_strategy microbatch replaces rows by their time, not by a unique_key", "", nil)
	}
	batches := b.batches(x.Window, x.Clock(), !d.Previous.IsZero())
	for i, batch := range batches {
		sql, err := x.batchSQL(ctx, d, batch, i)
		if err != nil {
			return Loaded{}, err
		}
		switch {
		case i > 0:
			err = x.replaceBatch(ctx, d, g, sql, b.within(batch))
		case d.Previous.IsZero():
			_, err = x.table(ctx, d, sql)
		default:
			if err = x.copyPrevious(ctx, d, g, sql); err == nil {
				err = x.replaceBatch(ctx, d, g, sql, b.within(batch))
			}
		}
		if err != nil {
			return Loaded{}, fmt.Errorf("batch %s: %w", batch.ID, err)
		}
	}
	loaded, err := x.counted(ctx, d)
	if len(batches) > 1 {
		loaded.Message = fmt.Sprintf("%d batches", len(batches))
	}
	return loaded, err
}

// batchSQL compiles the model for one batch. From the second one on its table stands, so it is incremental.
func (x *execution) batchSQL(ctx context.Context, d runner.Decision, batch compile.Batch, i int) (compile.SQL, error) {
	with := x.render(d, d.Previous)
	with.Batch = &batch
	if i > 0 {
		with.This, with.Incremental, with.FullRefresh = d.Relation, true, false
	}
	return x.Compiler.SQL(ctx, d.ID, with)
}

// copyPrevious begins with the rows of the version before, in the columns that on_schema_change makes of them.
func (x *execution) copyPrevious(ctx context.Context, d runner.Decision, g growth, sql compile.SQL) error {
	old, err := engine.ColumnsOf(ctx, x.Engine, d.Previous)
	if err != nil {
		return err
	}
	fresh, err := x.Engine.Describe(ctx, sql.Text)
	if err != nil {
		return Explain("build "+label(d), sql, 0, err)
	}
	columns, err := g.columns(old, fresh)
	if err != nil {
		return err
	}
	return x.Engine.Exec(ctx, fmt.Sprintf("create or replace table %s as\nselect %s from %s as old",
		d.Relation, selectList(columns, old, "old"), d.Previous))
}

// replaceBatch puts the rows that the SQL gives in the place of those of the same time.
func (x *execution) replaceBatch(ctx context.Context, d runner.Decision, g growth, sql compile.SQL, within string) error {
	rows := aside(d)
	return x.Engine.InTx(ctx, func(s engine.Session) error {
		if err := s.Exec(ctx, fmt.Sprintf("create or replace table %s as\n%s", rows, sql.Text)); err != nil {
			return x.sqlError(ctx, d, sql, err)
		}
		has, err := engine.ColumnsOf(ctx, s, d.Relation)
		if err != nil {
			return err
		}
		fresh, err := engine.ColumnsOf(ctx, s, rows)
		if err != nil {
			return err
		}
		if _, err := g.columns(has, fresh); err != nil {
			return err
		}
		return s.Exec(ctx,
			fmt.Sprintf("delete from %s where %s", d.Relation, strings.Join(append([]string{within}, g.filter...), " and ")),
			fmt.Sprintf("insert into %s\nselect %s from %s as new where %s", d.Relation, selectList(has, fresh, "new"), rows, within),
			"drop table "+rows.String(),
		)
	})
}
