package runner_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// layers of ARCHITECTURE.md, the lowest first. A package imports from the layers below its own only; what lies beneath a
// package belongs to its layer. Where siblings may know each other, allowed says so.
var layers = [][]string{
	{"runner"},
	{"runner/dag", "runner/jinja", "runner/cron"},
	{"runner/project", "runner/compile", "runner/engine", "runner/state", "runner/journal", "runner/lineage"},
	{"runner/ingest", "runner/expect", "runner/export", "runner/artifact", "runner/notify"},
	{"runner/build"},
	{"runner/pipeline"},
	{"runner/schedule"},
	{"runner/web"},
	{"cmd"},
}

// anywhere are packages that stand beside the layers: they import nothing of ours but the vocabulary.
var anywhere = []string{"runner/sample"}

// driver is what only runner/engine/duckdb may import.
const driver = "github.com/duckdb/duckdb-go"

func TestImportsOnlyPointDownward(t *testing.T) {
	imports := importsOf(t, "..")
	require.Contains(t, imports, "runner/pipeline", "no packages found")
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		if _, level := layerOf(from); level < 0 {
			t.Errorf("%s belongs to no layer: give it one in this test and in ARCHITECTURE.md", from)
			continue
		}
		for _, to := range imports[from] {
			if strings.HasPrefix(to, driver) && from != "runner/engine/duckdb" {
				t.Errorf("%s imports the DuckDB driver; only runner/engine/duckdb may", from)
			}
			ours, isOurs := strings.CutPrefix(to, "elt/")
			if isOurs && !mayImport(from, ours) {
				t.Errorf("%s must not import %s: layers are imported downward only", from, ours)
			}
		}
	}
}

func mayImport(from, to string) bool {
	owner, level := layerOf(from)
	toOwner, toLevel := layerOf(to)
	switch {
	case slices.Contains(anywhere, owner):
		return toLevel == 0 || owner == toOwner
	case slices.Contains(anywhere, toOwner):
		return level == len(layers)-1
	case owner == toOwner:
		return true
	default:
		return toLevel < level
	}
}

// layerOf gives the package of layers that name is or lies beneath, and its level; -1 if there is none.
func layerOf(name string) (owner string, level int) {
	for _, a := range anywhere {
		if within(name, a) {
			return a, 0
		}
	}
	level = -1
	for i, layer := range layers {
		for _, p := range layer {
			if within(name, p) && len(p) > len(owner) && (p != "runner" || name == "runner") {
				owner, level = p, i
			}
		}
	}
	return owner, level
}

func within(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

// importsOf gives what each package below root imports in its own code, tests aside, by its folder.
func importsOf(t *testing.T, root string) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	for _, top := range []string{"runner", "cmd"} {
		err := fs.WalkDir(os.DirFS(root), top, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			folder := path.Dir(name)
			imports[folder] = slices.Clone(imports[folder]) // one that imports nothing is listed, too
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				imports[folder] = append(imports[folder], imported)
			}
			return nil
		})
		require.NoError(t, err)
	}
	return imports
}
