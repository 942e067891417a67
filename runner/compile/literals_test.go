package compile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
)

func TestPublicTexts(t *testing.T) {
	private := map[string]string{`"_elt"."a__1"`: `"dev"."main"."a"`}
	for text, want := range map[string]string{
		`select 'from "_elt"."a__1"' as t from "_elt"."a__1"`:    `select 'from "dev"."main"."a"' as t from "_elt"."a__1"`,
		`select 'it''s "_elt"."a__1"', "o'k" from "_elt"."a__1"`: `select 'it''s "dev"."main"."a"', "o'k" from "_elt"."a__1"`,
		`-- it's` + "\n" + `select 1 from "_elt"."a__1" -- '`:    `-- it's` + "\n" + `select 1 from "_elt"."a__1" -- '`,
		`/* ' */ select '"_elt"."a__1"`:                          `/* ' */ select '"dev"."main"."a"`,
		`select 1`:                                               `select 1`,
	} {
		require.Equal(t, want, SQL{Text: text, private: private}.publicTexts().Text)
	}
}

func TestPublicTextsKeepOrigins(t *testing.T) {
	env := newEnv()
	template, err := env.Parse("m.sql", "select '{{ a }}' as a,\n nosuch from {{ a }}")
	require.NoError(t, err)
	name := runner.Relation{Schema: "_elt", Name: "a__123456"}.String()
	out, err := template.Render(t.Context(), names{"a": name})
	require.NoError(t, err)
	sql := SQL{private: map[string]string{name: `"main"."a"`}}
	sql.add(out.Text, 0, out.Map)
	sql = sql.publicTexts()
	require.Equal(t, `select '"main"."a"' as a,`+"\n"+` nosuch from `+name, sql.Text)
	pos, _, ok := sql.Origin(2, 2)
	require.True(t, ok)
	require.Equal(t, runner.Position{File: "m.sql", Line: 2, Col: 2}, pos)
	pos, _, ok = sql.Origin(1, 21)
	require.True(t, ok)
	require.Equal(t, 18, pos.Col)
}

// names is a scope of texts.
type names map[string]string

func (n names) Lookup(name string) (any, bool) {
	v, ok := n[name]
	return v, ok
}
