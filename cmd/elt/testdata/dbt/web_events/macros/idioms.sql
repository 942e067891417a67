{# Every way of giving something back. #}
{% macro event_types() %}
    {{ return(var('event_types')) }}
{% endmacro %}

{% macro first_of(items, fallback=none) %}
    {% for item in items %}
        {% if item is not none %}
            {% do return(item) %}
        {% endif %}
    {% endfor %}
    {{ return(fallback) }}
{% endmacro %}

{%- macro quoted_list(items) -%}
    {%- for item in items -%}
        '{{ item }}'{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro -%}

{% macro named(prefix='x') %}
    {%- set parts = [prefix] -%}
    {%- for a in varargs -%}{%- do parts.append(a | string) -%}{%- endfor -%}
    {%- for k, v in kwargs.items() -%}{%- do parts.append(k ~ '=' ~ v) -%}{%- endfor -%}
    {{- parts | join('_') -}}
{% endmacro %}

{% macro wrapped(name) -%}
    coalesce({{ caller(name) }}, 0)
{%- endmacro %}

{% macro day_of(column) %}{{ return(adapter.dispatch('day_of', 'web_events')(column)) }}{% endmacro %}
{% macro default__day_of(column) %}error_default({{ column }}){% endmacro %}
{% macro duckdb__day_of(column) %}cast({{ column }} as date){% endmacro %}

{% macro default__hash(field) %}'h:' || {{ field }}{% endmacro %}
{% macro duckdb__hash(field) -%}
    'web:' || {{ default__hash(field) }}
{%- endmacro %}

{% macro pivot_columns(relation, column) %}
    {%- set query %}
        select distinct {{ column }} as kind from {{ relation }} order by 1
    {%- endset -%}
    {%- if execute -%}
        {%- set kinds = run_query(query).columns[0].values() -%}
    {%- else -%}
        {%- set kinds = [] -%}
    {%- endif -%}
    {%- for kind in kinds %}
    sum(case when {{ column }} = '{{ kind }}' then 1 else 0 end) as {{ kind | lower | replace(' ', '_') }}s
    {%- if not loop.last %},{% endif -%}
    {%- endfor %}
{% endmacro %}

{% macro busiest(relation) %}
    {%- call statement('busiest', fetch_result=True) -%}
        select visitor, count(*) as events from {{ relation }} group by 1 order by 2 desc, 1
    {%- endcall -%}
    {%- if execute -%}
        {%- set result = load_result('busiest') -%}
        {{ return(result['data'][0][0]) }}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}
