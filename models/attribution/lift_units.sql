-- What channel_lift compares: the days of a client, with and without a touchpoint of a channel. Only days on which the client
-- was active elsewhere count, for both: on quiet days everything is quiet, and leaving a channel out of them would make it look
-- good.
with days as (
    select
        channels.channel,
        client_days.client_id,
        client_days.date,
        case when channel_days.touchpoints > 0 then 1 else 0 end as exposed,
        coalesce(channel_days.spend_cents, 0) as spend_cents,
        coalesce(daily_revenue.revenue_cents, 0) as own_cents,
        client_days.revenue_cents as total_cents
    from {{ ref('client_days') }} as client_days
    cross join {{ ref('channels') }} as channels
    left join {{ ref('channel_days') }} as channel_days
        on channel_days.client_id = client_days.client_id
        and channel_days.date = client_days.date
        and channel_days.channel = channels.channel
    left join {{ ref('daily_revenue') }} as daily_revenue
        on daily_revenue.client_id = client_days.client_id
        and daily_revenue.date = client_days.date
        and daily_revenue.channel = channels.channel
    where client_days.touchpoints > coalesce(channel_days.touchpoints, 0)
)

select
    channel,
    client_id,
    date,
    exposed,
    spend_cents,
    own_cents,
    total_cents - own_cents as other_cents,
    total_cents
from days
