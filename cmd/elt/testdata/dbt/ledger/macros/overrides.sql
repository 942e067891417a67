{% macro duckdb__signed(column) %}-1 * {{ column }}{% endmacro %}
{% macro helper() %}ledger{% endmacro %}

{# A project's own ref, which the models of packages get, too, or not: as dbt has it. #}
{% macro ref() %}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {% do return(relation.include(database=false)) %}
{% endmacro %}
