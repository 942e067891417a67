{% macro generate_surrogate_key(field_list) -%}
    {{ return(adapter.dispatch('generate_surrogate_key', 'toolbox')(field_list)) }}
{% endmacro %}

{%- macro default__generate_surrogate_key(field_list) -%}
    {%- set fields = [] -%}
    {%- for field in field_list -%}
        {%- do fields.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '_null_')") -%}
        {%- if not loop.last %}{%- do fields.append("'" ~ var('surrogate_separator') ~ "'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(fields)) }}
{%- endmacro %}

{% macro star(from, except=[], prefix='') -%}
    {%- if not execute -%}{%- do return('*') -%}{%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(from) -%}
    {%- set wanted = except | map('lower') | list -%}
    {%- for column in columns if column.name | lower not in wanted %}
    {{ adapter.quote(column.name) }}{% if prefix %} as {{ adapter.quote(prefix ~ column.name) }}{% endif %}{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro union_relations(relations, source_column='_source') %}
    {%- set names = [] -%}
    {%- set by_relation = {} -%}
    {%- for relation in relations -%}
        {%- set _ = by_relation.update({relation.identifier: []}) -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do by_relation[relation.identifier].append(column.name) -%}
            {%- if column.name not in names %}{%- do names.append(column.name) -%}{% endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for relation in relations %}
    select
        '{{ relation.identifier }}' as {{ source_column }}
        {%- for name in names %},
        {{ name if name in by_relation[relation.identifier] else 'null' }} as {{ name }}
        {%- endfor %}
    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{% endmacro %}

{% macro rounded(column) %}{{ return(adapter.dispatch('rounded', 'toolbox')(column)) }}{% endmacro %}
{% macro default__rounded(column) %}{{ column }}{% endmacro %}

{% macro signed(column) %}{{ return(adapter.dispatch('signed', 'toolbox')(column)) }}{% endmacro %}
{% macro default__signed(column) %}{{ column }}{% endmacro %}

{% macro get_column_values(table, column, default=[]) -%}
    {%- call statement('values', fetch_result=true) -%}
        select {{ column }} as value from {{ table }} group by 1 order by count(*) desc, 1
    {%- endcall -%}
    {%- set result = load_result('values') -%}
    {%- if result and result['data'] -%}
        {%- set values = result['data'] | map(attribute=0) | list -%}
        {{ return(values) }}
    {%- endif -%}
    {{ return(default) }}
{%- endmacro %}
