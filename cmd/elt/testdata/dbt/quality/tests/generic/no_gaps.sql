{% test no_gaps(model, column='account_id') %}
    {{ config(severity='error') }}
    with ordered as (select {{ column }} as id, lag({{ column }}) over (order by {{ column }}) as before from {{ model }})
    select * from ordered where id - before > 1
{% endtest %}
