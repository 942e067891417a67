// Package state is what elt remembers between commands, in one SQLite file: runs and their results, which private
// relations are complete, the verdicts of tests, what is published, what a publish was about to do, the files behind
// each source, and caches that save reading and parsing again. Beside it, the lock that lets one process write.
//
// The file may be deleted: then everything is built again, and what is published stays as it is.
package state

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3" // also the driver "sqlite3"

	"elt/runner"
)

// Store is an open state file. It is safe for concurrent use, by goroutines and by processes.
//
// Writes of one call stand or fall together and outlive the process once the call has returned. Only those that say
// "durably" are certain to outlive a power failure too; others may then be missing, never half there.
//
// Times are kept in microseconds and come back in UTC; a zero time stays zero.
type Store struct {
	*file
	target string
}

// file is the open database that all Stores made by In share.
type file struct {
	db      *sql.DB
	path    string
	clock   runner.Clock
	looking bool       // opened for reading only
	writing sync.Mutex // one writing transaction at a time, instead of busy waiting inside SQLite
}

// Open opens the state file at path for reading and writing. It creates the file and its folder where missing, and
// migrates a file of an older version. A file of a newer version is refused. Errors are *runner.Error with CodeState.
//
// The clock stamps records that come without a time.
func Open(ctx context.Context, path string, clock runner.Clock) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, failed(ctx, path, "make the folder of the state store", err)
	}
	f, err := open(path, clock, url.Values{"mode": {"rwc"}, "_journal_mode": {"wal"}, "_txlock": {"immediate"}})
	if err != nil {
		return nil, failed(ctx, path, "open the state store", err)
	}
	if err := f.upgrade(ctx); err != nil {
		return nil, errors.Join(err, f.db.Close())
	}
	return &Store{file: f}, nil
}

// OpenReadOnly opens the state file for looking only, also while another process writes, and where this one may not write. Where nothing was recorded
// yet the error is fs.ErrNotExist. A file of an older version is refused, for looking must not migrate.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, notThere(ctx, path, err)
	}
	store, err := look(ctx, path, url.Values{"mode": {"ro"}})
	if fixed(path, err) {
		return look(ctx, path, url.Values{"mode": {"ro"}, "immutable": {"1"}})
	}
	return store, err
}

func look(ctx context.Context, path string, options url.Values) (*Store, error) {
	options.Set("_query_only", "true")
	f, err := open(path, time.Now, options)
	if err != nil {
		return nil, failed(ctx, path, "open the state store", err)
	}
	if err := f.checkReadable(ctx); err != nil {
		return nil, errors.Join(err, f.db.Close())
	}
	f.looking = true
	return &Store{file: f}, nil
}

// fixed tells whether the file could not be read because SQLite may not put its files for readers beside it, and all that
// was recorded is in the file itself: nobody has it open for writing.
func fixed(path string, err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) || e.Code != sqlite3.ErrReadonly && e.Code != sqlite3.ErrCantOpen {
		return false
	}
	_, err = os.Stat(path + "-wal")
	return errors.Is(err, fs.ErrNotExist)
}

// ReadOnly tells whether the store was opened for looking only.
func (s *Store) ReadOnly() bool { return s.looking }

func notThere(ctx context.Context, path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return failed(ctx, path, "open the state store", err)
	}
	return &runner.Error{
		Code: runner.CodeState,
		Msg:  "nothing is recorded yet in " + path,
		Hint: "`elt run` makes the first record",
		Err:  fs.ErrNotExist,
	}
}

// open makes the pool of connections. Each waits up to ten seconds for another process's write to end.
func open(path string, clock runner.Clock, options url.Values) (*file, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options.Set("_busy_timeout", "10000")
	options.Set("_synchronous", "normal")
	options.Set("_foreign_keys", "true")
	slashed := filepath.ToSlash(abs)
	if !strings.HasPrefix(slashed, "/") { // C:/…
		slashed = "/" + slashed
	}
	location := url.URL{Scheme: "file", Path: slashed, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite3", location.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return &file{db: db, path: path, clock: clock}, nil
}

// Close ends the use of the file, for this Store and all made from it by In.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return failed(context.Background(), s.path, "close the state store", err)
	}
	return nil
}

// In gives the same store for one target: what depends on a warehouse (relations, verdicts, publishes, intents, loads,
// export files) is kept apart for each name. Runs and caches are shared. Open gives the store for the target "".
func (s *Store) In(target string) *Store { return &Store{file: s.file, target: target} }

// Path is where the file is.
func (f *file) Path() string { return f.path }

// now is the time as it comes back from the file.
func (f *file) now() time.Time { return f.clock().UTC().Truncate(time.Microsecond) }

// durability says what a write survives.
type durability string

const (
	crashSafe durability = "normal" // the end of the process
	powerSafe durability = "full"   // the end of power: the write-ahead log is synced before the call returns
)

// write runs fn in one transaction, which nothing else writes beside.
func (f *file) write(ctx context.Context, how durability, what string, fn func(*sql.Tx) error) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return failed(ctx, f.path, what, err)
	}
	err = writeOn(ctx, conn, how, fn)
	if err := errors.Join(err, conn.Close()); err != nil {
		return failed(ctx, f.path, what, err)
	}
	return nil
}

func writeOn(ctx context.Context, conn *sql.Conn, how durability, fn func(*sql.Tx) error) (err error) {
	if how == powerSafe {
		if _, err := conn.ExecContext(ctx, "pragma synchronous = full"); err != nil {
			return err
		}
		defer func() {
			_, back := conn.ExecContext(context.WithoutCancel(ctx), "pragma synchronous = normal")
			err = errors.Join(err, back)
		}()
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// each runs one statement for every item. A batch of none needs no statement.
func each[T any](ctx context.Context, tx *sql.Tx, statement string, items []T, args func(T) []any) error {
	if len(items) == 0 {
		return nil
	}
	prepared, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	for _, item := range items {
		if _, err := prepared.ExecContext(ctx, args(item)...); err != nil {
			return errors.Join(err, prepared.Close())
		}
	}
	return prepared.Close()
}

// saveAll is each in a transaction of its own.
func saveAll[T any](ctx context.Context, f *file, what, statement string, items []T, args func(T) []any) error {
	if len(items) == 0 {
		return nil
	}
	return f.write(ctx, crashSafe, what, func(tx *sql.Tx) error { return each(ctx, tx, statement, items, args) })
}

// scan reads the columns of one row.
type scan func(dest ...any) error

// list reads all rows of one query.
func list[T any](ctx context.Context, f *file, what, query string, read func(scan) (T, error), args ...any) ([]T, error) {
	rows, err := f.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, failed(ctx, f.path, what, err)
	}
	var out []T
	for rows.Next() {
		item, err := read(rows.Scan)
		if err != nil {
			return nil, failed(ctx, f.path, what, errors.Join(err, rows.Close()))
		}
		out = append(out, item)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, failed(ctx, f.path, what, err)
	}
	return out, nil
}

// index makes a map of items.
func index[K comparable, T any](items []T, key func(T) K) map[K]T {
	out := make(map[K]T, len(items))
	for _, item := range items {
		out[key(item)] = item
	}
	return out
}

// must1 turns a statement that touched no row into an error.
func must1(result sql.Result, err error, missing string) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return errors.New(missing)
}
