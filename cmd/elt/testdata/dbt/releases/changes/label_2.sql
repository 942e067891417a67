{% macro label() %}'v2'{% endmacro %}
