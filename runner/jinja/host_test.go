package jinja_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner/jinja"
)

// metres is a value of a host with arithmetic, order, equality and a hash.
type metres int

func (m metres) Attr(string) (jinja.Value, bool) { return nil, false }
func (m metres) String() string                  { return strconv.Itoa(int(m)) + "m" }
func (m metres) TypeName() string                { return "metres" }
func (m metres) Hash() string                    { return m.String() }
func (m metres) Equal(other jinja.Value) bool    { return other == m }
func (m metres) Keys() []jinja.Value             { return nil }

func (m metres) Compare(other jinja.Value) (int, bool) {
	o, ok := other.(metres)
	return int(m - o), ok
}

func (m metres) Operate(op string, other jinja.Value, reflected bool) (jinja.Value, bool) {
	switch o := other.(type) {
	case metres:
		if op == "-" && reflected {
			return o - m, true
		}
		return m - o, op == "-"
	case int:
		return m * metres(o), op == "*"
	}
	return nil, false
}

func TestObjectsOfTheHostBehaveAsTheySay(t *testing.T) {
	env := jinja.New()
	vars := jinja.Vars{"a": metres(5), "b": metres(7)}
	for source, want := range map[string]string{
		"{{ b - a }}":                      "2m",
		"{{ 2 * a }} {{ a * 2 }} {{ -a }}": "10m 10m -5m",
		"{{ a < b }} {{ a >= b }}":         "True False",
		"{{ a == a }} {{ a == b }}":        "True False",
		"{{ [b, a] | sort }}":              "[5m, 7m]",
		"{{ a in [b, a] }}":                "True",
		"{{ {a: 'x'}[a] }}":                "x",
		"{{ a is mapping }}":               "True",
		"{{ [a, b, a] | unique | list }}":  "[5m, 7m]",
	} {
		parsed, err := env.Parse("t.sql", source)
		require.NoError(t, err)
		out, err := parsed.Render(context.Background(), vars)
		require.NoError(t, err, source)
		require.Equal(t, want, out.Text, source)
	}
	parsed, err := env.Parse("t.sql", "{{ a + 1 }}")
	require.NoError(t, err)
	_, err = parsed.Render(context.Background(), vars)
	require.ErrorContains(t, err, "unsupported operand type(s) for +: 'metres' and 'int'")
}
