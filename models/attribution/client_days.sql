-- One row per client and day with a touchpoint or revenue: what the pooled models work on, far fewer rows than there are
-- touchpoints.
with touch_days as (
    select
        client_id,
        date,
        cast(sum(touchpoints) as bigint) as touchpoints,
        cast(sum(case when {{ is_direct('channel') }} = 1 then 0 else touchpoints end) as bigint) as non_direct_touchpoints
    from {{ ref('channel_days') }}
    group by
        client_id,
        date
),

revenue_days as (
    select
        client_id,
        date,
        cast(sum(revenue_cents) as bigint) as revenue_cents,
        cast(sum(sales_cents) as bigint) as sales_cents,
        cast(sum(refund_cents) as bigint) as refund_cents
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
    ) as last_touch_date,
    coalesce(touch_days.non_direct_touchpoints, 0) as non_direct_touchpoints,
    coalesce(revenue_days.sales_cents, 0) as sales_cents,
    coalesce(revenue_days.refund_cents, 0) as refund_cents
from touch_days
full outer join revenue_days
    on revenue_days.client_id = touch_days.client_id
    and revenue_days.date = touch_days.date
