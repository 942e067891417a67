-- What each client got from each platform on each day. The rates are ratios of the day's sums, NULL without a denominator.
with daily as (
    select
        date,
        client_id,
        platform,
        count(*) as touchpoints,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(spend_usd) as decimal(18, 2)) as spend_usd,
        cast(sum(emails_sent) as bigint) as emails_sent,
        cast(sum(pageviews) as bigint) as pageviews,
        cast(sum(sessions) as bigint) as sessions
    from {{ ref('touchpoints') }}
    group by
        date,
        client_id,
        platform
)

select
    date,
    client_id,
    platform,
    touchpoints,
    impressions,
    clicks,
    spend_usd,
    emails_sent,
    pageviews,
    sessions,
    {{ ratio('clicks', 'impressions', factor=100) }} as ctr,
    {{ ratio('spend_usd', 'clicks') }} as cpc_usd,
    {{ ratio('spend_usd', 'impressions', factor=1000) }} as cpm_usd
from daily
