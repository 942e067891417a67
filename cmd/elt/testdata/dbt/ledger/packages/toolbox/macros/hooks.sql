{% macro keep_start() -%}
    create or replace table main.toolbox_start as select '{{ var('toolbox_start') }}' as start
{%- endmacro %}
