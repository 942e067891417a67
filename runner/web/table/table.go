// Package table is what a result looks like in JSON: columns with their types, and rows of plain values. It knows neither
// SQL nor HTTP.
package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"elt/runner/engine"
)

// Table is a result. Rows has as many values a row as there are Columns; see Value for what they are.
type Table struct {
	Columns []Column `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// Column is a column of a Table, with the engine's name of its type, such as DECIMAL(18,2).
type Column struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
}

// Read runs one query and takes at most limit rows of it; more tells that there were others. A limit of 0 takes all.
func Read(ctx context.Context, s engine.Querier, sql string, limit int) (t Table, more bool, err error) {
	rows, err := s.Query(ctx, sql)
	if err != nil {
		return Table{}, false, err
	}
	t = Table{Columns: Columns(rows.Columns()), Rows: [][]any{}}
	types := rows.Columns()
	err = engine.Each(rows, func(row []any) error {
		if limit > 0 && len(t.Rows) == limit {
			more = true
			return errEnough
		}
		t.Rows = append(t.Rows, Row(row, types))
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return t, more, err
}

// Columns are the columns of a result as a Table has them.
func Columns(found []engine.Column) []Column {
	out := make([]Column, len(found))
	for i, c := range found {
		out[i] = Column{Name: c.Name, Type: c.Type}
	}
	return out
}

// Row makes a row of a Table of one of the engine's, which may be used again.
func Row(values []any, types []engine.Column) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = Value(v, types[i].Type)
	}
	return out
}

// exact is the largest number of digits that every double keeps.
const exact = 15

// Value makes a value of engine.Rows one that JSON and JavaScript keep: numbers stay numbers where a double holds them
// exactly, and become text elsewhere; dates and times are ISO 8601; NULL is nil.
func Value(v any, typeName string) any {
	switch v := v.(type) {
	case int64:
		if v > 1<<53 || v < -1<<53 {
			return strconv.FormatInt(v, 10)
		}
		return v
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64)
		}
		return v
	case json.Number:
		if digits(v.String()) > exact {
			return v.String()
		}
		return v
	case time.Time:
		return moment(v, typeName)
	case []byte:
		if utf8.Valid(v) {
			return string(v)
		}
		return fmt.Sprintf("\\x%x", v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = Value(v[i], strings.TrimSuffix(typeName, "[]"))
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = Value(v[key], "")
		}
		return out
	case nil, bool, string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func digits(number string) int {
	n := 0
	for _, r := range strings.TrimLeft(number, "-0.") {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

func moment(t time.Time, typeName string) string {
	switch {
	case typeName == "DATE":
		return t.Format(time.DateOnly)
	case strings.HasPrefix(typeName, "TIMESTAMP WITH"), typeName == "TIMESTAMPTZ":
		return t.UTC().Format("2006-01-02T15:04:05.999999Z")
	case typeName == "TIME":
		return t.Format("15:04:05.999999")
	default:
		return t.Format("2006-01-02T15:04:05.999999")
	}
}

// errEnough ends the reading of rows; no caller sees it.
var errEnough = errors.New("enough rows")
