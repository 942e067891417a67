package build

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/engine"
)

// seedRows is a seed's file, read whole: seeds are small by definition.
type seedRows struct {
	columns []string
	types   []string
	rows    [][]string
}

// insertBatch is how many rows go into one INSERT.
const insertBatch = 500

// buildSeed loads a seed's file into relation, in one transaction.
func buildSeed(ctx context.Context, e engine.Engine, dir string, seed *runner.Seed, relation runner.Relation) error {
	data, err := readSeed(dir, seed)
	if err != nil {
		return err
	}
	definitions := make([]string, len(data.columns))
	for i, name := range data.columns {
		definitions[i] = "  " + runner.Quote(name) + " " + data.types[i]
	}
	return e.InTx(ctx, func(s engine.Session) error {
		create := fmt.Sprintf("create or replace table %s (\n%s\n)", relation, strings.Join(definitions, ",\n"))
		if err := s.Exec(ctx, create); err != nil {
			return seedError(seed, err)
		}
		for at := 0; at < len(data.rows); at += insertBatch {
			batch := data.rows[at:min(at+insertBatch, len(data.rows))]
			if err := s.Exec(ctx, insertValues(relation, batch)); err != nil {
				return seedError(seed, err)
			}
		}
		return nil
	})
}

func seedError(seed *runner.Seed, err error) error {
	return &runner.Error{
		Code: runner.CodeModel, Pos: runner.Position{File: seed.Path}, Msg: "load seed " + seed.Name, Err: err,
		Hint: "declare the column's data_type in the seed's .yml, or mend the value",
	}
}

func insertValues(relation runner.Relation, rows [][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "insert into %s values\n", relation)
	for i, row := range rows {
		values := make([]string, len(row))
		for j, value := range row {
			values[j] = "null"
			if value != "" {
				values[j] = runner.Literal(value)
			}
		}
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteString("(" + strings.Join(values, ", ") + ")")
	}
	return b.String()
}

// SeedColumns are the columns that a seed's table has.
func SeedColumns(dir string, seed *runner.Seed) ([]engine.Column, error) {
	data, err := readSeed(dir, seed)
	if err != nil {
		return nil, err
	}
	columns := make([]engine.Column, len(data.columns))
	for i, name := range data.columns {
		columns[i] = engine.Column{Name: name, Type: data.types[i]}
	}
	return columns, nil
}

func readSeed(dir string, seed *runner.Seed) (*seedRows, error) {
	refuse := func(line int, msg string, err error) error {
		return &runner.Error{Code: runner.CodeConfig, Pos: runner.Position{File: seed.Path, Line: line}, Msg: msg, Err: err}
	}
	raw, err := os.ReadFile(filepath.Join(dir, seed.Path))
	if err != nil {
		return nil, refuse(0, "read seed", err)
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	if seed.Delimiter != "" {
		reader.Comma = []rune(seed.Delimiter)[0]
	}
	records, err := reader.ReadAll()
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		return nil, refuse(parse.Line, "read seed", parse.Err)
	case err != nil:
		return nil, refuse(0, "read seed", err)
	case len(records) == 0:
		return nil, refuse(1, "read seed: the file is empty; its first line must name the columns", nil)
	}
	data := &seedRows{columns: records[0], rows: records[1:]}
	declared := map[string]string{}
	for _, c := range seed.Columns {
		declared[strings.ToLower(c.Name)] = c.DataType
	}
	if types, ok := seed.Config.All["column_types"].(map[string]any); ok {
		for name, kind := range types {
			declared[strings.ToLower(name)] = fmt.Sprint(kind)
		}
	}
	for i, name := range data.columns {
		kind := declared[strings.ToLower(name)]
		if kind == "" {
			kind = inferType(data.rows, i)
		}
		data.types = append(data.types, kind)
	}
	return data, nil
}

var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9]\d{0,17})$`)
	fraction    = regexp.MustCompile(`^-?\d{1,15}(\.\d+)?([eE][-+]?\d{1,3})?$`)
)

// inferType gives the narrowest type that holds every value of a column; a number with leading zeros is text.
func inferType(rows [][]string, column int) string {
	kinds := []struct {
		name string
		fits func(string) bool
	}{
		{"boolean", func(s string) bool { l := strings.ToLower(s); return l == "true" || l == "false" }},
		{"integer", smallNumber},
		{"bigint", wholeNumber.MatchString},
		{"double", func(s string) bool { return fraction.MatchString(s) && !leadingZero(s) }},
		{"date", func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }},
		{"timestamp", func(s string) bool { _, err := time.Parse(time.DateTime, s); return err == nil }},
	}
	for _, kind := range kinds {
		fits, any := true, false
		for _, row := range rows {
			if row[column] != "" {
				any = true
				fits = fits && kind.fits(row[column])
			}
		}
		if fits && any {
			return kind.name
		}
	}
	return "varchar"
}

// smallNumber tells a whole number of 32 bits.
func smallNumber(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil && wholeNumber.MatchString(s)
}

func leadingZero(s string) bool {
	s = strings.TrimPrefix(s, "-")
	_, err := strconv.Atoi(s)
	return err == nil && len(s) > 1 && s[0] == '0'
}
