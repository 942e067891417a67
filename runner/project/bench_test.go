package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/project/strict"
)

// BenchmarkLoad loads 1,000 models described in 200 files, each with some columns and some tests.
func BenchmarkLoad(b *testing.B) {
	for _, columns := range []int{1, 5} {
		b.Run(fmt.Sprintf("%d_tests", columns+3), func(b *testing.B) { benchmarkLoad(b, columns) })
	}
}

func benchmarkLoad(b *testing.B, columns int) {
	dir := b.TempDir()
	write := func(name, text string) {
		name = filepath.Join(dir, name)
		require.NoError(b, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(b, os.WriteFile(name, []byte(text), 0o644))
	}
	write("project.yaml", "name: m\nmodels: {f1: {+tags: [x]}}\n")
	for f := range 200 {
		var yml strings.Builder
		yml.WriteString("version: 2\nmodels:\n")
		for m := range 5 {
			name := fmt.Sprintf("model_%d_%d", f, m)
			write(fmt.Sprintf("models/f%d/%s.sql", f%20, name), strings.Repeat("select a, b, c from {{ ref('x') }}\n", 40))
			fmt.Fprintf(&yml, "  - name: %s\n    description: A row is a thing\n    columns:\n", name)
			for c := range columns {
				fmt.Fprintf(&yml, "      - name: column_%d\n        description: Means something\n        data_tests: [not_null]\n", c)
			}
			yml.WriteString("        # the last column has more\n      - name: id\n        data_tests:\n          - unique\n          - accepted_values:\n              values: [a, b, c]\n          - relationships: {to: ref('x'), field: id}\n")
		}
		write(fmt.Sprintf("models/f%d/_%d.yml", f%20, f), yml.String())
	}
	b.ResetTimer()
	for b.Loop() {
		p, err := Load(context.Background(), Options{Dir: dir, TestArgs: kinds()})
		require.NoError(b, err)
		require.Len(b, p.Models, 1000)
		require.Len(b, p.Tests, 1000*(columns+3))
	}
}

// FuzzProperties reads damaged property files: whatever they hold, the outcome is a value or errors with a place.
func FuzzProperties(f *testing.F) {
	files, err := filepath.Glob("testdata/errors/*.txtar")
	require.NoError(f, err)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(string(data))
	}
	for _, part := range strings.Split(shop, "\n-- ") {
		_, text, _ := strings.Cut(part, "--\n")
		f.Add(text)
	}
	for _, text := range []string{"a: &a [*a]", "? [a]\n: b", "<<: [1", "- !!str\n- !x", "a: |\n  b\n\tc", "%YAML 9", "--- \n...\n---", "{a: {", "&a: b", "*a : b", "a: !!binary x", "\"\\ud800\""} {
		f.Add(text)
	}
	more, err := filepath.Glob("testdata/dbt/*.txtar")
	require.NoError(f, err)
	for _, name := range more {
		archive, err := txtar.ParseFile(name)
		require.NoError(f, err)
		for _, part := range archive.Files {
			f.Add(string(part.Data))
		}
	}
	f.Add("selectors: [{name: a, definition: {union: [{method: tag, value: b, parents_depth: 1}, exclude: [c]]}}]")
	keys, project, dbt, packages := properties(kinds()), projectKeys(), dbtProjectKeys(), packagesKeys()
	f.Fuzz(func(t *testing.T, text string) {
		for i, read := range []func(*strict.Reader, *strict.Value){
			func(r *strict.Reader, v *strict.Value) { keys.Into(r, v, &propertyFile{}) },
			func(r *strict.Reader, v *strict.Value) { project.Into(r, v, &projectFile{paths: defaultPaths()}) },
			func(r *strict.Reader, v *strict.Value) { keys.Into(r, v, &propertyFile{}) },
			func(r *strict.Reader, v *strict.Value) { dbt.Into(r, v, &projectFile{paths: dbtPaths()}) },
			func(r *strict.Reader, v *strict.Value) { packages.Into(r, v, &[]packageEntry{}) },
		} {
			r := strict.NewReader("x.yml", text, nil)
			if i > 1 {
				r.SetLenient()
			}
			if root := r.Parse(); root != nil {
				read(r, root)
			}
			for _, e := range append(r.Errors(), r.Warnings()...) {
				require.Equal(t, runner.CodeConfig, e.Code)
				require.Equal(t, "x.yml", e.Pos.File)
				require.NotEmpty(t, e.Msg)
				require.NotContains(t, e.Msg, "\n")
			}
		}
	})
}

// FuzzDBT loads projects of dbt with one damaged file.
func FuzzDBT(f *testing.F) {
	paths, err := filepath.Glob("testdata/dbt/*.txtar")
	require.NoError(f, err)
	for _, name := range paths {
		archive, err := txtar.ParseFile(name)
		require.NoError(f, err)
		for _, part := range archive.Files {
			f.Add(uint8(len(part.Name)), string(part.Data))
		}
	}
	f.Add(uint8(2), "selectors: [{name: a, definition: {union: [{method: tag, value: b, parents_depth: 1}, exclude: [c]]}}]")
	names := []string{
		DBTFileName, "models/m.yml", SelectorsFileName, "packages.yml", "macros/m.sql", "snapshots/s.sql", "models/d.md", "tests/fixtures/f.csv",
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		dir := t.TempDir()
		files := map[string]string{
			DBTFileName: "name: m\n", "models/a.sql": "select 1", "models/b_v1.sql": "select 1", "seeds/s.csv": "a\n",
			"models/fixed.yml": "unit_tests: [{name: u, model: a, given: [{input: ref('s'), format: csv, fixture: f}], expect: {rows: []}}]\n",
		}
		files[names[int(which)%len(names)]] = text
		for name, data := range files {
			full := filepath.Join(dir, name)
			require.NoError(t, os.MkdirAll(filepath.Dir(full), 0o755))
			require.NoError(t, os.WriteFile(full, []byte(data), 0o644))
		}
		p, err := Load(context.Background(), Options{Dir: dir, TestArgs: kinds()})
		if err != nil {
			var errs runner.Errors
			require.ErrorAs(t, err, &errs)
			return
		}
		require.NotEmpty(t, p.Name)
		match := Matcher(p)
		for _, m := range p.Models {
			_, err := match("", m.Name, m.ID)
			require.NoError(t, err)
		}
	})
}

// FuzzFolder loads a project whose project.yaml is damaged.
func FuzzFolder(f *testing.F) {
	f.Add("name: m\nmodels: {a: {+tags: x}}")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o644))
		p, err := Load(context.Background(), Options{Dir: dir})
		if err != nil {
			var errs runner.Errors
			require.ErrorAs(t, err, &errs)
			return
		}
		require.NotEmpty(t, p.Name)
	})
}
