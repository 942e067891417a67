select
    visitor,
    {{ pivot_columns(ref('events'), 'event_type') }}
from {{ ref('events') }}
group by visitor
