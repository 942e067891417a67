package project

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"elt/runner"
)

// Matcher tells which nodes of a project a method and value of a selector mean, for package dag. Values may hold * ? [ ]
// and, in paths, **. Selecting a node does not select its tests. An unknown method or resource type, or a value that is
// no pattern, is an error; an id that is not in the project is not meant by anything.
//
//	name, folder.name, source.table   without a method, or with fqn:
//	path:models/reports               what is declared in a folder or file; a value with / needs no method
//	file:stg_ads.sql                  what is declared in a file of that name, with or without its ending
//	tag:daily  source:raw.clients  resource_type:model  test_type:singular  test_name:unique
//	config.materialized:view          any key of the configuration; config.meta.owner:me
func Matcher(p *runner.Project) func(method, value, id string) (bool, error) {
	facts := map[string]*fact{}
	for _, s := range p.Sources {
		f := newFact(p, &s.Node, s.Source+"."+s.Name)
		f.fqn = append(f.fqn, s.Source, s.Name)
		facts[s.ID] = f
	}
	for _, s := range p.Seeds {
		facts[s.ID] = newFact(p, &s.Node, s.Name)
		facts[s.ID].fqn = append(facts[s.ID].fqn, s.Name)
	}
	for _, m := range p.Models {
		facts[m.ID] = newFact(p, &m.Node, m.Name)
		facts[m.ID].fqn = append(facts[m.ID].fqn, m.Name)
	}
	for _, t := range p.Tests {
		facts[t.ID] = newFact(p, &t.Node, t.Name)
		facts[t.ID].fqn = append(facts[t.ID].fqn, t.Name)
		facts[t.ID].test = t
	}
	m := &matcher{facts: facts, methods: methods(), configKeys: []string{
		"alias", "enabled", "materialized", "meta", "order_by", "schema", "severity", "store_failures", "tags",
	}}
	return func(method, value, id string) (bool, error) {
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
	node *runner.Node
	name string   // of a source with its table: "raw.clients"
	fqn  []string // project, folders, name
	test *runner.Test
}

func newFact(p *runner.Project, n *runner.Node, name string) *fact {
	return &fact{node: n, name: name, fqn: append([]string{p.Name}, folders(p, n)...)}
}

// folders are those between the configured folder that a node is declared in and its file.
func folders(p *runner.Project, n *runner.Node) []string {
	dir := path.Dir(n.Path)
	for _, root := range slices.Concat(p.Paths.Models, p.Paths.Seeds) {
		root = path.Clean(root)
		if dir == root || n.Kind == runner.KindSource {
			return nil
		}
		if below, inside := strings.CutPrefix(dir, root+"/"); inside {
			return strings.Split(below, "/")
		}
	}
	return nil
}

// method decides whether a value means a node.
type method func(*fact, string) bool

// methods are the methods of selectors by name, but for config.….
func methods() map[string]method {
	return map[string]method{
		"fqn":           (*fact).isNamed,
		"tag":           func(f *fact, v string) bool { return anyFits(v, f.node.Config.Tags) },
		"path":          (*fact).isInPath,
		"file":          (*fact).isInFile,
		"source":        (*fact).isOfSource,
		"resource_type": func(f *fact, v string) bool { return string(f.node.Kind) == v },
		"test_type":     (*fact).isOfTestType,
		"test_name":     func(f *fact, v string) bool { return f.test != nil && fits(v, f.test.Type) },
	}
}

// matcher is what Matcher closes over: the nodes and the words it knows.
type matcher struct {
	facts      map[string]*fact
	methods    map[string]method
	configKeys []string
}

// method gives the method of a name, once the value is known to be one that it understands.
func (m *matcher) method(name, value string) (method, error) {
	if !doublestar.ValidatePattern(value) {
		return nil, fmt.Errorf("%q is no pattern: a [ is not closed", value)
	}
	if key, isConfig := strings.CutPrefix(name, "config."); isConfig {
		first, _, _ := strings.Cut(key, ".")
		return func(f *fact, v string) bool { return f.isConfigured(key, v) }, oneOf("configuration key", first, m.configKeys)
	}
	switch {
	case name == "" && strings.Contains(value, "/"):
		name = "path"
	case name == "" && (strings.HasSuffix(value, ".sql") || strings.HasSuffix(value, ".csv")):
		name = "file"
	case name == "":
		name = "fqn"
	}
	found := m.methods[name]
	switch {
	case found == nil:
		return nil, oneOf("selector method", name, append(slices.Sorted(maps.Keys(m.methods)), "config.materialized"))
	case name == "resource_type":
		kinds := []string{string(runner.KindModel), string(runner.KindSeed), string(runner.KindSource), string(runner.KindTest)}
		return found, oneOf("resource type", value, kinds)
	case name == "test_type":
		return found, oneOf("test type", value, []string{"data", "generic", "singular"})
	}
	return found, nil
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

// fits compares with a pattern in which * stands for anything, slashes included, since names have none.
func fits(pattern, text string) bool {
	ok, err := doublestar.Match(pattern, text)
	return err == nil && ok
}

func anyFits(pattern string, texts []string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return fits(pattern, t) })
}

// isNamed is dbt's matching of names: the name itself, or parts from the left joined by dots, with or without the
// project; parts may end before the name, which selects a folder.
func (f *fact) isNamed(value string) bool {
	if fits(value, f.name) {
		return true
	}
	return fitsParts(value, f.fqn) || fitsParts(value, f.fqn[1:])
}

func fitsParts(value string, parts []string) bool {
	wanted := strings.Split(value, ".")
	if len(wanted) > len(parts) {
		return false
	}
	for i, w := range wanted {
		if strings.ContainsAny(w, "*?[]") {
			return fits(strings.Join(wanted[i:], "."), strings.Join(parts[i:], "."))
		}
		if w != parts[i] {
			return false
		}
	}
	return true
}

func (f *fact) isInPath(value string) bool {
	value = strings.TrimSuffix(strings.TrimPrefix(value, "./"), "/")
	for at := f.node.Path; at != "." && at != "/"; at = path.Dir(at) {
		if fits(value, at) {
			return true
		}
	}
	return false
}

func (f *fact) isInFile(value string) bool {
	base := path.Base(f.node.Path)
	return fits(value, base) || fits(value, strings.TrimSuffix(base, path.Ext(base)))
}

func (f *fact) isOfSource(value string) bool {
	if f.node.Kind != runner.KindSource {
		return false
	}
	source, _, _ := strings.Cut(f.name, ".")
	return fits(value, source) || fits(value, f.name) || fits(value, f.fqn[0]+"."+f.name)
}

func (f *fact) isOfTestType(value string) bool {
	return f.test != nil && (value == "data" || (f.test.Type == "singular") == (value == "singular"))
}

// isConfigured compares one value of the configuration; of a list, any.
func (f *fact) isConfigured(key, value string) bool {
	c := f.node.Config
	key, below, _ := strings.Cut(key, ".")
	switch key {
	case "materialized":
		return fits(value, string(c.Materialized))
	case "schema":
		return fits(value, c.Schema)
	case "alias":
		return fits(value, c.Alias)
	case "enabled":
		return value == strconv.FormatBool(c.Enabled)
	case "tags":
		return anyFits(value, c.Tags)
	case "order_by":
		return anyFits(value, c.OrderBy)
	case "severity":
		return f.test != nil && fits(value, string(f.test.Severity))
	case "store_failures":
		return f.test != nil && value == strconv.FormatBool(f.test.StoreFailures)
	case "meta":
		return metaFits(value, below, c.Meta)
	}
	return false
}

func metaFits(value, key string, meta any) bool {
	if m, ok := meta.(map[string]any); ok && key != "" {
		first, rest, _ := strings.Cut(key, ".")
		below, found := m[first]
		return found && metaFits(value, rest, below)
	}
	if list, ok := meta.([]any); ok {
		return slices.ContainsFunc(list, func(x any) bool { return metaFits(value, key, x) })
	}
	return key == "" && fits(value, fmt.Sprint(meta))
}
