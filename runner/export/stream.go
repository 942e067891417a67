package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// A stream reads a table in order without holding all of it in memory: a result of an engine is held whole, so one of
// more than maxCells values is read in parts, from an ordered copy that the engine can spill to disk.
type stream struct {
	table    Table
	columns  []engine.Column
	list     []string // the expression for each column
	keys     []string // the order
	maxCells int64
}

// maxCells is 600,000 rows of 50 columns, some hundred megabytes.
const maxCells = 30_000_000

func newStream(ctx context.Context, e engine.Inspector, t Table, pick func(engine.Column) string) (*stream, error) {
	columns, keys, err := layout(ctx, e, t)
	if err != nil {
		return nil, err
	}
	s := &stream{table: t, columns: columns, keys: keys, maxCells: maxCells}
	for _, c := range columns {
		s.list = append(s.list, pick(c)+" as "+runner.Quote(c.Name))
	}
	return s, nil
}

// each calls do for every part of the table, in order. do must read no further than to the end of the rows it is given.
func (s *stream) each(ctx context.Context, e engine.Engine, do func(engine.Rows) error) error {
	count, err := engine.One(ctx, e, "select count(*) from "+s.table.Source.String())
	if err != nil {
		return err
	}
	rows, _ := count[0].(int64) // what count(*) is in every engine
	part := max(1, s.maxCells/int64(len(s.columns)))
	if rows <= part {
		return query(ctx, e, fmt.Sprintf("select %s\nfrom %s as t\norder by %s",
			strings.Join(s.list, ", "), s.table.Source, strings.Join(s.keys, ", ")), do)
	}
	return e.InTx(ctx, func(tx engine.Session) error { return s.parts(ctx, tx, rows, part, do) })
}

// The names of the ordered copy and of its column that numbers the rows from 1.
const (
	copyName   = `"__elt_ordered"`
	copyNumber = `"__elt_row"`
)

func (s *stream) parts(ctx context.Context, tx engine.Session, rows, part int64, do func(engine.Rows) error) error {
	err := tx.Exec(ctx, fmt.Sprintf("create temporary table %s as\nselect row_number() over (order by %s) as %s, %s\nfrom %s as t",
		copyName, strings.Join(s.keys, ", "), copyNumber, strings.Join(s.list, ", "), s.table.Source))
	if err != nil {
		return err
	}
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = runner.Quote(c.Name)
	}
	for from := int64(0); from < rows; from += part {
		err := query(ctx, tx, fmt.Sprintf("select %s\nfrom %s\nwhere %s > %d and %[3]s <= %[5]d\norder by %[3]s",
			strings.Join(names, ", "), copyName, copyNumber, from, from+part), do)
		if err != nil {
			return err
		}
	}
	return tx.Exec(ctx, "drop table "+copyName)
}

func query(ctx context.Context, s engine.Session, sql string, do func(engine.Rows) error) (err error) {
	rows, err := s.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return do(rows)
}

// fillBatches fills free batches with the rows and hands them on.
func fillBatches(ctx context.Context, rows engine.Rows, free <-chan batch, full chan<- batch) error {
	columns := len(rows.Columns())
	for done := false; !done; {
		var b batch
		select {
		case b = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		for b.rows = 0; b.rows < batchRows && !done; {
			switch err := rows.Next(b.values[b.rows*columns : (b.rows+1)*columns]); {
			case errors.Is(err, io.EOF):
				done = true
			case err != nil:
				return err
			default:
				b.rows++
			}
		}
		select {
		case full <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
