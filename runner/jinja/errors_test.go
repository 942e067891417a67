package jinja_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/jinja"
)

// errorTemplates are templates that fail, each in its own way; testdata/errors.golden shows what the user sees.
var errorTemplates = []string{
	"select 1\nfrom {{ ref('a' }}\n",
	"select 1\n{% fro i in [1] %}\n{% endfor %}",
	"{% for c in columns %}\n  {{ c }}\n{% endfro %}\n",
	"\n{% if true %}\n{% for x in [1] %}\n",
	"{{ name | uper }}",
	"{{ name is defnied }}",
	"{{ 'not closed }}",
	"{# not closed",
	"\tselect {{ 1 / 0 }} as é",
	"é é {{ custmer.id }}",
	"{{ customer.nmae.first }}",
	"{{ refs('x') }}",
	"{% macro outer(n) %}\n  {{ inner(n) }}\n{% endmacro %}\n{% macro inner(n) %}\n  {{ n + 'a' }}\n{% endmacro %}\n{% call(x) wrap() %}{{ outer(1) }}{% endcall %}\n" +
		"{% macro wrap() %}{{ caller(1) }}{% endmacro %}",
	"{% macro wrap() %}{{ caller(1) }}{% endmacro %}\n{% macro deep() %}{{ 1 + none }}{% endmacro %}\n{% call(x) wrap() %}\n  {{ deep() }}\n{% endcall %}",
	"{% macro m(first, second=2) %}{% endmacro %}\n{{ m(1, secnd=3) }}",
	"{% macro m(a) %}{% endmacro %}\n{{ m(1, 2) }}",
	"{% set a, b = [1, 2, 3] %}",
	"{% include 'nope.sql' %}",
	"{% set d = {} %}\n{% set d.x = 1 %}",
	"{{ fails('x') }}",
	"{{ 'a' if }}",
	"{% for x in 5 %}{% endfor %}",
	"{{ range(undefined_n) }}",
	"{{ [3, 'a'] | sort }}",
	"{% break %}",
}

// TestErrorRendering compares the full form of many errors with a golden file.
func TestErrorRendering(t *testing.T) {
	fails := jinja.Func(func(*jinja.Call) (any, error) { return nil, errors.New("model 'x' not found") })
	vars := jinja.Vars{"customer": map[string]any{"name": "n"}, "columns": []any{"a"}, "ref": fails, "fails": fails}
	var b strings.Builder
	for _, src := range errorTemplates {
		tmpl, err := jinja.New().Parse("models/m.sql", src)
		if err == nil {
			_, err = tmpl.Render(context.Background(), vars)
		}
		var je *jinja.Error
		require.ErrorAs(t, err, &je, src)
		b.WriteString(je.Render() + "\n")
	}
	const golden = "testdata/errors.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String())
}

func TestErrorText(t *testing.T) {
	e := jinja.Errorf("Kind", "something %s", "broke")
	assert.Equal(t, "something broke", e.Error())
	assert.Equal(t, "something broke (Kind)\n", e.Render())
	e.Pos = jinja.Position{File: "a.sql", Line: 2, Col: 3}
	assert.Equal(t, "a.sql:2:3: something broke", e.Error())
}
