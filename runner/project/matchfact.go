package project

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"elt/runner"
)

// fits compares with a pattern in which * stands for anything, slashes included, since names have none.
func fits(pattern, text string) bool {
	ok, err := doublestar.Match(pattern, text)
	return err == nil && ok
}

func anyFits(pattern string, texts []string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return fits(pattern, t) })
}

// isNamed is dbt's matching of names: the name itself, or parts from the left joined by dots, with or without the
// package; parts may end before the name, which selects a folder. A version is left out, or joined by . or _.
func (f *fact) isNamed(value string) bool {
	if f.outside {
		return false
	}
	last := f.fqn[len(f.fqn)-1]
	if !f.dbt && fits(value, f.name) || value == f.name || value == last && f.node.Kind != runner.KindSource {
		return true
	}
	if f.model != nil && f.model.Version != "" {
		if value == f.model.BaseName || strings.ReplaceAll(value, ".", "_") == f.model.BaseName+"_"+last {
			return true
		}
	}
	return fitsParts(value, f.fqn) || fitsParts(value, f.fqn[1:])
}

func fitsParts(value string, parts []string) bool {
	wanted := strings.Split(value, ".")
	if slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(p, ".") }) {
		parts = strings.Split(strings.Join(parts, "."), ".")
	}
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
	return fits(value, source) || fits(value, f.name) || fits(value, f.pack+"."+source) || fits(value, f.pack+"."+f.name)
}

func (f *fact) isOfTestType(value string) bool {
	if f.node.Kind == runner.KindUnitTest {
		return value == "unit"
	}
	return f.test != nil && (value == "data" || value != "unit" && (f.test.Type == "singular") == (value == "singular"))
}

// isOfTestName compares with the kind of a data test, with or without its package.
func (f *fact) isOfTestName(value string) bool {
	if f.test == nil {
		return false
	}
	_, kind := splitKind(f.test.Type)
	return fits(value, f.test.Type) || fits(value, kind)
}

func (f *fact) isAccessible(value string) bool {
	if f.model == nil {
		return false
	}
	return value == first(f.model.Config.Access, "protected")
}

func (f *fact) isOfVersion(value string) bool {
	if f.model == nil {
		return false
	}
	if f.model.Version == "" || value == "none" {
		return value == "none" && f.model.Version == ""
	}
	older := greatest([]versionEntry{{v: f.model.Version}, {v: f.latest}}) == f.latest
	switch {
	case f.model.Latest:
		return value == "latest"
	case older:
		return value == "old"
	default:
		return value == "prerelease"
	}
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
		return valueFits(value, below, c.Meta)
	case "group":
		return fits(value, c.Group)
	case "access":
		return f.isAccessible(value)
	}
	set, found := c.All[key]
	return found && valueFits(value, below, set)
}

// valueFits looks for key in mappings and into lists, and compares what it finds there.
func valueFits(value, key string, in any) bool {
	if m, ok := in.(map[string]any); ok && key != "" {
		first, rest, _ := strings.Cut(key, ".")
		below, found := m[first]
		return found && valueFits(value, rest, below)
	}
	switch list := in.(type) {
	case []any:
		return slices.ContainsFunc(list, func(x any) bool { return valueFits(value, key, x) })
	case []string:
		return key == "" && anyFits(value, list)
	case map[string]any: // config.persist_docs:relation asks whether it has the key
		_, found := list[value]
		return found
	}
	return key == "" && fits(value, fmt.Sprint(in))
}
