package build

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/engine"
)

// A contract says which columns of which types a model has, and what holds for their values. It is checked before the
// model is built, so that a model that breaks it never stands.

// contract is what a model promises.
type contract struct {
	name        string // of the model, for messages
	columns     []runner.Column
	constraints []runner.Constraint // of the whole model
}

// check compares the promised columns with those that the model's SQL gives. Types are compared as the engine
// understands them: int is INTEGER.
func (c contract) check(ctx context.Context, e engine.Inspector, pos runner.Position, sql string) error {
	got, err := e.Describe(ctx, sql)
	if err != nil {
		return err
	}
	casts := make([]string, len(c.columns))
	for i, column := range c.columns {
		if column.DataType == "" {
			return &runner.Error{
				Code: runner.CodeConfig, Pos: column.Pos, Msg: fmt.Sprintf("contract of %s: column %s has no data_type", c.name, column.Name),
				Hint: "an enforced contract needs the type of every column",
			}
		}
		casts[i] = fmt.Sprintf("cast(null as %s) as %s", column.DataType, runner.Quote(column.Name))
	}
	if len(casts) == 0 {
		return &runner.Error{Code: runner.CodeConfig, Pos: pos, Msg: fmt.Sprintf("contract of %s: no columns are declared", c.name)}
	}
	promised, err := e.Describe(ctx, "select "+strings.Join(casts, ", "))
	if err != nil {
		return fmt.Errorf("contract of %s: read the declared types: %w", c.name, err)
	}
	if broken := mismatches(promised, got); len(broken) > 0 {
		return &runner.Error{
			Code: runner.CodeModel, Pos: pos, Msg: fmt.Sprintf("build %s: its columns break its contract", c.name),
			Excerpt: "  " + strings.Join(broken, "\n  "), Hint: "change the SQL, or the columns in the model's .yml",
		}
	}
	return nil
}

// mismatches tells, a line each, where two lists of columns differ. Order does not matter.
func mismatches(promised, got []engine.Column) []string {
	var lines []string
	for _, p := range promised {
		i := slices.IndexFunc(got, func(g engine.Column) bool { return strings.EqualFold(g.Name, p.Name) })
		switch {
		case i < 0:
			lines = append(lines, fmt.Sprintf("%s: declared as %s, missing from the SQL", p.Name, p.Type))
		case !strings.EqualFold(got[i].Type, p.Type):
			lines = append(lines, fmt.Sprintf("%s: declared as %s, the SQL gives %s", p.Name, p.Type, got[i].Type))
		}
	}
	for _, g := range missingFrom(promised, got) {
		lines = append(lines, fmt.Sprintf("%s: not declared, the SQL gives %s", g.Name, g.Type))
	}
	return lines
}

// table is the statement that makes the table with its constraints, and the one that fills it.
func (c contract) table(relation runner.Relation, sql string) []string {
	definitions := make([]string, 0, len(c.columns)+len(c.constraints))
	names := make([]string, len(c.columns))
	for i, column := range c.columns {
		names[i] = runner.Quote(column.Name)
		definition := "  " + names[i] + " " + column.DataType
		for _, constraint := range column.Constraints {
			if text := columnConstraint(constraint); text != "" {
				definition += " " + text
			}
		}
		definitions = append(definitions, definition)
	}
	for _, constraint := range c.constraints {
		if text := tableConstraint(constraint); text != "" {
			definitions = append(definitions, "  "+text)
		}
	}
	return []string{
		fmt.Sprintf("create or replace table %s (\n%s\n)", relation, strings.Join(definitions, ",\n")),
		fmt.Sprintf("insert into %s\nselect %s from (\n%s\n) as model", relation, strings.Join(names, ", "), sql),
	}
}

// columnConstraint is a constraint behind a column's type. Foreign keys are left to relationships tests: they would tie
// versions of relations together.
func columnConstraint(c runner.Constraint) string {
	switch c.Type {
	case "not_null":
		return "not null"
	case "unique", "check":
		if c.Type == "check" {
			return "check (" + c.Expression + ")"
		}
		return "unique"
	case "primary_key":
		return "primary key"
	case "custom":
		return c.Expression
	default:
		return ""
	}
}

func tableConstraint(c runner.Constraint) string {
	quoted := make([]string, len(c.Columns))
	for i, name := range c.Columns {
		quoted[i] = runner.Quote(name)
	}
	list := "(" + strings.Join(quoted, ", ") + ")"
	switch c.Type {
	case "unique":
		return "unique " + list
	case "primary_key":
		return "primary key " + list
	case "check":
		return "check (" + c.Expression + ")"
	case "custom":
		return c.Expression
	default:
		return ""
	}
}
