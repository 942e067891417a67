package main

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
)

// replay takes the steps of a file, for the floor in a new database. It announces them on the error stream as elt does.
func replay(ctx context.Context, command, path string) (err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var steps []step
	if err := json.Unmarshal(text, &steps); err != nil {
		return err
	}
	if command == floorCommand {
		if err := os.RemoveAll(floorOutput); err != nil {
			return err
		}
	}
	for _, dir := range []string{"processed", "reports"} {
		if err := os.MkdirAll(filepath.Join(floorOutput, dir), 0o755); err != nil {
			return err
		}
	}
	db, err := duckdb.Open(ctx, duckdb.Config{Path: filepath.Join(floorOutput, "warehouse.duckdb")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	say := json.NewEncoder(os.Stderr)
	stage := ""
	for _, s := range steps {
		if s.Stage != stage {
			stage = s.Stage
			_ = say.Encode(event{Stage: stage})
		}
		started := time.Now()
		if err := s.do(ctx, db); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		_ = say.Encode(event{File: s.Name, Elapsed: float64(time.Since(started).Microseconds()) / 1000})
	}
	_ = say.Encode(event{Stage: "close"})
	return nil
}

func (s step) do(ctx context.Context, db *duckdb.DB) error {
	if len(s.SQLite) > 0 {
		return writeSQLite(ctx, db, s.Path, s.SQLite)
	}
	return db.Exec(ctx, s.Statements...)
}

// writeSQLite inserts row by row in one transaction that nothing has to survive: the plain way that is not slow.
func writeSQLite(ctx context.Context, db *duckdb.DB, path string, jobs []sqliteJob) (err error) {
	opened, err := (&sqlite3.SQLiteDriver{}).Open("file:" + path)
	if err != nil {
		return err
	}
	conn := opened.(*sqlite3.SQLiteConn)
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, statement := range []string{"pragma journal_mode = off", "pragma synchronous = off", "begin"} {
		if _, err := conn.Exec(statement, nil); err != nil {
			return err
		}
	}
	for _, job := range jobs {
		if err := copyTable(ctx, db, conn, job); err != nil {
			return err
		}
	}
	_, err = conn.Exec("commit", nil)
	return err
}

func copyTable(ctx context.Context, db *duckdb.DB, conn *sqlite3.SQLiteConn, job sqliteJob) error {
	columns, err := db.Describe(ctx, job.Query)
	if err != nil {
		return err
	}
	declared, list := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		name := runner.Quote(c.Name)
		kind, value := "TEXT", "cast("+name+" as varchar) as "+name
		switch base, _, _ := strings.Cut(c.Type, "("); base {
		case "BIGINT", "INTEGER", "HUGEINT":
			kind, value = "INTEGER", "cast("+name+" as bigint) as "+name
		case "DECIMAL", "DOUBLE":
			kind, value = "REAL", "cast("+name+" as double) as "+name
		}
		declared[i], list[i] = name+" "+kind, value
	}
	if _, err := conn.Exec(fmt.Sprintf("create table %s (%s)", runner.Quote(job.Table), strings.Join(declared, ", ")), nil); err != nil {
		return err
	}
	insert, err := conn.Prepare(fmt.Sprintf("insert into %s values (?%s)", runner.Quote(job.Table), strings.Repeat(", ?", len(columns)-1)))
	if err != nil {
		return err
	}
	rows, err := db.Query(ctx, "select "+strings.Join(list, ", ")+" from ("+job.Query+") as t")
	if err != nil {
		return errors.Join(err, insert.Close())
	}
	values := make([]driver.Value, len(columns))
	err = engine.Each(rows, func(row []any) error {
		for i, v := range row {
			values[i] = v
		}
		_, err := insert.Exec(values) //nolint:staticcheck // without a context it costs no goroutine a row
		return err
	})
	return errors.Join(err, insert.Close())
}
