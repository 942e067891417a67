package export

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/sync/errgroup"

	"elt/runner"
	"elt/runner/engine"
)

// writeSQLite writes a database with a table for each: dates and times as ISO text, decimals and doubles REAL, integers
// and booleans INTEGER, all else TEXT. The engine casts, so that only integers, doubles and texts arrive here. There is
// no journal, for the file is of no use until it is complete.
func writeSQLite(ctx context.Context, e engine.Engine, path string, tables []Table) (counts []int64, err error) {
	opened, err := (&sqlite3.SQLiteDriver{}).Open("file:" + escapeURI(path) + "?_busy_timeout=0")
	if err != nil {
		return nil, fmt.Errorf("create the database: %w", err)
	}
	conn, ok := opened.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, fmt.Errorf("create the database: unexpected driver %T", opened)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, statement := range []string{
		"pragma page_size = 16384", "pragma journal_mode = off", "pragma synchronous = off", "pragma locking_mode = exclusive", "begin",
	} {
		if _, err := conn.Exec(statement, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", statement, err)
		}
	}
	for _, t := range tables {
		count, err := fill(ctx, e, conn, t)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.Name, err)
		}
		counts = append(counts, count)
	}
	if _, err := conn.Exec("commit", nil); err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	return counts, nil
}

// escapeURI lets a path with ? or # through SQLite's URIs.
func escapeURI(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

// fill makes one table: a goroutine reads from the engine, the caller's writes.
func fill(ctx context.Context, e engine.Engine, conn *sqlite3.SQLiteConn, t Table) (int64, error) {
	source, err := newStream(ctx, e, t, func(c engine.Column) string {
		_, expression := affinity(c)
		return expression
	})
	if err != nil {
		return 0, err
	}
	declared := make([]string, len(source.columns))
	for i, c := range source.columns {
		kind, _ := affinity(c)
		declared[i] = runner.Quote(c.Name) + " " + kind
	}
	if _, err := conn.Exec(fmt.Sprintf("create table %s (%s)", runner.Quote(t.Name), strings.Join(declared, ", ")), nil); err != nil {
		return 0, err
	}
	return pour(ctx, e, source, &inserter{conn: conn, table: t.Name, columns: len(source.columns)})
}

// pour moves the rows of a stream into a table, reading and writing at the same time.
func pour(ctx context.Context, e engine.Engine, source *stream, into *inserter) (count int64, err error) {
	full, free := make(chan batch, buffers), make(chan batch, buffers)
	for range buffers {
		free <- batch{values: make([]any, batchRows*into.columns)}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(full) // the reader's to close: no batch follows
		return source.each(ctx, e, func(rows engine.Rows) error { return fillBatches(ctx, rows, free, full) })
	})
	group.Go(func() error {
		var err error
		count, err = into.drain(ctx, free, full)
		return errors.Join(err, into.close())
	})
	err = group.Wait()
	return count, err
}

// affinity is the type that SQLite declares for a column, and the expression that makes the engine give it.
func affinity(c engine.Column) (kind, expression string) {
	name := qualified(c.Name)
	base, _, _ := strings.Cut(c.Type, "(")
	switch {
	case strings.HasSuffix(c.Type, "]"): // a list, of integers perhaps
		return "TEXT", "cast(" + name + " as varchar)"
	case base == "TINYINT", base == "SMALLINT", base == "INTEGER", base == "BIGINT",
		base == "UTINYINT", base == "USMALLINT", base == "UINTEGER", base == "UBIGINT", base == "HUGEINT", base == "BOOLEAN":
		return "INTEGER", "cast(" + name + " as bigint)"
	case base == "DECIMAL", base == "DOUBLE", base == "FLOAT", base == "REAL":
		return "REAL", "cast(" + name + " as double)"
	case base == "VARCHAR":
		return "TEXT", name
	case base == "BLOB":
		return "BLOB", name
	case base == "TIMESTAMP WITH TIME ZONE": // in UTC
		return "TEXT", "cast(cast(" + name + " as timestamp) as varchar)"
	}
	return "TEXT", "cast(" + name + " as varchar)"
}

const (
	buffers         = 4    // batches on their way between the two goroutines
	batchRows       = 2048 // rows in one of them
	rowsPerInsert   = 8    // the fastest of 1, 8, 32 and 128 for 28 columns
	maxSQLiteParams = 32766
)

// batch is some rows, one after another.
type batch struct {
	values []any
	rows   int
}

// inserter adds rows to one table, several at a time. It is for one goroutine.
type inserter struct {
	conn    *sqlite3.SQLiteConn
	table   string
	columns int
	rows    int // that stmt takes
	stmt    *sqlite3.SQLiteStmt
	args    []driver.NamedValue
}

// drain inserts all batches, gives them back, and returns the number of rows.
func (in *inserter) drain(ctx context.Context, free chan<- batch, full <-chan batch) (int64, error) {
	var count int64
	per := max(1, min(rowsPerInsert, maxSQLiteParams/max(1, in.columns)))
	for b := range full {
		for at := 0; at < b.rows; {
			n := min(per, b.rows-at)
			if n < per {
				n = 1
			}
			if err := in.insert(n, b.values[at*in.columns:(at+n)*in.columns]); err != nil {
				return count, err
			}
			at += n
		}
		count += int64(b.rows)
		if err := ctx.Err(); err != nil {
			return count, err
		}
		free <- b
	}
	return count, ctx.Err()
}

// insert adds n rows. It runs the statement as a query, because the driver then binds all values and steps in one call
// into C instead of one call a value, which halves the time of a large table.
func (in *inserter) insert(n int, values []any) error {
	if n != in.rows {
		if err := in.prepare(n); err != nil {
			return err
		}
	}
	for i, v := range values {
		in.args[i].Value = v
	}
	rows, err := in.stmt.QueryContext(context.Background(), in.args) // a context that can be cancelled costs a goroutine a row
	if err != nil {
		return err
	}
	return rows.Close()
}

func (in *inserter) prepare(n int) error {
	if err := in.close(); err != nil {
		return err
	}
	one := "(?" + strings.Repeat(", ?", in.columns-1) + ")"
	stmt, err := in.conn.Prepare("insert into " + runner.Quote(in.table) + " values " + one + strings.Repeat(", "+one, n-1))
	if err != nil {
		return err
	}
	own, ok := stmt.(*sqlite3.SQLiteStmt)
	if !ok {
		return errors.Join(fmt.Errorf("unexpected statement %T", stmt), stmt.Close())
	}
	in.stmt, in.rows, in.args = own, n, make([]driver.NamedValue, n*in.columns)
	for i := range in.args {
		in.args[i].Ordinal = i + 1
	}
	return nil
}

func (in *inserter) close() error {
	if in.stmt == nil {
		return nil
	}
	err := in.stmt.Close()
	in.stmt, in.rows = nil, 0
	return err
}
