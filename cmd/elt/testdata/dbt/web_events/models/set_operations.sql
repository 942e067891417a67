{% set query_a %}select visitor from {{ ref('events') }} where event_type = 'view'{% endset %}
{% set query_b %}select visitor from {{ ref('events') }} where event_type = 'click'{% endset %}
select 'except' as kind, visitor from ({{ query_a }} {{ dbt.except() }} {{ query_b }})
union all
select 'intersect' as kind, visitor from ({{ query_a }} {{ dbt.intersect() }} {{ query_b }})
