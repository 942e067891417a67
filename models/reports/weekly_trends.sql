-- Weeks, from Monday, channel by channel. The change on the week before compares equal days only: a week that has just begun,
-- three days of it, with the same three days of the week before.
with days as (
    select
        today.channel,
        {{ week_of('today.date') }} as week,
        today.clicks,
        today.impressions,
        today.sessions,
        today.spend_usd,
        today.revenue_usd,
        case when week_before.date is not null then today.clicks end as comparable_clicks,
        case when week_before.date is not null then today.spend_usd end as comparable_spend_usd,
        case when week_before.date is not null then today.revenue_usd end as comparable_revenue_usd,
        week_before.clicks as clicks_before,
        week_before.spend_usd as spend_usd_before,
        week_before.revenue_usd as revenue_usd_before,
        case when week_before.date is not null then 1 else 0 end as is_comparable
    from {{ ref('daily_channel_metrics') }} as today
    left join {{ ref('daily_channel_metrics') }} as week_before
        on week_before.channel = today.channel
        and week_before.date = {{ days_before('today.date', 7) }}
),

weeks as (
    select
        week,
        channel,
        count(*) as days,
        cast(sum(is_comparable) as bigint) as compared_days,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(spend_usd) as decimal(18, 2)) as spend,
        cast(sum(revenue_usd) as decimal(18, 2)) as revenue,
        sum(comparable_clicks) - sum(clicks_before) as more_clicks,
        sum(comparable_spend_usd) - sum(spend_usd_before) as more_spend,
        sum(comparable_revenue_usd) - sum(revenue_usd_before) as more_revenue,
        sum(clicks_before) as clicks_before,
        sum(spend_usd_before) as spend_before,
        sum(revenue_usd_before) as revenue_before
    from days
    group by
        week,
        channel
)

select
    week,
    channel,
    days,
    clicks,
    impressions,
    sessions,
    spend,
    revenue,
    {{ ratio('clicks', 'impressions', factor=100) }} as ctr,
    {{ ratio('revenue', 'spend') }} as roas,
    compared_days,
    {{ ratio('more_clicks', 'clicks_before', factor=100) }} as clicks_change_percent,
    {{ ratio('more_spend', 'spend_before', factor=100) }} as spend_change_percent,
    {{ ratio('more_revenue', 'revenue_before', factor=100) }} as revenue_change_percent
from weeks
