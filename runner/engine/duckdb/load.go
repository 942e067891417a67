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
	layout := `, new_line = '\n'`
	if spec.CRLF {
		layout = ""
	}
	if spec.Multiline { // threads that begin within a value may take its lines for rows
		layout += ", parallel = false"
	}
	nulls := []string{"''"}
	for _, text := range spec.Nulls {
		nulls = append(nulls, runner.Literal(text))
	}
	columns := make([]string, len(spec.Fields))
	for i, f := range spec.Fields {
		columns[i] = runner.Literal(f.Name) + ": 'varchar'"
	}
	casts, guarded := values(spec.Fields)
	return fmt.Sprintf(`select %s
from (select %s
from read_csv(%s, auto_detect = false, header = false, delim = %s, quote = '"', escape = '"', skip = %d, columns = {%s}, `+
		`nullstr = [%s], compression = '%s', strict_mode = true, null_padding = false, ignore_errors = false%s)) as read`,
		strings.Join(guarded, ", "), strings.Join(casts, ", "),
		runner.Literal(spec.Path), runner.Literal(spec.Delimiter), spec.SkipLines, strings.Join(columns, ", "),
		strings.Join(nulls, ", "), compression, layout)
}

// values are the expressions for the typed fields, in two steps so that each cast is done once: text and cast, then what
// guards them. The first field also refuses rows without any value.
func values(fields []engine.Field) (casts, guarded []string) {
	var texts []string
	required := false
	for _, f := range fields {
		if f.Type == "" {
			continue
		}
		x := runner.Quote(f.Name)
		v, guard := value(f, x)
		texts = append(texts, x)
		required = required || f.NotNull
		if v == x {
			casts = append(casts, x)
		} else {
			casts = append(casts, x, v+" as "+typed(f))
			v = typed(f)
		}
		if strings.EqualFold(f.Type, "duration") {
			v = cast("epoch("+v+")", "bigint")
		}
		switch {
		case f.NotNull && guard == "":
			v = fmt.Sprintf("case when %s is null then %s else %s end", x, refusal("null in "+f.Name), v)
		case f.NotNull:
			v = fmt.Sprintf("case when %s is not null and %s then %s else %s end", x, guard, v, refusal("null or not plain: "+f.Name))
		case guard != "":
			v = fmt.Sprintf("case when %s is null or %s then %s else %s end", x, guard, v, refusal("not plain: "+f.Name))
		}
		guarded = append(guarded, v)
	}
	if !required {
		guarded[0] = fmt.Sprintf("case when coalesce(%s) is null then %s else %s end",
			strings.Join(append(texts, "null"), ", "), refusal("a row without values"), guarded[0])
	}
	for i, x := range texts {
		guarded[i] += " as " + x
	}
	return casts, guarded
}

// typed names the cast of a field.
func typed(f engine.Field) string { return runner.Quote(f.Name + " typed") }

// value casts a text. The guard is false for text that is not what the engine would write for the value it reads; what it
// must not let pass are the likes of 12.7 and 0x1F for whole numbers, infinity, years BC, and +-5.
func value(f engine.Field, x string) (v, guard string) {
	name, v := strings.ToLower(f.Type), cast(x, f.Type)
	same := cast(typed(f), "varchar") + " = " + x
	switch name {
	case "varchar":
		return x, ""
	case "bigint":
		return v, same
	case "date", "timestamp":
		return v, fmt.Sprintf("%s and %s between %s '0001-01-01' and %s '9999-12-31 23:59:59.999999'", same, typed(f), name, name)
	case "double":
		return v, fmt.Sprintf("isfinite(%s) and not starts_with(%s, '+')", typed(f), x)
	case "duration":
		clock := fmt.Sprintf("case when length(%s) = 5 then '00:' || %s else %s end", x, x, x)
		return cast(clock, "time"), fmt.Sprintf("length(%s) <= 8 and %s = %s", x, cast(typed(f), "varchar"), clock)
	}
	return v, ""
}

func cast(x, typeName string) string { return "cast(" + x + " as " + typeName + ")" }

func refusal(why string) string { return "error(" + runner.Literal(why) + ")" }

// Insert implements engine.Loader.
func (db *DB) Insert(ctx context.Context, s engine.Session, table runner.Relation, query string) (int64, error) {
	if db, all := s.(*DB); all {
		s = db.session
	}
	own, ok := s.(session)
	if !ok {
		return 0, errors.New("insert rows: the session is not one of DuckDB's")
	}
	return own.exec(ctx, fmt.Sprintf("insert into %s\n%s", table, query))
}
