{% macro label() %}'v1'{% endmacro %}
