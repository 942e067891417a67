package python_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/compile/python"
	"elt/runner/jinja"
)

// TestTemplatesSeePython renders templates and compares with what Python itself gives for them.
func TestTemplatesSeePython(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases.json")
	require.NoError(t, err)
	var cases []struct{ Template, Want string }
	require.NoError(t, json.Unmarshal(raw, &cases))
	c, err := compile.New(t.Context(), &runner.Project{Name: "p"}, compile.Options{})
	require.NoError(t, err)
	for _, one := range cases {
		sql, err := c.Inline(t.Context(), one.Template, compile.Render{})
		if err != nil {
			t.Errorf("%s: %v", one.Template, err)
			continue
		}
		if want := trimEnd(one.Want); want != sql.Text {
			t.Errorf("%s\n want %s\n  got %s", one.Template, want, sql.Text)
		}
	}
}

func trimEnd(s string) string {
	for len(s) > 0 && (s[len(s)-1] == '\n' || s[len(s)-1] == ' ' || s[len(s)-1] == ';') {
		s = s[:len(s)-1]
	}
	return s
}

func TestTheClockIsTheCallers(t *testing.T) {
	env := jinja.New()
	vars := jinja.Vars{"modules": python.Modules(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC))}
	for template, want := range map[string]string{
		"{{ modules.datetime.datetime.now() }}":                                             "2024-05-06 07:08:09",
		"{{ modules.datetime.datetime.now(modules.pytz.utc) }}":                             "2024-05-06 07:08:09+00:00",
		"{{ modules.datetime.date.today() }} {{ modules.datetime.datetime.utcnow().year }}": "2024-05-06 2024",
	} {
		require.Equal(t, want, render(t, env, vars, template))
	}
}

func render(t *testing.T, env *jinja.Env, vars jinja.Vars, template string) string {
	t.Helper()
	parsed, err := env.Parse("t", template)
	require.NoError(t, err)
	out, err := parsed.Render(t.Context(), vars)
	require.NoError(t, err, template)
	return out.Text
}

func TestWhatCannotBeDoneIsRefused(t *testing.T) {
	env := jinja.New()
	vars := jinja.Vars{"modules": python.Modules(time.Time{})}
	for template, want := range map[string]string{
		`{{ modules.re.sub('a(?!b)', '', 'x') }}`:                              "a negative lookahead, (?!…), is not supported",
		`{{ modules.re.match('(a)\\1', 'aa') }}`:                               `a back reference, \1, is not supported`,
		`{{ modules.re.match('(', 'aa') }}`:                                    "regular expression '('",
		`{{ modules.re.match('(a)', 'a').group(2) }}`:                          "no such group: 2",
		`{{ modules.datetime.date(2024, 2, 30) }}`:                             "day is out of range for month",
		`{{ modules.datetime.datetime.strptime('x', '%Y') }}`:                  "time data 'x' does not match format '%Y'",
		`{{ modules.datetime.datetime.strptime('x', '%Q') }}`:                  "'Q' is a bad directive in format '%Q'",
		`{{ modules.datetime.date(2024, 1, 1) + 1 }}`:                          "unsupported operand type(s) for +: 'datetime.date' and 'int'",
		`{{ modules.datetime.date(2024, 1, 1) < 1 }}`:                          "'<' not supported between instances of 'datetime.date' and 'int'",
		`{{ modules.pytz.timezone('Mars/Base') }}`:                             "there is no time zone 'Mars/Base'",
		`{{ modules.itertools.chain(modules.itertools.count()) }}`:             "itertools.count never ends",
		`{{ modules.itertools.product(range(1000), range(1000), range(10)) }}`: "itertools: more than 1000000 items",
	} {
		parsed, err := env.Parse("t", template)
		require.NoError(t, err)
		_, err = parsed.Render(t.Context(), vars)
		require.ErrorContains(t, err, want, template)
	}
}
