package jinja_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/jinja"
)

func parse(t *testing.T, env *jinja.Env, file, src string) *jinja.Template {
	t.Helper()
	tmpl, err := env.Parse(file, src)
	require.NoError(t, err)
	return tmpl
}

func render(t *testing.T, tmpl *jinja.Template, scope jinja.Scope) string {
	t.Helper()
	out, err := tmpl.Render(context.Background(), scope)
	require.NoError(t, err)
	return out.Text
}

// renderError renders and gives the error.
func renderError(t *testing.T, env *jinja.Env, src string, scope jinja.Scope) *jinja.Error {
	t.Helper()
	tmpl, err := env.Parse("models/a.sql", src)
	if err == nil {
		_, err = tmpl.Render(context.Background(), scope)
	}
	var je *jinja.Error
	require.ErrorAs(t, err, &je)
	return je
}

// dbtEnv has the block tags of dbt.
func dbtEnv(opts ...jinja.Option) *jinja.Env {
	return jinja.New(append([]jinja.Option{
		jinja.WithGlobal("return", jinja.Func(jinja.Return)),
		jinja.WithBlockTag(
			jinja.BlockTag{Tag: "docs", Raw: true},
			jinja.BlockTag{Tag: "snapshot"},
			jinja.BlockTag{Tag: "test", MacroName: func(b *jinja.Block) string { return "test_" + b.Name }},
			jinja.BlockTag{Tag: "materialization", MacroName: func(b *jinja.Block) string {
				if adapter, ok := b.Options["adapter"].(string); ok {
					return "materialization_" + b.Name + "_" + adapter
				}
				return "materialization_" + b.Name + "_default"
			}},
		),
	}, opts...)...)
}

func TestMacrosAreKnownWithoutRendering(t *testing.T) {
	tmpl := parse(t, dbtEnv(), "m.sql", "{% macro a(x, y=[1, 'b']) %}{% macro inner() %}{% endmacro %}{% endmacro %}\n"+
		"  {% test positive(model, column_name) %}select 1{% endtest %}{% if true %}{% macro b() %}{% endmacro %}{% endif %}{{ 1/0 }}")
	macros := tmpl.Macros()
	require.Len(t, macros, 2)
	assert.Equal(t, "a", macros[0].Name)
	require.Len(t, macros[0].Params, 2)
	assert.Equal(t, jinja.Param{Name: "x"}, macros[0].Params[0])
	assert.Equal(t, "[1, 'b']", jinja.Repr(macros[0].Params[1].Default))
	assert.True(t, macros[0].Params[1].HasDefault)
	assert.Equal(t, "{% test positive(model, column_name) %}select 1{% endtest %}", macros[1].Source)
	assert.Equal(t, "test_positive", macros[1].Name)
	assert.Equal(t, jinja.Position{File: "m.sql", Line: 2, Col: 3}, macros[1].Pos)
}

func TestBlocks(t *testing.T) {
	src := `{% docs about %}
A {{ raw }} {% text %} of *docs*.
{%- enddocs %}
{% snapshot orders %}
  {{ config(unique_key='id') }}
  select {{ x }}
{% endsnapshot %}
{% materialization view, adapter='duckdb', supported_languages=['sql'] %}{{ return({'relations': [this]}) }}{% endmaterialization %}
{% materialization table, default %}T{% endmaterialization %}
after`
	tmpl := parse(t, dbtEnv(), "b.sql", src)
	docs := tmpl.Blocks("docs")
	require.Len(t, docs, 1)
	assert.Equal(t, "about", docs[0].Name)
	assert.Equal(t, "\nA {{ raw }} {% text %} of *docs*.\n", docs[0].Body())

	snapshot := tmpl.Blocks("snapshot")[0]
	assert.Equal(t, jinja.Position{File: "b.sql", Line: 4, Col: 1}, snapshot.Pos())
	assert.Equal(t, jinja.Position{File: "b.sql", Line: 4, Col: 22}, snapshot.BodyPos())
	body := snapshot.Template()
	require.Len(t, body.Calls(), 1)
	assert.Equal(t, "config", body.Calls()[0].Name)
	config := jinja.Func(func(*jinja.Call) (any, error) { return "", nil })
	out, err := body.Render(context.Background(), jinja.Vars{"x": 5, "config": config})
	require.NoError(t, err)
	assert.Equal(t, "select 5", strings.TrimSpace(out.Text))
	origin, ok := out.Map.At(strings.Index(out.Text, "select"))
	require.True(t, ok)
	assert.Equal(t, jinja.Position{File: "b.sql", Line: 6, Col: 3}, origin.Pos)

	mats := tmpl.Blocks("materialization")
	require.Len(t, mats, 2)
	assert.Equal(t, "duckdb", mats[0].Options["adapter"])
	assert.Equal(t, true, mats[1].Options["default"])
	m, err := tmpl.Module(context.Background(), jinja.Vars{"this": "t"})
	require.NoError(t, err)
	view, ok := m.Macro("materialization_view_duckdb")
	require.True(t, ok)
	v, err := view.Call(context.Background(), nil, nil)
	require.NoError(t, err)
	assert.Equal(t, "{'relations': ['t']}", jinja.Repr(v))
	assert.Len(t, tmpl.Blocks(""), 4)
	assert.Equal(t, "after", strings.TrimSpace(render(t, tmpl, nil)))
}

func TestCalls(t *testing.T) {
	tmpl := parse(t, jinja.New(), "c.sql", "{{ ref('x') }}{% if false %}{{ source('a', \"b\") }}{% endif %}\n"+
		"{{ dbt_utils.star(from=ref('y', v=-2), except=['a']) }}{% macro m(t) %}{{ ref(t) }}{{ f(*[1])('z') }}{% endmacro %}"+
		"{% call statement('s', fetch=true) %}{{ var('v', {'a': (1,)}) }}{% endcall %}")
	var got []string
	for _, c := range tmpl.Calls() {
		s := c.Pos.String() + " " + c.In + " " + c.Name
		for _, a := range c.Args {
			s += " " + a.Name + "="
			if a.Const {
				s += jinja.Repr(a.Value)
			}
		}
		if c.Spread {
			s += " *"
		}
		got = append(got, s)
	}
	assert.Equal(t, []string{
		"c.sql:1:4  ref ='x'",
		"c.sql:1:32  source ='a' ='b'",
		"c.sql:2:4  dbt_utils.star from= except=['a']",
		"c.sql:2:24  ref ='y' v=-2",
		"c.sql:2:75 m ref =",
		"c.sql:2:87 m f *",
		"c.sql:2:124  statement ='s' fetch=True",
		"c.sql:2:156  var ='v' ={'a': (1,)}",
	}, got)
}

func TestHostFunctions(t *testing.T) {
	var pos jinja.Position
	var name string
	fn := jinja.Func(func(c *jinja.Call) (any, error) {
		pos, name = c.Pos(), c.Name()
		args, err := c.Bind(jinja.Required("a"), jinja.Optional("b", 7))
		if err != nil {
			return nil, err
		}
		return []any{args[0], args[1], map[string]any{"k": int64(3)}}, nil
	})
	env := jinja.New(jinja.WithGlobal("adapter", map[string]any{"fn": fn}),
		jinja.WithFilter("shout", func(c *jinja.Call) (any, error) { return jinja.ToString(c.Args[0]) + "!", nil }))
	tmpl := parse(t, env, "f.sql", "{% macro m() %}x{% endmacro %}\n {{ adapter.fn(m() | shout, b=11 is gt 10) }}")
	assert.Equal(t, "\n ['x!', True, {'k': 3}]", render(t, tmpl, nil))
	assert.Equal(t, jinja.Position{File: "f.sql", Line: 2, Col: 5}, pos)
	assert.Equal(t, "adapter.fn", name)

	for src, want := range map[string]string{
		"{{ adapter.fn() }}":         "adapter.fn() missing required argument: 'a'",
		"{{ adapter.fn(1, 2, 3) }}":  "adapter.fn() takes at most 2 argument(s) (3 given)",
		"{{ adapter.fn(1, a=2) }}":   "adapter.fn() got multiple values for argument 'a'",
		"{{ adapter.fn(1, zed=2) }}": "adapter.fn() got an unexpected keyword argument 'zed'",
	} {
		assert.Contains(t, renderError(t, env, src, nil).Message, want[:20], src)
	}
}

func TestHostErrorsAreWrapped(t *testing.T) {
	sentinel := jinja.Errorf("CompilationError", "model not found")
	for _, cause := range []error{io.ErrUnexpectedEOF, sentinel} {
		fn := jinja.Func(func(*jinja.Call) (any, error) { return nil, cause })
		e := renderError(t, jinja.New(), "{% macro m() %}\n  {{ 1 + ref('x') }}{% endmacro %}\n{{ m() }}", jinja.Vars{"ref": fn})
		require.ErrorIs(t, e, cause)
		assert.Equal(t, jinja.Position{File: "models/a.sql", Line: 2, Col: 10}, e.Pos)
		assert.Equal(t, []jinja.Frame{{Name: "m", Pos: jinja.Position{File: "models/a.sql", Line: 3, Col: 4}}}, e.Stack)
	}
	assert.Zero(t, sentinel.Pos, "the host's own error stays as it is")
	assert.Equal(t, "CompilationError", renderError(t, jinja.New(), "{{ f() }}",
		jinja.Vars{"f": jinja.Func(func(*jinja.Call) (any, error) { return nil, sentinel })}).Kind)
}

// relation is a host object.
type relation struct{ schema, name string }

func (r relation) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "schema":
		return r.schema, true
	case "quoted":
		return jinja.Func(func(*jinja.Call) (any, error) { return `"` + r.name + `"`, nil }), true
	}
	return nil, false
}

func (r relation) String() string { return r.schema + "." + r.name }

// columns is a host object with every optional interface.
type columns []string

func (columns) Attr(string) (jinja.Value, bool) { return nil, false }
func (c columns) Truth() bool                   { return len(c) > 0 }
func (c columns) Iterate() []jinja.Value {
	out := make([]jinja.Value, len(c))
	for i, x := range c {
		out[i] = x
	}
	return out
}

func (c columns) Item(key jinja.Value) (jinja.Value, bool) {
	i, ok := key.(int)
	if !ok || i < 0 || i >= len(c) {
		return nil, false
	}
	return c[i], true
}

func (c columns) Call(call *jinja.Call) (any, error) { return len(c) + len(call.Args), nil }

func TestHostObjects(t *testing.T) {
	vars := jinja.Vars{"this": relation{"raw", "orders"}, "cols": columns{"a", "b"}, "none_": columns{}}
	for src, want := range map[string]string{
		"{{ this }} {{ this.schema }} {{ this['schema'] }} {{ this.quoted() }}": `raw.orders raw raw "orders"`,
		"[{{ this.nope }}] {{ this.nope is defined }}":                          "[] False",
		"{% for c in cols %}{{ c }}{{ loop.last }}{% endfor %}":                 "aFalsebTrue",
		"{{ cols[1] }} {{ cols | length }} {{ cols | join('+') }} {{ cols() }}": "b 2 a+b 2",
		"{{ cols is sequence }} {{ cols is callable }} {{ 'a' in cols }}":       "True True True",
		"{{ 'y' if none_ else 'n' }}{{ 'y' if this else 'n' }}":                 "ny",
		"{{ this == this }} {{ cols == cols }} {{ this ~ '!' }}":                "True False raw.orders!",
		"{{ [this] }}": "[raw.orders]",
	} {
		assert.Equal(t, want, render(t, parse(t, jinja.New(), "o.sql", src), vars), src)
	}
}

func TestReturn(t *testing.T) {
	env := dbtEnv()
	for src, want := range map[string]string{
		"{% macro m() %}junk{{ return([1, 2]) }}{{ 1/0 }}{% endmacro %}{{ m()[1] }}":                                                          "2",
		"{% macro m() %}{% for i in [1,2,3] %}{% if i == 2 %}{% do return(i) %}{% endif %}{% endfor %}{% endmacro %}{{ m() + 1 }}":            "3",
		"{% macro a() %}{% do return(b()) %}{% endmacro %}{% macro b() %}{{ return(none) }}{% endmacro %}{{ a() is none }}":                   "True",
		"{% macro w() %}{{ caller() }}never{% endmacro %}{% macro m() %}{% call w() %}{{ return('x') }}{% endcall %}!{% endmacro %}{{ m() }}": "x!",
		"{% macro m() %}{% set x %}{{ return(5) }}{% endset %}{% endmacro %}{{ m() * 2 }}":                                                    "10",
	} {
		assert.Equal(t, want, render(t, parse(t, env, "r.sql", src), nil), src)
	}
	assert.Equal(t, jinja.KindRuntime, renderError(t, env, "{{ return(1) }}", nil).Kind)
}

// lazyScope resolves names through a function.
type lazyScope func(name string) (jinja.Value, bool)

func (f lazyScope) Lookup(name string) (jinja.Value, bool) { return f(name) }

func TestModuleMacrosSeeTheRenderThatCallsThem(t *testing.T) {
	env := dbtEnv()
	macros := parse(t, env, "macros.sql", "{% set suffix = '_x' %}{% macro table_of() %}{{ helper() }}{{ suffix }}{% endmacro %}"+
		"{% macro helper() %}{{ this }}{% endmacro %}{% macro _private() %}p{% endmacro %}")
	model := parse(t, env, "model.sql", "{{ table_of() }} {{ pkg.helper() }} {{ _private() }} {{ pkg._private is defined }}")
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			var module *jinja.Module
			var scope lazyScope
			scope = func(n string) (jinja.Value, bool) {
				if n == "this" {
					return name, true
				}
				if module == nil {
					var err error
					if module, err = macros.Module(context.Background(), scope); err != nil {
						return nil, false
					}
				}
				if n == "pkg" {
					return module, true
				}
				m, ok := module.Macro(n)
				return m, ok
			}
			out, err := model.Render(context.Background(), scope)
			if err != nil {
				t.Error(err)
				return
			}
			assert.Equal(t, name+"_x "+name+" p False", out.Text)
		})
	}
	wg.Wait()
}

func TestInvoke(t *testing.T) {
	dispatch := jinja.Func(func(c *jinja.Call) (any, error) {
		require.NoError(t, c.Context().Err())
		require.Empty(t, c.Stack())
		kwargs := jinja.NewDict()
		kwargs.Set("y", 2)
		return c.Invoke(c.Args[0], c.Args[1:], kwargs)
	})
	tmpl := parse(t, jinja.New(), "d.sql", "{% macro m(x, y) %}{{ x }}-{{ y }}{% endmacro %}{{ dispatch(m, 1) }}")
	assert.Equal(t, "1-2", render(t, tmpl, jinja.Vars{"dispatch": dispatch}))
}

func TestStrictNames(t *testing.T) {
	env := jinja.New(jinja.WithStrictNames())
	vars := jinja.Vars{"customer_id": 1, "columns": []any{"a"}, "row": map[string]any{"amount": 1}}
	for src, hint := range map[string]string{
		"{{ custmer_id }}":                       `did you mean "customer_id"?`,
		"{{ 'a' ~ custmer_id }}":                 `did you mean "customer_id"?`,
		"{% for c in colums %}{% endfor %}":      `did you mean "columns"?`,
		"{{ colums | join(',') }}":               `did you mean "columns"?`,
		"{% set first_day = 1 %}{{ frist_day }}": `did you mean "first_day"?`,
		"{{ xyz }}":                              "",
		"{{ xyz.a }}":                            "",
		"{{ row.amuont.x }}":                     `did you mean "amount"?`,
		"{{ rnage(3) }}":                         `did you mean "range"?`,
	} {
		e := renderError(t, env, src, vars)
		assert.Equal(t, jinja.KindUndefined, e.Kind, src)
		assert.Equal(t, hint, e.Hint, src)
	}
	for src, want := range map[string]string{
		"{{ ',' if false }}{{ 'a' ~ ('b' if x) }}{{ x is defined }}{{ x | default('d') }}": "aFalsed",
		"{% if x %}y{% else %}n{% endif %}{{ x == 1 }}{{ row.zz is none }}":                "nFalseFalse",
		"{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m() }}":                                 "[]",
		"{{ row.zz }}{{ columns[7] }}{{ [] | first }}":                                     "",
		"{% if row.zz %}{% set y = 1 %}{% endif %}{{ y }}":                                 "",
	} {
		assert.Equal(t, want, render(t, parse(t, env, "ok.sql", src), vars), src)
	}
}

func TestLenient(t *testing.T) {
	env := jinja.New(jinja.WithStrictNames())
	for src, want := range map[string]string{
		"{{ none.columns[0].values()[0:2] }}|{% for x in none.rows %}{{ x }}{% endfor %}": "|",
		"{% set found = [].z %}{{ found.a['b'](1) | join }}{{ found | length }}":          "0",
		"{{ {}.total.x | default(7) }}":                                                   "7",
	} {
		out, err := parse(t, env, "ok.sql", src).Render(t.Context(), nil, jinja.Lenient())
		require.NoError(t, err, src)
		assert.Equal(t, want, out.Text, src)
		assert.True(t, out.Guessed, src)
		require.Error(t, renderError(t, env, src, nil))
	}
	for _, src := range []string{"{{ nosuch.x }}", "{{ nosuch() }}", "{{ {}.a + 1 }}", "{{ {}.a < 1 }}"} {
		_, err := parse(t, env, "bad.sql", src).Render(t.Context(), nil, jinja.Lenient())
		assert.Error(t, err, src)
	}
}

func TestLimits(t *testing.T) {
	env := jinja.New(jinja.WithLimits(jinja.Limits{Output: 1 << 20, Iterations: 10_000, Depth: 50}))
	for src, kind := range map[string]string{
		"{% for i in range(100000) %}{% endfor %}":                                    jinja.KindLimit,
		"{% for i in range(100) %}{% for j in range(1000) %}{% endfor %}{% endfor %}": jinja.KindLimit,
		"{{ 'a' * 10000000 }}":        jinja.KindLimit,
		"{% set x = 'a' * 2000000 %}": jinja.KindLimit,
		"{{ [1] * 10000000 }}":        jinja.KindLimit,
		"{% set l = ['a'] %}{% for i in range(60) %}{% do l.extend(l) %}{% endfor %}":                     jinja.KindLimit,
		"{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}": jinja.KindLimit,
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}":                                                 jinja.KindRecursion,
		"{% set l = [1] %}{% for x in l %}{% do l.append(1) %}{% endfor %}":                               jinja.KindLimit,
		"{{ 9 ** (9 ** 9) }}":                         jinja.KindLimit,
		"{{ '%99999999999d' % 1 }}":                   jinja.KindValue,
		"{{ '%9999999d' % 1 }}":                       jinja.KindLimit,
		"{{ '{:9999999}'.format(1) }}":                jinja.KindLimit,
		"{{ 'x'.ljust(99999999) }}":                   jinja.KindLimit,
		"{{ 'x' | center(99999999) }}":                jinja.KindLimit,
		"{{ ('x\n' * 1000) | indent(99999) }}":        jinja.KindLimit,
		"{{ ('x' * 9999).replace('x', 'y' * 9999) }}": jinja.KindLimit,
		"{{ range(99999999999) | list }}":             jinja.KindLimit,
		"{{ range(999999) | sum }}":                   jinja.KindLimit,
		strings.Repeat("{{ ", 1) + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000) + " }}": jinja.KindSyntax,
		"{{ 1" + strings.Repeat("+1", 50000) + " }}":                                                   jinja.KindRecursion,
		strings.Repeat("{% if 1 %}", 5000) + strings.Repeat("{% endif %}", 5000):                       jinja.KindSyntax,
		"{% for x in [[1]] recursive %}{{ loop([x]) }}{% endfor %}":                                    jinja.KindRecursion,
	} {
		t.Run(fmt.Sprintf("%.60s", src), func(t *testing.T) {
			assert.Equal(t, kind, renderError(t, env, src, nil).Kind)
		})
	}
	deep := "{% set ns = namespace(a=[1], b=[1], t=(1,)) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}" +
		"{% set ns.b = [ns.b, ns.b] %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}"
	assert.Equal(t, "False", render(t, parse(t, env, "deep.sql", deep+"{{ ns.a == ns.b }}"), nil))
	for src, kind := range map[string]string{
		"{{ ns.a }}": jinja.KindLimit, "{{ ns.a < ns.b }}": jinja.KindRecursion, "{{ {ns.t: 1} }}": jinja.KindLimit,
		"{{ ns.a | tojson }}": jinja.KindValue,
	} {
		assert.Equal(t, kind, renderError(t, env, deep+src, nil).Kind, src)
	}
	self := "{% set l = [] %}{% do l.append(l) %}{% set d = {} %}{% do d.update(d=d) %}{{ l == [l] }}{{ (l ~ d) | length > 9 }}"
	assert.Equal(t, "TrueTrue", render(t, parse(t, env, "self.sql", self), nil))
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	tmpl := parse(t, jinja.New(), "c.sql", "{% for i in range(20000000) %}{% endfor %}")
	_, err := tmpl.Render(ctx, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestIncludeCycleEnds(t *testing.T) {
	env := jinja.New(jinja.WithLoader(loaderOf(map[string]string{"a": "{% include 'a' %}", "b": "{% import 'b' as b %}"})))
	for _, src := range []string{"{% include 'a' %}", "{% import 'b' as b %}"} {
		assert.Equal(t, jinja.KindRecursion, renderError(t, env, src, nil).Kind)
	}
}

func TestGoValues(t *testing.T) {
	in := map[string]any{"b": []any{1, "x", nil, 2.5}, "a": []string{"p"}, "n": uint64(1 << 63)}
	v := jinja.FromGo(in)
	assert.Equal(t, "{'a': ['p'], 'b': [1, 'x', None, 2.5], 'n': 9223372036854775808}", jinja.Repr(v))
	back := jinja.ToGo(v).(map[string]any)
	assert.Equal(t, []any{1, "x", nil, 2.5}, back["b"])
	out := render(t, parse(t, jinja.New(), "v.sql", "{% do l.append(1) %}{{ l }}{{ (1, 2) }}"), jinja.Vars{"l": []any{}})
	assert.Equal(t, "[1](1, 2)", out, "a variable converted once keeps its changes")
}

func TestTemplateIsSafeForConcurrentUse(t *testing.T) {
	tmpl := parse(t, jinja.New(), "p.sql", "{% macro m(x) %}{% do l.append(x) %}{{ l | join }}{% endmacro %}{% set l = [] %}"+
		"{% for i in range(20) %}{{ m(i) }}{% endfor %}")
	want := render(t, tmpl, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			out, err := tmpl.Render(context.Background(), nil)
			if err != nil {
				t.Error(err)
				return
			}
			assert.Equal(t, want, out.Text)
		})
	}
	wg.Wait()
}

func TestErrorsAreFound(t *testing.T) {
	_, err := jinja.New().Parse("x.sql", "{% if %}")
	var je *jinja.Error
	assert.ErrorAs(t, err, &je)
}
