{% macro cents_to_euros(column, digits=2) -%}
    cast({{ column }} / 100.0 as decimal(18, {{ digits }}))
{%- endmacro %}
