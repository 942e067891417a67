-- What each touchpoint gets of the revenue of its own channel, over all days whose revenue it shares.
select
    touchpoint_id,
    cast(sum(attributed_cents) as bigint) as attributed_cents
from {{ ref('source_credits') }}
where touchpoint_id is not null
group by
    touchpoint_id
