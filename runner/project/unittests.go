package project

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

type unitTestEntry struct {
	pos         runner.Position
	name        string
	description text
	model       string
	given       []fixtureEntry
	expect      fixtureEntry
	overrides   runner.UnitOverrides
	beside      nodePatch
	patch       nodePatch
	versions    versionColumn // include and exclude
}

// fixtureEntry is rows as they are written.
type fixtureEntry struct {
	runner.Fixture
	fixture strict.At[string] // name of a file
	rows    *strict.Value
	text    string
	hasText bool
}

func unitTestKeys() *strict.Object[unitTestEntry] {
	beside := func(key strict.Key[nodePatch]) strict.Key[unitTestEntry] {
		return strict.Key[unitTestEntry]{
			Name: key.Name, Doc: key.Doc, Schema: key.Schema,
			Read: func(r *strict.Reader, v *strict.Value, e *unitTestEntry) { key.Read(r, v, &e.beside) },
		}
	}
	versions := &strict.Object[versionColumn]{
		What: "versions",
		Keys: []strict.Key[versionColumn]{
			strict.FieldOf("include", "Versions to test.", strict.OneOrMore(strict.Literal()), func(c *versionColumn) *[]string { return &c.include }),
			strict.FieldOf("exclude", "Versions not to test.", strict.OneOrMore(strict.Literal()), func(c *versionColumn) *[]string { return &c.exclude }),
		},
	}
	return &strict.Object[unitTestEntry]{
		What: "a unit test",
		At:   func(e *unitTestEntry, pos runner.Position) { e.pos = pos },
		Keys: []strict.Key[unitTestEntry]{
			strict.FieldOf("name", "Name of the test.", nameShape(), func(e *unitTestEntry) *string { return &e.name }).Needed(),
			strict.FieldOf("description", "What the test is for.", descriptionShape(), func(e *unitTestEntry) *text { return &e.description }),
			strict.FieldOf("model", "The model tested.", strict.String(), func(e *unitTestEntry) *string { return &e.model }).Needed(),
			strict.FieldOf("given", "What the model reads, each with its rows; what is not named here has none.",
				strict.ListOf(fixtureKeys(true).Shape()), func(e *unitTestEntry) *[]fixtureEntry { return &e.given }),
			strict.FieldOf("expect", "The rows that have to come out, in any order.", fixtureKeys(false).Shape(),
				func(e *unitTestEntry) *fixtureEntry { return &e.expect }).Needed(),
			strict.FieldOf("overrides", "What the model sees otherwise than it is.", overrideKeys().Shape(),
				func(e *unitTestEntry) *runner.UnitOverrides { return &e.overrides }),
			strict.FieldOf("config", "Configuration.", useConfigKeys("a unit test").Shape(), func(e *unitTestEntry) *nodePatch { return &e.patch }),
			strict.FieldOf("versions", "Versions of the model to test; without it all.", versions.Shape(),
				func(e *unitTestEntry) *versionColumn { return &e.versions }),
			beside(tagsKey()), beside(metaKey()), beside(enabledKey()),
		},
	}
}

func fixtureKeys(input bool) *strict.Object[fixtureEntry] {
	o := &strict.Object[fixtureEntry]{
		What: "what is expected",
		At:   func(e *fixtureEntry, pos runner.Position) { e.Pos = pos },
		Keys: []strict.Key[fixtureEntry]{
			strict.FieldOf("format", "How the rows are written: dict (as without this key), csv or sql.", strict.Choice("dict", "csv", "sql"),
				func(e *fixtureEntry) *string { return &e.Format }),
			strict.FieldOf("fixture", "Name of a .csv or .sql file in tests/fixtures with the rows.", strict.Located(strict.String()),
				func(e *fixtureEntry) *strict.At[string] { return &e.fixture }),
			{
				Name: "rows", Doc: "The rows: a list of mappings, or the text of a CSV file or of a query.",
				Schema: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
					{Type: "string"}, {Type: "array", Items: &jsonschema.Schema{Type: "object"}},
				}},
				Read: readRows,
			},
		},
	}
	if input {
		o.What = "an input"
		o.Keys = append(o.Keys, strict.FieldOf("input", "ref('model'), source('source', 'table') or this.", strict.Raw(),
			func(e *fixtureEntry) *string { return &e.Input }).Needed())
	}
	return o
}

func readRows(r *strict.Reader, v *strict.Value, e *fixtureEntry) {
	if v.Kind == strict.Text {
		e.text, e.hasText = v.Text, true
		return
	}
	if v.Kind != strict.List {
		r.Expected(v, "a list of rows, or the text of a CSV file or of a query")
		return
	}
	e.rows = v
	for _, item := range v.Items {
		if item.Kind != strict.Map {
			r.Expected(item, "a row, written as names of columns and values")
			continue
		}
		row := map[string]any{}
		for _, f := range item.Fields {
			value, ok := strict.Any(false).Read(r, f.Value)
			if !ok {
				continue
			}
			row[f.Key] = value
			if !slices.Contains(e.Names, f.Key) {
				e.Names = append(e.Names, f.Key)
			}
		}
		e.Rows = append(e.Rows, row)
	}
}

func overrideKeys() *strict.Object[runner.UnitOverrides] {
	return &strict.Object[runner.UnitOverrides]{
		What: "overrides",
		Keys: []strict.Key[runner.UnitOverrides]{
			strict.FieldOf("macros", "What macros give, such as is_incremental: true.", strict.AnyMap(false),
				func(o *runner.UnitOverrides) *map[string]any { return &o.Macros }),
			strict.FieldOf("vars", "Vars.", strict.AnyMap(false), func(o *runner.UnitOverrides) *map[string]any { return &o.Vars }),
			{
				Name: "env_vars", Doc: "Variables of the environment.", Schema: strict.AnyMap(false).Schema,
				Read: func(r *strict.Reader, v *strict.Value, o *runner.UnitOverrides) {
					m, _ := strict.AnyMap(false).Read(r, v)
					o.Env = map[string]string{}
					for key, value := range m {
						o.Env[key] = pythonText(value)
					}
				},
			},
		},
	}
}

func (l *loader) addUnitTests(p *pack) {
	first := map[string]runner.Position{}
	for i, parsed := range p.found.parsed {
		for _, e := range parsed.unitTests {
			key := e.model + "." + e.name
			if before, twice := first[key]; twice {
				l.fail(e.pos, "", "the unit test %s of %s is declared in %s already", e.name, e.model, before)
				continue
			}
			first[key] = e.pos
			l.addUnitTest(p, p.found.properties[i], e)
		}
	}
}

// addUnitTest adds one test for each version of its model that it is for.
func (l *loader) addUnitTest(p *pack, f file, e unitTestEntry) {
	models := l.modelsNamed(p, e.model)
	if len(models) == 0 {
		if !l.isDisabled(p, e.model) {
			l.fail(e.pos, runner.DidYouMean(e.model, l.modelNames()), "the unit test %s is for the model %s, which does not exist", e.name, e.model)
		}
		return
	}
	given := make([]runner.Fixture, 0, len(e.given))
	for _, g := range e.given {
		given = append(given, l.fixture(p, g))
	}
	expect := l.fixture(p, e.expect)
	for _, m := range models {
		if v := m.Version; v != "" && (slices.Contains(e.versions.exclude, v) || len(e.versions.include) > 0 && !slices.Contains(e.versions.include, v)) {
			continue
		}
		t := &runner.UnitTest{
			Node: p.node(runner.KindUnitTest, f, e.model, e.name), Model: m.ID, Given: given, Expect: expect, Overrides: e.overrides,
		}
		if m.Version != "" {
			t.Name += "_v" + m.Version
			t.ID += "_v" + m.Version
		}
		t.Pos, t.Description = e.pos, l.describe(p, e.description)
		config := nodeConfig{Config: runner.Config{Enabled: true}}
		configure(l, p, func(f *projectFile) *folder[nodeConfig] { return f.unitTests }, t.FQN, &config)
		e.beside.Apply(&config)
		e.patch.Apply(&config)
		if t.Config = config.Config; !t.Config.Enabled {
			l.project.Disabled[t.ID] = config.disabledAt
			continue
		}
		l.project.UnitTests = append(l.project.UnitTests, t)
	}
}

// fixture brings rows to the form of their format.
func (l *loader) fixture(p *pack, e fixtureEntry) runner.Fixture {
	out := e.Fixture
	if out.Format == "" {
		out.Format = "dict"
	}
	if e.fixture.V == "" && e.rows == nil && !e.hasText && e.Input != "" {
		return l.seedRows(p, out)
	}
	if e.fixture.V != "" {
		f, ok := l.fixtureFile(p, out.Format, e.fixture)
		if !ok {
			return out
		}
		e.text, e.hasText = f.text, true
		out.Pos = runner.Position{File: f.path, Line: 1, Col: 1}
	}
	switch {
	case out.Format == "dict" && e.hasText:
		l.fail(e.Pos, "add format: csv or format: sql", "rows of the format dict are a list of mappings, not a text")
	case out.Format != "dict" && e.rows != nil && len(e.Rows) > 0:
		l.fail(e.Pos, "", "rows of the format %s are a text, not a list", out.Format)
	case out.Format == "sql":
		out.SQL = e.text
	case out.Format == "csv":
		if err := readCSV(e.text, &out); err != nil {
			l.fail(out.Pos, "", "rows cannot be read as CSV: %v", err)
		}
	}
	return out
}

// seedRows fills an input that has no rows of its own: a seed brings those of its file.
func (l *loader) seedRows(p *pack, out runner.Fixture) runner.Fixture {
	name, args, _, _ := parseReference(bare(out.Input))
	for _, s := range l.project.Seeds {
		if name != "ref" || len(args) == 0 || s.Name != args[len(args)-1] {
			continue
		}
		out.Format = "csv"
		text, problem := readText(l.project.Dir, s.Path)
		if problem != nil {
			l.errs = append(l.errs, problem)
		} else if err := readCSV(text, &out); err != nil {
			l.fail(out.Pos, "give the rows here", "the seed %s cannot be read as CSV: %v", s.Name, err)
		}
		return out
	}
	l.fail(out.Pos, "add rows: [] for no rows", "the input %s has neither rows nor a fixture", out.Input)
	return out
}

// readCSV reads rows whose values are texts, or nil where nothing stands.
func readCSV(text string, into *runner.Fixture) error {
	r := csv.NewReader(strings.NewReader(strings.TrimLeft(text, "\n\r \t")))
	r.TrimLeadingSpace = true
	lines, err := r.ReadAll()
	if err != nil || len(lines) == 0 {
		return err
	}
	for _, name := range lines[0] {
		name = strings.TrimSpace(name)
		if slices.Contains(into.Names, name) {
			return fmt.Errorf("the column %q stands there twice", name)
		}
		into.Names = append(into.Names, name)
	}
	for _, line := range lines[1:] {
		row := map[string]any{}
		for i, value := range line {
			row[into.Names[i]] = nil
			if value != "" {
				row[into.Names[i]] = value
			}
		}
		into.Rows = append(into.Rows, row)
	}
	return nil
}

func (l *loader) fixtureFile(p *pack, format string, name strict.At[string]) (file, bool) {
	var names []string
	for _, f := range p.found.fixtures {
		if f.name == name.V && f.ext == "."+format {
			return f, true
		}
		names = append(names, f.name)
	}
	hint := runner.DidYouMean(name.V, names)
	if format == "dict" {
		hint = "add format: csv or format: sql"
	} else if hint == "" {
		hint = fmt.Sprintf("it is a file fixtures/%s.%s below a folder of tests", name.V, format)
	}
	l.fail(name.Pos, hint, "there is no fixture %s.%s", name.V, format)
	return file{}, false
}
