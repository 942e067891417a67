package project

import (
	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

type columnEntry struct {
	runner.Column
	description text
	tests       []testEntry
	config      columnConfig
}

type columnConfig struct {
	tags []string
	meta map[string]any
}

func columnKeys(what string, tests strict.Shape[[]testEntry]) *strict.Object[columnEntry] {
	return &strict.Object[columnEntry]{
		What: what,
		At:   func(c *columnEntry, pos runner.Position) { c.Pos = pos },
		Keys: []strict.Key[columnEntry]{
			strict.FieldOf("name", "Name of the column.", textShape(), func(c *columnEntry) *string { return &c.Name }).Needed(),
			strict.FieldOf("description", "What the column means, with its unit.", descriptionShape(),
				func(c *columnEntry) *text { return &c.description }),
			strict.FieldOf("data_type", "Type of the column.", textShape(), func(c *columnEntry) *string { return &c.DataType }),
			strict.FieldOf("data_tests", "Tests of the column.", tests,
				func(c *columnEntry) *[]testEntry { return &c.tests }).Or("tests"),
			strict.FieldOf("constraints", "Constraints of the model's contract on the column.", strict.ListOf(constraintKeys().Shape()),
				func(c *columnEntry) *[]runner.Constraint { return &c.Constraints }),
			strict.FieldOf("quote", "Accepted for files that come from dbt; names are always quoted.", strict.Boolean(),
				func(c *columnEntry) *bool { return &c.Quote }),
			strict.FieldOf("tags", "Labels; the tests of the column have them, too.", strict.OneOrMore(strict.String()),
				func(c *columnEntry) *[]string { return &c.Tags }),
			strict.FieldOf("meta", "Anything worth keeping beside the column.", strict.AnyMap(true),
				func(c *columnEntry) *map[string]any { return &c.Meta }),
			strict.FieldOf("config", "tags and meta of the column.", columnConfigKeys().Shape(),
				func(c *columnEntry) *columnConfig { return &c.config }),
			passedOverIn[columnEntry]("granularity"), passedOverIn[columnEntry]("policy_tags"),
			passedOverIn[columnEntry]("dimension"), passedOverIn[columnEntry]("entity"),
		},
		Instead: map[string]string{
			"not_null": "write data_tests: [not_null]",
			"unique":   "write data_tests: [unique]",
			"type":     "write data_type",
			"optional": "only columns of sources are optional",
			"aliases":  "only columns of sources have aliases",
		},
	}
}

func columnConfigKeys() *strict.Object[columnConfig] {
	return &strict.Object[columnConfig]{
		What: "the configuration of a column",
		Keys: []strict.Key[columnConfig]{
			strict.FieldOf("tags", "Labels; the tests of the column have them, too.", strict.OneOrMore(strict.String()),
				func(c *columnConfig) *[]string { return &c.tags }),
			strict.FieldOf("meta", "Anything worth keeping beside the column.", strict.AnyMap(true),
				func(c *columnConfig) *map[string]any { return &c.meta }),
		},
	}
}

func constraintKeys() *strict.Object[runner.Constraint] {
	return &strict.Object[runner.Constraint]{
		What: "a constraint",
		Keys: []strict.Key[runner.Constraint]{
			strict.FieldOf("type", "not_null, unique, primary_key, foreign_key, check or custom.",
				strict.Choice("not_null", "unique", "primary_key", "foreign_key", "check", "custom"),
				func(c *runner.Constraint) *string { return &c.Type }).Needed(),
			strict.FieldOf("name", "Name of the constraint.", strict.String(), func(c *runner.Constraint) *string { return &c.Name }),
			strict.FieldOf("expression", "SQL of a check or custom constraint.", strict.String(),
				func(c *runner.Constraint) *string { return &c.Expression }),
			strict.FieldOf("columns", "Columns it is about, for one of the whole model.", strict.OneOrMore(strict.String()),
				func(c *runner.Constraint) *[]string { return &c.Columns }),
			strict.FieldOf("to", "foreign_key: ref('model') or source('source', 'table').", strict.Raw(),
				func(c *runner.Constraint) *string { return &c.To }),
			strict.FieldOf("to_columns", "foreign_key: columns there.", strict.OneOrMore(strict.String()),
				func(c *runner.Constraint) *[]string { return &c.ToColumns }),
			passedOverIn[runner.Constraint]("warn_unenforced"), passedOverIn[runner.Constraint]("warn_unsupported"),
		},
	}
}

// sourceColumnKeys is the table of a column of a source, which may say how it is loaded.
func sourceColumnKeys(tests strict.Shape[[]testEntry]) *strict.Object[columnEntry] {
	keys := columnKeys("a column of a source", tests)
	delete(keys.Instead, "optional")
	delete(keys.Instead, "aliases")
	keys.Keys = append(keys.Keys,
		strict.FieldOf("not_null", "true rejects rows without a value.", strict.Boolean(),
			func(c *columnEntry) *bool { return &c.NotNull }),
		strict.FieldOf("optional", "true allows files without the column; it is NULL then.", strict.Boolean(),
			func(c *columnEntry) *bool { return &c.Optional }),
		strict.FieldOf("aliases", "Other names the column has in files.", strict.OneOrMore(textShape()),
			func(c *columnEntry) *[]string { return &c.Aliases }),
	)
	return keys
}

// versionEntry is one of the versions of a model.
type versionEntry struct {
	pos         runner.Position
	v           string
	description text
	definedIn   string
	beside      nodePatch
	patch       nodePatch
	columns     []versionColumn
	tests       []testEntry
	hasTests    bool
	constraints []runner.Constraint
	deprecated  string
}

// versionColumn is a column of a version, or the rule which columns of the model it has.
type versionColumn struct {
	column  *columnEntry
	include []string // nil: no rule; ["*"]: all
	exclude []string
}

func versionKeys(tests strict.Shape[[]testEntry]) *strict.Object[versionEntry] {
	beside := func(key strict.Key[nodePatch]) strict.Key[versionEntry] {
		return strict.Key[versionEntry]{
			Name: key.Name, Doc: key.Doc, Schema: key.Schema,
			Read: func(r *strict.Reader, v *strict.Value, e *versionEntry) { key.Read(r, v, &e.beside) },
		}
	}
	own := tests
	return &strict.Object[versionEntry]{
		What: "a version",
		At:   func(e *versionEntry, pos runner.Position) { e.pos = pos },
		Keys: []strict.Key[versionEntry]{
			strict.FieldOf("v", "The version: a number or a text.", strict.Literal(), func(e *versionEntry) *string { return &e.v }).Needed(),
			strict.FieldOf("description", "What a row is; without it as the model says.", descriptionShape(),
				func(e *versionEntry) *text { return &e.description }),
			strict.FieldOf("defined_in", "Name of its file without the ending; without it that of the model, _v and the version.",
				strict.String(), func(e *versionEntry) *string { return &e.definedIn }),
			strict.FieldOf("config", "Configuration; goes before that of the model.", modelConfigKeys().Shape(),
				func(e *versionEntry) *nodePatch { return &e.patch }),
			strict.FieldOf("columns", "Its columns; include and exclude take those of the model.",
				strict.ListOf(versionColumnShape(tests)), func(e *versionEntry) *[]versionColumn { return &e.columns }),
			{
				Name: "data_tests", Also: "tests", Doc: "Tests of the whole relation, instead of those of the model.", Schema: own.Schema,
				Read: func(r *strict.Reader, v *strict.Value, e *versionEntry) { e.tests, e.hasTests = own.Read(r, v) },
			},
			strict.FieldOf("constraints", "Constraints of its contract.", strict.ListOf(constraintKeys().Shape()),
				func(e *versionEntry) *[]runner.Constraint { return &e.constraints }),
			strict.FieldOf("deprecation_date", "Day from which on it should not be used.", strict.Literal(),
				func(e *versionEntry) *string { return &e.deprecated }),
			beside(accessKey()), beside(docsKey()), beside(metaKey()), beside(tagsKey()), beside(groupKey()),
		},
	}
}

func versionColumnShape(tests strict.Shape[[]testEntry]) strict.Shape[versionColumn] {
	column := columnKeys("a column", tests).Shape()
	names := strict.OneOrMore(strict.String())
	rule := strict.Object[versionColumn]{
		What: "a rule for columns",
		Keys: []strict.Key[versionColumn]{
			strict.FieldOf("include", `Columns of the model to take; "all" for all.`, names, func(c *versionColumn) *[]string { return &c.include }),
			strict.FieldOf("exclude", "Columns of the model to leave out.", names, func(c *versionColumn) *[]string { return &c.exclude }),
		},
	}
	ruled := rule.Shape()
	return strict.Shape[versionColumn]{
		Schema: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{ruled.Schema, column.Schema}},
		Read: func(r *strict.Reader, v *strict.Value) (versionColumn, bool) {
			if v.Get("include") != nil || v.Get("exclude") != nil {
				c, ok := ruled.Read(r, v)
				if ok && len(c.include) == 0 {
					c.include = []string{"*"}
				}
				return c, ok
			}
			c, ok := column.Read(r, v)
			return versionColumn{column: &c}, ok
		},
	}
}
