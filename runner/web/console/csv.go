package console

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"

	"elt/runner/engine"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// flushEvery is how many rows of a stream are written at once.
const flushEvery = 1000

// CSV runs one statement that reads and streams all of its rows: a header, commas, "\n", NULL as nothing. start gives the
// place to write to, and is called once the query has a result: an error before that is one that can still be told.
// flush is called every now and then, and its error ends the stream.
func (c *Console) CSV(ctx context.Context, sql string, start func() io.Writer, flush func() error) error {
	return c.run(ctx, c.times.CSV, sql, 0, func(ctx context.Context, _ *snapshot.Reader, rows engine.Rows) error {
		columns := rows.Columns()
		w, record, n := csv.NewWriter(start()), make([]string, len(columns)), 0
		for i, column := range columns {
			record[i] = column.Name
		}
		if err := w.Write(record); err != nil {
			return err
		}
		err := engine.Each(rows, func(row []any) error {
			for i, v := range row {
				record[i] = text(table.Value(v, columns[i].Type))
			}
			if n++; n%flushEvery == 0 {
				w.Flush()
				if err := flush(); err != nil {
					return err
				}
			}
			if err := w.Write(record); err != nil {
				return err
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}, nil)
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64, []any, map[string]any:
		encoded, err := json.Marshal(v)
		if err == nil {
			return string(encoded)
		}
	}
	return fmt.Sprint(v)
}
