package compile_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/compile"
)

const small = `
-- setup.yaml --
name: shop
dbt: true
vars: {v: 1}
exposures: {board: [model.shop.grown]}
-- macros/m.sql --
{% macro filter() %}
where x >
  {{ bound() }}
{% endmacro %}
{% macro bound() %}{{ var('v') }} + nope{% endmacro %}
{% macro grant(role) %}grant select on {{ this }} to {{ role }}{% endmacro %}
{% macro answer(n=1) %}{% do log('asked', info=true) %}{{ return(n * 2) }}{% endmacro %}
{% macro unused() %}{{ var('w', 0) }}{% endmacro %}
-- models/base.sql --
select 1 as x
-- models/cte.sql --
{{ config(materialized='ephemeral') }}
select x from {{ ref('base') }}
-- models/grown.sql --
{{ config(materialized='incremental', pre_hook=["{{ grant('a') }}", {'sql': "select '{{ model.name }}'"}]) }}
select *
from {{ ref('cte') }}
{{ filter() }}
{% if is_incremental() %}and {{ var('v') }} = {{ env_var('E', '0') }} {% endif %}
`

func smallCompiler(t *testing.T, edit func(text string) string) (*compile.Compiler, *[]string) {
	t.Helper()
	text := small
	if edit != nil {
		text = edit(text)
	}
	var said []string
	c, err := compilerOf(t, txtar.Parse([]byte(text)), func(line string) { said = append(said, line) })
	require.NoError(t, err)
	return c, &said
}

func TestNodesCarryWhatConfigSays(t *testing.T) {
	c, _ := smallCompiler(t, nil)
	grown := c.Node("model.shop.grown")
	require.Equal(t, runner.Incremental, grown.Config.Materialized)
	require.Equal(t, []string{"{{ grant('a') }}", "select '{{ model.name }}'"}, grown.Config.PreHooks)
	require.Equal(t, []string{"model.shop.cte"}, grown.Reads)
	require.True(t, grown.Impure)
	require.False(t, c.Node("model.shop.base").Impure)
	require.Equal(t, []string{"model.shop.grown"}, c.Graph().Parents("exposure.shop.board"))
}

func TestHooksSeeTheirNode(t *testing.T) {
	c, _ := smallCompiler(t, nil)
	sql, err := c.Hook(t.Context(), "model.shop.grown", "{{ grant('a') }}", compile.Render{})
	require.NoError(t, err)
	require.Equal(t, `grant select on "main"."grown" to a`, sql.Text)
	sql, err = c.Hook(t.Context(), "model.shop.grown", "{% if false %}x{% endif %} -- nothing", compile.Render{})
	require.NoError(t, err)
	require.True(t, sql.Blank())
	_, err = c.Hook(t.Context(), "model.shop.grown", "select {{ nope }}", compile.Render{})
	require.ErrorContains(t, err, "models/grown.sql (hook):1:11: 'nope' is undefined")
}

func TestRunHooksSeeResults(t *testing.T) {
	c, _ := smallCompiler(t, nil)
	with := compile.Render{
		DB:      database(t, ""),
		Results: []runner.NodeResult{{ID: "model.shop.base", Kind: runner.KindModel, Name: "base", Status: runner.StatusSuccess, Rows: 3}},
	}
	text := "{% for r in results %}{{ r.node.unique_id }} {{ r.status }} {{ r.node.alias }} {{ r.adapter_response.rows_affected }}{% endfor %}" +
		" {{ schemas }} {{ database_schemas }} {{ graph.nodes['model.shop.grown'].depends_on.nodes }} {{ graph.exposures | length }}"
	sql, err := c.OnRun(t.Context(), "on-run-end", runner.RunHook{SQL: text}, with)
	require.NoError(t, err)
	require.Equal(t, "model.shop.base success base 3 ['main'] [('shop', 'main')] ['model.shop.cte'] 1", sql.Text)
}

func TestTheGraphIsWholeOnceEverythingIsParsed(t *testing.T) {
	c, _ := smallCompiler(t, func(text string) string {
		return text + "\n-- models/asks.sql --\nselect {{ graph.nodes | length }}, {{ graph['nodes'].values() | selectattr('config.materialized', 'equalto', 'incremental') | map(attribute='name') | list }}\n"
	})
	sql, err := c.Logical(t.Context(), "model.shop.asks")
	require.NoError(t, err)
	require.Equal(t, "select 0, []", sql.Text)
	sql, err = c.SQL(t.Context(), "model.shop.asks", compile.Render{DB: database(t, "")})
	require.NoError(t, err)
	require.Equal(t, "select 4, ['grown']", sql.Text)
}

func TestInlineTemplatesAreRendered(t *testing.T) {
	c, _ := smallCompiler(t, nil)
	sql, err := c.Inline(t.Context(), "select * from {{ ref('cte') }} where {{ execute }}", compile.Render{})
	require.NoError(t, err)
	require.Equal(t, "with __dbt__cte__cte as (\n\nselect x from \"main\".\"base\"\n)\nselect * from __dbt__cte__cte where False", sql.Text)
	_, err = c.Inline(t.Context(), "select\n {{ ref('bas') }}", compile.Render{})
	require.ErrorContains(t, err, `--inline:2:5: ref("bas"): no model`)
}

func TestOperationsReturnValues(t *testing.T) {
	c, said := smallCompiler(t, nil)
	out, err := c.Operation(t.Context(), "answer", map[string]any{"n": 21}, compile.Render{DB: database(t, "")})
	require.NoError(t, err)
	require.Equal(t, "42", out)
	require.Equal(t, []string{"asked"}, *said)
	_, err = c.Operation(t.Context(), "answr", nil, compile.Render{})
	require.ErrorContains(t, err, "'answr' is undefined")
}

func TestRendersReplaceWhatTheySay(t *testing.T) {
	c, _ := smallCompiler(t, nil)
	with := compile.Render{
		Names: func(id string) runner.Relation {
			return runner.Relation{Schema: "u", Name: id[strings.LastIndexByte(id, '.')+1:]}
		},
		Macros: map[string]any{"is_incremental": true, "filter": "where true"},
		Vars:   map[string]any{"v": 9}, Env: map[string]string{"E": "7"},
	}
	sql, err := c.SQL(t.Context(), "model.shop.grown", with)
	require.NoError(t, err)
	require.Contains(t, sql.Text, `select x from "u"."base"`)
	require.Contains(t, sql.Text, "where true\nand 9 = 7")
}

func TestThisIsTheEarlierVersion(t *testing.T) {
	c, _ := smallCompiler(t, func(text string) string { return text + "\n-- {{ this }} {{ is_incremental() }}" })
	with := compile.Render{DB: database(t, ""), Incremental: true, This: runner.Relation{Schema: "_elt", Name: "grown__1"}}
	sql, err := c.SQL(t.Context(), "model.shop.grown", with)
	require.NoError(t, err)
	require.Contains(t, sql.Text, `-- "_elt"."grown__1" True`)
	with.FullRefresh = true
	sql, err = c.SQL(t.Context(), "model.shop.grown", with)
	require.NoError(t, err)
	require.Contains(t, sql.Text, `-- "_elt"."grown__1" False`)
}

func TestExplainGoesThroughMacros(t *testing.T) {
	c, _ := smallCompiler(t, nil)
	sql, err := c.Logical(t.Context(), "model.shop.grown")
	require.NoError(t, err)
	line, col := placeOf(sql.Text, "nope")
	require.Equal(t, strings.TrimSpace(`
macros/m.sql:5:37: no such column
   5 | {% macro bound() %}{{ var('v') }} + nope{% endmacro %}
     |                                     ^
  in macro bound, called at macros/m.sql:3:6
  in macro filter, called at models/grown.sql:4:4
  compiled, line 10: 1 + nope`), sql.Explain("no such column", line, col).Detail())
	line, col = placeOf(sql.Text, "x from")
	require.Equal(t, "models/cte.sql:2:8: bad x", sql.Explain("bad x", line, col).Error())
}

// What dbt's own macros write is shown where the analyst called them.
func TestExplainLeavesOutBuiltins(t *testing.T) {
	c, _ := smallCompiler(t, func(text string) string {
		return text + "\n-- models/d.sql --\nselect\n  {{ dbt.dateadd('day', 1, 'bad') }}\n"
	})
	sql, err := c.Logical(t.Context(), "model.shop.d")
	require.NoError(t, err)
	line, col := placeOf(sql.Text, "interval")
	require.Equal(t, "models/d.sql:2:6", sql.Explain("x", line, col).Pos.String())
}

func placeOf(text, what string) (line, col int) {
	before := text[:strings.Index(text, what)]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}

func TestContentFollowsMacrosAndVariables(t *testing.T) {
	content := func(edit func(string) string) string {
		c, _ := smallCompiler(t, edit)
		require.Empty(t, c.Content("model.shop.base"))
		return c.Content("model.shop.grown")
	}
	swap := func(old, by string) func(string) string {
		return func(text string) string {
			require.Contains(t, text, old)
			return strings.ReplaceAll(text, old, by)
		}
	}
	first := content(nil)
	require.Equal(t, first, content(nil))
	for name, edit := range map[string]func(string) string{
		"its own text":                  swap("select *\nfrom", "select x\nfrom"),
		"a macro of a macro":            swap("+ nope", "+ 1"),
		"a variable":                    swap("vars: {v: 1}", "vars: {v: 2}"),
		"a variable of the environment": swap("dbt: true", "dbt: true\nenv: {E: '5'}"),
	} {
		require.NotEqual(t, first, content(edit), name)
	}
	require.Equal(t, first, content(swap("var('w', 0)", "var('w', 1)")), "a macro that it does not call")
	require.Equal(t, first, content(swap("select 1 as x", "select 2 as x")), "a model that it reads")
}

func TestSnapshotsKeepTheirPlaceInTheFile(t *testing.T) {
	p := &runner.Project{Name: "shop", Target: runner.Target{Schema: "main"}}
	p.Snapshots = []*runner.Snapshot{{
		Node:   node(runner.KindSnapshot, "shop", "", "h", "snapshots/h.sql", nil),
		SQL:    "\n{{ config(strategy='check') }}\nselect {{ nope }}",
		SQLPos: runner.Position{File: "snapshots/h.sql", Line: 3, Col: 19},
	}}
	_, err := compile.New(t.Context(), p, compile.Options{})
	require.ErrorContains(t, err, "snapshots/h.sql:5:11: 'nope' is undefined")
	p.Snapshots[0].SQL = "select {{ nope }}"
	_, err = compile.New(t.Context(), p, compile.Options{})
	require.ErrorContains(t, err, "snapshots/h.sql:3:29: 'nope' is undefined")
}

func TestYAMLMayUseVariables(t *testing.T) {
	render := compile.YAMLRenderer(func(name string) (string, bool) { return "val-" + name, name == "E" })
	out, err := render("{{ var('a') }}-{{ env_var('E') }}-{{ modules.datetime.date(2024, 1, 1) }}", &runner.Project{Vars: map[string]any{"a": 1}}, runner.Position{File: "x.yml"})
	require.NoError(t, err)
	require.Equal(t, "1-val-E-2024-01-01", out)
	_, err = render("{{ var('b') }}", &runner.Project{}, runner.Position{File: "x.yml", Line: 3, Col: 2})
	require.ErrorContains(t, err, `x.yml:3:2: var("b"): not set`)
}
