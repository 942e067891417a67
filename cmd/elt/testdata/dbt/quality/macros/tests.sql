{% test positive(model, column_name, tolerance=0) %}
    select * from {{ model }} where {{ column_name }} < -{{ tolerance }}
{% endtest %}

{% test rows_between(model, at_least, at_most) %}
    select case when count(*) between {{ at_least }} and {{ at_most }} then 0 else 1 end as misfit from {{ model }}
{% endtest %}
