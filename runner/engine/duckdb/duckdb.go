// Package duckdb is the DuckDB engine: it opens a warehouse file and does what package engine asks for. It takes SQL
// text and paths and gives rows and *engine.SQLError; it knows nothing of projects. No other package imports the driver.
package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	driverduckdb "github.com/duckdb/duckdb-go/v2"

	"elt/runner"
	"elt/runner/engine"
)

// Version is that of the DuckDB which is linked in.
const Version = "1.5.6"

// Config says which database to open and how much of the machine it may take.
type Config struct {
	Path        string // empty: in memory
	ReadOnly    bool
	Apart       bool   // share nothing with others in this process that have the file open; with ReadOnly only
	Threads     int    // 0: one a core
	MemoryLimit string // "2GB"; empty: DuckDB's own, 80 % of the machine's
	TempDir     string // where it spills; empty: beside the file
	TempLimit   string // how much it may spill: "2GB"; empty: 90 % of what is free on the disk
}

// DB is an open DuckDB database. It is safe for concurrent use.
type DB struct{ session }

var _ engine.Engine = (*DB)(nil)

// Open opens or creates the database. A file held by another process gives a runner.Error of CodeLocked; close the DB to
// let go of it. The directory of a new file is made.
//
// While a DB is open, nothing else in this process may open the same file, not even to read its bytes: closing that
// second handle would release the lock on the first (POSIX record locks belong to the process).
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Path != "" && !c.ReadOnly {
		if err := os.MkdirAll(filepath.Dir(c.Path), 0o755); err != nil {
			return nil, fmt.Errorf("make the folder of the database: %w", err)
		}
	}
	start := initConn
	dsn := c.dsn()
	if c.Apart {
		// All who open one path in a process get one instance, with one set of limits. What is attached is not found that way.
		at, apart := c.Path, c
		apart.Path, apart.ReadOnly = "", false
		dsn = apart.dsn()
		start = func(conn driver.ExecerContext) error { return errors.Join(initConn(conn), attach(conn, at)) }
	}
	connector, err := driverduckdb.NewConnector(dsn, start)
	if err != nil {
		return nil, openError(c.Path, err)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxIdleConns(16)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, openError(c.Path, err)
	}
	return &DB{session{pool: pool}}, nil
}

// LimitMemory lowers the limit of the memory that the database uses to a number of bytes, if it is above that. What does
// not fit goes to TempDir.
func (db *DB) LimitMemory(ctx context.Context, bytes int64) error {
	row, err := engine.One(ctx, db, "select current_setting('memory_limit')")
	if err != nil {
		return err
	}
	text, _ := row[0].(string)
	if now, known := parseSize(text); !known || now <= bytes {
		return nil
	}
	return db.Exec(ctx, fmt.Sprintf("set memory_limit = '%dB'", bytes))
}

// parseSize reads sizes as DuckDB writes them: 18.8 GiB.
func parseSize(text string) (bytes int64, ok bool) {
	amount, unit, _ := strings.Cut(text, " ")
	number, err := strconv.ParseFloat(amount, 64)
	shift, known := map[string]int{"bytes": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40, "PiB": 50}[unit]
	if err != nil || !known {
		return 0, false
	}
	return int64(number * float64(int64(1)<<shift)), true
}

// Close closes all connections; DuckDB writes its log into the file as the last one goes.
func (db *DB) Close() error { return db.pool.Close() }

// Catalog is what DuckDB calls the database in a file. A schema of that name could not be told from the database.
func Catalog(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name
}

func (c Config) dsn() string {
	options := url.Values{"autoinstall_known_extensions": {"false"}, "autoload_known_extensions": {"false"}}
	if c.ReadOnly {
		options.Set("access_mode", "READ_ONLY")
	}
	if c.Threads > 0 {
		options.Set("threads", strconv.Itoa(c.Threads))
	}
	if c.MemoryLimit != "" {
		options.Set("memory_limit", c.MemoryLimit)
	}
	if c.TempDir != "" {
		options.Set("temp_directory", c.TempDir)
	}
	if c.TempLimit != "" {
		options.Set("max_temp_directory_size", c.TempLimit)
	}
	return c.Path + "?" + options.Encode()
}

// initConn makes errors machine-readable and times the same on every machine.
func initConn(conn driver.ExecerContext) error {
	for _, statement := range []string{"set errors_as_json = true", "set timezone = 'UTC'"} {
		if _, err := conn.ExecContext(context.Background(), statement, nil); err != nil {
			return err
		}
	}
	return nil
}

// attach lets a connection work on the file at path as if it had been opened.
func attach(conn driver.ExecerContext, path string) error {
	name := runner.Quote(Catalog(path))
	for _, statement := range []string{fmt.Sprintf("attach if not exists %s as %s (read_only)", runner.Literal(path), name), "use " + name} {
		if _, err := conn.ExecContext(context.Background(), statement, nil); err != nil {
			return err
		}
	}
	return nil
}

var holderPID = regexp.MustCompile(`PID (\d+)`)

// replaceFile is what to do about a file that cannot be read; nothing is in it that cannot be made anew.
const replaceFile = "move the file away; the next run builds a new one from the raw files"

// openError says in plain words why the database at path cannot be opened, and what to do.
func openError(path string, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "Could not set lock on file"):
		e := &runner.Error{
			Code: runner.CodeLocked, Msg: fmt.Sprintf("open %s: another process has it open for writing", path), Err: nil,
			Hint: "close the other program; to look at results while a run is writing, use `elt query` or open the snapshot",
		}
		if m := holderPID.FindStringSubmatch(text); m != nil {
			e.Msg = fmt.Sprintf("open %s: process %s has it open for writing", path, m[1])
		}
		return e
	case strings.Contains(text, "not a valid DuckDB database file"), strings.Contains(text, "Serialization"):
		return &runner.Error{
			Code: runner.CodeState, Msg: fmt.Sprintf("open %s: not a DuckDB database that this version can read", path), Hint: replaceFile,
		}
	}
	_, cause, known := strings.Cut(text, "could not connect to database: ") // behind it the engine's own words
	if !known {
		return &runner.Error{Code: runner.CodeState, Msg: "open " + path, Err: err}
	}
	e := &runner.Error{Code: runner.CodeState, Msg: fmt.Sprintf("open %s: %s", path, cause)}
	switch {
	case strings.Contains(text, "Permission denied"):
		e.Hint = "check that you may read and write the file and its folder"
	case strings.Contains(text, "No space left on device"):
		e.Hint = "the disk is full; make room and run again"
	case strings.Contains(text, "Could not read enough bytes"), strings.Contains(text, "orrupt"), strings.Contains(text, "hecksum"):
		e.Hint = "the file is damaged; " + replaceFile
	}
	return e
}

// InTx implements engine.Engine. The transaction is rolled back when do fails or panics, and when ctx is done.
func (db *DB) InTx(ctx context.Context, do func(engine.Session) error) error {
	conn, release, err := db.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	return inTx(ctx, session{conn: conn}, do)
}

// inTx is InTx on one connection, which is without a transaction before and after.
func inTx(ctx context.Context, s session, do func(engine.Session) error) error {
	late := context.WithoutCancel(ctx) // a begin or rollback that ctx cuts off may or may not have been carried out
	if err := s.Exec(late, "begin transaction"); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_ = s.Exec(late, "rollback")
		}
	}()
	if err := do(s); err != nil {
		return err
	}
	if err := errors.Join(ctx.Err(), s.Exec(ctx, "commit")); err != nil {
		return err
	}
	committed = true
	return nil
}
