package expect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// Unit is a unit test ready to run: a model's SQL over made-up rows, and the rows that should come out.
type Unit struct {
	Test   *runner.UnitTest
	Inputs []UnitInput
	SQL    string // of the model, reading the relations of Inputs
	// Explain points an engine's error about SQL at the analyst's file; nil returns it as it is.
	Explain func(error) error
}

// UnitInput is a relation that the model reads during the test.
type UnitInput struct {
	Relation runner.Relation
	Columns  []engine.Column // what the real one has; nil where that is not known
	Fixture  *runner.Fixture // nil: no rows
}

// RunUnit makes the inputs, runs the model and compares. All that it makes is gone afterwards. The session is that of a
// transaction to be rolled back, on an engine that need not hold any of the project's tables. Only a cancelled ctx is an
// error; everything else is in the result.
func RunUnit(ctx context.Context, s engine.Session, u Unit, clock runner.Clock) (runner.NodeResult, error) {
	result := runner.NodeResult{
		ID: u.Test.ID, Kind: runner.KindUnitTest, Name: u.Test.Name, Status: runner.StatusPass, Started: clock(),
	}
	failure, err := u.run(ctx, s)
	result.Elapsed = clock().Sub(result.Started)
	switch {
	case ctx.Err() != nil:
		return result, ctx.Err()
	case err != nil:
		result.Status, result.Err = runner.StatusError, err
	case failure != nil:
		result.Status, result.Failure, result.Rows = runner.StatusFail, failure, failure.Count
		result.Message = plural(failure.Count, "row is", "rows are") + " not as expected"
	}
	return result, nil
}

func (u Unit) run(ctx context.Context, s engine.Session) (*runner.Failure, error) {
	for _, in := range u.Inputs {
		query, err := in.sql(u.Test)
		if err != nil {
			return nil, err
		}
		if err := s.Exec(ctx, fmt.Sprintf("create table %s as\n%s", in.Relation, query)); err != nil {
			return nil, u.fixtureError(in.Fixture, err)
		}
	}
	actual := runner.Relation{Name: "__actual__"}
	if err := s.Exec(ctx, fmt.Sprintf("create table %s as\n%s", actual, u.SQL)); err != nil {
		if u.Explain != nil {
			err = u.Explain(err)
		}
		return nil, err
	}
	columns, err := engine.ColumnsOf(ctx, s, actual)
	if err != nil {
		return nil, err
	}
	return u.compare(ctx, s, actual, columns)
}

// compare looks for rows that only one side has. Only the columns that the expectation names count, as in dbt.
func (u Unit) compare(ctx context.Context, s engine.Session, actual runner.Relation, columns []engine.Column) (*runner.Failure, error) {
	wanted := UnitInput{Columns: columns, Fixture: &u.Test.Expect}
	query, err := wanted.sql(u.Test)
	if err != nil {
		return nil, err
	}
	names := u.Test.Expect.Names
	if u.Test.Expect.Format == "sql" || len(names) == 0 {
		names = nil
		for _, c := range columns {
			names = append(names, c.Name)
		}
	}
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = runner.Quote(name)
	}
	chosen := strings.Join(list, ", ")
	expected := fmt.Sprintf("select %s from (\n%s\n) as expected", chosen, query)
	got := fmt.Sprintf("select %s from %s", chosen, actual)
	differ := fmt.Sprintf("select 'missing' as difference, * from (%s except all %s) as a\nunion all\nselect 'not expected' as difference, * from (%s except all %s) as b",
		expected, got, got, expected)
	f, err := differences(ctx, s, differ, len(names)+1)
	if err != nil {
		return nil, u.fixtureError(&u.Test.Expect, err)
	}
	return f, nil
}

// differences counts the rows of a query and shows some; nil if there are none.
func differences(ctx context.Context, s engine.Session, query string, columns int) (*runner.Failure, error) {
	keys := make([]string, columns)
	for i := range keys {
		keys[columns-1-i] = fmt.Sprintf("%d nulls last", i+1) // the difference itself last, so that what is alike stands together
	}
	rows, err := s.Query(ctx, fmt.Sprintf("select * from (\n%s\n) as differences order by %s", query, strings.Join(keys, ", ")))
	if err != nil {
		return nil, err
	}
	found := rows.Columns()
	f := &runner.Failure{Total: -1}
	for _, c := range found {
		f.Columns = append(f.Columns, c.Name)
	}
	err = engine.Each(rows, func(row []any) error {
		if f.Count++; f.Count > 2*sampleSize {
			return nil
		}
		texts := make([]string, len(row))
		for i, v := range row {
			texts[i] = asText(v, found[i].Type)
		}
		f.Sample = append(f.Sample, texts)
		return nil
	})
	if err != nil || f.Count == 0 {
		return nil, err
	}
	return f, nil
}

func (u Unit) fixtureError(f *runner.Fixture, err error) error {
	e := &runner.Error{Code: runner.CodeTest, Pos: u.Test.Pos, Msg: "unit test " + u.Test.Name, Err: err}
	if f != nil && f.Pos.File != "" {
		e.Pos = f.Pos
	}
	return e
}

// sql is a query for the rows of a fixture, in the columns of the relation it stands for.
func (in UnitInput) sql(t *runner.UnitTest) (string, error) {
	f := in.Fixture
	if f == nil {
		f = &runner.Fixture{Format: "dict"}
	}
	if f.Format == "sql" {
		return f.SQL, nil
	}
	columns := in.Columns
	for _, name := range f.Names {
		if in.Columns == nil {
			columns = append(columns, engine.Column{Name: name, Type: inferred(f.Rows, name)})
			continue
		}
		if !slices.ContainsFunc(in.Columns, func(c engine.Column) bool { return strings.EqualFold(c.Name, name) }) {
			return "", in.unknown(t, f, name)
		}
	}
	if len(columns) == 0 {
		return "", &runner.Error{
			Code: runner.CodeTest, Pos: t.Pos, Msg: fmt.Sprintf("unit test %s: the columns of %s are not known", t.Name, f.Input),
			Hint: "give at least one row with all columns that the model reads, or describe them in YAML with a data_type",
		}
	}
	selects := make([]string, 0, len(f.Rows)+1)
	for _, row := range f.Rows {
		selects = append(selects, "select "+cells(columns, row))
	}
	if len(selects) == 0 {
		selects = append(selects, "select "+cells(columns, nil)+" where 1 = 0")
	}
	return strings.Join(selects, "\nunion all\n"), nil
}

func (in UnitInput) unknown(t *runner.UnitTest, f *runner.Fixture, name string) error {
	var known []string
	for _, c := range in.Columns {
		known = append(known, c.Name)
	}
	what := f.Input
	if what == "" {
		what = "the model"
	}
	e := &runner.Error{
		Code: runner.CodeTest, Pos: f.Pos, Msg: fmt.Sprintf("unit test %s: %s has no column %q", t.Name, what, name),
		Hint: runner.DidYouMean(name, known),
	}
	if e.Pos.File == "" {
		e.Pos = t.Pos
	}
	if e.Hint == "" {
		e.Hint = "its columns are " + strings.Join(known, ", ")
	}
	return e
}

func cells(columns []engine.Column, row map[string]any) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = fmt.Sprintf("cast(%s as %s) as %s", literal(valueOf(row, c.Name)), c.Type, runner.Quote(c.Name))
	}
	return strings.Join(list, ", ")
}

func valueOf(row map[string]any, name string) any {
	if v, ok := row[name]; ok {
		return v
	}
	for key, v := range row {
		if strings.EqualFold(key, name) {
			return v
		}
	}
	return nil
}

// literal writes a YAML value as SQL. Numbers go as text, so that no digit is lost on the way to a decimal.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = literal(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return runner.Literal(fmt.Sprint(v))
	}
}

// inferred is the type of a column that is known from its values only.
func inferred(rows []map[string]any, name string) string {
	kind := ""
	for _, row := range rows {
		this := ""
		switch valueOf(row, name).(type) {
		case nil:
			continue
		case bool:
			this = "boolean"
		case int, int64, uint64:
			this = "bigint"
		case float64:
			this = "double"
		default:
			return "varchar"
		}
		if kind != "" && kind != this && (kind == "boolean" || this == "boolean") {
			return "varchar"
		}
		if kind == "" || this == "double" {
			kind = this
		}
	}
	if kind == "" {
		return "varchar"
	}
	return kind
}
