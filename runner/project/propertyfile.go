package project

import (
	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

// propertyFile is what a .yml file beside models or seeds says.
type propertyFile struct {
	sources   []sourceEntry
	models    []nodeEntry
	seeds     []nodeEntry
	snapshots []nodeEntry
	singular  []nodeEntry // data_tests: descriptions of singular tests
	unitTests []unitTestEntry
	exposures []exposureEntry
	groups    []groupEntry
}

// nodeEntry describes a model, a seed or a snapshot.
type nodeEntry struct {
	pos         runner.Position
	name        string
	description text
	beside      nodePatch // configuration that stands beside config:, which goes over it
	patch       nodePatch
	test        testPatch // of a singular test
	columns     []columnEntry
	tests       []testEntry
	constraints []runner.Constraint
	deprecated  string
	latest      string
	versions    []versionEntry
	relation    text // of a snapshot in YAML form
}

// text is a description before its {{ doc('…') }} are looked up.
type text = strict.At[string]

// properties is the table of a whole property file.
func properties(kinds map[string][]string) *strict.Object[propertyFile] {
	tests := testsShape(kinds)
	return &strict.Object[propertyFile]{
		What: "a property file",
		Keys: []strict.Key[propertyFile]{
			ignored[propertyFile]("version", "Accepted for files that come from dbt; means nothing."),
			strict.FieldOf("sources", "Raw tables and the files they are loaded from.", strict.ListOf(sourceKeys(tests).Shape()),
				func(p *propertyFile) *[]sourceEntry { return &p.sources }),
			strict.FieldOf("models", "Descriptions, configuration and tests of models.", strict.ListOf(modelKeys(tests).Shape()),
				func(p *propertyFile) *[]nodeEntry { return &p.models }),
			strict.FieldOf("seeds", "Descriptions, configuration and tests of seeds.",
				strict.ListOf(described("a seed", seedConfigKeys(), tests).Shape()),
				func(p *propertyFile) *[]nodeEntry { return &p.seeds }),
			strict.FieldOf("snapshots", "Snapshots of a relation, and descriptions of those in files.",
				strict.ListOf(snapshotKeys(tests).Shape()), func(p *propertyFile) *[]nodeEntry { return &p.snapshots }),
			strict.FieldOf("unit_tests", "Tests of one model each, on rows given here.", strict.ListOf(unitTestKeys().Shape()),
				func(p *propertyFile) *[]unitTestEntry { return &p.unitTests }),
			strict.FieldOf("exposures", "Uses of the data outside: dashboards, notebooks, …", strict.ListOf(exposureKeys().Shape()),
				func(p *propertyFile) *[]exposureEntry { return &p.exposures }),
			strict.FieldOf("groups", "Groups of nodes with an owner.", strict.ListOf(groupKeys().Shape()),
				func(p *propertyFile) *[]groupEntry { return &p.groups }),
			singularKey(),
			passedOver("macros", "Descriptions of macros; they are not read."),
			passedOver("functions", "Not supported: functions are passed over."),
			passedOver("analyses", "Descriptions of analyses; they are not read."),
			notSupported("metrics"), notSupported("semantic_models"), notSupported("saved_queries"),
			passedOver("anchors", "A place for YAML anchors."),
		},
		Instead: map[string]string{"assertions": "singular tests are described below data_tests:"},
	}
}

// passedOver is a key that may hold anything and changes nothing.
func passedOver(name, doc string) strict.Key[propertyFile] {
	return strict.Key[propertyFile]{
		Name: name, Doc: doc, Schema: &jsonschema.Schema{}, Read: func(*strict.Reader, *strict.Value, *propertyFile) {},
	}
}

// notSupported is a key of dbt's that is passed over with a warning.
func notSupported(name string) strict.Key[propertyFile] {
	return strict.Key[propertyFile]{
		Name: name, Doc: "Not supported: what stands here is passed over.", Schema: &jsonschema.Schema{},
		Read: func(r *strict.Reader, v *strict.Value, _ *propertyFile) {
			r.Warn(v.Pos, "", "%s are not supported and are passed over", name)
		},
	}
}

// singularKey is the description of singular tests, which dbt has at the top of a file.
func singularKey() strict.Key[propertyFile] {
	keys := &strict.Object[nodeEntry]{
		What: "the description of a singular test",
		At:   func(n *nodeEntry, pos runner.Position) { n.pos = pos },
		Keys: []strict.Key[nodeEntry]{
			strict.FieldOf("name", "Name of its file, without the ending.", nameShape(), func(n *nodeEntry) *string { return &n.name }).Needed(),
			strict.FieldOf("description", "What the test is for.", descriptionShape(), func(n *nodeEntry) *text { return &n.description }),
			strict.FieldOf("config", "Configuration of the test; config() in its SQL goes over it.", testConfigKeys().Shape(),
				func(n *nodeEntry) *testPatch { return &n.test }),
		},
		Instead: map[string]string{
			"tests": "tests stand below the model, seed, source table or column they test",
		},
	}
	return strict.FieldOf("data_tests", "Descriptions of singular tests; others stand below what they test.",
		strict.ListOf(keys.Shape()), func(p *propertyFile) *[]nodeEntry { return &p.singular }).Or("tests")
}

// described is the table of what models, seeds and snapshots have in common.
func described(what string, config *strict.Object[nodePatch], tests strict.Shape[[]testEntry]) *strict.Object[nodeEntry] {
	return &strict.Object[nodeEntry]{
		What: what,
		At:   func(n *nodeEntry, pos runner.Position) { n.pos = pos },
		Keys: []strict.Key[nodeEntry]{
			strict.FieldOf("name", "Name of its file, without the ending.", nameShape(),
				func(n *nodeEntry) *string { return &n.name }).Needed(),
			strict.FieldOf("description", "What a row is and what it is for.", descriptionShape(),
				func(n *nodeEntry) *text { return &n.description }),
			strict.FieldOf("config", "Configuration; goes before that of the folders in "+FileName+".", config.Shape(),
				func(n *nodeEntry) *nodePatch { return &n.patch }),
			strict.FieldOf("columns", "Its columns, in order.", strict.ListOf(columnKeys("a column", tests).Shape()),
				func(n *nodeEntry) *[]columnEntry { return &n.columns }),
			strict.FieldOf("data_tests", "Tests of the whole relation.", tests,
				func(n *nodeEntry) *[]testEntry { return &n.tests }).Or("tests"),
			besideConfig(metaKey()), besideConfig(docsKey()), besideConfig(tagsKey()), besideConfig(groupKey()),
		},
		Instead: belowConfig(config.Names()),
	}
}

// besideConfig is a key of the configuration that may stand beside config:, too.
func besideConfig(key strict.Key[nodePatch]) strict.Key[nodeEntry] {
	return strict.Key[nodeEntry]{
		Name: key.Name, Doc: key.Doc + " Stands below config:, too.", Schema: key.Schema,
		Read: func(r *strict.Reader, v *strict.Value, n *nodeEntry) { key.Read(r, v, &n.beside) },
	}
}

// modelKeys is the table of a model.
func modelKeys(tests strict.Shape[[]testEntry]) *strict.Object[nodeEntry] {
	keys := described("a model", modelConfigKeys(), tests)
	keys.Keys = append(keys.Keys,
		besideConfig(accessKey()),
		strict.FieldOf("constraints", "Constraints of its contract on several columns.", strict.ListOf(constraintKeys().Shape()),
			func(n *nodeEntry) *[]runner.Constraint { return &n.constraints }),
		strict.FieldOf("deprecation_date", "Day from which on it should not be used.", strict.Literal(),
			func(n *nodeEntry) *string { return &n.deprecated }),
		strict.FieldOf("latest_version", "Version that ref without one means; without it the greatest.", strict.Literal(),
			func(n *nodeEntry) *string { return &n.latest }),
		strict.FieldOf("versions", "Its versions.", strict.ListOf(versionKeys(tests).Shape()),
			func(n *nodeEntry) *[]versionEntry { return &n.versions }),
		passedOverIn[nodeEntry]("time_spine"), passedOverIn[nodeEntry]("semantic_model"), passedOverIn[nodeEntry]("primary_key"),
	)
	return keys
}

// passedOverIn is a key of dbt's that means nothing here.
func passedOverIn[T any](name string) strict.Key[T] {
	return strict.Key[T]{
		Name: name, Doc: "Accepted for files that come from dbt; means nothing.", Schema: &jsonschema.Schema{},
		Read: func(*strict.Reader, *strict.Value, *T) {},
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
