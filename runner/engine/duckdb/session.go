package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"elt/runner/engine"
)

// session runs SQL on one connection or, without one, each statement on any of a pool.
type session struct {
	conn *sql.Conn
	pool *sql.DB
}

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
	conn, release, err := s.take(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	result, err := conn.ExecContext(ctx, statement)
	if err != nil {
		return 0, failed(ctx, conn, statement, err)
	}
	return result.RowsAffected()
}

// Query implements engine.Session.
func (s session) Query(ctx context.Context, query string) (engine.Rows, error) {
	conn, release, err := s.take(ctx)
	if err != nil {
		return nil, err
	}
	return ask(ctx, conn, query, release)
}

// take gives the connection for a statement, and what to do once it has ended.
func (s session) take(ctx context.Context) (conn *sql.Conn, release func(), err error) {
	if s.conn != nil {
		return s.conn, func() {}, nil
	}
	if conn, err = s.pool.Conn(ctx); err != nil {
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	return conn, func() { _ = conn.Close() }, nil
}

// ask runs a statement for its rows. It calls release once these are closed, or if there are none.
func ask(ctx context.Context, conn *sql.Conn, query string, release func()) (engine.Rows, error) {
	found, err := conn.QueryContext(ctx, query)
	if err != nil {
		defer release()
		return nil, failed(ctx, conn, query, err)
	}
	types, err := found.ColumnTypes()
	if err != nil {
		defer release()
		return nil, errors.Join(err, found.Close())
	}
	return newRows(ctx, query, found, types, release), nil
}

// failed is what to tell of a statement that failed; its connection can be used again.
func failed(ctx context.Context, conn *sql.Conn, query string, err error) error {
	if ctx.Err() != nil {
		settle(conn)
	}
	return queryError(ctx, query, err)
}

// settle returns once nothing of a cancelled statement runs any more. A context that is done just when the driver has handed
// a statement to the engine's threads makes it let go of the statement without a word to them (duckdb-go 2.10506, 2.20000):
// whatever the connection is used for next, be it a rollback, would wait until they are through, for hours maybe. But
// a statement whose own context ends while it waits does interrupt them.
func settle(conn *sql.Conn) {
	for patience := 5 * time.Millisecond; ; patience *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		rows, err := conn.QueryContext(ctx, "select 1")
		if err == nil {
			_ = rows.Close()
		}
		over := ctx.Err() != nil
		cancel()
		if err == nil || !over {
			return
		}
	}
}
