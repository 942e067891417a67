-- The click-through rate of all ads, day by day.
with daily as (
    select
        date,
        cast(sum(clicks) as bigint) as total_clicks,
        cast(sum(impressions) as bigint) as total_impressions
    from {{ ref('daily_platform_metrics') }}
    where platform in ('google_ads', 'facebook_ads')
    group by
        date
)

select
    date,
    total_clicks,
    total_impressions,
    {{ ratio('total_clicks', 'total_impressions', factor=100, otherwise=0) }} as daily_ctr
from daily
