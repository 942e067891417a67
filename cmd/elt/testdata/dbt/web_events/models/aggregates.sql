select
    visitor,
    {{ dbt.listagg('event_type', "','", 'order by event_id') }} as path,
    {{ dbt.listagg(measure='event_type', delimiter_text="'>'", order_by_clause='order by event_id', limit_num=2) }} as first_two,
    {{ dbt.bool_or("event_type = 'purchase'") }} as bought,
    {{ dbt.any_value('visitor') }} as anyone,
    count(*) as events
from {{ ref('events') }}
group by visitor
