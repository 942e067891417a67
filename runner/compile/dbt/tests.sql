{#
    The four data tests that dbt has, for macros and packages that call them by name. Declared in a .yml file, they are run
    by the program itself, which joins those of one table into one scan. A test returns the rows that fail.
#}
{% macro get_where_subquery(relation) -%}
    {{ return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) }}
{%- endmacro %}

{# The relation a test looks at: only the rows for which its where holds. #}
{% macro default__get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if not where -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set filtered -%}
        (select * from {{ relation }} where {{ where }}) dbt_subquery
    {%- endset -%}
    {{ return(filtered) }}
{%- endmacro %}

{% test unique(model, column_name) %}
    {{- adapter.dispatch('test_unique', 'dbt')(model, column_name) -}}
{% endtest %}

{% macro default__test_unique(model, column_name) -%}
    select
        {{ column_name }} as unique_field,
        count(*) as n_records
    from {{ model }}
    where {{ column_name }} is not null
    group by {{ column_name }}
    having count(*) > 1
{%- endmacro %}

{% test not_null(model, column_name) %}
    {{- adapter.dispatch('test_not_null', 'dbt')(model, column_name) -}}
{% endtest %}

{% macro default__test_not_null(model, column_name) -%}
    select {{ '*' if should_store_failures() else column_name }}
    from {{ model }}
    where {{ column_name }} is null
{%- endmacro %}

{% test accepted_values(model, column_name, values, quote=true) %}
    {{- adapter.dispatch('test_accepted_values', 'dbt')(model, column_name, values, quote) -}}
{% endtest %}

{% macro default__test_accepted_values(model, column_name, values, quote=true) -%}
    {%- set accepted = [] -%}
    {%- for value in values -%}
        {%- do accepted.append("'" ~ value ~ "'" if quote else value) -%}
    {%- endfor -%}
    select
        {{ column_name }} as value_field,
        count(*) as n_records
    from {{ model }}
    where {{ column_name }} not in ({{ accepted | join(', ') }})
    group by {{ column_name }}
{%- endmacro %}

{% test relationships(model, column_name, to, field) %}
    {{- adapter.dispatch('test_relationships', 'dbt')(model, column_name, to, field) -}}
{% endtest %}

{% macro default__test_relationships(model, column_name, to, field) -%}
    select child.from_field
    from (select {{ column_name }} as from_field from {{ model }} where {{ column_name }} is not null) as child
    left join (select {{ field }} as to_field from {{ to }}) as parent
        on child.from_field = parent.to_field
    where parent.to_field is null
{%- endmacro %}
