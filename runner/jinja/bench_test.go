package jinja_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"elt/runner/jinja"
)

// benchMacros is a macro file as projects have them.
const benchMacros = `
{% macro cents_to_units(column, scale=2) -%}
    round(cast({{ column }} as numeric) / 100, {{ scale }})
{%- endmacro %}

{% macro group_by(n) -%}
    group by {% for i in range(1, n + 1) %}{{ i }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro pivot(column, values, alias=true) -%}
    {%- for v in values %}
    sum(case when {{ column }} = '{{ v }}' then amount else 0 end)
        {%- if alias %} as {{ v | lower | replace(' ', '_') }}{% endif %}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
`

// benchModel is a model of about 60 lines.
func benchModel(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{{ config(materialized='table', tags=['daily', 'm%d'], schema='metrics') }}
{%%- set channels = ['Google Ads', 'Meta', 'TikTok', 'LinkedIn'] -%%}
{%%- set ns = namespace(columns=[]) -%%}
{#- one column per channel -#}
with spend as (

    select * from {{ ref('stg_spend_%d') }}
    {%%- if var('full_refresh', false) %%}
    where day >= '{{ var("start", "2024-01-01") }}'
    {%%- endif %%}

),

events as (

    select
        {%%- for c in ['client_id', 'campaign_id', 'day', 'device', 'country'] %%}
        {{ c }},
        {%%- endfor %%}
        {{ cents_to_units('amount_cents') }} as amount,
        {{ cents_to_units('fee_cents', scale=4) }} as fee
    from {{ source('raw', 'events_%d') }}

),

pivoted as (

    select
        client_id,
        {{ pivot('channel', channels) }}
    from spend
    {{ group_by(3) }}

)
`, i, i, i)
	b.WriteString(`
{% for c in channels %}
{% do ns.columns.append(c | lower) %}
{% if loop.first %}-- channels{% endif %}
select
    '{{ c }}' as channel,
    {{ loop.index }} as position,
    {% if c in ('Meta', 'TikTok') and not loop.last -%}
    'social' as kind
    {%- else -%}
    'search' as kind
    {%- endif %}
from pivoted
{% if not loop.last %}union all{% endif %}
{% endfor %}
-- {{ ns.columns | join(', ') }} {{ "%s_%d" % ('m', ns.columns | length) }}
where day between '{{ var("start", "2024-01-01") }}' and current_date
  and {{ this }} is not null
`)
	return b.String()
}

// benchScope resolves what a dbt-like host offers.
type benchScope struct {
	module *jinja.Module
	funcs  map[string]jinja.Value
}

func (s *benchScope) Lookup(name string) (jinja.Value, bool) {
	if v, ok := s.funcs[name]; ok {
		return v, true
	}
	m, ok := s.module.Macro(name)
	return m, ok
}

func benchFuncs() map[string]jinja.Value {
	relation := func(c *jinja.Call) (any, error) {
		name, err := c.String(len(c.Args)-1, "name")
		return `"db"."` + name + `"`, err
	}
	return map[string]jinja.Value{
		"ref": jinja.Func(relation), "source": jinja.Func(relation), "this": "this_table",
		"config": jinja.Func(func(*jinja.Call) (any, error) { return "", nil }),
		"var": jinja.Func(func(c *jinja.Call) (any, error) {
			a, err := c.Bind(jinja.Required("name"), jinja.Optional("default", nil))
			if err != nil {
				return nil, err
			}
			return a[1], nil
		}),
	}
}

// BenchmarkProject parses and renders 1,000 models, which should stay below 0.4 s on one core.
func BenchmarkProject(b *testing.B) {
	env := jinja.New()
	macros, err := env.Parse("macros.sql", benchMacros)
	if err != nil {
		b.Fatal(err)
	}
	models := make([]string, 1000)
	for i := range models {
		models[i] = benchModel(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, src := range models {
			tmpl, err := env.Parse("model.sql", src)
			if err != nil {
				b.Fatal(err)
			}
			scope := &benchScope{funcs: benchFuncs()}
			if scope.module, err = macros.Module(context.Background(), scope); err != nil {
				b.Fatal(err)
			}
			if _, err := tmpl.Render(context.Background(), scope); err != nil {
				b.Fatal(err)
			}
		}
	}
}
