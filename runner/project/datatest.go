package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

// testEntry is one entry of data_tests.
type testEntry struct {
	pos         runner.Position
	kind        string
	name        string // given by the user; empty: made from the rest
	description text
	column      string // column_name; empty: the column it stands below, if any
	args        map[string]any
	patch       testPatch
}

// testReader reads data_tests. kinds are the known kinds and their arguments; nil accepts any.
type testReader struct {
	kinds  map[string][]string
	config *strict.Object[testPatch]
	common *strict.Object[testEntry]
}

func newTestReader(kinds map[string][]string) *testReader {
	t := &testReader{kinds: kinds, config: testConfigKeys()}
	t.common = &strict.Object[testEntry]{
		What: "a data test",
		Keys: []strict.Key[testEntry]{
			strict.FieldOf("name", "Name of the test, instead of one made from its kind and arguments.", nameShape(),
				func(e *testEntry) *string { return &e.name }),
			strict.FieldOf("description", "What the test is for.", descriptionShape(), func(e *testEntry) *text { return &e.description }),
			strict.FieldOf("column_name", "Column tested, where the test does not stand below one.", textShape(),
				func(e *testEntry) *string { return &e.column }),
			strict.FieldOf("config", "Configuration of the test; its keys may stand beside it, too.", t.config.Shape(),
				func(e *testEntry) *testPatch { return &e.patch }),
			{Name: "arguments", Doc: "Arguments of the test; they may stand beside it, too.", Schema: strict.AnyMap(false).Schema},
		},
	}
	return t
}

// testsShape is a list of data tests.
func testsShape(kinds map[string][]string) strict.Shape[[]testEntry] {
	t := newTestReader(kinds)
	list := strict.ListOf(strict.Shape[testEntry]{Read: t.read})
	list.Schema = &jsonschema.Schema{Ref: "#/$defs/data_tests"}
	return list
}

// testsDefinitions are the definitions that testsShape refers to.
func testsDefinitions(kinds map[string][]string) map[string]*jsonschema.Schema {
	t := newTestReader(kinds)
	config := t.config.Schema("")
	config.Description = "Configuration of a data test."
	return map[string]*jsonschema.Schema{
		"test_config": config,
		"data_tests": {
			Types: []string{"array", "null"}, Items: t.schema(),
			Description: "Data tests: their kinds, each with arguments if it has any.",
		},
	}
}

// read reads one test: its kind alone, or its kind with arguments.
func (t *testReader) read(r *strict.Reader, v *strict.Value) (testEntry, bool) {
	e := testEntry{pos: v.Pos, args: map[string]any{}}
	body := &strict.Value{Kind: strict.Map, Pos: v.Pos}
	kindPos := v.Pos
	switch {
	case v.Kind == strict.Text:
		e.kind = v.Text
	case v.Kind == strict.Map && v.Get("test_name") != nil:
		for _, f := range v.Fields {
			if f.Key == "test_name" {
				e.kind, kindPos = f.Value.Text, f.Value.Pos
				continue
			}
			body.Fields = append(body.Fields, f)
		}
	case v.Kind == strict.Map && len(v.Fields) == 1:
		e.kind, kindPos = v.Fields[0].Key, v.Fields[0].Pos
		if v.Fields[0].Value.Kind != strict.Null {
			body = v.Fields[0].Value
		}
	case v.Kind == strict.Map && len(v.Fields) > 1:
		r.Fail(v.Fields[1].Pos, "indent the arguments below "+v.Fields[0].Key+":", "a data test has one key, its kind; %q is a second one", v.Fields[1].Key)
		return e, false
	default:
		r.Expected(v, "the kind of a data test, such as not_null")
		return e, false
	}
	return e, t.checkKind(r, e.kind, kindPos) && t.readBody(r, body, &e)
}

func (t *testReader) checkKind(r *strict.Reader, kind string, pos runner.Position) bool {
	if _, known := t.kinds[kind]; known || t.kinds == nil && validKind.MatchString(kind) {
		return true
	}
	var kinds []string
	namespace, bare := splitKind(kind)
	installed := namespace == ""
	for _, known := range slices.Sorted(maps.Keys(t.kinds)) {
		in, name := splitKind(known)
		installed = installed || in == namespace
		if _, short := t.kinds[name]; in == "" || !short { // those of one's own have two names
			kinds = append(kinds, known)
		}
	}
	hint := runner.DidYouMean(kind, kinds)
	switch {
	case namespace != "" && slices.Contains(kinds, bare):
		hint = fmt.Sprintf("%s is known here: write it without the name of a package", bare)
	case !installed:
		hint = fmt.Sprintf("no package %s with data tests is installed: list it in packages.yml", namespace)
	}
	if hint == "" && len(kinds) > 0 {
		hint = "the kinds are " + strings.Join(kinds, ", ")
	}
	r.Fail(pos, hint, "there is no data test %q", kind)
	return false
}

// readBody sorts the keys of a test into common ones, configuration and arguments.
func (t *testReader) readBody(r *strict.Reader, body *strict.Value, e *testEntry) bool {
	if body.Kind != strict.Map {
		r.Expected(body, "the arguments of "+e.kind+", written as keys and values")
		return false
	}
	common := &strict.Value{Kind: strict.Map, Pos: body.Pos}
	settings := &strict.Value{Kind: strict.Map, Pos: body.Pos}
	ok := true
	for _, f := range body.Fields {
		switch {
		case f.Key == "arguments":
			for _, a := range f.Value.Fields {
				ok = t.readArg(r, a, e) && ok
			}
			if f.Value.Kind != strict.Map && f.Value.Kind != strict.Null {
				r.Expected(f.Value, "the arguments of "+e.kind+", written as keys and values")
				ok = false
			}
		case slices.Contains(t.kinds[e.kind], f.Key):
			ok = t.readArg(r, f, e) && ok
		case t.common.Find(f.Key) != nil:
			common.Fields = append(common.Fields, f)
		case t.config.Find(f.Key) != nil:
			settings.Fields = append(settings.Fields, f)
		default:
			ok = t.readArg(r, f, e) && ok
		}
	}
	ok = t.common.Into(r, common, e) && ok
	return t.config.Into(r, settings, &e.patch) && ok
}

// readArg notes an argument.
func (t *testReader) readArg(r *strict.Reader, f strict.Field, e *testEntry) bool {
	allowed, known := t.kinds[e.kind]
	if known && !slices.Contains(allowed, f.Key) && !slices.Contains(allowed, anyArgument) {
		hint := runner.DidYouMean(f.Key, slices.Concat(allowed, t.config.Names(), t.common.Names()))
		switch {
		case hint == "" && len(allowed) == 0:
			hint = e.kind + " takes no arguments"
		case hint == "":
			hint = "its arguments are " + strings.Join(allowed, ", ")
		}
		r.Fail(f.Pos, hint, "the data test %s has no argument %q", e.kind, f.Key)
		return false
	}
	if _, twice := e.args[f.Key]; twice {
		r.Fail(f.Pos, "", "the argument %q is given twice", f.Key)
		return false
	}
	value, ok := strict.Any(false).Read(r, f.Value)
	if ok {
		e.args[f.Key] = value
	}
	return ok
}

// schema describes a test: the name of a kind, or a kind and what stands below it.
func (t *testReader) schema() *jsonschema.Schema {
	name := &jsonschema.Schema{Type: "string"}
	entry := &jsonschema.Schema{Type: "object", MinProperties: jsonschema.Ptr(1), Properties: map[string]*jsonschema.Schema{}}
	for _, kind := range slices.Sorted(maps.Keys(t.kinds)) {
		name.Enum = append(name.Enum, kind)
		entry.Properties[kind] = t.bodySchema(kind)
		entry.PropertyOrder = append(entry.PropertyOrder, kind)
	}
	if t.kinds != nil {
		entry.MaxProperties = jsonschema.Ptr(1)
		entry.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
	}
	schema := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{name, entry}}
	if t.kinds != nil { // dbt's other form: test_name beside the arguments
		schema.AnyOf = append(schema.AnyOf, &jsonschema.Schema{
			Type: "object", Required: []string{"test_name"},
			Properties: map[string]*jsonschema.Schema{"test_name": {Type: "string", Enum: name.Enum}},
		})
	}
	return schema
}

func (t *testReader) bodySchema(kind string) *jsonschema.Schema {
	body := t.common.Schema("")
	config := t.config.Schema("")
	args := &jsonschema.Schema{
		Types: []string{"object", "null"}, Properties: map[string]*jsonschema.Schema{},
		Description:          "Arguments of the test; they may stand beside it, too.",
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
	body.Properties["arguments"] = args
	body.Properties["config"] = &jsonschema.Schema{Ref: "#/$defs/test_config"}
	for _, key := range config.PropertyOrder { // described once, below test_config
		body.Properties[key] = &jsonschema.Schema{Ref: "#/$defs/test_config/properties/" + key}
		body.PropertyOrder = append(body.PropertyOrder, key)
	}
	for _, arg := range t.kinds[kind] {
		if arg == anyArgument {
			args.AdditionalProperties, body.AdditionalProperties = nil, nil
			continue
		}
		if body.Properties[arg] == nil {
			body.PropertyOrder = append(body.PropertyOrder, arg)
		}
		body.Properties[arg] = &jsonschema.Schema{}
		args.Properties[arg] = &jsonschema.Schema{}
	}
	body.Type, body.Types = "", []string{"object", "null"}
	return body
}
