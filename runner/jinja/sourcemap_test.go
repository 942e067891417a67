package jinja_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/jinja"
)

// where renders and tells for each marker where its first occurrence in the output comes from.
func where(t *testing.T, files map[string]string, vars jinja.Vars, markers ...string) map[string]string {
	t.Helper()
	env := jinja.New(jinja.WithLoader(loaderOf(files)))
	tmpl := parse(t, env, "main", files["main"])
	out, err := tmpl.Render(context.Background(), vars)
	require.NoError(t, err)
	got := map[string]string{}
	for _, m := range markers {
		i := strings.Index(out.Text, m)
		require.GreaterOrEqual(t, i, 0, "%q is not in %q", m, out.Text)
		o, ok := out.Map.At(i)
		require.True(t, ok)
		got[m] = describe(o)
	}
	return got
}

func describe(o jinja.Origin) string {
	s := o.Pos.String()
	for _, f := range o.Stack {
		s += fmt.Sprintf(" < %s@%s", f.Name, f.Pos)
	}
	return s
}

func TestSourceMap(t *testing.T) {
	files := map[string]string{
		"lib":  "{% macro outer(x) %}\n  OUT {{ inner() }} {{ x }}\n  {{ caller() if caller }}{% endmacro %}\n{% macro inner() %}IN{% endmacro %}",
		"part": "PART\n  {{ 'PVAL' }}",
		"main": "é {{ 'FIRST' }}\nTEXT\n  {% from 'lib' import outer %}{{ outer('ARG') }}\n" +
			"{% call outer('c') %}\n    BODY{% endcall %}\n" +
			"{% set b %}\n  BLOCK {{ 'BVAL' }}{% endset %}{{ b }}\n{{ '<' ~ b | trim ~ '>END' }}\n{% include 'part' %}\n" +
			"{% for n in [{'v':'R1','c':[{'v':'R2'}]}] recursive %}{{ n.v }}{% if n.c %}{{ loop(n.c) }}{% endif %}{% endfor %}\n" +
			"{{ hostfn() | upper }}\n{% filter upper %}filtered{% endfilter %}",
	}
	host := jinja.Func(func(*jinja.Call) (any, error) { return "host", nil })
	got := where(t, files, jinja.Vars{"hostfn": host},
		"FIRST", "TEXT", "EXT", "OUT", "IN", "ARG", "BODY", "BLOCK", "BVAL", ">END", "PART", "PVAL", "R1", "R2", "HOST", "FILTERED")
	assert.Equal(t, map[string]string{
		"FIRST":    "main:1:6",
		"TEXT":     "main:2:1",
		"EXT":      "main:2:2",
		"OUT":      "lib:2:3 < outer@main:3:35",
		"IN":       "lib:4:20 < inner@lib:2:10 < outer@main:3:35",
		"ARG":      "lib:2:24 < outer@main:3:35",
		"BODY":     "main:5:5 < caller@lib:3:6 < outer@main:4:9",
		"BLOCK":    "main:7:3",
		"BVAL":     "main:7:12",
		">END":     "main:8:21",
		"PART":     "part:1:1 < include@main:9:1",
		"PVAL":     "part:2:6 < include@main:9:1",
		"R1":       "main:10:58",
		"R2":       "main:10:58 < loop@main:10:79",
		"HOST":     "main:11:4",
		"FILTERED": "main:12:1",
	}, got)
}

// TestSourceMapOfTrimmedText holds that what trim leaves keeps its own place.
func TestSourceMapOfTrimmedText(t *testing.T) {
	got := where(t, map[string]string{"main": "{% set b %}{{ ' ' }}\n  SELECT {{ 1 }}\n  FROM\n{% endset %}\n{{ b | trim }}"}, nil, "SELECT", "1", "FROM")
	assert.Equal(t, map[string]string{"SELECT": "main:2:3", "1": "main:2:13", "FROM": "main:3:3"}, got)
}

func TestSourceMapByOffset(t *testing.T) {
	tmpl := parse(t, jinja.New(), "m", "{% set x = 1 -%}\n\n a é{{ x }} b\nend")
	out, err := tmpl.Render(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, "a é1 b\nend", out.Text)
	for offset, want := range map[int]string{0: "m:3:2", 2: "m:3:4", 4: "m:3:8", 6: "m:3:13", 7: "m:3:14", 8: "m:4:1", 10: "m:4:3"} {
		o, ok := out.Map.At(offset)
		require.True(t, ok)
		assert.Equal(t, want, describe(o), "%d", offset)
	}
	for _, outside := range []int{-1, len(out.Text)} {
		_, ok := out.Map.At(outside)
		assert.False(t, ok)
	}
}

// TestSourceMapCoversEverything holds that text from a template maps to itself, in every case.
func TestSourceMapCoversEverything(t *testing.T) {
	for _, c := range loadCases(t) {
		env := jinja.New(jinja.WithLoader(loaderOf(c.Files)))
		tmpl, err := env.Parse("main", c.Template)
		if err != nil {
			continue
		}
		out, err := tmpl.Render(context.Background(), caseVars())
		if err != nil {
			continue
		}
		for i := range out.Text {
			o, ok := out.Map.At(i)
			require.True(t, ok, "%s at %d", c.Name, i)
			require.Positive(t, o.Pos.Line)
		}
	}
}
