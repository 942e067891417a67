package project

import (
	"elt/runner"
	"elt/runner/project/strict"
)

type sourceEntry struct {
	pos         runner.Position
	name        string
	schema      strict.At[string]
	description text
	beside      nodePatch
	patch       nodePatch
	load        strict.Patch[runner.Load]
	tables      []tableEntry
}

type tableEntry struct {
	pos         runner.Position
	name        string
	identifier  strict.At[string]
	description text
	beside      nodePatch
	patch       nodePatch
	load        strict.Patch[runner.Load]
	columns     []columnEntry
	tests       []testEntry
}

// sourceBeside are the keys of the configuration that sources and tables have beside config:, too.
func sourceBeside[T any](patch func(*T) *nodePatch) []strict.Key[T] {
	var out []strict.Key[T]
	config := sourceConfigKeys()
	for _, name := range []string{"freshness", "loaded_at_field", "loaded_at_query", "meta", "tags"} {
		key := config.Find(name)
		out = append(out, strict.Key[T]{
			Name: key.Name, Doc: key.Doc, Schema: key.Schema, Nulls: key.Nulls,
			Read: func(r *strict.Reader, v *strict.Value, into *T) { key.Read(r, v, patch(into)) },
		})
	}
	return append(out, passedOverIn[T]("database"), passedOverIn[T]("quoting"))
}

func sourceKeys(tests strict.Shape[[]testEntry]) *strict.Object[sourceEntry] {
	return &strict.Object[sourceEntry]{
		What: "a source",
		At:   func(s *sourceEntry, pos runner.Position) { s.pos = pos },
		Keys: append([]strict.Key[sourceEntry]{
			strict.FieldOf("name", "Name of the source, and of the schema its tables are published in.", nameShape(),
				func(s *sourceEntry) *string { return &s.name }).Needed(),
			strict.FieldOf("description", "Where the data comes from.", descriptionShape(),
				func(s *sourceEntry) *text { return &s.description }),
			strict.FieldOf("config", "Configuration of all its tables.", sourceConfigKeys().Shape(),
				func(s *sourceEntry) *nodePatch { return &s.patch }),
			strict.FieldOf("load", "How files are read, for each table that does not say otherwise.", loadKeys().Shape(),
				func(s *sourceEntry) *strict.Patch[runner.Load] { return &s.load }),
			strict.FieldOf("tables", "Its tables.", strict.ListOf(tableKeys(tests).Shape()),
				func(s *sourceEntry) *[]tableEntry { return &s.tables }).Needed(),
			strict.FieldOf("schema", "Schema of its tables in the warehouse, where they are not loaded from files; without it its name.",
				strict.Located(strict.String()), func(s *sourceEntry) *strict.At[string] { return &s.schema }),
			passedOverIn[sourceEntry]("loader"), passedOverIn[sourceEntry]("overrides"),
		}, sourceBeside(func(s *sourceEntry) *nodePatch { return &s.beside })...),
		Instead: withHints(belowConfig(sourceConfigKeys().Names()), map[string]string{
			"data_tests": "tests stand below a table or a column",
			"tests":      "tests stand below a table or a column",
		}),
	}
}

func withHints(hints, more map[string]string) map[string]string {
	for k, v := range more {
		hints[k] = v
	}
	return hints
}

func tableKeys(tests strict.Shape[[]testEntry]) *strict.Object[tableEntry] {
	return &strict.Object[tableEntry]{
		What: "a source table",
		At:   func(t *tableEntry, pos runner.Position) { t.pos = pos },
		Keys: append([]strict.Key[tableEntry]{
			strict.FieldOf("name", "Name of the table.", nameShape(), func(t *tableEntry) *string { return &t.name }).Needed(),
			strict.FieldOf("description", "What a row is.", descriptionShape(),
				func(t *tableEntry) *text { return &t.description }),
			strict.FieldOf("config", "Configuration; goes before that of the source.", sourceConfigKeys().Shape(),
				func(t *tableEntry) *nodePatch { return &t.patch }),
			strict.FieldOf("load", "How its files are read; without it, here and at the source, the table exists in the warehouse already.",
				loadKeys().Shape(), func(t *tableEntry) *strict.Patch[runner.Load] { return &t.load }),
			strict.FieldOf("columns", "Its columns with their types, in order.", strict.ListOf(sourceColumnKeys(tests).Shape()),
				func(t *tableEntry) *[]columnEntry { return &t.columns }),
			strict.FieldOf("data_tests", "Tests of the whole table.", tests,
				func(t *tableEntry) *[]testEntry { return &t.tests }).Or("tests"),
			strict.FieldOf("identifier", "Its name in the warehouse, where it is not loaded from files; without it its name here.",
				strict.Located(strict.String()), func(t *tableEntry) *strict.At[string] { return &t.identifier }),
			externalKey(), passedOverIn[tableEntry]("loader"),
		}, sourceBeside(func(t *tableEntry) *nodePatch { return &t.beside })...),
		Instead: withHints(belowConfig(sourceConfigKeys().Names()), map[string]string{
			"files": "write it below load:",
		}),
	}
}

// externalKey is external: of dbt's packages for external tables. It is kept, as unknown configuration is.
func externalKey() strict.Key[tableEntry] {
	key := plain("external", "Accepted for files that come from dbt; write load: {files: …} to load files.", strict.AnyMap(true))
	return strict.Key[tableEntry]{
		Name: key.Name, Doc: key.Doc, Schema: key.Schema,
		Read: func(r *strict.Reader, v *strict.Value, t *tableEntry) { key.Read(r, v, &t.beside) },
	}
}

func loadKeys() *strict.Object[strict.Patch[runner.Load]] {
	return &strict.Object[strict.Patch[runner.Load]]{
		What: "load",
		At: func(p *strict.Patch[runner.Load], pos runner.Position) {
			*p = append(*p, func(l *runner.Load) { l.Pos = pos })
		},
		Keys: []strict.Key[strict.Patch[runner.Load]]{
			strict.Setting("files", "Files or patterns, relative to the project; {name} stands for the name of the table.",
				strict.OneOrMore(pathShape()), func(l *runner.Load, f []string) { l.Files = f }),
			strict.Setting("format", "csv or json; without it the ending of the file decides.", strict.Choice("csv", "json"),
				func(l *runner.Load, f string) { l.Format = f }),
			strict.Setting("on_error", "What to do with rows that do not fit: quarantine (as without this key) sets them aside, "+
				"fail stops at the first.", strict.Choice(runner.Quarantine, runner.Fail),
				func(l *runner.Load, o runner.OnError) { l.OnError = o }),
			strict.Setting("max_rejected", `More rejected rows than this fail the load: a count, or "5%". Without it there is no limit.`,
				strict.Share(), func(l *runner.Load, t runner.Threshold) { l.MaxRejected = t }),
			strict.Setting("allow_empty", "true makes an empty table where no file matches, instead of an error.", strict.Boolean(),
				func(l *runner.Load, on bool) { l.AllowEmpty = on }),
			strict.Setting("delimiter", "What separates the fields of a CSV file; without it the header line decides.",
				delimiterShape(), func(l *runner.Load, d string) { l.Delimiter = d }),
			strict.Setting("decimal", "Decimal mark of numbers; without it the point.", strict.Choice(".", ","),
				func(l *runner.Load, d string) { l.Decimal = d }),
			strict.Setting("date_formats", "Formats of dates beside ISO 8601, such as %d/%m/%Y, tried in order.",
				strict.OneOrMore(textShape()), func(l *runner.Load, f []string) { l.DateFormats = f }),
			strict.Setting("null_values", "Texts that mean no value, beside the usual ones.", strict.OneOrMore(strict.Literal()),
				func(l *runner.Load, n []string) { l.NullValues = n }),
		},
		Instead: map[string]string{"path": "write files", "file": "write files", "type": "write format"},
	}
}
