package expect

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/engine"
)

// cellSize is how many characters of a value a sample keeps.
const cellSize = 500

// sample gives the names of the columns and the first failing rows as text, in an order that depends on the rows alone.
func (c Check) sample(ctx context.Context, s engine.Session) ([]string, [][]string, error) {
	columns, err := c.columns(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	rows, err := s.Query(ctx, c.ordered(len(columns), sampleSize))
	if err != nil {
		return names, nil, err
	}
	var out [][]string
	err = engine.Each(rows, func(row []any) error {
		texts := make([]string, len(row))
		for i, v := range row {
			texts[i] = clip(asText(v, columns[i].Type), cellSize)
		}
		out = append(out, texts)
		return nil
	})
	return names, out, err
}

// columns are those of the failing rows.
func (c Check) columns(ctx context.Context, s engine.Session) ([]engine.Column, error) {
	nothing, err := s.Query(ctx, fmt.Sprintf("select *\nfrom (\n%s\n) as failing\nwhere 1 = 0", c.Query))
	if err != nil {
		return nil, err
	}
	return nothing.Columns(), nothing.Close()
}

// ordered is the query in total order, cut after limit rows; 0: all of them.
func (c Check) ordered(columns, limit int) string {
	var keys []string
	if c.form.order != "" {
		keys = append(keys, c.form.order)
	}
	for i := range columns {
		keys = append(keys, strconv.Itoa(i+1)+" nulls last")
	}
	query := fmt.Sprintf("select *\nfrom (\n%s\n) as failing\norder by %s", c.Query, strings.Join(keys, ", "))
	if limit > 0 {
		query += "\nlimit " + strconv.Itoa(limit)
	}
	return query
}

// store keeps the failing rows in a table, in place of those of an earlier run, and gives it. Where there are none the table
// is empty; where none are wanted it is zero.
func (c Check) store(ctx context.Context, s engine.Session) (runner.Relation, error) {
	if c.kept.IsZero() {
		return c.kept, nil
	}
	columns, err := c.columns(ctx, s)
	if err != nil {
		return runner.Relation{}, err
	}
	table := c.kept.String()
	if c.form.kept != "" {
		table += " (" + c.form.kept + ")"
	}
	err = s.Exec(ctx, "drop table if exists "+c.kept.String(), fmt.Sprintf("create table %s as\n%s", table, c.ordered(len(columns), c.Test.Limit)))
	if err != nil {
		return runner.Relation{}, err
	}
	return c.kept, nil
}

// asText writes a value as a person reads it in a table.
func asText(v any, typeName string) string {
	switch v := v.(type) {
	case nil:
		return null
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []byte:
		return `\x` + hex.EncodeToString(v)
	case time.Time:
		return v.Format(timeLayout(typeName))
	case []any, map[string]any:
		if text, err := json.Marshal(v); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(v)
}

func timeLayout(typeName string) string {
	switch {
	case typeName == "DATE":
		return time.DateOnly
	case strings.HasPrefix(typeName, "TIMESTAMP"):
		return "2006-01-02 15:04:05.999999999"
	case strings.HasPrefix(typeName, "TIME"):
		return "15:04:05.999999999"
	default:
		return time.RFC3339Nano
	}
}

// whole reads a count, in whatever type of integer the engine returns it.
func whole(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case json.Number:
		return v.Int64()
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), nil
		}
		return 0, fmt.Errorf("the count is %v, which is no whole number", v)
	case nil:
		return 0, errors.New("the engine returned no count")
	default:
		return 0, fmt.Errorf("the engine returned %v (%T) for a count", v, v)
	}
}
