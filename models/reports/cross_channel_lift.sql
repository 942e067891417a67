-- The platforms side by side: the revenue their touchpoints are credited with, and what they cost.
with platforms as (
    select
        platform,
        cast(sum(attributed_revenue_from_source_usd) as decimal(18, 2)) as total_attributed_revenue,
        cast(sum(spend_usd) as decimal(18, 2)) as total_spend,
        cast(sum(clicks) as bigint) as total_clicks,
        cast(sum(impressions) as bigint) as total_impressions,
        count(*) as total_touchpoints
    from {{ ref('marketing_analytics') }}
    group by
        platform
)

select
    platform,
    total_attributed_revenue,
    total_spend,
    total_clicks,
    total_impressions,
    total_touchpoints,
    {{ ratio('total_attributed_revenue', 'total_touchpoints') }} as revenue_per_touchpoint,
    {{ ratio('(total_attributed_revenue - total_spend)', 'total_spend', factor=100, otherwise=0) }} as attributed_roi
from platforms
