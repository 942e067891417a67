package project

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"elt/runner"
)

// Matcher tells which nodes of a project a method and value of a selector mean, for package dag. Values may hold * ? [ ]
// and, in paths, **. Selecting a node does not select its tests. An unknown method or resource type, or a value that is
// no pattern, is an error; an id that is not in the project is not meant by anything.
//
//	name, folder.name, source.table   without a method, or with fqn:; in dbt's projects a pattern is one of folders and name
//	path:models/reports               what is declared in a folder or file; a value with / needs no method
//	file:stg_ads.sql                  what is declared in a file of that name, with or without its ending
//	tag:daily  group:finance  access:public  package:dbt_utils (this: the project's own)
//	source:raw.clients  exposure:weekly_report  unit_test:adds_up  version:latest (or prerelease, old, none)
//	resource_type:model  test_type:singular  test_name:unique
//	config.materialized:view          any key of the configuration; config.meta.owner:me
//
// What else a caller knows, such as state and result, it gives as methods of its own.
func Matcher(p *runner.Project, more ...map[string]func(value, id string) (bool, error)) func(method, value, id string) (bool, error) {
	m := &matcher{facts: factsOf(p), methods: methods(), more: map[string]func(value, id string) (bool, error){}}
	m.configKeys = sync.OnceValue(func() []string { return configKeys(m.facts) })
	for _, others := range more {
		maps.Copy(m.more, others)
	}
	return func(method, value, id string) (bool, error) {
		if own := m.more[method]; own != nil {
			return own(value, id)
		}
		match, err := m.method(method, value)
		if err != nil {
			return false, err
		}
		f := m.facts[id]
		if f == nil {
			return false, nil
		}
		return match(f, value), nil
	}
}

// fact is what selectors ask of a node.
type fact struct {
	node    *runner.Node
	name    string   // of a source with its table: "raw.clients"
	fqn     []string // package, folders, name; of a source without folders, so that a folder means models
	pack    string
	root    bool // of the project's own
	dbt     bool // its names match as dbt matches them
	test    *runner.Test
	model   *runner.Model
	latest  string // of a versioned model: its latest version
	outside bool   // exposures, which names and folders do not mean
}

func factsOf(p *runner.Project) map[string]*fact {
	facts := map[string]*fact{}
	add := func(n *runner.Node) *fact {
		f := &fact{node: n, name: n.Name, fqn: n.FQN, pack: n.Package, root: n.Package == "", dbt: p.DBT}
		if f.root {
			f.pack = p.Name
		}
		if len(f.fqn) == 0 { // of a project that was not loaded from files
			f.fqn = []string{f.pack, n.Name}
		}
		facts[n.ID] = f
		return f
	}
	for _, s := range p.Sources {
		f := add(&s.Node)
		f.name, f.fqn = s.Source+"."+s.Name, []string{f.pack, s.Source, s.Name}
	}
	for _, s := range p.Seeds {
		add(&s.Node)
	}
	latest := map[string]string{}
	for _, m := range p.Models {
		f := add(&m.Node)
		f.model = m
		if m.Latest {
			latest[m.Package+"."+m.BaseName] = m.Version
		}
	}
	for _, m := range p.Models {
		facts[m.ID].latest = latest[m.Package+"."+m.BaseName]
	}
	for _, s := range p.Snapshots {
		add(&s.Node)
	}
	for _, t := range p.Tests {
		add(&t.Node).test = t
	}
	for _, t := range p.UnitTests {
		add(&t.Node)
	}
	for _, x := range p.Exposures {
		add(&x.Node).outside = true
	}
	return facts
}

// method decides whether a value means a node.
type method func(*fact, string) bool

// methods are the methods of selectors by name, but for config.….
func methods() map[string]method {
	ofKind := func(kind runner.Kind) method {
		return func(f *fact, v string) bool {
			return f.node.Kind == kind && anyFits(v, []string{f.name, f.fqn[len(f.fqn)-1], f.pack + "." + f.name})
		}
	}
	return map[string]method{
		"fqn":           (*fact).isNamed,
		"tag":           func(f *fact, v string) bool { return anyFits(v, f.node.Config.Tags) },
		"path":          (*fact).isInPath,
		"file":          (*fact).isInFile,
		"package":       func(f *fact, v string) bool { return fits(v, f.pack) || v == "this" && f.root },
		"source":        (*fact).isOfSource,
		"exposure":      ofKind(runner.KindExposure),
		"unit_test":     ofKind(runner.KindUnitTest),
		"resource_type": func(f *fact, v string) bool { return string(f.node.Kind) == v },
		"test_type":     (*fact).isOfTestType,
		"test_name":     (*fact).isOfTestName,
		"group":         func(f *fact, v string) bool { return f.node.Config.Group != "" && fits(v, f.node.Config.Group) },
		"access":        (*fact).isAccessible,
		"version":       (*fact).isOfVersion,
	}
}

// words are the values that some methods understand.
func words(method string) (what string, values []string) {
	switch method {
	case "resource_type":
		return "resource type", []string{
			string(runner.KindModel), string(runner.KindSeed), string(runner.KindSource), string(runner.KindSnapshot),
			string(runner.KindTest), string(runner.KindUnitTest), string(runner.KindExposure),
		}
	case "test_type":
		return "test type", []string{"data", "generic", "singular", "unit"}
	case "version":
		return "version", []string{"latest", "prerelease", "old", "none"}
	case "access":
		return "access", []string{"private", "protected", "public"}
	}
	return "", nil
}

// matcher is what Matcher closes over: the nodes and the words it knows.
type matcher struct {
	facts   map[string]*fact
	methods map[string]method
	more    map[string]func(value, id string) (bool, error)

	configKeys func() []string // made when first asked for
}

// method gives the method of a name, once the value is known to be one that it understands.
func (m *matcher) method(name, value string) (method, error) {
	if !doublestar.ValidatePattern(value) {
		return nil, fmt.Errorf("%q is no pattern: a [ is not closed", value)
	}
	if key, isConfig := strings.CutPrefix(name, "config."); isConfig {
		first, _, _ := strings.Cut(key, ".")
		return func(f *fact, v string) bool { return f.isConfigured(key, v) }, oneOf("configuration key", first, m.configKeys())
	}
	switch {
	case name == "" && strings.Contains(value, "/"):
		name = "path"
	case name == "" && slices.Contains([]string{".sql", ".csv", ".yml", ".yaml", ".py"}, path.Ext(value)):
		name = "file"
	case name == "":
		name = "fqn"
	}
	found := m.methods[name]
	if found == nil {
		known := slices.Concat(slices.Collect(maps.Keys(m.methods)), slices.Collect(maps.Keys(m.more)))
		slices.Sort(known)
		return nil, oneOf("selector method", name, append(known, "config.materialized"))
	}
	if what, values := words(name); values != nil {
		return found, oneOf(what, value, values)
	}
	return found, nil
}

// configKeys are the keys that configurations know, and those that nodes have.
func configKeys(facts map[string]*fact) []string {
	known := map[string]bool{}
	for _, keys := range [][]string{modelConfigKeys().Names(), snapshotConfigKeys().Names(), seedConfigKeys().Names(), testConfigKeys().Names()} {
		for _, key := range keys {
			known[key] = true
		}
	}
	for _, f := range facts {
		for key := range f.node.Config.All {
			known[key] = true
		}
	}
	return slices.Sorted(maps.Keys(known))
}

func oneOf(what, value string, values []string) error {
	if slices.Contains(values, value) {
		return nil
	}
	if s := runner.Suggest(value, values); s != "" {
		return fmt.Errorf("there is no %s %q; did you mean %q?", what, value, s)
	}
	return fmt.Errorf("there is no %s %q; there are %s", what, value, strings.Join(values, ", "))
}
