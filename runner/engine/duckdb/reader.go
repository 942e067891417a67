package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strings"

	driverduckdb "github.com/duckdb/duckdb-go/v2"

	"elt/runner"
	"elt/runner/engine"
)

// Limits bound what reading may cost the machine. How long a query may take is up to its context. A zero field leaves it
// to DuckDB.
type Limits struct {
	Threads int    // 0: one a core
	Memory  string // of all queries together: "1GB"; empty: 80 % of the machine's
	TempDir string // where what does not fit in memory is spilled; empty: beside the file
	Temp    string // how much may be spilled: "2GB"; empty: 90 % of what is free on the disk
	Depth   int    // how deep expressions may nest: planning them takes time that no context can cut short; 0: 1000
}

// Reader is a database file that anyone may ask anything, for nothing that is asked can change or reveal more than the
// file itself and the files that its own views read. It is safe for concurrent use.
//
// Query takes one statement: SELECT, FROM, WITH, VALUES, TABLE, DESCRIBE, SHOW, SUMMARIZE, or EXPLAIN [ANALYZE] of one.
// The driver tells what a statement is, not its spelling. Anything else, and functions that would change the state of
// the engine, is refused with an error that is engine.ErrRefused. Beneath that the database is open read-only, without
// access to files, extensions and secrets, and its settings are locked. Each query has a connection of its own, which is
// thrown away with its rows.
type Reader struct{ pool *sql.DB }

// OpenReader opens a file for reading. Errors are those of Open. Until it is closed nothing else in this process may open
// the same file, unless that is a DB with Apart.
func OpenReader(ctx context.Context, path string, limits Limits) (*Reader, error) {
	config := Config{
		Path: path, ReadOnly: true, Threads: limits.Threads, MemoryLimit: limits.Memory, TempDir: limits.TempDir, TempLimit: limits.Temp,
	}
	connector, err := driverduckdb.NewConnector(config.dsn(), nil)
	if err != nil {
		return nil, openError(path, err)
	}
	r := &Reader{pool: sql.OpenDB(connector)}
	r.pool.SetMaxIdleConns(-1) // none is used twice
	if err := r.lock(ctx, limits.Depth); err != nil {
		_ = r.pool.Close()
		return nil, openError(path, err)
	}
	return r, nil
}

// lock shuts everything but the database itself and the files of its views. The settings are global, for the lock keeps
// later connections from having their own.
func (r *Reader) lock(ctx context.Context, depth int) error {
	conn, err := r.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	s := session{conn: conn}
	if err := s.Exec(ctx, "set global errors_as_json = true", "set global timezone = 'UTC'"); err != nil {
		return err
	}
	if depth > 0 {
		if err := s.Exec(ctx, fmt.Sprintf("set global max_expression_depth = %d", depth)); err != nil {
			return err
		}
	}
	files, folders, err := viewFiles(ctx, s)
	if err != nil {
		return err
	}
	return s.Exec(ctx, "set global allowed_paths = "+literals(files), "set global allowed_directories = "+literals(folders),
		"set global enable_external_access = false", "set global lock_configuration = true")
}

func literals(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = runner.Literal(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Close closes the file. Rows that are still open fail.
func (r *Reader) Close() error { return r.pool.Close() }

// Query runs one statement that reads, and streams its rows. Errors are *engine.SQLError, or those of ctx; where the
// statement is refused they are engine.ErrRefused as well.
func (r *Reader) Query(ctx context.Context, query string) (engine.Rows, error) {
	return r.ask(ctx, query, 0)
}

// First is Query for those who want the first rows only. The engine computes no more than these where it can tell, else it
// gives all. Of columns with one name, the later ones get numbers.
func (r *Reader) First(ctx context.Context, query string, rows int) (engine.Rows, error) {
	return r.ask(ctx, query, rows)
}

// ask runs a statement on a connection of its own. With first above 0, so many rows are enough.
func (r *Reader) ask(ctx context.Context, query string, first int) (engine.Rows, error) {
	conn, err := r.pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	query, err = allowed(ctx, conn, query)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	rows, err := ask(ctx, conn, limited(ctx, conn, query, first), func() { _ = conn.Close() })
	return rows, movedUp(err, query)
}

// limited puts a limit around a statement that can stand in FROM; others stay as they are.
func limited(ctx context.Context, conn *sql.Conn, query string, first int) string {
	if first <= 0 {
		return query
	}
	whole := strings.TrimRight(strings.TrimSpace(query), "; \t\r\n")
	around := fmt.Sprintf("select * from (\n%s\n) limit %d", whole, first)
	if _, err := statementType(ctx, conn, around); err != nil {
		return query
	}
	return around
}

// movedUp gives an error the place in the query as it was asked, which limited has moved one line down.
func movedUp(err error, query string) error {
	var e *engine.SQLError
	if errors.As(err, &e) && e.SQL != query && e.Line > 1 {
		e.SQL, e.Line = query, e.Line-1
	}
	return err
}

// Describe gives the columns that a query would return. Errors are those of Query.
func (r *Reader) Describe(ctx context.Context, query string) ([]engine.Column, error) {
	return describe(ctx, r, query)
}

// Relations lists tables and views of schemas by schema and name; none for a schema that does not exist.
func (r *Reader) Relations(ctx context.Context, schemas ...string) ([]engine.Info, error) {
	return relations(ctx, r, schemas)
}

// allowed gives the statement to run for one that is asked, or refuses it.
func allowed(ctx context.Context, conn *sql.Conn, query string) (string, error) {
	kind, err := statementType(ctx, conn, query)
	if err != nil {
		return "", err
	}
	explain := ""
	if kind == driverduckdb.STATEMENT_TYPE_EXPLAIN {
		explain, query = engine.Explained(query)
		if kind, err = statementType(ctx, conn, query); err != nil {
			return "", err
		}
	}
	if kind != driverduckdb.STATEMENT_TYPE_SELECT {
		return "", refused(query, onlyReads, "")
	}
	name, err := effect(ctx, session{conn: conn}, query)
	if err != nil {
		return "", err
	}
	if name != "" {
		return "", refused(query, fmt.Sprintf("the function %s is not run here, for it does more than read", name), name)
	}
	return explain + query, nil
}

// statementType asks the driver what the one statement of a query is, without running it.
func statementType(ctx context.Context, conn *sql.Conn, query string) (driverduckdb.StmtType, error) {
	var kind driverduckdb.StmtType
	err := conn.Raw(func(c any) error {
		// Not PrepareContext, which runs every statement but the last.
		prepared, err := c.(driver.Conn).Prepare(query)
		if err != nil {
			return err
		}
		kind, err = prepared.(*driverduckdb.Stmt).StatementType()
		return errors.Join(err, prepared.Close())
	})
	switch {
	case err == nil:
		return kind, nil
	case strings.Contains(err.Error(), "multi-statement"):
		return kind, refused(query, "only one statement is run at a time; PIVOT needs its values listed with IN", "")
	case ctx.Err() == nil && writes.MatchString(query): // and what it names may not even be there
		return kind, refused(query, onlyReads, "")
	default:
		return kind, queryError(ctx, query, err)
	}
}

const onlyReads = "only statements that read are run here"

// writes finds a statement that would change something by its first word.
var writes = regexp.MustCompile(`(?i)^\s*(insert|update|delete|merge|drop|create|alter|truncate|attach|detach|install|load|export|import|vacuum)\s`)

func refused(query, msg, name string) error {
	return &engine.SQLError{SQL: query, Kind: "Permission", Msg: msg, Name: name, Err: engine.ErrRefused}
}
