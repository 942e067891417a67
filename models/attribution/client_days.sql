-- One row per client and day with a touchpoint or revenue: what the time decay model works on, far fewer rows than there
-- are touchpoints.
with touch_days as (
    select
        client_id,
        date,
        count(*) as touchpoints
    from {{ ref('touchpoints') }}
    group by
        client_id,
        date
),

revenue_days as (
    select
        client_id,
        date,
        cast(sum(revenue_cents) as bigint) as revenue_cents
    from {{ ref('daily_revenue') }}
    group by
        client_id,
        date
)

select
    coalesce(touch_days.client_id, revenue_days.client_id) as client_id,
    coalesce(touch_days.date, revenue_days.date) as date,
    coalesce(touch_days.touchpoints, 0) as touchpoints,
    coalesce(revenue_days.revenue_cents, 0) as revenue_cents,
    max(touch_days.date) over (
        partition by coalesce(touch_days.client_id, revenue_days.client_id)
        order by coalesce(touch_days.date, revenue_days.date)
    ) as last_touch_date
from touch_days
full outer join revenue_days
    on revenue_days.client_id = touch_days.client_id
    and revenue_days.date = touch_days.date
