// Package engine says what a SQL warehouse must be able to do for a run: execute, query, inspect, load files and write
// files. It takes SQL and gives rows; it knows nothing of projects, plans or templates.
//
// One engine exists, in duckdb below; a distributed one is to follow, so a new method belongs here only if both can have
// it. Conformance holds every engine to the same behaviour.
package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"elt/runner"
)

// Session runs SQL. A Session of an Engine is safe for concurrent use, one of a transaction is not.
type Session interface {
	// Exec runs statements in order and stops at the first that fails.
	Exec(ctx context.Context, statements ...string) error
	Querier
}

// Querier is the part of a Session that only reads.
type Querier interface {
	// Query runs one statement and streams its rows.
	Query(ctx context.Context, sql string) (Rows, error)
}

// Engine is a warehouse.
type Engine interface {
	Session
	Inspector
	Loader
	Copier
	// InTx runs do in one transaction: all of what it did is kept if it returns nil, else none.
	InTx(ctx context.Context, do func(Session) error) error
	// Close writes what is pending to disk and lets go of the warehouse.
	Close() error
}

// Rows streams a result. It must be closed.
type Rows interface {
	Columns() []Column
	// Next fills dest, which has one place a column, and returns io.EOF after the last row. The values are nil, bool,
	// int64, float64, string, []byte, time.Time and, for decimals and integers beyond 64 bits, json.Number; lists,
	// structs and the like come as []any and map[string]any.
	Next(dest []any) error
	Close() error
}

// Column is a column of a result, with the engine's name of its type, such as DECIMAL(18,2).
type Column struct {
	Name string
	Type string
}

// Inspector looks at relations and SQL without running anything.
type Inspector interface {
	// Describe gives the columns that a query would return.
	Describe(ctx context.Context, query string) ([]Column, error)
	// Relations lists tables and views of schemas by schema and name; none for a schema that does not exist.
	Relations(ctx context.Context, schemas ...string) ([]Info, error)
	// Analyze gives the form of each query; order and length are those of queries.
	Analyze(ctx context.Context, queries []string) ([]Form, error)
}

// Info is one relation as the catalogue knows it.
type Info struct {
	Relation runner.Relation
	View     bool
	Rows     int64 // the catalogue's count, which may be an estimate; -1 for views
}

// Standing is the set of the tables and views in schemas.
func Standing(ctx context.Context, e Inspector, schemas ...string) (map[runner.Relation]bool, error) {
	infos, err := e.Relations(ctx, schemas...)
	standing := make(map[runner.Relation]bool, len(infos))
	for _, info := range infos {
		standing[info.Relation] = true
	}
	return standing, err
}

// Form is what a query says, without how it is written down.
type Form struct {
	Hash     string // hex; equal for queries that differ in white space, comments or letter case of keywords only
	Volatile bool   // its result depends on more than its tables: clock, chance, files
}

// CSVSpec is a CSV file whose layout is known exactly: RFC 4180, UTF-8, double quotes, each line of equal length.
type CSVSpec struct {
	Path      string
	Delimiter string
	SkipLines int      // lines above the data, header included
	Fields    []Field  // every field of the file in order; the names differ
	Nulls     []string // texts that mean NULL, in any column, quoted or not; nothing at all always does
	Multiline bool     // values may have line ends in them
	CRLF      bool     // lines end with \r\n instead of \n; within quotes, either may stand
	Gzip      bool
}

// Field is a field of a file. Type is one of varchar, bigint, decimal(p,s), double, boolean, date, timestamp and
// duration (HH:MM:SS or MM:SS, read as seconds in a bigint); empty for a field that is passed over.
type Field struct {
	Name    string
	Type    string
	NotNull bool
}

// Loader brings files into tables.
type Loader interface {
	// CSV gives a query for the typed fields of the file, in their order. The query fails on the first line or value
	// that does not fit, on a row without any value, and on a value that is not written plainly: whole numbers, dates
	// (2024-12-31), timestamps (2024-12-31 23:59:59) and durations must be just as the engine would print them. Decimals
	// are rounded half away from zero. It may read a line with superfluous empty fields at its end, no other misfit.
	CSV(spec CSVSpec) string
	// Insert adds the rows of query to the table, values in the order of its columns, and returns their number.
	Insert(ctx context.Context, s Session, table runner.Relation, query string) (int64, error)
}

// Format is a file format that an engine writes by itself.
type Format string

const (
	CSV     Format = "csv"     // header, comma, "\n", NULL as nothing, quotes where needed
	Parquet Format = "parquet" // zstd
	JSON    Format = "json"    // an object a line
)

// Copier writes results to files.
type Copier interface {
	// Copy writes the rows of query to a new file at path, in the query's order, and returns their number. options are
	// the engine's own, as it writes them in SQL; they take the place of what the format says.
	Copy(ctx context.Context, query, path string, format Format, options ...string) (int64, error)
	// File gives a table expression for the rows of a file that Copy has written; options as there.
	File(path string, format Format, options ...string) string
	// Snapshot writes a database file of the engine's own format to path, with a table or view for each entry. It gives the
	// rows of each: 0 of a view, -1 of an entry that was left out. After an error the file may hold some of them.
	Snapshot(ctx context.Context, path string, entries []SnapshotEntry) ([]int64, error)
}

// SnapshotEntry is one relation of a snapshot.
type SnapshotEntry struct {
	Relation runner.Relation
	Query    string // its rows, in their order, or the body of the view
	View     bool   // Query speaks of relations of the snapshot itself
	Optional bool   // where the engine refuses it, it is left out
	Rows     string // of an optional view: what to put there as a table before it is left out; empty: nothing
}

// ErrRefused is a statement that is not run where only reading is allowed.
var ErrRefused = errors.New("refused")

// SQLError is a query that the engine refused.
type SQLError struct {
	SQL   string   // the statement as sent
	Kind  string   // the engine's word: "Binder", "Conversion", "Parser", …
	Msg   string   // without kind and position
	Name  string   // the identifier it stumbled over; may be empty
	Like  string   // an identifier that exists and is nearly the same; may be empty
	Known []string // identifiers that exist there, as far as the engine tells, or the forms of a function
	Line  int      // 1-based place in SQL, columns in runes; 0 if the engine does not say
	Col   int
	Err   error // what the driver returned

	Passing bool // it may be gone when the same is tried again
}

// Error is the engine's message on one line, with the place in the statement if known.
func (e *SQLError) Error() string {
	message, _, _ := strings.Cut(e.Msg, "\n")
	text := strings.ToLower(e.Kind) + " error: " + message
	if e.Line > 0 {
		text += fmt.Sprintf(" (line %d, column %d of the statement)", e.Line, e.Col)
	}
	return text
}

// Hint is what to write instead, as far as the engine knows; else empty.
func (e *SQLError) Hint() string {
	shown := e.Known[:min(len(e.Known), maxKnown)]
	switch {
	case strings.Contains(e.Msg, "No space left on device"):
		return "the disk is full; make room and run again"
	case e.Like != "":
		return fmt.Sprintf("did you mean %q?", e.Like)
	case len(shown) == 0:
		return ""
	case strings.Contains(shown[0], "("):
		return "it takes " + strings.Join(shown, ", ") + "; cast what is of another type"
	default:
		return "known there: " + strings.Join(shown, ", ")
	}
}

// maxKnown is how many names a hint lists.
const maxKnown = 6

// Unwrap gives the driver's error.
func (e *SQLError) Unwrap() error { return e.Err }
