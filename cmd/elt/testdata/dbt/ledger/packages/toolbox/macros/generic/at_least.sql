{% test at_least(model, column_name, value=0, group_by=none) %}
{{ return(adapter.dispatch('test_at_least', 'toolbox')(model, column_name, value, group_by)) }}
{% endtest %}

{% macro default__test_at_least(model, column_name, value, group_by) %}
select * from {{ model }}
where not ({{ column_name }} >= {{ value }})
{% endmacro %}
