{% macro tax(column) %}cast({{ column }} * {{ rate() }} as decimal(10, 2)){% endmacro %}
{% macro rate() %}0.19{% endmacro %}
