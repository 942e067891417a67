// Package export writes what a run publishes to files: Parquet, CSV, SQLite, and a DuckDB snapshot that stands alone.
//
// It plans first (Expand), then writes every file beside its target under a temporary name (Write), synced to disk. It
// never touches a published file: the caller records what it is about to do and then calls Commit, which is safe to
// repeat after a crash.
//
// Every table is written in a total order, so the same rows give the same bytes, however many threads there are and in
// whatever order the rows lie in the warehouse. Only a snapshot's bytes differ, and there its rows do not.
package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"elt/runner"
	"elt/runner/engine"
)

// Item is one file to write.
type Item struct {
	Format string  // "csv", "parquet", "sqlite" or "duckdb"
	Path   string  // absolute, final
	Link   string  // absolute; a link to Path that is moved with it; empty: none
	Tables []Table // one for csv and parquet
}

// Table is one relation of a file.
type Table struct {
	Name    string          // of the model; the table's in SQLite, the bare name's in a snapshot
	Public  runner.Relation // where it stands in a snapshot
	Source  runner.Relation // where its rows are
	OrderBy []string        // "column" or "column desc"; all columns follow as tie breakers
	View    string          // snapshots: the body of a view to put there instead of the rows; it reads tables that stand before it

	// Optional tells a snapshot to leave the table out where the engine cannot read it, and to take its rows as they lie.
	Optional bool
}

// Written is what became of an item.
type Written struct {
	Rows   int64            // of all tables
	Tables map[string]int64 // rows by Table.Name; with Public.Bare() where two have the same name
	Bytes  int64
	SHA256 string // hex
}

// writer makes the file at path, which does not exist, and gives the rows of each table in order.
type writer func(ctx context.Context, e engine.Engine, path string, tables []Table) ([]int64, error)

// formats is the table of all formats.
func formats() map[string]writer {
	return map[string]writer{
		"csv":     writeCSV,
		"duckdb":  writeSnapshot,
		"parquet": writeParquet,
		"sqlite":  writeSQLite,
	}
}

// Write makes the item's file at temp, which should come from Temp, and syncs it to disk. What stood at temp is
// replaced. Nothing is left at temp if it fails or ctx is done; the error is then ctx's or a *runner.Error of
// CodePublish. Writes of different items may run at once, two snapshots may not.
func Write(ctx context.Context, e engine.Engine, item Item, temp string) (Written, error) {
	w, err := write(ctx, e, item, temp)
	if err == nil {
		return w, nil
	}
	_ = remove(temp)
	if ctx.Err() != nil {
		return Written{}, ctx.Err()
	}
	var known *runner.Error
	if errors.As(err, &known) {
		return Written{}, err
	}
	return Written{}, &runner.Error{
		Code: runner.CodePublish, Msg: fmt.Sprintf("write %s", item.Path), Err: err, Hint: hint(err),
	}
}

func write(ctx context.Context, e engine.Engine, item Item, temp string) (Written, error) {
	format, ok := formats()[item.Format]
	if !ok {
		return Written{}, fmt.Errorf("unknown format %q", item.Format)
	}
	if err := prepare(item.Path, temp); err != nil {
		return Written{}, err
	}
	counts, err := format(ctx, e, temp, item.Tables)
	if err != nil {
		return Written{}, err
	}
	w := Written{Tables: map[string]int64{}}
	for i, count := range counts {
		name := item.Tables[i].Name
		if _, twice := w.Tables[name]; twice {
			name = item.Tables[i].Public.Bare()
		}
		w.Tables[name] = count
		w.Rows += count
	}
	w.Bytes, w.SHA256, err = seal(ctx, temp)
	return w, err
}

// prepare finds out early, and in plain words, that a file cannot be written.
func prepare(path, temp string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return errors.New("it is a directory")
	}
	if err := os.MkdirAll(filepath.Dir(temp), 0o755); err != nil {
		return err
	}
	if err := remove(temp); err != nil {
		return err
	}
	probe, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(temp))
}

// seal syncs a finished file to disk and gives its size and sum.
func seal(ctx context.Context, path string) (size int64, sum string, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if size, sum, err = digest(ctx, f); err != nil {
		return 0, "", err
	}
	return size, sum, f.Sync()
}

// digest reads to the end.
func digest(ctx context.Context, r io.Reader) (size int64, sum string, err error) {
	h := sha256.New()
	buffer := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return 0, "", err
		}
		n, err := r.Read(buffer)
		_, _ = h.Write(buffer[:n]) // never fails
		size += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return size, hex.EncodeToString(h.Sum(nil)), nil
		case err != nil:
			return 0, "", err
		}
	}
}

func hint(err error) string {
	var refused *engine.SQLError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "check who may write to the folder"
	case errors.Is(err, syscall.ENOSPC):
		return "the disk is full; make room and run again"
	case errors.As(err, &refused) && refused.Kind == "Conversion":
		return "the file format cannot hold the value; cast the column to double or varchar in the model"
	case refused != nil:
		return refused.Hint()
	}
	return ""
}
