{% macro default__rounded(column) %}round({{ column }}, {{ var('rounding', 0) }}){% endmacro %}
{% macro extras_name() %}extras{% endmacro %}
