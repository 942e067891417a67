package duckdb

import (
	"context"
	"database/sql"

	"elt/runner/engine"
)

// connection is what *sql.DB and *sql.Conn have in common.
type connection interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// session runs SQL on a pool or on one connection.
type session struct{ conn connection }

// Exec implements engine.Session.
func (s session) Exec(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// exec runs one statement and gives the number of rows it says it touched.
func (s session) exec(ctx context.Context, statement string) (int64, error) {
	result, err := s.conn.ExecContext(ctx, statement)
	if err != nil {
		return 0, queryError(ctx, statement, err)
	}
	return result.RowsAffected()
}

// Query implements engine.Session.
func (s session) Query(ctx context.Context, query string) (engine.Rows, error) {
	found, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, queryError(ctx, query, err)
	}
	types, err := found.ColumnTypes()
	if err != nil {
		_ = found.Close()
		return nil, err
	}
	return newRows(ctx, query, found, types), nil
}
