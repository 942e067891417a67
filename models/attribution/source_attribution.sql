-- Each (client, day, channel) amount of revenue, split over the touchpoints of that client, day and channel by what they
-- brought: clicks for ads, clicks for email too (sent emails times click rate), sessions for the web.
with paid_touchpoints as (
    select
        touchpoints.client_id,
        touchpoints.date,
        touchpoints.channel,
        touchpoints.touchpoint_id,
        daily_revenue.revenue_cents,
        case touchpoints.platform
            when 'google_ads' then touchpoints.clicks
            when 'facebook_ads' then touchpoints.clicks
            -- In millionths of a click, for a weight is a whole number and a rate has six decimals.
            when 'email_campaigns' then touchpoints.emails_sent * touchpoints.click_rate * 1000000
            when 'web_traffic' then touchpoints.sessions
        end as weight
    from {{ ref('touchpoints') }} as touchpoints
    inner join {{ ref('daily_revenue') }} as daily_revenue
        on daily_revenue.client_id = touchpoints.client_id
        and daily_revenue.date = touchpoints.date
        and daily_revenue.channel = touchpoints.channel
),

split as (
    {{ split_by_weight(
        rows='paid_touchpoints',
        amount='revenue_cents',
        weight='weight',
        within=['client_id', 'date', 'channel'],
        row=['touchpoint_id'],
    ) }}
)

select
    touchpoint_id,
    client_id,
    date,
    channel,
    allocated_cents as attributed_cents
from split
