-- What each touchpoint gets of its client's revenue by the pooled model that the var attribution_model names.
with parts as (
    select
        places.touchpoint_id,
        {{ part_of_day(
            attribution_model(), 'days.' ~ attribution_model() ~ '_cents', '(places.place - 1)', 'places.place',
            'days.touchpoints', 'days.non_direct_touchpoints'
        ) | indent(8) }} as attributed_cents
    from {{ ref('touch_places') }} as places
    inner join {{ ref('pooled_touch_days') }} as days
        on days.client_id = places.client_id
        and days.date = places.date
)

select
    touchpoint_id,
    cast(sum(attributed_cents) as bigint) as attributed_cents
from parts
group by
    touchpoint_id
