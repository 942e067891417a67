package project

import (
	"strings"

	"elt/runner"
	"elt/runner/project/strict"
)

// propertyFile is what a .yml file beside models or seeds says.
type propertyFile struct {
	sources []sourceEntry
	models  []nodeEntry
	seeds   []nodeEntry
}

// nodeEntry describes a model or a seed that has a file of its own.
type nodeEntry struct {
	pos         runner.Position
	name        string
	description text
	patch       nodePatch
	columns     []columnEntry
	tests       []testEntry
}

// text is a description before its {{ doc('…') }} are looked up.
type text = strict.At[string]

type columnEntry struct {
	runner.Column
	description text
	tests       []testEntry
}

type sourceEntry struct {
	pos         runner.Position
	name        string
	description text
	patch       nodePatch
	load        strict.Patch[runner.Load]
	tables      []tableEntry
}

type tableEntry struct {
	pos         runner.Position
	name        string
	description text
	patch       nodePatch
	load        strict.Patch[runner.Load]
	columns     []columnEntry
	tests       []testEntry
}

// properties is the table of a whole property file.
func properties(kinds map[string][]string) *strict.Object[propertyFile] {
	tests := testsShape(kinds)
	models := described("a model", modelConfigKeys(), tests)
	seeds := described("a seed", seedConfigKeys(), tests)
	sources := sourceKeys(tests)
	return &strict.Object[propertyFile]{
		What: "a property file",
		Keys: []strict.Key[propertyFile]{
			ignored[propertyFile]("version", "Accepted for files that come from dbt; means nothing."),
			strict.FieldOf("sources", "Raw tables and the files they are loaded from.", strict.ListOf(sources.Shape()),
				func(p *propertyFile) *[]sourceEntry { return &p.sources }),
			strict.FieldOf("models", "Descriptions, configuration and tests of models.", strict.ListOf(models.Shape()),
				func(p *propertyFile) *[]nodeEntry { return &p.models }),
			strict.FieldOf("seeds", "Descriptions, configuration and tests of seeds.", strict.ListOf(seeds.Shape()),
				func(p *propertyFile) *[]nodeEntry { return &p.seeds }),
		},
		Instead: map[string]string{
			"macros":          "macros are described in their own files",
			"snapshots":       "snapshots are not supported yet",
			"exposures":       "exposures are not supported yet",
			"unit_tests":      "unit tests are not supported yet",
			"metrics":         "metrics are not supported",
			"semantic_models": "semantic models are not supported",
			"data_tests":      "tests stand below the model, seed, source table or column they test",
			"tests":           "tests stand below the model, seed, source table or column they test",
		},
	}
}

// described is the table of a model or a seed.
func described(what string, config *strict.Object[nodePatch], tests strict.Shape[[]testEntry]) *strict.Object[nodeEntry] {
	return &strict.Object[nodeEntry]{
		What: what,
		At:   func(n *nodeEntry, pos runner.Position) { n.pos = pos },
		Keys: []strict.Key[nodeEntry]{
			strict.FieldOf("name", "Name of its file, without the ending.", nameShape(),
				func(n *nodeEntry) *string { return &n.name }).Needed(),
			strict.FieldOf("description", "What a row is and what it is for.", descriptionShape(),
				func(n *nodeEntry) *text { return &n.description }),
			strict.FieldOf("config", "Configuration; goes before that of the folders in project.yaml.", config.Shape(),
				func(n *nodeEntry) *nodePatch { return &n.patch }),
			strict.FieldOf("columns", "Its columns, in order.", strict.ListOf(columnKeys("a column", tests).Shape()),
				func(n *nodeEntry) *[]columnEntry { return &n.columns }),
			strict.FieldOf("data_tests", "Tests of the whole relation.", tests,
				func(n *nodeEntry) *[]testEntry { return &n.tests }).Or("tests"),
		},
		Instead: belowConfig(config.Names()),
	}
}

// belowConfig tells where keys belong that dbt once allowed beside config.
func belowConfig(names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		out[name] = "write it below config:"
	}
	return out
}

func descriptionShape() strict.Shape[text] { return strict.Located(strict.Raw()) }

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
		},
		Instead: map[string]string{
			"not_null":    "write data_tests: [not_null]",
			"unique":      "write data_tests: [unique]",
			"constraints": "write data_tests",
			"type":        "write data_type",
			"optional":    "only columns of sources are optional",
			"aliases":     "only columns of sources have aliases",
		},
	}
}

func sourceColumnKeys(tests strict.Shape[[]testEntry]) *strict.Object[columnEntry] {
	keys := columnKeys("a column of a source", tests)
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

func sourceKeys(tests strict.Shape[[]testEntry]) *strict.Object[sourceEntry] {
	return &strict.Object[sourceEntry]{
		What: "a source",
		At:   func(s *sourceEntry, pos runner.Position) { s.pos = pos },
		Keys: []strict.Key[sourceEntry]{
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
		},
		Instead: withHints(belowConfig(sourceConfigKeys().Names()), map[string]string{
			"schema":     "a source is published in the schema of its name",
			"database":   "a source is part of the warehouse; leave this key out",
			"freshness":  "freshness is not supported yet; use the test recency",
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
		Keys: []strict.Key[tableEntry]{
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
		},
		Instead: withHints(belowConfig(sourceConfigKeys().Names()), map[string]string{
			"files":      "write it below load:",
			"identifier": "the table has to be called by its name",
			"freshness":  "freshness is not supported yet; use the test recency",
			"external":   "write load: {files: …}",
		}),
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

// loadOf is how a table is loaded: the source's way overlaid by its own; nil if neither says anything.
func loadOf(s sourceEntry, t tableEntry) *runner.Load {
	if len(s.load) == 0 && len(t.load) == 0 {
		return nil
	}
	load := &runner.Load{OnError: runner.Quarantine}
	s.load.Apply(load)
	t.load.Apply(load)
	files := make([]string, len(load.Files))
	for i, f := range load.Files {
		files[i] = strings.ReplaceAll(f, "{name}", t.name)
	}
	load.Files = files
	return load
}
