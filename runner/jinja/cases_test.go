package jinja_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/jinja"
)

// renderCase is a template with what Jinja2 renders; `ERR:Kind: …` expects an error of that kind.
type renderCase struct {
	Name     string
	Template string
	Expect   string
	Line     int               // where the error is, if not 0
	Files    map[string]string // templates to include and import
}

func loadCases(t testing.TB) []renderCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	var all []renderCase
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		var cases []renderCase
		require.NoError(t, json.Unmarshal(raw, &cases), f)
		all = append(all, cases...)
	}
	return all
}

// loaderOf finds templates in a map.
func loaderOf(files map[string]string) jinja.Loader {
	return func(env *jinja.Env, name string) (*jinja.Template, error) {
		src, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return env.Parse(name, src)
	}
}

// fetch is the host function of the cases: it shows how it was called.
func fetch(c *jinja.Call) (any, error) {
	args, err := c.Bind(jinja.Required("name"), jinja.Optional("fetch_result", false))
	if err != nil {
		return nil, err
	}
	body, err := c.CallerText()
	return "[" + jinja.ToString(args[0]) + ":" + jinja.ToString(args[1]) + ":" + body + "]", err
}

// decimal makes a decimal of its text, as Python's Decimal does.
func decimal(c *jinja.Call) (any, error) {
	text, err := c.String(0, "value")
	if err != nil {
		return nil, err
	}
	d, ok := jinja.NewDecimal(text)
	if !ok {
		return nil, jinja.Errorf(jinja.KindValue, "%q is no decimal", text)
	}
	return d, nil
}

// caseVars are the variables that all cases may use.
func caseVars() jinja.Vars {
	return jinja.Vars{
		"ns": map[string]any{"fn": jinja.Func(fetch)},
		"D":  jinja.Func(decimal),
		"items": []any{
			map[string]any{"a": 1, "b": "x", "n": map[string]any{"k": []any{1, 2}}},
			map[string]any{"a": 3, "b": "Y", "n": map[string]any{"k": []any{5}}},
			map[string]any{"a": 2, "b": "z", "n": map[string]any{}},
		},
		"nums":    []any{3, 1, 2},
		"s":       "Hello World",
		"d":       map[string]any{"a": 2, "b": 1},
		"f":       1.5,
		"neg":     -7,
		"u8":      "héllo wörld",
		"empty":   []any{},
		"nothing": nil,
		"yes":     true,
	}
}

func (c renderCase) render(t testing.TB) (string, error) {
	t.Helper()
	env := jinja.New(jinja.WithLoader(loaderOf(c.Files)))
	tmpl, err := env.Parse("main", c.Template)
	if err != nil {
		return "", err
	}
	out, err := tmpl.Render(context.Background(), caseVars())
	if err != nil {
		return "", err
	}
	return out.Text, nil
}

func TestCases(t *testing.T) {
	for _, c := range loadCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			got, err := c.render(t)
			want, isErr := strings.CutPrefix(c.Expect, "ERR:")
			if !isErr {
				require.NoError(t, err)
				assert.Equal(t, c.Expect, got)
				return
			}
			require.Error(t, err, "got %q", got)
			var je *jinja.Error
			require.ErrorAs(t, err, &je)
			kind, _, _ := strings.Cut(want, ":")
			assert.Equal(t, kind, je.Kind, je.Error())
			if c.Line > 0 {
				assert.Equal(t, c.Line, je.Pos.Line, je.Error())
			}
		})
	}
}
