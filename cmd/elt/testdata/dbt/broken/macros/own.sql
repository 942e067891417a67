{% macro own(a, b=1) %}{{ a }}{% endmacro %}
