package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"strings"

	driverduckdb "github.com/duckdb/duckdb-go/v2"

	"elt/runner"
	"elt/runner/engine"
)

// CSV implements engine.Loader. Sniffing is off: it would drop ragged rows without a word.
func (db *DB) CSV(spec engine.CSVSpec) string {
	compression := "none"
	if spec.Gzip {
		compression = "gzip"
	}
	nulls := make([]string, len(spec.Nulls))
	for i, text := range spec.Nulls {
		nulls[i] = runner.Literal(text)
	}
	return fmt.Sprintf(`read_csv(%s, auto_detect = false, header = false, delim = %s, quote = '"', escape = '"', skip = %d, `+
		`columns = %s, nullstr = [%s], compression = '%s', dateformat = '%%Y-%%m-%%d', strict_mode = true, null_padding = false, `+
		`ignore_errors = false, new_line = %s)`,
		runner.Literal(spec.Path), runner.Literal(spec.Delimiter), spec.SkipLines,
		fields(spec.Fields), strings.Join(nulls, ", "), compression, runner.Literal(spec.NewLine))
}

// JSON implements engine.Loader.
func (db *DB) JSON(spec engine.JSONSpec) string {
	format, compression := "array", "none"
	if spec.Lines {
		format = "newline_delimited"
	}
	if spec.Gzip {
		compression = "gzip"
	}
	return fmt.Sprintf(`read_json(%s, auto_detect = false, format = '%s', records = true, columns = %s, compression = '%s', `+
		`dateformat = '%%Y-%%m-%%d', ignore_errors = false)`,
		runner.Literal(spec.Path), format, fields(spec.Fields), compression)
}

func fields(columns []engine.Column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = runner.Literal(c.Name) + ": " + runner.Literal(c.Type)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Append implements engine.Loader. The session must be one that InTx handed out.
func (db *DB) Append(ctx context.Context, s engine.Session, table runner.Relation, rows iter.Seq2[[]any, error]) (int64, error) {
	own, _ := s.(session)
	conn, ok := own.conn.(*sql.Conn)
	if !ok {
		return 0, errors.New("append rows: needs the session of a transaction")
	}
	var count int64
	err := conn.Raw(func(raw any) error {
		appender, err := driverduckdb.NewAppenderFromConn(raw.(driver.Conn), table.Schema, table.Name)
		if err != nil {
			return fmt.Errorf("append to %s: %w", table.Bare(), err)
		}
		count, err = appendAll(ctx, appender, rows)
		return errors.Join(err, appender.Close())
	})
	return count, err
}

func appendAll(ctx context.Context, appender *driverduckdb.Appender, rows iter.Seq2[[]any, error]) (int64, error) {
	var count int64
	var values []driver.Value
	for row, err := range rows {
		if err != nil {
			return count, err
		}
		if count%4096 == 0 && ctx.Err() != nil {
			return count, ctx.Err()
		}
		values = values[:0]
		for _, v := range row {
			if i, ok := v.(*big.Int); ok {
				v = i.String()
			}
			values = append(values, v)
		}
		if err := appender.AppendRow(values...); err != nil {
			return count, fmt.Errorf("append row %d: %w", count+1, err)
		}
		count++
	}
	return count, nil
}
