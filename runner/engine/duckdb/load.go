package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// CSV implements engine.Loader. All is read as text and cast here: the reader's own casts round 12.7 to 13 and take 0x1F
// for a number. Sniffing is off, since it would drop ragged rows without a word. Only new_line is left to the reader where
// it is \r\n, which the first line shows: told so, it finds nothing after skipped lines (DuckDB 1.5.6).
func (db *DB) CSV(spec engine.CSVSpec) string {
	compression := "none"
	if spec.Gzip {
		compression = "gzip"
	}
	newLine := `, new_line = '\n'`
	if spec.CRLF {
		newLine = ""
	}
	nulls := make([]string, len(spec.Nulls))
	for i, text := range spec.Nulls {
		nulls[i] = runner.Literal(text)
	}
	columns := make([]string, len(spec.Fields))
	for i, f := range spec.Fields {
		columns[i] = runner.Literal(f.Name) + ": 'varchar'"
	}
	return fmt.Sprintf(`select %s
from read_csv(%s, auto_detect = false, header = false, delim = %s, quote = '"', escape = '"', skip = %d, columns = {%s}, `+
		`nullstr = [%s], compression = '%s', strict_mode = true, null_padding = false, ignore_errors = false%s)`,
		strings.Join(values(spec.Fields), ", "),
		runner.Literal(spec.Path), runner.Literal(spec.Delimiter), spec.SkipLines, strings.Join(columns, ", "),
		strings.Join(nulls, ", "), compression, newLine)
}

// values are the expressions for the typed fields. The first one also refuses rows without any value.
func values(fields []engine.Field) []string {
	var out, names []string
	required := false
	for _, f := range fields {
		if f.Type != "" {
			out = append(out, value(f)+" as "+runner.Quote(f.Name))
			names = append(names, runner.Quote(f.Name))
			required = required || f.NotNull
		}
	}
	if !required && len(out) > 0 {
		out[0] = fmt.Sprintf("case when coalesce(%s) is null then %s else %s end as %s",
			strings.Join(append(names, "null"), ", "), refusal("a row without values"),
			strings.TrimSuffix(out[0], " as "+names[0]), names[0])
	}
	return out
}

func value(f engine.Field) string {
	x := runner.Quote(f.Name)
	typed := cast(x, f.Type)
	switch strings.ToLower(f.Type) {
	case "varchar":
		typed = x
	case "bigint", "date", "timestamp":
		typed = plainly(x, x, typed, typed)
	case "double": // DuckDB takes +-5 for one
		typed = fmt.Sprintf("case when %s is null or isfinite(%s) and not starts_with(%s, '+') then %s else %s end",
			x, typed, x, typed, refusal("not plain"))
	case "duration":
		clock := fmt.Sprintf("case when length(%s) = 5 then '00:' || %s else %s end", x, x, x)
		typed = plainly(x, clock, cast(clock, "time"), cast("epoch("+cast(clock, "time")+")", "bigint"))
	}
	if f.NotNull {
		typed = fmt.Sprintf("case when %s is null then %s else %s end", x, refusal("null in "+f.Name), typed)
	}
	return typed
}

// plainly refuses text that is not what the engine would write for the value it reads from it.
func plainly(x, text, typed, value string) string {
	return fmt.Sprintf("case when %s is null or %s = %s then %s else %s end", x, cast(typed, "varchar"), text, value, refusal("not plain"))
}

func cast(x, typeName string) string { return "cast(" + x + " as " + typeName + ")" }

func refusal(why string) string { return "error(" + runner.Literal(why) + ")" }

// Insert implements engine.Loader.
func (db *DB) Insert(ctx context.Context, s engine.Session, table runner.Relation, query string) (int64, error) {
	own, ok := s.(session)
	if !ok {
		return 0, errors.New("insert rows: the session is not one of DuckDB's")
	}
	return own.exec(ctx, fmt.Sprintf("insert into %s\n%s", table, query))
}
