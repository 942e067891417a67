{% macro generate_schema_name(custom_schema_name, node) %}{{ var('stage', 'prod') }}{% endmacro %}
