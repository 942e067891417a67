package build

import (
	"context"
	"fmt"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/engine"
)

// incremental makes the new version of an incremental model out of the one before, or from nothing where there is none.
func (x *execution) incremental(ctx context.Context, d runner.Decision, sql compile.SQL, config runner.Config) (Loaded, error) {
	if config.All["incremental_strategy"] == "microbatch" {
		return x.microbatch(ctx, d, config)
	}
	if d.Previous.IsZero() {
		return x.table(ctx, d, sql)
	}
	g, err := growthOf(label(d), config.All)
	if err != nil {
		return Loaded{}, err
	}
	increment := aside(d)
	err = x.Engine.InTx(ctx, func(s engine.Session) error {
		if err := s.Exec(ctx, fmt.Sprintf("create or replace table %s as\n%s", increment, sql.Text)); err != nil {
			return x.sqlError(ctx, d, sql, err)
		}
		return x.grow(ctx, s, d, increment, func(old, fresh []engine.Column) (string, error) {
			return g.sql(d.Previous, old, increment, fresh)
		})
	})
	if err != nil {
		return Loaded{}, err
	}
	return x.counted(ctx, d)
}

// snapshot adds to the history of a snapshot what has changed since the version before.
func (x *execution) snapshot(ctx context.Context, d runner.Decision, sql compile.SQL, config runner.Config) (Loaded, error) {
	now := "timestamp " + runner.Literal(x.Clock().UTC().Format("2006-01-02 15:04:05.000000"))
	h, err := historyOf(label(d), config.All, now)
	if err != nil {
		return Loaded{}, err
	}
	source := aside(d)
	err = x.Engine.InTx(ctx, func(s engine.Session) error {
		if err := s.Exec(ctx, fmt.Sprintf("create or replace table %s as\n%s", source, sql.Text)); err != nil {
			return x.sqlError(ctx, d, sql, err)
		}
		return x.grow(ctx, s, d, source, func(old, fresh []engine.Column) (string, error) {
			if d.Previous.IsZero() {
				return h.first(source, fresh), nil
			}
			return h.next(d.Previous, old, source, fresh), nil
		})
	})
	if err != nil {
		return Loaded{}, err
	}
	return x.counted(ctx, d)
}

// aside is where the rows that a model's SQL gives stand while they are worked into a new version.
func aside(d runner.Decision) runner.Relation {
	return runner.Relation{Schema: d.Relation.Schema, Name: d.Relation.Name + "__new"}
}

// grow makes d.Relation by a query over the version before and the rows set aside, and drops the latter.
func (x *execution) grow(
	ctx context.Context, s engine.Session, d runner.Decision, rows runner.Relation, query func(old, fresh []engine.Column) (string, error),
) error {
	var old []engine.Column
	var err error
	if !d.Previous.IsZero() {
		if old, err = engine.ColumnsOf(ctx, s, d.Previous); err != nil {
			return err
		}
	}
	fresh, err := engine.ColumnsOf(ctx, s, rows)
	if err != nil {
		return err
	}
	sql, err := query(old, fresh)
	if err != nil {
		return err
	}
	return s.Exec(ctx, fmt.Sprintf("create or replace table %s as\n%s", d.Relation, sql), "drop table "+rows.String())
}
