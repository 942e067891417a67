{# What it compares is known only once the warehouse can be asked. #}
{% test same_rows(model, other, besides=[]) %}
  {{ return(adapter.dispatch('test_same_rows')(model, other, besides)) }}
{% endtest %}

{% macro default__test_same_rows(model, other, besides) %}
  {{ config(fail_calc="coalesce(sum(n), 0)") }}
  {% if not execute %}{{ return('') }}{% endif %}
  {% set names = [] %}
  {% for column in adapter.get_columns_in_relation(model) if column.name not in besides %}
    {% do names.append(column.quoted) %}
  {% endfor %}
  {% if names | length == 0 %}
    {{ exceptions.raise_compiler_error("nothing is left to compare") }}
  {% endif %}
  {% set columns = names | join(', ') %}
  select {{ columns }}, count(*) as n
  from (select {{ columns }} from {{ model }} except all select {{ columns }} from {{ other }})
  group by {{ columns }}
{% endmacro %}

{% test as_many_as(model, column_name, other) %}
  {% set found = run_query('select count(*) from ' ~ other) %}
  select count({{ column_name }}) as n from {{ model }} having n != {{ found.columns[0][0] if execute else -1 }}
{% endtest %}
