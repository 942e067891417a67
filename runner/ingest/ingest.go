// Package ingest brings raw files into staging tables: it finds the files of a source, learns their layout and content in
// one pass (Scan), and loads them typed into a new table, with the rows that do not fit set aside (Load).
//
// A flawless CSV file is read by the engine itself. Any other file is first read here, record by record, and written
// anew in the plain form that the engine reads; so both ways end in the same reading, and a value means the same in both.
package ingest

import (
	"context"
	"errors"
	"time"

	"elt/runner"
	"elt/runner/ingest/cell"
)

// version is part of each fingerprint. It grows with every change to what a file's rows become.
const version = "2"

// ErrChanged is a file that was not the same before and after it was read. Scan and load again.
var ErrChanged = errors.New("the file changed while it was being read")

// Config says where files are and where the loader may write.
type Config struct {
	Dir     string       // the project's directory; file patterns are relative to it
	TempDir string       // for cleaned copies, as large as the files that need cleaning; empty: the system's
	Cache   Cache        // what earlier scans found; may be nil
	Now     runner.Clock // tells files that are too fresh for the cache; nil: time.Now
}

// Cache remembers scans, so that a file that has not changed is not read again. It must be safe for concurrent use.
type Cache interface {
	// Get gives what was put for the path under an equal Stat; nil if there is nothing.
	Get(ctx context.Context, path string, stat Stat) ([]byte, error)
	// Put keeps a scan, in place of any other of the path.
	Put(ctx context.Context, path string, stat Stat, blob []byte) error
}

// Stat is what a file system tells of a file. Two different contents of a file hardly ever share it.
type Stat struct {
	Size    int64  `json:"size"`
	ModTime int64  `json:"mtime_ns"` // nanoseconds since 1970
	Inode   uint64 `json:"inode"`    // 0 where there is none
}

// Job is one load.
type Job struct {
	Source   *runner.Source
	Manifest Manifest
	Target   runner.Relation // made by the load; must not exist
	Rejects  runner.Relation // the table of CreateRejects
	RunID    string
	Previous []FileResult // of the load before, for a warning about files that shrink; may be nil
}

// Result is what a load did. Rows + Rejected is the number of data lines (of objects in JSON) of all files.
type Result struct {
	Rows     int64
	Rejected int64
	Reasons  []string     // the most common ones of rejected rows, each with their number and the place of the first
	Files    []FileResult // in the order of the manifest
}

// FileResult is what became of one file.
type FileResult struct {
	Path     string
	Rows     int64
	Rejected int64
	Warnings []string
	Shrunk   bool // it has fewer data lines than in the load before; the last warning says so
}

// ParseType reads the data_type of a source's column. Its error lists the types there are.
func ParseType(text string) (cell.Type, error) { return cell.Parse(text) }

// CheckDateFormat tells what is wrong with one of a source's date_formats, nil if nothing is.
func CheckDateFormat(text string) error { return cell.CheckDateFormat(text) }

func (c Config) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// fault makes the error of a file.
func fault(file string, line int64, msg, hint string) *runner.Error {
	return &runner.Error{Code: runner.CodeLoad, Pos: runner.Position{File: file, Line: int(line)}, Msg: msg, Hint: hint}
}

// columns are the readers of the source's columns, in order. Decimal is the mark in numbers, empty for a point.
func columns(source *runner.Source, decimal string) ([]*cell.Reader, error) {
	options := cell.Options{
		Decimal: decimal, DateFormats: source.Load.DateFormats, NullValues: source.Load.NullValues,
	}
	if len(source.Columns) == 0 {
		return nil, &runner.Error{
			Code: runner.CodeConfig, Pos: source.Pos, Msg: "source " + source.Name + " declares no columns",
			Hint: "list the columns of its files under `columns:`, each with its data_type",
		}
	}
	readers := make([]*cell.Reader, len(source.Columns))
	for i, c := range source.Columns {
		t, err := cell.Parse(c.DataType)
		if err == nil {
			readers[i], err = cell.NewReader(t, options)
		}
		if err != nil {
			return nil, &runner.Error{Code: runner.CodeConfig, Pos: c.Pos, Msg: "column " + c.Name, Err: err}
		}
	}
	return readers, nil
}
