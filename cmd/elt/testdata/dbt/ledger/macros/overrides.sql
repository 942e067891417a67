{% macro duckdb__signed(column) %}-1 * {{ column }}{% endmacro %}
{% macro helper() %}ledger{% endmacro %}
