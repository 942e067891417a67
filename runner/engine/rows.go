package engine

import (
	"context"
	"errors"
	"io"

	"elt/runner"
)

// Each calls do for every row and closes rows. The slice is used again for the next row.
func Each(rows Rows, do func(row []any) error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]any, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := do(row); err != nil {
			return err
		}
	}
}

// One runs a query that gives one row and returns it.
func One(ctx context.Context, s Querier, sql string) ([]any, error) {
	rows, err := s.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	var one []any
	err = Each(rows, func(row []any) error {
		if one == nil {
			one = append([]any{}, row...)
		}
		return nil
	})
	if err == nil && one == nil {
		err = io.ErrUnexpectedEOF
	}
	return one, err
}

// ColumnsOf gives the columns of a relation, also of one that only the transaction of s can see.
func ColumnsOf(ctx context.Context, s Querier, r runner.Relation) ([]Column, error) {
	rows, err := s.Query(ctx, "select * from "+r.String()+" limit 0")
	if err != nil {
		return nil, err
	}
	return rows.Columns(), rows.Close()
}
