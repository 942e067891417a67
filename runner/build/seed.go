package build

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// seedRows is a seed's file, read whole: seeds are small by definition.
type seedRows struct {
	columns []string
	types   []string
	unknown []int // columns without a declared type and without a value
	rows    [][]string
}

// insertBatch is how many rows go into one INSERT.
const insertBatch = 500

// buildSeed loads a seed's file into the relation of a decision, in one transaction. A column without a type or a value
// has the type that it had before.
func buildSeed(ctx context.Context, e engine.Engine, p *runner.Project, seed *runner.Seed, d runner.Decision) error {
	data, err := readSeed(p, seed)
	if err != nil {
		return err
	}
	if err := data.keepTypes(ctx, e, d.Previous); err != nil {
		return seedError(seed, err)
	}
	relation := d.Relation
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
func SeedColumns(p *runner.Project, seed *runner.Seed) ([]engine.Column, error) {
	data, err := readSeed(p, seed)
	if err != nil {
		return nil, err
	}
	columns := make([]engine.Column, len(data.columns))
	for i, name := range data.columns {
		columns[i] = engine.Column{Name: name, Type: data.types[i]}
	}
	return columns, nil
}

// keepTypes gives columns of whose type nothing is known that of the relation before, where it has them.
func (r *seedRows) keepTypes(ctx context.Context, e engine.Engine, before runner.Relation) error {
	if before.IsZero() || len(r.unknown) == 0 {
		return nil
	}
	columns, err := e.Describe(ctx, "select * from "+before.String())
	for _, c := range columns {
		for _, i := range r.unknown {
			if strings.EqualFold(c.Name, r.columns[i]) {
				r.types[i] = c.Type
			}
		}
	}
	return err
}

func readSeed(p *runner.Project, seed *runner.Seed) (*seedRows, error) {
	refuse := func(line int, msg string, err error) error {
		return &runner.Error{Code: runner.CodeConfig, Pos: runner.Position{File: seed.Path, Line: line}, Msg: msg, Err: err}
	}
	raw, err := os.ReadFile(filepath.Join(p.Dir, seed.Path))
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
	case errors.As(err, &parse) && errors.Is(err, csv.ErrFieldCount):
		return nil, refuse(parse.Line, "read seed: expected as many fields as the first line has", nil)
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
	types := ownTypes()
	if p.DBT {
		types = dbtTypes()
	}
	for i, name := range data.columns {
		kind := declared[strings.ToLower(name)]
		if kind == "" {
			kind = inferType(data.rows, i, types)
		}
		if kind == "" {
			data.unknown = append(data.unknown, i)
			kind = "varchar"
			if p.DBT { // it takes what has no value for a number
				kind = "integer"
			}
		}
		data.types = append(data.types, kind)
	}
	return data, nil
}
