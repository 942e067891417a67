-- What each touchpoint gets of the revenue of its own channel, over all days whose revenue it shares.
select
    places.touchpoint_id,
    cast(sum(credits.attributed_cents) as bigint) as attributed_cents
from {{ ref('source_credits') }} as credits
inner join {{ ref('touch_places') }} as places
    on places.client_id = credits.client_id
    and places.date = credits.touch_date
    and places.place = credits.place
group by
    places.touchpoint_id
