package project

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
)

var update = flag.Bool("update", false, "write what was found into the golden files")

// kinds are some data tests and their arguments.
func kinds() map[string][]string {
	return map[string][]string{
		"not_null":           nil,
		"unique":             nil,
		"accepted_values":    {"values", "quote"},
		"relationships":      {"to", "field"},
		"expression_is_true": {"expression"},
	}
}

// fakeRender understands {{ var('x') }} alone.
func fakeRender(text string, vars map[string]any, _ runner.Position) (string, error) {
	var failed error
	text = regexp.MustCompile(`\{\{ (\w+)\('(\w+)'\) \}\}`).ReplaceAllStringFunc(text, func(use string) string {
		m := regexp.MustCompile(`(\w+)\('(\w+)'\)`).FindStringSubmatch(use)
		if value, found := vars[m[2]]; found && m[1] == "var" {
			return fmt.Sprint(value)
		}
		failed = fmt.Errorf("%s %q is not set", m[1], m[2])
		return ""
	})
	return text, failed
}

// write puts the files of an archive into a folder; \xff and \u+FEFF stand for what no editor shows.
func write(t testing.TB, dir string, files []txtar.File) {
	t.Helper()
	for _, f := range files {
		if f.Name == "want" {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		text := strings.NewReplacer(`\xff`, "\xff", `\u+FEFF`, "\ufeff").Replace(string(f.Data))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
}

// project makes a folder of an archive.
func project(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, txtar.Parse([]byte(archive)).Files)
	return dir
}

func load(t testing.TB, dir string) *runner.Project {
	t.Helper()
	p, err := Load(context.Background(), Options{Dir: dir, TestArgs: kinds(), Render: fakeRender})
	require.NoError(t, err)
	return p
}

// TestErrors compares all that Load says about a broken project with what stands in its archive.
func TestErrors(t *testing.T) {
	paths, err := filepath.Glob("testdata/errors/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			require.NoError(t, err)
			dir := t.TempDir()
			write(t, dir, archive.Files)
			_, err = Load(context.Background(), Options{Dir: dir, TestArgs: kinds(), Render: fakeRender})
			var found runner.Errors
			require.ErrorAs(t, err, &found)
			require.Equal(t, runner.ExitUsage, runner.ExitStatus(err))
			var got strings.Builder
			for _, e := range found {
				require.Equal(t, runner.CodeConfig, e.Code)
				got.WriteString(strings.ReplaceAll(e.Detail(), dir, "DIR") + "\n")
			}
			want := &archive.Files[len(archive.Files)-1]
			require.Equal(t, "want", want.Name)
			if *update {
				want.Data = []byte(got.String())
				require.NoError(t, os.WriteFile(path, txtar.Format(archive), 0o644))
				return
			}
			require.Equal(t, string(want.Data), got.String())
		})
	}
}
