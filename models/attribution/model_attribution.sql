-- The time decay model's share of each touchpoint: what model_attribution_days gives a day, in equal parts.
with touchpoints_of_days as (
    select
        touchpoints.client_id,
        touchpoints.date,
        touchpoints.touchpoint_id,
        days.attributed_cents
    from {{ ref('touchpoints') }} as touchpoints
    inner join {{ ref('model_attribution_days') }} as days
        on days.client_id = touchpoints.client_id
        and days.date = touchpoints.date
),

split as (
    {{ split_by_weight(
        rows='touchpoints_of_days',
        amount='attributed_cents',
        weight='1',
        within=['client_id', 'date'],
        row=['touchpoint_id'],
    ) }}
)

select
    touchpoint_id,
    client_id,
    date,
    allocated_cents as attributed_cents
from split
