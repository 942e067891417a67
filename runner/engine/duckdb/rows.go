package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strconv"

	driverduckdb "github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"

	"elt/runner/engine"
)

// rows streams a result, with the driver's types brought to those that engine.Rows promises.
type rows struct {
	ctx     context.Context
	query   string
	found   *sql.Rows
	columns []engine.Column
	values  []any
	places  []any
	release func() // called at the end
}

func newRows(ctx context.Context, query string, found *sql.Rows, types []*sql.ColumnType, release func()) *rows {
	r := &rows{
		ctx: ctx, query: query, found: found, release: release,
		columns: make([]engine.Column, len(types)), values: make([]any, len(types)), places: make([]any, len(types)),
	}
	for i, t := range types {
		r.columns[i] = engine.Column{Name: t.Name(), Type: t.DatabaseTypeName()}
		r.places[i] = &r.values[i]
	}
	return r
}

// Columns implements engine.Rows.
func (r *rows) Columns() []engine.Column { return r.columns }

// Next implements engine.Rows.
func (r *rows) Next(dest []any) error {
	if !r.found.Next() {
		if err := r.found.Err(); err != nil {
			return queryError(r.ctx, r.query, err)
		}
		return io.EOF
	}
	if err := r.found.Scan(r.places...); err != nil {
		return fmt.Errorf("read a row: %w", err)
	}
	for i, v := range r.values {
		dest[i] = plain(v, r.columns[i].Type)
	}
	return nil
}

// Close implements engine.Rows.
func (r *rows) Close() error {
	defer r.release()
	return r.found.Close()
}

// plain brings a value of the driver to one of the types of engine.Rows. Those already plain come first: they are
// nearly all.
func plain(v any, typeName string) any {
	switch v := v.(type) {
	case nil, string, int64, float64, bool:
		return v
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case int8:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case uint64:
		return json.Number(strconv.FormatUint(v, 10))
	case float32:
		return float64(v)
	case driverduckdb.Decimal:
		return json.Number(decimalText(v))
	case *big.Int:
		return json.Number(v.String())
	case []byte:
		if id, err := uuid.FromBytes(v); err == nil && typeName == "UUID" {
			return id.String()
		}
		return v
	default:
		return nested(v)
	}
}

func nested(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i], "")
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = plain(v[k], "")
		}
		return out
	case driverduckdb.OrderedMap:
		out := make(map[string]any, v.Len())
		keys, values := v.Keys(), v.Values()
		for i := range keys {
			out[fmt.Sprint(plain(keys[i], ""))] = plain(values[i], "")
		}
		return out
	case driverduckdb.Interval:
		return intervalText(v)
	default:
		return v
	}
}

// decimalText keeps the zeros of the scale: 1.50 of a DECIMAL(18,2) stays 1.50.
func decimalText(d driverduckdb.Decimal) string {
	if d.Value == nil {
		return "0"
	}
	text := d.Value.String()
	if d.Scale == 0 {
		return text
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	for len(text) <= int(d.Scale) {
		text = "0" + text
	}
	cut := len(text) - int(d.Scale)
	return sign + text[:cut] + "." + text[cut:]
}

func intervalText(v driverduckdb.Interval) string {
	seconds := v.Micros / 1_000_000
	text := fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	if v.Days != 0 {
		text = fmt.Sprintf("%d days %s", v.Days, text)
	}
	if v.Months != 0 {
		text = fmt.Sprintf("%d months %s", v.Months, text)
	}
	return text
}
