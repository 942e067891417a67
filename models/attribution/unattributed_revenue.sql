-- The revenue that has no touchpoint to go to, for each of the two attributions. It is found without looking at what they
-- gave to the touchpoints, so that attribution_reconciliation checks one against the other.
with untouched_days as (
    select
        daily_revenue.client_id,
        daily_revenue.date,
        daily_revenue.channel,
        daily_revenue.revenue_cents
    from {{ ref('daily_revenue') }} as daily_revenue
    left join {{ ref('channel_days') }} as channel_days
        on channel_days.client_id = daily_revenue.client_id
        and channel_days.date = daily_revenue.date
        and channel_days.channel = daily_revenue.channel
    where channel_days.client_id is null
),

last_touches as (
    select
        untouched_days.client_id,
        untouched_days.date,
        untouched_days.channel,
        max(channel_days.date) as last_touch_date
    from untouched_days
    inner join {{ ref('channel_days') }} as channel_days
        on channel_days.client_id = untouched_days.client_id
        and channel_days.channel = untouched_days.channel
        and channel_days.date < untouched_days.date
    group by
        untouched_days.client_id,
        untouched_days.date,
        untouched_days.channel
),

from_source as (
    select
        'from_source' as attribution,
        untouched_days.client_id,
        untouched_days.date,
        untouched_days.channel,
        case
            when channels.channel is null then 'unknown channel'
            else 'no touchpoint of the channel in the lookback window'
        end as reason,
        untouched_days.revenue_cents
    from untouched_days
    left join last_touches
        on last_touches.client_id = untouched_days.client_id
        and last_touches.date = untouched_days.date
        and last_touches.channel = untouched_days.channel
    left join {{ ref('channels') }} as channels on channels.channel = untouched_days.channel
    where last_touches.last_touch_date is null
        or last_touches.last_touch_date < {{ days_before('untouched_days.date', lookback_days()) }}
),

model as (
    select
        'model' as attribution,
        daily_revenue.client_id,
        daily_revenue.date,
        daily_revenue.channel,
        'no touchpoint in the lookback window' as reason,
        daily_revenue.revenue_cents
    from {{ ref('daily_revenue') }} as daily_revenue
    inner join {{ ref('client_days') }} as client_days
        on client_days.client_id = daily_revenue.client_id
        and client_days.date = daily_revenue.date
    where client_days.last_touch_date is null
        or client_days.last_touch_date < {{ days_before('daily_revenue.date', lookback_days()) }}
),

unattributed as (
    select
        attribution,
        client_id,
        date,
        channel,
        reason,
        revenue_cents
    from from_source

    union all

    select
        attribution,
        client_id,
        date,
        channel,
        reason,
        revenue_cents
    from model
)

select
    attribution,
    client_id,
    date,
    channel,
    reason,
    {{ to_usd('revenue_cents') }} as revenue_usd
from unattributed
where revenue_cents <> 0
