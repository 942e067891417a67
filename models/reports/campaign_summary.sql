-- What each campaign of a client cost and brought in all. Web traffic has no campaign: it is summed under Unknown.
select
    client_id,
    campaign_id,
    cast(sum(spend_usd) as decimal(18, 2)) as total_spend,
    cast(sum(clicks) as bigint) as total_clicks,
    cast(sum(impressions) as bigint) as total_impressions
from {{ ref('marketing_analytics') }}
group by
    client_id,
    campaign_id
